"""What is installed is whole: a wheel, away from the clone, makes a loop with what it carries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an unpacked wheel."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_carries_models_presets_and_bridges(installed: Path) -> None:
    shipped = installed / "bandmate" / "shipped"
    for part in ("models", "presets", "bridge"):
        assert any((shipped / part).rglob("*.*")), f"{part} is missing"
    assert (shipped / "bridge" / "reaper" / "bandmate.lua").is_file()
    assert (installed / "bandmate" / "defaults.yaml").is_file()
    assert not list(installed.rglob("*.py[co]"))


def test_it_makes_a_loop_outside_the_clone(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bandmate.app.cli", "loop", "--preset", "tight-funk", "--json"]
    told = subprocess.run(
        [*command, "--seed", "7", "-o", "out.mid"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "BANDMATE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )
    (take,) = json.loads(told.stdout)["takes"]
    assert take["bars"] == 4
    assert (tmp_path / "out.mid").stat().st_size > 200
