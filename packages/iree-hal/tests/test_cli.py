"""iree-devices."""

import json

import pytest

from iree.hal import __version__
from iree.hal.devices_cli import main


def test_lists_devices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "null device (does no work)" in out
    assert "concurrency = 1" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "null", "null?lose_after=3"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["uri"] for row in rows] == ["null", "null?lose_after=3"]
    assert rows[0]["limits"]["concurrency"] == 1
    assert rows[0]["unusable"] is None


@pytest.mark.parametrize("uri", ["nosuch", "null://7", "null?what=1", "???"])
def test_says_why_a_device_is_not_usable(capsys: pytest.CaptureFixture[str], uri: str) -> None:
    assert main([uri]) == 1
    assert "not usable: " in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    out = capsys.readouterr().out
    assert f"iree-hal {__version__} (ABI 1)" in out
    assert f"driver null: iree-hal {__version__}" in out
