"""Frames of the panel: messages there and back, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError
from bandmate.wires.page.frames import (
    FRAME_CHARS,
    Announced,
    frame_to_message,
    frame_to_said,
    message_to_frame,
)


@pytest.mark.parametrize(
    "arguments",
    [(), ("a1", "bars", 4), (-(2**63), 2**63 - 1, 0.1, 1e300), ("", "ü♭🎹\n\0"), (b"", b"\0\xff")],
)
def test_a_message_comes_back_as_it_went(arguments: tuple[Atom, ...]) -> None:
    message = Message("/bandmate/loop/ask", arguments)
    back = frame_to_message(message_to_frame(message))
    assert back == message
    assert [type(atom) for atom in back.arguments] == [type(atom) for atom in arguments]


def test_a_frame_is_what_the_contract_shows() -> None:
    frame = '{"address":"/bandmate/take/notes","args":["a1",12,{"b64":"ACRU"}]}'
    message = Message("/bandmate/take/notes", ("a1", 12, b"\x00\x24\x54"))
    assert (frame_to_said(frame), message_to_frame(message)) == (message, frame)


def test_true_and_false_are_numbers_and_no_arguments_are_none() -> None:
    said = frame_to_said('{"address": "/x", "args": [true, false]}')
    assert said == Message("/x", (1, 0))
    assert frame_to_said('{"address": "/x"}') == Message("/x")


def test_what_json_cannot_say_is_null() -> None:
    frame = message_to_frame(Message("/x", (float("inf"), float("nan"), 1.5)))
    assert json.loads(frame)["args"] == [None, None, 1.5]


def test_an_upload_is_announced() -> None:
    assert frame_to_said('{"upload": "rain.png"}') == Announced("rain.png")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("", "a frame must be JSON, not ''"),
        ("[" * 60000, "a frame must be JSON"),
        ("9" * 5000, "a frame must be JSON"),
        ("null", "a frame must be a JSON object, not None"),
        ("{}", "a frame's address must be one such as /bandmate/hello, not None"),
        ('{"address": "hello"}', "a frame's address must be one such as"),
        ('{"address": "/\\ud800"}', "a frame's address must be one such as"),
        ('{"address": "/x", "args": {}}', "a frame's args must be a list, not {}"),
        ('{"address": "/x", "args": [0, [1]]}', "argument 1 of a frame must be a number"),
        ('{"address": "/x", "args": [NaN]}', "argument 0 of a frame must be a number"),
        ('{"address": "/x", "args": [1e999]}', "argument 0 of a frame must be a number"),
        ('{"address": "/x", "args": [9223372036854775808]}', "argument 0 of a frame must be"),
        ('{"address": "/x", "args": ["\\udc00"]}', "argument 0 of a frame must be a number"),
        ('{"address": "/x", "args": [{"b64": "?"}]}', "argument 0 of a frame must be base64"),
        ('{"address": "/x", "args": [{"b64": "ä"}]}', "argument 0 of a frame must be base64"),
        ('{"address": "/x", "args": [{"b64": "", "x": 1}]}', "argument 0 of a frame must be a"),
        ('{"upload": 5}', "upload must be a file's name of 1..200 characters, not 5"),
        (" " * (FRAME_CHARS + 1), "a frame must have at most 65536 characters, not 65537"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(frame: str, words: str) -> None:
    with pytest.raises(AskError) as error:
        frame_to_said(frame)
    assert words in str(error.value)
    assert len(str(error.value)) < 200


def test_the_name_of_a_file_is_no_message() -> None:
    with pytest.raises(AskError, match="a message must have an address"):
        frame_to_message('{"upload": "x"}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["b64", "x"]), inner),
)
FRAMES = st.dictionaries(st.sampled_from(["address", "args", "upload"]), JSON | st.just("/x"))


@given(FRAMES.map(json.dumps) | st.text())
def test_whatever_comes_is_a_message_a_file_or_a_sentence(frame: str) -> None:
    try:
        said = frame_to_said(frame)
    except AskError as error:
        assert "\n" not in str(error)
        return
    if isinstance(said, Announced):
        assert said.name.encode()
    else:
        assert all(isinstance(atom, int | float | str | bytes) for atom in said.arguments)
        assert frame_to_message(message_to_frame(said)) == said
