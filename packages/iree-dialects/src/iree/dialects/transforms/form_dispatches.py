"""Cuts host functions into dispatches: kernels in executables, and what calls them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from iree.dialects import flow
from iree.dialects.bindings import max_bindings
from iree.dialects.input.build import elementwise
from iree.dialects.mlir import CompileError, arith, complex, ir, run_upstream
from iree.dialects.passes import Pass
from iree.dialects.transforms.fusion import (
    CHEAP,
    HOST_SHAPES,
    Group,
    Grouping,
    is_cheap,
    is_kernel,
    leaves,
    pads_a_convolution,
)
from iree.dialects.transforms.outline import host_dims, operand_tensors, outline
from iree.dialects.transforms.slices import slice_on_host
from iree.dialects.transforms.structure import (
    body,
    defining,
    dynamic_dims,
    functions,
    is_tensor,
    shape_of,
    walk,
)

_MARKER = "flow.dims"
"""Holds a value and its dynamic dimensions while upstream's pass finds out what these are."""


@dataclass(frozen=True)
class FormDispatches(Pass):
    """Groups the operations on tensors of every host block and outlines each group into a `flow.executable`.

    Reshapes become `flow.reshape`. Dispatches, reshapes, globals, splats, scalars and control flow stay on the host.
    Where the module bounds the tensors of a dispatch (`iree.dialects.bindings`), groups keep to that, and an operation
    with more results becomes several dispatches.

    Attributes:
        fuse_pads: The padding of a depthwise convolution is part of its dispatch, not one of its own.
        attention: Attention is one dispatch, scores and all.
    """

    name = "form-dispatches"
    fuse_pads: bool = False
    attention: bool = False

    def apply(self, module: Any) -> None:
        """See the class."""
        if self.fuse_pads:
            for op in [op for function in functions(module) for op in walk(function)]:
                if pads_a_convolution(op):
                    op.attributes[CHEAP] = ir.UnitAttr.get()
        dims = _mark_dims(module)
        counter = 0
        for function in functions(module):
            _splat_for_host(function)
            slice_on_host(_host_blocks(function))
            prefix = ir.StringAttr(function.attributes["sym_name"]).value
            # Inner blocks first: their kernels copy cheap operations of the outer ones, which then have no use left.
            for block in reversed(_host_blocks(function)):
                start = ir.InsertionPoint.at_block_begin(module.body)
                counter = _Block(block, dims, prefix, start, attention=self.attention).form(counter)


def _host_blocks(op: Any) -> list[Any]:
    """Blocks of host code in `op`, outer ones first."""
    found = []
    for region in op.regions:
        for block in region.blocks:
            found.append(block)
            for inner in body(block):
                if not is_kernel(inner):
                    found.extend(_host_blocks(inner))
    return found


def _mark_dims(module: Any) -> dict[Any, list[Any]]:
    """Finds the dynamic dimensions of the tensors that operations on tensors give.

    Upstream's pass turns the `tensor.dim` of a result into arithmetic on the operands' dimensions.
    """
    marked = False
    for function in functions(module):
        for op in [op for block in _host_blocks(function) for op in body(block)]:
            if is_kernel(op) or op.name in HOST_SHAPES:
                for result in op.results:
                    if dynamic_dims(result.type):
                        marked = True
                        with ir.InsertionPoint.after(op), op.location:
                            ir.Operation.create(_MARKER, [], [result, *host_dims(result)])
    if not marked:
        return {}
    run_upstream(module, "resolve-ranked-shaped-type-result-dims,canonicalize,cse")
    found: dict[Any, list[Any]] = {}
    for function in functions(module):
        for block in _host_blocks(function):
            _name_dims(block, found)
        for marker in [op for op in walk(function) if op.name == _MARKER]:
            value, *sizes = marker.operands
            marker.erase()
            op = defining(value)
            if op is None:  # folded to a function's argument, whose dimensions are at hand
                continue
            for size in sizes:
                _hoist(size, op, op)
            found[value] = sizes
    return found


