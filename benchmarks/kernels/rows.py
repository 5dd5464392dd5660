"""Times a matrix product compiled for any number of rows beside one compiled for just that number, in alternation.

usage: rows.py [--columns N] [--depth K] [--argument] [--seconds S] [ROWS…]

The second operand is a weight, known to the compiler, unless `--argument` says otherwise. A row: microseconds of the
fastest call of each on one thread, and their ratio. Calls include the runtime's share.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from iree import codegen, vm
from numpy.typing import NDArray


def compiled(rows: int | str, weight: NDArray[Any], argument: bool) -> Any:
    """A module of the product; `rows` is ``?`` for any number of them."""
    depth, columns = weight.shape
    a, b, c = (f"tensor<{m}x{n}xf32>" for m, n in ((rows, depth), (depth, columns), (rows, columns)))
    constant = "" if argument else f'  %b = stablehlo.constant dense<"0x{weight.tobytes().hex()}"> : {b}\n'
    text = f"""func.func @main(%a: {a}{f", %b: {b}" if argument else ""}) -> {c} {{
{constant}  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : ({a}, {b}) -> {c}
  return %r : {c}
}}"""
    return vm.load(codegen.compile_str(text), device="cpu?threads=1")


def main() -> None:
    """Prints a row per number of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", default=[*range(1, 18), 64])
    parser.add_argument("--columns", type=int, default=512)
    parser.add_argument("--depth", type=int, default=512)
    parser.add_argument("--argument", action="store_true", help="the second operand comes with every call")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each number of rows")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((given.depth, given.columns), np.float32)
    any_number = compiled("?", weight, given.argument)
    print(f"{'rows':>5} {'fixed us':>9} {'any us':>9} {'ratio':>6}")
    for rows in given.rows:
        inputs = [rng.standard_normal((rows, given.depth), np.float32), *([weight] if given.argument else [])]
        modules, best = (compiled(rows, weight, given.argument), any_number), [float("inf")] * 2
        end = time.perf_counter() + given.seconds
        while time.perf_counter() < end:
            for number, module in enumerate(modules):
                for _ in range(10):
                    start = time.perf_counter()
                    np.asarray(module.main(*inputs))
                    best[number] = min(best[number], time.perf_counter() - start)
        print(f"{rows:5} {best[0] * 1e6:9.1f} {best[1] * 1e6:9.1f} {best[1] / best[0]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
