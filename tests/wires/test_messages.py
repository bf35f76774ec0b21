"""Messages and what they carry: each way there has its way back."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.asks.notation import parse_chords
from bandmate.contract.messages import (
    CHUNK_NOTES,
    Message,
    checksum,
    chunks_to_data,
    clip_to_data,
    data_to_chunks,
    data_to_notes,
    message_to_text,
    note_messages,
    pairs_of,
    pairs_to_clip,
    take_to_pairs,
    text_to_message,
)
from bandmate.errors import AskError
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.wires.packets import message_to_packet
from wires.fake_daemon import take_of

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ATOMS = st.one_of(INT64, st.floats(allow_nan=False), TEXT, st.binary())
ADDRESSES = st.from_regex(r"/[a-z]{1,10}(/[a-z]{1,10}){0,3}", fullmatch=True)
FLOAT32 = st.floats(0, 448, width=32)
NOTES = st.builds(Note, FLOAT32, st.integers(0, 127), FLOAT32, st.integers(1, 127))


@given(st.lists(st.lists(NOTES, max_size=500), min_size=1, max_size=10))
def test_notes_come_back_as_they_went(parts: list[list[Note]]) -> None:
    clip = Clip(tuple(Part(f"keys{i}", 4, tuple(notes)) for i, notes in enumerate(parts)), 448.0)
    data = clip_to_data(clip)
    joined = chunks_to_data(data_to_chunks(data), checksum(data))
    assert data_to_notes(joined, len(parts)) == tuple(tuple(notes) for notes in parts)


def test_a_note_is_twelve_bytes() -> None:
    clip = Clip((Part("drums", 0), Part("bass", 33, (Note(1.5, 36, 0.25, 100),))), 4.0)
    assert clip_to_data(clip) == bytes.fromhex("01 24 64 00  3f c0 00 00  3e 80 00 00")
    #                                           part 1       1.5 beats    0.25 beats
    #                                              pitch 36, velocity 100, nothing


@pytest.mark.parametrize(
    ("notes", "chunks"), [(0, 0), (1, 1), (336, 1), (337, 2), (672, 2), (673, 3)]
)
def test_notes_are_cut_into_chunks_below_8_kb(notes: int, chunks: int) -> None:
    clip = Clip((Part("lead", 81, tuple(Note(i, 60, 0.5, 90) for i in range(notes))),), 700.0)
    messages = note_messages("a" * 200, 2**31 - 1, clip)
    assert len(messages) == chunks
    assert all(len(message_to_packet(message)) < 8192 for message in messages)
    assert all(len(message.arguments[5]) <= 4076 for message in messages)  # type: ignore[arg-type]
    assert [message.arguments[2:4] for message in messages] == [(i, chunks) for i in range(chunks)]
    assert CHUNK_NOTES == 336


def test_a_lost_chunk_is_noticed() -> None:
    clip = Clip((Part("lead", 81, tuple(Note(i, 60, 0.5, 90) for i in range(700))),), 700.0)
    data = clip_to_data(clip)
    with pytest.raises(AskError, match="did not arrive whole"):
        chunks_to_data(data_to_chunks(data)[1:], checksum(data))


@pytest.mark.parametrize("data", [b"\0" * 11, struct.pack(">BBBxff", 2, 60, 90, 0.0, 1.0)])
def test_bytes_that_are_no_notes_are_refused(data: bytes) -> None:
    with pytest.raises(AskError):
        data_to_notes(data, 2)


def test_a_checksum_is_a_signed_int32() -> None:
    assert checksum(b"123456789") == struct.unpack(">i", bytes.fromhex("cbf43926"))[0]


def test_a_take_is_told_in_pairs_and_read_again() -> None:
    meter = Meter(6, 8)
    clip = Clip(
        parts=(
            Part("drums", 0, (Note(0.0, 36, 0.25, 100), Note(1.5, 38, 0.25, 90))),
            Part("bass", 33, (Note(0.0, 40, 1.5, 80),)),
        ),
        length=6.0,
        tempo=96.0,
        meter=meter,
        key=Key.parse("A:min"),
        chords=parse_chords("A:min D:min,G:7", meter, 2),
    )
    said = dict(pairs_of(take_to_pairs(take_of(clip, 12), index=1, takes=3, chunks=1)))
    assert said | {"file": "", "model": ""} == {
        "take": 12, "seed": 7, "file": "", "tempo": 96.0, "key": "A:min", "meter": "6/8", "bars": 2,
        "length": 6.0, "chords": "A:min D:min,G:7", "parts": "drums:0:2,bass:33:1", "notes": 3,
        "first_bar_ms": 200.0, "made_ms": 900.0, "model": "", "index": 1, "takes": 3, "chunks": 1,
    }  # fmt: skip
    assert pairs_to_clip(said, clip_to_data(clip)) == clip


def test_a_clip_without_key_and_chords_is_told_too() -> None:
    clip = Clip((Part("drums", 0),), 4.0)
    said = dict(pairs_of(take_to_pairs(take_of(clip, 1))))
    assert (said["key"], said["chords"], said["chunks"]) == ("", "", 0)
    assert pairs_to_clip(said, b"") == clip


def test_too_many_chords_are_left_to_the_file() -> None:
    meter = Meter(4, 4)
    chords = parse_chords(" ".join([",".join(["F#:min7/b3"] * 8)] * 64), meter, 64)
    clip = Clip((Part("drums", 0),), 256.0, meter=meter, chords=chords)
    pairs = take_to_pairs(take_of(clip, 1))
    assert dict(pairs_of(pairs))["chords"] == ""
    assert len(message_to_packet(Message("/bandmate/loop/made", ("x" * 200, *pairs)))) < 8192


def test_pairs_without_what_a_clip_needs_are_refused() -> None:
    with pytest.raises(AskError, match="key, meter, bars, length, parts"):
        pairs_to_clip({"tempo": 96.0}, b"")


@given(ADDRESSES, st.lists(ATOMS, max_size=20))
def test_mailbox_text_comes_back_as_it_went(
    address: str, atoms: list[int | float | str | bytes]
) -> None:
    message = Message(address, tuple(atoms))
    text = message_to_text(message)
    assert text_to_message(text) == message
    assert [type(atom) for atom in text_to_message(text).arguments] == [
        type(atom) for atom in atoms
    ]
    assert text.count("\n") == len(atoms) + 1


@given(ADDRESSES, st.lists(ATOMS, max_size=20))
def test_mailbox_text_survives_windows_line_ends(
    address: str, atoms: list[int | float | str | bytes]
) -> None:
    message = Message(address, tuple(atoms))
    assert text_to_message(message_to_text(message).replace("\n", "\r\n")) == message


def test_mailbox_text_is_what_a_person_would_write() -> None:
    message = Message(
        "/bandmate/loop/ask", ("a1", "bars", 4, "tempo", 96.0, "chords", "A:min\\\nx")
    )
    assert message_to_text(message) == (
        "/bandmate/loop/ask\ns a1\ns bars\ni 4\ns tempo\nf 96.0\ns chords\ns A:min\\\\\\nx\n"
    )
    assert text_to_message("/a\nb 00ff\ns \ni -1\ns") == Message("/a", (b"\0\xff", "", -1, ""))


def test_mailbox_numbers_may_be_no_numbers() -> None:
    (value,) = text_to_message("/a\nf nan\n").arguments
    assert isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "hello", "/two words", "/a\nx 1", "/a\ni 1.5", "/a\ni", "/a\nf x", "/a\nb f",
        "/a\n\n", "/a\nb zz", f"/a\ni {2**63}", f"/a\ni {'9' * 5000}", "/a\ns \0",
    ],
)  # fmt: skip
def test_text_that_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(AskError):
        text_to_message(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert text_to_message(text).address.startswith("/")
    except AskError as error:
        assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bars", 4, "tempo"), "'tempo' has no value"),
        ((4, "bars"), "must have a text for a name, not 4"),
        ((b"x", 1), "must have a text for a name"),
    ],
)
def test_pairs_that_are_none_are_refused(
    arguments: tuple[int | str | bytes, ...], words: str
) -> None:
    with pytest.raises(AskError, match=words):
        pairs_of(arguments)
