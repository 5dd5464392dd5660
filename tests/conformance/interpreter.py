"""The StableHLO reference interpreter, in processes of its own: it aborts on what it does not support."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from conformance.case import COMPLEX, FLOAT8, NARROW, NUMPY, Array, Case, Tensor
from iree.dialects.mlir import ir, make_context, stablehlo

TIMEOUT_S = 20


def evaluate(cases: Sequence[Case]) -> list[list[Array] | str]:
    """Per case its results, or why the interpreter has none."""
    answers: list[list[Array] | str] = []
    while len(answers) < len(cases):
        mine, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
        worker = multiprocessing.get_context("fork").Process(target=_work, args=(cases[len(answers) :], theirs))
        worker.start()
        theirs.close()
        try:
            while len(answers) < len(cases):
                if not mine.poll(TIMEOUT_S):
                    answers.append(f"takes more than {TIMEOUT_S} s")
                    break
                answers.append(mine.recv())
        except EOFError:
            answers.append("the interpreter aborts")
        worker.kill()
        worker.join()
    return answers


def _work(cases: Sequence[Case], pipe: Any) -> None:
    faulthandler.disable()  # an abort is an answer, no news
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    context = make_context()
    with context, ir.Location.unknown():
        for case in cases:
            try:
                pipe.send(_run(case.static or case))
            except Exception as error:  # whatever binding error there is, it is the answer
                pipe.send(f"{type(error).__name__}: {error}")


def _run(case: Case) -> list[Array]:
    arguments, unpack = [], []
    attributes = []
    for i, (type_, value) in enumerate(zip(case.arguments, case.inputs, strict=True)):
        static = Tensor(type_.shape, type_.dtype)
        if type_.dtype in COMPLEX:
            part = Tensor(type_.shape, type_.dtype[8:-1])
            arguments += [f"%re{i}: {part}", f"%im{i}: {part}"]
            unpack.append(f"%s{i} = stablehlo.complex %re{i}, %im{i} : {static}")
            attributes += [_attribute(value.real, part), _attribute(value.imag, part)]
        else:
            arguments.append(f"%s{i}: {static}")
            attributes.append(_attribute(value, static))
    calls = ", ".join(f"%s{i}" for i in range(len(case.arguments)))
    types = ", ".join(map(str, case.arguments))
    results = ", ".join(map(str, case.results))
    pack, values, outs, readers = [], [], [], []
    for i, type_ in enumerate(case.results):
        for name, text, out, reader in _readable(f"%r#{i}" if len(case.results) > 1 else "%r", type_, i):
            pack.append(text)
            values.append(name)
            outs.append(out)
            readers.append((i, reader))
    binding = f"%r:{len(case.results)}" if len(case.results) > 1 else "%r"
    text = "\n".join([
        case.prelude,
        case.function("case").replace("func.func @case", "func.func private @case"),
        f"func.func @main({', '.join(arguments)}) -> ({', '.join(map(str, outs))}) {{",
        *unpack,
        f"{binding} = func.call @case({calls}) : ({types}) -> ({results})",
        *pack,
        f"return {', '.join(values)} : {', '.join(map(str, outs))}",
        "}",
    ])  # fmt: skip
    found = stablehlo.eval_module(ir.Module.parse(text), attributes)
    gathered: list[list[Array]] = [[] for _ in case.results]
    for (i, reader), attribute in zip(readers, found, strict=True):
        gathered[i].append(reader(np.array(attribute)))
    return [parts[0] if len(parts) == 1 else _joined(*parts) for parts in gathered]


def _joined(real: Array, imag: Array) -> Array:
    """The complex numbers of these parts. A sum would make NaN of infinite ones."""
    found = np.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
    found.real, found.imag = real, imag
    return found


def _readable(value: str, type_: Tensor, i: int) -> list[tuple[str, str, Tensor, Any]]:
    """Conversions of a result to types whose attributes NumPy can read: name, text, type, what is left to do in
    NumPy.
    """
    dtype = type_.dtype
    if dtype in COMPLEX:
        part = Tensor(type_.shape, dtype[8:-1])
        return [
            (f"%{name}{i}", f"%{name}{i} = stablehlo.{name} {value} : ({type_}) -> {part}", part, lambda a: a)
            for name in ("real", "imag")
        ]
    same = NUMPY[dtype]
    if dtype == "bf16" or dtype in FLOAT8:
        out = Tensor(type_.shape, "ui16" if dtype == "bf16" else "ui8")
        return [
            (f"%b{i}", f"%b{i} = stablehlo.bitcast_convert {value} : ({type_}) -> {out}", out, lambda a: a.view(same))
        ]
    if dtype in NARROW:
        out = Tensor(type_.shape, "ui8" if dtype.startswith("u") else "i8")
        return [(f"%c{i}", f"%c{i} = stablehlo.convert {value} : ({type_}) -> {out}", out, lambda a: a.astype(same))]
    return [(value, "", type_, lambda a: a)]


def _attribute(value: Array, type_: Tensor) -> Any:
    if 0 in value.shape:
        return ir.Attribute.parse(f"dense<> : {type_}")
    if type_.dtype == "i1" or type_.dtype in NARROW:
        text = str(value.astype(np.int64).tolist())
        return ir.Attribute.parse(
            f"dense<{text.replace('1', 'true').replace('0', 'false') if type_.dtype == 'i1' else text}> : {type_}"
        )
    return ir.Attribute.parse(f'dense<"0x{np.ascontiguousarray(value).tobytes().hex()}"> : {type_}')
