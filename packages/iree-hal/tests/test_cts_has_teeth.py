"""Cases of the suite that need work to be done fail where none is done: on the null driver, if they are not skipped."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

# Cases that ask for no work, and are right not to find any.
NOTHING_TO_DO = re.compile(r"test_fill\[5-0-|test_copy\[10-10-0-|test_dispatch_of_no_workgroups")


def outcomes(file: Path) -> dict[str, str]:
    result = subprocess.run(
        # Plain assertions: explaining hundreds of wrong buffers takes minutes, the more where CI is set.
        [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "--assert=plain", file],
        capture_output=True,
        text=True,
        check=False,
    )
    # Skips are reported by line, not by name.
    return {name: outcome for outcome, name in re.findall(r"^(PASSED|FAILED) \S*?::(\S+)", result.stdout, re.M)}


@pytest.mark.slow
def test_suite_notices_that_no_work_is_done(tmp_path: Path) -> None:
    suite = (Path(__file__).parent / "test_null_cts.py").read_text()
    skip = ', {"data": "the null driver does no work"}'
    assert skip in suite
    for name, text in (("with", suite), ("without", suite.replace(skip, ""))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_suite.py").write_text(text)
    skipping, trying = (outcomes(tmp_path / name / "test_suite.py") for name in ("with", "without"))
    assert set(skipping.values()) == {"PASSED"}
    need_work = {name: outcome for name, outcome in trying.items() if name not in skipping}
    assert len(need_work) > 200
    missed = [name for name, outcome in need_work.items() if outcome == "PASSED" and not NOTHING_TO_DO.match(name)]
    assert missed == []
