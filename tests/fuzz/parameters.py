"""Mutated parameter files and manifests into their readers: refused with the reader's own error, or right.

Usage: ``python tests/fuzz/parameters.py EXECUTIONS SEED``, deterministic for a seed. A finding ends the run with its
traceback, and leaves the bytes in a file that the last line names.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import numpy as np
from iree.dialects.manifest import Manifest, ManifestError
from iree.dialects.weights import STORAGE, WeightsError, WeightsFile, write

WORDS = (
    b'"dtype"', b'"shape"', b'"data_offsets"', b'"F32"', b'"BF16"', b'"__metadata__"', b"[", b"]", b"{", b"}", b",",
    b":", b"-1", b"0", b"1e9", b"1.5", b"9223372036854775807", b"18446744073709551616", b"null", b"true", b"NaN",
    b'"\\ud800"', b"\xff", b"\0", b'"tensor"', b'"dict"', b'"list"', b'"none"', b'"kind"', b'"variable"', b'"index"',
    b"[" * 200,
)  # fmt: skip
DTYPES = {storage.code: dtype for dtype, storage in STORAGE.items() if not storage.tail}
NUMBERS = (0, 1, 7, 8, 63, 64, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)


def seeds(directory: Path) -> tuple[list[bytes], list[bytes]]:
    """Well-formed parameter files, and manifests."""
    arrays = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "none": np.zeros((0, 4), np.int64),
        "one": np.zeros((), np.complex64),
        "bits": np.ones(3, np.bool_),
    }
    files = []
    for count in range(len(arrays) + 1):
        write(directory / "seed", dict(list(arrays.items())[:count]))
        files.append((directory / "seed").read_bytes())
    tensor = {"tensor": 0, "name": "x", "dtype": "f32", "shape": [None, 3]}
    function = {
        "name": "f",
        "symbol": "f",
        "args": [{"kind": "input", "index": 0}, {"kind": "variable", "name": "v"}],
        "results": [{"kind": "output", "index": 0}, {"kind": "variable", "name": "v"}],
        "inputs": {"args": [tensor], "kwargs": {}},
        "outputs": {"dict": {"y": {"tuple": [tensor, {"none": True}, {"list": []}]}}},
    }
    variable = {"name": "v", "dtype": "f32", "shape": [3], "mutable": True, "key": "v"}
    manifest = {
        "format": "iree-import",
        "version": 1,
        "producer": "p",
        "functions": [function],
        "variables": [variable],
    }
    Manifest.from_json(manifest)
    return files, [json.dumps(manifest).encode()]


def mutate(rng: random.Random, data: bytes) -> bytes:
    """One to four small changes."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + rng.choice(WORDS) + data[at + rng.randrange(8) :]
            case 2:
                data = data[:at]
            case 3:
                data = data[:at] + data[at + rng.randrange(32) :]
            case 4:
                start = rng.randrange(len(data) + 1)
                data = data[:at] + data[start : start + rng.randrange(64)] + data[at:]
            case 5:
                data = rng.choice(NUMBERS).to_bytes(8, "little") + data[8:]
            case _:  # the header's length fits again what lies before the data
                end = data.rfind(b"}") + 1
                data = max(end - 8, 0).to_bytes(8, "little") + data[8:]
    return data


VALUES = (
    None,
    True,
    0,
    1,
    -1,
    3,
    6,
    24,
    2**63,
    2**64,
    0.5,
    "",
    "f32",
    "F32",
    "U8",
    "v",
    [],
    {},
    [0, 0],
    [3],
    [2**40] * 3,
)


def mutate_tree(rng: random.Random, value: Any) -> Any:
    """The JSON value with one place changed, taken away or repeated."""
    if not isinstance(value, dict | list) or not value or rng.randrange(5) == 0:
        return rng.choice(VALUES)
    place = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    copy = value.copy()
    match rng.randrange(8):
        case 0:
            del copy[place]
        case 1 if isinstance(copy, dict):
            copy[rng.choice(("x", "dtype", "shape", "tensor", "none", "v"))] = value[place]
        case 2 if isinstance(copy, list):
            copy.insert(place, value[place])
        case _:
            copy[place] = mutate_tree(rng, value[place])
    return copy


def mutate_json(rng: random.Random, data: bytes, *, of_weights: bool) -> bytes:
    """A manifest, or a parameter file, whose JSON is well-formed and has one change."""
    if not of_weights:
        return json.dumps(mutate_tree(rng, json.loads(data))).encode()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.dumps(mutate_tree(rng, json.loads(data[8:end]))).encode()
    return len(header).to_bytes(8, "little") + header + data[end:]


def read_weights(path: Path, data: bytes) -> bool:
    """Whether the file is accepted; then all of its tensors lie inside of it."""
    path.write_bytes(data)
    try:
        file = WeightsFile(path)
    except WeightsError:
        return False
    for key, entry in file.entries.items():
        assert 8 <= entry.begin <= entry.end <= len(data), (key, entry)
        array = file.array(key, DTYPES[entry.code])
        assert array.nbytes == entry.end - entry.begin and array.shape == entry.shape, (key, entry)
        assert array.tobytes() == data[entry.begin : entry.end]
    return True


def read_manifest(data: bytes) -> bool:
    """Whether the manifest is accepted; then it is written as it was read."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    try:
        manifest = Manifest.from_json(value)
    except ManifestError:
        return False
    assert Manifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest
    return True


def main() -> int:
    """0 without a finding."""
    executions, seed = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    accepted = 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as directory:
        path = Path(directory) / "weights"
        files, manifests = seeds(Path(directory))
        for _ in range(executions):
            of_weights = rng.randrange(2) == 0
            data = rng.choice(files if of_weights else manifests)
            data = mutate(rng, data) if rng.randrange(2) else mutate_json(rng, data, of_weights=of_weights)
            try:
                accepted += read_weights(path, data) if of_weights else read_manifest(data)
            except Exception:
                traceback.print_exc()
                finding = Path(tempfile.gettempdir()) / f"parameters_{seed}.bin"
                finding.write_bytes(data)
                print(f"finding: {'weights' if of_weights else 'manifest'} in {finding}")
                return 1
    print(f"{executions} executions, seed {seed}, {accepted} accepted and checked, no finding")
    return 0


if __name__ == "__main__":
    sys.exit(main())
