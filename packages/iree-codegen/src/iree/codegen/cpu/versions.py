"""More code for a kernel: for few rows, where their number is known only when the kernel runs.

A matrix product of one row or a few is another kernel than one of many: it waits for the second operand, so it should
read that in order, once. Where the number of rows is not known, such a version is compiled like a kernel of its own
and lies beside the one for any number; the entry point looks at the number and calls one of them. The host counts
workgroups for any number of rows; those that there are share those of the version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from iree.codegen.cpu import abi, passes
from iree.codegen.cpu.kernel import READ, WRITE, Binding, Kernel, dynamic_dims
from iree.codegen.cpu.structured import find
from iree.codegen.cpu.templates.chain import read_chain
from iree.codegen.cpu.templates.match import is_contraction, read_contraction
from iree.codegen.cpu.unpacked import columns_of
from iree.dialects.mlir import arith, bufferization, ir, tensor

_FEW = 7
"""Rows for which the columns of a second operand that lies transposed are not worth copying."""
_DYNAMIC = ir.ShapedType.get_dynamic_size()


@dataclass(frozen=True)
class Version:
    """What a version is for.

    Attributes:
        constant: The constant of the kernel, an index, that is the number of rows: its place among them.
        most: Rows.
        known: Whether it is for just that number, not for fewer as well.
        without: Templates that are not for it.
    """

    constant: int
    most: int
    known: bool
    without: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """Part of symbols."""
        return f"rows{self.most}"


def versions(kernel: Kernel, template: str) -> list[Version]:
    """The versions that a kernel should have beside that for any sizes.

    Args:
        kernel: Prepared.
        template: That it is compiled by.
    """
    chain = read_chain(kernel.function) if template == "contraction" else None
    if chain is None or any(binding.access == READ | WRITE for binding in kernel.bindings):
        return []
    generic = next(g for g in chain.generics if g.reductions and is_contraction(g))
    contraction, source = read_contraction(generic), generic.inputs[0]
    if not contraction.m or contraction.sizes[contraction.m[-1]] is not None or columns_of(generic):
        return []
    place = generic.dims(0).index(contraction.m[-1])
    owned = [b for b in kernel.bindings if source == kernel.argument(b.argument)]
    if not owned or place not in dynamic_dims(source.type):
        return []
    size = owned[0].sizes[dynamic_dims(source.type).index(place)]
    constant = kernel.constants.index(size)
    if generic.dims(1)[-1] == generic.dims(2)[-1]:
        return [Version(constant, 1, known=True)]
    return [Version(constant, _FEW, known=False, without=frozenset({template}))]


def specialize(kernel: Kernel, version: Version) -> None:
    """Makes the number of rows known to a kernel that `read_kernel` has just read, if the version knows it."""
    if not version.known:
        return
    number = kernel.constants[version.constant]
    with kernel.function.location, ir.InsertionPoint.at_block_begin(kernel.block):
        kernel.argument(number).replace_all_uses_with(arith.ConstantOp.create_index(version.most).result)
        for place, binding in enumerate(kernel.bindings):
            if number in binding.sizes:
                unknown = dynamic_dims(kernel.argument(binding.argument).type)
                dims = [d for d, size in zip(unknown, binding.sizes, strict=True) if size == number]
                old = kernel.argument(binding.argument).type
                _set_sizes(kernel, place, dict.fromkeys(dims, version.most))
                argument = kernel.argument(binding.argument)
                cast = tensor.CastOp(old, argument)
                argument.replace_all_uses_except(cast.result, [cast.operation])
    kernel.set_type()
    passes.run("clean", kernel.module)
    for store in find(kernel.function, "bufferization.materialize_in_destination"):
        _refine(kernel, store)
    kernel.set_type()


def _set_sizes(kernel: Kernel, place: int, sizes: dict[int, int]) -> None:
    """Gives dimensions of a binding sizes."""
    binding = kernel.bindings[place]
    argument = kernel.argument(binding.argument)
    shape = [
        sizes.get(d, _DYNAMIC if argument.type.is_dynamic_dim(d) else n) for d, n in enumerate(argument.type.shape)
    ]
    owned = tuple(s for d, s in zip(dynamic_dims(argument.type), binding.sizes, strict=True) if d not in sizes)
    argument.set_type(ir.RankedTensorType.get(shape, argument.type.element_type))
    kernel.bindings[place] = Binding(binding.argument, binding.access, owned)


def _refine(kernel: Kernel, store: Any) -> None:
    """Makes known of a destination what is known of the value that is stored in it."""
    value, destination = store.operands
    places = [n for n, b in enumerate(kernel.bindings) if destination == kernel.argument(b.argument)]
    known = {d: n for d, n in enumerate(value.type.shape) if n != _DYNAMIC and destination.type.is_dynamic_dim(d)}
    if not places or not known or len(list(destination.uses)) > 1:
        return
    old = store.results[0].type
    _set_sizes(kernel, places[0], known)
    with store.location, ir.InsertionPoint(store):
        stored = bufferization.MaterializeInDestinationOp(destination.type, value, destination).results[0]
        store.results[0].replace_all_uses_with(tensor.CastOp(old, stored).result)
    store.erase()


_ENTRY = """
define i32 @"{name}"(ptr noalias nonnull readonly %dispatch, ptr noalias nonnull readonly %workgroup) nounwind {{
  %constants = load ptr, ptr %dispatch, align 8
{tests}
  %other = tail call i32 @"{name}.any"(ptr %dispatch, ptr %workgroup)
  ret i32 %other
}}
"""
_TEST = """  %n{i}_at = getelementptr i32, ptr %constants, i64 {word}
  %n{i} = load i64, ptr %n{i}_at, align 4
  %is{i} = icmp {predicate} i64 %n{i}, {most}
  br i1 %is{i}, label %call{i}, label %next{i}
