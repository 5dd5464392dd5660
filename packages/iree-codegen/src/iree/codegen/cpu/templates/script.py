"""Transform-dialect scripts as text: the statements that templates are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_ANY = "!transform.any_op"


Step = str | Callable[[Any], None]
"""A transform script's text, or a function that changes the kernel's `func.func`."""


class Script:
    """A sequence of transforms over one function, `%fn`.

    Handles are names without their percent sign; methods that make one return it. They hold until the next `then`.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0
        self._steps: list[Step] = []

    @property
    def steps(self) -> list[Step]:
        """What to run, in order."""
        return [*self._steps, self._text()] if self._lines else list(self._steps)

    @property
    def text(self) -> str:
        """All steps, for reading."""
        return "\n".join(step if isinstance(step, str) else f"// {step}\n" for step in self.steps)

    def then(self, function: Callable[[Any], None]) -> None:
        """Runs a function on the kernel's `func.func` after what came before."""
        self._steps += [self._text(), function]
        self._lines = []

    def _text(self) -> str:
        body = "\n    ".join(self._lines)
        return (
            "module attributes {transform.with_named_sequence} {\n"
            f"  transform.named_sequence @__transform_main(%root: {_ANY} {{transform.readonly}}) {{\n"
            f'    %fn = transform.structured.match ops{{["func.func"]}} in %root : ({_ANY}) -> {_ANY}\n'
            f"    {body}\n    transform.yield\n  }}\n}}\n"
        )

    def add(self, line: str) -> None:
        """Appends a statement."""
        self._lines.append(line)

    def fresh(self) -> str:
        """A new name for a handle."""
        self._count += 1
        return f"h{self._count}"

    def match(self, attribute: str, within: str = "fn") -> str:
        """Operations with an attribute."""
        name = self.fresh()
        self.add(f"%{name} = transform.structured.match attributes {{{attribute}}} in %{within} : ({_ANY}) -> {_ANY}")
        return name

    def match_ops(self, *ops: str, within: str = "fn") -> str:
        """Operations by name."""
        name = self.fresh()
        names = ", ".join(f'"{op}"' for op in ops)
        self.add(f"%{name} = transform.structured.match ops{{[{names}]}} in %{within} : ({_ANY}) -> {_ANY}")
        return name

    def fuse(self, root: str, sizes: Sequence[int], *, order: Sequence[int] = (), forall: bool = False) -> str:
        """Tiles an operation and fuses its producers into the loops. Returns the tiled operation."""
        name = self.fresh()
        loops = 1 if forall else sum(1 for size in sizes if size)
        outs = "".join(f", %{name}_{i}" for i in range(loops))
        interchange = f" interchange {_list(order)}" if order else ""
        flag = " {use_forall}" if forall else ""
        types = ", ".join([_ANY] * (loops + 1))
        self.add(
            f"%{name}{outs} = transform.structured.fuse %{root} tile_sizes {_list(sizes)}{interchange}{flag} "
            f": ({_ANY}) -> ({types})"
        )
        return name

    def tile(self, root: str, sizes: Sequence[int], *, order: Sequence[int] = ()) -> str:
        """Tiles an operation with `scf.for`. Returns the tiled operation."""
        name = self.fresh()
        loops = sum(1 for size in sizes if size)
        outs = f", %{name}_l:{loops}" if loops else ""
        interchange = f" interchange = {_list(order)}" if order else ""
        types = ", ".join([_ANY] * (loops + 1))
        self.add(
            f"%{name}{outs} = transform.structured.tile_using_for %{root} tile_sizes {_list(sizes)}{interchange} "
            f": ({_ANY}) -> ({types})"
        )
        return name

    def tile_and_fuse(self, root: str, sizes: Sequence[int], order: Sequence[int], producers: Sequence[str]) -> None:
        """Tiles an operation with `scf.for` and fuses just these producers, given by attribute, consumers first."""
        loop = f"{self.tile(root, sizes, order=order)}_l#{sum(1 for size in sizes if size) - 1}"
        for attribute in producers:
            producer, name = self.match(attribute), self.fresh()
            self.add(
                f"%{name}, %{name}_l = transform.structured.fuse_into_containing_op %{producer} into %{loop} "
                f": ({_ANY}, {_ANY}) -> ({_ANY}, {_ANY})"
            )
            loop = f"{name}_l"

    def tile_forall(self, root: str, sizes: Sequence[int]) -> str:
        """Tiles an operation with `scf.forall`, fusing nothing. Returns the tiled operation."""
        name = self.fresh()
        self.add(
            f"%{name}, %{name}_l = transform.structured.tile_using_forall %{root} tile_sizes {_list(sizes)} "
            f": ({_ANY}) -> ({_ANY}, {_ANY})"
        )
        return name

    def patterns(self, *names: str) -> None:
        """Applies patterns greedily over the function."""
        body = "\n      ".join(f"transform.apply_patterns.{name}" for name in names)
        self.add(f"transform.apply_patterns to %fn {{\n      {body}\n    }} : {_ANY}")

    def cse(self) -> None:
        """Common subexpression elimination."""
        self.add(f"transform.apply_cse to %fn : {_ANY}")

    def clean(self) -> None:
        """Canonicalizes after tiling."""
        self.patterns(
            "linalg.tiling_canonicalization",
            "scf.for_loop_canonicalization",
            "tensor.fold_tensor_empty",
            "canonicalization",
        )
        self.cse()

    def vectorize(self, handle: str) -> None:
        """Vectorizes operations of static shape."""
        self.add(f"transform.structured.vectorize %{handle} : {_ANY}")

    def pack_columns(self, root: str, sizes: Sequence[int], outer: Sequence[int]) -> None:
        """Copies the second input of a contraction into panels of columns; `outer` permutes the panels' outer
        dimensions.
        """
        name = self.fresh()
        generic, pack = '!transform.op<"linalg.generic">', '!transform.op<"linalg.pack">'
        self.add(f"%{name} = transform.structured.pack %{root} packed_sizes = {_list(sizes)} : ({_ANY}) -> {generic}")
        if list(outer) != sorted(outer):
            self.add(f"%{name}_b = transform.get_producer_of_operand %{name}[1] : ({generic}) -> {pack}")
            self.add(
                f"%{name}_p:3 = transform.structured.pack_transpose %{name}_b with_compute_op(%{name}) "
                f"outer_perm = {_list(outer)} : ({pack}, {generic}) -> ({generic}, {pack}, {_ANY})"
            )
        self.patterns("canonicalization", "linalg.fold_pack_unpack_into_empty")
        self.cse()

    def vectorize_as(self, handle: str, sizes: Sequence[int]) -> None:
        """Vectorizes an operation of which these are the extents."""
        self.add(f"transform.structured.vectorize %{handle} vector_sizes {_list(sizes)} : {_ANY}")

    def materialize_pads(self) -> None:
        """Tiled pads become a fill and an insertion, so that what is tiled next does not pad again."""
        branches = self.match_ops("scf.if")
        self.add(f"transform.foreach %{branches} : {_ANY} {{")
        self.add(f"^bb0(%branch: {_ANY}):")
        self.add(f"transform.scf.take_assumed_branch %branch take_else_branch : ({_ANY}) -> ()")
        self.add("transform.yield }")
        self.patterns("linalg.decompose_pad")
        self.clean()

    def hoist(self) -> None:
        """Keeps accumulators in registers: moves reads and writes of loop-invariant tensors out of loops."""
        loops = self.match_ops("scf.for")
        self.add(f"transform.apply_licm to %{loops} : {_ANY}")
        self.add(f"transform.loop.hoist_loop_invariant_subsets %{loops} : {_ANY}")

    def finish_vectors(self) -> None:
        """After vectorizing: contractions, transfers without slices, accumulators in registers."""
        self.patterns("vector.reduction_to_contract", "vector.transfer_permutation_patterns")
        self.patterns(
            "vector.cast_away_vector_leading_one_dim",
            "tensor.fold_tensor_subset_ops_into_vector_transfers",
            "canonicalization",
        )
        self.cse()
        self.hoist()
        self.patterns("tensor.fold_tensor_subset_ops_into_vector_transfers", "canonicalization")


def _list(values: Sequence[int]) -> str:
    return "[" + ", ".join(map(str, values)) + "]"