def _name_dims(block: Any, dims: dict[Any, list[Any]]) -> None:
    """Gives each dynamic dimension of the host's tensors one value: kernels then know which sizes are equal."""
    values = [(value, ir.InsertionPoint.at_block_begin(block)) for value in block.arguments]
    for op in body(block):
        if not is_kernel(op) and not is_cheap(op):
            values += [(v, ir.InsertionPoint.after(op)) for v in op.results if op.name not in HOST_SHAPES]
    for value, start in values:
        if not is_tensor(value.type) or not dynamic_dims(value.type):
            continue
        old = [use.owner.operation for use in value.uses if use.owner.operation.name == "tensor.dim"]
        with start, value.location:
            dims[value] = host_dims(value)
        named = dict(zip(dynamic_dims(value.type), dims[value], strict=True))
        for op in old:
            dimension = defining(op.operands[1])
            if dimension is not None and dimension.name == "arith.constant":
                op.results[0].replace_all_uses_with(named[ir.IntegerAttr(dimension.attributes["value"]).value])


def _hoist(value: Any, before: Any, whose: Any) -> None:
    """Moves the computation of `value` before the operation `before` where it comes after it."""
    op = defining(value)
    if op is None or op.block != before.block or op.is_before_in_block(before):
        return
    if op == whose or (op.name == "tensor.dim" and defining(op.operands[0]) == whose):
        raise CompileError(f"a size of the result of '{whose.name}' is known only once it has run", whose)
    op.move_before(before)
    for operand in op.operands:
        _hoist(operand, op, whose)


def _kernel_uses(op: Any, cheap: Iterable[Any] = ()) -> bool:
    """Are all uses of the results in kernels or in operations of `cheap`?"""
    return all(_in_kernel(use.owner.operation, cheap) for result in op.results for use in result.uses)


def _in_kernel(op: Any, cheap: Iterable[Any]) -> bool:
    while op.name != "func.func":
        if is_kernel(op) or op in cheap:
            return True
        op = op.parent.operation
    return False


def _splat_for_host(function: Any) -> None:
    """Constants, fills and empty tensors that host operations use (return, store, pass on) become `tensor.splat`s."""
    for op in [op for block in _host_blocks(function) for op in body(block)]:
        if not len(op.results) or not is_tensor(op.results[0].type):
            continue
        if op.name not in ("arith.constant", "linalg.fill", "tensor.empty") or not is_cheap(op):
            continue
        value = op.results[0]
        uses = [use for use in value.uses if _on_host(use.owner.operation)]
        if not uses:
            continue
        with ir.InsertionPoint.after(op), op.location:
            new = _splat(op)
        for use in uses:
            use.owner.operands[use.operand_number] = new


def _on_host(op: Any) -> bool:
    """Does the host need the operation: it is the host's own, or another shape of something that the host needs?"""
    if _in_kernel(op, ()):
        return False
    if not is_cheap(op):
        return True
    return op.name in HOST_SHAPES and any(_on_host(use.owner.operation) for use in op.results[0].uses)


def _splat(op: Any) -> Any:
    """A `tensor.splat` of what a constant, fill or empty tensor holds."""
    type_ = op.results[0].type
    if op.name == "linalg.fill":
        scalar, shape = op.operands[0], defining(op.operands[1])
        sizes = (
            list(shape.operands) if shape is not None and shape.name == "tensor.empty" else host_dims(op.operands[1])
        )
    elif op.name == "arith.constant":
        scalar, sizes = arith.constant(type_.element_type, op.attributes["value"].get_splat_value()), []
    elif isinstance(type_.element_type, ir.ComplexType):  # which the host cannot fill
        given = iter(op.operands)
        sizes = [next(given) if n < 0 else n for n in shape_of(type_)]
        return elementwise([], sizes, type_.element_type, lambda: _zero(type_.element_type))
    else:
        scalar, sizes = _zero(type_.element_type), list(op.operands)
    return ir.Operation.create("tensor.splat", [type_], [scalar, *sizes]).result


def _zero(type_: Any) -> Any:
    if isinstance(type_, ir.ComplexType):
        part = ir.FloatAttr.get(type_.element_type, 0.0)
        return complex.ConstantOp(type_, ir.ArrayAttr.get([part, part])).result
    value = ir.FloatAttr.get(type_, 0.0) if isinstance(type_, ir.FloatType) else ir.IntegerAttr.get(type_, 0)
    return arith.constant(type_, value)


def _forget(op: Any, dims: dict[Any, list[Any]]) -> None:
    """Takes the values of an operation and those inside of it out of `dims`: new values may get their addresses."""
    for nested in walk(op):
        for value in nested.results:
            dims.pop(value, None)
        for region in nested.regions:
            for block in region.blocks:
                for argument in block.arguments:
                    dims.pop(argument, None)


