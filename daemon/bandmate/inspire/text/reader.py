"""Text -> keywords: words that it names first, then its meaning on axes and among anchors.

The axes and the anchors' vectors lie in ``models/inspire/anchors.npz``; anchors that a person has
written since are read when the model is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import AskError, WeightsError
from bandmate.inspire.inspiration import LONGEST_TEXT, Inspiration
from bandmate.inspire.proposing import mood_word, proposed
from bandmate.inspire.text import negation
from bandmate.inspire.text.embedding import WIDTH, Embedder
from bandmate.inspire.text.words import Finder, Reading, Said
from bandmate.paths import shipped
from bandmate.style.keywords import MOST, Keyword, Word, vocabulary
from bandmate.workers import weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_NEAR = {"mood": 0.26, "energy": 0.3, "genre": 0.36, "era": 0.38, "texture": 0.36}
"""How near a text must be to a word's anchor, by kind: the cosine; sections are only named."""

_CLEAR = 0.3
"""How much nearer counts as sure."""

_ASTRAY = 0.12
"""What a word loses, in cosine, for a unit of mood that lies elsewhere than the text's."""

_ENOUGH = 5
"""Found words fill the named ones up to here."""

_FEWEST = 3
"""Found moods fill up to here, where they are only so near as _HARDLY."""

_HARDLY = 0.16

_OF_A_KIND = {"mood": 3, "energy": 1, "genre": 1, "era": 1, "texture": 1}
"""How many words of a kind may be found by meaning."""

_NAMED = 0.65
"""What named words say of the mood counts so much, the meaning of the text the rest."""

_AGAINST = -0.5
"""A denied word turns the mood about, by half."""

_TELLING = 0.25
"""From here a text's valence is clear enough to want a word that says it."""

_WHOLE = 0.6
"""Share of words that an English text has whole in the model's vocabulary."""

_SENTENCE = re.compile(r"[^.!?;…\n]+[.!?;…\n]*")


@dataclass(frozen=True, slots=True)
class _Mood:
    """Where a text lies, -1..1; None where nothing says it."""

    valence: float | None = None
    energy: float | None = None


