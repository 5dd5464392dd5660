"""The CPU driver. Installing it is all it takes: ``iree.hal.device("cpu")`` finds it by its entry point.

URIs: ``cpu`` uses all cores that the process may use; ``cpu?threads=4`` four threads; ``cpu?threads=1`` none of its
own, so that work runs on the thread that submits it. Devices of the same number of threads share them.
"""

import os.path

from iree.hal_cpu._native import driver
from iree.hal_cpu._version import __version__

__all__ = ["__version__", "driver", "get_include"]


def get_include() -> str:
    """The directory of ``iree/cpu_executable.h``, for those who make code for this driver."""
    here = os.path.dirname(os.path.realpath(__file__))
    installed = os.path.join(here, "include")
    return installed if os.path.isdir(installed) else os.path.normpath(os.path.join(here, "../../../include"))