class _Block:
    """Turns one host block into dispatches."""

    def __init__(
        self, block: Any, dims: dict[Any, list[Any]], prefix: str, executables: Any, *, attention: bool
    ) -> None:
        self._block = block
        self._ops = body(block)
        self._end = self._ops.pop()
        self._dims = dims
        self._local: dict[Any, list[Any]] = {}
        self._prefix = prefix
        self._executables = executables
        self._attention = attention
        self._max_bindings = max_bindings(block.owner)
        self._cheap: set[Any] = set()
        self._cheap_values: set[Any] = set()
        for op in reversed(self._ops):
            if is_cheap(op) and (_kernel_uses(op, self._cheap) or not is_kernel(op)):
                self._cheap.add(op)

    def form(self, counter: int) -> int:
        """Does it; kernels are numbered from `counter` on. Returns the next number."""
        kernels = [op for op in self._ops if (is_kernel(op) or op.name in HOST_SHAPES) and op not in self._cheap]
        shapes = [op for op in self._ops if op.name in HOST_SHAPES and op in self._cheap and _on_host(op)]
        if not kernels and not shapes:
            return counter
        sizes = {size for values in self._dims.values() for size in values}
        host_cheap: set[Any] = {op for op in self._cheap if any(result in sizes for result in op.results)}
        for op in reversed(self._ops):  # what the host's copies use stays on the host as well
            if op in self._cheap and not _kernel_uses(op, self._cheap - host_cheap):
                host_cheap.add(op)
        order = Grouping(
            self._ops,
            self._cheap - host_cheap,
            self._dims,
            attention=self._attention,
            max_bindings=self._max_bindings,
        ).ordered()
        # An operation's hash covers its operands, which change from here on: sets of operations are of no use below.
        done = {*(self._cheap - host_cheap), *kernels, *(op for op in shapes if op in host_cheap)}
        doomed = [op for op in reversed(self._ops) if op in done]
        self._cheap_values = {value for op in self._cheap for value in op.results}
        for group in order:
            op = group.ops[0]
            if group.kernel:
                inside = {value: None for member in group.ops for value in member.results}
                results = [value for value in inside if leaves(value, inside, self._cheap_values)]
                for part in self._parts(group, results):
                    self._dispatch(group, part, f"{self._prefix}_dispatch_{counter}_{_label(group)}")
                    counter += 1
            elif op.name in HOST_SHAPES:
                self._reshape(op)
            else:
                op.move_before(self._end)
        for op in doomed:
            _forget(op, self._dims)
            op.erase()
        return counter

    def _sizes(self, value: Any) -> list[Any]:
        if value in self._dims:
            return self._dims[value]
        if value not in self._local:
            self._local[value] = host_dims(value)
        return self._local[value]

    def _parts(self, group: Group, results: list[Any]) -> list[list[Any]]:
        """The results of each dispatch that a group becomes: one, unless a dispatch may not have as many tensors."""
        if not results or self._max_bindings is None:
            return [results] if results else []
        read = len(operand_tensors(group.ops))
        room = self._max_bindings - read
        if room < 1:
            raise CompileError(
                f"'{group.ops[0].name}' reads {read} tensors, and kernels of this target may read "
                f"{self._max_bindings - 1} beside their result: join some of them, or compile for another target",
                group.ops[0],
            )
        return [results[start : start + room] for start in range(0, len(results), room)]

    def _replace(self, old: Any, new: Any) -> None:
        if old in self._dims:
            self._dims[new] = self._dims[old]
        old.replace_all_uses_with(new)

    def _dispatch(self, group: Group, results: list[Any], name: str) -> None:
        with ir.InsertionPoint(self._end), group.ops[-1].location:
            new = outline(name, group.ops, results, self._sizes, self._executables)
        for old, value in zip(results, new.results, strict=True):
            self._replace(old, value)

    def _reshape(self, op: Any) -> None:
        result = op.results[0]
        with ir.InsertionPoint(self._end), op.location:
            self._replace(result, flow.reshape(op.operands[0], result.type, self._sizes(result)))


def _label(group: Group) -> str:
    root = next((op for op in group.ops if op.name != "linalg.generic"), group.ops[0])
    name = root.name.partition(".")[2] if root.name != "linalg.generic" else group.kind
    sizes = shape_of(root.results[0].type) if len(root.results) and is_tensor(root.results[0].type) else ()
    return "_".join([name, "x".join("D" if size < 0 else str(size) for size in sizes)]).rstrip("_")
