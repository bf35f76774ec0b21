"""What the model knows of music: nats a note against a 5-gram, and how well keys are heard."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.tokens import prompt_ids, sequence_ids
from bandmate.music.key import Key, estimated_key
from ngram import Ngram
from prepare import read_rows
from samples import FULL, Window, sheet_of, window_of
from songs import SETS, Song
from studio import Studio, training_songs

ORDER = 5
_LOOPS = 200


def language(studio: Studio) -> dict[str, Any]:
    """Return by set the loss a note of whole windows, all that an ask usually says told."""
    ngram = ngram_of(training_songs())
    report: dict[str, Any] = {}
    for name in SETS:
        windows = studio.hall(name, _LOOPS).asked
        report[name] = {
            "songs": len(studio.songs[name]),
            "loops": len(windows),
            **_losses(studio.generator.model, ngram, windows),
        }
        print(name, report[name], flush=True)
    return report


def music_of(window: Window) -> tuple[list[int], list[int], int]:
    """Return a window's prompt, music tokens and note count; all that an ask says is told."""
    sheet = sheet_of(window, FULL, random.Random(0), {})
    ids = sequence_ids(sheet, window.cells)
    told = len(prompt_ids(sheet))
    return ids[:told], ids[told:], sum(map(len, window.sounding().values()))


def ngram_of(songs: Sequence[Song]) -> Ngram:
    """Return the 5-gram of every whole window of the training songs."""
    ngram = Ngram(ORDER)
    for window in training_windows(songs):
        ngram.learn(music_of(window)[1])
    return ngram


def training_windows(songs: Sequence[Song]) -> Iterator[Window]:
    """Yield training windows, every fourth of arranged songs."""
    for song in songs:
        stride = 16 if song.source == "mma_arranged" else 4
        for start in range(0, song.bars - 3, stride):
            window = window_of(song, start, 4)
            if window:
                yield window


def model_loss(model: LoopModel, prompt: Sequence[int], music: Sequence[int]) -> float:
    """Return the nats of the music after its prompt, read token by token as it is when written."""
    model.rewind()
    logits = model.read(prompt)
    nats = 0.0
    for token in music:
        top = logits.max()
        nats += float(top + np.log(np.exp(logits - top).sum()) - logits[token])
        logits = model.read([token])
    return nats


def _losses(model: LoopModel, ngram: Ngram, windows: Sequence[Window]) -> dict[str, float]:
    ours = theirs = 0.0
    tokens = notes = 0
    for window in windows:
        prompt, music, sounded = music_of(window)
        if len(prompt) + len(music) > model.context:
            continue
        ours += model_loss(model, prompt, music)
        theirs += ngram.loss(music)
        tokens += len(music)
        notes += sounded
    return {
        "tokens a note": round(tokens / notes, 3),
        "nats a note": round(ours / notes, 3),
        "nats a note, 5-gram": round(theirs / notes, 3),
    }


def keys(_: Studio) -> dict[str, float]:
    """Return how often the key heard in a POP909 song is its label, and how often its scale is."""
    exact = scale = count = 0
    for row, clip in read_rows("pop909"):
        if row.get("mode") not in ("major", "minor"):
            continue
        weights = [0.0] * 12
        for part in clip.parts:
            for note in part.notes:
                weights[note.pitch % 12] += note.duration
        heard = estimated_key(weights)
        label = Key.parse(f"{row['key']}:{row['mode'][:3]}")
        exact += heard == label
        scale += heard.relative_major == label.relative_major
        count += 1
    return {
        "songs": count,
        "exact": round(exact / count, 3),
        "same scale": round(scale / count, 3),
    }
