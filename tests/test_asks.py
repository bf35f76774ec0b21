"""Asks: what is read, what is refused, and in which words."""

from __future__ import annotations

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.asks.cells import Cells
from bandmate.asks.loop import FIELDS, LoopAsk
from bandmate.asks.notation import (
    chords_to_text,
    parse_chords,
    parse_parts,
    parts_to_text,
    placed_chords,
    read_chords,
)
from bandmate.asks.scoped import Shape
from bandmate.errors import AskError, FileError
from bandmate.loops.plan import PlannedPart
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword

REFUSED = [
    ("bars", 0, "bars must be in 1..64, not 0"),
    ("bars", 65, "bars must be in 1..64, not 65"),
    ("bars", "x", "bars must be in 1..64, not 'x'"),
    ("bars", 4.5, "bars must be a whole number in 1..64, not 4.5"),
    ("bars", True, "bars must be in 1..64, not True"),
    ("bars", None, "bars must be in 1..64, not None"),
    ("bars", float("inf"), "bars must be in 1..64, not inf"),
    ("tempo", 0, "tempo must be in 20..400, not 0"),
    ("tempo", float("nan"), "tempo must be in 20..400, not nan"),
    ("tempo", "nan", "tempo must be in 20..400, not 'nan'"),
    ("tempo", float("-inf"), "tempo must be in 20..400, not -inf"),
    ("tempo", "1e999", "tempo must be in 20..400, not '1e999'"),
    ("tempo", b"\x00\x01", "tempo must be in 20..400, not b'\\x00\\x01'"),
    ("key", "H:min", "key must be written like C:min, "),
    ("key", "x" * 41, "key must be written like A:min or F#:dor, not 'xxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("meter", "4", "meter must be written like 4/4 or 6/8, not '4'"),
    (
        "meter",
        "5/1",
        "meter must be over 2, 4 or 8 with a bar of 1..7 beats (quarter notes), not 5/1",
    ),
    (
        "meter",
        "1/8",
        "meter must be over 2, 4 or 8 with a bar of 1..7 beats (quarter notes), not 1/8",
    ),
    ("chords", "A:min D:mon", "chord must be written like Dm, "),
    ("chords", "", "chords must fill 1..64 bars, not 0"),
    ("chords", "C " * 65, "chords must fill 1..64 bars, not 65"),
    ("chords", "C,C,C,C,C,C,C,C,C", "chords of a bar must be 1..8, not 9"),
    ("chords", "C,,F", "chord must be written like C, "),
    ("parts", "drums,bas", "parts must be roles such as bass or brass, not 'bas'"),
    ("parts", "", "parts must name 1..10 parts, not 0"),
    ("parts", "bass," * 11, "parts must name 1..10 parts, not 12"),
    ("parts", "keys:128", "program of keys must be in 0..127, not '128'"),
    ("parts", "keys5", "parts may number a role 1..4, not 'keys5'"),
    ("parts", "keys2,keys2", "parts may name keys2 once, not twice"),
    ("parts", "pad,pad,pad,pad,pad", "parts may hold pad 4 times at most"),
    ("genre", "fnk", "genre must be one such as funk, punk or folk, not 'fnk'"),
    ("section", 3, "section must be one such as bridge, chorus or interlude, not 3"),
    ("energy", 6, "energy must be in 1..5, not 6"),
    ("density", 0.4, "density must be in 0.5..48, not 0.4"),
    ("density", "led=8", "density must be of a part such as lead"),
    ("density", "lead=49", "density of lead must be in 0.5..48, not '49'"),
    ("density", "lead=4,lead=5", "density may be said of lead once, not twice"),
    ("density", "8,9", "density must be in 0.5..48, not '8,9'"),
    ("density", "8,lead=", "density of lead must be in 0.5..48, not ''"),
    ("density", "=8" * 400, "density must be written like drums=8,bass=4, not '=8=8"),
    ("pitch", 97, "pitch must be in 24..96, not 97"),
    ("velocity", "loud", "velocity must be in 1..127, not 'loud'"),
    ("duration", 17, "duration must be in 0.05..16, not 17"),
    ("polyphony", 0, "polyphony must be in 1..6, not 0"),
    ("swing", 1.5, "swing must be in 0..1, not 1.5"),
    ("curve", "density=4,x", "curve of density must be in 0.5..48, not 'x'"),
    ("curve", "densty=4", "curve must be of fields such as density"),
    ("curve", "density", "curve must be of fields such as density"),
    ("curve", "density=4;density=5", "curve may be said of density once, not twice"),
    ("curve", "density=" + "1," * 64 + "1", "curve of density must have 1..64 numbers, not 65"),
    ("keywords", "drak", "keywords must be words such as dark"),
    ("strictness", 2, "strictness must be in 0..1, not 2"),
    ("feel", -1, "feel must be in 0..1, not -1"),
    ("time_feel", "triple", "time_feel must be half or normal or double, not 'triple'"),
    ("form", "A A'' C? B", "form must be 1..24 words such as A, A', B:8"),
    ("context", "", "a file must be named, not left empty"),
    ("take", 0, "take must be in 1..2147483647, not 0"),
    ("between", "12", "between must be two takes such as 12,15, not '12'"),
    ("between", "12,12", "between must be two different takes, not 12 twice"),
    ("between", "12,x", "between must be in 1..2147483647, not 'x'"),
    ("keep", "bass:4-3", "bars of cells must rise within 1..64, not 'bass:4-3'"),
    ("keep", "bass:0", "bars of cells must rise within 1..64, not 'bass:0'"),
    ("refill", "bass:", "cells must be written like bass:3-4,drums,2, not 'bass:'"),
    ("refill", "bas:3", "cells must be of a part such as bass"),
    ("vary", 1.1, "vary must be in 0..1, not 1.1"),
    ("lock", "notes", "lock must be rhythm or pitches, not 'notes'"),
    ("add", "bas", "parts must be roles such as bass"),
    ("shift", "bass", "shift must be written like bass=+2,lead=-1, not 'bass'"),
    ("shift", "bass=0", "shift of bass must be 1..63 bars later (+) or earlier (-), not 0"),
    ("seed", 2**31, "seed must be in 0..2147483647, not 2147483648"),
    ("seed", -1, "seed must be in 0..2147483647, not -1"),
    ("takes", 9, "takes must be in 1..8, not 9"),
    ("temperature", 0, "temperature must be in 0.1..2, not 0"),
    ("top_k", 1001, "top_k must be in 0..1000, not 1001"),
    ("top_p", 0, "top_p must be in 0.05..1, not 0"),
    ("in_key", "maybe", "in_key must be on or off, not 'maybe'"),
    (
        "model",
        "loops",
        "model must be a model and its checksum, such as loops@1a2b3c4d, not 'loops'",
    ),
    ("notes", "tape", "notes must be file or blob or bars, not 'tape'"),
    ("preset", "../x", "preset must be a preset's name, not '../x'"),
    ("reply", 65536, "reply must be in 1..65535, not '65536'"),
    ("reply", "mailbox:../x", "reply must be a port 1..65535 or mailbox:name"),
    ("brs", 4, "an ask has nothing called 'brs', try bars, "),
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_what_makes_no_sense_is_refused_in_words(name: str, value: object, words: str) -> None:
    with pytest.raises(AskError) as refused:
        LoopAsk.read([(name, value)])
    assert str(refused.value).startswith(words)
    assert len(str(refused.value)) < 200


def test_a_number_of_thousands_of_digits_is_refused_too() -> None:
    with pytest.raises(AskError, match=r"bars must be in 1..64, not a number too long to show"):
        LoopAsk.read([("bars", 10**5000)])


READ = [
    ("bars", 4, 4),
    ("bars", 4.0, 4),
    ("bars", " 64 ", 64),
    ("tempo", "96", 96.0),
    ("tempo", 20, 20.0),
    ("key", "Am", Key(9, "min")),
    ("meter", "7/8", Meter(7, 8)),
    ("genre", "Hip-Hop", "hip hop"),
    ("section", "pre-chorus", "prechorus"),
    ("in_key", 0, False),
    ("play", "yes", True),
    ("notes", "BLOB", "blob"),
    ("reply", 7780, "7780"),
    ("reply", 7780.0, "7780"),
    ("reply", "mailbox:reaper-1", "mailbox:reaper-1"),
    ("model", "loops@1a2b3c4d", "loops@1a2b3c4d"),
    ("preset", "deep-house", "deep-house"),
    ("density", 8, Shape(8.0)),
    ("density", " 8 ", Shape(8.0)),
    ("velocity", "90, keys=60 ,Bass=70", Shape(90.0, (("keys", 60.0), ("bass", 70.0)))),
    ("pitch", "lead=72", Shape(None, (("lead", 72.0),))),
    ("curve", "density=4, 6 8; swing=1", (("density", (4.0, 6.0, 8.0)), ("swing", (1.0,)))),
    ("shift", "bass=+2,lead=-1", (("bass", 2), ("lead", -1))),
    ("form", "A A' B:8 A'", "A A' B:8 A'"),
    ("form", "None", "none"),
    ("loop", "off", False),
    ("between", "12, 15", (12, 15)),
    ("keywords", "dark,slow:0.5", (Keyword("dark"), Keyword("slow", 0.5))),
]


@pytest.mark.parametrize(("name", "value", "read"), READ)
def test_numbers_come_as_int_float_or_text(name: str, value: object, read: object) -> None:
    assert getattr(LoopAsk.read([(name, value)]), name) == read


@pytest.mark.parametrize("said", [96.1, 133.3333, 20.05, 399.99, 59.94])
def test_a_tempo_that_travelled_as_float32_is_the_tempo_that_was_said(said: float) -> None:
    (travelled,) = struct.unpack(">f", struct.pack(">f", said))
    assert travelled != said
    assert LoopAsk.read([("tempo", travelled)]).tempo == said


def test_a_name_may_be_said_once() -> None:
    with pytest.raises(AskError, match=r"bars must be said once, not twice"):
        LoopAsk.read([("bars", 4), ("bars", 8)])


def test_what_is_not_said_is_none() -> None:
    ask = LoopAsk.read([])
    assert (ask.source, ask.is_edit) == (None, False)
    assert {getattr(ask, field.name) for field in FIELDS} == {None}


def test_an_ask_cannot_be_made_past_the_door() -> None:
    with pytest.raises(AskError, match=r"bars must be in 1..64, not 65"):
        LoopAsk(bars=65)
    with pytest.raises(AskError, match=r"meter must be over 2, 4 or 8"):
        LoopAsk(meter=Meter(15, 16))
    with pytest.raises(AskError, match=r"chords must fill 1..1 bars, as the clip does, not 2"):
        LoopAsk.read([("bars", 1), ("chords", "C F")])
    with pytest.raises(AskError, match=r"density of lead must be in 0.5..48, not 99"):
        LoopAsk(density=Shape(None, (("lead", 99.0),)))
    with pytest.raises(AskError, match=r"pitch must be of a part such as"):
        LoopAsk(pitch=Shape(None, (("tuba", 40.0),)))


TOGETHER = [
    ("take 1|like 2", "an ask must go from one clip, not from both take and like"),
    ("keep drums", "keep needs a clip that is there: say context, take, like or between"),
    ("vary 0.5|bars 4", "vary needs a clip that is there"),
    ("remove lead", "remove needs a clip that is there"),
    ("take 1|continues on|refill bass", "continues writes new bars alone, so refill has nothing"),
    ("take 1|continues on|shift bass=+1", "continues writes new bars alone, so shift has nothing"),
    ("form A A'|bars 7", "form must fill the clip's 7 bars in sections of whole bars, not A A'"),
    ("form A:4 B:4|bars 12", "form must fill the clip's 12 bars"),
    ("form A B|time_feel half", "form and half time cannot be asked together"),
]


@pytest.mark.parametrize(("said", "words"), TOGETHER)
def test_what_cannot_be_asked_together_is_refused_in_words(said: str, words: str) -> None:
    pairs = [tuple(pair.split(" ", 1)) for pair in said.split("|")]
    with pytest.raises(AskError, match="^" + re.escape(words)):
        LoopAsk.read((name, value) for name, value in pairs)


def test_cells_are_read_beside_the_clip_that_they_are_of() -> None:
    ask = LoopAsk.read([("take", 1), ("keep", "keys, Bass:3-4,2"), ("vary", 0)])
    assert ask.keep == (Cells("keys", 0, None), Cells("bass", 2, 3), Cells(None, 1, 1))
    assert (ask.vary, ask.is_edit) == (0.0, True)


def test_a_context_that_is_not_there_is_told() -> None:
    words = r"^/nowhere/in.mid cannot be read: there is no such file$"
    with pytest.raises(FileError, match=words):
        LoopAsk.read([("context", "/nowhere/in.mid")])


def test_an_edit_says_where_it_goes_from() -> None:
    ask = LoopAsk.read([("between", "3,4"), ("keep", "drums")])
    assert (ask.source, ask.is_edit) == ("between", True)
    assert not LoopAsk.read([("take", 3), ("continues", "off")]).is_edit


def test_a_shape_that_travelled_as_float32_is_the_one_that_was_said() -> None:
    (travelled,) = struct.unpack(">f", struct.pack(">f", 0.3))
    assert LoopAsk.read([("swing", travelled), ("vary", travelled), ("take", 1)]).vary == 0.3
    assert LoopAsk.read([("swing", travelled)]).swing == Shape(0.3)


PARTS = [
    ("drums,bass,keys:4,lead2:81", "drums:0,bass:33,keys:4,lead2:81"),
    ("keys,keys", "keys:0,keys2:0"),
    (" Drums , BASS ", "drums:0,bass:33"),
    ("keys1,keys2", "keys:0,keys2:0"),
    ("keys2,keys,keys", "keys2:0,keys:0,keys3:0"),
    ("pad:0", "pad:0"),
]


@pytest.mark.parametrize(("text", "written"), PARTS)
def test_parts_are_roles_with_digits_and_programs(text: str, written: str) -> None:
    parts = parse_parts(text)
    assert parts_to_text(parts) == written
    assert parse_parts(written) == parts


def test_a_part_has_its_roles_usual_program() -> None:
    assert parse_parts("brass") == (PlannedPart("brass", 61),)


def test_chords_of_a_bar_share_it_equally() -> None:
    spans = parse_chords("A:min D:min,G:7", Meter(4, 4), 2)
    assert [(s.start, s.end, str(s.chord)) for s in spans] == [
        (0, 4, "A:min"),
        (4, 6, "D:min"),
        (6, 8, "G:7"),
    ]


def test_fewer_chords_than_bars_come_again() -> None:
    spans = parse_chords("Am, F", Meter(6, 8), 3)
    assert [s.start for s in spans] == [0, 1.5, 3, 4.5, 6, 7.5]
    assert spans[-1].end == 9
    assert chords_to_text(spans, Meter(6, 8), 3) == "A:min,F:maj A:min,F:maj A:min,F:maj"


def test_more_chords_than_bars_are_refused() -> None:
    with pytest.raises(AskError, match=r"chords must fill 1..2 bars, as the clip does, not 3"):
        parse_chords("C F G", Meter(), 2)


def test_chords_are_written_as_they_are_read() -> None:
    text = "A:min D:min,G:7 N F:maj"
    assert chords_to_text(parse_chords(text, Meter(), 4), Meter(), 4) == text
    assert chords_to_text(placed_chords(read_chords("C"), Meter(), 1), Meter(), 2) == "C:maj N"
    assert chords_to_text((), Meter(), 4) == ""


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=60),
    st.binary(max_size=9),
)
NAMES = st.one_of(st.sampled_from([field.name for field in FIELDS]), st.text(max_size=20))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_whatever_comes_is_an_ask_or_one_sentence(pairs: list[tuple[str, object]]) -> None:
    try:
        ask = LoopAsk.read(pairs)
    except (AskError, FileError) as error:
        assert 10 < len(str(error)) < 300
        assert "\n" not in str(error)
    else:
        assert all(getattr(ask, name) is not None for name, _ in pairs)


def test_every_field_of_an_ask_is_in_the_table() -> None:
    assert [field.name for field in FIELDS] == list(LoopAsk.__dataclass_fields__)
    assert all(field.words and field.range.words and field.default for field in FIELDS)


def test_commas_within_a_chord_do_not_part_it() -> None:
    ((first, second),) = read_chords("G:7(b9,b13), C:maj")
    assert (str(first), str(second)) == ("G:7(b9,b13)", "C:maj")


def test_a_line_to_begin_on_is_named() -> None:
    assert LoopAsk.read([("at", "4 bars")]).at == "4 bars"
    assert LoopAsk.read([("at", "Now")]).at == "now"
    with pytest.raises(AskError, match=r"at must be one such as .*, not '3 bars'"):
        LoopAsk.read([("at", "3 bars")])
