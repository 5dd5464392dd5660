"""The flow dialect: tensor programs cut into dispatches.

Host functions hold dispatches, reshapes, globals, scalar arithmetic and control flow; the work is in the kernels of
executables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from iree.dialects.definition import Definition, table
from iree.dialects.mlir import ir


def _verify_dispatch(op: Any) -> str | None:
    tied = list(op.attributes["tied"])
    if len(tied) != len(op.results):
        return f"has {len(op.results)} results but {len(tied)} entries in 'tied'"
    for j, i in enumerate(tied):
        if i >= len(op.operands) or (i >= 0 and op.operands[i].type != op.results[j].type):
            return f"ties result {j} to operand {i}, which is not of its type"
    return None


def _verify_executable(op: Any) -> str | None:
    operations = list(op.regions[0].blocks[0].operations) if len(op.regions[0].blocks) == 1 else []
    if len(operations) != 1 or operations[0].operation.name != "builtin.module":
        return "holds something other than one builtin.module"
    return None


DEFINITIONS = table(
    [
        Definition(
            "flow.executable",
            "Holds a `builtin.module` with the kernel function of the same name, linalg on tensors.",
            "",
            "",
            (("sym_name", ir.StringAttr),),
            regions=1,
            verify=_verify_executable,
        ),
        Definition(
            "flow.dispatch",
            """Runs the kernel `callee`.

Operands are the kernel's arguments: tensors, scalars, then index values, of which the first are the dynamic dimensions
of the tensor operands and then those of the results. `tied[j] = i`: result j overwrites operand i (-1: it does not);
nothing may read operand i afterwards.""",
            attributes=(("callee", ir.FlatSymbolRefAttr), ("tied", ir.DenseI64ArrayAttr)),
            pure=True,
            verify=_verify_dispatch,
        ),
        Definition("flow.clone", "A copy in memory of its own, which may be overwritten.", "r", "r", pure=True),
        Definition(
            "flow.reshape",
            """The same elements in row-major order under another shape: no copy.

The first operand is the tensor, the others are the dynamic dimensions of the result.""",
            pure=True,
        ),
        Definition(
            "flow.slice",
            """Consecutive elements of a tensor under another shape, which is static: no copy.

The second operand is the number of the first element, an index; it begins a cache line. Only dispatches read the
result, as it is or after a `flow.reshape`.""",
            pure=True,
        ),
    ]
)


def dispatch(callee: str, operands: Sequence[Any], results: Sequence[Any], tied: Sequence[int] | None = None) -> Any:
    """Builds a `flow.dispatch` at the insertion point; `tied` defaults to no result tied."""
    attributes = {
        "callee": ir.FlatSymbolRefAttr.get(callee),
        "tied": ir.DenseI64ArrayAttr.get(list(tied) if tied is not None else [-1] * len(results)),
    }
    return ir.Operation.create("flow.dispatch", list(results), list(operands), attributes)


def clone(source: Any) -> Any:
    """Builds a `flow.clone` at the insertion point and returns its result."""
    return ir.Operation.create("flow.clone", [source.type], [source]).result


def executable(name: str) -> Any:
    """Builds a `flow.executable` with an empty module at the insertion point and returns that module's block."""
    op = ir.Operation.create("flow.executable", attributes={"sym_name": ir.StringAttr.get(name)}, regions=1)
    with ir.InsertionPoint(op.regions[0].blocks.append()):
        inner = ir.Operation.create("builtin.module", regions=1)
    return inner.regions[0].blocks.append()


def reshape(source: Any, result_type: Any, dims: Sequence[Any] = ()) -> Any:
    """Builds a `flow.reshape` at the insertion point and returns its result."""
    return ir.Operation.create("flow.reshape", [result_type], [source, *dims]).result


def slice_(source: Any, start: Any, result_type: Any) -> Any:
    """Builds a `flow.slice` at the insertion point and returns its result; `start` is an index value."""
    return ir.Operation.create("flow.slice", [result_type], [source, start]).result


def kernel_module(executable: Any) -> Any:
    """The ``builtin.module`` inside a `flow.executable`."""
    return executable.regions[0].blocks[0].operations[0]


def kernel(executable: Any) -> Any:
    """The kernel's ``func.func`` inside a `flow.executable`."""
    return kernel_module(executable).regions[0].blocks[0].operations[0]


def result_sizes(dispatch: Any) -> list[list[Any]]:
    """The dynamic sizes of each result of a `flow.dispatch`, which are among its operands."""
    indices = iter([value for value in dispatch.operands if isinstance(value.type, ir.IndexType)])
    for value in dispatch.operands:
        _of_one(value.type, indices)
    return [_of_one(result.type, indices) for result in dispatch.results]


def _of_one(type_: Any, indices: Iterator[Any]) -> list[Any]:
    if not isinstance(type_, ir.RankedTensorType):
        return []
    return [next(indices) for size in type_.shape if size == ir.ShapedType.get_dynamic_size()]
