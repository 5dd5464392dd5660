"""A host function of the flow phase becomes one of the hal phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects import hal, vm
from iree.dialects.host.affine import evaluate
from iree.dialects.host.escape import Escapes
from iree.dialects.host.loops import Loop, Loops
from iree.dialects.host.program import OWNED, TIMELINE, TRANSIENT, Program, Scope
from iree.dialects.host.resources import Copy, Dispatch, Fill, Root, Tensor, choice, storage_size
from iree.dialects.host.segment import LoopSlab, Segment
from iree.dialects.host.sizes import Size, add, i32, i64, index_of, known, multiply, size_of, value_of, word
from iree.dialects.host.words import pattern, words
from iree.dialects.mlir import CompileError, arith, cf, func, ir
from iree.dialects.transforms.structure import body, dynamic_dims, element_bytes, is_tensor, shape_of, walk

SIGNATURE = "iree.signature"
NAMES = "iree.names"
_HOST_DIALECTS = frozenset({"arith", "math", "index"})


class FunctionLowering:
    """Builds the hal form of one function beside the original."""

    def __init__(self, program: Program, old: Any) -> None:
        """`old` is a `func.func` of the flow phase, its control flow in blocks."""
        self._program = program
        self._old = old
        self._name = ir.StringAttr(old.attributes["sym_name"]).value
        self._type = ir.FunctionType(ir.TypeAttr(old.attributes["function_type"]).value)
        # What callers see: unsigned integers are still called so, while the program has signless ones.
        outside = old.attributes[SIGNATURE] if SIGNATURE in old.attributes else old.attributes["function_type"]
        self._outside = ir.FunctionType(ir.TypeAttr(outside).value)
        self._escapes = Escapes(old)
        self._loops = Loops(old, self._escapes)
        self._places: dict[Any, list[Any]] = {}  # of tensors in loops: this iteration's buffer, then later ones'
        self._slabs: dict[Loop, LoopSlab] = {}
        self._slab_allocations: list[tuple[Loop, Any]] = []
        self._values: dict[Any, Any] = {}
        self._blocks: dict[Any, Any] = {}
        self._fence: Any = None
        self._awaited: set[Any] = set()  # fences that the block that is being lowered has awaited
        self._scratch_sizes: dict[tuple[Any, ...], Size] = {}  # of the block that is being lowered
        self._stored: set[Root] = set()
        self._current: dict[str, Tensor] = {}  # variables' values in the block that is being lowered
        self._new_values: dict[str, Tensor] = {}  # those of them that the globals do not have yet
        self._stateful = any(
            ir.FlatSymbolRefAttr(op.attributes["global"]).value in program.variables
            for op in walk(old)
            if op.name in ("ml_program.global_load", "ml_program.global_store")
        )

    def lower(self) -> Any:
        """Builds the new function and returns it."""
        view, fence = hal.type_of("view"), hal.type_of("fence")
        for type_ in (*self._type.inputs, *self._type.results):
            if not is_tensor(type_):
                raise CompileError(f"@{self._name} takes or returns a {type_}: only tensors are supported", self._old)
        inputs = [view for _ in self._type.inputs] + [fence, fence]
        results = [view for _ in self._type.results]
        with ir.InsertionPoint(self._old), self._old.location:
            new = func.FuncOp(f"{self._name}.hal", (inputs, results))
        new.attributes[SIGNATURE] = ir.TypeAttr.get(self._outside)
        names = self._input_names()
        new.attributes[NAMES] = ir.ArrayAttr.get([ir.StringAttr.get(name) for name in names])
        old_blocks = list(self._old.regions[0].blocks)
        entry = new.add_entry_block()
        self._scope = Scope(entry)
        self._blocks[old_blocks[0]] = entry
        for block in old_blocks[1:]:
            self._blocks[block] = entry.region.blocks.append(*self._block_types(block))
        *views, wait, self._signal = entry.arguments
        with ir.InsertionPoint(entry), self._old.location:
            self._begin(old_blocks[0], views, names, wait)
        for block in _reverse_post_order(old_blocks[0]):
            self._block(block)
        self._allocate_slabs()
        return new

    def _input_names(self) -> list[str]:
        given = list(self._old.attributes["arg_attrs"]) if "arg_attrs" in self._old.attributes else []
        names = []
        for i in range(len(self._type.inputs)):
            attributes = given[i] if i < len(given) else {}
            names.append(ir.StringAttr(attributes["iree.name"]).value if "iree.name" in attributes else f"input {i}")
        return names

    # --- Blocks ---

    def _block_types(self, block: Any) -> list[Any]:
        """Types of a block's arguments: the fence, then buffer, offset and dynamic dimensions per tensor; of a loop's
        header the loop's memory.
        """
        types = [hal.type_of("fence")]
        for argument in block.arguments:
            if is_tensor(argument.type):
                types += [hal.type_of("buffer"), i64(), *(i64() for _ in dynamic_dims(argument.type))]
            else:
                types.append(argument.type)
        loop = self._loops.headed_by(block)
        return (
            types
            if loop is None
            else [*types, *[hal.type_of("buffer")] * (sum(p.count for p in loop.places) + loop.outer)]
        )

    def _begin(self, block: Any, views: list[Any], names: list[str], wait: Any) -> None:
        for argument, outside, view, name in zip(block.arguments, self._outside.inputs, views, names, strict=True):
            self._values[argument] = self._input(argument, outside, view, name)
            self._values[argument].root.ready = wait
        self._fence = wait
        if self._stateful:
            last = vm.global_load(TIMELINE, hal.type_of("fence"))
            self._fence = hal.emit("hal.fence.join", [wait, last])

    def _input(self, argument: Any, outside: Any, view: Any, name: str) -> Tensor:
        type_ = argument.type
        element = hal.element_type(outside.element_type)
        if element is None:
            raise CompileError(
                f"@{self._name} takes a tensor of {type_.element_type}: it has no form outside", self._old
            )
        expected = [value_of(size) for size in shape_of(type_)]
        hal.emit("hal.view.assert", view, self._program.text(name), word(element), expected)
        dims: list[Size] = list(shape_of(type_))
        for dimension in dynamic_dims(type_):
            dims[dimension] = hal.emit("hal.view.dim", view, word(dimension))
        buffer, offset, _ = hal.emit("hal.view.buffer", view)
        return Tensor(type_, dims, Root(storage_size(type_, dims, self._old), buffer, offset))

    def _block(self, block: Any) -> None:
        new = self._blocks[block]
        self._here = block
        self._current.clear()
        self._awaited.clear()
        self._scratch_sizes.clear()
        with ir.InsertionPoint(new):
            if new != self._scope.entry:
                self._take_arguments(block, new)
            self._segment = self._new_segment()
            for op in body(block):
                with op.location:
                    self._lower_op(op)

    def _take_arguments(self, block: Any, new: Any) -> None:
        given = iter(new.arguments)
        self._fence = next(given)
        for argument in block.arguments:
            if not is_tensor(argument.type):
                self._values[argument] = next(given)
                continue
            buffer, offset = next(given), next(given)
            dims: list[Size] = list(shape_of(argument.type))
            for dimension in dynamic_dims(argument.type):
                dims[dimension] = next(given)
            size = storage_size(argument.type, dims, self._old)
            self._values[argument] = Tensor(argument.type, dims, Root(size, buffer, offset, ready=self._fence))
        loop = self._loops.headed_by(block)
        if loop is not None:
            for places in loop.places:
                self._places[places.value] = [next(given) for _ in range(places.count)]
            if loop.outer:
                self._slabs[loop] = LoopSlab(next(given), {self._blocks[inner] for inner in loop.blocks})

    def _new_segment(self) -> Segment:
        loop = self._loops.outermost(self._here)
        return Segment(self._program, self._scope, self._name, self._slabs[loop] if loop is not None else None)

    def _flush(self, signal: Any = None) -> None:
        """Executes what was recorded so far; a later one waits for it. `signal` is reached then, if it is given."""
        if not self._segment.commands:
            if signal is not None:
                nothing = self._scope.null("command_buffer")
                hal.emit("hal.queue.execute", self._scope.device, self._fence, signal, nothing, [])
                self._fence = signal
            return
        signal = signal if signal is not None else hal.emit("hal.fence.create", self._scope.device)
        self._segment.execute(self._fence, signal)
        for name, tensor in self._new_values.items():
            self._program.store_variable(self._program.variables[name], tensor)
        self._new_values.clear()
        self._fence = signal
        if self._stateful and signal != self._signal:  # the next call waits for it, however this one ends
            vm.global_store(TIMELINE, signal)
        self._segment = self._new_segment()

    # --- Operations ---

    def _lower_op(self, op: Any) -> None:
        handler = _HANDLERS.get(op.name)
        if handler is not None:
            handler(self, op)
        elif _is_scalar(op):
            self._scalar(op)
        else:
            raise CompileError(
                f"'{op.name}' cannot run on the host: it should have become part of a dispatch; "
                "iree-opt --print-after=form-dispatches shows what did",
                op,
            )

    def _scalar(self, op: Any) -> None:
        copy = op.clone()
        operands = copy.operands
        for i, value in enumerate(op.operands):
            operands[i] = self._values[value]
        self._values.update(zip(op.results, copy.results, strict=True))

    def _dispatch(self, op: Any) -> None:
        name = ir.FlatSymbolRefAttr(op.attributes["callee"]).value
        kernel = self._program.kernels.get(name)
        if kernel is None:
            raise CompileError(f"the executables have no kernel '{name}': run the executables phase first", op)
        values = [self._values[value] for value in op.operands]
        tensors = [value for value in values if isinstance(value, Tensor)]
        scalars = [value for value in values if not isinstance(value, Tensor)]
        first_index = next((i for i, v in enumerate(scalars) if isinstance(v.type, ir.IndexType)), len(scalars))
        indices = [size_of(value) for value in scalars[first_index:]]
        bindings = list(tensors)
        position = sum(len(dynamic_dims(tensor.type)) for tensor in tensors)
        for result, tied in zip(op.results, ir.DenseI64ArrayAttr(op.attributes["tied"]), strict=True):
            dims: list[Size] = list(shape_of(result.type))
            for dimension in dynamic_dims(result.type):
                dims[dimension] = indices[position]
                position += 1
            if tied >= 0:
                root = values[tied].root
            else:
                root = self._new_root(result, storage_size(result.type, dims, op))
            self._values[result] = Tensor(result.type, dims, root)
            if tied < 0:
                bindings.append(self._values[result])
        if len(bindings) != len(kernel.access):
            raise CompileError(
                f"kernel '{name}' was compiled with {len(kernel.access)} bindings, its dispatch has {len(bindings)}", op
            )
        constants = [item for value in scalars for item in words(value)]
        counts = [[evaluate(expression, indices) for expression in map_.results] for map_ in kernel.workgroups]
        access = list(kernel.access)
        if kernel.scratch:
            bindings.append(self._scratch(kernel.scratch, indices, counts))
            access.append(3)
        words_of = [[n if isinstance(n, int) else arith.trunci(i32(), n) for n in variant] for variant in counts]
        workgroups = [choice(values) for values in zip(*words_of, strict=True)]
        self._segment.commands.append(Dispatch(op, kernel, constants, workgroups, bindings, access))

    def _scratch(self, expressions: Sequence[Any], indices: list[Size], counts: list[list[Size]]) -> Tensor:
        """Memory of a dispatch's own, enough for every variant. Equal sizes are one value, so that they can share
        their place.
        """
        key = (*map(str, expressions), *indices, *(n for variant in counts for n in variant))
        if key not in self._scratch_sizes:
            sizes = [multiply([evaluate(e, indices), *n]) for e, n in zip(expressions, counts, strict=True)]
            largest: Size = max((size for size in sizes if isinstance(size, int)), default=0)
            for size in sizes:
                if not isinstance(size, int):
                    largest = size if known(largest) == 0 else arith.maxui(value_of(largest), size)
            self._scratch_sizes[key] = largest
        size = self._scratch_sizes[key]
        return Tensor(None, [size], Root(size))

    def _new_root(self, value: Any, size: Size) -> Root:
        if value in self._places:
            return Root(size, self._places[value][0])
        return Root(size, escapes=self._escapes.escapes(value), host=self._escapes.host(value))

    def _reshape(self, op: Any) -> None:
        source = self._values[op.operands[0]]
        type_ = op.results[0].type
        dims: list[Size] = list(shape_of(type_))
        for dimension, size in zip(dynamic_dims(type_), list(op.operands)[1:], strict=True):
            dims[dimension] = size_of(self._values[size])
        self._values[op.results[0]] = Tensor(type_, dims, source.root, source.offset, source.part)

    def _slice(self, op: Any) -> None:
        source = self._values[op.operands[0]]
        type_ = op.results[0].type
        dims = list(shape_of(type_))
        part = storage_size(type_, dims, op)
        start = multiply([size_of(self._values[op.operands[1]]), element_bytes(type_)])
        self._values[op.results[0]] = Tensor(type_, dims, source.root, add(source.offset, start), part)

    def _constant(self, op: Any) -> None:
        """A scalar, or the splat that folding made of a `tensor.splat`."""
        type_, value = op.results[0].type, op.attributes["value"]
        if is_tensor(type_):
            self._fill(op, arith.constant(type_.element_type, value.get_splat_value()), list(shape_of(type_)))
        else:
            self._scalar(op)

    def _clone(self, op: Any) -> None:
        source = self._values[op.operands[0]]
        root = self._new_root(op.results[0], source.size)
        self._segment.commands.append(Copy(source.root, root, source.offset))
        self._values[op.results[0]] = Tensor(op.results[0].type, source.dims, root)

    def _splat(self, op: Any) -> None:
        sizes = iter(list(op.operands)[1:])
        shape = shape_of(op.results[0].type)
        dims = [size if size >= 0 else size_of(self._values[next(sizes)]) for size in shape]
        self._fill(op, self._values[op.operands[0]], dims)

    def _fill(self, op: Any, value: Any, dims: list[Size]) -> None:
        type_ = op.results[0].type
        root = self._new_root(op.results[0], storage_size(type_, dims, op))
        width = self._fill_width(type_, op)
        self._segment.commands.append(Fill(root, 0, root.size, pattern(value, width), width))
        self._values[op.results[0]] = Tensor(type_, dims, root)

    def _from_elements(self, op: Any) -> None:
        type_ = op.results[0].type
        dims = list(shape_of(type_))
        width = self._fill_width(type_, op)
        root = self._new_root(op.results[0], storage_size(type_, dims, op))
        for i, value in enumerate(op.operands):
            bits = pattern(self._values[value], width)
            self._segment.commands.append(Fill(root, i * width, width, bits, width))
        self._values[op.results[0]] = Tensor(type_, dims, root)

    @staticmethod
    def _fill_width(type_: Any, op: Any) -> int:
        width = hal.element_size(type_.element_type)
        if width not in (1, 2, 4, 8):
            raise CompileError(f"the host cannot fill a tensor of {type_.element_type}", op)
        return width

    def _dim(self, op: Any) -> None:
        tensor = self._values[op.operands[0]]
        dimension = known(self._values[op.operands[1]])
        if dimension is None:
            raise CompileError("'tensor.dim' of a dimension that is not constant is not supported", op)
        self._values[op.results[0]] = index_of(tensor.dims[dimension])

    def _extract(self, op: Any) -> None:
        """The host reads an element: waits for whoever writes it."""
        tensor = self._values[op.operands[0]]
        position: Size = 0
        for size, index in zip(tensor.dims, list(op.operands)[1:], strict=True):
            position = add(multiply([position, size]), size_of(self._values[index]))
        type_ = op.results[0].type
        width = hal.element_size(type_)
        if width not in (1, 2, 4, 8):
            raise CompileError(f"the host cannot read an element of type {type_}", op)
        if tensor.root.constant and isinstance(position, int):
            bits = self._program.element(tensor.root.offset + position * width, width)
        else:
            self._await(tensor.root)
            buffer, start = self._place(tensor.root)
            offset = value_of(add(start, multiply([position, width])))
            bits = hal.emit("hal.buffer.load", buffer, offset, word(width))
        self._values[op.results[0]] = _from_bits(bits, type_, width)

    def _await(self, root: Root) -> None:
        """Waits until what is recorded has written a piece of memory."""
        if self._segment.writes(root):
            self._flush()
        fence = root.ready if root.ready is not None else self._fence
        if not root.constant and fence not in self._awaited:
            hal.emit("hal.fence.await", fence)
            self._awaited.add(fence)
            if self._stateful:  # other calls may have had their turn
                self._fence = hal.emit("hal.fence.join", [self._fence, vm.global_load(TIMELINE, hal.type_of("fence"))])

    def _place(self, root: Root) -> tuple[Any, Size]:
        if root.constant:
            return self._scope.load("constants", "buffer"), root.offset
        return root.buffer, root.offset

    # --- State ---

    def _load(self, op: Any) -> None:
        name = ir.FlatSymbolRefAttr(op.attributes["global"]).value
        type_ = op.results[0].type
        if name in self._current:
            tensor = self._current[name]
        elif name in self._program.constants:
            tensor = Tensor(type_, list(shape_of(type_)), self._program.constants[name])
        elif name in self._program.variables:
            tensor = self._program.load_variable(self._program.variables[name])
            tensor.root.ready = self._fence
            self._stored.add(tensor.root)
            self._current[name] = tensor
        else:
            raise CompileError(f"there is no global @{name}", op)
        self._values[op.results[0]] = tensor

    def _store(self, op: Any) -> None:
        """A variable takes over the buffer of its new value, which nobody else may then have."""
        name = ir.FlatSymbolRefAttr(op.attributes["global"]).value
        tensor = self._values[op.operands[0]]
        root = tensor.root
        if name in self._current and root is self._current[name].root:
            return  # updated in place
        if root.buffer is not None or root.constant or root in self._stored:
            root = self._copy(root)
        self._stored.add(root)
        self._current[name] = self._new_values[name] = Tensor(tensor.type, tensor.dims, root)

    def _copy(self, root: Root) -> Root:
        new = Root(root.size, escapes=True, host=True)
        self._segment.commands.append(Copy(root, new))
        return new

    # --- Control flow ---

    def _pass(self, values: Sequence[Any], target: Any) -> list[Any]:
        """Operands for the arguments of the block `target`."""
        found = [self._fence]
        for value in values:
            mapped = self._values[value]
            if not isinstance(mapped, Tensor):
                found.append(mapped)
                continue
            buffer, offset = self._place(mapped.root)
            found += [buffer, value_of(offset), *(value_of(mapped.dims[d]) for d in dynamic_dims(mapped.type))]
        loop = self._loops.headed_by(target)
        if loop is None:
            return found
        return found + (self._turn(loop) if self._here in loop.blocks else self._enter(loop))

    def _enter(self, loop: Loop) -> list[Any]:
        """Memory for a loop that begins."""
        device, found = self._scope.device, []
        for places in loop.places:
            type_ = places.value.type
            dims: list[Size] = list(shape_of(type_))
            for dimension, size in zip(dynamic_dims(type_), places.sizes, strict=True):
                dims[dimension] = size_of(self._values[size])
            kind = OWNED if self._escapes.host(places.value) else TRANSIENT
            length = value_of(storage_size(type_, dims, self._old))
            found += [hal.emit("hal.buffer.allocate", device, *map(word, kind), length) for _ in range(places.count)]
        if loop.outer:
            slab = hal.emit("hal.buffer.allocate", device, *map(word, TRANSIENT), value_of(0))
            self._slab_allocations.append((loop, slab))
            found.append(slab)
        return found

    def _turn(self, loop: Loop) -> list[Any]:
        """A loop's memory for its next iteration."""
        found: list[Any] = []
        for places in loop.places:
            used, *others = self._places[places.value]
            found += [*others, used]
        return [*found, self._slabs[loop].buffer] if loop.outer else found

    def _allocate_slabs(self) -> None:
        """Gives loops' slabs their size, now that it is known."""
        for loop, slab in self._slab_allocations:
            allocation = slab.owner.operation
            if self._slabs[loop].sizes:
                with ir.InsertionPoint(allocation), allocation.location:
                    allocation.operands[3] = value_of(self._slabs[loop].size())
            else:
                slab.replace_all_uses_with(self._scope.null("buffer"))
                allocation.erase()

    def _br(self, op: Any) -> None:
        self._flush()
        cf.br(self._pass(list(op.operands), op.successors[0]), self._blocks[op.successors[0]])

    def _cond_br(self, op: Any) -> None:
        self._flush()
        _, true_count, _ = ir.DenseI32ArrayAttr(op.attributes["operandSegmentSizes"])
        values = list(op.operands)[1:]
        condition = self._values[op.operands[0]]
        true, false = op.successors
        passed = self._pass(values[:true_count], true), self._pass(values[true_count:], false)
        cf.cond_br(condition, *passed, self._blocks[true], self._blocks[false])

    def _switch(self, op: Any) -> None:
        self._flush()
        counts = [0, *ir.DenseI32ArrayAttr(op.attributes["case_operand_segments"])]
        default_count = ir.DenseI32ArrayAttr(op.attributes["operandSegmentSizes"])[1]
        values = list(op.operands)[1:]
        default = self._pass(values[:default_count], op.successors[0])
        cases, position = [], default_count
        for count, successor in zip(counts[1:], list(op.successors)[1:], strict=True):
            cases.append(self._pass(values[position : position + count], successor))
            position += count
        new = ir.Operation.create(
            "cf.switch",
            operands=[self._values[op.operands[0]], *default, *(value for case in cases for value in case)],
            successors=[self._blocks[block] for block in op.successors],
        )
        for name in ("case_values",):
            if name in op.attributes:
                new.attributes[name] = op.attributes[name]
        new.attributes["case_operand_segments"] = ir.DenseI32ArrayAttr.get([len(case) for case in cases])
        sizes = [1, len(default), sum(map(len, cases))]
        new.attributes["operandSegmentSizes"] = ir.DenseI32ArrayAttr.get(sizes)

    def _return(self, op: Any) -> None:
        tensors = [self._values[value] for value in op.operands]
        copies: dict[Root, Root] = {}
        for tensor in tensors:
            root = tensor.root
            if (root.constant or root in self._stored) and root not in copies:
                copies[root] = self._copy(root)
        self._flush(self._signal)
        if self._stateful:
            vm.global_store(TIMELINE, self._signal)
        views = []
        for tensor, outside in zip(tensors, self._outside.results, strict=True):
            root = copies.get(tensor.root, tensor.root)
            element = hal.element_type(outside.element_type)
            if element is None:
                type_ = tensor.type.element_type
                raise CompileError(f"@{self._name} returns a tensor of {type_}: it has no form outside", op)
            dims = [value_of(size) for size in tensor.dims]
            views.append(hal.emit("hal.view.create", root.buffer, value_of(root.offset), word(element), dims))
        func.ReturnOp(views)

    def _assert(self, op: Any) -> None:
        cf.AssertOp(self._values[op.operands[0]], ir.StringAttr(op.attributes["msg"]))


