"""What importing costs, what it brings, and the headers for others."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from iree import hal
from iree.hal import _errors

HEADERS = ("hal.h", "hal.hpp", "hal_gil.hpp", "hal_python.h")


def modules_after(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(out.stdout.split())


def test_import_loads_neither_numpy_nor_the_extension() -> None:
    loaded = modules_after("import iree.hal; iree.hal.get_include(); iree.hal.__version__")
    assert not loaded & {"numpy", "iree.hal._native", "pathlib", "importlib.metadata"}


def test_extension_does_not_load_numpy() -> None:
    loaded = modules_after("from iree import hal; d = hal.open('null'); d.allocate(10).write(b'abc'); hal.devices()")
    assert "iree.hal._native" in loaded
    assert not loaded & {"numpy", "importlib.metadata", "asyncio", "ml_dtypes"}


def test_names_are_there() -> None:
    for name in hal.__all__:
        assert getattr(hal, name) is not None
    assert set(hal.__all__) <= set(dir(hal))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hal.nothing


def test_version() -> None:
    assert metadata.version("iree-hal") == hal.__version__


def test_every_status_code_has_an_error() -> None:
    header = (Path(hal.get_include()) / "iree/hal.h").read_text()
    codes = {name: int(value) for name, value in re.findall(r"IREE_HAL_([A-Z_]+) = (\d+),", header)}
    codes = {name: value for name, value in codes.items() if value > 0}
    assert len(codes) == len(_errors.ERRORS) == 16
    for name, value in codes.items():
        error = _errors.from_status(value, "said")
        assert type(error).__name__ == name.title().replace("_", "") + "Error"
        assert error.code == value
        assert str(error) == "said"
    assert "99" in str(_errors.from_status(99, "from the future"))


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("language", ["c", "c++"])
def test_header_compiles_alone(tmp_path: Path, header: str, language: str) -> None:
    if language == "c" and header.endswith("hpp"):
        pytest.skip("C++ only")
    source = tmp_path / "x"
    source.write_text(f'#include "iree/{header}"\n')
    python = subprocess.run([sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('include'))"],
                            capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    if header in ("hal_python.h", "hal_gil.hpp") and not (Path(python) / "Python.h").exists():
        pytest.skip("needs Python's headers")
    standard = "-std=c11" if language == "c" else "-std=c++20"
    subprocess.run(
        ["g++", "-x", language, standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{hal.get_include()}",
         f"-I{python}", str(source)], check=True,
    )  # fmt: skip
