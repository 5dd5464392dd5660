"""The CPU driver. Installing it is all it takes: ``iree.hal.device("cpu")`` finds it by its entry point.

URIs: ``cpu`` uses all cores that the process may use; ``cpu?threads=4`` four threads; ``cpu?threads=1`` none of its
own, so that work runs on the thread that submits it. Devices of the same number of threads share them.
"""

from pathlib import Path

from iree.hal_cpu._native import driver
from iree.hal_cpu._version import __version__

__all__ = ["__version__", "driver", "get_include"]


def get_include() -> str:
    """The directory of ``iree/cpu_executable.h``, for those who make code for this driver."""
    here = Path(__file__).parent
    installed = here / "include"
    return str(installed if installed.is_dir() else here.parents[2] / "include")
