"""The module around host functions: device, executable, constants, variables and the initializer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects import hal, vm
from iree.dialects.host.resources import Root, Tensor, storage_size
from iree.dialects.host.sizes import Size, align, i32, value_of, word
from iree.dialects.mlir import CompileError, arith, cf, func, ir
from iree.dialects.transforms.structure import body, dynamic_dims, functions, shape_of, static_bytes, walk

INITIALIZER = "__init"
VARIANT = "variant"
"""Global with the number of the variant that the device takes; there is none if there is only one."""
TIMELINE = "timeline"
"""Global with the signal of the last call that used variables."""

OWNED = (
    hal.MEMORY_DEVICE_LOCAL | hal.MEMORY_HOST_VISIBLE | hal.MEMORY_HOST_COHERENT,
    hal.USAGE_TRANSFER | hal.USAGE_STORAGE | hal.USAGE_MAPPING,
)
"""Memory type and usage of buffers that the host reads: results, variables, values that steer control flow."""
TRANSIENT = (hal.MEMORY_DEVICE_LOCAL, hal.USAGE_TRANSFER | hal.USAGE_STORAGE)
"""Likewise for what only kernels touch."""


@dataclass(frozen=True)
class Kernel:
    """An export of the executable.

    Attributes:
        ordinal: Its number.
        access: Per binding, see docs/architecture.md.
        workgroups: Affine map of the workgroup counts, per variant.
        scratch: Per variant the affine expression of the bytes that each workgroup needs of one more binding; empty if
            no variant has that binding.
    """

    ordinal: int
    access: tuple[int, ...]
    workgroups: tuple[Any, ...]
    scratch: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Variable:
    """A global that functions write: its buffer is in the global `name`, its dynamic dimensions in `name.dimN`."""

    name: str
    type: Any


class Scope:
    """A function's view of the module: device, executable and buffers, loaded once at its start."""

    def __init__(self, entry: Any) -> None:
        """`entry` is the function's first block."""
        self.entry = entry
        self._loaded: dict[str, Any] = {}
        self._null: dict[str, Any] = {}

    def load(self, name: str, kind: str) -> Any:
        """An immutable global of type ``!hal.KIND``."""
        if name not in self._loaded:
            with ir.InsertionPoint.at_block_begin(self.entry), ir.Location.unknown():
                self._loaded[name] = vm.global_load(name, hal.type_of(kind))
        return self._loaded[name]

    def provide(self, name: str, value: Any) -> None:
        """Makes `value` what `load` of that global gives."""
        self._loaded[name] = value

    def null(self, kind: str) -> Any:
        """Null of type ``!hal.KIND``."""
        if kind not in self._null:
            with ir.InsertionPoint.at_block_begin(self.entry), ir.Location.unknown():
                self._null[kind] = vm.emit("ref.null", results=[hal.type_of(kind)])
        return self._null[kind]

    @property
    def device(self) -> Any:
        """The device."""
        return self.load("device", "device")

    @property
    def variant(self) -> Any:
        """The number of the executable's variant, an i32."""
        if VARIANT not in self._loaded:
            with ir.InsertionPoint.at_block_begin(self.entry), ir.Location.unknown():
                self._loaded[VARIANT] = vm.global_load(VARIANT, i32())
        return self._loaded[VARIANT]


