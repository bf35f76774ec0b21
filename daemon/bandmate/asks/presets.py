"""Presets: how a musician likes it, one commented YAML each in ``presets/``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bandmate.asks.loop import FIELDS
from bandmate.asks.notation import parse_meter, parse_parts
from bandmate.asks.scoped import SHAPED, Curves, Shape
from bandmate.errors import AskError, FileError, nearest
from bandmate.fields import Field, OneOf, Real, Text, Written, read_pairs, read_yaml, shown
from bandmate.loops.plan import PlannedPart
from bandmate.music.key import MODES
from bandmate.music.meter import Meter
from bandmate.paths import shipped
from bandmate.style.keywords import Keyword

_TEMPO = Real(20, 400)


@dataclass(frozen=True, slots=True)
class _Span:
    """A low and a high tempo."""

    words: str = "[low, high] within 20..400"

    def read(self, name: str, value: object) -> tuple[float, float]:
        """Return both; raises AskError."""
        if not isinstance(value, list) or len(value) != 2:
            raise AskError(f"{name} must be {self.words}, not {shown(value)}")
        low, high = (_TEMPO.read(name, bound) for bound in value)
        if low > high:
            raise AskError(f"{name} must be {self.words}, not {shown(value)}")
        return low, high


_ASKED = {field.name: field for field in FIELDS}

PRESET_FIELDS: tuple[Field, ...] = (
    Field("words", Text(r".{1,200}", "a sentence of 1..200 characters"), "how it sounds", "needed"),
    Field("parts", Written(parse_parts, "drums,bass,keys:4", 400), "roles and programs", "needed"),
    Field("tempo", _Span(), "usual tempi, quarter notes per minute", "any"),
    Field("mode", OneOf(tuple(MODES)), "mode of the key where none is known", "the song's"),
    Field("meter", Written(parse_meter, "4/4 or 6/8"), "where none is known", "the song's"),
    *(
        _ASKED[name]
        for name in (
            "genre", "section", "keywords", "energy", *SHAPED, "curve", "strictness", "feel",
            "time_feel", "form", "temperature",
        )
    ),
)  # fmt: skip
"""All that a preset can say."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to like it; None leaves it open. Ranges are in ``PRESET_FIELDS``."""

    name: str
    """The file's name without its ending."""
    words: str
    """How it sounds, in a sentence."""
    parts: tuple[PlannedPart, ...]
    tempo: tuple[float, float] | None = None
    """Lowest and highest usual tempo, quarter notes per minute."""
    mode: str | None = None
    """Label of the mode, for a song whose key nobody told."""
    meter: Meter | None = None
    """For a song whose meter nobody told."""
    genre: str | None = None
    section: str | None = None
    keywords: tuple[Keyword, ...] | None = None
    energy: int | None = None
    density: Shape | None = None
    """Distinct onsets a bar."""
    pitch: Shape | None = None
    register: Shape | None = None
    """Semitones."""
    velocity: Shape | None = None
    duration: Shape | None = None
    """Beats."""
    polyphony: Shape | None = None
    """Notes an onset."""
    swing: Shape | None = None
    curve: Curves | None = None
    strictness: float | None = None
    feel: float | None = None
    time_feel: str | None = None
    form: str | None = None
    temperature: float | None = None


def presets(folder: Path | None = None) -> tuple[Preset, ...]:
    """Return all presets by name; raises AskError for a value that makes no sense in one."""
    return tuple(_read(file) for file in _files(folder))


def preset(name: str, folder: Path | None = None) -> Preset:
    """Return a preset; raises AskError with the nearest names for an unknown one."""
    files = {file.stem: file for file in _files(folder)}
    if name.lower() not in files:
        raise AskError(f"preset must be one such as {nearest(name, files)}, not {shown(name)}")
    return _read(files[name.lower()])


def _files(folder: Path | None) -> list[Path]:
    here = (folder or shipped("presets")).glob("*.yaml")
    found = sorted(
        file for file in here if file.stem != "keywords"
    )  # the vocabulary lies there too
    if not found:
        raise FileError(f"there are no presets in {folder or shipped('presets')}")
    return found


def _read(file: Path) -> Preset:
    said = read_yaml(file)
    try:
        values: dict[str, Any] = read_pairs(said.items(), PRESET_FIELDS, "a preset")
        missing = [name for name in ("words", "parts") if name not in values]
        if missing:
            raise AskError(f"a preset must say its {' and '.join(missing)}")
    except AskError as error:
        raise AskError(f"{file.name}: {error}") from error
    return Preset(name=file.stem, **values)
