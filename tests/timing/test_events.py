"""A clip as bytes and seconds: channels, order, and no note without its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.events import panic, score_of

C4, E4 = 60, 64


def test_a_bar_as_bytes() -> None:
    clip = Clip(
        parts=(
            Part("keys", 4, (Note(0.0, C4, 1.0, 100), Note(1.0, C4, 1.0, 90))),
            Part("drums", 16, (Note(0.5, 38, 0.5, 80),)),
            Part("bass", 33, (Note(3.0, 36, 1.0, 70),)),
        ),
        length=4.0,
        tempo=120.0,
    )
    score = score_of(clip)
    assert [message.hex(" ") for message in score.setup] == ["c0 04", "c9 10", "c1 21"]
    assert [(event.due, event.message.hex(" ")) for event in score.events] == [
        (0.0, "90 3c 64"),
        (0.25, "99 26 50"),
        (0.5, "80 3c 00"),  # the end comes before the same key is struck again
        (0.5, "89 26 00"),
        (0.5, "90 3c 5a"),
        (1.0, "80 3c 00"),
        (1.5, "91 24 46"),
        (2.0, "81 24 00"),
    ]
    assert (score.seconds, score.channels) == (2.0, (0, 1, 9))


def test_pitched_parts_leave_the_drum_channel_free_and_share_beyond_fifteen() -> None:
    parts = tuple(Part(f"keys{i}", i, (Note(0.0, C4 + i, 1.0, 100),)) for i in range(17))
    score = score_of(Clip(parts, 4.0))
    channels = [event.message[0] & 0x0F for event in score.events[:17]]
    assert score.channels == (*range(9), *range(10, 16))
    assert sorted(channels) == sorted([*range(9), *range(10, 16), 0, 1])
    assert [message[1] for message in score.setup] == list(range(15))


def test_overlapping_notes_of_a_pitch_end_where_the_next_begins() -> None:
    notes = (Note(0.0, C4, 3.0, 100), Note(1.0, C4, 1.0, 100), Note(1.0, C4, 2.0, 90))
    score = score_of(Clip((Part("keys", 0, notes), Part("keys2", 0)), 4.0, tempo=60.0))
    assert [(event.due, event.message[0] >> 4) for event in score.events] == [
        (0.0, 9),
        (1.0, 8),
        (1.0, 9),
        (3.0, 8),
    ]


def test_nothing_outlasts_the_clip_and_no_note_is_without_length() -> None:
    notes = (Note(3.0, C4, 9.0, 100), Note(1.0, E4, 0.0, 100), Note(4.0, C4, 1.0, 100))
    score = score_of(Clip((Part("keys", 0, notes),), 4.0, tempo=60.0))
    spans = [(event.due, event.message[0] >> 4, event.message[1]) for event in score.events]
    assert spans == [(1.0, 9, E4), (1 + 1 / 64, 8, E4), (3.0, 9, C4), (4.0, 8, C4)]


def test_panic_speaks_to_every_channel() -> None:
    messages = panic()
    assert {message[0] for message in messages} == set(range(0xB0, 0xC0))
    assert {tuple(message[1:]) for message in messages} == {(64, 0), (120, 0), (123, 0)}
    assert len(messages) == 48


notes = st.builds(
    Note,
    start=st.floats(0, 9),
    pitch=st.integers(0, 127),
    duration=st.floats(0, 9),
    velocity=st.integers(1, 127),
)
parts = st.builds(
    Part,
    name=st.sampled_from(["drums", "keys", "bass"]),
    program=st.integers(0, 127),
    notes=st.lists(notes, max_size=30).map(tuple),
)
clips = st.builds(
    Clip,
    parts=st.lists(parts, max_size=5).map(tuple),
    length=st.sampled_from([4.0, 8.0]),
    tempo=st.floats(20, 400),
)


@given(clips)
def test_whatever_the_notes_each_start_has_its_end_before_the_next(clip: Clip) -> None:
    score = score_of(clip)
    held: set[tuple[int, int]] = set()
    for event in score.events:
        key = (event.message[0] & 0x0F, event.message[1])
        if event.message[0] & 0xF0 == 0x90:
            assert key not in held
            held.add(key)
        else:
            held.remove(key)
    assert not held
    assert all(0 <= event.due <= score.seconds for event in score.events)
    assert list(score.events) == sorted(score.events)
