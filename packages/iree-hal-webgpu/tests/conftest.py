"""Lets the tests import their helper modules, whatever pytest's import mode; keeps Mesa quiet."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
# Mesa's layer for choosing among GPUs complains on the standard error output of machines without a desktop.
os.environ.setdefault("NODEVICE_SELECT", "1")
