"""A kernel as it arrives from flow: its signature, and its results turned into destination arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import CompileError, arith, bufferization, func, ir

READ, WRITE = 1, 2
TIED = "iree.tied"


@dataclass(frozen=True)
class Binding:
    """A buffer of the dispatch.

    Attributes:
        argument: Number of the block argument that stands for it.
        access: `READ`, `WRITE` or both.
        sizes: Per dynamic dimension of its tensor type, the block argument (index) that holds the size.
    """

    argument: int
    access: int
    sizes: tuple[int, ...]


@dataclass
class Kernel:
    """A kernel in destination-passing style: results are materialized in tensor arguments.

    Attributes:
        module: The `ir.Module` it lives in.
        function: Its `func.func`.
        name: The symbol that flow gave it.
        bindings: In the dispatch's order.
        constants: Block arguments of scalars and then indices: the dispatch's constants.
        destinations: Per result the block argument that it is stored in.
        indices: The index arguments among them; the workgroup count is an affine map over them.
    """

    module: Any
    function: Any
    name: str
    bindings: list[Binding]
    constants: list[int]
    indices: list[int]
    destinations: list[int]

    @property
    def block(self) -> Any:
        """The entry block."""
        return self.function.regions[0].blocks[0]

    @property
    def access(self) -> tuple[int, ...]:
        """Per binding 1 read, 2 write, 3 both."""
        return tuple(binding.access for binding in self.bindings)

    def argument(self, number: int) -> Any:
        """Block argument `number`."""
        return self.block.arguments[number]

    def set_type(self) -> None:
        """Gives the function the types of its arguments and of what it returns."""
        inputs = [a.type for a in self.block.arguments]
        outputs = [v.type for v in list(self.block.operations)[-1].operands]
        self.function.attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(inputs, outputs))


def is_tensor(type_: Any) -> bool:
    """Whether a type is a ranked tensor."""
    return isinstance(type_, ir.RankedTensorType)


def dynamic_dims(type_: Any) -> list[int]:
    """Numbers of the dynamic dimensions of a shaped type."""
    return [d for d in range(type_.rank) if type_.is_dynamic_dim(d)]


def read_kernel(module: Any) -> Kernel:
    """Checks the kernel's signature against docs/architecture.md and gives it destination arguments.

    Args:
        module: An `ir.Module` with one public `func.func` of tensors, scalars and indices; changed in place.

    Raises:
        CompileError: It is not such a module.
    """
    public = [op for op in module.body.operations if isinstance(op, func.FuncOp) and not _is_private(op)]
    if len(public) != 1:
        raise CompileError(f"a kernel module has one public function, not {len(public)}", module.operation)
    function = public[0]
    kernel = Kernel(module, function, function.name.value, [], [], [], [])
    arguments = list(kernel.block.arguments)
    tensors = [a for a in arguments if is_tensor(a.type)]
    scalars = [a for a in arguments if not is_tensor(a.type)]
    if arguments != tensors + scalars:
        raise CompileError("a kernel's tensors come before its scalars", function)
    for scalar in scalars:
        if not isinstance(scalar.type, (ir.IndexType, ir.IntegerType, ir.FloatType)) or _bits(scalar.type) > 64:
            raise CompileError(
                f"a kernel cannot take a {scalar.type}: tensors, numbers and indices are possible", function
            )
    kernel.constants = [a.arg_number for a in scalars]
    kernel.indices = [a.arg_number for a in scalars if isinstance(a.type, ir.IndexType)]
    _bind(kernel, tensors)
    return kernel


def _bits(type_: Any) -> int:
    return 64 if isinstance(type_, ir.IndexType) else int(type_.width)


def _is_private(function: Any) -> bool:
    return "sym_visibility" in function.attributes and function.attributes["sym_visibility"].value == "private"


def _bind(kernel: Kernel, tensors: list[Any]) -> None:
    terminator = list(kernel.block.operations)[-1]
    results = list(terminator.operands)
    tied = _tied(kernel, len(results), len(tensors))
    dynamic = sum(len(dynamic_dims(t.type)) for t in tensors) + sum(len(dynamic_dims(r.type)) for r in results)
    sizes = iter(kernel.indices)
    if dynamic > len(kernel.indices):
        raise CompileError(
            f"kernel has {dynamic} dynamic dimensions but only {len(kernel.indices)} index arguments", kernel.function
        )
    for number, tensor in enumerate(tensors):
        owned = tuple(next(sizes) for _ in dynamic_dims(tensor.type))
        access = READ | WRITE if number in tied else READ
        kernel.bindings.append(Binding(tensor.arg_number, access, owned))
    read_only = [tensor for number, tensor in enumerate(tensors) if number not in tied]
    with kernel.function.location, ir.InsertionPoint.at_block_begin(kernel.block):
        for tensor in tensors:
            _load(tensor)
    with kernel.function.location, ir.InsertionPoint(terminator):
        destinations = []
        for result, operand in zip(results, tied, strict=True):
            owned = tuple(next(sizes) for _ in dynamic_dims(result.type))
            if operand >= 0:
                destinations.append(tensors[operand])
                continue
            destination = kernel.block.add_argument(_stored(result.type), kernel.function.location)
            kernel.bindings.append(Binding(destination.arg_number, WRITE, owned))
            destinations.append(destination)
        stored = [
            result if _starts_in(result, destination, read_only) else _store(result, destination)
            for result, destination in zip(results, destinations, strict=True)
        ]
    kernel.destinations = [d.arg_number for d in destinations]
    for number, value in enumerate(stored):
        terminator.operands[number] = value
    kernel.set_type()
    _protect(kernel, read_only)


def _protect(kernel: Kernel, read_only: list[Any]) -> None:
    """Bufferization must not update operands in place that the dispatch only reads."""
    unmarked = ir.DictAttr.get({})
    marked = ir.DictAttr.get({"bufferization.writable": ir.BoolAttr.get(False)})
    kernel.function.attributes["arg_attrs"] = ir.ArrayAttr.get(
        [marked if argument in read_only else unmarked for argument in kernel.block.arguments]
    )


_INITIAL: dict[str, Callable[[Any], int]] = {
    "scf.for": lambda result: 3 + result.result_number,
    "tensor.insert": lambda _: 1,
    "tensor.insert_slice": lambda _: 1,
}
"""Operations that update a tensor -> the number of the operand from which a result starts."""


def _starts_in(result: Any, destination: Any, read_only: list[Any]) -> bool:
    """Makes a loop's result, or an update of an operand, start from a copy in the destination, where it then lies."""
    value, op, number, in_loop = result, None, 0, False
    while not isinstance(value, ir.BlockArgument) and value.owner.name in _INITIAL:
        op, number = value.owner, _INITIAL[value.owner.name](value)
        in_loop = in_loop or op.name == "scf.for"
        value = op.operands[number]
    if op is None or value.type != destination.type or not (in_loop or value in read_only):
        return False
    with op.location, ir.InsertionPoint(op):
        # not a linalg.copy, which canonicalization would take away
        copied = bufferization.MaterializeInDestinationOp(value.type, value, destination)
        op.operands[number] = copied.results[0]
    return True


