"""The judges tell what can be told and nothing else; checkpoints are judged and the best kept."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn")

from bandmate.music.clip import Clip, Note, Part  # noqa: E402 - what is missing is said first
from judge.folds import folds_of  # noqa: E402
from judge.piece import Piece, piece_of  # noqa: E402
from judge.report import Sides  # noqa: E402
from judge.show import interval, said  # noqa: E402
from judge.sides import Loop  # noqa: E402
from judge.trees import Table, by_trees  # noqa: E402
from judge.verdict import accuracy, auc, tells, told_by_trees  # noqa: E402

SONGS = [f"song {i % 20}" for i in range(100)]


def clip_of(rng: random.Random, repeats: float, second: int = 62) -> Clip:
    """Return four bars of a lead whose bars repeat the first one's rhythm with a chance."""
    first = sorted(rng.sample(range(16), 6))
    notes = []
    for bar in range(4):
        rhythm = first if rng.random() < repeats else sorted(rng.sample(range(16), 6))
        notes += [Note(4 * bar + s / 4, rng.choice((60, second, 64, 67)), 0.25, 90) for s in rhythm]
    drums = tuple(Note(i, 36, 0.1, 90) for i in range(16))
    return Clip((Part("lead", 80, tuple(notes)), Part("drums", 0, drums)), 16.0)


def loops(seed: int, repeats: float, second: int = 62) -> list[Loop]:
    rng = random.Random(seed)
    return [Loop(song, piece_of(clip_of(rng, repeats, second))) for song in SONGS]


def pieces(both: Sides) -> list[Piece]:
    return [loop.piece for loop in both.loops]


def test_identical_sides_cannot_be_told() -> None:
    both = Sides(loops(1, 0.5), loops(2, 0.5))
    found, _ = told_by_trees([loop.band for loop in both.loops], both.is_made, both.songs)
    assert 0.38 < found.share < 0.62
    assert found.low < 0.5 < found.high


def test_a_planted_difference_is_told_and_named() -> None:
    both = Sides(loops(1, 0.0), loops(2, 1.0))
    found, most = told_by_trees([loop.band for loop in both.loops], both.is_made, both.songs)
    assert found.share > 0.9
    assert found.low > 0.85
    assert any("rhythm" in tell["feature"] for tell in most)
    plainest = most[0]
    assert abs(plainest["more in ours"] - 0.5) > 0.4
    assert (plainest["ours"] > plainest["real"]) == (plainest["more in ours"] > 0.5)


def test_a_role_is_judged_by_its_own_parts() -> None:
    both = Sides(loops(1, 0.0), loops(2, 1.0))
    assert both.roles() == ["lead", "drums"]
    rows, is_made, songs = both.rows_of("drums")
    found, most = told_by_trees(rows, is_made, songs)
    assert found.share <= 0.55, "the drums are the same"
    assert most == []
    assert len(rows) == len(songs) == 200
    assert is_made.sum() == 100


def test_the_reader_tells_a_planted_difference_and_nothing_where_there_is_none() -> None:
    pytest.importorskip("torch")
    from judge.reader import by_reader

    for second, epochs, low, high in ((61, 8, 0.9, 1.0), (62, 3, 0.35, 0.65)):
        both = Sides(loops(1, 0.0), loops(2, 0.0, second))
        told = by_reader(pieces(both), both.is_made, both.songs, epochs=epochs) > 0.5
        assert low <= (told == both.is_made).mean() <= high


def test_folds_part_songs() -> None:
    folds = list(folds_of(SONGS, 5, 0))
    assert sorted(int(i) for _, held in folds for i in held) == list(range(100))
    for learnt, held in folds:
        assert not {SONGS[i] for i in learnt} & {SONGS[i] for i in held}
        assert len(held) == 20
    assert len(list(folds_of(["one", "one", "two"], 5, 0))) == 2


def test_intervals_are_wide_where_songs_differ_and_narrow_where_they_do_not() -> None:
    by_song = np.array([int(song.split()[1]) < 10 for song in SONGS])
    spread_out = np.array([i // 20 % 2 == 0 for i in range(100)])
    wide, narrow = accuracy(by_song, SONGS), accuracy(spread_out, SONGS)
    assert wide.share == 0.5
    assert wide.low < 0.35
    assert wide.high > 0.65
    assert narrow.high - narrow.low < 1e-9
    assert interval((0.8, 0.76, 0.84)) == "0.80 (0.76..0.84)"


def test_auc_counts_pairs_and_ties_half() -> None:
    is_made = np.array([True, True, False, False])
    assert auc(np.array([3.0, 2.0, 1.0, 0.0]), is_made) == 1
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), is_made) == 0.5
    assert auc(np.array([0.0, 1.0, 1.0, 2.0]), is_made) == pytest.approx(0.125)


