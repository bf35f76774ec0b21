"""The co-writer's two servants; imported by the daemon, their models are opened only in workers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bandmate.chords.cards import ChordPlan
from bandmate.chords.events import BAR, TRIPLE, Event, Frame, Sort
from bandmate.chords.progression import Progression, gridded
from bandmate.chords.proposal_statistics import Habits, habits_file
from bandmate.chords.requests import (
    HEARD,
    Fill,
    Judge,
    Judged,
    Proposal,
    Propose,
    Suggest,
    Suggestion,
)
from bandmate.chords.steering import NUMBERS, asked, learnt_mode, measured, readings
from bandmate.chords.vocabulary import CONTENTS, chord_of
from bandmate.errors import Unavailable, WeightsError
from bandmate.music.chord import Chord
from bandmate.paths import shipped
from bandmate.style.keywords import traits_of
from bandmate.workers import weights

if TYPE_CHECKING:
    from bandmate.chords.prior import Prior


class Proposing(Protocol):
    """What proposes: our own model or a foreign one."""

    def proposals(
        self, plan: ChordPlan, count: int, is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[Proposal, ...]]:
        """Yield proposals in waves; raises Cancelled."""


class ProposerServant:
    """Serves plans with proposals."""

    note = ""

    def __init__(self, proposer: Proposing, name: str) -> None:
        self._proposer = proposer
        self.name = name

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        """Yield proposals as they are written; raises Cancelled."""
        for wave in self._proposer.proposals(request.plan, request.count, is_cancelled):
            yield from wave


class PriorServant:
    """Scores proposals, proposes where nobody else does, and knows what could come next."""

    note = ""

    def __init__(self, prior: Prior, own: Prior, name: str, temperature: float) -> None:
        """Take P, Q of the shipped proposer, P's name and the acceptance's temperature."""
        self.name = name
        self.p, self.q = prior, own
        """The prior, and the habit of the shipped proposer."""
        self._temperature = temperature
        self._habits: dict[str, Habits | None] = {}

    def serve(
        self, request: Judge | Fill | Suggest, is_cancelled: Callable[[], bool]
    ) -> Iterator[object]:
        """Yield what ``requests.py`` says for each request."""
        match request:
            case Judge():
                yield from self._judged(request)
            case Fill():
                yield from self._filled(request, is_cancelled)
            case Suggest():
                yield self._suggested(request)

    def _judged(self, request: Judge) -> Iterator[Judged]:
        plan, proposals = request.plan, request.proposals
        logs = _logs(self.p, plan, proposals)
        softened = _logs(self.p, plan, proposals, self._temperature)
        habit, m = self._habit(request)
        fitting = self._fitting_genre(plan, proposals)
        rows = zip(proposals, logs, softened, habit, fitting, strict=True)
        for proposal, log_p, soft, log_q, genre in rows:
            if log_q is None:
                changes = sum(map(len, proposal.progression.bars))
                yield Judged(proposal, log_p, soft / changes, math.inf, genre)
            else:
                yield Judged(proposal, log_p, soft - log_q, m, genre)

    def _habit(self, request: Judge) -> tuple[Sequence[float | None], float]:
        """Return log Q of each proposal at the acceptance's temperature, and M."""
        plan, proposals = request.plan, request.proposals
        if request.proposer in (self.name, HEARD):  # its own habit is P: nothing to reject
            return _logs(self.p, plan, proposals, self._temperature), 1.0
        if request.proposer == self.q.facts.get("proposer"):
            logs = _logs(self.q, plan, proposals, self._temperature)
            return logs, _m_of(self.q.facts, plan, self._temperature)
        habits = self._habits_of(request.proposer)
        if habits is None:
            return [None] * len(proposals), math.inf
        known = [
            habits.log(one.progression.bars, plan.key.tonic, plan.key.mode, self._temperature)
            for one in proposals
        ]
        return known, _between(habits.m, self._temperature) if habits.m else math.inf

    def _habits_of(self, proposer: str) -> Habits | None:
        known = self._habits.get(proposer)
        if known is None or not known.m:  # perhaps they are being measured just now
            known = self._habits[proposer] = Habits.read(habits_file(proposer))
        return known

    def forget(self, proposer: str) -> None:
        """Read a proposer's habits anew when they are next wanted."""
        self._habits.pop(proposer, None)

    def _fitting_genre(self, plan: ChordPlan, proposals: Sequence[Proposal]) -> list[str | None]:
        """Return for each progression the asked genre, where P finds it likelier in it."""
        genre = traits_of(plan.keywords).genre
        if genre is None:
            return [None] * len(proposals)
        bars = [proposal.progression.bars for proposal in proposals]
        within, at_large = (self.p.logs(bars, _frame(plan, told)) for told in (genre, None))
        return [genre if a > b else None for a, b in zip(within, at_large, strict=True)]

    def _filled(self, request: Fill, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        """Draw from P, the nearest to what the keywords ask for first."""
        plan = request.plan
        frame, mode = _frame(plan), learnt_mode(plan.key.mode)
        steering = asked(plan.keywords, plan.section, mode)
        is_triple = frame.sort.meter == TRIPLE
        last = frame.before[-1][-1] if frame.before else None
        read = readings(steering)
        found = []
        for turn, reading in enumerate(read):
            sort = Sort.of(mode, reading.genre, reading.section, is_triple)
            count = len(range(turn, request.count, len(read)))
            drawn = self.p.drawn(
                count,
                plan.bars,
                replace(frame, sort=sort),
                plan.seed,
                temperature=plan.temperature,
                is_cancelled=is_cancelled,
            )
            found += [_progression(events, plan, is_triple, last) for events in drawn]
        wanted = {n: step for n in NUMBERS if (step := getattr(steering, n)) is not None}

        def distance(progression: Progression) -> int:
            steps = measured(progression.bars, mode, plan.key.tonic)
            return sum(abs(steps[name] - step) for name, step in wanted.items())

        for index, progression in enumerate(sorted(found, key=distance)):
            yield Proposal(index, progression)

    def _suggested(self, request: Suggest) -> tuple[Suggestion, ...]:
        mode, is_triple = learnt_mode(request.key.mode), request.meter.is_triple
        before = [gridded(bar) for bar in request.before]
        after = [gridded(bar) for bar in request.after]
        sort = Sort.of(mode, is_triple=is_triple)
        table = self.p.following(Frame(request.key.tonic, sort, before, after))
        flat = table.reshape(-1)
        best = sorted(flat.argpartition(-request.most)[-request.most :], key=lambda i: -flat[i])
        places = [(int(i) // (len(CONTENTS) * 12), int(i) // 12 % len(CONTENTS), int(i) % 12)
                  for i in best]  # fmt: skip
        return tuple(
            Suggestion(chord_of(*numbers, request.key.tonic), round(float(table[numbers]), 6))
            for numbers in places
        )


def _logs(
    model: Prior, plan: ChordPlan, proposals: Sequence[Proposal], temperature: float = 1.0
) -> list[float]:
    """Return the log-probability of each proposal, within the genre that it was written in."""
    found = [0.0] * len(proposals)
    for genre in dict.fromkeys(proposal.genre for proposal in proposals):
        own = [i for i, proposal in enumerate(proposals) if proposal.genre == genre]
        bars = [proposals[i].progression.bars for i in own]
        logs = model.logs(bars, _frame(plan, genre), temperature)
        for index, log in zip(own, logs, strict=True):
            found[index] = log
    return found


def _frame(plan: ChordPlan, genre: str | None = None) -> Frame:
    """Return what P and Q are told: mode, meter, perhaps a genre, and what stands around."""
    sort = Sort.of(learnt_mode(plan.key.mode), genre, is_triple=plan.meter.is_triple)
    before, after = (tuple(map(gridded, bars)) for bars in (plan.before, plan.after))
    return Frame(plan.key.tonic, sort, before, after)


def _m_of(facts: dict[str, Any], plan: ChordPlan, temperature: float) -> float:
    """Return M for a plan: calibrated by surroundings, by bars and by temperature.

    The longer a progression, the further apart P and Q lie, so no one M fits all lengths.
    """
    table = facts["m"]["among" if plan.before or plan.after else "alone"]
    return _between({bars: _between(by, temperature) for bars, by in table.items()}, plan.bars)


def _between(table: dict[str, float], at: float) -> float:
    """Return a ratio between two of a table's, whose logarithms are gone along in proportion."""
    known = sorted((float(place), math.log(ratio)) for place, ratio in table.items())
    if at <= known[0][0]:
        return math.exp(known[0][1])
    for (low, below), (high, above) in pairwise(known):
        if at <= high:
            return math.exp(below + (above - below) * (at - low) / (high - low))
    return math.exp(known[-1][1])


def _progression(
    events: list[Event], plan: ChordPlan, is_triple: bool, last: Chord | None
) -> Progression:
    """Lay events above C out in the plan's bars and key."""
    slots = 3 if is_triple else 4
    cells: list[Chord] = []
    index, sounding = 0, last or Chord(None)
    for cell in range(plan.bars * slots):
        while index < len(events) and events[index].start <= cell * BAR // slots:
            sounding = chord_of(*events[index].numbers, plan.key.tonic)
            index += 1
        cells.append(sounding)
    bars = (gridded(cells[i : i + slots]) for i in range(0, len(cells), slots))
    return Progression(plan.key, tuple(bars))


def shipped_prior(temperature: float) -> Callable[[], PriorServant]:
    """Return what opens the shipped prior in a worker, for an acceptance's temperature."""
    return partial(open_prior, shipped("models"), temperature)


def open_prior(models: Path, temperature: float) -> PriorServant:
    """Open P and Q of the folder where ``manifest.yaml`` lies; blocks, in the worker.

    Raises WeightsError for a missing or altered file, Unavailable where onnxruntime is missing.
    """
    files = [weights.checked(name, models) for name in ("prior", "proposals")]
    try:
        from bandmate.chords.prior import Prior
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"the prior needs {error.name}: install bandmate with the extra cpu or gpu"
        ) from error
    p, q = map(Prior, files)
    return PriorServant(p, q, weights.name_of("prior", models), temperature)


def shipped_proposer(file: str) -> Callable[[], ProposerServant]:
    """Return what opens a proposer in a worker: the shipped one, or a person's own GGUF *file*."""
    return partial(open_foreign, Path(file)) if file else partial(open_own, shipped("models"))


def open_own(models: Path) -> ProposerServant:
    """Open the shipped proposer; blocks, in the worker; raises WeightsError or Unavailable."""
    file = weights.checked("proposer", models)
    try:
        from bandmate.chords.proposer.shipped import Proposer
    except (ImportError, OSError, RuntimeError) as error:
        raise _without_llama(error) from error
    return ProposerServant(Proposer(file), weights.name_of("proposer", models))


def open_foreign(file: Path) -> ProposerServant:
    """Open a person's own model; blocks, in the worker; raises WeightsError or Unavailable."""
    if not file.is_file():
        raise WeightsError(f"the proposer must be a GGUF file, and {file} is not there")
    try:
        from bandmate.chords.proposer.general import ForeignProposer
    except (ImportError, OSError, RuntimeError) as error:
        raise _without_llama(error) from error
    return ProposerServant(ForeignProposer(file), weights.name_of_file(file))


def _without_llama(error: Exception) -> Unavailable:
    missing = getattr(error, "name", None) or "llama.cpp"
    return Unavailable(f"{missing} is missing or broken: install bandmate with the extra llm")
