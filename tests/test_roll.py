"""The piano roll, read as a person reads it: as a picture."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bandmate.app.piano_roll import roll
from bandmate.asks.notation import parse_chords
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter

BEAT = Part(
    "drums",
    0,
    (
        Note(0.0, 36, 0.5, 110),
        *(Note(i, 42, 0.5, 50) for i in range(8)),
        Note(1.0, 38, 0.5, 80),
        Note(5.0, 38, 0.5, 80),
    ),
)
LINE = Part("bass", 33, (Note(0.0, 36, 1.5, 100), Note(3.0, 43, 2.0, 70), Note(7.75, 34, 0.25, 40)))
CLIP = Clip(
    (BEAT, LINE, Part("pad2", 89)),
    8.0,
    96.0,
    Meter(),
    Key.parse("C:min"),
    parse_chords("C:min Ab:maj7,G:7", Meter(), 2),
)


def drawn(clip: Clip, width: int = 80, is_ascii: bool = False) -> str:
    """Return what a terminal without colours shows."""
    page = io.StringIO()
    console = Console(file=page, width=width, color_system=None, legacy_windows=False)
    console.print(roll(clip, width, is_ascii))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_two_bars() -> None:
    assert (
        drawn(CLIP, 60)
        == """\
2 bars · 96 BPM · C minor · 4/4

            1                2
    chords  Cm               Abmaj7  G7
drums  kit 1, 11 notes
       hat │░   ░   ░   ░   │░   ░   ░   ░   │
     snare │    ▓   ·   ·   │    ▓   ·   ·   │
      kick │█   ·   ·   ·   │    ·   ·   ·   │
bass  program 34, 3 notes
        G2 │    ·   ·   ▓━━━━━━━━·   ·   ·   │
        C2 │█━━━━━  ·   ·   │    ·   ·   ·   │
       Bb1 │    ·   ·   ·   │    ·   ·   ·  ░│
pad2  program 90, 0 notes, silent here"""
    )


def test_the_same_in_ascii_and_in_systems_where_it_is_narrow() -> None:
    assert (
        drawn(CLIP, 40, is_ascii=True)
        == """\
2 bars - 96 BPM - C minor - 4/4

            1
    chords  Cm
drums  kit 1, 11 notes
       hat |+   +   +   +   |
     snare |    *   .   .   |
      kick |#   .   .   .   |
bass  program 34, 3 notes
        G2 |    .   .   *---|
        C2 |#-----  .   .   |
pad2  program 90, 0 notes, silent here

            2
    chords  Abmaj7  G7
drums  kit 1, 11 notes
       hat |+   +   +   +   |
     snare |    *   .   .   |
bass  program 34, 3 notes
        G2 |----.   .   .   |
       Bb1 |    .   .   .  +|
pad2  program 90, 0 notes, silent here"""
    )


def test_compound_bars_are_marked_where_they_are_felt() -> None:
    jig = Clip((Part("lead", 81, (Note(1.5, 72, 1.5, 100),)),), 3.0, 120.0, Meter(6, 8))
    assert drawn(jig).splitlines()[-1] == "        C5 │      █━━━━━│"


def test_names_follow_the_key() -> None:
    clip = Clip((Part("lead", 81, (Note(0.0, 66, 1.0, 100),)),), 4.0, key=Key.parse("D:maj"))
    assert "F#4" in drawn(clip)
    assert "Gb4" in drawn(replace(clip, key=Key.parse("Db:maj")))


def test_a_chord_without_room_gives_way() -> None:
    chords = parse_chords("C:maj7,F:min7/b3,G:7,C:maj", Meter(), 1)
    clip = Clip((), 4.0, chords=chords)
    assert drawn(clip).splitlines()[-1] == "    chords  Cmaj7   G7  C"


def test_what_cannot_be_drawn_on_a_grid_is_drawn_near_it() -> None:
    late = Note(3.99, 60, 0.01, 100)
    triplets = tuple(Note(i / 3, 72, 1 / 3, 100) for i in range(12))
    text = drawn(Clip((Part("keys", 0, (late, *triplets)),), 4.0))
    above, below = text.splitlines()[-2:]
    assert above.startswith("        C5 │█")
    assert above.count("█") == 12
    assert below == "        C4 │    ·   ·   ·  █│"


def test_colour_is_there_for_those_who_have_it() -> None:
    page = io.StringIO()
    Console(file=page, width=80, force_terminal=True, color_system="standard").print(roll(CLIP))
    assert "\x1b[33m░" in page.getvalue()


notes = st.builds(
    Note, st.floats(0, 40), st.integers(0, 127), st.floats(0, 20), st.integers(1, 127)
)
meters = st.sampled_from(
    [Meter(), Meter(6, 8), Meter(7, 4), Meter(7, 8), Meter(1, 32), Meter(32, 1)]
)


@given(
    st.lists(notes, max_size=20),
    meters,
    st.integers(1, 12),
    st.sampled_from(["drums", "keys"]),
    st.integers(20, 200),
)
def test_any_clip_is_drawn_within_the_width(
    played: list[Note], meter: Meter, bars: int, name: str, width: int
) -> None:
    clip = Clip((Part(name, 0, tuple(played)),), bars * meter.bar_beats, meter=meter)
    page = drawn(clip, width, is_ascii=True)
    assert all(len(line) <= max(40, width) for line in page.splitlines())
    page.encode("ascii")
    rows = [line for line in page.splitlines() if line[11:12] == "|"]
    assert len(rows) >= len({note.pitch for note in played if note.start < clip.length})


@pytest.mark.parametrize("length", [0.0, 4.0])
def test_a_clip_of_nothing_has_a_title(length: float) -> None:
    assert drawn(Clip((), length)).startswith("0 bars" if not length else "1 bar ·")
