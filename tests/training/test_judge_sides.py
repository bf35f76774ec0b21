"""The judge asks for loops as a person would, after windows of songs made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("onnx")

from bandmate.loops.plan import LoopPlan
from bandmate.music.meter import Meter
from judge import quick, show, sides
from judge.piece import Tone, piece_of
from judge.quick import ALL, quick_report
from samples import Window, window_of
from songs import Song
from studio import Studio
from training.conftest import FOLDER

WEIGHTS = FOLDER / "loops.onnx"


def song(path: str, meter: str = "4/4") -> Song:
    bass = {bar: [(0, 33, 12, 5), (24, 36 + bar % 2, 60, 6)] for bar in range(16)}
    drums = {bar: [(0, 36, 3, 7), (12, 38, 3, 6)] for bar in range(16)}
    return Song(
        path=path, work=path, source="x", split="valid", meter=Meter.parse(meter), tempo=96.0,
        genre="funk",
        mode="min", bars=16, programs={"bass": 33, "drums": 0},
        cells={"bass": bass, "drums": drums}, chords={},
        are_chords_heard=False, sections=[None] * 16,
    )  # fmt: skip


def window(path: str = "a.mid", start: int = 4) -> Window:
    found = window_of(song(path), start, 4)
    assert found is not None
    return found


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(sides, "out_folder", lambda _: tmp_path)
    found = Studio(WEIGHTS)
    found.__dict__["songs"] = {"odd": [song(f"{i}.mid", "7/8") for i in range(4)],
                               "even": [song(f"{i}.mid") for i in range(4, 8)]}  # fmt: skip
    return found


def test_a_window_is_read_as_its_song_has_it() -> None:
    piece = piece_of(sides.clip_of_window(window()))
    assert piece.bars == 4
    assert list(piece.parts) == ["drums", "bass"]
    assert piece.parts["bass"][:3] == (Tone(0, 33, 12), Tone(24, 36, 60), Tone(48, 33, 12))
    assert piece.parts["bass"][-1] == Tone(168, 37, 24), "cut where the window ends"


def test_loops_are_asked_after_windows_and_kept_under_their_stamp(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[LoopPlan] = []
    bars = studio.generator.bars

    def asked(plan: LoopPlan) -> Any:
        plans.append(plan)
        return bars(plan)

    monkeypatch.setattr(studio.generator, "bars", asked)
    first = sides.made([window()], studio.generator, "stamp")
    assert [(p.tempo, str(p.key), p.genre, p.bars) for p in plans] == [(96.0, "A:min", "funk", 4)]
    assert [(part.name, part.program) for part in plans[0].parts] == [("drums", 0), ("bass", 33)]
    assert first[0].song == "a.mid"
    assert set(first[0].piece.parts) == {"drums", "bass"}
    again = sides.made([window()], studio.generator, "stamp")
    assert len(plans) == 1, "it was read back"
    assert again[0].piece == first[0].piece
    sides.made([window("b.mid")], studio.generator, "stamp")
    sides.made([window()], studio.generator)
    assert len(plans) == 3, "another window, and no stamp"


def test_a_quick_look_judges_all_sets_together(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "SETS", {"odd": ("x",), "even": ("y",)})
    monkeypatch.setattr(quick, "LEAST", 4)
    report = quick_report(studio, 8, stamped=False)
    assert {name: found["loops"] for name, found in report["sets"].items()} == {
        ALL: 8, "odd": 4, "even": 4
    }  # fmt: skip
    assert set(report["roles"]) == {"drums", "bass"}
    for found in (*report["sets"].values(), *report["roles"].values()):
        share, low, high = found["trees"]
        assert 0 <= low <= share <= high <= 1
    text = show.shown_quick(report | {"weights": "loops@1", "CPU seconds": 1})
    assert ALL in text
    assert "drums" in text


def test_tables_have_a_row_for_each_set_and_leave_empty_what_it_lacks() -> None:
    def told(share: float) -> dict[str, Any]:
        return {"trees": [share, share - 0.1, share + 0.1], "tells": []}

    tell = {"feature": "notes in key", "ours": 0.9, "real": 0.8, "more in ours": 0.7}
    whole = told(0.8) | {"loops": 9, "songs": 3, "reader": [0.6, 0.5, 0.7], "tells": [tell] * 12}
    report = {
        "ours": {"game": {show.BAND: whole, "bass": told(0.7)}},
        "random weights": {"game": {show.BAND: told(0.9)}},
        "real against real": {"game": {show.BAND: told(0.5)}},
    }
    (row,) = show.rows(report)
    assert dict(zip(show.HEAD, row, strict=True)) == {
        "set": "game", "loops": "9", "songs": "3", "trees": "0.80 (0.70..0.90)",
        "reader": "0.60 (0.50..0.70)", "real against real": "0.50 (0.40..0.60)",
        "random weights": "0.90 (0.80..1.00)", "bass": "0.70 (0.60..0.80)",
        "drums": "", "keys": "", "lead": "", "guitar": "", "strings": "",
    }  # fmt: skip
    assert show.tells(report) == [["game", "notes in key", 0.9, 0.8, 0.7]] * 10
