"""Longer than four bars: a form, section by section, as tasks of one plan.

A section that comes again is written after its first time, bar for bar: the same letter plays it
again, every prime moves it further away, and its last bar turns to what follows. An intro and an
outro leave some of the band out, a pickup is a bar whose last pulse alone sounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bandmate.errors import AskError
from bandmate.fields import shown
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart

SECTION_BARS = 4
"""Bars of a section that does not say its own."""
MAX_SECTIONS = 24
MAX_BARS = 64
_WORD = re.compile(r"(intro|outro|pickup|[A-Z]'*)(?::([1-9]\d?))?")
_USUAL = {12: "A A' B", 24: "A A' B A' B A''", 32: "A A' B A' A A' B A''"}
"""Forms by their bars; others turn A A' B A' as long as they last."""
_NAMES = {"A": "verse", "B": "chorus", "C": "bridge", "intro": "intro", "outro": "outro"}
"""What the model is told of a section."""
_A_PRIME = 0.2
"""Share of onsets that each prime writes anew."""
_TURN = 0.5
"""The least of it in the last bar of a section, where it leads on."""
_FILL = 0.8
"""The same for drums."""
_LIGHT = ("keys", "organ", "guitar", "pad", "strings", "lead", "choir", "mallet")
"""Roles that begin an intro and end an outro; the others come in later and leave sooner."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a form."""

    name: str
    """A letter with primes, ``intro``, ``outro`` or ``pickup``."""
    bars: int
    """1..64."""

    @property
    def letter(self) -> str:
        """The name without its primes."""
        return self.name.rstrip("'")

    @property
    def primes(self) -> int:
        """How many primes it has."""
        return len(self.name) - len(self.letter)


Form = tuple[Section, ...]


def read_form(text: str, bars: int | None = None) -> Form:
    """Read ``"intro:2 A A' B A'"`` or ``"auto"``, which goes by *bars*; raises AskError.

    Sections that do not say their bars share what is left of *bars*, four each where none are told.
    """
    if text.strip().lower() == "auto":
        text = _usual(bars or 16)
    words = text.replace("’", "'").split()
    found = [_WORD.fullmatch(word) for word in words]
    if not 1 <= len(words) <= MAX_SECTIONS or None in found:
        wrong = next((w for w, match in zip(words, found, strict=True) if match is None), text)
        raise AskError(
            f"form must be 1..{MAX_SECTIONS} words such as A, A', B:8, intro, outro or pickup, "
            f"or auto, not {shown(wrong)}"
        )
    said = [(match[1], match[2]) for match in found if match]
    share = _share(said, bars)
    form = tuple(
        Section(name, int(own or (1 if name == "pickup" else share))) for name, own in said
    )
    if bars_of(form) > MAX_BARS:
        raise AskError(f"form must fill 1..{MAX_BARS} bars, not {bars_of(form)}")
    return form


def _usual(bars: int) -> str:
    """Return the usual form of so many bars: what is left of whole sections goes to the last."""
    if bars in _USUAL:
        return _USUAL[bars]
    whole, rest = divmod(bars, SECTION_BARS)
    if whole == 0:
        return f"A:{rest}"
    letters = ["A", "A'", "B", "A'"]
    names = [letters[i % 4] for i in range(whole)]
    return " ".join([*names[:-1], f"{names[-1]}:{SECTION_BARS + rest}"])


def _share(said: Sequence[tuple[str, str | None]], bars: int | None) -> int:
    """Return the bars of each section that does not say its own."""
    fixed = sum(int(own or 1) for name, own in said if own or name == "pickup")
    open_ones = sum(not own and name != "pickup" for name, own in said)
    if bars is None:
        return SECTION_BARS
    rest = bars - fixed
    if (open_ones == 0 and rest) or (open_ones and (rest <= 0 or rest % open_ones)):
        raise AskError(
            f"form must fill the clip's {bars} bars in sections of whole bars, "
            f"not {' '.join(name + (f':{own}' if own else '') for name, own in said)}"
        )
    return rest // open_ones if open_ones else SECTION_BARS


def bars_of(form: Form) -> int:
    """Return the bars of a whole form."""
    return sum(section.bars for section in form)


def formed(form: Form, plan: LoopPlan) -> LoopPlan:
    """Return the plan, as long as the form, with the form's sections and tasks.

    Bars that the plan's base already has are kept: the form goes on from them.
    """
    given = _given_bars(plan)
    tasks: list[CellTask] = []
    sections: list[str | None] = []
    first_of: dict[str, tuple[int, int]] = {}
    for index, section in enumerate(form):
        start = len(sections)
        first = first_of.setdefault(section.letter, (start, section.bars))
        for bar in range(section.bars):
            leads_on = bar == section.bars - 1 and index < len(form) - 1
            tasks += _tasks(plan, section, start, bar, first, leads_on=leads_on)
        sections += [_NAMES.get(section.letter)] * section.bars
    kept = tuple(task for task in tasks if task.bar >= given)
    return replace(plan, sections=tuple(sections), tasks=kept, is_loop=False)


def _given_bars(plan: LoopPlan) -> int:
    """Return how many bars the base fills, from the first."""
    last = max((note.start for part in plan.base for note in part.notes), default=-1.0)
    return int(last // plan.meter.bar_beats) + 1


def _tasks(
    plan: LoopPlan,
    section: Section,
    start: int,
    bar: int,
    first: tuple[int, int],
    *,
    leads_on: bool,
) -> Iterator[CellTask]:
    """Yield the tasks of one bar of a section."""
    for part in plan.parts:
        if not _plays(plan.parts, part, section, bar):
            continue
        if section.letter == "pickup":
            pulse = plan.meter.pulses[-1]
            yield CellTask(start + bar, part.name, start=pulse)
        elif first[0] == start:
            yield CellTask(start + bar, part.name)
        else:
            vary = min(1.0, _A_PRIME * section.primes)
            if leads_on:
                vary = max(vary, _FILL if part.name.startswith("drums") else _TURN)
            like = first[0] + bar % first[1]
            yield CellTask(start + bar, part.name, vary, like=like)


def _plays(parts: Sequence[PlannedPart], part: PlannedPart, section: Section, bar: int) -> bool:
    """Say whether a part plays in a bar of a section: an intro builds up, an outro thins out."""
    light = [one for one in parts if _role(one) in _LIGHT] or list(parts[:1])
    match section.letter:
        case "intro":
            return part in light or bar >= math.ceil(section.bars / 2)
        case "outro":
            return part in light or bar < math.ceil(section.bars / 2)
        case "pickup":
            return part in (light if len(light) < len(parts) else parts[-1:])
    return True


def _role(part: PlannedPart) -> str:
    return part.name.rstrip("0123456789")
