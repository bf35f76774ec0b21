"""The player in its own process: what it plays, and that whoever dies leaves no note."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest

from bandmate.errors import AskError, PortError
from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player import process as apart
from bandmate.timing.player.news import BarPlayed, GridChanged, News, NowPlaying, Stopped
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.player.stage import Stage
from bandmate.timing.ports.inputs import Heard
from timing import written_port
from timing.written_port import has_come

TESTS = Path(__file__).parents[1]
PATIENCE = 20.0
LONG = Clip((Part("keys", 0, (Note(0.0, 60, 400.0, 100),)),), 400.0, 60.0)
SHORT = Clip((Part("keys", 0, (Note(0.0, 62, 0.5, 100),)),), 0.5, 300.0)
ON, OFF = "903c64", "803c00"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "port"
    path.touch()
    monkeypatch.setenv(written_port.PLACE, str(path))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    return path


@pytest.fixture
def told() -> Queue[News | Heard]:
    return Queue()


@pytest.fixture
def player(file: Path, told: Queue[News | Heard]) -> Iterator[PlayerApart]:
    with PlayerApart(stage(), told.put) as player:
        yield player


def stage(opening: Callable[[], written_port.WrittenOutput] = written_port.opened) -> Stage:
    return Stage(has_inputs=False, opening=opening)


def until(told: Queue[News | Heard], kind: type) -> News | Heard:
    while not isinstance(news := told.get(timeout=PATIENCE), kind):
        pass
    return news


def test_a_clip_plays_there_and_news_come_back(
    player: PlayerApart, file: Path, told: Queue[News | Heard]
) -> None:
    assert player.name == "bandmate:loops"
    assert player.play(SHORT, number=3) == 0.0
    news: list[News | Heard] = []
    while not news or not isinstance(news[-1], Stopped):
        news.append(told.get(timeout=PATIENCE))
    assert [n for n in news if not isinstance(n, GridChanged)] == [
        NowPlaying(3, 0.0), BarPlayed(3, 0, "own"), Stopped(),
    ]  # fmt: skip
    grid = until(told, GridChanged)
    assert isinstance(grid, GridChanged) and not grid.grid.is_rolling
    assert player.grid == grid.grid
    assert player.grid.tempo == 300.0
    assert file.read_text().split() == ["c000", "903e64", "803e00"]


def test_a_stream_is_filled_and_replaced_from_here(player: PlayerApart, file: Path) -> None:
    player.begin(StreamHead(4, 300.0, SHORT.meter, 2, (Part("keys", 0),), 1.0))
    player.fill(4, 0, SHORT)
    player.replace(4, LONG)
    assert has_come(file, ON)
    player.end(4)
    player.mix(frozenset({"keys"}))
    assert has_come(file, OFF)


def test_a_mistake_is_raised_here(player: PlayerApart) -> None:
    with pytest.raises(AskError, match="at must be now"):
        player.play(SHORT, at="later")  # type: ignore[arg-type]
    with pytest.raises(AskError, match="there is no source called 'clok', try clock"):
        player.follow("clok")


def test_a_port_that_is_not_there_is_told_at_once(file: Path) -> None:
    with pytest.raises(PortError, match="there is no MIDI port here, plug one in"):
        PlayerApart(stage(written_port.refused))
    with pytest.raises(PortError, match="the player failed"):
        PlayerApart(stage(written_port.broken))


def test_closing_ends_the_notes_and_the_process(player: PlayerApart, file: Path) -> None:
    player.play(LONG)
    assert has_come(file, ON)
    player.close()
    player.close()
    assert file.read_text().split()[-4:] == [OFF, "b04000", "b07b00", "closed"]
    with pytest.raises(PortError, match="the player is closed"):
        player.play(LONG)


def test_sigterm_ends_the_notes(player: PlayerApart, file: Path) -> None:
    player.play(LONG)
    assert has_come(file, ON)
    assert player.pid is not None
    os.kill(player.pid, signal.SIGTERM)
    assert has_come(file, "closed")
    assert OFF in file.read_text().split()


def test_a_process_that_died_is_told_and_started_anew_with_what_was_said(
    player: PlayerApart, file: Path, told: Queue[News | Heard]
) -> None:
    player.mix(frozenset({"bass"}))
    first = player.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    stopped = until(told, Stopped)
    assert isinstance(stopped, Stopped)
    assert stopped.words == "the player's process ended (killed by signal 9); play again"
    assert player.pid is None
    bass = Part("bass", 0, (Note(0.0, 40, 400.0, 100),))
    player.play(Clip((*LONG.parts, bass), 400.0, 60.0))
    assert player.pid not in (None, first)
    assert has_come(file, ON)
    assert "912864" not in file.read_text().split()


@pytest.mark.parametrize("notes", [1, 20_000])
def test_a_player_that_is_stopped_holds_up_nobody(
    player: PlayerApart, file: Path, monkeypatch: pytest.MonkeyPatch, notes: int
) -> None:
    assert player.pid is not None
    os.kill(player.pid, signal.SIGSTOP)
    much = Clip((Part("keys", 0, tuple(Note(i, 60, 1.0, 100) for i in range(notes))),), notes)
    with monkeypatch.context() as patch:
        patch.setattr(apart, "_ANSWER_SECONDS", 0.5)
        with pytest.raises(PortError, match="the player's process does not answer and was ended"):
            player.play(much)
    player.play(LONG)
    assert has_come(file, ON)


@pytest.mark.parametrize("notes", [1, 20_000])
def test_a_player_that_is_stopped_is_ended_with_the_daemon(
    player: PlayerApart, monkeypatch: pytest.MonkeyPatch, notes: int
) -> None:
    monkeypatch.setattr(apart, "_END_SECONDS", 0.3)
    assert player.pid is not None
    os.kill(player.pid, signal.SIGSTOP)
    much = Clip((Part("keys", 0, tuple(Note(i, 60, 1.0, 100) for i in range(notes))),), notes)
    playing = ThreadPoolExecutor(1).submit(player.play, much)
    time.sleep(0.2)
    player.close()
    with pytest.raises(PortError):
        playing.result(PATIENCE)


DAEMON = """
import sys
from bandmate.timing.player.process import PlayerApart
from timing.test_apart import LONG, stage
player = PlayerApart(stage())
player.play(LONG)
print(player.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_death_of_the_daemon_leaves_no_note(file: Path, number: int) -> None:
    source = str(Path(sys.modules["bandmate"].__file__ or "").parents[1])
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([source, str(TESTS)])},
    )
    assert has_come(file, ON)
    assert OFF not in file.read_text().split()
    daemon.send_signal(number)
    assert has_come(file, "closed")
    assert file.read_text().split()[-4:] == [OFF, "b04000", "b07b00", "closed"]
    daemon.communicate()
