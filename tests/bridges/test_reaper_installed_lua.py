"""The REAPER bridge in the Luas that Debian installs: every action that needs no window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate.contract.messages import Message
from bandmate.music.clip import Clip
from bridges.fake_daemon import FakeDaemon
from bridges.fake_reaper import FakeReaper
from bridges.piped_lua import PipedLua
from bridges.reaper_scene import (
    ACCEPT,
    ADD_BASS,
    ADD_DRUMS,
    ADD_KEYS,
    BASS,
    CARDS,
    CLIP,
    CONTINUE,
    FILL,
    FOLLOW,
    KEYS,
    NEXT,
    PREVIOUS,
    REJECT,
    SCRIPT,
    VARY,
    ask_for_chords,
    get,
    written,
)


@pytest.fixture(params=["lua5.3", "lua5.4"])
def installed(request: pytest.FixtureRequest) -> Iterator[PipedLua]:
    """An interpreter of the system's."""
    lua = PipedLua(request.param)
    if not lua.is_installed:
        pytest.skip(f"{request.param} is not installed (apt-get install {request.param})")
    yield lua
    lua.close()


def test_a_song_is_made_with_every_action(
    installed: PipedLua, home: Path, daemon: FakeDaemon
) -> None:
    reaper = FakeReaper(installed)
    reaper.set_tempo(120.0)
    reaper.add_track("synth", is_selected=True)
    for action in (VARY, FILL, CONTINUE, ADD_DRUMS, NEXT, PREVIOUS, ACCEPT, REJECT):
        reaper.run(action)  # nothing is there yet
    assert len(reaper.console) == 8
    reaper.run(FOLLOW)
    reaper.play_state = 1
    reaper.tick(4)
    reaper.play_state = 0
    assert "/bandmate/transport/report" in {m.address for _, m in daemon.asked()}
    client, id_ = ask_for_chords(reaper, daemon)
    daemon.answer(client, *daemon.dealt(id_, CARDS))
    reaper.tick()
    reaper.run(NEXT)
    assert reaper.items[0].active == 1
    get(reaper, daemon, CLIP)
    drums, bass, keys = reaper.items[1:]
    assert bass.take.notes == written(BASS, 0)
    reaper.select_items(keys)
    reaper.selection = (2.0, 4.0)
    for action in (VARY, FILL, CONTINUE, ADD_BASS, ADD_KEYS):
        reaper.run(action)
        client, id_, said = daemon.asked_for_loops()[-1]
        assert Path(str(said["context"])).is_file()
        daemon.answer(client, *daemon.made(id_, Clip((KEYS, BASS), 16.0), str(home / "a.mid")))
        reaper.tick()
    assert keys.take.notes == written(KEYS, 1)
    assert (len(keys.takes), len(reaper.tracks), len(reaper.items)) == (3, 3, 7)
    (home / "a.mid").touch()
    reaper.run(ACCEPT)
    reaper.run(REJECT)
    for client, mark in daemon.asked():
        daemon.answer(client, Message(f"{mark.address}ed", mark.arguments))
    reaper.settle()
    assert (len(keys.takes), reaper.help[-1][-8:]) == (2, "rejected")
    assert (len(reaper.console), daemon.files()) == (8, [])
    reaper.run(SCRIPT)
    assert drums in reaper.items
