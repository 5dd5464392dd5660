"""The native modules a compiled module may import, with their signatures: one table.

Signature letters: ``i`` i32, ``I`` i64, ``f`` f32, ``F`` f64, ``r`` reference; ``[…]`` is a variadic group, repeated a
number of times given at each call. ``arguments:results``. The C++ side registers the same rows and
a test compares them. Versions: a row never changes; a new meaning gets a new name.

Reference types are checked when an import uses them: null or a wrong type traps and names the argument.
Constants for memory types, usages, access and element types are those of ``iree/hal.h``.
``rodata`` arguments are ``vm.buffer`` (UTF-8 text where a name is meant).
"""

from __future__ import annotations

HAL: dict[str, tuple[str, str]] = {
    # devices
    "hal.device": ("i:r", "(index) -> device of the context; traps if there is none with that index"),
    "hal.device.count": (":i", "() -> number of devices the context was given"),
    "hal.device.query": ("rr:iI", "(device, key rodata) -> (known, value)"),
    "hal.executable.supported": ("rr:i", "(device, format rodata) -> 1 if the device takes it"),
    "hal.executable.create": (
        "rrr:r",
        "(device, format rodata, binary rodata) -> executable; traps if refused, saying why",
    ),
    "hal.executable.try_create": (
        "rrr:r",
        "likewise, but null if it is for another kind of device, or for one that can do more; malformed bytes trap",
    ),
    # buffers
    "hal.buffer.allocate": ("riiI:r", "(device, memory type, usage, length) -> buffer"),
    "hal.buffer.constant": (
        "rrII:r",
        "(device, rodata, offset, length) -> constant buffer: imported in place where the device can, else copied",
    ),
    "hal.buffer.length": ("r:I", "(buffer) -> length"),
    "hal.buffer.load": (
        "rIi:I",
        "(buffer, offset, bytes 1|2|4|8) -> bits, zero-extended; the caller has awaited the writer; what the host "
        "cannot map is copied first",
    ),
    "hal.buffer.store": ("rIiI:", "(buffer, offset, bytes, bits); host write, buffer not in use; likewise"),
    # buffer views
    "hal.view.create": ("rIi[I]:r", "(buffer, offset, element type, [dims]) -> view"),
    "hal.view.assert": (
        "rri[I]:",
        "(view, name rodata, element type, [dims, -1 for any]); traps naming what was expected and given",
    ),
    "hal.view.buffer": ("r:rII", "(view) -> (buffer, offset, length)"),
    "hal.view.dim": ("ri:I", "(view, dimension) -> size"),
    "hal.view.rank": ("r:i", "(view) -> rank"),
    # command buffers; a range is (buffer or null, slot, offset, length)
    "hal.command.create": ("ri:r", "(device, slots) -> command buffer being recorded"),
    "hal.command.finalize": ("r:", "(command buffer)"),
    "hal.command.barrier": ("r:", "(command buffer)"),
    "hal.command.fill": ("rriIIIi:", "(command buffer, range, pattern bits, pattern bytes)"),
    "hal.command.copy": (
        "rriIriII:",
        "(command buffer, source buffer, slot, offset, target buffer, slot, offset, length)",
    ),
    "hal.command.dispatch": (
        "rriiii[i][riII]:",
        "(command buffer, executable, ordinal, x, y, z, [constants], [ranges])",
    ),
    # timeline and queue; fences: null means "nothing to wait for" and "nobody to tell"
    "hal.fence.create": ("r:r", "(device) -> fence reached when the operation that it is given to as signal is done"),
    "hal.fence.join": ("[r]:r", "([fences]) -> fence reached when all are"),
    "hal.fence.await": ("r:", "(fence); suspends the invocation until it is reached; traps with its failure"),
    "hal.fence.signal": ("r:", "(fence) from the host"),
    "hal.queue.alloca": ("rrriiI:r", "(device, wait, signal, memory type, usage, length) -> buffer"),
    "hal.queue.dealloca": ("rrrr:", "(device, wait, signal, buffer)"),
    "hal.queue.fill": ("rrrrIIIi:", "(device, wait, signal, buffer, offset, length, pattern bits, pattern bytes)"),
    "hal.queue.copy": ("rrrrIrII:", "(device, wait, signal, source, source offset, target, target offset, length)"),
    "hal.queue.execute": (
        "rrrr[rII]:",
        "(device, wait, signal, command buffer or null, [binding table: buffer, offset, length])",
    ),
}

IMPORTS: dict[str, tuple[str, str]] = {**HAL}
