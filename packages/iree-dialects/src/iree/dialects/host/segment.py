"""Commands that are executed together: ordered, their memory placed, recorded once if all of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from iree.dialects import hal, vm
from iree.dialects.host.packing import Interval, pack, share
from iree.dialects.host.program import OWNED, TRANSIENT, Program, Scope
from iree.dialects.host.resources import Choice, Command, Copy, Dispatch, Fill, Root, levels
from iree.dialects.host.sizes import Size, add, align, value_of, word
from iree.dialects.host.words import word_value
from iree.dialects.mlir import arith, ir


@dataclass
class LoopSlab:
    """Memory that segments of a loop have in turn, those whose slabs are of a size that is known before the loop.

    Attributes:
        buffer: It, a value in all of the loop's blocks.
        blocks: Those blocks.
        sizes: Bytes that were asked for so far.
    """

    buffer: Any
    blocks: set[Any]
    sizes: list[Size] = field(default_factory=list)

    def has(self, size: Size) -> bool:
        """Makes it large enough, if it can be."""
        if not _is_from_before(size, self.blocks):
            return False
        self.sizes.append(size)
        return True

    def size(self) -> Size:
        """The largest of `sizes`, computed at the insertion point, before the loop."""
        largest: Size = max((size for size in self.sizes if isinstance(size, int)), default=0)
        copies: dict[Any, Any] = {}
        for size in self.sizes:
            if not isinstance(size, int):
                value = _copy(size, self.blocks, copies)
                largest = value if isinstance(largest, int) and largest == 0 else arith.maxui(value_of(largest), value)
        return largest


def _is_from_before(size: Size, blocks: set[Any]) -> bool:
    """Can a size that is used in `blocks` be computed before them?"""
    if isinstance(size, int) or _block_of(size) not in blocks:
        return True
    if isinstance(size.owner, ir.Block) or size.owner.operation.name.partition(".")[0] != "arith":
        return False
    return all(_is_from_before(operand, blocks) for operand in size.owner.operation.operands)


def _copy(value: Any, blocks: set[Any], copies: dict[Any, Any]) -> Any:
    """A value for which `_is_from_before` holds, computed at the insertion point."""
    if _block_of(value) not in blocks:
        return value
    if value not in copies:
        operands = [_copy(operand, blocks, copies) for operand in value.owner.operation.operands]
        new = value.owner.operation.clone()
        for number, operand in enumerate(operands):
            new.operands[number] = operand
        copies[value] = new.results[0]
    return copies[value]


def _block_of(value: Any) -> Any:
    return value.owner if isinstance(value.owner, ir.Block) else value.owner.operation.block


@dataclass
class Segment:
    """Commands between two points at which the host waits or control flow changes."""

    program: Program
    scope: Scope
    function: str
    loop_slab: LoopSlab | None = None
    commands: list[Command] = field(default_factory=list)

    def writes(self, root: Root) -> bool:
        """Does a command write it?"""
        return any(root in command.writes for command in self.commands)

    def execute(self, wait: Any, signal: Any) -> None:
        """Emits the execution of all commands, after the fence `wait`; it reaches `signal`."""
        device, null = self.scope.device, self.scope.null("fence")
        steps = levels(self.commands)
        slab_size = self._place(steps)
        slots = _Slots(slab_size != 0)
        for command in self.commands:
            for root in _roots(command):
                slots.add(root)
        if self._is_static(slab_size):
            name = self.program.recording(self.function)
            with self.program.in_initializer(), ir.Location.unknown():
                vm.global_store(name, self._record(steps, slots, self.program.init_scope))
            commands = vm.global_load(name, hal.type_of("command_buffer"))
        else:
            commands = self._record(steps, slots, self.scope)
        bindings = [(root.buffer, value_of(root.offset), value_of(root.size)) for root in slots.external]
        if slots.has_slab and self.loop_slab is not None and self.loop_slab.has(slab_size):
            bindings.insert(0, (self.loop_slab.buffer, value_of(0), value_of(slab_size)))
            hal.emit("hal.queue.execute", device, wait, signal, commands, bindings)
        elif slots.has_slab:
            ready = hal.emit("hal.fence.create", device)
            length = value_of(slab_size)
            slab = hal.emit("hal.queue.alloca", device, wait, ready, *map(word, TRANSIENT), length)
            bindings.insert(0, (slab, value_of(0), length))
            hal.emit("hal.queue.execute", device, ready, signal, commands, bindings)
            hal.emit("hal.queue.dealloca", device, signal, null, slab)
        else:
            hal.emit("hal.queue.execute", device, wait, signal, commands, bindings)
        for command in self.commands:
            for root in command.writes:
                root.ready = signal

    def _place(self, steps: Sequence[int]) -> Size:
        """Gives roots that outlive the segment a buffer and the others a place in the slab; returns the slab's size."""
        lives: dict[Root, list[int]] = {}
        for command, step in zip(self.commands, steps, strict=True):
            for root in _roots(command):
                if root.buffer is not None or root.constant:
                    continue
                if root.escapes:
                    kind = OWNED if root.host else TRANSIENT
                    size = value_of(root.size)
                    root.buffer = hal.emit("hal.buffer.allocate", self.scope.device, *map(word, kind), size)
                    continue
                life = lives.setdefault(root, [step, step])
                life[0], life[1] = min(life[0], step), max(life[1], step)
        fixed = [root for root in lives if isinstance(root.size, int)]
        offsets, total = pack(
            [Interval(lives[root][0], lives[root][1], root.size) for root in fixed], hal.BINDING_ALIGNMENT
        )
        for root, offset in zip(fixed, offsets, strict=True):
            root.offset = offset
        varying = [root for root in lives if not isinstance(root.size, int)]
        chosen, sizes = share([Interval(lives[root][0], lives[root][1], root.size) for root in varying])
        starts: list[Size] = []
        end: Size = total
        for size in sizes:
            starts.append(end)
            end = add(end, align(size, hal.BINDING_ALIGNMENT))
        for root, region in zip(varying, chosen, strict=True):
            root.offset = starts[region]
        return end

    def _is_static(self, slab_size: Size) -> bool:
        """Can the commands be recorded before any call?"""
        numbers: list[Any] = [slab_size]
        for command in self.commands:
            if isinstance(command, Dispatch):
                numbers += [*command.constants, *(tensor.offset for tensor in command.bindings)]
                for count in command.workgroups:
                    numbers += count.values if isinstance(count, Choice) else [count]
            elif isinstance(command, Fill):
                numbers += [command.pattern, command.offset, command.length]
            else:
                numbers.append(command.offset)
            for root in _roots(command):
                numbers.append(root.size)
                if root.buffer is None:
                    numbers.append(root.offset)
        return all(isinstance(number, int) for number in numbers)

    def _record(self, steps: Sequence[int], slots: _Slots, scope: Scope) -> Any:
        """Emits the recording at the insertion point."""
        recording = hal.emit("hal.command.create", scope.device, word(slots.count))
        order = sorted(range(len(steps)), key=lambda i: steps[i])
        previous = 0
        for i in order:
            if steps[i] != previous:
                hal.emit("hal.command.barrier", recording)
                previous = steps[i]
            self._record_command(self.commands[i], recording, slots, scope)
        hal.emit("hal.command.finalize", recording)
        return recording

    @staticmethod
    def _record_command(command: Command, recording: Any, slots: _Slots, scope: Scope) -> None:
        if isinstance(command, Dispatch):
            hal.emit(
                "hal.command.dispatch",
                recording,
                scope.load("executable", "executable"),
                word(command.kernel.ordinal),
                *(_count(count, scope) for count in command.workgroups),
                [word_value(item) for item in command.constants],
                [(*slots.place(t.root, scope, t.offset), value_of(t.size)) for t in command.bindings],
            )
        elif isinstance(command, Fill):
            buffer, slot, offset = slots.place(command.target, scope, command.offset)
            bits = command.pattern
            if isinstance(bits, int) and bits >> 63:
                bits -= 1 << 64
            length, width = value_of(command.length), word(command.width)
            hal.emit("hal.command.fill", recording, buffer, slot, offset, length, value_of(bits), width)
        else:
            source = slots.place(command.source, scope, command.offset)
            target = slots.place(command.target, scope)
            hal.emit("hal.command.copy", recording, *source, *target, value_of(command.target.size))


