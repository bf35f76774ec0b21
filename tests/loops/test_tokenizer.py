"""The loop vocabulary as miditok knows it: one numbering, saved, and there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from symusic import Note as ScoreNote
from symusic import Score, TimeSignature, Track

from bandmate.loops.bars import clip_of
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokenizer import LoopTokenizer
from bandmate.loops.model.tokens import gridded
from bandmate.music.clip import Note
from bandmate.music.midifile import to_bytes
from bandmate.paths import shipped
from fakes import fake_bars
from loops.plans import band_plan


@pytest.fixture(scope="module")
def tokenizer() -> LoopTokenizer:
    return LoopTokenizer(params=shipped("models", "loops", "tokenizer.json"))


def test_what_is_shipped_numbers_tokens_as_the_daemon_does(tokenizer: LoopTokenizer) -> None:
    assert dict(tokenizer.vocab) == v.IDS
    assert tokenizer.pad_token_id == v.PAD


def test_a_clip_goes_there_and_back(tokenizer: LoopTokenizer) -> None:
    plan = band_plan()
    score = Score.from_midi(to_bytes(clip_of(plan, fake_bars(plan))))
    tokens = tokenizer.encode(score)
    assert tokens.ids[0] == v.BEGIN
    assert tokens.ids[-1] == v.END
    again = tokenizer.encode(tokenizer.decode(tokens))
    assert again.ids == tokens.ids


def test_its_grid_is_ours(tokenizer: LoopTokenizer, tmp_path: Path) -> None:
    told = [(0.02, 60, 0.9), (0.34, 64, 0.3), (1.49, 67, 2.0), (3.9, 72, 0.05)]
    score = Score(480)
    score.time_signatures.append(TimeSignature(0, 4, 4))
    track = Track("keys", 0, False)
    for start, pitch, length in told:
        track.notes.append(ScoreNote(round(start * 480), round(length * 480), pitch, 100))
    score.tracks.append(track)
    processed = tokenizer.preprocess_score(score).tracks[0].notes
    ours = gridded([Note(start, pitch, length, 100) for start, pitch, length in told], False)
    assert [(n.time, n.pitch, n.duration) for n in processed] == [n[:3] for n in ours]


def test_more_than_four_bars_are_refused(tokenizer: LoopTokenizer) -> None:
    plan = band_plan(bars=5)
    score = Score.from_midi(to_bytes(clip_of(plan, fake_bars(plan))))
    with pytest.raises(ValueError, match=r"1\.\.4 bars, not 5"):
        tokenizer.encode(score)
