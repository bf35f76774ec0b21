"""The loops that are judged: real windows, ours asked for as a person would, random weights."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import onnx
import torch

import bandmate.loops
import bandmate.music
from bandmate.loops.bars import clip_of
from bandmate.loops.generate import LoopGenerator
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.tokens import GridNote, bar_steps, played
from bandmate.music.clip import Clip, Part
from bandmate.music.midifile import to_bytes
from data import out_folder
from export import exported
from judge.features import band_features, features_by_part
from judge.figures import Figures
from judge.piece import Piece, read_piece
from network import LoopNetwork, Shape
from samples import Window
from studio import BARS, plan_for, sounds_of

FREE = {"strictness": 0.0, "in_key": False}
"""Without the masks of key and chords."""


@dataclass
class Loop:
    """A loop as it is judged."""

    song: str
    """The song it is of, or after whose window it was asked for."""
    piece: Piece

    @cached_property
    def by_part(self) -> dict[str, Figures]:
        """The features of each part."""
        return features_by_part(self.piece)

    @cached_property
    def band(self) -> Figures:
        """The features of the whole band."""
        return band_features(self.piece, self.by_part)


def real(windows: Sequence[Window]) -> list[Loop]:
    """Return windows as they are judged."""
    return [Loop(w.song.path, read_piece(to_bytes(clip_of_window(w)))) for w in windows]


def clip_of_window(window: Window) -> Clip:
    """Return a window as a clip, on the grid and in its canonical key."""
    length = bar_steps(window.song.meter)
    notes: dict[str, list[GridNote]] = {name: [] for name in window.parts}
    for (bar, name), cell in sorted(window.sounding().items()):
        notes[name] += [note._replace(step=bar * length + note.step) for note in cell]
    programs = dict(sounds_of(window))
    parts = (Part(name, programs[name], played(found, 0)) for name, found in notes.items())
    song = window.song
    return Clip(tuple(parts), BARS * song.meter.bar_beats, song.tempo, song.meter)


def made(
    windows: Sequence[Window], generator: LoopGenerator, stamp: str = "", **changes: object
) -> list[Loop]:
    """Return loops asked for with all that is true of real windows but their notes.

    With a *stamp*, loops that were written before under it are read back, and new ones kept.
    """
    shelf = Shelf(stamp)
    loops = []
    for seed, window in enumerate(windows):
        data = shelf.get(window, seed)
        if data is None:
            plan = plan_for(window, seed, **changes)
            data = to_bytes(clip_of(plan, generator.bars(plan)))
            shelf.put(window, seed, data)
        loops.append(Loop(window.song.path, read_piece(data)))
    shelf.save()
    return loops


class Shelf:
    """Loops that were written before, as MIDI files by window and seed."""

    def __init__(self, stamp: str) -> None:
        self._path = out_folder("loops") / f"judged-{stamp}.pkl" if stamp else None
        is_there = self._path is not None and self._path.is_file()
        self._files: dict[tuple[str, int, int], bytes] = (
            pickle.loads(self._path.read_bytes()) if self._path and is_there else {}
        )
        self._count = len(self._files)

    def get(self, window: Window, seed: int) -> bytes | None:
        """Return the MIDI file that was written for a window."""
        return self._files.get((window.song.path, window.start, seed))

    def put(self, window: Window, seed: int, data: bytes) -> None:
        """Keep a MIDI file until `save`."""
        self._files[window.song.path, window.start, seed] = data

    def save(self) -> None:
        """Write the files where any is new."""
        if self._path and len(self._files) > self._count:
            self._path.write_bytes(pickle.dumps(self._files))
            self._count = len(self._files)


def stamp_of(weights: Path) -> str:
    """Return a word that is another where the weights, the songs or what writes loops differ."""
    content = hashlib.sha256(weights.read_bytes())
    for file in _sources():
        content.update(file.read_bytes())
    return content.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    for package in (bandmate.loops, bandmate.music):
        yield from sorted(Path(package.__path__[0]).glob("*.py"))
    yield from (Path(__file__).parents[1] / name for name in ("studio.py", "samples.py"))
    yield out_folder("loops") / "songs-valid.pkl.xz"


def random_generator(shape: dict[str, Any]) -> LoopGenerator:
    """Return a model of random weights: what the masks alone can do."""
    torch.manual_seed(0)
    path = out_folder("loops") / "random.onnx"
    onnx.save(exported(LoopNetwork(Shape(**shape))), path)
    return LoopGenerator(LoopModel(path), "random")
