"""OSC bytes: read and written as python-osc does, refused in words where it would stumble."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg

from bandmate.contract.messages import Message
from bandmate.errors import AskError
from bandmate.wires.packets import (
    BUNDLE_MESSAGES,
    FRAME_BYTES,
    MESSAGE_BYTES,
    Frames,
    message_to_packet,
    packet_to_frame,
    packet_to_messages,
)

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
FLOAT32 = st.floats(width=32, allow_nan=False)
ATOMS = st.one_of(INT64, FLOAT32, TEXT, st.binary(min_size=1, max_size=50))
ADDRESSES = st.from_regex(r"/[a-z]{1,10}(/[a-z]{1,10}){0,3}", fullmatch=True)

HEXDUMP = bytes.fromhex(
    "2f 62 61 6e 64 6d 61 74 65 2f 63 61 6e 63 65 6c 00 00 00 00"  # /bandmate/cancel
    "2c 73 69 66 62 54 46 00"  # ,sifbTF
    "61 31 00 00"  # a1
    "00 00 00 04"  # 4
    "42 c0 00 00"  # 96.0
    "00 00 00 02 00 ff 00 00"  # two bytes
)


@given(ADDRESSES, st.lists(ATOMS, max_size=20))
def test_packets_come_back_as_they_went(
    address: str, atoms: list[int | float | str | bytes]
) -> None:
    message = Message(address, tuple(atoms))
    assert packet_to_messages(message_to_packet(message)) == [message]


@given(ADDRESSES, st.lists(ATOMS, max_size=20))
def test_python_osc_reads_what_we_write(
    address: str, atoms: list[int | float | str | bytes]
) -> None:
    read = OscMessage(message_to_packet(Message(address, tuple(atoms))))
    assert (read.address, read.params) == (address, atoms)


def test_a_packet_is_read_byte_by_byte() -> None:
    assert packet_to_messages(HEXDUMP) == [
        Message("/bandmate/cancel", ("a1", 4, 96.0, b"\0\xff", 1, 0))
    ]


def test_doubles_and_long_numbers_are_read() -> None:
    builder = OscMessageBuilder("/a")
    builder.add_arg(0.1, "d")
    builder.add_arg(1e300, "d")
    builder.add_arg(2**40, "h")
    message = Message("/a", (0.1, 1e300, 2**40))
    assert packet_to_messages(builder.build().dgram) == [message]
    assert packet_to_messages(message_to_packet(message))[0].arguments[1:] == (1e300, 2**40)


def test_a_message_may_have_no_types_at_all() -> None:
    assert packet_to_messages(b"/bandmate/panic\0") == [Message("/bandmate/panic")]


def test_what_osc_cannot_carry_is_left_out_of_a_text() -> None:
    message = Message("/a", ("a\0b", "\udc80"))
    assert packet_to_messages(message_to_packet(message)) == [Message("/a", ("ab", "?"))]


@pytest.mark.parametrize("end", range(1, len(HEXDUMP)))
def test_a_packet_cut_off_is_refused_or_shorter(end: int) -> None:
    # Cut within the padding of its last argument, nothing of a message is lost.
    try:
        assert packet_to_messages(HEXDUMP[:end])[0] in (
            Message("/bandmate/cancel"),
            Message("/bandmate/cancel", ("a1", 4, 96.0, b"\0\xff", 1, 0)),
        )
    except AskError as error:
        assert "whole OSC" in str(error)


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (b"", "begin with an address"),
        (b"bandmate\0\0\0\0", "begin with an address"),
        (b"/a\0\0,i\0\0\0\0", "whole OSC"),
        (b"/a\0\0,f\0\0", "whole OSC"),  # python-osc reads 0.0 here
        (b"/a\0\0,b\0\0\xff\xff\xff\xfc", "whole OSC"),  # a blob of -4 bytes
        (b"/a\0\0,b\0\0\x7f\xff\xff\xff", "whole OSC"),
        (b"/a\0\0,s\0\0\xff\xfe\0\0", "whole OSC"),
        (b"/\xff\0\0,\0\0\0", "whole OSC"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\1", "must be of i h f d s b T F, not '\\['"),
        (b"/a\0\0,m\0\0\0\0\0\0", "not 'm'"),
        (b"/a\0\0,s\0\0" + b"x" * MESSAGE_BYTES + b"\0", "at most 8192 bytes, not 8201"),
    ],
)
def test_bytes_that_are_no_message_are_refused(packet: bytes, words: str) -> None:
    with pytest.raises(AskError, match=words):
        packet_to_messages(packet)


def bundled(*contents: bytes) -> bytes:
    sized = (struct.pack(">i", len(content)) + content for content in contents)
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(sized)


def test_a_bundle_of_python_osc_is_read() -> None:
    inner = OscBundleBuilder(IMMEDIATELY)
    inner.add_content(build_msg("/b", 2))
    builder = OscBundleBuilder(IMMEDIATELY)
    for content in (build_msg("/a", 1), inner.build(), build_msg("/c", 3)):
        builder.add_content(content)
    assert packet_to_messages(builder.build().dgram) == [
        Message("/a", (1,)), Message("/b", (2,)), Message("/c", (3,)),
    ]  # fmt: skip


def test_an_empty_bundle_holds_nothing() -> None:
    assert packet_to_messages(bundled()) == []
    with pytest.raises(AskError, match="at least 16 bytes, not 15"):
        packet_to_messages(bundled()[:-1])


def test_bundles_nest_only_so_deep() -> None:
    packet = b"/a\0\0,\0\0\0"
    for _ in range(5):
        packet = bundled(packet)
    with pytest.raises(AskError, match="at most 4 deep"):
        packet_to_messages(bundled(packet))
    deepest = packet
    assert packet_to_messages(deepest) == [Message("/a")]


def test_a_bundle_a_thousand_deep_is_refused() -> None:
    packet = b"/a\0\0,\0\0\0"
    for _ in range(3000):
        packet = bundled(packet)
    with pytest.raises(AskError, match="deep"):
        packet_to_messages(packet)


def test_a_bundle_holds_only_so_many() -> None:
    message = b"/a\0\0,\0\0\0"
    assert len(packet_to_messages(bundled(*[message] * BUNDLE_MESSAGES))) == BUNDLE_MESSAGES
    with pytest.raises(AskError, match="at most 64 messages"):
        packet_to_messages(bundled(*[message] * (BUNDLE_MESSAGES + 1)))


@pytest.mark.parametrize(
    "tail", [b"\0", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff/a\0\0"]
)
def test_a_bundle_with_a_wrong_size_is_refused_whole(tail: bytes) -> None:
    with pytest.raises(AskError, match="bundle"):
        packet_to_messages(bundled(b"/a\0\0,\0\0\0") + tail)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(packet: bytes) -> None:
    for begun in (packet, b"#bundle\0" + packet, b"/a\0\0," + packet):
        try:
            packet_to_messages(begun)
        except AskError as error:
            assert len(str(error)) < 300


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=10), st.integers(1, 50))
def test_frames_come_whole_however_the_stream_is_cut(packets: list[bytes], step: int) -> None:
    frames = Frames()
    stream = b"".join(map(packet_to_frame, packets))
    cuts = (stream[i : i + step] for i in range(0, len(stream), step))
    assert [packet for cut in cuts for packet in frames.fed(cut)] == packets


@pytest.mark.parametrize("size", [0, -1, FRAME_BYTES + 1, 2**31 - 1, -(2**31)])
def test_a_frame_of_absurd_size_is_refused_after_the_good_ones(size: int) -> None:
    fed = Frames().fed(packet_to_frame(b"/good") + struct.pack(">i", size) + b"/bad")
    assert next(fed) == b"/good"
    with pytest.raises(AskError, match=f"1..{FRAME_BYTES} bytes, not {size}"):
        next(fed)


def test_http_on_the_port_is_refused() -> None:
    with pytest.raises(AskError, match="a packet on TCP"):
        next(Frames().fed(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
