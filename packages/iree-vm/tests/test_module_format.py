"""Module files: what is refused, and why."""

from __future__ import annotations

import os
import random
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from iree import vm
from iree.vm import _native, errors, imports
from iree.vm.assembler import Assembler, Branch, Operands
from iree.vm.module_format import HEADER, SECTION, Section
from iree.vm.module_reader import read, read_file
from iree.vm.module_writer import ModuleBuilder

from .programs import ModuleMaker

I32 = ("i32",)


def add_one() -> ModuleBuilder:
    builder = ModuleBuilder()
    asm = Assembler()
    asm.emit("const.i32", 1, 1)
    asm.emit("add.i32", 0, 0, 1)
    asm.emit("return", [0])
    builder.add_export("f", builder.add_function("f", "i:i", asm, values=I32 * 2))
    return builder


def test_minimal_module() -> None:
    assert vm.load(add_one().tobytes(), device=None).f(41) == 42
    assert repr(vm.load(ModuleBuilder().tobytes(), device=None)) == "<iree.vm module with no exports>"


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "m.vmfb"
    builder = add_one()
    builder.declare_function("never defined", ":")
    with pytest.raises(ValueError, match="never defined"):
        builder.write(path)
    assert list(tmp_path.iterdir()) == []
    add_one().write(path)
    assert vm.load(path, device=None).f(1) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["m.vmfb"]


def test_links_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    link, pipe = tmp_path / "link.vmfb", tmp_path / "pipe"
    link.symlink_to("m.vmfb")
    add_one().write(link)
    assert link.is_symlink() and (tmp_path / "m.vmfb").read_bytes() == add_one().tobytes()
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        add_one().write(pipe)
        assert read.result() == add_one().tobytes()
    assert pipe.is_fifo()


def test_rodata_is_aligned_and_not_copied() -> None:
    builder = ModuleBuilder()
    weights = np.arange(1000, dtype=np.float32)
    builder.add_rodata(b"abc", name="name")
    builder.add_rodata(weights, align=4096)
    builder.add_rodata_pieces(10, [(1, b"x"), (4, np.uint8([1, 2]))], align=64)
    builder.add_rodata(np.zeros((0, 3)))
    weights[0] = 7  # before it is written, after it was added
    module = read(builder.tobytes())
    assert [r.name for r in module.rodata] == ["name", None, None, None]
    assert np.frombuffer(module.rodata[1].data, np.float32).tolist() == weights.tolist()
    assert bytes(module.rodata[2].data) == b"\0x\0\0\1\2\0\0\0\0"
    with pytest.raises(ValueError, match="contiguous"):
        builder.add_rodata(np.zeros((4, 4))[:, ::2])
    with pytest.raises(ValueError, match="power of two"):
        builder.add_rodata(b"", align=96)


def header(**changes: int) -> bytes:
    data = bytearray(add_one().tobytes())
    fields = list(HEADER.unpack_from(data))
    for name, value in changes.items():
        fields[("magic", "version", "count", "size", "initializer", "reserved").index(name)] = value
    HEADER.pack_into(data, 0, *fields)
    return bytes(data)


def section(which: Section, **changes: int) -> bytes:
    data = bytearray(add_one().tobytes())
    for i in range(HEADER.unpack_from(data)[2]):
        at = HEADER.size + i * SECTION.size
        fields = list(SECTION.unpack_from(data, at))
        if fields[0] == which:
            for name, value in changes.items():
                fields[("kind", "flags", "offset", "length", "count").index(name)] = value
            SECTION.pack_into(data, at, *fields)
    return bytes(data)


