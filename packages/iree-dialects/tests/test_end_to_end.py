"""The phases' meaning: programs compiled and run, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import programs
import pytest

codegen = pytest.importorskip("iree.codegen", reason="needs code generation to run programs")
vm = pytest.importorskip("iree.vm", reason="needs the runtime to run programs")
pytest.importorskip("iree.hal_cpu", reason="needs a device to run programs")

Array = np.ndarray[Any, Any]


def _random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape, dtype=np.float32)


def _load(text: str, directory: Path) -> Any:
    path = directory / "m.vmfb"
    path.write_bytes(codegen.compile_str(text))
    return vm.load(str(path), device="cpu")


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _layer_norm(x: Array) -> Array:
    d = x - x.mean(1, keepdims=True)
    return d / np.sqrt((d * d).mean(1, keepdims=True) + 1e-5)


def _conv(x: Array, w: Array, scale: Array, shift: Array, skip: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x[0], (3, 3), axis=(0, 1))
    y = np.einsum("yxcij,ijco->yxo", windows, w)[None]
    return np.clip(y * scale + shift, 0, 6) + skip


def _attention(x: Array, wq: Array, wk: Array, wv: Array, bq: Array) -> Array:
    q, k, v = ((y.reshape(16, 4, 8).transpose(1, 0, 2)) for y in (x @ wq + bq, x @ wk, x @ wv))
    p = _softmax((q @ k.transpose(0, 2, 1) * 0.125).reshape(64, 16)).reshape(4, 16, 16)
    return (p @ v).transpose(1, 0, 2).reshape(16, 32)


def _update(x: Array, u: Array, i: Array) -> list[Array]:
    r, s = 2 * x, x.copy()
    r[int(i)] = s[int(i)] = u[0]
    return [r, s]


def _rnn(x: Array, w: Array) -> Array:
    h, out = np.zeros((1, 4), np.float32), []
    for row in x:
        h = np.tanh(h @ w + row)
        out.append(h[0])
    return np.array(out)


def _carried(n: Any, x: Array, y: Array) -> list[Array]:
    a, b, k = x, y, x
    for i in range(n):
        new = np.tanh(a @ b - (a.sum(1) + a.sum(0))[:, None])
        k = np.tanh(k @ a) if i % 2 else k
        a, b = new, a
    return [a, b, k]


def _sliced(x: Array, w: Array) -> list[Array]:
    h, out = np.zeros((len(x), 16), np.float32), x.copy()
    for i in range(x.shape[1]):
        out[:, i] = h = np.tanh(h @ w + x[:, i])
    return [h, out]


def _data_loop(x: Array) -> Array:
    while x < 100:
        x = x * x
    return x


i32 = np.int32
CASES: dict[str, tuple[list[list[Any]], Callable[..., Any]]] = {
    "MLP": ([[_random(4, 16), _random(16, 8), _random(8)]], lambda x, w, b: np.maximum(x @ w + b, 0)),
    "SOFTMAX": ([[_random(64, 128)], [100 * _random(64, 128)]], _softmax),
    "LAYER_NORM": ([[_random(128, 64)]], _layer_norm),
    "CONV_RELU6": (
        [[_random(1, 8, 8, 3), _random(3, 3, 3, 16), _random(16), _random(16), _random(1, 6, 6, 16)]],
        _conv,
    ),
    "ATTENTION": ([[_random(16, 32), *(_random(32, 32 + i)[:, :32] for i in range(3)), _random(32)]], _attention),
    "DYNAMIC_MLP": (
        [[_random(n, 16), _random(16, 8), _random(8)] for n in (0, 1, 7, 64)],
        lambda x, w, b: np.tanh(x @ w + b),
    ),
    "COUNTED_LOOP": ([[_random(4), i32(n)] for n in (0, 1, 5)], lambda x, n: [x * np.float32(2) ** n, n]),
    "DATA_LOOP": ([[np.float32(x)] for x in (3, 200, np.inf)], _data_loop),
    "BRANCH": ([[np.ones(4, np.float32)], [-np.ones(4, np.float32)]], lambda x: 2 * x if x.sum() > 0 else -x),
    "PASS_ON": ([[_random(4)]], lambda x: [x, x.reshape(2, 2), np.array([1, 2, 3], np.float32), np.full(2, 5.0)]),
    "UPDATE": ([[_random(8, 4), _random(1, 4), i32(i)] for i in (0, 3, 7)], _update),
    "CARRIED": ([[i32(n), _random(8, 8), _random(8, 8)] for n in (0, 1, 2, 3, 7)], _carried),
    "SLICED_LOOP": ([[_random(n, m, 16), _random(16, 16) / 4] for n, m in ((3, 5), (1, 1), (2, 0))], _sliced),
    "RNN": ([[_random(6, 4), _random(4, 4)]], _rnn),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_programs(name: str, tmp_path: Path) -> None:
    module = _load(getattr(programs, name), tmp_path)
    calls, reference = CASES[name]
    for arguments in calls:
        results, expected = module.main(*arguments), reference(*arguments)
        pairs = zip(results, expected, strict=True) if isinstance(expected, list) else [(results, expected)]
        for result, right in pairs:
            np.testing.assert_allclose(np.asarray(result), right, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_state(tmp_path: Path) -> None:
    module = _load(programs.COUNTER, tmp_path)
    x, total = _random(4), np.ones(4, np.float32)
    for _ in range(3):
        total = total + x
        np.testing.assert_allclose(np.asarray(module.main(x)), total, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(module.get()), total, rtol=1e-6)
    module.set(x)
    given = np.asarray(module.get()).copy()
    module.main(x)
    np.testing.assert_array_equal(given, x)
    np.testing.assert_allclose(np.asarray(module.get()), 2 * x, rtol=1e-6)


@pytest.mark.slow
def test_a_cache_grows(tmp_path: Path) -> None:
    module = _load(programs.CACHE, tmp_path)
    total = np.zeros(4, np.float32)
    for n in range(8):
        row = _random(1, 4) + n
        total = total + row[0]
        np.testing.assert_allclose(np.asarray(module.main(row)), total, rtol=1e-5)
