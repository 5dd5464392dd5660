"""Drivers as plug-ins: packages that are only a directory on the path, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# A driver of whatever name, size and version of the ABI; the rest is the null driver's.
FAKE = """
import ctypes
from iree.hal._native import null_driver

class Table(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("abi_version", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("version", ctypes.c_char_p), ("enumerate", ctypes.c_void_p), ("create_device", ctypes.c_void_p)]

api = ctypes.pythonapi
api.PyCapsule_New.restype = ctypes.py_object
api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
NAME = b"iree.hal.driver"
kept = []

def make(name=b"fake", size=ctypes.sizeof(Table), abi=1, capsule=NAME):
    null = Table.from_address(api.PyCapsule_GetPointer(null_driver(), NAME))
    table = Table(size, abi, name, b"9", null.enumerate, null.create_device)
    kept.append(table)
    return api.PyCapsule_New(ctypes.addressof(table), capsule, None)

def good(): return make()
def newer(): return make(abi=2)
def older(): return make(abi=0)
def small(): return make(size=16)
def misnamed(): return make(name=b"other")
def wrong_capsule(): return make(capsule=b"something.else")
def no_capsule(): return 42
def broken(): raise OSError("libfake.so.1: no such file")
"""


def plug_in(folder: Path, package: str, entries: str, version: str = "1.2") -> None:
    """Installs a package with these lines under iree.hal.drivers."""
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[console_scripts]\nfake = no:where\n\n[iree.hal.drivers]\n{entries}\n")
    (folder / "fake_driver.py").write_text(FAKE)


def run(code: str, *path: Path) -> str:
    """What `code` prints, with these directories on the path."""
    before = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, path), *([before] if before else [])])}
    result = subprocess.run(
        [sys.executable, "-c", "from iree import hal\n" + code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


TRY = """
try:
    print(hal.open({uri!r}))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_plug_in_is_found(tmp_path: Path) -> None:
    plug_in(tmp_path, "my-drivers", "fake = fake_driver:good")
    found = run("print(hal.drivers()['fake'])", tmp_path)
    assert found == "EntryPoint('fake', 'fake_driver:good', 'my-drivers', '1.2')"
    assert "null device" in run(TRY.format(uri="fake"), tmp_path)
    assert "DeviceInfo(uri='fake'" in run("print(hal.devices())", tmp_path)


def test_plug_in_in_a_zip_file(tmp_path: Path) -> None:
    plug_in(tmp_path / "x", "zipped", "fake = fake_driver:good")
    import shutil  # noqa: PLC0415

    archive = Path(shutil.make_archive(str(tmp_path / "archive"), "zip", tmp_path / "x"))
    assert run("print(hal.drivers()['fake'].package)", archive) == "zipped"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("newer", ["IncompatibleError", "my-drivers 1.2", "version 2", "version 1", "pip install -U iree-hal"]),
        ("older", ["IncompatibleError", "version 0", "pip install -U my-drivers"]),
        ("small", ["IncompatibleError", "my-drivers 1.2", "16 bytes", "upgrade it"]),
        ("misnamed", ["IncompatibleError", "'other' as 'fake'"]),
        ("wrong_capsule", ["IncompatibleError", "my-drivers 1.2", "capsule"]),
        ("no_capsule", ["IncompatibleError", "my-drivers 1.2", "capsule"]),
        ("broken", ["IncompatibleError", "my-drivers 1.2", "OSError: libfake.so.1"]),
        ("missing", ["IncompatibleError", "AttributeError", "missing"]),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, entry: str, said: list[str]) -> None:
    plug_in(tmp_path, "my-drivers", f"fake = fake_driver:{entry}")
    message = run(TRY.format(uri="fake"), tmp_path)
    for words in said:
        assert words in message
    # Listing says so too, and still lists the others.
    listing = run("print(*hal.devices(), sep='\\n')", tmp_path)
    assert "uri='null'" in listing
    assert said[-1] in listing


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    plug_in(tmp_path, "first", "fake = fake_driver:good")
    plug_in(tmp_path, "second-one", "fake = fake_driver:good", "3.4")
    message = run(TRY.format(uri="fake"), tmp_path)
    assert "AlreadyExistsError" in message
    assert "first 1.2" in message
    assert "second-one 3.4" in message


def test_package_found_twice_counts_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        plug_in(tmp_path / name, "same", "fake = fake_driver:good")
    assert "null device" in run(TRY.format(uri="fake"), tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("vulkan", "pip install iree-hal-vulkan"),
        ("cpuu", "no driver 'cpuu' is installed (installed: "),
        ("null://1", "there is only 'null'"),
        ("null?x=1", "unknown option 'x'; it knows lose_after"),
        ("null?lose_after=-1", "not '-1'"),
        ("null?lose_after=99999999999999999999", "lose_after"),
    ],
)
def test_missing(uri: str, said: str) -> None:
    if uri == "vulkan" and "vulkan" in run("print(*hal.drivers())").split():
        pytest.skip("the Vulkan driver is installed")
    assert said in run(TRY.format(uri=uri))