HUGE = (1 << 64) - 8


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "does not start with the magic"),
        (b"PK\3\4" + bytes(100), "does not start with the magic"),
        (add_one().tobytes()[:20], "less than the header"),
        (add_one().tobytes()[:-1], "truncated or damaged: the header says"),
        (add_one().tobytes() + b"x", "truncated or damaged"),
        (header(count=1000), "1000 sections"),
        (header(reserved=1), "reserved"),
        (header(initializer=7), "initializer"),
        (header(initializer=0), "initializer"),
        (section(Section.CODE, offset=HUGE), "section CODE"),
        (section(Section.CODE, length=HUGE), "section CODE"),
        (section(Section.CODE, count=HUGE), "section CODE"),
        (section(Section.CODE, count=(1 << 63) + 3, length=6), "section CODE"),
        (section(Section.CODE, flags=1), "unknown flags"),
        (section(Section.CODE, kind=99), "kind 99"),
        (section(Section.CODE, kind=Section.TEXT), "kind"),
        (section(Section.STRINGS, offset=300), "section"),
    ],
)
def test_malformed_files(data: bytes, message: str) -> None:
    with pytest.raises(errors.ModuleFormatError, match=message):
        vm.load(data, device=None)


def test_other_versions(tmp_path: Path) -> None:
    path = tmp_path / "m.vmfb"
    path.write_bytes(header(version=2))
    with pytest.raises(errors.IncompatibleError, match=r"m\.vmfb: module file version 2, this runtime reads version 1"):
        vm.load(path, device=None)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        vm.load(tmp_path / "nothing", device=None)
    with pytest.raises(errors.Error, match="not a file"):
        vm.load(tmp_path, device=None)
    (tmp_path / "empty").touch()
    with pytest.raises(errors.ModuleFormatError, match="empty: the file is empty"):
        vm.load(tmp_path / "empty", device=None)
    with pytest.raises(errors.ModuleFormatError):
        read_file(tmp_path / "empty")


def function(
    body: Assembler | bytes, signature: str = ":", values: tuple[str, ...] = ("i32", "i64"), refs: int = 2
) -> bytes:
    """A module of one function, with one of everything that instructions refer to."""
    builder = ModuleBuilder()
    builder.add_global("i32", name="fixed")
    builder.add_global("f32", mutable=True, name="changing")
    builder.add_import("hal.fence.join", "[r]:r")
    builder.add_function("helper", "ir:I", _returns(1), values=("i32", "i64"), refs=1)
    builder.add_function("f", ":", body, values=("i32", "i64"), refs=2)
    return builder.tobytes()


def _returns(*registers: int) -> Assembler:
    asm = Assembler()
    asm.emit("return", list(registers))
    return asm


def _then_return(name: str, *operands: object) -> Assembler:
    asm = Assembler()
    asm.emit(name, *operands)  # type: ignore[arg-type]
    asm.emit("return", [])
    return asm


def _branch_to(offset: int, **moves: list[tuple[int, int]]) -> Assembler:
    asm = Assembler()
    label = asm.label()
    label.offset = offset
    asm.emit("br", Branch(label, **moves))
    asm.emit("return", [])
    return asm


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (struct.pack("<H", 60000), "unknown instruction 60000"),
        (b"", "is empty"),
        (_then_return("mov.i32", 0, 1), r"function 1 \(@f\), word 0 \(mov.i32\): 1 is no register of the type"),
        (_then_return("mov.i32", 9, 0), "9 is no register"),
        (_then_return("ref.null", 2), "there is no reference register 2"),
        (_then_return("mov.i32", 0, 0).finish()[:-2], "reached without a return"),
        (_then_return("mov.i32", 0, 0).finish()[:4], "ends inside of an instruction"),
        (_then_return("const.i64", 1, 1).finish()[:8], "ends inside of an instruction"),
        (_branch_to(1), "branch to 1, which is no start of a block"),
        (_branch_to(1 << 31), "no start of a block"),
        (_branch_to(0, values=[(0, 1)]), "1 is no register of the type"),
        (_branch_to(0, values=[(2, 0)]), "there is no value register 2"),
        (_branch_to(0, refs=[(0, 2)]), "there is no reference register 2"),
        (_then_return("global.load.i32", 0, 1), "global 1 is of another type"),
        (_then_return("global.load.i32", 0, 2), "there is no global 2"),
        (_then_return("global.store.i32", 0, 0), "global 0 is immutable"),
        (_then_return("call", 5, Operands()), "there is no function 5"),
        (_then_return("call", 0, Operands([1, 0], [1])), "1 is no register"),
        (_then_return("call", 0, Operands([0, 0], [0])), "0 is no register"),
        (_then_return("call.import", 1, Operands()), "there is no import 1"),
        (_then_return("call.import", 0, Operands([0, 1], [0], [60000])), "no reference register|ends inside"),
        (_then_return("rodata", 0, 0), "there is no read-only segment 0"),
        (_then_return("assert", 0, 99), "there is no string 99"),
    ],
)  # fmt: skip
def test_code_that_is_refused(body: Assembler | bytes, message: str) -> None:
    with pytest.raises(errors.ModuleFormatError, match=message):
        vm.load(function(body), device=None)


