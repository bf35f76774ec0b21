"""What the tests of the REAPER bridge share: a clip, and one round from ask to insertion."""

from __future__ import annotations

from pathlib import Path

from bandmate.asks.notation import read_chords
from bandmate.chords.cards import Card
from bandmate.chords.progression import Progression
from bandmate.contract.messages import Atom, Message
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bridges.fake_daemon import FakeDaemon
from bridges.fake_items import PPQ, FakeItem, FakeNote
from bridges.fake_reaper import FakeReaper

FOLDER = Path(__file__).parents[2] / "bridge" / "reaper"
LIBRARY = FOLDER / "bandmate.lua"


def action(name: str) -> Path:
    """Return the file of an action."""
    path = FOLDER / f"bandmate_{name}.lua"
    assert path.is_file()
    return path


SCRIPT = action("ask_for_a_loop")
CHORDS = action("ask_for_chords")
VARY = action("vary_selected_item")
FILL = action("fill_selected_bars")
CONTINUE = action("continue")
ADD_DRUMS, ADD_BASS, ADD_KEYS = (action(f"add_{part}") for part in ("drums", "bass", "keys"))
NEXT, PREVIOUS = action("next_take"), action("previous_take")
ACCEPT, REJECT = action("accept"), action("reject")
SETTINGS = action("settings")
FOLLOW = action("follow")

DRUMS = Part("drums", 0, tuple(Note(i / 2, 36 + i % 2 * 6, 0.25, 100 + i) for i in range(16)))
BASS = Part("bass", 33, tuple(Note(float(i), 33 + i, 0.9583333, 80) for i in range(8)))
KEYS = Part(
    "keys", 4, (Note(0.0, 57, 4.0, 70), Note(0.0, 60, 4.0, 71), Note(4 / 3, 64, 1 / 12, 72))
)
CLIP = Clip((DRUMS, BASS, KEYS), 16.0, 96.0, key=Key(9, "min"))
LONG = Clip(
    (Part("keys", 4, tuple(Note(i / 24, i % 128, 1 / 24, 1 + i % 127) for i in range(1000))),), 64.0
)

TUNE: list[FakeNote] = [(i * 960.0, i * 960.0 + 480, 0, 57 + i, 80 + i) for i in range(8)]
"""Eight quarters in two bars of 4/4."""

VARIED = Part("lead", 81, tuple(Note(float(i), 70 - i, 0.5, 90) for i in range(8)))


def card(text: str) -> Card:
    """Return a card in F, of chords as they are typed."""
    progression = Progression(Key(5), read_chords(text))
    return Card(progression, True, -9.0, 1.5, "proposer@1a2b3c4d", ("warm",))


CARDS = [card(text) for text in ("F D:min7,G:min7 Bb C:7", "F F A:min Bb", "D:min C Bb C", "F/3 N")]


def ask_for_chords(
    reaper: FakeReaper, daemon: FakeDaemon, phrase: str = "rain", keywords: str = ""
) -> tuple[str, Atom]:
    """Ask for chords with a phrase and return the client and the id that the daemon sees."""
    reaper.typed = [phrase, keywords]
    reaper.run(CHORDS)
    client, id_, _ = daemon.asked_for_chords()[-1]
    return client, id_


def get_chords(reaper: FakeReaper, daemon: FakeDaemon, cards: list[Card]) -> list[Message]:
    """Ask for chords, answer with cards and let REAPER see them; return the answers."""
    client, id_ = ask_for_chords(reaper, daemon)
    answers = daemon.dealt(id_, cards)
    daemon.answer(client, *answers)
    reaper.tick()
    return answers


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
    return reaper.items


def asked(
    reaper: FakeReaper, daemon: FakeDaemon, action: Path
) -> tuple[str, Atom, dict[str, Atom]]:
    """Run an action; return the client, the id and what its ask names."""
    reaper.run(action)
    return daemon.asked_for_loops()[-1]


def heard(said: dict[str, Atom]) -> Clip:
    """Return the clip that an ask gives to play to, as the daemon reads it."""
    return midifile.read(str(said["context"]))
