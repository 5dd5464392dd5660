"""Computes packed constants, which are their sources moved about, without compiling anything."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
from iree.codegen.folding.hoist import add_global, load_global, parameter_keys
from iree.dialects.mlir import ir, run_upstream
from iree.dialects.transforms.fusion import CHEAP
from iree.dialects.transforms.structure import defining, functions, walk
from numpy.typing import NDArray

_RESHAPES = {"tensor.expand_shape", "tensor.collapse_shape"}


def fold_packs(module: Any, parameters: dict[str, Any], executor: Executor) -> dict[str, Future[None]]:
    """Replaces what `pack-constants` packs by loads of new immutable globals.

    Values that are not moved parameters alone are left for `hoist`.

    Args:
        module: The program; changed in place.
        parameters: Values of its globals by key; gets the packed ones.
        executor: Moves the elements, which takes longer than all the rest of this.

    Returns:
        By key, when a packed value is complete.
    """
    keys = parameter_keys(module)
    made: dict[Any, list[tuple[NDArray[Any], str]]] = {}  # by type: what was packed, and the global that has it
    copies: dict[str, Future[None]] = {}
    with module.context:
        for function in functions(module):
            for op in walk(function):
                if op.name == "linalg.unpack" and CHEAP in op.attributes:
                    value = op.operands[0]
                    array = _moved(value, keys, parameters)
                    if array is None:
                        continue
                    alike = made.setdefault(value.type, [])
                    name = next((known for other, known in alike if _equal(array, other)), None)
                    if name is None:
                        packed = np.empty(array.shape, array.dtype)
                        name = add_global(module, value, packed, parameters)
                        copies[next(reversed(parameters))] = executor.submit(np.copyto, packed, array)
                        alike.append((array, name))
                    load_global(value, name)
    if made:
        run_upstream(module, "canonicalize,cse,symbol-dce")
    return copies


def _equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Have two arrays of one shape and type the same bits? Functions that share weights pack the same; other weights
    differ in the first row.
    """
    if a.__array_interface__ == b.__array_interface__:
        return True
    bits = f"u{a.itemsize}"
    first = (0,) * (a.ndim - 1)
    return np.array_equal(a[first].view(bits), b[first].view(bits)) and np.array_equal(a.view(bits), b.view(bits))


def _moved(value: Any, keys: dict[str, str], parameters: dict[str, Any]) -> NDArray[Any] | None:
    """The array that a value is, None if it is more than a parameter that is reshaped, transposed or padded."""
    op = defining(value)
    if op is None:
        return None
    if op.name == "ml_program.global_load":
        key = keys.get(ir.FlatSymbolRefAttr(op.attributes["global"]).value)
        return parameters[key] if key is not None else None
    if op.name not in _RESHAPES | {"linalg.transpose", "tensor.pad"}:
        return None
    array = _moved(op.operands[0], keys, parameters)
    if array is None:
        return None
    if op.name in _RESHAPES:
        return array.reshape(op.results[0].type.shape)
    if op.name == "linalg.transpose":
        return array.transpose(list(op.attributes["permutation"]))
    low, high = (list(op.attributes[f"static_{end}"]) for end in ("low", "high"))
    if not _pads_with_zero(op):
        return None
    return np.pad(array, list(zip(low, high, strict=True)))


def _pads_with_zero(pad: Any) -> bool:
    constant = defining(pad.regions[0].blocks[0].operations[-1].operands[0]) if len(pad.operands) == 1 else None
    if constant is None or constant.name != "arith.constant":
        return False
    return bool(constant.attributes["value"].value == 0)
