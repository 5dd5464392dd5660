"""The versions of TensorFlow that are taken: what the package declares, checks, documents and is tested with."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from iree.import_tf import ImportFailure, tensorflow

PACKAGE = Path(__file__).parents[1]
WORKSPACE = PACKAGE.parents[1] / "pyproject.toml"
TAKEN = [f"{tensorflow.OLDEST[0]}.{minor}" for minor in range(tensorflow.OLDEST[1], tensorflow.NEWEST[1] + 1)]


def test_declared() -> None:
    extras = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    major, minor = tensorflow.NEWEST
    assert extras["tensorflow"] == [f"tensorflow>={TAKEN[0]},<{major}.{minor + 1}"]
    assert f"TensorFlow {TAKEN[0]} to {TAKEN[-1]}" in (PACKAGE / "README.md").read_text()


def test_every_version_has_an_environment() -> None:
    environments = tomllib.loads(WORKSPACE.read_text())["tool"]["hatch"]["envs"]
    assert [version for row in environments["tensorflow"]["matrix"] for version in row["version"]] == TAKEN


@pytest.mark.parametrize("found", ["2.15.1", "2.22.0rc1", "3.0.0"])
def test_others_are_refused(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: found)
    tensorflow.version.cache_clear()
    with pytest.raises(ImportFailure, match=f"TensorFlow {found} is installed; versions {TAKEN[0]} to {TAKEN[-1]} are"):
        tensorflow.version()
    monkeypatch.undo()
    tensorflow.version.cache_clear()
    assert tensorflow.version()[:4] in TAKEN
