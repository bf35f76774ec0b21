"""Feel is learnt from performances: made-up ones with known habits give those habits back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from bandmate.loops.performance.groove_table import SLOTS, Feel  # noqa: E402 - numpy is needed beside it
from bandmate.music.clip import Clip, Note, Part  # noqa: E402
from learn_feel import learnt  # noqa: E402
from performances import Played, is_by_hand, played_of, steps_of_people  # noqa: E402

TEMPO = 120.0
BEATS_A_MS = TEMPO / 60_000
KICK, SNARE, HAT = 36, 38, 42


def take(
    late: Callable[[int, int], float], loud: Callable[[int, int], int], genre: str = "soul"
) -> Played:
    """Return 24 bars of sixteenths on the hat, snare on 2 and 4, kick on 1 and 3.

    *late* (in milliseconds) and *loud* are told the step in the bar and the drum.
    """
    hits = [(step, HAT) for step in range(0, 24 * 48, 3)]
    hits += [(step, SNARE if step // 12 % 2 else KICK) for step in range(0, 24 * 48, 12)]
    notes = tuple(
        Note(4 + step / 12 + late(step % 48, drum) * BEATS_A_MS, drum, 0.1, loud(step % 48, drum))
        for step, drum in hits
    )
    part = Part("drums", 0, tuple(sorted(notes)))
    played = played_of("groove", genre, Clip((part,), 100.0, TEMPO), part)
    assert played is not None
    return played


def table_of(*takes: Played) -> dict[str, Any]:
    table = learnt(takes)
    Feel.of(table)  # it reads as the daemon reads it
    return table


def test_habits_come_back() -> None:
    def late(step: int, drum: int) -> float:
        return 20 if step % 6 == 3 else 8 if drum == SNARE else 0

    def loud(step: int, drum: int) -> int:
        return 110 if drum == SNARE else 60 if step % 6 == 3 else 80

    table = table_of(*[take(late, loud)] * 60)
    pocket = dict(zip(SLOTS, table["pocket"]["soul"], strict=True))
    assert pocket[3] - pocket[0] == pytest.approx(20, abs=3)
    assert pocket[9] - pocket[0] == pytest.approx(20, abs=3)
    snare, hat = table["groups"]["snare"], table["groups"]["hat"]
    backbeat = len(SLOTS)
    assert snare["timing"]["all"][backbeat] - hat["timing"]["all"][backbeat] == pytest.approx(
        8, abs=2
    )
    assert snare["velocity"]["all"][backbeat] - hat["velocity"]["all"][1] == pytest.approx(
        50, abs=4
    )
    assert snare["timing spread"]["hit"] == pytest.approx(0, abs=0.1), "nobody wandered"


def test_few_speak_less_than_many() -> None:
    def even(step: int, drum: int) -> float:
        return 0

    def laid_back(step: int, drum: int) -> float:
        return 20 if step % 6 == 3 else 0

    def same(step: int, drum: int) -> int:
        return 80

    table = table_of(*[take(even, same, "punk")] * 40, take(laid_back, same, "soul"))
    assert table["pocket"]["soul"][1] == pytest.approx(4, abs=1), "one of five: four are assumed"


@pytest.mark.parametrize("is_slow", [True, False])
def test_drift_and_scatter_are_told_apart(is_slow: bool) -> None:
    takes = []
    for seed in range(30):
        rng = random.Random(seed)
        path = [0.0]
        while len(path) < 24 * 16 + 1:
            keep = 0.92 if is_slow else 0.0
            path.append(keep * path[-1] + (1 - keep**2) ** 0.5 * rng.gauss(0, 10))
        times = iter(range(10**6))
        takes.append(take(lambda *_, p=path, t=times: p[next(t) % len(p)], lambda *_: 80))
    spread = table_of(*takes)["groups"]["hat"]["timing spread"]
    slow = np.hypot(spread["drift"], spread["shared"])
    assert (slow > 7 and spread["hit"] < 5) if is_slow else (slow < 3 and spread["hit"] > 8)


def test_swung_genres_are_heard() -> None:
    def swung(step: int, drum: int) -> float:
        return 1000 / 12 if step % 12 == 6 else 0  # two twelfths of a beat of 500 ms

    def even(step: int, drum: int) -> float:
        return 0

    def same(step: int, drum: int) -> int:
        return 80

    def eighths(late: Callable[[int, int], float], genre: str) -> Played:
        notes = tuple(
            Note(step / 12 + late(step % 48, HAT) * BEATS_A_MS, HAT, 0.1, 80)
            for step in range(0, 24 * 48, 6)
        )
        part = Part("drums", 0, notes)
        played = played_of("groove", genre, Clip((part,), 96.0, TEMPO), part)
        assert played is not None
        return played

    table = table_of(eighths(swung, "jazz"), eighths(even, "rock"), take(even, same))
    assert table["swung eighths"] == ["jazz"]


def test_who_played_by_hand() -> None:
    rng = random.Random(0)
    assert is_by_hand(np.array([rng.gauss(0, 12) for _ in range(200)]))
    assert not is_by_hand(np.zeros(200)), "quantised"
    assert not is_by_hand(np.full(200, 9.0)), "quantised beside the grid"
    assert not is_by_hand(np.linspace(-80, 80, 200)), "counted at a wrong tempo"


def test_steps_and_flams() -> None:
    times = (0.02, 0.27, 0.49, 1.01, 1.32, 1.68)
    notes = [Note(time, 60, 0.1, 80) for time in times]
    assert steps_of_people(notes) == [0, 3, 6, 12, 16, 20]
    flams = tuple(
        Note(i / 4 + grace, SNARE, 0.01, 80) for i in range(100) for grace in (0.0, 0.02 * (i < 30))
    )
    part = Part("drums", 0, tuple(sorted(set(flams))))
    played = played_of("groove", "rock", Clip((part,), 28.0), part)
    assert played is not None
    assert len(played.step) == 70, "what was struck twice at a step is an ornament"


def test_short_and_odd_performances_are_left_out() -> None:
    part = Part("drums", 0, tuple(Note(i / 4, HAT, 0.1, 80) for i in range(20)))
    assert played_of("groove", "rock", Clip((part,), 8.0), part) is None
