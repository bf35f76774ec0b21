"""In time with a real DAW: we follow Ardour's MIDI clock, and Ardour records what we play to it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player.player import Player
from bandmate.timing.ports.inputs import CLOCK, RtInput
from bandmate.timing.ports.ports import open_output
from bandmate.timing.sources.clock_in import TICK, ClockFollower
from bandmate.timing.sources.transport import Transport
from bridges.ardour_host import BLOCK, MISSING, RATE, TICKS, jack_server, read_region, run_ardour
from timing.fake_port import Settings

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (apt-get install ardour jackd2)"
)

TEMPO = 96.0
BLOCK_SECONDS = BLOCK / RATE

PITCHES = range(40, 72)
CLIP = Clip(
    (Part("keys", 0, tuple(Note(i / 2, pitch, 0.25, 90) for i, pitch in enumerate(PITCHES))),),
    16.0,
    TEMPO,
)
KNOWN_BEATS = 9
"""Of the clock, before the clip is launched on the next pair of bars, which is beat 16."""

BEATS = 16 + 16 + 2
RUNS = 4
"""Recordings that are tried before a machine is called too busy to measure."""

STARTS = 20
"""Starts of one recording: Ardour 7.3 loses JACK 1.9.21 in about one of three, at once."""


class Listener:
    """Takes the clock that comes into the player's thread, and notices when it is well known."""

    def __init__(self, player: Player) -> None:
        self.is_known = threading.Event()
        self._player = player
        self.begin()

    def begin(self) -> None:
        """Wait for another Ardour."""
        self._follower = ClockFollower()
        self._ticks = 0
        self.is_known.clear()
        self._player.follow(self._follower)

    def hear(self, second: float, message: bytes) -> None:
        follower = self._follower
        self._player.do_soon(lambda: follower.take_in(second, message))
        self._ticks += message[0] == TICK
        if self._ticks == KNOWN_BEATS * 24:
            self.is_known.set()


@dataclass(frozen=True)
class Rig:
    """Our player on JACK, and what hears the clock for it."""

    player: Player
    listener: Listener
    clock: str
    """The port that the clock is sent to."""


@contextmanager
def rig(latency: float) -> Iterator[Rig]:
    with Player(open_output(Settings("jack")), Transport(), latency=latency) as player:
        listener = Listener(player)
        port = RtInput(Settings("jack"), CLOCK, listener.hear)
        try:
            yield Rig(player, listener, port.name)
        finally:
            port.close()


def recorded(rig: Rig, tmp_path: Path) -> int:
    """Let Ardour roll and record while we play in its time; return the xruns meanwhile."""
    said = ""
    for _ in range(STARTS):
        shutil.rmtree(tmp_path / "clocked", ignore_errors=True)
        rig.listener.begin()
        with ThreadPoolExecutor(1) as beside:
            ardour = beside.submit(
                run_ardour,
                "ardour_clock.lua",
                tmp_path,
                folder=tmp_path / "clocked",
                tempo=TEMPO,
                beats=BEATS,
                source="bandmate:loops",
                clock=rig.clock,
            )
            while not rig.listener.is_known.wait(0.1) and not ardour.done():
                pass
            if not ardour.done():
                rig.player.play(CLIP, at="2 bars")
            said = ardour.result()
        rig.player.stop()
        print(said)
        if "JACK HALTED" not in said and "XRUNS" in said:
            rows = dict(line.partition(" ")[::2] for line in said.replace("\t", " ").splitlines())
            return int(rows["XRUNS"])
    raise AssertionError(said)


def offsets(latency: float, tmp_path: Path) -> list[float]:
    """Return how many seconds behind Ardour's grid it recorded each note of the clip."""
    with rig(latency) as ours:
        for _ in range(RUNS):
            xruns = recorded(ours, tmp_path)
            region = read_region(tmp_path, tmp_path / "clocked", "clocked")
            heard = [note.pitch for note in region.notes]
            # On a busy machine Ardour may also begin to record behind the first notes.
            if not xruns and heard == list(PITCHES):
                break
        else:
            if xruns:
                pytest.skip(f"JACK had xruns in {RUNS} recordings: this machine is too busy")
    assert heard == list(PITCHES)
    beats = [(region.start + note.start) / TICKS for note in region.notes]
    first = round(beats[0] / 8) * 8  # the clip began on a pair of bars
    wanted = [first + note.start for note in CLIP.parts[0].notes]
    found = [(is_ - asked) * 60 / TEMPO for is_, asked in zip(beats, wanted, strict=True)]
    print(f"begun at beat {first}: {1e3 * min(found):.1f} to {1e3 * max(found):.1f} ms")
    return found


def test_notes_follow_ardours_clock_and_lie_on_its_grid_once_calibrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"bandmate-clock-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    with jack_server(name):
        first = offsets(0.0, tmp_path)
        assert max(first) - min(first) <= 2 * BLOCK_SECONDS
        constant = (max(first) + min(first)) / 2
        second = offsets(constant, tmp_path)
    assert max(second) - min(second) <= 2 * BLOCK_SECONDS
    assert max(abs(offset) for offset in second) <= BLOCK_SECONDS
