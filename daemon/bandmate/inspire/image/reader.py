"""A picture -> keywords: what a photograph shows, and what its colours say.

The labels come from EfficientNet-Lite0 in 8 bits (``models/inspire/labels.onnx``) and count only
where they are likely; colour counts always. What colour says of mood follows P. Valdez and
A. Mehrabian (1994), "Effects of color on emotions", Journal of Experimental Psychology: General.
Opened only in a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate.errors import Unavailable, WeightsError
from bandmate.fields import read_yaml
from bandmate.inspire.inspiration import Inspiration
from bandmate.inspire.proposing import mood_word, proposed
from bandmate.paths import shipped
from bandmate.style.keywords import MOST, Keyword, Word, read_keywords, traits_of, vocabulary
from bandmate.workers import runtime, weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

LIKELY = 0.25
"""Probability that a group of labels must pass to count."""

SIDE = 224
"""Pixels of the square that the network sees."""

_MIDDLE = 0.875
"""Share of a picture's shorter side that the network sees."""

_FEWEST = 3
_SHOWN = 0.6
"""Where labels say a mood, they count so much, colour the rest."""


@dataclass(frozen=True, slots=True)
class Colour:
    """What a picture's colours are, on the whole."""

    brightness: float
    """0..1, the mean of the eye's measure of light."""
    saturation: float
    """0..1."""
    warmth: float
    """-1 (blue) .. 1 (red), the mean."""
    contrast: float
    """0..0.5, how far brightness spreads."""

    @property
    def valence(self) -> float:
        """-1..1: bright and, less so, saturated colours please."""
        return _squashed(0.69 * self._light + 0.22 * self._depth)

    @property
    def energy(self) -> float:
        """-1..1: saturated and dark colours arouse."""
        return _squashed(-0.31 * self._light + 0.60 * self._depth)

    @property
    def _light(self) -> float:
        return (self.brightness - 0.45) / 0.2

    @property
    def _depth(self) -> float:
        return (self.saturation - 0.35) / 0.2


class Images:
    """Reads pictures; opened once, in the worker."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - an untyped package
        groups: Mapping[str, tuple[tuple[int, ...], tuple[Keyword, ...]]],
        words: Mapping[str, Word],
    ) -> None:
        """Take a session of the labels' network and, by group, its labels and keywords."""
        self._session = session
        self._groups = groups
        self._words = words

    @classmethod
    def open(cls, models: Path | None = None) -> Images:
        """Open the network; raises Unavailable or WeightsError in words."""
        folder = models or shipped("models")
        file, table = (weights.checked(name, folder) for name in ("labels", "label-groups"))
        try:
            import PIL.Image

            onnxruntime = runtime.onnxruntime()
        except ModuleNotFoundError as error:
            raise Unavailable(
                f"reading pictures needs {error.name}: install bandmate with the extras cpu (or "
                "gpu) and inspire"
            ) from error
        # Where nothing of Pillow is asked yet, each of its readers loads at the first picture.
        PIL.Image.preinit()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return cls(session, groups_of(table), vocabulary())

    def read(self, path: Path) -> Inspiration:
        """Return what a picture asks for; raises FileError in a sentence for a bad file."""
        from bandmate.inspire.image.pictures import read_picture

        picture, notes = read_picture(path)
        colour = colour_of(picture)
        shown = self._shown(picture)
        seen = traits_of(shown)
        valence = _blended(seen.valence, colour.valence)
        energy = _blended(seen.energy, colour.energy)
        found = _joined((*shown, *words_of(colour)))
        if len(found) < _FEWEST:
            found = _joined((*found, Keyword(mood_word(valence, energy), 0.4)))
        return proposed(found[:MOST], self._words, valence, energy, notes)

    def likely(self, picture: Image) -> dict[str, float]:
        """Return the groups that a picture shows and their probability, above LIKELY."""
        import numpy as np

        logits = self._session.run(None, {"picture": as_input(picture)})[0][0]
        odds = np.exp(logits - logits.max())
        odds /= odds.sum()
        sums = {name: float(odds[list(labels)].sum()) for name, (labels, _) in self._groups.items()}
        return {name: p for name, p in sums.items() if p > LIKELY}

    def _shown(self, picture: Image) -> tuple[Keyword, ...]:
        """Return the keywords of what a picture shows, weighed by how likely it is."""
        found = []
        for name, p in sorted(self.likely(picture).items(), key=lambda pair: -pair[1]):
            for keyword in self._groups[name][1]:
                found.append(Keyword(keyword.word, round(keyword.weight * min(1.0, p + 0.2), 2)))
        return _joined(tuple(found))


