"""The kernel cache: what is put is found, what is damaged is not, and the oldest goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from iree import codegen
from iree.codegen.cache import Entry, KernelCache, key, usable_directory
from iree.codegen.targets import CompiledKernel

KERNEL = Entry(CompiledKernel("k", b"\x7fELF", "affine_map<(d0) -> (d0, 1, 1)>", 64, (1, 3), 2), "no time")


def test_round_trip(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path / "deep" / "cache")
    name = key(["a", b"b"])
    assert cache.get(name) is None
    cache.put(name, KERNEL)
    assert cache.get(name) == KERNEL
    assert [p for p in tmp_path.rglob("*") if p.name.startswith(".new")] == []


def test_keys_keep_parts_apart() -> None:
    assert len({key(["ab", "c"]), key(["a", "bc"]), key(["abc"]), key(["ab", "c", ""])}) == 4


@pytest.mark.parametrize(
    "damage", [lambda d: b"", lambda d: d[:20], lambda d: d[:-1], lambda d: d[:50] + b"!" + d[51:]]
)
def test_a_damaged_entry_is_a_miss(tmp_path: Path, damage: object) -> None:
    cache = KernelCache(tmp_path)
    cache.put(name := key(["x"]), KERNEL)
    path = tmp_path / name[:2] / name[2:]
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert cache.get(name) is None
    assert not path.exists()


def test_trim_removes_what_was_used_least_recently(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path)
    names = [key([str(i)]) for i in range(4)]
    for age, name in enumerate(names):
        cache.put(name, KERNEL)
        os.utime(tmp_path / name[:2] / name[2:], (age, age))
    assert cache.get(names[0]) == KERNEL  # used now
    size = (tmp_path / names[0][:2] / names[0][2:]).stat().st_size
    cache.limit = 2 * size
    cache.trim()
    assert [cache.get(name) is not None for name in names] == [True, False, False, True]


def test_tidying_trims_once_an_hour(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path, limit=0)
    names = [key([str(i)]) for i in range(3)]
    kept = []
    for name, age in zip(names, (0, 0, 4000), strict=True):
        cache.put(name, KERNEL)
        if age:
            os.utime(tmp_path / "trimmed", (time.time() - age,) * 2)
        cache.tidy()
        kept.append(cache.get(name) is not None)
    assert kept == [False, True, False]


def test_default_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert usable_directory(None) == tmp_path / "iree-codegen"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usable_directory(None) == tmp_path / ".cache" / "iree-codegen"


def test_without_a_directory_to_write_there_is_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match=r"no cache.*file/iree-codegen.*--cache-dir"):
        assert usable_directory(None) is None
    assert usable_directory(tmp_path / "mine") == tmp_path / "mine"
    assert codegen.compile_str("func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> { return %a : tensor<2xf32> }")