def _count(count: Any, scope: Scope) -> Any:
    """A number of workgroups as an i32 value at the insertion point."""
    if not isinstance(count, Choice):
        return word_value(count)
    *others, value = [word_value(item) for item in count.values]
    for number, other in reversed(list(enumerate(others))):
        value = arith.select(arith.cmpi(arith.CmpIPredicate.eq, scope.variant, word(number)), other, value)
    return value


def _roots(command: Command) -> list[Root]:
    if isinstance(command, Dispatch):
        return [tensor.root for tensor in command.bindings]
    return [command.source, command.target] if isinstance(command, Copy) else [command.target]


class _Slots:
    """Numbers of the binding table's entries: the slab, then every buffer that is not a constant."""

    def __init__(self, has_slab: bool) -> None:
        self.has_slab = has_slab
        self.external: list[Root] = []
        self._number: dict[Root, int] = {}

    @property
    def count(self) -> int:
        return len(self.external) + self.has_slab

    def add(self, root: Root) -> None:
        if root.buffer is None or root.constant or root in self._number:
            return
        self._number[root] = self.count
        self.external.append(root)

    def place(self, root: Root, scope: Scope, offset: Size = 0) -> tuple[Any, Any, Any]:
        """(buffer or null, slot, offset) of a range that starts `offset` bytes into `root`."""
        if root.constant:
            return scope.load("constants", "buffer"), word(0), value_of(add(root.offset, offset))
        if root in self._number:
            return scope.null("buffer"), word(self._number[root]), value_of(offset)
        return scope.null("buffer"), word(0), value_of(add(root.offset, offset))