def as_input(picture: Image) -> NDArray[np.float32]:
    """Return the middle of an RGB picture as the network sees it, (1, 3, SIDE, SIDE)."""
    import numpy as np
    from PIL.Image import Resampling

    width, height = picture.size
    half = min(width, height) * _MIDDLE / 2
    box = (width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    small = np.asarray(picture.resize((SIDE, SIDE), Resampling.BICUBIC, box), np.float32)
    return (small.transpose(2, 0, 1)[None] - np.float32(127)) / np.float32(128)


def colour_of(picture: Image) -> Colour:
    """Measure the colours of an RGB picture."""
    import numpy as np

    pixels = np.asarray(picture, np.float32).reshape(-1, 3) / 255
    light = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    high, low = pixels.max(1), pixels.min(1)
    saturation = (high - low) / np.maximum(high, 1e-6)
    return Colour(
        brightness=float(light.mean()),
        # What is nearly black has a saturation that nobody sees.
        saturation=float((saturation * np.minimum(1, high * 4)).mean()),
        warmth=float((pixels[:, 0] - pixels[:, 2]).mean()),
        contrast=float(light.std()),
    )


def words_of(colour: Colour) -> tuple[Keyword, ...]:
    """Return the keywords of colours, the strongest first; a middling picture has none."""
    light, depth, warmth = colour.brightness, colour.saturation, colour.warmth
    rows = (
        ("dark", (0.32 - light) / 0.25),
        ("nocturnal", (0.2 - light) / 0.2 if warmth < 0.06 else 0.0),
        ("bright", (light - 0.6) / 0.25),
        ("warm", (warmth - 0.08) / 0.2 if light > 0.2 else 0.0),
        ("icy", (-0.06 - warmth) / 0.2 if light > 0.3 else 0.0),
        ("colourful", (depth - 0.5) / 0.3 if light > 0.25 else 0.0),
        ("bleak", (0.12 - depth) / 0.12 if 0.2 < light < 0.55 else 0.0),
        ("dramatic", (colour.contrast - 0.28) / 0.1),
        ("hazy", (0.11 - colour.contrast) / 0.1 if light > 0.3 else 0.0),
    )
    found = [(min(1.0, strength), word) for word, strength in rows if strength > 0]
    found.sort(reverse=True)
    return tuple(Keyword(word, round(0.25 + 0.45 * strength, 2)) for strength, word in found)


@cache
def groups_of(table: Path) -> Mapping[str, tuple[tuple[int, ...], tuple[Keyword, ...]]]:
    """Read ``labels.yaml``: by group its labels, 0..999, and its keywords; raises WeightsError."""
    groups = {}
    for name, row in read_yaml(table).items():
        if not isinstance(row, dict) or set(row) != {"labels", "keywords"}:
            raise WeightsError(f"{table.name}: {name} must say its labels and its keywords")
        labels: list[int] = []
        for span in str(row["labels"]).split():
            low, _, high = span.partition("-")
            labels += range(int(low), int(high or low) + 1)
        groups[name] = (tuple(labels), read_keywords(str(row["keywords"])))
    return groups


def _joined(keywords: tuple[Keyword, ...]) -> tuple[Keyword, ...]:
    """Return each word once, with its greatest weight, the heaviest first."""
    best: dict[str, float] = {}
    for keyword in keywords:
        best[keyword.word] = max(best.get(keyword.word, 0.0), keyword.weight)
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    return tuple(Keyword(word, weight) for word, weight in ranked)


def _blended(shown: float | None, colour: float) -> float:
    return colour if shown is None else _SHOWN * shown + (1 - _SHOWN) * colour


def _squashed(value: float) -> float:
    """Return a value within -1..1, two thirds of it near the middle."""
    return value / (1 + abs(value))
