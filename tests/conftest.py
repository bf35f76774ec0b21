"""What every test stands on: a home of its own, so that none touches the person's, and no reports.

bandmate is imported here before any test imports a package that calls out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import bandmate  # noqa: F401

# Selenium drives the page's tests: no usage reports, no drivers looked for elsewhere.
os.environ |= {"SE_AVOID_STATS": "true", "SE_OFFLINE": "true"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a bandmate folder of its own and return it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BANDMATE_HOME", str(folder))
    return folder
