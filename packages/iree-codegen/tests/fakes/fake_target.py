"""A target whose kernels say what the worker is to do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iree.codegen.targets import CompiledKernel, Dump
from iree.dialects.mlir import CompileError, make_context, parse_module


@dataclass(frozen=True)
class FakeTarget:
    """The first word of a kernel is an order: compile, fail, crash, hang, hog or raise."""

    options: Mapping[str, str] = field(default_factory=dict)
    name: str = "fake"
    format: str = "fake-binary"
    key: str = "fake"
    plain: FakeTarget | None = None

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        order, _, rest = kernel.decode(errors="replace").partition(" ")
        if order == "fail":
            raise CompileError("cannot do this", "model.mlir:3:4")
        if order == "crash":
            os.abort()
        if order == "hang":
            time.sleep(600)
        if order == "hog":
            hog = bytearray(1 << 34)
            time.sleep(len(hog))
        if order == "raise":
            raise ZeroDivisionError("a bug")
        if dump:
            dump("1-stage.txt", rest)
        return CompiledKernel(rest, kernel, "affine_map<() -> (1, 1, 1)>", 0, (1, 2), 0)

    def link(self, kernels: Sequence[CompiledKernel]) -> bytes:
        return b"".join(k.object for k in kernels)


@dataclass(frozen=True)
class OperationTarget(FakeTarget):
    """Compiles real kernels to the name of the operation in them; cannot subtract, and crashes on divisions."""

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        module = parse_module(kernel, make_context(ours=False))
        name = str(module).partition("arith.")[2].partition(" ")[0]
        if name == "subf":
            raise CompileError("no subtraction")
        if name == "divf":
            print("last words", file=sys.stderr, flush=True)
            os.abort()
        if dump:
            dump("1-name.txt", name)
        return CompiledKernel(name, f"{name};".encode(), "affine_map<() -> (1, 1, 1)>", 0, (1, 2), 0)


class PlainTarget(FakeTarget):
    """Compiles everything to one word."""

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        return CompiledKernel("plain", b"plain;", "affine_map<() -> (1, 1, 1)>", 0, (1, 2), 0)