def test_what_tells_is_told_once_and_what_few_have_counts_little() -> None:
    rng = np.random.default_rng(0)
    is_made = np.arange(200) >= 100
    plain = is_made * 1.0 + rng.normal(0, 0.3, 200)
    rows: list[dict[str, float]] = [
        {"plain": p, "its double": 2 * p, "weak": w, "rare": p if i % 10 == 0 else np.nan}
        for i, (p, w) in enumerate(zip(plain, rng.normal(0, 1, 200) + is_made * 0.5, strict=True))
    ]
    found = [tell["feature"] for tell in tells(Table(rows), is_made)]
    assert ("plain" in found) != ("its double" in found)
    assert "weak" in found
    assert "less in ours" in said({"feature": "x", "ours": 0.1, "real": 0.4, "more in ours": 0.2})


def test_what_was_not_measured_does_not_stop_the_trees() -> None:
    rows: list[dict[str, float]] = [{"a": float(i % 2), "b": np.nan} for i in range(100)]
    rows[3] = {"c": 1.0}
    is_made = np.array([i % 2 == 1 for i in range(100)])
    assert ((by_trees(Table(rows), is_made, SONGS) > 0.5) == is_made).mean() > 0.9


def test_the_best_checkpoint_by_the_judge_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    import judge_checkpoint as module
    from network import LoopNetwork, Shape
    from runs import lines_of

    shape = Shape(width=64, layers=1, heads=1, head_width=64, hidden=64, context=64)
    network = LoopNetwork(shape)
    shares = iter((0.8, 0.7, 0.9))

    def looked(studio: Any, loops: int, stamped: bool) -> dict[str, Any]:
        assert (loops, stamped) == (3, False)
        assert studio.generator.model.shape["width"] == 64
        share = next(shares)
        sets = {"all sets": {"loops": 3, "trees": [share, share, share]}}
        return {"sets": sets, "roles": {}, "tells": []}

    monkeypatch.setattr(module, "quick_report", looked)
    assert module.judge_newest(tmp_path, 3) is None, "nothing was trained yet"
    for tokens in (10, 20, 20, 30):
        saved = {"network": network.state_dict(), "shape": shape.as_dict(), "tokens": tokens}
        torch.save(saved, tmp_path / "latest.pt")
        module.judge_newest(tmp_path, 3)
    lines = lines_of(tmp_path / "judge.jsonl")
    assert [line["tokens"] for line in lines] == [10, 20, 30], "none is judged twice"
    assert torch.load(tmp_path / "best.pt", weights_only=False)["tokens"] == 20
    assert torch.load(tmp_path / "latest.pt", weights_only=False)["tokens"] == 30


def test_curves_are_drawn_from_the_logs() -> None:
    pytest.importorskip("PIL")
    from curves import Chart, drawn, judged_of, losses_of, ticks_of

    log = [
        {"step": 50, "tokens": 1_000_000, "loss": 2.0, "time": 1.0},
        {"step": 100, "tokens": 2_000_000, "loss": 1.9, "rate": 0.1, "game": 4.0, "pop909": 3.5},
        {"step": 200, "tokens": 4_000_000, "loss": 1.8, "time": 3.0, "game": 3.0, "pop909": 3.25},
    ]
    judged = [{"tokens": 2_000_000, "sets": {"all sets": {"trees": [0.8, 0.7, 0.9]}}}]
    assert losses_of(log) == {
        "game": [(2.0, 4.0), (4.0, 3.0)], "pop909": [(2.0, 3.5), (4.0, 3.25)]
    }  # fmt: skip
    assert judged_of(judged) == {"all sets": [(2.0, 0.8)]}
    assert ticks_of(0, 10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks_of(3.1, 3.9, 4) == [3.2, 3.4, 3.6, 3.8]
    both, one = drawn(log, judged), drawn(log, [])
    assert both.height == 2 * one.height
    chart = Chart("x", losses_of(log))
    x, y = chart.place(4.0, 3.0)
    assert chart.image.getpixel((round(x), round(y))) == (31, 119, 180), "the first colour"
    with pytest.raises(ValueError, match="nothing was logged"):
        drawn([], [])
