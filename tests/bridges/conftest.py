"""REAPER and the daemon, both faked, with one home between them, in both Luas of REAPER."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from bridges.fake_daemon import FakeDaemon
from bridges.fake_items import FakeItem
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import TUNE


@pytest.fixture(params=["lua53", "lua54"])
def lua(request: pytest.FixtureRequest) -> ModuleType:
    """The Lua of REAPER 6 and of REAPER 7."""
    return importlib.import_module(f"lupa.{request.param}")


@pytest.fixture
def reaper(lua: ModuleType, home: Path) -> FakeReaper:
    """A REAPER whose one track is selected, at 96 BPM."""
    fake = FakeReaper(lua)
    fake.set_tempo(96.0)
    fake.add_track("synth", is_selected=True)
    return fake


@pytest.fixture
def daemon(home: Path) -> FakeDaemon:
    """A daemon that has just shown a sign of life."""
    fake = FakeDaemon(home)
    fake.beat()
    return fake


@pytest.fixture
def item(reaper: FakeReaper) -> FakeItem:
    """A selected item of two bars, from the third quarter on."""
    return reaper.add_item(reaper.tracks[0], 4.0, 12.0, TUNE)
