"""Looking for adapters where there is none writes warnings to the standard error output; no callback gets them."""

import os
import subprocess
import sys

from dawn import report

code = "import dawn\ntry:\n    dawn.Dawn()\nexcept RuntimeError as error:\n    print(error)\n"
environment = {**os.environ, "VK_ICD_FILENAMES": "/nowhere.json", "VK_DRIVER_FILES": "/nowhere.json"}
done = subprocess.run(
    [sys.executable, "-c", code],
    cwd=os.path.dirname(os.path.abspath(__file__)), env=environment, capture_output=True, text=True, check=False,
)  # fmt: skip
report(
    "vkCreateInstance" in done.stderr, f"error: {done.stdout.strip()}", f"standard error output: {done.stderr.strip()}"
)