call{i}:
  %r{i} = tail call i32 @"{name}.{label}"(ptr %dispatch, ptr %workgroup)
  ret i32 %r{i}
next{i}:"""


def symbols(signature: abi.Signature, made: Sequence[Version]) -> list[str]:
    """What the entry point calls, which is nothing to others."""
    return [f"{signature.name}.{label}" for label in ("any", *(v.label for v in made))] if made else []


def entry(signature: abi.Signature, made: Sequence[Version]) -> str:
    """LLVM IR of a kernel's entry point, and of what it calls for any sizes."""
    tests = [
        _TEST.format(
            i=i,
            word=signature.word(version.constant),
            predicate="eq" if version.known else "ule",
            most=version.most,
            name=signature.name,
            label=version.label,
        )
        for i, version in enumerate(made)
    ]
    declared = [f'declare i32 @"{signature.name}.{version.label}"(ptr, ptr)\n' for version in made]
    other = abi.wrapper(replace(signature, name=f"{signature.name}.any"))
    return other + "".join(declared) + _ENTRY.format(name=signature.name, tests="\n".join(tests))


_SHARE = """
define i32 @"{name}"(ptr noalias nonnull readonly %dispatch, ptr noalias nonnull readonly %workgroup) nounwind {{
entry:
{loads}
  %all0 = mul i64 %count0, %count1
  %count2_at = getelementptr i8, ptr %dispatch, i64 24
  %count2_32 = load i32, ptr %count2_at, align 4
  %count2 = zext i32 %count2_32 to i64
  %all = mul i64 %all0, %count2
  %mine0 = mul i64 {x}, {y}
  %mine = mul i64 %mine0, {z}
  br label %test
test:
  %at = phi i64 [ %group, %entry ], [ %then, %share ]
  %more = icmp ult i64 %at, %mine
  br i1 %more, label %share, label %done
share:
  %x = urem i64 %at, {x}
  %rest = udiv i64 %at, {x}
  %y = urem i64 %rest, {y}
  %z = udiv i64 %rest, {y}
  call void @"{body}"({arguments})
  %then = add i64 %at, %all
  br label %test
done:
  ret i32 0
}}
"""


def wrapper(signature: abi.Signature, count: str, version: Version) -> str:
    """LLVM IR of a version: the workgroups of the dispatch, however many, compute its workgroups in turn.

    Args:
        signature: Of the version.
        count: Its workgroups: an affine map over the kernel's index arguments.
        version: What it is for.
    """
    loads, arguments = abi.load_arguments(signature)
    loads.append(abi.GROUP)
    counts = ir.AffineMapAttr(ir.Attribute.parse(f"affine_map<{count.removeprefix('affine_map<').removesuffix('>')}>"))
    x, y, z = (abi.arithmetic(e, signature, loads) for e in counts.value.results)
    taken = [*arguments[:-3], "i64 %x", "i64 %y", "i64 %z"]
    return _SHARE.format(
        name=f"{signature.name}.{version.label}",
        body=signature.body,
        loads="\n".join(loads),
        arguments=", ".join(taken),
        x=x,
        y=y,
        z=z,
    )