_HANDLERS: dict[str, Any] = {
    "flow.dispatch": FunctionLowering._dispatch,
    "flow.clone": FunctionLowering._clone,
    "flow.reshape": FunctionLowering._reshape,
    "flow.slice": FunctionLowering._slice,
    "arith.constant": FunctionLowering._constant,
    "tensor.splat": FunctionLowering._splat,
    "tensor.from_elements": FunctionLowering._from_elements,
    "tensor.dim": FunctionLowering._dim,
    "tensor.extract": FunctionLowering._extract,
    "ml_program.global_load": FunctionLowering._load,
    "ml_program.global_load_const": FunctionLowering._load,
    "ml_program.global_store": FunctionLowering._store,
    "cf.br": FunctionLowering._br,
    "cf.cond_br": FunctionLowering._cond_br,
    "cf.switch": FunctionLowering._switch,
    "cf.assert": FunctionLowering._assert,
    "func.return": FunctionLowering._return,
}


def _is_scalar(op: Any) -> bool:
    values = (*op.operands, *op.results)
    return op.name.partition(".")[0] in _HOST_DIALECTS and not any(is_tensor(value.type) for value in values)


def _from_bits(bits: Any, type_: Any, width: int) -> Any:
    """An element's bits, zero-extended to i64, as a scalar of its type."""
    if isinstance(type_, ir.IndexType):
        return arith.index_cast(type_, bits)
    is_float = isinstance(type_, ir.FloatType)
    narrow = ir.IntegerType.get_signless(8 * width) if is_float else type_
    if narrow != bits.type:
        bits = arith.trunci(narrow, bits)
    return arith.bitcast(type_, bits) if is_float else bits


def _reverse_post_order(entry: Any) -> list[Any]:
    """Blocks reachable from `entry`, every one after those that dominate it."""
    seen: set[Any] = set()
    order: list[Any] = []
    pending: list[tuple[Any, bool]] = [(entry, False)]
    while pending:
        block, done = pending.pop()
        if done:
            order.append(block)
        elif block not in seen:
            seen.add(block)
            pending.append((block, True))
            pending.extend((successor, False) for successor in body(block)[-1].successors)
    return order[::-1]
