"""The table of a surface: each control is one address with one number or one text, both ways.

``bridge/surfaces/README.md`` holds the same table for people, ``bandmate.tosc`` is built from it.
A surface sends every number as a float, has no id, and shows what it is told at the same address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bandmate.asks.loop import FIELDS
from bandmate.contract.messages import Atom
from bandmate.fields import Real, Whole
from bandmate.music.roles import ROLES
from bandmate.surfaces.board import CARDS, NONE, TEMPO, Board, Touch

PREFIX = "/bandmate/surface/"
"""What stands before the name of every control."""
SOURCES = ("internal", "clock", "link", "bridge")

FADER, SWITCH, BUTTON, TEXT, LAMP, HELLO = "fader", "switch", "button", "text", "lamp", "hello"


@dataclass(frozen=True, slots=True)
class Widget:
    """One row: what a person touches or reads."""

    name: str
    """Behind ``/bandmate/surface/``."""
    kind: str
    """``fader`` a number in a range, ``switch`` 0 or 1, ``button`` pressed at 1 and lit while its
    work lasts, ``text``, ``lamp`` a number that is only told, ``hello``."""
    words: str
    low: float = 0.0
    high: float = 1.0
    usual: Atom = 0.0
    """What it shows at first."""
    touch: Touch | None = None
    """What a touch does; None where it is only told."""


_ASKED = {field.name: field for field in FIELDS}


def _fader(name: str, usual: float) -> Widget:
    """Return the row of something that is said in the next ask."""
    field = _ASKED[name]
    number = getattr(field.range, "number", field.range)  # by part it is not said here
    assert isinstance(number, Whole | Real)
    touch = partial(Board.say, number=number)
    return Widget(name, FADER, field.words.partition(":")[0], number.low, number.high, usual, touch)


def _button(name: str, words: str, touch: Touch) -> Widget:
    return Widget(name, BUTTON, words, touch=touch)


def _asking(name: str, words: str, *said: str, action: str = "") -> Widget:
    """Return the row of an ask, in which the faders *said* are told."""
    return _button(f"ask/{name}", words, partial(Board.ask, action=action or name, says=said))


_KNOBS = ("density", "energy", "temperature", "strictness", "feel", "swing")


def _rows() -> Iterator[Widget]:
    yield Widget("hello", HELLO, "the port that answers go to; every control is told then", 1,
                 65535, 9000.0)  # fmt: skip
    yield Widget("words", TEXT, "what went wrong last, a sentence", usual="")
    yield from _preset_rows()
    yield _fader("bars", 4.0)
    yield _fader("density", 8.0)
    yield _fader("energy", 3.0)
    yield _fader("temperature", 1.0)
    yield _fader("strictness", 0.0)
    yield _fader("feel", 0.5)
    yield _fader("swing", 0.0)
    for role in ROLES:
        touch = partial(Board.choose_part, role=role)
        yield Widget(f"part/{role}", SWITCH, f"whether loops have {role}", touch=touch)
    yield from _ask_rows()
    for number in range(1, CARDS + 1):
        yield Widget(f"card/{number}/name", TEXT, "the chords of a card", usual="")
        touch = partial(Board.choose_card, index=number - 1)
        yield _button(f"card/{number}/choose", "accept it: loops follow its chords", touch)
    yield from _take_rows()
    yield from _time_rows()
    for role in ROLES:
        for mix in ("mute", "solo"):
            words = f"{role} is silent" if mix == "mute" else f"{role} is heard, alone"
            touch = partial(Board.mix, which=mix, role=role)
            yield Widget(f"{mix}/{role}", SWITCH, words, touch=touch)


def _preset_rows() -> Iterator[Widget]:
    yield Widget("preset", TEXT, "a preset's name, or its number from 1; 0 or none is none",
                 usual=NONE, touch=Board.choose_preset)  # fmt: skip
    yield _button("preset/next", "the next preset", partial(Board.step_preset, by=1))
    yield _button("preset/previous", "the preset before", partial(Board.step_preset, by=-1))
    yield _button("reset", "forget the preset, the faders and the parts", Board.reset)


def _ask_rows() -> Iterator[Widget]:
    yield _asking("loop", "ask for a loop", "preset", "parts", "bars", *_KNOBS)
    yield _asking("vary", "vary the take that is shown", *_KNOBS)
    yield _asking("more", "more like the take that is shown", *_KNOBS)
    yield _asking("continue", "what follows the take that is shown", "bars", *_KNOBS)
    yield _asking("chords", "ask for chord cards", "bars")
    yield _button("ask/cancel", "call off the last ask", Board.cancel)
    yield Widget("ask/plays", SWITCH, "whether a loop is played from the next bar on", usual=1.0,
                 touch=Board.turn)  # fmt: skip
    yield Widget("ask/inserts", SWITCH, "whether it is placed in the DAW", touch=Board.turn)
    yield Widget("progress", LAMP, "how much of an ask is made")


def _take_rows() -> Iterator[Widget]:
    yield Widget("take/name", TEXT, "the take that is shown", usual="")
    yield Widget("take/state", TEXT, "made, accepted or rejected", usual="")
    yield Widget("take/number", LAMP, "its number, 0 where there is none", 0, 2**31 - 1)
    yield _button("take/previous", "show the take before", partial(Board.browse, by=-1))
    yield _button("take/next", "show the take behind", partial(Board.browse, by=1))
    for name, words in (
        ("play", "play it"), ("accept", "accept it"), ("reject", "reject it"),
        ("undo", "take back the last accept or reject"), ("insert", "place it in the DAW"),
    ):  # fmt: skip
        yield _button(f"take/{name}", words, partial(Board.do, action=name))


def _time_rows() -> Iterator[Widget]:
    yield Widget("tempo", FADER, "quarter notes per minute, where bandmate leads",
                 TEMPO.low, TEMPO.high, 120.0, Board.lead_tempo)  # fmt: skip
    yield Widget("transport/play", SWITCH, "whether the time goes on", touch=Board.roll)
    yield _button("stop", "stop what plays", partial(Board.do, action="stop"))
    yield _button("panic", "silence every note", partial(Board.do, action="panic"))
    for source in SOURCES:
        touch = partial(Board.follow, source=source)
        yield Widget(f"source/{source}", SWITCH, f"whether {source} leads the time", touch=touch)
    yield Widget("beat", LAMP, "the beat in the bar, from 1; 0 while the time stands", 0, 32)
    yield Widget("light", LAMP, "lit for a moment on every beat")


WIDGETS: dict[str, Widget] = {row.name: row for row in _rows()}
"""All that a surface can touch and show, in the order in which it is told."""
