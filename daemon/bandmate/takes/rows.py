"""A take as a value, and how a row of the database becomes one; each row fails alone, in words.

A row may have been damaged, written by another version or by hand: whatever it holds is checked
here, so that all behind it can rely on it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bandmate.errors import AskError, FileError
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Clip, Note, Part
from bandmate.plans.chords import chord_plan_from_json, theme_of
from bandmate.plans.json_form import clip_from_json
from bandmate.plans.loop import Theme, plan_from_json

STATES = ("made", "accepted", "rejected")
"""What a take can be."""

_KINDS = ("loop", "card")
_MOST_BEATS = 1e6
_LABELS = ("chords", "symbols", "romans")

log = logging.getLogger(__name__)


class UnreadableTake(Exception):
    """A row that is no take; who asks for it by its number gets a FileError of the same words."""

    def __init__(self, number: object, why: str) -> None:
        super().__init__(
            f"take {number} cannot be read ({why}): the others can; see `bandmate doctor`"
        )
        self.number = number
        self.why = why
        """What is wrong with it, a short sentence."""


@dataclass(frozen=True, slots=True)
class Take:
    """A clip that answered an ask."""

    number: int
    """From 1, never used again."""
    client: str
    """Who asked; of the panel's pages, all one person's, what stands before the #."""
    made: float
    """Seconds since 1970."""
    ask: str
    """The plan as JSON: with the model and the seed it gives the same clip again."""
    seed: int
    clip: Clip
    file: Path
    """The .mid; the person may have moved it since."""
    state: str
    """One of STATES."""
    model: str
    """``loops@1a2b3c4d``."""
    first_bar_ms: float
    """Milliseconds from the start of the work to its first bar."""
    made_ms: float
    """Milliseconds from the start of the work to its last bar."""
    kind: str = "loop"
    """``loop`` or ``card``."""
    card: dict[str, Any] | None = None
    """Of a card, what ``chord_plans.card_to_json`` tells of it."""
    parent: int = 0
    """The take that a person edited to get this one; 0 where nobody did."""
    is_starred: bool = False
    title: str = ""
    """What a person calls it; empty where nobody named it."""

    @property
    def name(self) -> str:
        """What it is called, else the name of its file."""
        return self.title or self.file.stem

    @property
    def genre(self) -> str:
        """The genre that was asked for; empty where none was, or where nobody can read it."""
        try:
            genre = str(json.loads(self.ask).get("genre") or "")
            return genre if genre.isprintable() else ""
        except (ValueError, AttributeError, RecursionError):
            return ""


COLUMNS = tuple(field.name for field in fields(Take))


def take_of(row: tuple[Any, ...]) -> Take:
    """Return the take of a row, whose values stand as COLUMNS says; raises UnreadableTake."""
    said = dict(zip(COLUMNS, row, strict=True))
    try:
        return _take(said)
    except _Wrong as error:
        raise UnreadableTake(said["number"], str(error)) from error


def why_plan_unreadable(take: Take) -> str:
    """Return why the plan of a take cannot be read; empty where it can."""
    read = plan_from_json if take.kind == "loop" else chord_plan_from_json
    try:
        plan = read(take.ask)
        if isinstance(plan, LoopPlan):
            _check_plan(plan)
    except Exception as error:  # noqa: BLE001 - whatever another version or a hand wrote
        return f"{type(error).__name__}: {str(error)[:80]}"
    return ""


def plan_of_take(take: Take) -> LoopPlan | None:
    """Return what a loop was asked for; None of a card, and where another version wrote it."""
    if take.kind != "loop":
        return None
    if why := why_plan_unreadable(take):
        log.warning("the plan of take %d cannot be read (%s): its notes are used", take.number, why)
        return None
    return plan_from_json(take.ask)


def theme_of_take(take: Take) -> Theme:
    """Return what a card gives the loops that follow it.

    Raises AskError for a loop, FileError for a card whose plan another version wrote.
    """
    if take.kind != "card":
        raise AskError(f"card must be the number of a card, not of the loop {take.number}")
    if why := why_plan_unreadable(take):
        raise FileError(f"the plan of card {take.number} cannot be read ({why}): ask for new cards")
    return theme_of(chord_plan_from_json(take.ask), take.clip)


