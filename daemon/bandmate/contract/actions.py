"""Actions: what a press can ask, each as the message that a bridge would send for it."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.contract.messages import Atom

Pairs = tuple[tuple[str, Atom], ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One row of what a press can ask."""

    name: str
    address: str
    """What is sent, without ``/bandmate/``."""
    words: str
    main: str = ""
    """The pair that a lone value is of: ``vary: 0.3``."""
    usual: Pairs = ()
    """Pairs that are sent where the person says nothing else of their name."""
    take: str = ""
    """Where the latest take's number goes: ``first`` behind the id, or a pair's name."""


ACTIONS: dict[str, Action] = {
    row.name: row
    for row in (
        Action("loop", "loop/ask", "ask for the next loop, played from the next bar",
               "preset", (("at", "bar"),)),
        Action("vary", "loop/ask", "vary the latest take, played from the next bar",
               "vary", (("vary", 0.3), ("at", "bar")), "take"),
        Action("more", "loop/ask", "more like the latest take, played from the next bar",
               "vary", (("at", "bar"),), "like"),
        Action("continue", "loop/ask", "what follows the latest take, played from the next bar",
               "bars", (("continues", 1), ("at", "bar")), "take"),
        Action("chords", "chords/ask", "ask for chord cards", "text"),
        Action("accept", "take/accept", "accept the latest take", take="first"),
        Action("reject", "take/reject", "reject the latest take", take="first"),
        Action("undo", "take/undo", "take back the last accept or reject"),
        Action("play", "take/play", "play the latest take", take="first"),
        Action("stop", "take/stop", "stop what plays"),
        Action("insert", "take/insert", "place the latest take in the DAW", take="first"),
        Action("answer", "live/answer", "answer what was played last, played from the next bar",
               "way", (("at", "bar"),)),
        Action("capture", "live/capture", "make what was played last a take", "bars"),
        Action("cancel", "cancel", "call off the last ask"),
        Action("panic", "panic", "silence every note"),
    )
}  # fmt: skip
"""All that can be mapped."""
