"""`native/webgpu.h` is what the installed dawn-python declares."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path

import iree.hal_webgpu

PACKAGE = Path(__file__).parents[1]


def test_header_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generator", PACKAGE / "scripts" / "generate_webgpu_header.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert (PACKAGE / "native" / "webgpu.h").read_text() == generator.generate()


def test_required_version_is_that_of_the_header() -> None:
    required = [r for r in metadata.requires("iree-hal-webgpu") or [] if r.startswith("dawn-python")]
    assert required == [f"dawn-python=={metadata.version('dawn-python')}"]


def test_public_names() -> None:
    assert sorted(iree.hal_webgpu.__all__) == ["__version__", "driver"]
