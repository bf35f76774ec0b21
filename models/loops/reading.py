"""A file of the training data -> parts by what they do, meters and tempi, still at its own times.

Reading is the daemon's (``music.midifile``); what differs is for training only: a kit that is
spread over tracks is one part, a role is not taken from a misleading name or a stand-in program,
and a change of meter is kept, so that songs can be cut there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bandmate.music.clip import Note
from bandmate.music.meter import Meter
from bandmate.music.midifile import (
    facts_of,
    meter_of,
    notes_of,
    opened,
    tempo_of,
    tracks_of,
    voices_of,
)
from bandmate.music.naming import heard_role
from bandmate.music.roles import numbered, role_of_program

_Value = TypeVar("_Value")

MAX_PARTS = 10
ARRANGED = ("mma_arranged", "mma_meters", "mma_styles")
STAND_INS = dict.fromkeys(("madadog", "lmms", "trackers", "moonshot"), (38, 80, 81))
"""Programs that mean no more than "a sound of its own": source -> programs."""
RENAMED = {
    ("pop909", "keys", "keys2"): {"keys": "lead2", "keys2": "keys"},
    ("nottingham", "keys", "keys2"): {"keys": "lead", "keys2": "keys"},
}
"""What parts of a source do where neither names nor programs tell."""
_HIGHEST_BASS = 52.0
"""Mean pitch (E3) above which a part that is called bass is none."""
_LOWEST_LEAD = 48.0
_CHORDAL = 1.6
"""Notes an onset from which a sound of unknown kind accompanies."""


@dataclass(frozen=True)
class SourcePart:
    """One part of a file."""

    name: str
    program: int | None
    """None where the file does not say which sound it is."""
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Source:
    """A file: its parts, most notes first, and where meter and tempo change, in beats."""

    parts: list[SourcePart]
    meters: list[tuple[float, Meter]]
    tempi: list[tuple[float, float]]
    beats: float


def read_source(source: str, content: bytes) -> Source:
    """Read a file of a source; raises FileError for what is no MIDI file."""
    tracks, division = tracks_of(opened("the file", content))
    found: list[tuple[str, int | None, tuple[Note, ...]]] = []
    kit: list[Note] = []
    for voice in voices_of(tracks):
        notes = notes_of(voice, division)
        if not notes:
            continue
        role, program = _role(source, voice.name, voice.program or 0, voice.channel, notes)
        if role == "drums":
            kit += notes
        else:
            found.append((role, program, notes))
    if kit:
        found.append(("drums", 0, tuple(sorted(kit))))
    facts = [(fact.tick / division, fact) for fact in facts_of(tracks)]
    return Source(
        _renamed(source, _named(found)),
        _changes((beat, meter_of(f.message)) for beat, f in facts if f.kind == "time_signature"),
        _changes((beat, tempo_of(f.message)) for beat, f in facts if f.kind == "set_tempo"),
        max((note.end for _, _, notes in found for note in notes), default=0.0),
    )


def _role(
    source: str, name: str, program: int, channel: int, notes: Sequence[Note]
) -> tuple[str, int | None]:
    """Return what a track does, and its program or None."""
    role = heard_role(name, program, channel)
    mean = sum(note.pitch for note in notes) / len(notes)
    if role == "drums":
        return role, 0
    if program in STAND_INS.get(source, ()):
        return _heard(notes, mean), None
    if role == "bass" and mean > _HIGHEST_BASS:
        usual = role_of_program(program)
        return ("lead" if usual == "bass" else usual), program
    return role, program


def _heard(notes: Sequence[Note], mean: float) -> str:
    """Return the role of a sound of unknown kind, from what it plays."""
    an_onset = len(notes) / len({note.start for note in notes})
    if mean < _LOWEST_LEAD and an_onset < _CHORDAL:
        return "bass"
    return "keys" if an_onset >= _CHORDAL else "lead"


def _named(found: Iterable[tuple[str, int | None, tuple[Note, ...]]]) -> list[SourcePart]:
    every = list(found)
    largest = sorted(range(len(every)), key=lambda i: -len(every[i][2]))[:MAX_PARTS]
    taken: set[str] = set()
    parts: list[SourcePart] = []
    for role, program, notes in (every[i] for i in sorted(largest)):  # as the file has them
        name = numbered(role, taken)
        if name is not None:
            taken.add(name)
            parts.append(SourcePart(name, program, notes))
    return parts


def _renamed(source: str, parts: list[SourcePart]) -> list[SourcePart]:
    names = {part.name for part in parts}
    for (of, *told), renames in RENAMED.items():
        if of == source and names.issuperset(told):
            return [SourcePart(renames.get(p.name, p.name), p.program, p.notes) for p in parts]
    return parts


def _changes(facts: Iterable[tuple[float, _Value | None]]) -> list[tuple[float, _Value]]:
    """Return where a value changes and to what; of several at one place the last counts."""
    changes: list[tuple[float, _Value]] = []
    for beat, value in facts:
        if value is None:
            continue
        if changes and changes[-1][0] == beat:
            changes.pop()
        if not changes or changes[-1][1] != value:
            changes.append((beat, value))
    return changes
