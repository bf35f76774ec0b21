"""The live part of the OSC contract: what is played and pressed, and what may be asked of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate.asks.loop import FIELDS
from bandmate.asks.notation import BarsOfChords, read_chords
from bandmate.contract.actions import ACTIONS
from bandmate.contract.rows import Address, Answer, Told
from bandmate.errors import AskError
from bandmate.fields import Field, OneOf, Real, Whole, Written, shown
from bandmate.music.voicing import STYLES
from bandmate.takes.capture import MOST_BARS


@dataclass(frozen=True, slots=True)
class Way:
    """A way to answer what was played."""

    roles: tuple[str, ...] = ()
    """Parts to add, those that were played left out; where all were, a second of the last."""
    continues: bool = False


WAYS = {
    "harmonise": Way(("keys", "pad")),
    "continue": Way(continues=True),
    "drums": Way(("drums",)),
    "bass": Way(("bass",)),
    "band": Way(("drums", "bass", "keys")),
}
"""What can be made of what was played."""

SONG = "song"
"""Pads play the chords of the card that the song follows, or those it was told."""

_NOTES = re.compile(r"(\d{1,3})\s*-\s*(\d{1,3})")


def read_notes(text: str) -> range:
    """Read ``36-51``, the notes of pads; raises AskError."""
    match = _NOTES.fullmatch(text.strip())
    low, high = (int(match[1]), int(match[2])) if match else (1, 0)
    if not low <= high <= 127:
        raise AskError(f"notes must be two numbers in 0..127 such as 36-51, not {shown(text)}")
    return range(low, high + 1)


def read_pad_chords(text: str) -> BarsOfChords:
    """Read the chords of pads: ``song`` is none of their own; raises AskError."""
    return () if text.strip().lower() in ("", SONG) else read_chords(text)


PADS = (
    Field("notes", Written(read_notes, "36-51"), "the notes that are pads", "36-51"),
    Field("channel", Whole(1, 16), "the channel that they come on", "any"),
    Field("chords", Written(read_pad_chords, "A:min F C G:7, or song", 4000),
          "what they sound", "the song's"),
    Field("voicing", OneOf(STYLES), "how the notes of a chord are spread", "smooth"),
    Field("program", Whole(0, 127), "General MIDI program", "0"),
    Field("sounds_on", Whole(1, 16), "the channel that they sound on", "16"),
)  # fmt: skip
"""What can be said of pads."""

ACTION = Field("action", OneOf(tuple(ACTIONS)), "what the next press is to ask", "loop")
"""The one argument of ``/bandmate/live/learn``."""

CAPTURE = (
    Field("bars", Whole(1, MOST_BARS), "how many of the last bars, empty ones at their beginning "
          "left out", "4"),
    Field("quantise", Real(0, 1), "how far notes go from where they were struck to where their "
          "place in the beat is usually struck", "1"),
)  # fmt: skip
"""What can be said of what was played."""

OF_ANSWERS = (
    *CAPTURE,
    Field("way", OneOf(tuple(WAYS)), "what is made of what was played", "harmonise"),
)
"""What can be said of an answer beside what can be said of a loop."""

NOT_OF_ANSWERS = frozenset({
    "bars", "form", "context", "take", "like", "between", "continues", "card", "parts", "remove",
})  # fmt: skip
"""What cannot be said of an answer, since what was played says it."""

ANSWER = (*OF_ANSWERS, *(field for field in FIELDS if field.name not in NOT_OF_ANSWERS))
"""All that can be said of an answer."""

_LIVE = (
    Told("file", "s", "the YAML that says what a press asks, a path on the daemon's machine"),
    Told("controls", "s", "a line for each control and what it asks, `cc 103: vary (vary: 0.3)`"),
    Told("pads", "s", "a note and its chord for each pad, a blank between: `36=A:min 37=F:maj`"),
    Told("learning", "s", "the action that waits for a press; empty where none does"),
    Told("heard", "i", "messages that are remembered"),
    Told("trouble", "s", "what went wrong last, a sentence; empty while all is well"),
)

_DURING = (
    "/bandmate/live/captured", "/bandmate/loop/queued", "/bandmate/loop/planned",
    "/bandmate/bar/written", "/bandmate/loop/progress", "/bandmate/loop/made",
    "/bandmate/take/notes", "/bandmate/take/played", "/bandmate/take/inserted",
    "/bandmate/cancelled",
)  # fmt: skip

LIVE_ADDRESSES = (
    Address("/bandmate/live/get",
            "Ask what a press asks, and what lies on the pads.",
            ("/bandmate/live/told",), is_once=False),
    Address("/bandmate/live/load",
            "Read the YAML of the controls anew.", ("/bandmate/live/told",), is_once=False),
    Address("/bandmate/live/learn",
            "Let the next press of a control ask this from now on.",
            ("/bandmate/live/learned", "/bandmate/cancelled"), (ACTION,)),
    Address("/bandmate/live/deal",
            "Lay chords on pads, until the YAML is read again.",
            ("/bandmate/live/told",), pairs=PADS, is_once=False),
    Address("/bandmate/live/capture",
            "Make what was played last a take.", ("/bandmate/live/captured",), pairs=CAPTURE),
    Address("/bandmate/live/answer",
            "Answer what was played last.", _DURING, pairs=ANSWER),
)  # fmt: skip
"""All that bandmate takes of live asking."""

LIVE_ANSWERS = (
    Answer("/bandmate/live/told", "What a press asks, and what lies on the pads.", pairs=_LIVE),
    Answer("/bandmate/live/learned", "The control is known.",
           (Told("action", "s", "what it asks from now on"),
            Told("control", "s", "`cc 80 channel 1`, `note 36 channel 10` or `program 5 ...`"))),
)  # fmt: skip
"""All that bandmate sends of it, but for ``captured``, which tells of a take."""
