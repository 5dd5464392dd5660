"""From an empty process to the first answer of this project, with buffers of the standard library in and out.

Usage: ``python first.py MODULE``. The peers import NumPy by themselves; this runtime does so only for what needs it.
"""

import sys
from array import array

from iree import vm

ones = memoryview(array("f", [1.0]) * 784).cast("B").cast("f", (1, 784))
answer = memoryview(vm.load(sys.argv[1], device="cpu?threads=1").main(ones)).tolist()
assert len(answer[0]) == 10 and "numpy" not in sys.modules
