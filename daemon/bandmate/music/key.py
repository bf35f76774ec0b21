"""Keys: a tonic and a mode, their labels, their scales, and hearing one in notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate.errors import AskError, nearest


@dataclass(frozen=True, slots=True)
class Mode:
    """One row of the table of modes."""

    label: str
    """The short name in a key label: ``maj`` in ``C:maj``."""
    name: str
    """The name on a screen."""
    live: str
    """What Ableton Live calls it (``song.scale_name``)."""
    steps: tuple[int, ...]
    """Semitones above the tonic."""
    canonical_tonic: int
    """Pitch class of the tonic when the mode is written on the white keys."""
    words: tuple[str, ...]
    """Other spellings that are read."""


MODES: dict[str, Mode] = {
    mode.label: mode
    for mode in (
        Mode("maj", "major", "Major", (0, 2, 4, 5, 7, 9, 11), 0, ("major", "ionian", "ion")),
        Mode("min", "minor", "Minor", (0, 2, 3, 5, 7, 8, 10), 9, ("minor", "aeolian", "aeo", "m")),
        Mode("dor", "dorian", "Dorian", (0, 2, 3, 5, 7, 9, 10), 2, ("dorian",)),
        Mode("phr", "phrygian", "Phrygian", (0, 1, 3, 5, 7, 8, 10), 4, ("phrygian",)),
        Mode("lyd", "lydian", "Lydian", (0, 2, 4, 6, 7, 9, 11), 5, ("lydian",)),
        Mode("mix", "mixolydian", "Mixolydian", (0, 2, 4, 5, 7, 9, 10), 7, ("mixolydian",)),
        Mode("loc", "locrian", "Locrian", (0, 1, 3, 5, 6, 8, 10), 11, ("locrian",)),
        Mode(
            "hmin",
            "harmonic minor",
            "Harmonic Minor",
            (0, 2, 3, 5, 7, 8, 11),
            9,
            ("harmonic minor", "harmonic", "harm"),
        ),
    )
}

_WORDS = {word: mode.label for mode in MODES.values() for word in (mode.label, *mode.words)}
_LIVE = {mode.live.lower(): mode.label for mode in MODES.values()}

NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_SHARP_MAJORS = frozenset({7, 2, 9, 4, 11, 6})

_TONIC = re.compile(r"\s*([A-Ga-g])([#b♯♭]*)(.*)", re.DOTALL)


def pitch_class(name: str) -> int:
    """Return the pitch class of a note name such as ``F#`` or ``Cb``; raises AskError."""
    match = _TONIC.fullmatch(name)
    if match is None or match[3].strip():
        raise AskError(f"note name must be A..G with # or b, not {name!r}")
    up = match[2].count("#") + match[2].count("♯")
    down = len(match[2]) - up
    return (NATURALS[match[1].upper()] + up - down) % 12


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A tonic and a mode; ``str(key)`` is its label, ``A:min``."""

    tonic: int
    """Pitch class, 0..11, C is 0."""
    mode: str = "maj"
    """A label of MODES."""

    def __post_init__(self) -> None:
        if not 0 <= self.tonic <= 11 or self.mode not in MODES:
            raise AskError(
                f"key must be a tonic 0..11 and one of {', '.join(MODES)}, "
                f"not {self.tonic}, {self.mode!r}"
            )

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read ``A:min``, ``Am``, ``F# dorian``, ``Bb``; raises AskError with the nearest."""
        match = _TONIC.fullmatch(text.strip())
        if match is not None:
            word = match[3].strip(" :").strip()
            label = {"m": "min", "M": "maj", "": "maj"}.get(word) or _WORDS.get(word.lower())
            if label is not None:
                return cls(pitch_class(match[1] + match[2]), label)
        tonics = (match[1].upper() + match[2][:2],) if match else ("A", "C")
        labels = [f"{tonic}:{mode}" for tonic in tonics for mode in MODES]
        raise AskError(f"key must be written like {nearest(text, labels)}, not {text[:40]!r}")

    @classmethod
    def from_live(cls, root_note: int, scale_name: str) -> Key | None:
        """Return the key of Live's ``root_note`` and ``scale_name``, None for scales we lack."""
        label = _LIVE.get(scale_name.strip().lower())
        return cls(root_note % 12, label) if label else None

    def __str__(self) -> str:
        return f"{self.tonic_name}:{self.mode}"

    @property
    def name(self) -> str:
        """The name on a screen: ``A minor``."""
        return f"{self.tonic_name} {MODES[self.mode].name}"

    @property
    def short_name(self) -> str:
        """The name in a file name: ``Am``, ``C``, ``D dor``."""
        suffix = {"maj": "", "min": "m"}.get(self.mode, f" {self.mode}")
        return self.tonic_name + suffix

    @property
    def relative_major(self) -> int:
        """Pitch class of the major key with the same signature."""
        return (self.tonic - MODES[self.mode].canonical_tonic) % 12

    @property
    def is_sharp(self) -> bool:
        """True when the signature is written with sharps."""
        return self.relative_major in _SHARP_MAJORS

    @property
    def tonic_name(self) -> str:
        """The tonic, spelled as the signature spells it."""
        return (SHARP_NAMES if self.is_sharp else FLAT_NAMES)[self.tonic]

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the scale, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode].steps)

    @property
    def shift(self) -> int:
        """Semitones, -5..6, from the white keys to this key by the nearest way."""
        return (self.relative_major + 5) % 12 - 5

    @property
    def signature(self) -> int:
        """Sharps (positive) or flats (negative) of the signature, -6..6."""
        fifths = self.relative_major * 7 % 12
        return fifths if fifths <= 6 else fifths - 12

    def transposed(self, semitones: int) -> Key:
        """Return the key *semitones* higher."""
        return Key((self.tonic + semitones) % 12, self.mode)


# Duration-weighted profiles of Albrecht and Shanahan (2013), "The use of large corpora to train a
# new type of key-finding algorithm", Music Perception 31(1).
_MAJOR_PROFILE, _MINOR_PROFILE = (
    tuple(float(share) for share in row.split())
    for row in (
        ".238 .006 .111 .006 .137 .094 .016 .214 .009 .080 .008 .081",
        ".220 .006 .104 .123 .019 .103 .012 .214 .062 .022 .061 .052",
    )
)


def estimated_key(weights: Sequence[float]) -> Key:
    """Hear the major or minor key of 12 pitch-class weights (beats sounded each).

    Picks the key whose Albrecht-Shanahan profile lies nearest to the normalised weights; C major
    where nothing sounds.
    """
    total = sum(weights)
    if total <= 0:
        return Key(0, "maj")
    heard = [weight / total for weight in weights]

    def distance(tonic: int, profile: tuple[float, ...]) -> float:
        return sum((heard[(tonic + i) % 12] - share) ** 2 for i, share in enumerate(profile))

    candidates = [
        (distance(tonic, profile), tonic, mode)
        for mode, profile in (("maj", _MAJOR_PROFILE), ("min", _MINOR_PROFILE))
        for tonic in range(12)
    ]
    _, tonic, mode = min(candidates)
    return Key(tonic, mode)
