"""A clip as bytes and seconds: channels, order, and no note without its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.timing.player.events import Score, channels_of, clicks, panic, score_of

C4, E4 = 60, 64


def timeline(score: Score, bar_beats: float = 4.0) -> list[tuple[float, str]]:
    """Return the beat and bytes of all that is sent, ends before starts."""
    sent = []
    for index, bar in enumerate(score.bars):
        for strike in bar:
            line = index * bar_beats
            sent.append((line + strike.ends, 0, strike.off.hex(" ")))
            sent.append((line + strike.beat, 1, strike.on.hex(" ")))
    return [(beat, text) for beat, _, text in sorted(sent)]


def test_a_bar_as_bytes() -> None:
    clip = Clip(
        parts=(
            Part("keys", 4, (Note(0.0, C4, 1.0, 100), Note(1.0, C4, 1.0, 90))),
            Part("drums", 16, (Note(0.5, 38, 0.5, 80),)),
            Part("bass", 33, (Note(3.0, 36, 1.0, 70),)),
        ),
        length=4.0,
    )
    score = score_of(clip)
    assert [(part, message.hex(" ")) for part, message in score.setup] == [
        ("keys", "c0 04"), ("drums", "c9 10"), ("bass", "c1 21"),
    ]  # fmt: skip
    assert timeline(score) == [
        (0.0, "90 3c 64"),
        (0.5, "99 26 50"),
        (1.0, "80 3c 00"),  # the end comes before the same key is struck again
        (1.0, "89 26 00"),
        (1.0, "90 3c 5a"),
        (2.0, "80 3c 00"),
        (3.0, "91 24 46"),
        (4.0, "81 24 00"),
    ]
    assert (score.length, score.channels) == (4.0, (0, 1, 9))


def test_notes_lie_in_the_bar_that_they_lean_on() -> None:
    notes = (Note(0.0, C4, 1.0, 100), Note(3.98, E4, 1.0, 100), Note(7.98, C4, 1.0, 100))
    score = score_of(Clip((Part("keys", 0, notes),), 8.0))
    assert [[round(s.beat, 2) for s in bar] for bar in score.bars] == [[0.0], [-0.02, 3.98]]


def test_pitched_parts_leave_the_drum_channel_free_and_share_beyond_fifteen() -> None:
    parts = tuple(Part(f"keys{i}", i, (Note(0.0, C4 + i, 1.0, 100),)) for i in range(17))
    score = score_of(Clip(parts, 4.0))
    channels = [strike.voice[0] for strike in score.bars[0]]
    assert score.channels == (*range(9), *range(10, 16))
    assert sorted(channels) == sorted([*range(9), *range(10, 16), 0, 1])
    assert [message[1] for _, message in score.setup] == list(range(15))


def test_a_role_gets_the_channel_that_is_wanted_and_the_others_leave_it() -> None:
    parts = [Part("keys", 0), Part("drums", 0), Part("bass", 0), Part("keys2", 0)]
    assert channels_of(parts, {"drums": 1, "bass": 0}) == [2, 1, 0, 3]
    assert channels_of(parts, {"keys": 5}) == [5, 9, 0, 5]
    assert channels_of(parts, {"keys": 5, "keys2": 6}) == [5, 9, 0, 6]


def test_overlapping_notes_of_a_pitch_end_where_the_next_begins() -> None:
    notes = (Note(0.0, C4, 3.0, 100), Note(1.0, C4, 1.0, 100), Note(1.0, C4, 2.0, 90))
    score = score_of(Clip((Part("keys", 0, notes), Part("keys2", 0)), 4.0))
    assert [(beat, text[0]) for beat, text in timeline(score)] == [
        (0.0, "9"),
        (1.0, "8"),
        (1.0, "9"),
        (3.0, "8"),
    ]


def test_nothing_outlasts_the_clip_and_no_note_is_without_length() -> None:
    notes = (Note(3.0, C4, 9.0, 100), Note(1.0, E4, 0.0, 100), Note(4.0, C4, 1.0, 100))
    score = score_of(Clip((Part("keys", 0, notes),), 4.0))
    assert timeline(score) == [
        (1.0, "90 40 64"),
        (1 + 1 / 64, "80 40 00"),
        (3.0, "90 3c 64"),
        (4.0, "80 3c 00"),
    ]


def test_a_count_in_clicks_on_every_pulse_and_higher_on_the_bars() -> None:
    assert [(c.beat, c.voice[1]) for c in clicks(Meter(3, 4), 2)] == [
        (0, 76), (1, 77), (2, 77), (3, 76), (4, 77), (5, 77),
    ]  # fmt: skip
    assert [c.beat for c in clicks(Meter(6, 8), 1)] == [0, 1.5]


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
    held: set[str] = set()
    for beat, text in timeline(score):
        assert 0 <= beat <= score.length
        key = f"{text[1]}{text[3:5]}"
        if text[0] == "9":
            assert key not in held
            held.add(key)
        else:
            held.remove(key)
    assert not held
