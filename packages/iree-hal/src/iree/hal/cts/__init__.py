"""The conformance suite: what hal.h promises, as pytest cases that every driver runs.

A driver joins with one test file:

    from iree.hal.cts import *  # noqa: F403

    @pytest.fixture(params=["cpu?threads=0", "cpu?threads=2"])
    def cts(request):
        return Config(request.param, executable=my_test_executable, skips={"test_name or need": "reason"})

Cases ask for the fixtures `device` (opened from `Config.uri`) and `cts`. A case that needs something which a
driver may lack says so with `@needs("...")`: `data` (work is really done), `import` (host memory without a copy),
`dispatch` (an executable; see `kernels.c` for the entries it has). Skips are by name of a case or of a need, and carry their reason.
"""

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
pytest.register_assert_rewrite(*(f"iree.hal.cts.{name}" for name in _MODULES))

from .allocation import *  # noqa: E402
from .arrays import *  # noqa: E402
from .commands import *  # noqa: E402
from .config import Config as Config  # noqa: E402
from .config import TestExecutable as TestExecutable  # noqa: E402
from .config import device as device  # noqa: E402
from .config import skip_what_is_lacking as skip_what_is_lacking  # noqa: E402
from .copy import *  # noqa: E402
from .executables import *  # noqa: E402
from .fences import *  # noqa: E402
from .fill import *  # noqa: E402
from .host_memory import *  # noqa: E402
from .lifetimes import *  # noqa: E402
from .mapping import *  # noqa: E402
from .queue import *  # noqa: E402
from .semaphores import *  # noqa: E402
from .threads import *  # noqa: E402

__all__ = [
    "Config",
    "TestExecutable",
    "device",
    "kernels",
    "listener",
    "pytest",
    "skip_what_is_lacking",
    *(name for name in dir() if name.startswith("test_")),
]
