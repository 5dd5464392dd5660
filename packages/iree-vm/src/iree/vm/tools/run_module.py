"""iree-run-module: calls one export of a module."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from iree.vm.tools.common import ToolError, add_call_flags, choose_function, make_parser, run_tool


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
    from iree.vm.module import load  # noqa: PLC0415
    from iree.vm.tools import signature, values  # noqa: PLC0415

    module = load(arguments.module, arguments.device, timeout=arguments.timeout)
    function = choose_function(module, arguments.function)
    slots = signature.outputs_of(function)
    for flag, given in (("output", arguments.output), ("expected_output", arguments.expected_output)):
        if len(given) > len(slots) or (flag == "expected_output" and 0 < len(given) < len(slots)):
            gives = f" ({', '.join(map(str, slots))})" if slots else ""
            raise ToolError(f"{len(given)} --{flag} flags, but {function.name} has {len(slots)} results{gives}")
    inputs = signature.parse_inputs(function, arguments.input)
    expected = [slot.parse("expected", text) for slot, text in zip(slots, arguments.expected_output, strict=False)]
    found = signature.arrays_of(bind_flat(function, inputs)())
    results = [slot.array(value) for slot, value in zip(slots, found, strict=True)]
    targets = arguments.output or ([] if expected else ["-"] * len(slots))
    for target, slot, array in zip(targets, slots, results, strict=False):
        values.write(target, slot.name, array)
    failed = False
    for slot, array, wanted in zip(slots, results, expected, strict=False):
        problem = values.difference(array, wanted, arguments.atol, arguments.rtol)
        print(f"{slot.name}: {values.type_of(array)}: {problem or 'as expected'}")
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
