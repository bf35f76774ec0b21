"""Which role a foreign track plays, and the roles themselves."""

from __future__ import annotations

import pytest

from bandmate.music.naming import Heard, heard_role, part_names
from bandmate.music.roles import MAX_OF_A_KIND, ROLES, numbered, role_of_program


@pytest.mark.parametrize(
    ("track_name", "program", "channel", "role"),
    [
        ("", 0, 0, "keys"),
        ("", 33, 1, "bass"),
        ("", 0, 9, "drums"),
        ("keys", 0, 9, "drums"),
        ("pad2", 0, 0, "pad"),
        ("Drums", 0, 4, "drums"),
        ("Drum Kit", 0, 0, "drums"),
        ("Taiko Drum", 116, 3, "mallet"),
        ("MELODY", 0, 0, "lead"),
        ("Soprano", 52, 0, "lead"),
        ("Vocals", 52, 3, "lead"),
        ("Lead Guitar", 29, 2, "lead"),
        ("Electric Bass Guitar", 29, 2, "bass"),
        ("Bassoon", 70, 2, "reed"),
        ("English Horn", 69, 2, "reed"),
        ("French Horn", 60, 2, "brass"),
        ("Acoustic Guitar (steel string)", 25, 2, "guitar"),
        ("gtr 2", 0, 2, "guitar"),
        ("E.Piano", 4, 2, "keys"),
        ("Hammond", 0, 2, "organ"),
        ("Pad 2 (warm)", 89, 2, "pad"),
        ("Slow Strings", 0, 2, "strings"),
        ("Chord-Sax", 65, 2, "reed"),
        ("Choir Aahs", 52, 2, "choir"),
        ("Voice Oohs", 53, 2, "choir"),
        ("Vibraphone", 0, 2, "mallet"),
        ("Untitled", 48, 2, "strings"),
        ("keys5", 48, 2, "keys"),
    ],
)
def test_heard_role(track_name: str, program: int, channel: int, role: str) -> None:
    assert heard_role(track_name, program, channel) == role


def test_a_track_keeps_the_part_name_it_bears() -> None:
    tracks = [Heard("Bass line", 33, 0, 5), Heard("bass", 33, 1, 5), Heard("bass3", 33, 2, 5)]
    assert part_names(tracks) == ["bass2", "bass", "bass3"]


def test_a_name_borne_twice_is_given_once() -> None:
    assert part_names([Heard("keys2", 0, 0, 1)] * 3) == ["keys2", "keys", "keys3"]


def test_beyond_four_of_a_kind_the_shortest_go() -> None:
    tracks = [Heard("pad", 89, 0, count) for count in (9, 1, 8, 7, 2, 6)]
    assert part_names(tracks) == ["pad", None, "pad2", "pad3", None, "pad4"]


def test_every_program_has_a_role_whose_usual_program_is_its_own() -> None:
    assert {role_of_program(program) for program in range(128)} == set(ROLES) - {"drums"}
    for role in ROLES.values():
        assert role.name == "drums" or role_of_program(role.program) == role.name
        assert 0 <= role.low < role.high <= 127


def test_parts_of_a_kind_are_numbered_until_there_are_four() -> None:
    taken: set[str] = set()
    for expected in ("keys", "keys2", "keys3", "keys4"):
        name = numbered("keys", taken)
        assert name == expected
        taken.add(name)
    assert len(taken) == MAX_OF_A_KIND
    assert numbered("keys", taken) is None
    assert numbered("pad", taken) == "pad"
