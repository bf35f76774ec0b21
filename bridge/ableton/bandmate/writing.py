"""Takes into clips: places found, notes written in pieces, names and colours; one undo step."""

from __future__ import annotations

from typing import Callable, Generator, Iterator, Sequence

import Live

from . import places
from .places import Spot
from .takes import Damaged, Note, Part, Take, parts_of
from .work import PIECE, NoPlace

COLOURS = {
    "drums": 0xFFA529, "bass": 0x5480E4, "keys": 0x3DC300, "organ": 0xB677C6, "guitar": 0xC2501B,
    "pad": 0x00BFAF, "strings": 0xA52F2F, "brass": 0xF7F47C, "reed": 0x8AC6A6, "lead": 0xFF39D4,
    "choir": 0xD3C1F0, "mallet": 0x9BC48D, "chords": 0x3DC300,
}  # fmt: skip
"""By role; Live takes the nearest of its own."""

LONGEST_NAME = 80


class UndoStep:
    """One undo step of Live, begun when something is first changed, and always ended."""

    def __init__(self, song: Live.Song.Song) -> None:
        self._song = song
        self._is_open = False

    def begin(self) -> None:
        """Begin it, once."""
        if not self._is_open:
            self._song.begin_undo_step()
            self._is_open = True

    def end(self) -> None:
        """End it where it was begun."""
        if self._is_open:
            self._is_open = False
            self._song.end_undo_step()


def insertion(
    song: Live.Song.Song,
    spot: Spot,
    takes: Sequence[Take],
    *,
    layout: str,
    has_colours: bool,
    say: Callable[[str], None],
) -> Iterator[int]:
    """Write takes, one below (or behind) the other; a job. Raises NoPlace where they cannot go."""
    step = UndoStep(song)
    try:
        for take in takes:
            try:
                spot = yield from _write(song, spot, take, layout, has_colours, step)
            except (NoPlace, Damaged) as error:
                raise NoPlace(f"{error}; {lies_in(take.number, take.file)}") from error
            except Exception as error:
                words = f"Live refused ({error}); {lies_in(take.number, take.file)}"
                raise NoPlace(words) from error
    finally:
        step.end()
    say("{} is there".format(", ".join(f"#{take.number}" for take in takes)))


def lies_in(number: int, file: str) -> str:
    """Return where a take is that found no place."""
    return f"take {number} lies in {file}" if file else f"take {number} is kept"


def _write(
    song: Live.Song.Song, spot: Spot, take: Take, layout: str, has_colours: bool, step: UndoStep
) -> Generator[int, None, Spot]:
    """Write one take and return the spot for the next."""
    yield 8
    places.check_track(song, spot.track)
    parts = yield from parts_of(take)
    own, others = _laid_out(take, parts, layout, spot)
    spot = yield from _found(song, spot, take.length, step)
    taken = [spot.track]
    if own is not None:
        yield from _fill(spot, take, own, has_colours, step)
    for part in others:
        track = yield from places.track_for(song, part.name, spot, take.length, taken)
        if track is None:
            step.begin()
            track = places.new_track(song, taken[-1], part.name)
        taken.append(track)
        yield from _fill(spot._replace(track=track), take, part, has_colours, step)
    if spot.beat is not None:
        return spot._replace(beat=spot.beat + take.length)
    return spot._replace(row=spot.row + 1)


def _laid_out(
    take: Take, parts: list[Part], layout: str, spot: Spot
) -> tuple[Part | None, list[Part]]:
    """Return the part for the track where the person was, and those for other tracks."""
    if layout == "one" or take.title or not parts:
        notes: list[Note] = [note for part in parts for note in part.notes]
        name = "chords" if take.title else "+".join(part.name for part in parts) or "empty"
        return Part(name, tuple(notes)), []
    if spot.is_row_fixed and spot.track.clip_slots[spot.row].has_clip:
        return None, parts
    role = places.role_of(spot.track.name)
    own = next((part for part in parts if part.name.rstrip("0123456789") == role), parts[0])
    return own, [part for part in parts if part is not own]


def _found(
    song: Live.Song.Song, spot: Spot, length: float, step: UndoStep
) -> Generator[int, None, Spot]:
    """Return the first empty place at or behind a spot; where no slot is empty, a scene is made."""
    if spot.beat is not None:
        beat = yield from places.free_beat(spot.track, spot.beat, length)
        return spot._replace(beat=beat)
    if spot.is_row_fixed:
        return spot
    row = yield from places.empty_row(spot.track, spot.row)
    if row is None:
        step.begin()
        song.create_scene(-1)
        row = len(song.scenes) - 1
    return spot._replace(row=row)


def _fill(
    spot: Spot, take: Take, part: Part, has_colours: bool, step: UndoStep
) -> Generator[int, None, None]:
    """Make a clip and write a part into it."""
    places.check_empty(spot, take.length)
    step.begin()
    clip = places.made(spot, take.length)
    clip.name = _name(take, part)
    role = part.name.rstrip("0123456789")
    if has_colours and role in COLOURS:
        clip.color = COLOURS[role]
    clip.signature_numerator, clip.signature_denominator = take.meter
    yield 12
    for start in range(0, len(part.notes), PIECE):
        piece = part.notes[start : start + PIECE]
        clip.add_new_notes(tuple(_specified(note) for note in piece))
        yield len(piece) + 1


def _name(take: Take, part: Part) -> str:
    mark = f" #{take.number}"
    return (take.title or part.name)[: LONGEST_NAME - len(mark)] + mark


def _specified(note: Note) -> Live.Clip.MidiNoteSpecification:
    return Live.Clip.MidiNoteSpecification(
        pitch=note.pitch,
        start_time=note.start,
        duration=note.duration,
        velocity=float(note.velocity),
    )
