"""The REAPER bridge: what it asks, by which settings, and where its mailbox lies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType

import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest
from platformdirs.api import PlatformDirsABC

from bandmate import __version__
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_items import TempoMark
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    CLIP,
    FOLLOW,
    SCRIPT,
    get,
    items,
)

# what is asked


def test_the_ask_tells_the_song_at_the_time_selection(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 120.0), TempoMark(4.0, 90.0, 3, 4)]
    reaper.selection = (6.0, 14.0)  # twelve quarters at 90: four bars of 3/4
    reaper.play_state = 1
    reaper.project_ext["bandmate", "key"] = "A:min"
    reaper.ext["bandmate", "parts"] = "drums,bass,keys:4"
    reaper.run(SCRIPT)
    (_, hello), (_, song), (_, wish) = daemon.asked()[:3]
    assert (hello.address, pairs(hello)) == (
        "/bandmate/hello",
        {"client": "reaper", "version": __version__, "owns": "daw"},
    )
    assert (song.address, pairs(song)) == (
        "/bandmate/song/set",
        {
            "tempo": 90.0,
            "signature_numerator": 3,
            "signature_denominator": 4,
            "is_playing": 1,
            "key": "A:min",
        },
    )
    assert (wish.address, pairs(wish)) == (
        "/bandmate/loop/ask",
        {
            "bars": 4,
            "tempo": 90.0,
            "meter": "3/4",
            "notes": "blob",
            "key": "A:min",
            "parts": "drums,bass,keys:4",
        },
    )


@pytest.mark.parametrize(
    ("selection", "setting", "bars"),
    [
        ((0.0, 0.0), "", 4),
        ((0.0, 0.0), "8", 8),
        ((2.5, 7.5), "8", 2),
        ((2.5, 7.9), "", 2),
        ((2.5, 2.6), "", 1),
    ],
)
def test_bars_come_from_the_selection_else_from_the_setting(
    reaper: FakeReaper, daemon: FakeDaemon, selection: tuple[float, float], setting: str, bars: int
) -> None:
    reaper.selection = selection
    reaper.ext["bandmate", "bars"] = setting
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert said["bars"] == bars


def test_bars_of_six_eight_are_three_quarters_long(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 60.0, 6, 8)]
    reaper.selection = (3.0, 15.0)
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert (said["bars"], said["meter"], said["tempo"]) == (4, "6/8", 60.0)


def test_a_bars_setting_that_is_no_number_is_left_to_the_daemon(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.ext["bandmate", "bars"] = "x"
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert said["bars"] == "x"


def test_the_project_outweighs_what_lasts(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.ext["bandmate", "preset"] = "slow-jam"
    reaper.project_ext["bandmate", "preset"] = "funk"
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert said["preset"] == "funk"


def test_text_survives_the_mailbox(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.project_ext["bandmate", "chords"] = "A:min\\nD:min\nF:maj\\\r é"
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert said["chords"] == "A:min\\nD:min\nF:maj\\\r é"


def test_without_a_selected_track_nothing_is_asked(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.select()
    reaper.run(SCRIPT)
    assert daemon.asked() == []
    assert reaper.console == [
        "bandmate: select the track that the loop is to go on, then ask again.\n"
    ]


@pytest.mark.parametrize("age", [None, 10.0])
def test_without_a_daemon_the_person_is_told_how_to_start_it(
    reaper: FakeReaper, home: Path, age: float | None
) -> None:
    daemon = FakeDaemon(home)
    if age is not None:
        daemon.beat(age)
    reaper.run(SCRIPT)
    reaper.clock += 5
    reaper.tick(3)
    assert reaper.console == [
        "bandmate: the daemon is not running; start it with `bandmate serve` in a terminal.\n"
    ]
    assert daemon.files() == []


def test_a_daemon_that_starts_later_is_greeted(reaper: FakeReaper, home: Path) -> None:
    daemon = FakeDaemon(home)
    reaper.run(FOLLOW)
    assert len(reaper.console) == 1
    daemon.beat()
    reaper.clock += 2
    reaper.tick()
    ((_, hello),) = daemon.asked()
    assert pairs(hello)["owns"] == "daw"
    reaper.clock += 2
    reaper.tick()
    assert daemon.asked() == []


def test_an_ask_that_cannot_be_written_is_told(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path
) -> None:
    reaper.run(SCRIPT)
    client = daemon.asked()[0][0]
    asks = home / "mailbox" / client / "asks"
    shutil.rmtree(asks)
    asks.write_text("a file where a folder should be")
    reaper.RecursiveCreateDirectory = lambda path, _: 0  # type: ignore[method-assign]
    reaper.run(SCRIPT)
    assert [
        line.startswith("bandmate: the ask could not be written (") for line in reaper.console
    ] == [True]


# places


@pytest.fixture
def bare(
    lua: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[ModuleType, Path, pytest.MonkeyPatch]:
    """Return a Lua, a folder and a way to change the environment."""
    return lua, tmp_path, monkeypatch


@pytest.mark.parametrize(
    ("system", "dirs"),
    [
        ("Other", platformdirs.unix.Unix),
        ("OSX64", platformdirs.macos.MacOS),
        ("macOS-arm64", platformdirs.macos.MacOS),
        ("Win64", platformdirs.windows.Windows),
    ],
)
@pytest.mark.parametrize("data", [None, "", "relative", "/absolute"])
def test_the_mailbox_lies_where_the_daemon_looks(
    bare: tuple[ModuleType, Path, pytest.MonkeyPatch],
    system: str,
    dirs: type[PlatformDirsABC],
    data: str | None,
) -> None:
    lua, tmp_path, monkeypatch = bare
    monkeypatch.setattr(
        platformdirs.windows, "get_win_folder", lambda _: os.environ["LOCALAPPDATA"]
    )
    monkeypatch.delenv("BANDMATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", f"{tmp_path}/local")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if data is not None:
        monkeypatch.setenv("XDG_DATA_HOME", f"{tmp_path}{data}" if data.startswith("/") else data)
    daemon = FakeDaemon(dirs("bandmate").user_data_path)
    daemon.beat()
    reaper = FakeReaper(lua, system=system)
    reaper.add_track(is_selected=True)
    get(reaper, daemon, CLIP)
    assert len(items(reaper)) == 3


def test_a_home_told_in_the_settings_is_used(
    reaper: FakeReaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANDMATE_HOME")
    daemon = FakeDaemon(tmp_path / "my own")
    daemon.beat()
    reaper.ext["bandmate", "home"] = str(tmp_path / "my own")
    get(reaper, daemon, CLIP)
    assert len(items(reaper)) == 3
