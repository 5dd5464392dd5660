"""Targets: what turns kernels into machine code. Plug-ins of the entry-point group ``iree.targets``.

An entry point ``NAME = "package.module:factory"`` names a callable that takes the target's options as keyword
arguments, all strings (``--target-cpu=host`` gives ``cpu="host"``), and returns a `Target`. It raises `ValueError` for
a value it does not know, naming the ones it does.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast, runtime_checkable

from iree.codegen import plugins
from iree.dialects.errors import CompileError

GROUP = "iree.targets"

Dump = Callable[[str, str | bytes], None]
"""Takes a file name such as ``3-vectorized.mlir`` or ``9-code.s`` and its content."""


@dataclass(frozen=True)
class CompiledKernel:
    """One kernel as relocatable machine code.

    Attributes:
        name: Symbol of the entry point in `object`; kernels of one program have the same.
        object: The target's object file.
        workgroup_count: Text of an affine map over the kernel's index arguments with 3 results, the grid of workgroups.
        local_memory: Bytes of scratch memory one workgroup needs.
        access: Per binding 1 (read), 2 (write) or 3 (both).
        constant_words: 32-bit words of constants: scalars, then index arguments; 64-bit values take two.
        scratch: Text of an affine map over the index arguments as symbols: bytes per workgroup of the last binding,
            which is memory for the kernel's own use. Empty if there is none.
        label: What the program calls the kernel, given to it when it is linked; distinct. Empty for `name`.
    """

    name: str
    object: bytes
    workgroup_count: str
    local_memory: int
    access: tuple[int, ...]
    constant_words: int
    scratch: str = ""
    label: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or self.name


class Target(Protocol):
    """Compiles kernels for one machine and links them. Immutable and picklable: worker processes get a copy."""

    @property
    def name(self) -> str:
        """Name of the entry point."""

    @property
    def format(self) -> str:
        """Format of the linked binary, as drivers know it, e.g. ``cpu-elf-x86_64``."""

    @property
    def options(self) -> Mapping[str, str]:
        """What the factory must be given to make this target on another machine too: ``host`` resolved."""

    @property
    def key(self) -> str:
        """Everything beside the kernel that the machine code depends on: resolved CPU, features, options, tool
        versions.
        """

    @property
    def plain(self) -> Target | None:
        """A target for the same machine with a simpler, slower way to compile, or None if there is none.

        It is tried for a kernel that takes down the compiler or runs into a limit.
        """

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        """Compiles one kernel; runs in a worker process.

        Args:
            kernel: Bytecode of a `builtin.module` with one public `func.func` on tensors (docs/architecture.md, flow).
            dump: Where to write intermediate stages; None for nowhere.

        Raises:
            CompileError: The kernel holds something that the target cannot do.
        """

    def link(self, kernels: Sequence[CompiledKernel]) -> bytes:
        """Links kernels into one binary; entry points are numbered in the order given and named by `title`."""


@runtime_checkable
class PacksConstants(Protocol):
    """What a target has beside `Target` if its kernels read constant operands of contractions in panels."""

    @property
    def panel_bytes(self) -> int:
        """Width of a panel, by elements of the result: the pass `pack-constants` has it as an option."""


@runtime_checkable
class ManyThreads(Protocol):
    """What a target has beside `Target` if its devices prefer work for many threads (`iree.dialects.input.loops`)."""

    @property
    def many_threads(self) -> bool:
        """Whether they do."""


@runtime_checkable
class FusesAttention(Protocol):
    """What a target has beside `Target` if it may have kernels with attention as a whole."""

    @property
    def fuses_attention(self) -> bool:
        """Whether those are the faster ones."""


@runtime_checkable
class FusesPads(Protocol):
    """What a target has beside `Target` if its depthwise convolutions can read images without a border."""

    @property
    def fuses_pads(self) -> bool:
        """Whether that is faster than a copy with a border."""


@runtime_checkable
class BoundsBindings(Protocol):
    """What a target has beside `Target` if its kernels may have few buffers."""

    @property
    def max_bindings(self) -> int:
        """Tensors that a dispatch may read and give."""


@runtime_checkable
class LacksDoubles(Protocol):
    """What a target has beside `Target` if there may be no f64."""

    @property
    def lacks_doubles(self) -> bool:
        """Whether there is none: programs that have none then get none from the compiler."""


@runtime_checkable
class Ranked(Protocol):
    """What a target has beside `Target` if its variants can be ordered by what they need of a device."""

    @property
    def rank(self) -> int:
        """Of two variants of a target, the runtime tries the one of higher rank first."""


@runtime_checkable
class Specialized(Protocol):
    """What a target has beside `Target` if it is for devices that can do more than others of the same kind."""

    @property
    def ordinary(self) -> Target | None:
        """The target for the others, whose variant a module carries beside that of this one; None if this is it."""

    def gains(self, kernel: Any) -> bool:
        """Whether a kernel (a `builtin.module`) may become other code than `ordinary` makes of it."""


def load_all(names: str | Sequence[str], options: Mapping[str, str]) -> list[Target]:
    """Targets for the variants of a module, in the order in which the runtime tries them.

    Args:
        names: Names of targets; each may be several, with commas between.
        options: Each goes to the targets that have it. A value that is several, with commas between, makes a variant
            of each; those that need more of a device come first.

    Raises:
        CompileError: As `load`, an option that none of the targets has, or a variant that is there twice.
    """
    wanted = [part.strip() for name in ([names] if isinstance(names, str) else names) for part in name.split(",")]
    known = {name: _options(name) for name in wanted}
    for option in options:
        if all(taken is not None and option not in taken for taken in known.values()):
            raise CompileError(_no_such_option(wanted, option, known))
    found: list[Target] = []
    for name, taken in known.items():
        mine = {k: v.split(",") for k, v in options.items() if taken is None or k in taken}
        combinations = [dict(zip(mine, values, strict=True)) for values in itertools.product(*mine.values())]
        variants = [load(name, chosen) for chosen in combinations]
        for target in sorted(variants, key=lambda target: -target.rank if isinstance(target, Ranked) else 0):
            ordinary = target.ordinary if isinstance(target, Specialized) else None
            found += [target] if ordinary is None else [target, ordinary]
    keys = [f"{target.name} {target.key}" for target in found]
    if len(wanted) != len(known) or len(set(keys)) != len(keys):
        raise CompileError(f"the targets {', '.join(wanted)} make the same variant twice")
    return found


def _no_such_option(names: Sequence[str], option: str, known: Mapping[str, Sequence[str] | None]) -> str:
    lists = {name: ", ".join(taken or ()) or "none" for name, taken in known.items()}
    if len(lists) == 1:
        return f"target '{names[0]}' has no option '{option}'; it has: {lists[names[0]]}"
    has = "; ".join(f"{name} has: {options}" for name, options in lists.items())
    return f"target '{', '.join(names)}' has no option '{option}'; {has}"


def top_level_package(name: str) -> str | None:
    """The top-level package of a target's code, which is not loaded; None if there is no such target."""
    point = plugins.discover(GROUP).get(name)
    return None if point is None else point.module.partition(".")[0]


def _factory(name: str) -> Callable[..., Target]:
    points = plugins.discover(GROUP)
    if name not in points:
        raise CompileError(f"no target '{name}' is installed; installed are: {', '.join(sorted(points)) or 'none'}")
    return cast("Callable[..., Target]", plugins.load(points[name]))


def _options(name: str) -> list[str] | None:
    """The options of a target; None if it takes any."""
    known = inspect.signature(_factory(name)).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in known.values()):
        return None
    return list(known)


def load(name: str, options: Mapping[str, str]) -> Target:
    """The target of that name, made with these options.

    Raises:
        CompileError: There is no such target, it cannot be imported, or an option or its value is not known.
    """
    known = _options(name)
    for option in options:
        if known is not None and option not in known:
            raise CompileError(_no_such_option([name], option, {name: known}))
    try:
        return _factory(name)(**options)
    except ValueError as error:
        raise CompileError(f"target '{name}': {error}") from error
