"""What every test stands on: a home of its own, so that none touches the person's, and no reports.

bandmate is imported here before any test imports a package that calls out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bandmate  # noqa: F401

# Selenium drives the page's tests: no usage reports, no drivers looked for elsewhere.
os.environ |= {"SE_AVOID_STATS": "true", "SE_OFFLINE": "true"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of this tree, built once."""
    pytest.importorskip("hatchling", reason="hatchling is in the extra dev")
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("bandmate-*.whl"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a bandmate folder of its own and return it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BANDMATE_HOME", str(folder))
    return folder