class _Wrong(Exception):
    """Why a row is no take."""


def _take(said: dict[str, Any]) -> Take:
    for name in ("client", "title", "model", "ask"):
        said[name] = _text(said[name])
    for name in ("number", "seed", "parent"):
        _check(type(said[name]) is int and abs(said[name]) < 1 << 63, f"{name} is no whole number")
    for name in ("made", "first_bar_ms", "made_ms"):
        _check(_is_real(said[name], 1e15), f"{name} is no number")
    _check(said["state"] in STATES, "its state is unknown")
    _check(said["kind"] in _KINDS, "its kind is unknown")
    _check(isinstance(said["file"], str) and "\0" not in said["file"], "it names no file")
    said["file"] = Path(said["file"])
    said["clip"] = _clip(said["clip"])
    said["card"] = _card(said["card"]) if said["kind"] == "card" else None
    said["is_starred"] = bool(said["is_starred"])
    return Take(**said)


def _check(is_right: bool, words: str) -> None:
    if not is_right:
        raise _Wrong(words)


def _text(value: object) -> str:
    """Return text, what is no UTF-8 in it replaced; nothing for what is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _is_real(value: object, most: float) -> bool:
    return type(value) in (int, float) and abs(value) <= most  # type: ignore[arg-type]


def _clip(text: object) -> Clip:
    _check(isinstance(text, str), "its clip is no text")
    try:
        clip = clip_from_json(str(text))
    except ValueError as error:
        raise _Wrong(f"its clip is no JSON: {str(error)[:80]}") from error
    except Exception as error:
        raise _Wrong(f"its clip is not as this version writes it: {_short(error)}") from error
    _check(_is_real(clip.length, _MOST_BEATS) and clip.length >= 0, "its clip has no length")
    _check(_is_real(clip.tempo, 1e4) and clip.tempo > 0, "its clip has no tempo")
    _check_parts(clip.parts)
    _check(
        all(_is_real(x, _MOST_BEATS) for span in clip.chords for x in (span.start, span.end)),
        "its chords have no places",
    )
    return clip


def _check_parts(parts: Iterable[Part]) -> None:
    for part in parts:
        _check(isinstance(part.name, str) and part.name.isprintable(), "a part has no name")
        _check(type(part.program) is int and 0 <= part.program <= 127, "a part has no program")
        _check(all(map(_is_note, part.notes)), f"a note of {part.name} is none")
        _check(
            all(
                _is_real(wheel.start, _MOST_BEATS)
                and isinstance(wheel.kind, str)
                and type(wheel.value) is int
                for wheel in part.wheels
            ),
            f"a wheel of {part.name} is none",
        )


def _is_note(note: Note) -> bool:
    return (
        type(note.pitch) is int
        and 0 <= note.pitch <= 127
        and type(note.velocity) is int
        and 0 <= note.velocity <= 127
        and _is_real(note.start, _MOST_BEATS)
        and _is_real(note.duration, _MOST_BEATS)
    )


def _check_plan(plan: LoopPlan) -> None:
    _check(type(plan.bars) is int and 1 <= plan.bars <= 64, "bars must be in 1..64")
    _check(_is_real(plan.tempo, 1e4) and _is_real(plan.stretch, 1e4), "it has no tempo")
    _check(plan.genre is None or isinstance(plan.genre, str), "its genre is no text")
    _check_parts(plan.base)


def _card(text: object) -> dict[str, Any]:
    try:
        said = json.loads(_text(text))
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"its card is no JSON: {str(error)[:80]}") from error
    _check(isinstance(said, dict), "its card is no table")
    _check(
        all(_is_texts(bar) for name in _LABELS for bar in _listed(said.get(name, []))),
        "its card has no chords",
    )
    _check(_is_texts(said.get("answers", [])), "its card answers to no words")
    return dict(said)


def _listed(said: object) -> list[Any]:
    return said if isinstance(said, list) else [None]


def _is_texts(said: object) -> bool:
    return isinstance(said, list) and all(
        isinstance(one, str) and one.isprintable() for one in said
    )


def _short(error: Exception) -> str:
    return f"{type(error).__name__} {str(error)[:80]}".strip()
