"""A function of the hal phase becomes a `vm.func`."""

from __future__ import annotations

from typing import Any

from iree.dialects import hal, vm
from iree.dialects.instructions.scalars import extend, lower, value_type
from iree.dialects.mlir import CompileError, ir
from iree.dialects.transforms.structure import body


class FunctionConversion:
    """Builds the vm form of one function at the insertion point."""

    def __init__(self, old: Any) -> None:
        """`old` is a `func.func` of the hal phase."""
        self._old = old
        self._values: dict[Any, Any] = {}
        self._blocks: dict[Any, Any] = {}
        self.imports: set[str] = set()

    def convert(self) -> Any:
        """Builds it and returns it; `imports` then has what it calls."""
        old = self._old
        type_ = ir.FunctionType(ir.TypeAttr(old.attributes["function_type"]).value)
        inputs = [value_type(t, old) for t in type_.inputs]
        results = [value_type(t, old) for t in type_.results]
        attributes = {
            "sym_name": old.attributes["sym_name"],
            "function_type": ir.TypeAttr.get(ir.FunctionType.get(inputs, results)),
        }
        with old.location:
            new = ir.Operation.create("vm.func", attributes=attributes, regions=1)
        for block in old.regions[0].blocks:
            types = [value_type(argument.type, old) for argument in block.arguments]
            self._blocks[block] = copy = new.regions[0].blocks.append(*types)
            self._values.update(zip(block.arguments, copy.arguments, strict=True))
        # Blocks may stand in any order, but a value is computed before its uses are looked up.
        done: set[Any] = set()
        pending = [next(iter(old.regions[0].blocks))]
        while pending:
            block = pending.pop()
            if block in done:
                continue
            done.add(block)
            with ir.InsertionPoint(self._blocks[block]):
                for op in body(block):
                    with op.location:
                        self._convert(op)
            pending.extend(reversed(list(body(block)[-1].successors)))
        return new

    def _operands(self, op: Any) -> list[Any]:
        return [self._values[value] for value in op.operands]

    def _convert(self, op: Any) -> None:
        operands = self._operands(op)
        dialect = op.name.partition(".")[0]
        if dialect == "hal":
            self._import(op, operands)
        elif dialect == "vm":
            copy = op.clone()
            for i, value in enumerate(operands):
                copy.operands[i] = value
            self._values.update(zip(op.results, copy.results, strict=True))
        elif op.name == "func.return":
            vm.emit("return", operands)
        elif op.name == "cf.br":
            self._branch("br", operands, op, {})
        elif op.name == "cf.cond_br":
            _, true, false = ir.DenseI32ArrayAttr(op.attributes["operandSegmentSizes"])
            operands[0] = extend(operands[0], 1, signed=False)
            self._branch("cond_br", operands, op, {"target_operands": ir.DenseI32ArrayAttr.get([true, false])})
        elif op.name == "cf.switch":
            self._switch(op, operands)
        elif op.name == "cf.assert":
            vm.emit("assert", [extend(operands[0], 1, signed=False)], message=op.attributes["msg"])
        else:
            result = lower(op, operands) if dialect in ("arith", "math") and len(op.results) == 1 else None
            if result is None:
                raise CompileError(f"'{op.name}' on {op.operands[0].type} has no instructions on the host", op)
            self._values[op.results[0]] = result

    def _import(self, op: Any, operands: list[Any]) -> None:
        name = hal.IMPORT_OF_OPERATION.get(op.name)
        if name is None:
            raise CompileError(f"'{op.name}' is no operation of host code", op)
        self.imports.add(name)
        groups = op.attributes["groups"] if "groups" in op.attributes else ir.DenseI32ArrayAttr.get([])
        attributes = {"callee": ir.FlatSymbolRefAttr.get(name), "groups": groups}
        call = ir.Operation.create("vm.call_import", [result.type for result in op.results], operands, attributes)
        self._values.update(zip(op.results, call.results, strict=True))

    def _branch(self, mnemonic: str, operands: list[Any], op: Any, attributes: dict[str, Any]) -> None:
        successors = [self._blocks[block] for block in op.successors]
        name = vm.operation_name(mnemonic)
        ir.Operation.create(name, operands=operands, attributes=attributes, successors=successors)

    def _switch(self, op: Any, operands: list[Any]) -> None:
        """`cf.switch` has any case values, the instruction 0, 1, …."""
        values = list(ir.DenseIntElementsAttr(op.attributes["case_values"])) if "case_values" in op.attributes else []
        counts = list(ir.DenseI32ArrayAttr(op.attributes["case_operand_segments"]))
        default_count = ir.DenseI32ArrayAttr(op.attributes["operandSegmentSizes"])[1]
        if values != list(range(len(values))):
            raise CompileError(f"'cf.switch' over the cases {values}: they must be 0, 1, 2, …", op)
        attributes = {"target_operands": ir.DenseI32ArrayAttr.get([default_count, *counts])}
        self._branch("switch", operands, op, attributes)
