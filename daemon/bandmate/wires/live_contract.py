"""The live part of the OSC contract: what is played and pressed, and what may be asked of it."""

from __future__ import annotations

from bandmate.asks import FIELDS
from bandmate.capture import MOST_BARS
from bandmate.ranges import Field, OneOf, Real, Whole
from bandmate.wires import live_verbs
from bandmate.wires.actions import ACTIONS
from bandmate.wires.contract import Address, Answer, Told
from bandmate.wires.live_verbs import WAYS
from bandmate.wires.mapping import PADS

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
    Address("/bandmate/live/get", live_verbs.live_get,
            "Ask what a press asks, and what lies on the pads.",
            ("/bandmate/live/told",), is_once=False),
    Address("/bandmate/live/load", live_verbs.live_load,
            "Read the YAML of the controls anew.", ("/bandmate/live/told",), is_once=False),
    Address("/bandmate/live/learn", live_verbs.live_learn,
            "Let the next press of a control ask this from now on.",
            ("/bandmate/live/learned", "/bandmate/cancelled"), (ACTION,)),
    Address("/bandmate/live/deal", live_verbs.live_deal,
            "Lay chords on pads, until the YAML is read again.",
            ("/bandmate/live/told",), pairs=PADS, is_once=False),
    Address("/bandmate/live/capture", live_verbs.live_capture,
            "Make what was played last a take.", ("/bandmate/live/captured",), pairs=CAPTURE),
    Address("/bandmate/live/answer", live_verbs.live_answer,
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
