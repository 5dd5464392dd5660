"""iree-run-module: calls one export of a module."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from iree.vm.tools.common import ToolError, add_call_flags, choose_function, make_parser, run_tool


def results_of(value: Any) -> Iterator[Any]:
    """The arrays of a structured result, in order."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from results_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from results_of(part)
    elif value is not None:
        yield value


def bind_flat(function: Any, inputs: Sequence[Any]) -> Callable[[], Any]:
    """A call with flat inputs, whatever their structure in the program; defaults fill in what is missing at the end.

    Plain exports get numbers for what has no dimensions.
    """
    if not hasattr(function, "invoke"):
        numbers = [value.item() if value.ndim == 0 else value for value in inputs]
        return lambda: function(*numbers)
    leaves = list(inputs)
    tensors = function.parameters.tensors if function.parameters is not None else {}
    for index in range(len(leaves), len(tensors)):
        if "default" not in tensors[index]:
            break
        leaves.append(tensors[index]["default"])
    return lambda: function.invoke(leaves)


def _main(arguments: argparse.Namespace) -> int:
    import numpy as np  # noqa: PLC0415
    from iree.vm.module import load  # noqa: PLC0415
    from iree.vm.tools import values  # noqa: PLC0415

    inputs = [values.parse(text) for text in arguments.input]
    expected = [values.parse(text) for text in arguments.expected_output]
    module = load(arguments.module, arguments.device, timeout=arguments.timeout)
    function = choose_function(module, arguments.function)
    results = [np.asarray(r) for r in results_of(bind_flat(function, inputs)())]
    if len(arguments.output) > len(results):
        raise ToolError(f"{len(arguments.output)} --output flags, but {function.name} has {len(results)} results")
    targets = arguments.output or ([] if expected else ["-"] * len(results))
    for target, result in zip(targets, results, strict=False):
        values.write(target, result)
    if not expected:
        return 0
    if len(expected) != len(results):
        raise ToolError(f"{len(expected)} --expected_output flags, but {function.name} has {len(results)} results")
    failed = False
    for i, (result, wanted) in enumerate(zip(results, expected, strict=True)):
        problem = values.difference(result, wanted, arguments.atol, arguments.rtol)
        print(f"result {i} {values.type_of(result)}: {problem or 'as expected'}")
        failed |= problem is not None
    return 1 if failed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = make_parser(
        "iree-run-module", "Call a function of a compiled module and print, write or check its results."
    )
    add_call_flags(parser)
    parser.add_argument(
        "--output", action="append", default=[], metavar="TARGET", help="per result: - (print), @y.npy, @y.bin (raw)"
    )
    parser.add_argument(
        "--expected_output", action="append", default=[], metavar="VALUE", help="per result, like --input; checked"
    )
    parser.add_argument("--atol", type=float, default=1e-5, help="absolute tolerance of floats (default: %(default)s)")
    parser.add_argument("--rtol", type=float, default=1e-4, help="relative tolerance of floats (default: %(default)s)")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="give up after that long")
    return run_tool(_main, parser, argv)


if __name__ == "__main__":
    raise SystemExit(main())
