"""Attention as one kernel, against NumPy in f64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cpu_harness import Compiled, compile_text

RNG = np.random.default_rng(0)
Sizes = tuple[int, int, int, int, int]
"""Heads, queries, keys, features of queries and keys, features of values."""
MASKS = {"none": "", "bias": "(h, q, k)", "keys": "(k)", "bytes": "(q, k)", "causal": ""}
"""What is done to scores, and how the mask is indexed."""


def _type(*sizes: int, kind: str = "f32", unknown: str = "") -> str:
    """A type of dimensions of which some, numbered in `unknown`, are dynamic."""
    shape = ["?" if str(i) in unknown else str(size) for i, size in enumerate(sizes)]
    return f"tensor<{'x'.join([*shape, kind])}>"


def _generic(name: str, maps: list[str], kinds: str, operands: tuple[str, str], body: str) -> str:
    """A generic whose maps are `-> (…)` over as many loops as there are `kinds`: p(arallel) and r(eduction)."""
    ins, outs = operands
    loops = "(h, q, k, d)" if len(kinds) == 4 else "(h, q, k)"
    kind = ", ".join('"parallel"' if c == "p" else '"reduction"' for c in kinds)
    affine = ", ".join(f"affine_map<{loops} -> {m}>" for m in maps)
    return f"""  %{name} = linalg.generic {{indexing_maps = [{affine}], iterator_types = [{kind}]}}
    ins({ins}) outs({outs}) {{
{body} }} -> {outs.partition(": ")[2]}
"""


def attention(sizes: Sizes, mask: str, *, dynamic: bool = False) -> str:
    """A kernel: queries [q, heads, d], keys [k, heads, d] and values [k, heads, e], result [q, heads, e]."""
    heads, q, k, d, e = sizes
    u = "0" if dynamic else ""
    tq, tk, tv, to = (_type(n, heads, w, unknown=u) for n, w in ((q, d), (k, d), (k, e), (q, e)))
    s, r = _type(heads, q, k, unknown="12" if dynamic else ""), _type(heads, q, unknown="1" if dynamic else "")
    p = _type(heads, q, e, unknown="1" if dynamic else "")
    tm = {
        "bias": _type(heads, q, k, unknown="12" if dynamic else ""),
        "keys": _type(k, unknown=u),
        "bytes": _type(q, k, kind="i8", unknown="01" if dynamic else ""),
    }.get(mask)
    names = {"bias": "%m1: index, %m2: index, ", "keys": "%m1: index, ", "bytes": "%m1: index, %m2: index, "}
    arguments = f"%q: {tq}, %k: {tk}, %v: {tv}" + (f", %m: {tm}" if tm else "")
    if dynamic:
        arguments += f", %nq: index, %nk: index, %nv: index, {names.get(mask, '')}%no: index"
    nq, nqk = ("%nq", "%nq, %nk") if dynamic else ("", "")
    element = "f32" if mask != "bytes" else "i8"
    change = {
        "none": "    linalg.yield %t : f32",
        "bias": "    %u = arith.addf %t, %b : f32\n    linalg.yield %u : f32",
        "keys": "    %u = arith.addf %t, %b : f32\n    linalg.yield %u : f32",
        "bytes": "    %c = arith.trunci %b : i8 to i1\n    %u = arith.select %c, %t, %low : f32\n"
        "    linalg.yield %u : f32",
        "causal": "    %i = linalg.index 1 : index\n    %j = linalg.index 2 : index\n"
        "    %c = arith.cmpi sge, %i, %j : index\n    %u = arith.select %c, %t, %low : f32\n    linalg.yield %u : f32",
    }[mask]
    product = "    %t = arith.mulf %x, %y : f32\n    %u = arith.addf %o, %t : f32\n    linalg.yield %u : f32"
    full, row = "(h, q, k)", "(h, q)"
    masked = [full, *([MASKS[mask]] if tm else []), full]
    return (
        f"""func.func @kernel({arguments}) -> {to} {{
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scale = arith.constant {d**-0.5} : f32
  %es = tensor.empty({nqk}) : {s}
  %er = tensor.empty({nq}) : {r}
  %ep = tensor.empty({nq}) : {p}
  %eo = tensor.empty({nq}) : {to}
  %fs = linalg.fill ins(%zero : f32) outs(%es : {s}) -> {s}
  %fm = linalg.fill ins(%low : f32) outs(%er : {r}) -> {r}
  %fr = linalg.fill ins(%zero : f32) outs(%er : {r}) -> {r}
  %fp = linalg.fill ins(%zero : f32) outs(%ep : {p}) -> {p}
"""
        + _generic("scores", ["(q, h, d)", "(k, h, d)", full], "pppr", (f"%q, %k : {tq}, {tk}", f"%fs : {s}"),
                   f"  ^bb0(%x: f32, %y: f32, %o: f32):\n{product}")
        + _generic("masked", masked, "ppp", (f"%scores, %m : {s}, {tm}" if tm else f"%scores : {s}", f"%es : {s}"),
                   f"  ^bb0(%x: f32, {f'%b: {element}, ' if tm else ''}%o: f32):\n"
                   f"    %t = arith.mulf %x, %scale : f32\n{change}")
        + _generic("most", [full, row], "ppr", (f"%masked : {s}", f"%fm : {r}"),
                   "  ^bb0(%x: f32, %o: f32):\n    %t = arith.maximumf %o, %x : f32\n    linalg.yield %t : f32")
        + _generic("powers", [full, row, full], "ppp", (f"%masked, %most : {s}, {r}", f"%es : {s}"),
                   "  ^bb0(%x: f32, %y: f32, %o: f32):\n    %t = arith.subf %x, %y : f32\n"
                   "    %u = math.exp %t : f32\n    linalg.yield %u : f32")
        + _generic("sums", [full, row], "ppr", (f"%powers : {s}", f"%fr : {r}"),
                   "  ^bb0(%x: f32, %o: f32):\n    %t = arith.addf %o, %x : f32\n    linalg.yield %t : f32")
        + _generic("weights", [full, row, full], "ppp", (f"%powers, %sums : {s}, {r}", f"%es : {s}"),
                   "  ^bb0(%x: f32, %y: f32, %o: f32):\n    %t = arith.divf %x, %y : f32\n    linalg.yield %t : f32")
        + _generic("products", [full.replace("k", "d"), "(d, h, k)", "(h, q, k)"], "pppr",
                   (f"%weights, %v : {s}, {tv}", f"%fp : {p}"), f"  ^bb0(%x: f32, %y: f32, %o: f32):\n{product}")
        + _generic("result", ["(h, q, k)", "(q, h, k)"], "ppp", (f"%products : {p}", f"%eo : {to}"),
                   "  ^bb0(%x: f32, %o: f32):\n    linalg.yield %x : f32")
        + f"  return %result : {to}\n}}"
    )  # fmt: skip


def _check(kernel: Compiled, sizes: Sizes, mask: str, *, dynamic: bool = False) -> None:
    heads, q, k, d, e = sizes
    inputs = [RNG.standard_normal(s).astype(np.float32) for s in ((q, heads, d), (k, heads, d), (k, heads, e))]
    scores = np.einsum("qhd,khd->hqk", *(x.astype(np.float64) for x in inputs[:2])) * d**-0.5
    if mask in ("bias", "keys"):
        bias = RNG.standard_normal((heads, q, k) if mask == "bias" else k).astype(np.float32)
        bias[..., : k // 2] = -np.inf  # whole blocks of keys
        inputs.append(bias)
        scores += bias
    if mask == "bytes":
        seen = RNG.random((q, k)) < 0.7
        seen[:: max(q // 3, 1)] = False  # rows that see nothing: not numbers, as in NumPy
        inputs.append(seen.astype(np.int8))
        scores[:, ~seen] = -np.inf
    if mask == "causal":
        scores[:, np.arange(q)[:, None] < np.arange(k)] = -np.inf
    with np.errstate(invalid="ignore"):
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        wanted = np.einsum("hqk,khe->qhe", weights / weights.sum(-1, keepdims=True), inputs[2])
    indices: list[int] = []
    outputs: list[Any] = [((q, heads, e), np.float32)]
    if dynamic:
        indices = [q, k, k, *(inputs[3].shape[-2 if mask != "keys" else -1 :] if len(inputs) > 3 else ()), q]
        outputs.append(((1 << 22,), np.uint8))  # scratch
    result = kernel(inputs, outputs, indices=indices)[0]
    np.testing.assert_allclose(result, wanted, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("sizes", "mask", "cpu"),
    [
        ((2, 64, 64, 16, 32), "none", "host"),
        ((3, 37, 29, 40, 24), "bias", "host"),
        ((2, 100, 7, 5, 67), "keys", "x86-64-v3"),
        ((1, 33, 19, 16, 3), "bytes", "x86-64-v4"),
        ((2, 32, 40, 8, 16), "causal", "x86-64-v2"),
        ((2, 9, 2, 4, 4), "none", "host"),
        ((2, 1, 50, 16, 16), "keys", "host"),
        ((2, 5, 11, 3, 7), "bias", "x86-64"),
    ],
)
def test_attention(sizes: Sizes, mask: str, cpu: str) -> None:
    kernel = compile_text(attention(sizes, mask), cpu)
    assert "2-attention-script.mlir" in kernel.stages and not any("failed" in name for name in kernel.stages)
    _check(kernel, sizes, mask)


@pytest.mark.parametrize("mask", ["none", "bytes"])
def test_unknown_numbers_of_queries_and_keys(mask: str) -> None:
    kernel = compile_text(attention((2, 0, 0, 16, 20), mask, dynamic=True))
    assert "2-attention-script.mlir" in kernel.stages and not any("failed" in name for name in kernel.stages)
    for q, k in ((64, 24), (45, 3), (1, 1), (7, 130), (0, 5)):
        _check(kernel, (2, q, k, 16, 20), mask, dynamic=True)