def test_what_the_writer_refuses() -> None:
    builder = add_one()
    asm = Assembler()
    cases = [
        lambda: builder.add_export("f", 0),
        lambda: builder.add_export("g", 0, convention="odd"),
        lambda: builder.add_global("i16"),
        lambda: builder.add_global("i32", ref_type="hal.buffer"),
        lambda: builder.add_global("ref", ref_type="hal.thing"),
        lambda: builder.add_function("g", "[r]:r", b""),
        lambda: builder.add_function("g", "i:i", b"", values=("f32",)),
        lambda: builder.add_rodata_pieces(3, [(0, b"ab"), (1, b"c")]),
        lambda: asm.emit("mov.i32", 0, 70000),
        lambda: asm.emit("const.i32", 0, 1 << 32),
    ]
    for case in cases:
        with pytest.raises(ValueError):
            case()
    with pytest.raises(TypeError, match="takes 3 operands"):
        asm.emit("add.i32", 0, 0)


def test_imports_match_native_code() -> None:
    assert dict(_native.natives()) == {name: signature for name, (signature, _) in imports.IMPORTS.items()}


@pytest.mark.parametrize(
    ("name", "signature", "message"),
    [("hal.teleport", "r:r", "hal.teleport, which this runtime does not have"), ("hal.device", "I:r", "as I:r")],
)
def test_imports_that_do_not_fit(name: str, signature: str, message: str) -> None:
    builder = ModuleBuilder()
    builder.add_import(name, signature)
    with pytest.raises(errors.IncompatibleError, match=message):
        vm.load(builder.tobytes(), device=None)


def test_manifests_that_are_malformed() -> None:
    variable = {"name": "x", "getter": "f", "dtype": "f32", "shape": []}
    wrong = [{k: v for k, v in variable.items() if k != missing} for missing in variable] + [{**variable, "shape": 3}]
    for manifest in ({"functions": 3}, {"functions": [{}]}, *({"variables": [v]} for v in wrong)):
        builder = add_one()
        builder.set_manifest(manifest)
        with pytest.raises(errors.ModuleFormatError, match="manifest"):
            vm.load(builder.tobytes(), device=None)


def test_mutated_modules_are_refused_or_run() -> None:
    """A short run; native/fuzz.cc does the same for long, under sanitizers."""
    rng = random.Random(0)
    accepted = 0
    for seed in range(60):
        maker = ModuleMaker(seed)
        original = maker.builder.tobytes()
        for _ in range(30):
            data = bytearray(original)
            for _ in range(rng.randint(1, 3)):
                data[rng.randrange(len(data))] = rng.choice((0, 1, 2, 255, rng.randrange(256)))
            try:
                module = vm.load(bytes(data), device=None, depth=50, memory=1 << 20, timeout=0.1)
                for f in module.functions.values():
                    if "r" not in f.arguments:
                        f(*[1] * len(f.arguments), timeout=0.1)
                accepted += 1
            except errors.Error:
                continue
    assert accepted > 50
