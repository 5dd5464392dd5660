"""Mesa's drivers beside a TensorFlow; manifests of Vulkan drivers are bytes from outside."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from iree.hal import mesa

MESA = '{"ICD": {"library_path": "%s"}}'


def test_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mesa's libraries are found in files and folders that the environment names; what is malformed is passed over."""
    contents = {
        "absolute": MESA % "/lib/libvulkan_a.so",
        "relative": MESA % "./libvulkan_b.so",
        "by name": MESA % "libvulkan_c.so",
        "not Mesa's": MESA % "libGLX_other.so.0",
        "no JSON": "{",
        "no text": "\xff",
        "no object": "[1]",
        "no path": '{"ICD": {}}',
        "no string": '{"ICD": {"library_path": 3}}',
    }
    for name, text in contents.items():
        (tmp_path / f"{name}.json").write_text(text, "latin-1")
    for variable in mesa._VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(mesa, "_FOLDERS", ())
    monkeypatch.setenv("VK_DRIVER_FILES", f"{tmp_path / 'absolute.json'}:{tmp_path / 'absent.json'}")
    monkeypatch.setenv("VK_ADD_DRIVER_FILES", str(tmp_path))
    opened: list[str] = []

    def open_library(name: str, mode: int) -> None:
        opened.append(name)
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", open_library)
    mesa.isolate_mesa()
    folder = ["/lib/libvulkan_a.so", "libvulkan_c.so", f"{tmp_path}/libvulkan_b.so"]
    assert opened == ["/lib/libvulkan_a.so", *folder]
