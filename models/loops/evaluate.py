"""Measure the loop model on the validation songs and write report.json, which the card quotes.

1. Loss a note against a 5-gram on the same tokens, by set.
2. Two-sample test: a gradient-boosted classifier on forty listed features, cross-validated by song,
   tells real loops from loops written for the same plans, by our weights and by random ones under
   the same masks.
3. What the encoding costs (tokens a note) and how well keys are heard where POP909 has labels.

    python models/loops/evaluate.py [loops.onnx] [loops a set]
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from bandmate.loops.generate import written_bars
from bandmate.loops.masks import Writer
from bandmate.loops.model import LoopModel
from bandmate.loops.sample import sampled
from bandmate.loops.tokens import Cell, GridNote, bar_steps, prompt_ids, sequence_ids
from bandmate.music.key import Key, estimated_key
from data import data_folder
from export import exported
from features import FEATURES, features_of
from network import LoopNetwork, Shape
from ngram import Ngram
from prepare import read_rows
from samples import FULL, Window, sheet_of, window_of
from songs import SETS, Song, load_songs

ORDER = 5
TOP_P = 0.98


def validation_windows(songs: Sequence[Song], count: int, seed: int) -> list[Window]:
    """Return whole four-bar windows, songs drawn evenly, no two the same."""
    rng = random.Random(seed)
    starts = {(i, bar) for i, song in enumerate(songs) for bar in range(0, song.bars - 3, 4)}
    by_song: dict[int, list[int]] = {}
    for i, bar in sorted(starts):
        by_song.setdefault(i, []).append(bar)
    for bars in by_song.values():
        rng.shuffle(bars)
    windows: list[Window] = []
    while len(windows) < count and by_song:
        for i in list(by_song):
            window = window_of(songs[i], by_song[i].pop(), 4)
            if not by_song[i]:
                del by_song[i]
            if window and len(windows) < count:
                windows.append(window)
    return windows


def music_of(window: Window, rng: random.Random) -> tuple[list[int], list[int], int]:
    """Return a window's prompt, music tokens and note count; all that an ask says is told."""
    sheet = sheet_of(window, FULL, rng, {})
    ids = sequence_ids(sheet, window.cells)
    told = len(prompt_ids(sheet))
    return ids[:told], ids[told:], sum(map(len, window.sounding().values()))


def ngram_of(songs: Sequence[Song]) -> Ngram:
    """Return the 5-gram of every whole window of the training songs."""
    ngram = Ngram(ORDER)
    for window in training_windows(songs):
        ngram.learn(music_of(window, random.Random(0))[1])
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


def written(model: LoopModel, window: Window, seed: int) -> dict[Cell, list[GridNote]]:
    """Write a loop for a real window's plan.

    That is: meter, tempo, mode, genre, parts, programs, chords.
    """
    sheet = sheet_of(window, FULL, random.Random(seed), {})
    length = bar_steps(sheet.meter)
    writer = Writer(sheet.writes, length, window.bars * length, (0, 127))
    choose = partial(sampled, rng=np.random.default_rng(seed), top_p=TOP_P)
    for _ in written_bars(model, sheet, writer, choose):
        pass
    return writer.notes


def two_sample(
    real: Sequence[Sequence[float]], made: Sequence[Sequence[float]], groups: Sequence[str]
) -> float:
    """Return the balanced accuracy of telling made from real loops; no song is on both sides."""
    values = np.array([*real, *made])
    labels = np.array([0] * len(real) + [1] * len(made))
    judge = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.08, random_state=0)
    folds = GroupKFold(min(5, len(set(groups))))
    told = cross_val_predict(judge, values, labels, groups=[*groups, *groups], cv=folds)
    return float((told == labels).mean())


def random_model(folder: Path, shape: Mapping[str, Any]) -> LoopModel:
    """Return our shape with random weights: the control under the same masks."""
    torch.manual_seed(0)
    path = folder / "random.onnx"
    onnx.save(exported(LoopNetwork(Shape(**shape))), path)
    return LoopModel(path)


def key_accuracy() -> dict[str, float]:
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
    return {"songs": count, "exact": exact / count, "same scale": scale / count}


def main() -> None:
    """Write report.json."""
    here = Path(__file__).parent
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "loops.onnx"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    data_folder()
    model = LoopModel(path)
    chance = random_model(here.parents[1] / "out" / "loops", model.shape)
    songs = load_songs("valid")
    report: dict[str, Any] = {
        "model": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "features": list(FEATURES),
        "sets": {},
    }
    ngram = ngram_of(load_songs("train"))
    for name, sources in SETS.items():
        mine = [song for song in songs if song.source in sources]
        windows = validation_windows(mine, count, seed=11)
        report["sets"][name] = {
            "songs": len(mine),
            "loops": len(windows),
            **_losses(model, ngram, windows),
        }
        report["sets"][name] |= _told_apart(model, chance, windows)
        print(name, json.dumps(report["sets"][name]), flush=True)
    report["key heard on POP909"] = key_accuracy()
    print(report["key heard on POP909"])
    if path.parent == here:
        (here / "report.json").write_text(json.dumps(report, indent=1) + "\n")


def _losses(model: LoopModel, ngram: Ngram, windows: Sequence[Window]) -> dict[str, float]:
    ours = theirs = 0.0
    tokens = notes = 0
    rng = random.Random(0)
    for window in windows:
        prompt, music, sounded = music_of(window, rng)
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


def _told_apart(model: LoopModel, chance: LoopModel, windows: Sequence[Window]) -> dict[str, float]:
    def judged(window: Window, cells: Mapping[Cell, Sequence[GridNote]]) -> list[float]:
        return features_of(cells, window.song.meter, window.bars, list(window.parts))

    groups = [window.song.path for window in windows]
    real = [judged(window, window.sounding()) for window in windows]
    ours = [judged(window, written(model, window, seed)) for seed, window in enumerate(windows)]
    random_ones = [
        judged(window, written(chance, window, seed)) for seed, window in enumerate(windows)
    ]
    return {
        "told apart, ours": round(two_sample(real, ours, groups), 3),
        "told apart, random weights": round(two_sample(real, random_ones, groups), 3),
    }


if __name__ == "__main__":
    main()
