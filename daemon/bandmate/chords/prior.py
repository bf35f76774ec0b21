"""The prior: what real songs do, learnt; it scores progressions, goes on with them and fills them.

One ONNX file with three answers (see ``models/chords/export_prior.py``), run in a worker. P and Q
are two files of the same kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate.chords.events import (
    BAR,
    PLACES,
    ROW,
    TRIPLE,
    Event,
    Frame,
    Sort,
    events_of,
    row_of,
    rows_of,
)
from bandmate.chords.progression import BarOfChords
from bandmate.chords.vocabulary import CONTENTS, NONE_ROOT
from bandmate.errors import Cancelled, WeightsError
from bandmate.workers import runtime

ort = runtime.onnxruntime()

_BASSES = 12
_CHORDS = (NONE_ROOT + 1, len(CONTENTS), _BASSES)
_MOST_CONTEXT = 16
"""Bars before and behind that are read; songs seldom look further back for four bars."""

_SONG = 192
"""Chord changes of a whole song that are read at once."""

Floats = NDArray[np.float32]


class Prior:
    """P or Q, opened; every tonic is given as a pitch class and moved to C inside."""

    def __init__(self, file: Path) -> None:
        """Open the file on one thread; raises WeightsError where it is no such model."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The matrices lie in 8 bits in the file and unfold once, here.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        options.log_severity_level = 3
        try:
            self._onnx = ort.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise WeightsError(f"{file.name} cannot be opened: {str(error)[:200]}") from error
        self.facts: dict[str, Any] = {
            name: json.loads(text)
            for name, text in self._onnx.get_modelmeta().custom_metadata_map.items()
        }
        """What its maker wrote into it: M by temperature, whose proposals Q has learnt."""

    def logs(
        self,
        written: Sequence[Sequence[BarOfChords]],
        frame: Frame,
        temperature: float = 1.0,
    ) -> list[float]:
        """Return the natural log-probability of each progression in its frame."""
        if not written:
            return []
        frame = _cut(frame)
        shown = [_shown(bars, frame) for bars in written]
        rows, targets = _padded([one.rows for one in shown], [one.targets for one in shown])
        scores = self._run("scores", rows, targets, [0] * len(rows), temperature)
        found = []
        for index, one in enumerate(shown):
            total = float(scores[index, one.first : len(one.rows)].sum())
            if frame.before:  # when the chord before them makes way for the first
                total += float(scores[index, one.first - 1, 3])
            found.append(total + one.cost)
        return found

    def chord_logs(self, bars: Sequence[BarOfChords], sort: Sort) -> list[float]:
        """Return the natural log-probability of each chord of a whole song above C, at changes.

        Root, content and bass are counted, not when the chord changes.
        """
        events = events_of(bars)
        rows, targets = rows_of(events, None, sort)
        found: list[float] = []
        while len(found) < len(events):
            first = max(0, len(found) - _SONG // 2)
            part = slice(first, first + _SONG)
            scores = self._run("scores", *_padded([rows[part]], [targets[part]]), [0], 1.0)
            new = scores[0, len(found) - first :, :3].sum(axis=-1)
            found += [float(x) + e.cost for x, e in zip(new, events[len(found) :], strict=False)]
        return found

    def following(self, frame: Frame) -> Floats:
        """Return the probability of each chord right behind ``before``, (13, contents, 12)."""
        frame = _cut(frame)
        drawing = _Drawing(frame, np.random.default_rng(0))
        end = len(frame.before) + 1 if frame.after else None
        rows, targets = _behind(frame)
        rows = rows + drawing.rows(end, frame.sort)
        padded = _padded([rows], [targets + drawing.targets()])
        chances = np.exp(self._following(*padded, [len(rows) - 1], 1.0)[0])
        if drawing.events:
            chances[drawing.events[-1].numbers] = 0
        return np.asarray(chances / chances.sum(), dtype=np.float32)

    def drawn(
        self,
        count: int,
        bars: int,
        frame: Frame,
        seed: int,
        *,
        temperature: float = 1.0,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> list[list[Event]]:
        """Draw progressions of *bars* bars; events above C, counted from the first bar's start.

        Raises Cancelled between two changes.
        """
        frame = _cut(frame)
        start, end = len(frame.before) * BAR, len(frame.before) + bars
        behind, wanted_behind = _behind(frame)
        drawing = [_Drawing(frame, np.random.default_rng((seed, i))) for i in range(count)]
        while going := [d for d in drawing if d.start is not None]:
            if is_cancelled():
                raise Cancelled("the ask was called off")
            rows, wanted = _padded(
                [behind + d.rows(end, frame.sort) for d in going],
                [wanted_behind + d.targets() for d in going],
            )
            last = [len(behind) + len(d.events) for d in going]
            chances = self._following(rows, wanted, last, temperature)
            for index, d in enumerate(going):
                wanted[index, last[index], :3] = d.drawn_chord(chances[index])
            whens = self._run("when", rows, wanted, last, temperature)
            for index, d in enumerate(going):
                d.draw_change(whens[index], end, frame.sort.meter == TRIPLE)
        return [
            [Event(e.start - start, e.numbers, e.cost) for e in d.events[-d.count :]]
            for d in drawing
        ]

    def _following(
        self,
        rows: NDArray[np.int64],
        targets: NDArray[np.int64],
        last: Sequence[int],
        temperature: float,
    ) -> Floats:
        logs = self._run("following", rows, targets, last, temperature)
        # N has one content and one bass.
        alone = logs[:, NONE_ROOT, 0, 0] - self._share_of_first(logs[:, NONE_ROOT])
        logs[:, NONE_ROOT] = -np.inf
        logs[:, NONE_ROOT, 0, 0] = alone
        return logs

    @staticmethod
    def _share_of_first(logs: Floats) -> Floats:
        """Return the log of the first cell's share of a table (batch, contents, 12)."""
        flat = logs.reshape(len(logs), -1)
        top = flat.max(axis=1, keepdims=True)
        whole = top[:, 0] + np.log(np.exp(flat - top).sum(axis=1))
        return np.asarray(flat[:, 0] - whole)

    def _run(
        self,
        what: str,
        rows: NDArray[np.int64],
        targets: NDArray[np.int64],
        last: Sequence[int],
        temperature: float,
    ) -> Floats:
        feed = {
            "rows": rows,
            "targets": targets,
            "last": np.array(last, np.int64),
            "temperature": np.array(temperature, np.float32),
        }
        (found,) = self._onnx.run([what], feed)
        return np.asarray(found)


@dataclass(frozen=True)
class _Shown:
    """A progression as the network sees it."""

    rows: list[list[int]]
    targets: list[tuple[int, int, int, int]]
    first: int
    """The first row that is asked."""
    cost: float
    """Log-probability of what the numbers leave unsaid."""


class _Drawing:
    """One progression being drawn."""

    def __init__(self, frame: Frame, rng: np.random.Generator) -> None:
        self.events = events_of(frame.before, frame.tonic)
        self.start: int | None = len(frame.before) * BAR
        self.rng = rng
        self.count = 0
        """Events that were drawn."""

    def rows(self, end: int | None, sort: Sort) -> list[list[int]]:
        """Return the rows of what stands, and of the change that is to be drawn."""
        assert self.start is not None
        rows = rows_of(self.events, end, sort)[0]
        return [*rows, row_of(self.events, len(self.events), self.start, end, sort)]

    def targets(self) -> list[tuple[int, int, int, int]]:
        """Return the chords that stand, and a place for the next."""
        return [*((*e.numbers, 0) for e in self.events), (0, 0, 0, 0)]

    def drawn_chord(self, logs: Floats) -> tuple[int, int, int]:
        """Draw the chord of the change, another than the one before it, and never silence."""
        chances = np.exp(logs.astype(np.float64))
        chances[NONE_ROOT] = 0
        if self.events:
            chances[self.events[-1].numbers] = 0
        numbers = np.unravel_index(_drawn(chances.reshape(-1), self.rng), _CHORDS)
        root, content, bass = (int(number) for number in numbers)
        assert self.start is not None
        self.events.append(Event(self.start, (root, content, bass), 0.0))
        self.count += 1
        return root, content, bass

    def draw_change(self, logs: Floats, end: int, is_triple: bool) -> None:
        """Draw when the chord makes way; None where it stays until the end."""
        assert self.start is not None
        places = (0, 4, 8) if is_triple else (0, 3, 6, 9)
        ahead: dict[int | None, int] = {None: len(logs) - 1}
        for when in range(len(logs) - 1):
            bars, place = divmod(when, len(PLACES))
            start = (self.start // BAR + bars) * BAR + PLACES[place]
            if self.start < start < end * BAR and PLACES[place] in places:
                ahead[start] = when
        chances = np.exp(logs[list(ahead.values())].astype(np.float64))
        self.start = list(ahead)[_drawn(chances, self.rng)]


def _drawn(chances: NDArray[np.float64], rng: np.random.Generator) -> int:
    """Draw an index by chances that need not sum to one."""
    summed = np.cumsum(chances)
    return min(int(np.searchsorted(summed, rng.random() * summed[-1])), len(summed) - 1)


def _cut(frame: Frame) -> Frame:
    """Return a frame with as many bars before and behind as are read."""
    return replace(frame, before=frame.before[-_MOST_CONTEXT:], after=frame.after[:_MOST_CONTEXT])


def _behind(frame: Frame) -> tuple[list[list[int]], list[tuple[int, int, int, int]]]:
    """Return the rows and targets of what stands behind, which is told first."""
    if not frame.after:
        return [], []
    return rows_of(events_of(frame.after, frame.tonic), None, frame.sort, segment=1)


def _shown(bars: Sequence[BarOfChords], frame: Frame) -> _Shown:
    rows, targets = _behind(frame)
    count = len(frame.before)
    events = events_of([*frame.before, *bars], frame.tonic)
    more, wanted = rows_of(events, count + len(bars), frame.sort)
    old = sum(event.start < count * BAR for event in events)
    cost = sum(event.cost for event in events[old:])
    return _Shown(rows + more, targets + wanted, len(rows) + old, cost)


def _padded(
    rows: Sequence[Sequence[Sequence[int]]], targets: Sequence[Sequence[Sequence[int]]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    time = max(map(len, rows))
    padded = np.zeros((len(rows), time, ROW), np.int64)
    wanted = np.zeros((len(rows), time, 4), np.int64)
    for index, (row, target) in enumerate(zip(rows, targets, strict=True)):
        padded[index, : len(row)] = row
        wanted[index, : len(target)] = target
    return padded, wanted
