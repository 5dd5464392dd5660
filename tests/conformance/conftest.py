"""Lets the tests import their neighbours as the namespace package `conformance`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
