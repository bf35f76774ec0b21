"""The inspire worker: one process for the small models, each opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import AskError, Cancelled, Unavailable
from bandmate.inspire.inspiration import Inspiration, Inspire, Transcribe, Transcription
from bandmate.paths import shipped
from bandmate.style.keywords import MOST, Keyword

if TYPE_CHECKING:
    from bandmate.inspire.audio.reader import Audio
    from bandmate.inspire.image.reader import Images
    from bandmate.inspire.text.reader import Texts

MIDI = (".mid", ".midi")
"""Endings of files whose notes need no hearing."""

_OFTEN = 0.25
"""What a word gains for each further inspiration in which it is found."""


class InspireServant:
    """Serves Inspire with an Inspiration, and Transcribe with a Transcription."""

    name = "inspire"
    note = ""

    def __init__(self, models: Path) -> None:
        """Take the folder where ``manifest.yaml`` lies; opens nothing yet."""
        self._models = models
        self._texts: Texts | None = None
        self._images: Images | None = None
        self._audio: Audio | None = None

    def serve(
        self, request: Inspire | Transcribe, is_cancelled: Callable[[], bool]
    ) -> Iterator[Inspiration | Transcription]:
        """Yield one answer; raises Cancelled between two inspirations, and mistakes in words."""
        if isinstance(request, Transcribe):
            yield self._transcribed(request)
            return
        found: list[Inspiration] = []
        for read in self._readings(request):
            if is_cancelled():
                raise Cancelled("the ask was called off")
            found.append(read())
        if not found:
            raise AskError("an inspiration must be a text, an image or an audio file")
        yield together(found)

    def _readings(self, request: Inspire) -> Iterator[Callable[[], Inspiration]]:
        """Yield what reads each part of a request, the text first; none is read yet."""
        text, image, audio = request.text, request.image, request.audio
        if text is not None:
            yield lambda: self._read().read(text)
        if image is not None:
            yield lambda: self._seen().read(image)
        if audio is not None:
            yield lambda: self._heard().read(audio, request.meter)

    def _transcribed(self, request: Transcribe) -> Transcription:
        """Return the chords of a sound file, or of a ``.mid``."""
        if request.path.suffix.lower() in MIDI:
            from bandmate.inspire.audio.listener import heard_in_clip, read_clip, shipped_transition

            return heard_in_clip(read_clip(request.path), shipped_transition(self._models))
        from bandmate.inspire.audio.listener import heard_in_sound, shipped_transition
        from bandmate.inspire.audio.sound import read_sound

        sound = read_sound(request.path)
        changes = shipped_transition(self._models)
        heard = heard_in_sound(sound.samples, sound.rate, changes, request.meter)
        return replace(heard, notes=(sound.note,)) if sound.note else heard

    def _read(self) -> Texts:
        if self._texts is None:
            from bandmate.inspire.text.reader import Texts

            self._texts = Texts.open(self._models)
        return self._texts

    def _seen(self) -> Images:
        if self._images is None:
            from bandmate.inspire.image.reader import Images

            self._images = Images.open(self._models)
        return self._images

    def _heard(self) -> Audio:
        if self._audio is None:
            try:
                from bandmate.inspire.audio.reader import Audio
            except ModuleNotFoundError as error:
                raise Unavailable(
                    f"hearing needs {error.name}: install bandmate with the extra inspire"
                ) from error
            self._audio = Audio.open(self._models)
        return self._audio


def shipped_inspire() -> Callable[[], InspireServant]:
    """Return what makes the servant of the shipped models in a worker."""
    return partial(InspireServant, shipped("models"))


def together(found: list[Inspiration]) -> Inspiration:
    """Return several inspirations as one: weights combine, what was heard goes before guesses.

    A word weighs what it weighs most, and more for each inspiration that shares it; mode and tempo
    are those of the first that proposes one, save that a heard key's and its tempo go first; the
    energy is the mean.
    """
    if len(found) == 1:
        return found[0]
    heard = [one for one in found if one.key is not None]
    ordered = [*heard, *(one for one in found if one.key is None)]
    energies = [one.energy for one in found if one.energy is not None]
    return Inspiration(
        keywords=_joined(found),
        mode=next((one.mode for one in ordered if one.mode is not None), None),
        tempo=next((one.tempo for one in ordered if one.tempo is not None), None),
        energy=round(sum(energies) / len(energies)) if energies else None,
        key=next((one.key for one in heard), None),
        chords=next((one.chords for one in found if one.chords is not None), None),
        notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
    )


def _joined(found: Iterable[Inspiration]) -> tuple[Keyword, ...]:
    weights: dict[str, list[float]] = {}
    for one in found:
        for keyword in one.keywords:
            weights.setdefault(keyword.word, []).append(keyword.weight)
    joined = [
        Keyword(word, round(min(1.0, max(said) * (1 + _OFTEN * (len(said) - 1))), 2))
        for word, said in weights.items()
    ]
    return tuple(sorted(joined, key=lambda keyword: -keyword.weight)[:MOST])
