"""What the tests of the REAPER bridge share: a clip, and one round from ask to insertion."""

from __future__ import annotations

from pathlib import Path

from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.wires.messages import Atom
from bridges.fake_daemon import FakeDaemon
from bridges.fake_reaper import PPQ, FakeItem, FakeReaper

SCRIPT = Path(__file__).parents[2] / "bridge" / "reaper" / "bandmate.lua"

DRUMS = Part("drums", 0, tuple(Note(i / 2, 36 + i % 2 * 6, 0.25, 100 + i) for i in range(16)))
BASS = Part("bass", 33, tuple(Note(float(i), 33 + i, 0.9583333, 80) for i in range(8)))
KEYS = Part(
    "keys", 4, (Note(0.0, 57, 4.0, 70), Note(0.0, 60, 4.0, 71), Note(4 / 3, 64, 1 / 12, 72))
)
CLIP = Clip((DRUMS, BASS, KEYS), 16.0, 96.0, key=Key(9, "min"))
LONG = Clip(
    (Part("keys", 4, tuple(Note(i / 24, i % 128, 1 / 24, 1 + i % 127) for i in range(1000))),), 64.0
)


def ask(reaper: FakeReaper, daemon: FakeDaemon) -> tuple[str, Atom]:
    """Run the action and return the client and the id that the daemon sees."""
    reaper.run(SCRIPT)
    client, id_, _ = daemon.asked_for_loops()[-1]
    return client, id_


def get(reaper: FakeReaper, daemon: FakeDaemon, clip: Clip) -> None:
    """Ask, answer with a clip and let REAPER see it."""
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, clip))
    reaper.tick()


def written(part: Part, channel: int) -> list[tuple[float, float, int, int, int]]:
    """Return a part's notes as they must stand in a take."""
    return sorted(
        (round(n.start * PPQ), round(n.end * PPQ), channel, n.pitch, n.velocity) for n in part.notes
    )


def items(reaper: FakeReaper) -> list[FakeItem]:
    """Return all items, track by track."""
    return [item for track in reaper.tracks for item in track.items]
