"""Bindings that are only read and those that are written, in SPIR-V."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest
from iree.codegen.spirv.read_only import separate
from iree.codegen.spirv.words import instructions

pytestmark = pytest.mark.skipif(not shutil.which("spirv-as"), reason="no spirv-as (Debian: spirv-tools)")
MODULE = """
OpCapability Shader
OpMemoryModel Logical GLSL450
OpEntryPoint GLCompute %d0 "d0"
OpExecutionMode %d0 LocalSize 1 1 1
{decorations}
OpDecorate %array ArrayStride 4
OpDecorate %block Block
OpMemberDecorate %block 0 Offset 0
OpDecorate %halves ArrayStride 8
OpDecorate %pairs Block
OpMemberDecorate %pairs 0 Offset 0
%void = OpTypeVoid
%fn = OpTypeFunction %void
%u32 = OpTypeInt 32 0
%v2 = OpTypeVector %u32 2
%array = OpTypeRuntimeArray %u32
%halves = OpTypeRuntimeArray %v2
%block = OpTypeStruct %array
%pairs = OpTypeStruct %halves
%buffer = OpTypePointer StorageBuffer %block
%other = OpTypePointer StorageBuffer %pairs
{variables}
%d0 = OpFunction %void None %fn
%in = OpLabel
OpReturn
OpFunctionEnd
"""


def module(types: str, read_only: str) -> bytes:
    """A module with bindings of these types (b for words, p for pairs), which are only read where there is an r."""
    names = {"b": "%buffer", "p": "%other"}
    decorations = [f"OpDecorate %b{i} DescriptorSet 0\nOpDecorate %b{i} Binding {i}" for i in range(len(types))]
    decorations += [f"OpDecorate %b{i} NonWritable" for i, mark in enumerate(read_only) if mark == "r"]
    variables = [f"%b{i} = OpVariable {names[kind]} StorageBuffer" for i, kind in enumerate(types)]
    text = MODULE.format(decorations="\n".join(decorations), variables="\n".join(variables))
    return subprocess.run(
        ["spirv-as", "--target-env", "spv1.3", "-", "-o", "-"], input=text.encode(), check=True, capture_output=True
    ).stdout


def separated(code: bytes) -> bytes:
    """The module with `separate` done; it is valid."""
    words = np.frombuffer(code, np.uint32)
    header = words[:5].copy()
    made, header[3] = separate([instruction for _, instruction in instructions(words)], int(header[3]))
    result = np.concatenate([header, *made]).tobytes()
    subprocess.run(["spirv-val", "--target-env", "vulkan1.1", "-"], input=result, check=True, capture_output=True)
    return result


def structs(code: bytes, count: int) -> Iterator[str]:
    """The struct type of each binding."""
    text = subprocess.run(["spirv-dis", "--raw-id", "-"], input=code, check=True, capture_output=True).stdout.decode()
    for binding in range(count):
        variable = re.search(rf"OpDecorate (%\d+) Binding {binding}\n", text)
        assert variable is not None
        pointer = re.search(rf"{variable[1]} = OpVariable (%\d+)", text)
        assert pointer is not None
        struct = re.search(rf"{pointer[1]} = OpTypePointer StorageBuffer (%\d+)", text)
        assert struct is not None
        assert f"OpDecorate {struct[1]} Block\n" in text
        yield struct[1]


@pytest.mark.parametrize(
    ("types", "read_only", "kinds"),
    [
        ("bb", "r-", 2),
        ("bbb", "rr-", 2),
        ("bbbb", "r-r-", 2),
        ("bbpp", "r-r-", 4),
        ("bbp", "r-r", 3),
        ("pbbb", "--r-", 3),
    ],
)
def test_no_type_is_shared(types: str, read_only: str, kinds: int) -> None:
    found = list(structs(separated(module(types, read_only)), len(types)))
    assert len(set(found)) == kinds
    reads = {struct for struct, mark in zip(found, read_only, strict=True) if mark == "r"}
    writes = {struct for struct, mark in zip(found, read_only, strict=True) if mark != "r"}
    assert not reads & writes


@pytest.mark.parametrize(("types", "read_only"), [("bb", "--"), ("bb", "rr"), ("bp", "r-")])
def test_nothing_to_separate(types: str, read_only: str) -> None:
    code = module(types, read_only)
    assert separated(code) == code
