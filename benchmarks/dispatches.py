"""Where a model's time goes: every kernel alone, times the number of its dispatches.

usage: python benchmarks/dispatches.py PROGRAM [--function NAME] [--threads N] [--seconds S] [--first N]

PROGRAM is an import artefact or what ``iree-compile --compile-to=flow`` wrote. Every kernel that the function
dispatches is
called with zeros (ones for its index arguments that are not known), its operands in the cache if they fit: the sum of
the lines may differ from the time of a call. What reads a tensor that is overwritten in place first copies it here.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from iree import codegen, vm
from iree.codegen.program import Program
from iree.dialects import flow
from iree.dialects.mlir import arith, func, ir, make_context
from iree.dialects.transforms.structure import defining, dynamic_dims, functions, is_tensor, walk


def split(program: Program, function: str) -> tuple[dict[str, int], dict[str, list[Any]]]:
    """Makes `program` one function per kernel that `function` dispatches.

    Returns:
        How often each kernel is dispatched, loops counted once; and each kernel's inputs.
    """
    module = program.module
    counts: Counter[str] = Counter()
    inputs: dict[str, list[Any]] = {}
    with module.context, ir.Location.unknown():
        for old in functions(module):
            if ir.StringAttr(old.attributes["sym_name"]).value == function:
                for op in list(walk(old)):
                    if op.name == "flow.dispatch":
                        callee = ir.FlatSymbolRefAttr(op.attributes["callee"]).value
                        counts[callee] += 1
                        if callee not in inputs and not any(map(_is_open, (*op.operands, *op.results))):
                            inputs[callee] = _alone(module, callee, op)
        for op in [op.operation for op in module.body.operations]:
            if op.name == "func.func" and not _name(op).startswith("time_"):
                op.erase()
            elif op.name == "ml_program.global" or (op.name == "flow.executable" and _name(op) not in counts):
                op.erase()
    return counts, inputs


def _name(op: Any) -> str:
    return str(ir.StringAttr(op.attributes["sym_name"]).value)


def _is_open(value: Any) -> bool:
    return is_tensor(value.type) and bool(dynamic_dims(value.type))


def _alone(module: Any, callee: str, dispatch: Any) -> list[Any]:
    tensors = [value.type for value in dispatch.operands if is_tensor(value.type)]
    with ir.InsertionPoint(module.body):
        function = func.FuncOp(f"time_{callee}", (tensors, [value.type for value in dispatch.results]))
    ties = list(ir.DenseI64ArrayAttr(dispatch.attributes["tied"]))
    with ir.InsertionPoint(function.add_entry_block()):
        given = iter(function.arguments)
        operands = []
        for number, value in enumerate(dispatch.operands):
            if is_tensor(value.type):
                operand = next(given)
                operands.append(flow.clone(operand) if number in ties else operand)
            else:
                operands.append(_constant(value))
        results = flow.dispatch(callee, operands, [value.type for value in dispatch.results], ties)
        func.ReturnOp(list(results.results))
    return [np.zeros(type_.shape, _DTYPES.get(str(type_.element_type), np.float32)) for type_ in tensors]


_DTYPES = {"f64": np.float64, "f16": np.float16, "i1": np.bool_, "i8": np.int8, "i32": np.int32, "i64": np.int64}


def _constant(value: Any) -> Any:
    op = defining(value)
    if op is not None and op.name == "arith.constant":
        return op.clone().results[0]
    return arith.constant(value.type, 1.0 if isinstance(value.type, ir.FloatType) else 1)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--function", default="serve")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each kernel")
    parser.add_argument("--first", type=int, default=20, help="lines to print")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = options.program
        if path.is_dir():
            path = Path(name) / "program.mlirbc"
            codegen.compile_file(options.program, output=path, options=codegen.CompilerOptions(compile_to="flow"))
        program = Program.open(path, "flow", make_context())
        counts, inputs = split(program, options.function)
        program.manifest, program.parameters = None, {}
        program.save(Path(name) / "alone.mlirbc")
        alone = codegen.CompilerOptions(compile_from="flow")
        codegen.compile_file(Path(name) / "alone.mlirbc", output=Path(name) / "alone.vmfb", options=alone)
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
        module = vm.load(Path(name) / "alone.vmfb", device=f"cpu?threads={options.threads}")
        rows = []
        for callee, count in counts.items():
            if callee in inputs:
                rows.append((count * _time(module[f"time_{callee}"], inputs[callee], options.seconds), count, callee))
    rows.sort(reverse=True)
    total = sum(row[0] for row in rows)
    print(f"{'us':>10}{'%':>6}{'times':>7}{'us each':>10}  kernel")
    for microseconds, count, callee in rows[: options.first]:
        share, each = 100 * microseconds / total, microseconds / count
        print(f"{microseconds:10.1f}{share:6.1f}{count:7}{each:10.1f}  {callee}")
    print(f"{total:10.1f}{100:6}{sum(counts.values()):7}{'':10}  all")
    for callee in counts.keys() - inputs.keys():
        print(f"{'open':>10}{'':6}{counts[callee]:7}{'':10}  {callee}")


def _time(call: Any, inputs: list[Any], seconds: float) -> float:
    """The shortest call, in microseconds."""
    best = float("inf")
    for _ in range(2):
        call(*inputs)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        result = call(*inputs)
        np.asarray(result[0] if isinstance(result, (tuple, list)) else result)
        best = min(best, time.perf_counter() - start)
    return best * 1e6


if __name__ == "__main__":
    main()