class Texts:
    """Reads texts; opened once, in the worker."""

    def __init__(
        self,
        embedder: Embedder,
        words: Mapping[str, Word],
        vectors: Vector,
        axes: Mapping[str, Vector],
    ) -> None:
        """Take a row of *vectors* for each of *words*, and axes of 384 numbers, middle, slope."""
        self._embedder = embedder
        self._words = words
        self._names = list(words)
        self._vectors = vectors
        self._axes = axes
        self._finder = Finder(words)

    @classmethod
    def open(cls, models: Path | None = None, words: Mapping[str, Word] | None = None) -> Texts:
        """Open the model; raises Unavailable or WeightsError in words."""
        folder = models or shipped("models")
        embedder = Embedder.open(folder)
        known = words or vocabulary()
        ready, axes = _anchors(weights.checked("anchors", folder))
        new = sorted({word.anchor for word in known.values()} - set(ready))
        ready.update(zip(new, embedder.embed(new), strict=True))
        import numpy as np

        vectors = np.stack([ready[word.anchor] for word in known.values()])
        return cls(embedder, known, vectors, axes)

    def read(self, text: str) -> Inspiration:
        """Return what a text of 1..2000 characters asks for; raises AskError."""
        if not 1 <= len(text.strip()) <= LONGEST_TEXT:
            raise AskError(f"text must be 1..{LONGEST_TEXT} characters, not {len(text.strip())}")
        reading = self._finder.read(text)
        named = [one for one in reading.said if not one.is_denied]
        denied = [one for one in reading.said if one.is_denied]
        meaning = self._meaning(text, reading)
        mood = self._mood(named, denied, meaning)
        keywords = [Keyword(one.word, one.weight) for one in named]
        keywords = sorted(keywords, key=lambda one: -one.weight)[:MOST]
        if meaning is not None:
            keywords += self._near(meaning, mood, {one.word for one in reading.said}, keywords)
        elif not named and mood.valence is not None:
            keywords = [Keyword(mood_word(mood.valence, mood.energy or 0.0), 0.5)]
        return proposed(
            keywords, self._words, mood.valence, mood.energy, self._notes(text, reading, denied)
        )

    def _meaning(self, text: str, reading: Reading) -> Vector | None:
        """Return the vector of what a text wants, None where the model cannot read it."""
        if not self._is_read(text, reading):
            return None
        import numpy as np

        parts = _parts(reading.rest)
        if not parts:
            return None
        lengths = np.array([len(part) for part in parts], np.float32)
        mean = lengths @ self._embedder.embed(parts)
        found: Vector = mean / np.linalg.norm(mean)
        return found

    def _is_read(self, text: str, reading: Reading) -> bool:
        if reading.language != "en":
            return False
        named = all(one.language == "en" for one in reading.said)
        return self._embedder.whole_words(text) >= _WHOLE or (named and len(reading.said) > 0)

    def _mood(self, named: list[Said], denied: list[Said], meaning: Vector | None) -> _Mood:
        return _Mood(
            *(self._on_axis(axis, named, denied, meaning) for axis in ("valence", "energy"))
        )

    def _on_axis(
        self, axis: str, named: list[Said], denied: list[Said], meaning: Vector | None
    ) -> float | None:
        """Return -1..1: what named words say, denied ones where none is, and the meaning."""
        said = self._mean(axis, named)
        if said is None and (against := self._mean(axis, denied)) is not None:
            said = against * _AGAINST
        if meaning is None:
            return said
        import numpy as np

        *_, middle, slope = row = self._axes[axis]
        felt = float(np.tanh((meaning @ row[:WIDTH] - middle) * slope))
        return felt if said is None else _NAMED * said + (1 - _NAMED) * felt

    def _mean(self, axis: str, said: Sequence[Said]) -> float | None:
        """Return the mean of what words say of an axis, by weight; None where none does."""
        values: list[tuple[float, float]] = []
        for one in said:
            value: float | None = getattr(self._words[one.word].traits, axis)
            if value is not None:
                values.append((one.weight, value))
        total = sum(weight for weight, _ in values)
        return sum(weight * value for weight, value in values) / total if values else None

    def _near(
        self, meaning: Vector, mood: _Mood, said: set[str], held: list[Keyword]
    ) -> list[Keyword]:
        """Return words whose anchors lie near the meaning and agree with the mood."""
        cosines = self._vectors @ meaning
        fitting = sorted(
            (
                (float(cosine) - _ASTRAY * _distance(self._words[name], mood), name)
                for cosine, name in zip(cosines, self._names, strict=True)
                if name not in said and self._words[name].kind in _NEAR
            ),
            reverse=True,
        )
        found: list[Keyword] = []
        kinds = dict(_OF_A_KIND)
        for score, name in fitting:
            kind = self._words[name].kind
            is_near = score >= _NEAR[kind] and kinds[kind] > 0
            if is_near and len(held) + len(found) < _ENOUGH:
                kinds[kind] -= 1
                found.append(Keyword(name, _weight(score - _NEAR[kind])))
        found = self._telling(found, fitting, mood, held)
        taken = {keyword.word for keyword in found}
        hardly = [
            Keyword(name, 0.25)
            for score, name in fitting
            if score >= _HARDLY and name not in taken and self._words[name].kind == "mood"
        ]
        found += hardly[: max(0, _FEWEST - len(held) - len(found))]
        return sorted(found, key=lambda keyword: -keyword.weight)

    def _telling(
        self,
        found: list[Keyword],
        fitting: list[tuple[float, str]],
        mood: _Mood,
        held: list[Keyword],
    ) -> list[Keyword]:
        """Add a mood word where the mood is clear and no word says it."""
        valence = mood.valence or 0.0
        is_told = any(self._tells(one.word, valence) for one in (*held, *found))
        if abs(valence) < _TELLING or is_told or len(held) >= MOST:
            return found
        name = next(
            name
            for _, name in fitting
            if self._words[name].kind == "mood" and self._tells(name, valence)
        )
        kept = found[: MOST - len(held) - 1]
        return [*kept, Keyword(name, round(0.3 + 0.4 * abs(valence), 2))]

    def _tells(self, word: str, valence: float) -> bool:
        own = self._words[word].traits.valence or 0.0
        return own * valence > 0 and abs(own) >= min(0.3, abs(valence))

    def _notes(self, text: str, reading: Reading, denied: list[Said]) -> list[str]:
        notes = []
        if reading.language == "other":
            notes.append("the text is in a script that bandmate cannot read: add keywords by hand")
        elif reading.language != "en":
            language = negation.NAMES[reading.language]
            notes.append(
                f"the text seems to be {language}, which bandmate reads word by word: "
                "check the keywords"
            )
        elif not self._is_read(text, reading):
            notes.append(
                "the text is not in a language that bandmate reads as a whole: "
                "only words that it knows were taken"
            )
        if denied:
            notes.append(f"taken as not wanted: {', '.join(one.word for one in denied)}")
        return notes


def _anchors(file: Path) -> tuple[dict[str, Vector], dict[str, Vector]]:
    """Return the vectors of the shipped sentences, and the axes."""
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as kept:
            vectors = kept["vectors"].astype(np.float32)
            sentences = kept["sentences"].tolist()
            axes = {name: kept[name] for name in ("valence", "energy")}
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{file} cannot be read: {error}") from error
    return dict(zip(sentences, vectors, strict=True)), axes


def _parts(text: str) -> list[str]:
    """Return a text's sentences in pieces that the model reads whole."""
    parts: list[str] = []
    for sentence in _SENTENCE.findall(text):
        words = sentence.split()
        if any(sign.isalnum() for sign in sentence):
            parts += [" ".join(words[i : i + 60]) for i in range(0, len(words), 60)]
    return parts


def _distance(word: Word, mood: _Mood) -> float:
    """Return how far a word's mood lies from a text's, 0..2 for each axis it has, the mean."""
    gaps = []
    for own, text in ((word.traits.valence, mood.valence), (word.traits.energy, mood.energy)):
        if own is not None and text is not None:
            gaps.append(abs(own - text))
    return sum(gaps) / len(gaps) if gaps else 0.5


def _weight(margin: float) -> float:
    """Return the weight of a found word, 0.3..0.8, by how far it lies within its bound."""
    return round(0.3 + 0.5 * min(1.0, margin / _CLEAR), 2)
