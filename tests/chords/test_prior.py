"""The prior and Q, as they ship: probabilities, whatever their weights say."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.events import BAR, Frame, Sort, events_of, when_of
from bandmate.chords.prior import Prior, _behind, _Drawing, _padded
from bandmate.chords.progression import BarOfChords, gridded
from bandmate.chords.vocabulary import NONE_ROOT, chord_of
from bandmate.errors import Cancelled, WeightsError
from bandmate.music.chord import Chord
from bandmate.music.key import MODES
from bandmate.workers import weights
from drawn_plans import STRANGE, chords_of, moved

SORT = Sort.of("maj", "pop", "verse", False)
BEFORE = read_chords("C A:min7 F,G:7/3 N")
AFTER = read_chords("A:min E:7(b9) C/3")
CONTEXTS = [
    ((), ()),
    (BEFORE, ()),
    ((), AFTER),
    (BEFORE, AFTER),
    (tuple(map(gridded, STRANGE)), ()),
]
ASKED = [
    read_chords("C F G C"),
    read_chords("N E:13(b9,*9)/b6,F C,C,D:min,G:7 C"),
    read_chords("Bb"),
    read_chords("C,G A:min,E:min F,C,F,G " * 4),
]


@pytest.fixture(scope="module", params=["prior", "proposals"])
def prior(request: pytest.FixtureRequest) -> Prior:
    return Prior(weights.checked(request.param))


@pytest.mark.parametrize(("before", "after"), CONTEXTS)
@pytest.mark.parametrize("temperature", [1.0, 1.7])
def test_the_chances_of_all_chords_and_of_all_changes_sum_to_one(
    prior: Prior, before: Sequence[BarOfChords], after: Sequence[BarOfChords], temperature: float
) -> None:
    frame = Frame(0, SORT, before, after)
    drawing = _Drawing(frame, np.random.default_rng(0))
    rows, targets = _behind(frame)
    rows = rows + drawing.rows(len(before) + 4, SORT)
    padded = _padded([rows], [targets + drawing.targets()])
    last = [len(rows) - 1]
    chances = np.exp(prior._following(*padded, last, temperature)[0].astype(np.float64))
    assert chances.sum() == pytest.approx(1, abs=1e-4)
    assert chances[NONE_ROOT].sum() == chances[NONE_ROOT, 0, 0] > 0
    whens = np.exp(prior._run("when", *padded, last, temperature)[0].astype(np.float64))
    assert whens.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("before", "after"), CONTEXTS)
def test_what_follows_is_a_chance_of_each_chord_but_the_one_before(
    prior: Prior, before: Sequence[BarOfChords], after: Sequence[BarOfChords]
) -> None:
    table = prior.following(Frame(7, SORT, before, after))
    assert table.sum() == pytest.approx(1, abs=1e-4)
    assert (table >= 0).all()
    if before:
        root, content, bass = events_of(before, 7)[-1].numbers
        assert table[root, content, bass] == 0


@pytest.mark.parametrize(("before", "after"), CONTEXTS)
@pytest.mark.parametrize("bars", ASKED)
def test_the_score_of_a_progression_is_the_sum_of_its_steps(
    prior: Prior,
    bars: Sequence[BarOfChords],
    before: Sequence[BarOfChords],
    after: Sequence[BarOfChords],
) -> None:
    """Each chord at its change, and each change: read off the answers that drawing uses."""
    (score,) = prior.logs([bars], Frame(0, SORT, before, after))
    drawing = _Drawing(Frame(0, SORT, before, after), np.random.default_rng(0))
    end, first = len(before) + len(bars), len(before) * BAR
    events = events_of([*before, *bars])
    total = 0.0
    for index, event in enumerate(events):
        drawing.events, drawing.start = events[:index], event.start
        rows, targets = _behind(Frame(0, SORT, before, after))
        rows = rows + drawing.rows(end, SORT)
        wanted = [*targets, *drawing.targets()]
        last = [len(rows) - 1]
        if event.start >= first:
            total += event.cost
            total += prior._following(*_padded([rows], [wanted]), last, 1.0)[0][event.numbers]
        following = events[index + 1].start if index + 1 < len(events) else None
        if event.start >= first or following is None or following >= first:
            wanted[-1] = (*event.numbers, 0)
            when = prior._run("when", *_padded([rows], [wanted]), last, 1.0)[0]
            total += when[when_of(event.start, following)]
    # The two answers are two ways through the network, in single precision.
    assert score == pytest.approx(total, abs=0.05)


@pytest.mark.parametrize(("before", "after"), CONTEXTS)
def test_a_score_is_the_same_in_every_batch(
    prior: Prior, before: Sequence[BarOfChords], after: Sequence[BarOfChords]
) -> None:
    frame = Frame(0, SORT, before, after)
    alone = [prior.logs([bars], frame)[0] for bars in ASKED]
    assert prior.logs(ASKED, frame) == pytest.approx(alone, abs=1e-3)
    assert prior.logs([*ASKED[::-1], *ASKED], frame)[4:] == pytest.approx(alone, abs=1e-3)
    assert all(math.isfinite(log) and log < 0 for log in alone)
    assert prior.logs([], frame) == []


@pytest.mark.parametrize("by", range(1, 12))
def test_the_key_is_nothing_and_the_degrees_are_all(prior: Prior, by: int) -> None:
    here = prior.logs(ASKED, Frame(0, SORT, BEFORE, AFTER), 1.7)
    there = prior.logs(
        [moved(bars, by) for bars in ASKED],
        Frame(by, SORT, moved(BEFORE, by), moved(AFTER, by)),
        1.7,
    )
    assert there == pytest.approx(here, abs=1e-4)
    assert prior.logs(ASKED[:1], Frame(by, SORT))[0] != pytest.approx(
        prior.logs(ASKED[:1], Frame(0, SORT))[0], abs=1e-3
    )


def test_what_stands_around_and_what_the_song_is_change_the_score(prior: Prior) -> None:
    frames = [Frame(0, SORT, *context) for context in CONTEXTS]
    sorts = [
        replace(SORT, **{name: number})
        for name, number in (("mode", 2), ("genre", 1), ("section", 4), ("meter", 2))
    ]
    scores = [prior.logs(ASKED[:1], frame)[0] for frame in frames]
    scores += [prior.logs(ASKED[:1], Frame(0, sort))[0] for sort in sorts]
    for one, other in itertools.combinations(scores, 2):
        assert abs(one - other) > 1e-4


def test_sixteen_bars_on_each_side_are_read(prior: Prior) -> None:
    long = read_chords("C F G A:min,D:min7 " * 10)
    far = (*read_chords("F#:dim"), *long[1:])
    read = Frame(0, SORT, long[-16:], long[:16])
    for frame in (Frame(0, SORT, long, long), Frame(0, SORT, far, long)):
        assert prior.logs(ASKED, frame) == prior.logs(ASKED, read)


def test_a_chord_that_goes_on_is_no_new_chord(prior: Prior) -> None:
    """That F is held on over the bar line, and how long, is one change; and it costs something."""
    held, struck = read_chords("F F"), read_chords("F F:maj7")
    frame = Frame(0, SORT, read_chords("C F"))
    (log,) = prior.logs([held], frame)
    assert math.isfinite(log)
    assert log < 0
    assert prior.logs([struck], frame)[0] != pytest.approx(log, abs=1e-3)


def test_what_no_song_names_has_a_chance_too(prior: Prior) -> None:
    frame = Frame(0, SORT)
    for strange in chords_of(STRANGE):
        (log,) = prior.logs([((strange,),)], frame)
        assert math.isfinite(log)
    odd, plain = read_chords("C:(1,b2,3,5,b7,9)"), read_chords("C:(1,3,5,b7,9)")
    near = events_of(odd)[0].numbers
    (altered, known) = prior.logs([odd, ((chord_of(*near),),)], frame)
    assert altered < known - 5
    assert prior.logs([plain], frame)[0] > altered


def test_a_temperature_evens_the_chances_out(prior: Prior) -> None:
    pair = [read_chords("C F G:7 C"), read_chords("F#:dim7/b3 B:aug Eb:13 N")]

    def gap(temperature: float) -> float:
        usual, odd = prior.logs(pair, Frame(0, SORT), temperature)
        return usual - odd

    assert 0 < gap(3.0) < gap(1.0)


# drawing


@pytest.mark.parametrize(("before", "after"), CONTEXTS)
@pytest.mark.parametrize(("bars", "is_triple"), [(1, False), (4, False), (3, True), (16, False)])
def test_what_is_drawn_fills_the_bars(
    prior: Prior,
    bars: int,
    is_triple: bool,
    before: Sequence[BarOfChords],
    after: Sequence[BarOfChords],
) -> None:
    sort = Sort.of("min", is_triple=is_triple)
    frame = Frame(4, sort, before[-2:], after[:2])
    drawn = prior.drawn(4, bars, frame, 3, temperature=2.0)
    assert len(drawn) == 4
    for events in drawn:
        starts = [event.start for event in events]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert starts[-1] < bars * BAR
        assert {start % BAR for start in starts} <= set((0, 4, 8) if is_triple else (0, 3, 6, 9))
        numbers = [event.numbers for event in events]
        assert NONE_ROOT not in {root for root, _, _ in numbers}
        if before:
            numbers.insert(0, events_of(before, 4)[-1].numbers)
        assert all(one != other for one, other in itertools.pairwise(numbers))


def test_a_seed_draws_the_same_in_every_batch(prior: Prior) -> None:
    frame = Frame(0, SORT, BEFORE, AFTER)
    eight = prior.drawn(8, 4, frame, seed=5)
    assert prior.drawn(8, 4, frame, seed=5) == eight
    assert prior.drawn(3, 4, frame, seed=5) == eight[:3]
    assert prior.drawn(8, 4, frame, seed=6) != eight


def test_every_key_draws_the_same_degrees(prior: Prior) -> None:
    here = prior.drawn(4, 4, Frame(0, SORT, BEFORE, AFTER), seed=5)
    there = prior.drawn(4, 4, Frame(9, SORT, moved(BEFORE, 9), moved(AFTER, 9)), seed=5)
    assert here == there


def test_what_is_drawn_is_as_frequent_as_it_is_likely(prior: Prior) -> None:
    """The first chord behind a bar of C, drawn 200 times, against what the prior says of it."""
    frame, count = Frame(0, SORT, read_chords("C")), 200
    _, targets = _behind(frame)
    drawing = _Drawing(frame, np.random.default_rng(0))
    padded = _padded([drawing.rows(2, SORT)], [targets + drawing.targets()])
    chances = np.exp(prior._following(*padded, [1], 1.0)[0].astype(np.float64))
    chances[NONE_ROOT] = chances[drawing.events[-1].numbers] = 0
    chances /= chances.sum()
    drawn = Counter(events[0].numbers for events in prior.drawn(count, 1, frame, seed=1))
    for numbers, times in drawn.most_common(5):
        chance = float(chances[numbers])
        assert times / count == pytest.approx(chance, abs=4 * math.sqrt(chance / count))


def test_drawing_is_called_off_between_two_changes(prior: Prior) -> None:
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    with pytest.raises(Cancelled):
        prior.drawn(4, 16, Frame(0, SORT), seed=1, is_cancelled=is_cancelled)
    assert asked == [False, False, True]


# whole songs


def test_a_whole_song_is_scored_chord_by_chord(prior: Prior) -> None:
    song = read_chords("C,F G A:min,E:min F " * 16)  # the most that can be read at once
    long = song * 4
    logs = prior.chord_logs(long, SORT)
    assert len(logs) == len(events_of(long)) > 300
    assert all(log < 0 for log in logs)
    start = prior.chord_logs(song, SORT)
    assert logs[: len(start)] == pytest.approx(start, abs=1e-3)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_is_scored(prior: Prior, mode: str) -> None:
    assert all(map(math.isfinite, prior.logs(ASKED, Frame(0, Sort.of(mode)))))


def test_a_chord_none_alone_is_a_progression(prior: Prior) -> None:
    silence = ((Chord(None),),) * 2
    assert math.isfinite(prior.logs([silence], Frame(0, SORT, silence, silence))[0])


# files


@pytest.mark.parametrize(
    "content", [b"", b"Dear diary, today I wrote a song.\n", b"\x08\x08\x00" * 99]
)
def test_what_is_no_model_is_told_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "prior.onnx"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"prior\.onnx cannot be opened"):
        Prior(file)


def test_a_truncated_model_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "prior.onnx"
    whole = weights.checked("prior").read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"prior\.onnx cannot be opened"):
        Prior(file)


def test_it_says_whose_proposals_q_has_learnt() -> None:
    facts = Prior(weights.checked("proposals")).facts
    assert facts["proposer"] == weights.name_of("proposer")
    assert facts["m"]
