"""Part names: which role a track of somebody's MIDI file plays, told by its name or its program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bandmate.music.clip import DRUM_CHANNEL
from bandmate.music.roles import MAX_OF_A_KIND, ROLES, numbered, role_of_program

# Beginnings of words, in order of precedence: a "bass guitar" is a bass, a "lead guitar" a lead.
_TELLING = (
    ("choir", ("choir", "aah", "ooh")),
    ("reed", ("bassoon", "english")),
    ("lead", ("melod", "vocal", "vox", "voice", "lead", "sopran", "singer")),
    ("bass", ("bass", "contrabass")),
    ("guitar", ("guit", "gtr", "banjo", "ukulele")),
    ("organ", ("organ", "hammond")),
    ("keys", ("piano", "keys", "keyboard", "rhodes", "clav", "harpsi")),
    ("mallet", ("vibra", "marimba", "xylo", "glocken", "celest", "mallet")),
    ("brass", ("brass", "horn", "trumpet", "trombon", "tuba")),
    ("reed", ("sax", "flute", "clarinet", "oboe", "piccolo", "recorder", "reed", "whistle")),
    ("strings", ("string", "violin", "viola", "cello", "orchestr")),
    ("pad", ("pad",)),
)
_DRUM_WORDS = ("drum", "perc")
_WORD = re.compile(r"[a-z]+")
_OURS = re.compile(rf"({'|'.join(ROLES)})[2-{MAX_OF_A_KIND}]?")


class Heard(NamedTuple):
    """What a track says of itself."""

    track_name: str
    program: int
    """0..127."""
    channel: int
    """0..15."""
    note_count: int


def heard_role(track_name: str, program: int, channel: int) -> str:
    """Return the role of a track: drums on their channel, else as it is named, else by program.

    A name with a drum word counts off the drum channel only where no program was chosen (0): a
    taiko or a steel drum is pitched.
    """
    if channel == DRUM_CHANNEL:
        return "drums"
    name = track_name.strip().lower()
    ours = _OURS.fullmatch(name)
    if ours:
        return ours[1]
    words = _WORD.findall(name)
    if program == 0 and any(word.startswith(_DRUM_WORDS) for word in words):
        return "drums"
    telling = (role for role, starts in _TELLING if any(w.startswith(starts) for w in words))
    return next(telling, role_of_program(program))


def part_names(tracks: Sequence[Heard]) -> list[str | None]:
    """Name each track after its role, no name twice; None for those beyond four of a kind.

    A track that bears a part's name keeps it; those left out have the fewest notes.
    """
    roles = [heard_role(track.track_name, track.program, track.channel) for track in tracks]
    names: list[str | None] = [None] * len(tracks)
    taken: set[str] = set()
    chosen = _chosen(tracks, roles)
    for index in chosen:
        name = tracks[index].track_name.strip().lower()
        if _OURS.fullmatch(name) and name.startswith(roles[index]) and name not in taken:
            names[index] = name
            taken.add(name)
    for index in chosen:
        if names[index] is None:
            names[index] = numbered(roles[index], taken)
            taken.add(names[index] or "")
    return names


def _chosen(tracks: Sequence[Heard], roles: Sequence[str]) -> list[int]:
    """Return the indexes of the tracks that find room, in order."""
    kinds: Counter[str] = Counter()
    chosen = []
    for index in sorted(range(len(tracks)), key=lambda i: -tracks[i].note_count):
        kinds[roles[index]] += 1
        if kinds[roles[index]] <= MAX_OF_A_KIND:
            chosen.append(index)
    return sorted(chosen)
