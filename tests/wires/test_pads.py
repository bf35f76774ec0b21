"""Chords on pads: one note sounds one chord while it is held, and everything ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.chord import Chord
from bandmate.surfaces.mapping import PadPlan
from bandmate.surfaces.pads import Pads

CHORDS = [Chord.parse(label) for label in ("A:min", "F:maj", "A:min", "N", "C:maj", "G:7")]


def sent(messages: tuple[bytes, ...]) -> list[tuple[int, int, int]]:
    """Return kind, pitch and velocity of notes."""
    return [(m[0] & 0xF0, m[1], m[2]) for m in messages if m[0] & 0xF0 in (0x80, 0x90)]


def pads(**said: object) -> Pads:
    return Pads(PadPlan(**said), CHORDS)  # type: ignore[arg-type]


def struck(note: int, velocity: int = 90, channel: int = 0) -> bytes:
    return bytes((0x90 + channel, note, velocity))


def let_go(note: int) -> bytes:
    return bytes((0x80, note, 0))


def test_each_chord_has_one_pad_in_its_order() -> None:
    assert [str(c) for c in pads().chords] == ["A:min", "F:maj", "C:maj", "G:7"]
    assert len(pads(notes=range(36, 38)).chords) == 2


def test_a_pad_sounds_its_chord_as_hard_as_it_is_struck_and_ends_it() -> None:
    own = pads()
    for place, chord in enumerate(own.chords):
        on = sent(own.heard(struck(36 + place, 77)))
        assert {pitch % 12 for _, pitch, _ in on} == set(chord.pitches)
        assert {(kind, velocity) for kind, _, velocity in on} == {(0x90, 77)}
        off = sent(own.heard(let_go(36 + place)))
        assert [(kind, pitch) for kind, pitch, _ in off] == [(0x80, pitch) for _, pitch, _ in on]


def test_it_sounds_on_its_channel_with_its_program() -> None:
    own = pads(program=4, sounds_on=11)
    first = own.heard(struck(36))
    assert first[0] == bytes((0xCB, 4))
    assert {m[0] for m in first[1:]} == {0x9B}
    assert {m[0] & 0xF0 for m in own.heard(struck(37))} <= {0x80, 0x90}


def test_a_note_that_two_pads_share_ends_with_the_last() -> None:
    own = pads()
    one = {pitch for _, pitch, _ in sent(own.heard(struck(36)))}
    both = sent(own.heard(struck(37)))
    two = {pitch for kind, pitch, _ in both if kind == 0x90}
    shared = one & two
    assert shared
    assert {pitch for kind, pitch, _ in both if kind == 0x80} == shared  # struck anew
    assert {pitch for _, pitch, _ in sent(own.heard(let_go(36)))} == one - shared
    assert {pitch for _, pitch, _ in sent(own.heard(let_go(37)))} == two


def test_a_pad_struck_twice_without_being_let_go_is_one() -> None:
    own = pads()
    on = sent(own.heard(struck(36)))
    again = sent(own.heard(struck(36)))
    assert [kind for kind, _, _ in again] == [0x80] * len(on) + [0x90] * len(on)
    assert len(sent(own.heard(let_go(36)))) == len(on)
    assert own.heard(let_go(36)) == ()


def test_notes_of_pads_are_taken_with_a_chord_or_without() -> None:
    own = pads(channel=9)
    assert own.takes(struck(51, channel=9))
    assert own.heard(struck(51, channel=9)) == ()
    assert not own.takes(struck(51))
    assert not own.takes(struck(52, channel=9))
    assert not own.takes(bytes((0xB9, 40, 127)))
    assert pads().takes(struck(40, channel=5))


@given(st.lists(st.tuples(st.booleans(), st.integers(36, 41), st.integers(0, 127)), max_size=40))
def test_nothing_sounds_after_silence(rows: list[tuple[bool, int, int]]) -> None:
    own, sounding = pads(), set()
    for is_struck, note, velocity in rows:
        message = struck(note, velocity) if is_struck else let_go(note)
        for kind, pitch, _ in sent(own.heard(message)):
            if kind == 0x90:
                assert pitch not in sounding
                sounding.add(pitch)
            else:
                sounding.remove(pitch)
    assert {pitch for _, pitch, _ in sent(own.silenced())} == sounding
    assert own.silenced() == ()
