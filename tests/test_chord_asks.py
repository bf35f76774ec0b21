"""Asks for chords: what is read, what is refused, and in which words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.asks.chords import CHORD_FIELDS, ChordAsk
from bandmate.asks.loop import FIELDS
from bandmate.errors import AskError, BandmateError, FileError
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword

REFUSED = [
    ("text", "", "text must be 1..2000 characters, not ''"),
    ("text", "   ", "text must be 1..2000 characters, not '   '"),
    ("text", "x" * 2001, "text must be 1..2000 characters, not 'xxxx"),
    ("text", "x" * 100_000, "text must be 1..2000 characters, not 'xxxx"),
    ("image", "nothing.jpg", "nothing.jpg cannot be read: there is no such file"),
    ("image", "/", "/ cannot be read: it is no plain file"),
    ("image", "", "a file must be named, not left empty"),
    ("audio", "x" * 3000, "xxx"),
    ("audio", "x" * 5000, "audio must be written like a file that is there, not 'xxx"),
    ("audio", "a\0b", "a\0b cannot be read: there is no such file"),
    ("keywords", "meloncholic", "keywords must be words such as melancholic"),
    ("keywords", "slow:2", "weight of slow must be in 0..1, not '2'"),
    ("key", "H:min", "key must be written like"),
    ("bars", 17, "bars must be in 1..16, not 17"),
    ("bars", 0, "bars must be in 1..16, not 0"),
    ("tempo", 10, "tempo must be in 20..400, not 10"),
    ("meter", "15/16", "meter must be over 2, 4 or 8"),
    ("section", "refrain", "section must be one such as"),
    ("genre", "jaz", "genre must be one such as jazz"),
    ("cards", 9, "cards must be in 1..8, not 9"),
    ("seed", -1, "seed must be in 0..2147483647, not -1"),
    ("temperature", 3, "temperature must be in 0.1..2, not 3"),
    ("m", 0.5, "m must be in 1..100, not 0.5"),
    ("before", "C D:mon", "chord must be written like"),
    ("after", "C " * 65, "chords must fill 1..64 bars, not 65"),
    ("voicing", "wide", "voicing must be one such as"),
    ("rhythm", "strumming", "rhythm must be one such as strum"),
    ("bass", "maybe", "bass must be on or off, not 'maybe'"),
    ("program", 128, "program must be in 0..127, not 128"),
    ("model", "proposer", "model must be a proposer and its checksum"),
    ("reply", "mailbox:", "reply must be a port"),
    ("bar", 4, "an ask for chords has nothing called 'bar', try bars"),
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(name: str, value: object, words: str) -> None:
    with pytest.raises(BandmateError) as refused:
        ChordAsk.read([(name, value)])
    assert str(refused.value).startswith(words)
    assert len(str(refused.value)) < 400


def test_all_that_can_be_said_is_read(tmp_path: Path) -> None:
    picture = tmp_path / "beach.jpg"
    picture.touch()
    ask = ChordAsk.read(
        [
            *[("text", " a warm\nbeach "), ("image", str(picture)), ("audio", str(picture))],
            *[("keywords", "nostalgic:0.5,slow!"), ("key", "F"), ("bars", 8.0), ("tempo", "96")],
            *[("meter", "3/4"), ("section", "verse"), ("genre", "musical"), ("cards", 2)],
            *[("seed", 3), ("temperature", 0.5), ("m", 4), ("before", "F:maj"), ("after", "C:7 F")],
            *[("voicing", "Open"), ("rhythm", "ballad"), ("bass", "off"), ("program", 4)],
            *[("model", "proposer@1a2b3c4d"), ("play", 1), ("insert", "on"), ("reply", 7780)],
        ]
    )
    assert (ask.text, ask.image, ask.audio) == ("a warm\nbeach", picture, picture)
    assert ask.keywords == (Keyword("nostalgic", 0.5), Keyword("slow", 1.0, True))
    assert (ask.key, ask.bars, ask.tempo, ask.meter) == (Key(5), 8, 96.0, Meter(3, 4))
    assert (ask.section, ask.genre, ask.cards, ask.seed) == ("verse", "musical", 2, 3)
    assert (ask.temperature, ask.m) == (0.5, 4.0)
    assert [str(chord) for bar in (*(ask.before or ()), *(ask.after or ())) for chord in bar] == [
        "F:maj", "C:7", "F:maj",
    ]  # fmt: skip
    assert (ask.voicing, ask.rhythm, ask.bass, ask.program) == ("open", "ballad", False, 4)
    assert (ask.model, ask.play, ask.insert, ask.reply) == ("proposer@1a2b3c4d", True, True, "7780")
    assert {name for name in ChordAsk.__slots__ if getattr(ask, name) is None} == set()


def test_nothing_said_is_an_ask_too(tmp_path: Path) -> None:
    ask = ChordAsk.read([])
    assert all(getattr(ask, field.name) is None for field in CHORD_FIELDS)
    assert not ask.has_inspiration
    assert ChordAsk(text="rain").has_inspiration
    assert ChordAsk(image=tmp_path).has_inspiration
    assert ChordAsk(audio=tmp_path).has_inspiration


def test_an_ask_checks_itself() -> None:
    with pytest.raises(AskError, match=r"bars must be in 1\.\.16, not 99"):
        ChordAsk(bars=99)
    with pytest.raises(AskError, match=r"meter must be over 2, 4 or 8"):
        ChordAsk(meter=Meter(15, 16))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match=r"pipe\.png cannot be read: it is no plain file"):
        ChordAsk.read([("image", str(pipe))])


def test_the_fields_are_those_of_the_class_and_say_what_a_loops_say() -> None:
    assert [field.name for field in CHORD_FIELDS] == list(ChordAsk.__slots__)
    loops = {field.name: field for field in FIELDS}
    for name in ("key", "tempo", "meter", "section", "seed", "reply"):
        mine = next(field for field in CHORD_FIELDS if field.name == name)
        assert mine.range is loops[name].range
    assert all(field.words and field.default and field.range.words for field in CHORD_FIELDS)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=20),
    st.text(max_size=60),
)


@given(st.sampled_from([field.name for field in CHORD_FIELDS]), VALUES)
def test_whatever_is_said_is_read_or_refused_in_words(name: str, value: object) -> None:
    try:
        ChordAsk.read([(name, value)])
    except BandmateError as error:
        assert str(error)