def _tied(kernel: Kernel, results: int, tensors: int) -> list[int]:
    attributes = kernel.function.attributes
    tied = list(ir.DenseI64ArrayAttr(attributes[TIED])) if TIED in attributes else [-1] * results
    if len(tied) != results or any(not -1 <= operand < tensors for operand in tied):
        raise CompileError(f"{TIED} = {tied} does not fit {tensors} tensors and {results} results", kernel.function)
    used = [operand for operand in tied if operand >= 0]
    if len(set(used)) != len(used):
        raise CompileError(f"{TIED} = {tied} ties two results to one operand", kernel.function)
    return tied


def _store(value: Any, destination: Any) -> Any:
    if value.type.element_type != destination.type.element_type:
        value = arith.ExtUIOp(_stored(value.type), value).result
    return bufferization.MaterializeInDestinationOp(value.type, value, destination).results[0]


def _load(tensor: Any) -> None:
    """Turns a boolean tensor argument into one of bytes."""
    boolean = tensor.type
    if _stored(boolean) != boolean:
        tensor.set_type(_stored(boolean))
        load = arith.TruncIOp(boolean, tensor).operation
        tensor.replace_all_uses_except(load.results[0], [load])


def _stored(type_: Any) -> Any:
    """The type that a buffer holds. Booleans are bytes: LLVM packs vectors of i1 into bits, which must not reach
    memory.
    """
    if type_.element_type != ir.IntegerType.get_signless(1):
        return type_
    return ir.RankedTensorType.get(type_.shape, ir.IntegerType.get_signless(8), type_.encoding)
