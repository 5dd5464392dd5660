"""A program on its way through the phases, with what does not fit into MLIR; and its form on disk between phases."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iree.dialects import weights
from iree.dialects.mlir import CompileError, ir, parse_file
from iree.dialects.phases import PHASE, phase_of, stamp
from iree.dialects.transforms.structure import walk
from iree.dialects.weights import WeightsFile
from numpy.typing import NDArray

MANIFEST = "iree.manifest"
PARAMETER_DTYPES = "iree.parameter_dtypes"
ELIDE = 32
"""Constants of more elements are left out of dumps."""


@dataclass
class Program:
    """A program in some phase.

    Attributes:
        module: The `ir.Module`.
        manifest: Manifest of the import artefact as JSON, or None.
        parameters: Values of globals by key.
        phase: The phase it is in.
    """

    module: Any
    manifest: dict[str, Any] | None
    parameters: dict[str, NDArray[Any]]
    phase: str

    def dump(self, path: Path) -> None:
        """Writes the program as text for people, large constants left out."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.module.operation.get_asm(large_elements_limit=ELIDE))

    def tobytes(self) -> bytes:
        """The program as MLIR bytecode, stamped with phase and compiler version. Parameters are not in it."""
        stamp(self.module, self.phase)
        attributes = self.module.operation.attributes
        with self.module.context:
            if self.manifest is not None:
                attributes[MANIFEST] = ir.StringAttr.get(json.dumps(self.manifest))
            dtypes = {key: weights.dtype_of(array) for key, array in self._used().items()}
            attributes[PARAMETER_DTYPES] = ir.StringAttr.get(json.dumps(dtypes))
        buffer = io.BytesIO()
        self.module.operation.write_bytecode(buffer)
        return buffer.getvalue()

    def save(self, path: Path) -> None:
        """Writes `tobytes` and, beside it with the suffix ``.safetensors``, the parameters that it uses, if any."""
        path.write_bytes(self.tobytes())
        if used := self._used():
            weights.write(path.with_suffix(".safetensors"), used)

    def _used(self) -> dict[str, NDArray[Any]]:
        """The parameters that the module still refers to: others were packed, or folded."""
        found: set[str] = set()
        for op in walk(self.module.operation):
            if "iree.parameter" in op.attributes:
                found.add(ir.StringAttr(op.attributes["iree.parameter"]).value)
            elif op.name == "vm.rodata_segment":
                pieces = [ir.DictAttr(piece) for piece in ir.ArrayAttr(op.attributes["pieces"])]
                found.update(ir.StringAttr(piece["parameter"]).value for piece in pieces if "parameter" in piece)
        return {key: array for key, array in self.parameters.items() if key in found}

    @staticmethod
    def open(path: Path, phase: str, context: Any) -> Program:
        """Reads what `save` wrote.

        Raises:
            CompileError: It is in another phase, by another version of the compiler, or its parameters are missing.
        """
        module = parse_file(path, context)
        attributes = module.operation.attributes
        found = phase_of(module)
        if found is None:
            raise CompileError(
                f"{path} has no attribute {PHASE}; only what --compile-to wrote can be compiled from a phase"
            )
        if found != phase:
            raise CompileError(f"{path} is in phase '{found}', not '{phase}'; use --compile-from={found}")
        manifest = json.loads(ir.StringAttr(attributes[MANIFEST]).value) if MANIFEST in attributes else None
        dtypes: Mapping[str, str] = json.loads(ir.StringAttr(attributes[PARAMETER_DTYPES]).value)
        parameters = {}
        if dtypes:
            beside = path.with_suffix(".safetensors")
            try:
                file = WeightsFile(beside)
                parameters = {key: file.array(key, dtype) for key, dtype in dtypes.items()}
            except FileNotFoundError:
                raise CompileError(f"{path} needs its parameters in {beside}, which is not there") from None
        for name in (MANIFEST, PARAMETER_DTYPES):
            if name in attributes:
                del attributes[name]
        return Program(module, manifest, parameters, phase)
