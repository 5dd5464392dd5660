"""The conformance suite: what hal.h promises, as pytest cases that every driver runs.

A driver joins with one test file:

    from iree.hal.cts import *  # noqa: F403

    @pytest.fixture(params=["cpu?threads=0", "cpu?threads=2"])
    def cts(request):
        return Config(request.param, executable=my_test_executable, skips={"test_name or need": "reason"})

Cases ask for the fixtures `device` (opened from `Config.uri`) and `cts`. A case that needs something which a
driver may lack says so with `@needs("...")`: `data` (work is really done), `import` (host memory without a copy),
`dispatch` (an executable that works; see `kernels.c` for its
entries). Skips are by name of a case or of a need, and carry their reason.
"""

from importlib import import_module

import pytest

_MODULES = (
    "allocation",
    "arrays",
    "commands",
    "copy",
    "executables",
    "fences",
    "fill",
    "host_memory",
    "lifetimes",
    "mapping",
    "queue",
    "semaphores",
    "threads",
)
# Before they are imported, or failures would not show the values.
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in _MODULES))

from .config import Config as Config  # noqa: E402
from .config import TestExecutable as TestExecutable  # noqa: E402
from .config import device as device  # noqa: E402
from .config import skip_what_is_lacking as skip_what_is_lacking  # noqa: E402
from .executables import kernels as kernels  # noqa: E402
from .semaphores import listener as listener  # noqa: E402

_CASES = {
    name: value
    for module in _MODULES
    for name, value in vars(import_module(f"{__name__}.{module}")).items()
    if name.startswith("test_")
}
globals().update(_CASES)

__all__ = [  # noqa: PLE0604
    "Config",
    "TestExecutable",
    "device",
    "kernels",
    "listener",
    "pytest",
    "skip_what_is_lacking",
    *_CASES,
]
