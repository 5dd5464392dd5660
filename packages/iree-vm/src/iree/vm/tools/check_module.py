"""iree-check-module: runs a module's checks as tests.

A check is an export without inputs, or one whose name starts with ``check``. It passes if it does not trap and each
boolean among its results is true.
"""

from __future__ import annotations

import argparse
import fnmatch
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from iree.vm.tools.common import ToolError, add_module_flags, make_parser, run_tool


def find_checks(module: Any, pattern: str) -> list[str]:
    """The names of the module's checks that match."""
    checks = []
    for name, function in module.functions.items():
        count = getattr(function, "input_count", None)
        if count is None:
            count = len(function.arguments)
        if (count == 0 or name.startswith("check")) and fnmatch.fnmatchcase(name, pattern):
            checks.append(name)
    return checks


def run_check(function: Any, timeout: float | None) -> str | None:
    """Run one check; say why it failed, or return None."""
    import numpy as np  # noqa: PLC0415
    from iree.vm.errors import Error  # noqa: PLC0415
    from iree.vm.function import PlainFunction  # noqa: PLC0415
    from iree.vm.tools.signature import arrays_of, outputs_of  # noqa: PLC0415

    try:
        value = function(timeout=timeout) if isinstance(function, PlainFunction) else function.call(timeout=timeout)
        for slot, result in zip(outputs_of(function), arrays_of(value), strict=True):
            array = np.asarray(result)
            if array.dtype == np.bool_ and not array.all():
                return f"{slot.name} is false in {int((~array).sum())} of {array.size} places"
    except Error as error:
        return str(error)
    return None


def write_junit(path: Path, suite: str, outcomes: Sequence[tuple[str, float, str | None]]) -> None:
    """Write the report that CI systems read."""
    failures = sum(problem is not None for _, _, problem in outcomes)
    root = ElementTree.Element("testsuite", name=suite, tests=str(len(outcomes)), failures=str(failures))
    for name, seconds, problem in outcomes:
        case = ElementTree.SubElement(root, "testcase", name=name, classname=suite, time=f"{seconds:.6f}")
        if problem is not None:
            ElementTree.SubElement(case, "failure", message=problem.splitlines()[0]).text = problem
    ElementTree.ElementTree(root).write(path, encoding="unicode", xml_declaration=True)


def _main(arguments: argparse.Namespace) -> int:
    from iree.vm.module import load  # noqa: PLC0415

    module = load(arguments.module, arguments.device)
    checks = find_checks(module, arguments.filter)
    if not checks:
        raise ToolError("there are no checks: exports without inputs, or whose names start with check")
    outcomes = []
    for name in checks:
        start = time.perf_counter()
        problem = run_check(module.functions[name], arguments.timeout)
        outcomes.append((name, time.perf_counter() - start, problem))
        print(f"{'PASS' if problem is None else 'FAIL'} {name} ({outcomes[-1][1] * 1e3:.1f} ms)")
        if problem is not None:
            print("  " + problem.replace("\n", "\n  "))
    failed = sum(problem is not None for _, _, problem in outcomes)
    print(f"{len(checks) - failed} passed, {failed} failed")
    if arguments.junit:
        write_junit(Path(arguments.junit), Path(arguments.module).name, outcomes)
    return 1 if failed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = make_parser("iree-check-module", "Run the checks of a module: exports without inputs, or named check….")
    add_module_flags(parser)
    parser.add_argument(
        "--filter", default="*", metavar="PATTERN", help="only checks whose name matches, as in 'check_add*'"
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="of each check")
    parser.add_argument("--junit", metavar="FILE", help="write a report in JUnit's format")
    return run_tool(_main, parser, argv)


if __name__ == "__main__":
    raise SystemExit(main())