class Program:
    """What functions share. Made from a module whose `flow.executable`s are compiled."""

    def __init__(self, module: Any) -> None:
        """Declares globals, segments and the beginning of the initializer in `module`.

        Raises:
            CompileError: Executables are missing or a global cannot be stored.
        """
        self.module = module
        self._names: dict[str, str] = {}
        self._recordings = 0
        self._elements: set[str] = set()
        with ir.InsertionPoint(module.body):
            self.initializer = func.FuncOp(INITIALIZER, ([], []), visibility="private")
        self._top = ir.InsertionPoint(self.initializer)
        self.init_scope = Scope(self.initializer.add_entry_block())
        self._init = ir.InsertionPoint(self.initializer.entry_block)
        self.kernels: dict[str, Kernel] = {}
        self.constants: dict[str, Root] = {}
        self.variables: dict[str, Variable] = {}
        self._fence: Any = None
        with self._init:
            device = hal.emit("hal.device", word(0))
            self.init_scope.provide("device", device)
            self._keep("device", device)
            self._executables()
        with self._init:
            self._globals()

    def in_initializer(self) -> Any:
        """The insertion point at the initializer's end."""
        return self._init

    def finish(self) -> None:
        """Ends the initializer."""
        with self._init, ir.Location.unknown():
            if self._fence is not None:
                hal.emit("hal.fence.await", self._fence)
            func.ReturnOp([])

    def declare(self, name: str, type_: Any, *, mutable: bool) -> None:
        """Declares a global."""
        with self._top, ir.Location.unknown():
            vm.define_global(name, type_, mutable=mutable)

    def _keep(self, name: str, value: Any) -> None:
        self.declare(name, value.type, mutable=False)
        vm.global_store(name, value)

    def recording(self, function: str) -> str:
        """A new immutable global for a command buffer of a function."""
        name = f"{function}.commands.{self._recordings}"
        self._recordings += 1
        self.declare(name, hal.type_of("command_buffer"), mutable=False)
        return name

    def element(self, offset: int, width: int) -> Any:
        """The bits of an element among the constants, an i64 value at the insertion point.

        The initializer reads it, once: devices with memory of their own must copy it for the host.
        """
        name = f"constants.{offset}.{width}"
        if name not in self._elements:
            self._elements.add(name)
            with self._init, ir.Location.unknown():
                buffer = self.init_scope.load("constants", "buffer")
                self._keep(name, hal.emit("hal.buffer.load", buffer, value_of(offset), word(width)))
        return vm.global_load(name, _index_storage())

    def text(self, text: str) -> Any:
        """A `!vm.buffer` with `text`, at the insertion point."""
        if text not in self._names:
            self._names[text] = name = f"text.{len(self._names)}"
            size = len(text.encode())
            with self._top, ir.Location.unknown():
                vm.define_rodata(name, [{"offset": _i64(0), "text": ir.StringAttr.get(text)}], size, 1)
        return vm.rodata(self._names[text])

    # --- Executables ---

    def _executables(self) -> None:
        linked = [op for op in body(self.module.body) if op.name == "hal.executables"]
        if not linked:
            missing = [op for op in body(self.module.body) if op.name == "flow.executable"]
            if missing:
                raise CompileError("executables are not compiled: run the executables phase first", missing[0])
            return
        if len(linked) > 1:
            raise CompileError("the module has several hal.executables: link those of one target", linked[1])
        parts = body(linked[0].regions[0].blocks[0])
        variants = [op for op in parts if op.name == "hal.executable_variant"]
        if not variants:
            raise CompileError("the executables have no variant: compile for a target", linked[0])
        counts = [list(ir.ArrayAttr(variant.attributes["workgroup_counts"])) for variant in variants]
        scratch = [list(ir.ArrayAttr(variant.attributes["scratch"])) for variant in variants]
        for export in parts:
            if export.name == "hal.executable_export":
                ordinal = ir.IntegerAttr(export.attributes["ordinal"]).value
                access = tuple(ir.DenseI32ArrayAttr(export.attributes["access"]))
                name = ir.StringAttr(export.attributes["sym_name"]).value
                workgroups = tuple(ir.AffineMapAttr(maps[ordinal]).value for maps in counts)
                self.kernels[name] = Kernel(ordinal, access, workgroups, _scratch([maps[ordinal] for maps in scratch]))
        self._choose(variants)
        linked[0].erase()

    def _choose(self, variants: list[Any]) -> None:
        """Creates the executable from the first variant that the device takes, with the error of the last one if it
        takes none.
        """
        device = self.init_scope.device
        if len(variants) == 1:
            created = hal.emit("hal.executable.create", device, *self._binary(variants[0], 0))
        else:
            block = self.initializer.entry_block
            location = self.initializer.operation.location
            chosen = self.initializer.body.blocks.append(hal.type_of("executable"), i32(), arg_locs=[location] * 2)
            for number, variant in enumerate(variants[:-1]):
                following = self.initializer.body.blocks.append()
                with ir.InsertionPoint(block), location:
                    tried = hal.emit("hal.executable.try_create", device, *self._binary(variant, number))
                    refused = arith.trunci(ir.IntegerType.get_signless(1), vm.emit("ref.is_null", [tried], [i32()]))
                    cf.CondBranchOp(refused, [], [tried, word(number)], following, chosen)
                block = following
            with ir.InsertionPoint(block), location:
                last = hal.emit("hal.executable.create", device, *self._binary(variants[-1], len(variants) - 1))
                cf.BranchOp([last, word(len(variants) - 1)], chosen)
            self._init = ir.InsertionPoint(chosen)
            created, number_of = chosen.arguments
        with self._init:
            if len(variants) > 1:
                self._keep(VARIANT, number_of)
                self.init_scope.provide(VARIANT, number_of)
            self.init_scope.provide("executable", created)
            self._keep("executable", created)

    def _binary(self, variant: Any, number: int) -> tuple[Any, Any]:
        """A variant's format and bytes, at the insertion point."""
        binary = variant.attributes["binary"]
        size = static_bytes(binary.type)
        assert size is not None
        name = f"executable.binary.{number}" if number else "executable.binary"
        with self._top, variant.location:
            vm.define_rodata(name, [{"offset": _i64(0), "value": binary}], size, 4096)
        return self.text(ir.StringAttr(variant.attributes["format"]).value), vm.rodata(name)

    # --- Globals ---

    def _globals(self) -> None:
        written = {
            ir.FlatSymbolRefAttr(op.attributes["global"]).value
            for function in functions(self.module)
            for op in walk(function)
            if op.name == "ml_program.global_store"
        }
        pieces: list[dict[str, Any]] = []
        offset = 0
        initial: list[tuple[Variable, Root, tuple[int, ...] | None]] = []
        for op in [op for op in body(self.module.body) if op.name == "ml_program.global"]:
            name = ir.StringAttr(op.attributes["sym_name"]).value
            type_ = ir.TypeAttr(op.attributes["type"]).value
            if not isinstance(type_, ir.RankedTensorType):
                raise CompileError(f"global @{name} is of type {type_}; only tensors are supported", op)
            piece, size = self._piece(op)
            root = Root(size, offset=offset, constant=True)
            if piece is not None:
                pieces.append({"offset": _i64(offset), **piece})
                offset = align(offset + size, hal.BINDING_ALIGNMENT)
            if name in written:
                self.variables[name] = Variable(name, type_)
                initial.append((self.variables[name], root, None if piece is None else shape_of(_first(op))))
            elif piece is None:
                raise CompileError(f"global @{name} has no value and is never written", op)
            else:
                _stored(type_, op)
                self.constants[name] = root
            op.erase()
        if pieces:
            with self._top, ir.Location.unknown():
                vm.define_rodata("constants.bytes", pieces, offset, 64)
            device = self.init_scope.device
            buffer = hal.emit(
                "hal.buffer.constant", device, vm.rodata("constants.bytes"), value_of(0), value_of(offset)
            )
            self.init_scope.provide("constants", buffer)
            self._keep("constants", buffer)
        for variable, root, shape in initial:
            self._initialize(variable, root, shape)
        if self.variables:
            self.declare(TIMELINE, hal.type_of("fence"), mutable=True)

    @staticmethod
    def _piece(op: Any) -> tuple[dict[str, Any] | None, int]:
        """The piece of the constants' segment that has a global's value, and its bytes; None if it has no value."""
        if "value" not in op.attributes:
            return None, 0
        size = _stored(_first(op), op)
        if "iree.parameter" in op.attributes:
            return {"parameter": op.attributes["iree.parameter"], "length": _i64(size)}, size
        value = op.attributes["value"]
        if not isinstance(value, (ir.DenseElementsAttr, ir.DenseResourceElementsAttr)):
            raise CompileError(f"the value {value} of a global is neither a constant nor a parameter", op)
        return {"value": value}, size

    def _initialize(self, variable: Variable, root: Root, shape: tuple[int, ...] | None) -> None:
        """Gives a variable a buffer of its own with its first value; without a value it is null until it is stored."""
        self.declare(variable.name, hal.type_of("buffer"), mutable=True)
        for dimension in dynamic_dims(variable.type):
            self.declare(f"{variable.name}.dim{dimension}", _index_storage(), mutable=True)
            if shape is not None:
                vm.global_store(f"{variable.name}.dim{dimension}", value_of(shape[dimension]))
        if shape is None:
            return
        device = self.init_scope.device
        size = value_of(root.size)
        buffer = hal.emit("hal.buffer.allocate", device, *map(word, OWNED), size)
        signal = hal.emit("hal.fence.create", device)
        wait = self._fence if self._fence is not None else self.init_scope.null("fence")
        source = self.init_scope.load("constants", "buffer")
        start = value_of(root.offset)
        hal.emit("hal.queue.copy", device, wait, signal, source, start, buffer, value_of(0), size)
        self._fence = signal
        vm.global_store(variable.name, buffer)

    def load_variable(self, variable: Variable) -> Tensor:
        """Where a variable is now, at the insertion point."""
        buffer = vm.global_load(variable.name, hal.type_of("buffer"))
        dims: list[Size] = list(shape_of(variable.type))
        for dimension in dynamic_dims(variable.type):
            dims[dimension] = vm.global_load(f"{variable.name}.dim{dimension}", _index_storage())
        return Tensor(variable.type, dims, Root(storage_size(variable.type, dims, variable.name), buffer))

    def store_variable(self, variable: Variable, tensor: Tensor) -> None:
        """Makes a tensor, in a buffer of its own, a variable's value."""
        vm.global_store(variable.name, tensor.root.buffer)
        for dimension in dynamic_dims(variable.type):
            vm.global_store(f"{variable.name}.dim{dimension}", value_of(tensor.dims[dimension]))


def _scratch(attributes: list[Any]) -> tuple[Any, ...]:
    expressions = [ir.AffineMapAttr(attribute).value.results[0] for attribute in attributes]
    used = [e for e in expressions if not (isinstance(e, ir.AffineConstantExpr) and e.value == 0)]
    return tuple(expressions) if used else ()


def _first(op: Any) -> Any:
    """The type of a global's first value: a variable of dynamic shape starts with a value of some shape."""
    return ir.RankedTensorType(op.attributes["value"].type)


def _stored(type_: Any, op: Any) -> int:
    size = static_bytes(type_)
    if size is None or hal.element_size(type_.element_type) is None:
        raise CompileError(f"a value of type {type_} cannot be stored", op)
    return size


def _index_storage() -> Any:
    return ir.IntegerType.get_signless(64)


def _i64(value: int) -> Any:
    return ir.IntegerAttr.get(ir.IntegerType.get_signless(64), value)
