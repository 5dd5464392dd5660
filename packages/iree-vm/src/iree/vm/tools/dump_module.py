"""iree-dump-module: what is in a module file."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from iree.vm.tools.common import ToolError, make_parser, run_tool


def _sections(module: Any) -> Iterator[str]:
    yield f"{module.size} bytes, sections:"
    for section, (offset, length) in module.sections.items():
        yield f"  {section.name.lower():14} {length:12} bytes at {offset}"


def _exports(module: Any, manifest: Mapping[str, Any]) -> Iterator[str]:
    from iree.vm.structure import Parameters, describe  # noqa: PLC0415

    yield f"{len(module.exports)} exports:"
    entries = {entry["name"]: entry for entry in manifest.get("functions", ())}
    for name, function, convention in module.exports:
        entry = entries.get(name)
        if entry is None:
            yield f"  {name}: {convention} {module.functions[function].signature}"
            continue
        inputs = entry["inputs"]
        parameters = Parameters(inputs.get("args", ()), inputs.get("kwargs", {}), inputs.get("names", ()))
        yield f"  {name}({parameters.describe()}) -> {describe(entry['outputs'])}"


def _overview(module: Any) -> Iterator[str]:
    from iree.vm.structure import tensor_type  # noqa: PLC0415

    manifest = json.loads(module.manifest or b"{}")
    yield f"module file, made by {manifest.get('producer', 'unknown')}"
    yield from _sections(module)
    yield from _exports(module, manifest)
    variables = manifest.get("variables", ())
    if variables:
        yield f"{len(variables)} variables:"
        for v in variables:
            yield f"  {v['name']}: {tensor_type(v['dtype'], v['shape'])}{' mutable' if v.get('mutable') else ''}"
    yield f"{len(module.imports)} imports:"
    for name, signature, optional in module.imports:
        yield f"  {name} {signature}{' optional' if optional else ''}"
    yield f"{len(module.globals)} globals, {sum(g.mutable for g in module.globals)} of them mutable"
    yield f"{len(module.rodata)} read-only segments:"
    for segment in sorted(module.rodata, key=lambda s: -len(s.data)):
        yield f"  {len(segment.data):12} bytes  {segment.name or ''}"
    yield f"{len(module.functions)} functions:"
    for index, f in enumerate(module.functions):
        counts = Counter(i.op.name for i in module.instructions(index))
        kind = ", the initializer" if index == module.initializer else ""
        yield (
            f"  {f.name} {f.signature}: {sum(counts.values())} instructions, {len(f.values)} value and {f.refs} "
            f"reference registers{kind}"
        )


def strip(source: Path, target: Path) -> None:
    """Write a copy of a module without its source locations."""
    from iree.vm.module_format import HEADER, SECTION, Section  # noqa: PLC0415

    data = bytearray(source.read_bytes())
    count = HEADER.unpack_from(data)[2]
    for i in range(count):
        at = HEADER.size + i * SECTION.size
        kind, flags, offset, length, _ = SECTION.unpack_from(data, at)
        if kind in (Section.LOCATIONS, Section.LOCATION_TEXT):
            # Emptied in place: nothing moves, so that all other offsets stay right.
            data[offset : offset + length] = bytes(length)
            SECTION.pack_into(data, at, kind, flags, offset, 0, 0)
    partial = target.with_name(target.name + ".partial")
    partial.write_bytes(data)
    partial.replace(target)


def _main(arguments: argparse.Namespace) -> int:
    from iree.vm import _native  # noqa: PLC0415
    from iree.vm.disassembler import print_function, print_module  # noqa: PLC0415
    from iree.vm.module_reader import read_file  # noqa: PLC0415

    path = Path(arguments.file)
    path.stat()
    _native.Module.open(str(path))
    if arguments.strip:
        strip(path, Path(arguments.strip))
        return 0
    module = read_file(path)
    if arguments.manifest:
        print(json.dumps(json.loads(module.manifest or b"{}"), indent=2, ensure_ascii=False))
    elif arguments.disassemble:
        print(print_module(module, with_data=arguments.data), end="")
    elif arguments.function:
        names = [f.name for f in module.functions]
        if arguments.function not in names:
            raise ToolError(f"no function {arguments.function!r}: one of {', '.join(names)}")
        print(print_function(module, names.index(arguments.function)), end="")
    else:
        print("\n".join(_overview(module)))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = make_parser("iree-dump-module", "Verify a module file and show what is in it.")
    parser.add_argument("file", metavar="FILE", help="the module file")
    parser.add_argument("--disassemble", action="store_true", help="print the whole module as assembly")
    parser.add_argument("--data", action="store_true", help="with --disassemble: read-only data too")
    parser.add_argument("--function", metavar="NAME", help="print one function as assembly")
    parser.add_argument("--manifest", action="store_true", help="print the description of inputs and outputs as JSON")
    parser.add_argument("--strip", metavar="OUTPUT", help="write a copy without source locations")
    return run_tool(_main, parser, argv)


if __name__ == "__main__":
    raise SystemExit(main())
