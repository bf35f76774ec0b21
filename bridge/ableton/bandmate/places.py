"""Where clips go: a slot that is empty, or a stretch of the Arrangement where nothing lies.

What a slot holds is never overwritten. Everything that looks at many slots is a job in pieces.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Generator, NamedTuple

from .work import PIECE, NoPlace

if TYPE_CHECKING:
    import Live

_ROLES = (
    ("drums", ("drum", "perc", "beat", "kit")),
    ("lead", ("lead", "melod", "vocal", "vox", "solo")),
    ("bass", ("bass", "sub")),
    ("guitar", ("guit", "gtr")),
    ("organ", ("organ", "hammond")),
    ("keys", ("key", "piano", "rhodes", "clav", "wurl")),
    ("mallet", ("mallet", "vibra", "marimba", "glock", "xylo", "bell")),
    ("brass", ("brass", "horn", "trumpet", "trombon", "tuba")),
    ("reed", ("reed", "sax", "flute", "clarinet", "oboe", "wind")),
    ("strings", ("string", "violin", "viola", "cello")),
    ("choir", ("choir", "voice")),
    ("pad", ("pad",)),
)
"""How tracks are named, by role; the first that fits."""

_WORD = re.compile(r"[a-z]+")


class Spot(NamedTuple):
    """Where the person was when asking."""

    track: Live.Track.Track
    row: int
    """Of the Session: the selected scene."""
    beat: float | None = None
    """In the Arrangement; None is the Session."""
    is_row_fixed: bool = False
    """True where the clip belongs to the clips of this scene, and to no other."""


def role_of(name: str) -> str:
    """Return the role that a track is named after, empty where its name says none."""
    words = _WORD.findall(name.lower())
    for role, starts in _ROLES:
        if any(word.startswith(starts) for word in words):
            return role
    return ""


def check_track(song: Live.Song.Song, track: Live.Track.Track) -> None:
    """Raise NoPlace for a track that can hold no MIDI clip, or is there no more."""
    if track not in tuple(song.tracks):
        raise NoPlace("select a MIDI track (it is gone, or a return or the main track)")
    if not _takes_notes(track):
        raise NoPlace(f"select a MIDI track: {track.name} holds no MIDI clips")


def _takes_notes(track: Live.Track.Track) -> bool:
    return bool(
        track.has_midi_input
        and not getattr(track, "is_foldable", False)
        and not getattr(track, "is_frozen", False)
    )


def selected(song: Live.Song.Song, arranges: bool) -> Spot:
    """Return where the person is: the selected track and scene, or the playhead."""
    track = song.view.selected_track
    check_track(song, track)
    scenes = list(song.scenes)
    if song.view.selected_scene not in scenes:
        raise NoPlace("select a slot first")
    row = scenes.index(song.view.selected_scene)
    if not arranges:
        return Spot(track, row)
    beat = float(song.current_song_time)
    if song.is_playing:  # what is behind the playhead would not be heard
        bar = 4.0 * song.signature_numerator / song.signature_denominator
        beat = math.ceil(beat / bar - 1e-6) * bar
    return Spot(track, row, max(0.0, beat))


def empty_row(track: Live.Track.Track, row: int) -> Generator[int, None, int | None]:
    """Return the first row at or below *row* whose slot is empty, None where all are full."""
    slots = track.clip_slots
    for index in range(row, len(slots)):
        if not slots[index].has_clip:
            return index
        if (index - row) % PIECE == PIECE - 1:
            yield PIECE
    return None


def free_beat(track: Live.Track.Track, beat: float, length: float) -> Generator[int, None, float]:
    """Return the first beat from *beat* on behind which *length* beats are empty."""
    spans: list[tuple[float, float]] = []
    for index, clip in enumerate(track.arrangement_clips):
        spans.append((float(clip.start_time), float(clip.end_time)))
        if index % PIECE == PIECE - 1:
            yield 2 * PIECE
    for start, end in sorted(spans):
        if end > beat and start < beat + length:
            beat = end
    return beat


def track_for(
    song: Live.Song.Song, part: str, spot: Spot, length: float, taken: list[Live.Track.Track]
) -> Generator[int, None, Live.Track.Track | None]:
    """Return the track for a further part: one that is named for it and empty there, or None."""
    role = part.rstrip("0123456789")
    track: Live.Track.Track
    for index, track in enumerate(song.tracks):
        if track not in taken and role_of(track.name) == role and _takes_notes(track):
            free = yield from _is_free(track, spot, length)
            if free:
                return track
        if index % PIECE == PIECE - 1:
            yield 2 * PIECE
    return None


def _is_free(track: Live.Track.Track, spot: Spot, length: float) -> Generator[int, None, bool]:
    if spot.beat is not None:
        return (yield from free_beat(track, spot.beat, length)) == spot.beat
    slots = track.clip_slots
    return spot.row < len(slots) and not slots[spot.row].has_clip


def new_track(song: Live.Song.Song, behind: Live.Track.Track, part: str) -> Live.Track.Track:
    """Make a MIDI track to the right of another; raises what Live raises where it makes no more."""
    index = list(song.tracks).index(behind) + 1
    song.create_midi_track(index)
    track: Live.Track.Track = song.tracks[index]
    track.name = part
    return track


def check_empty(spot: Spot, length: float) -> None:
    """Raise NoPlace where something lies at a spot by now."""
    if spot.beat is None:
        if spot.track.clip_slots[spot.row].has_clip:
            raise NoPlace("something lies in that slot by now")
        return
    for clip in spot.track.arrangement_clips:
        if clip.end_time > spot.beat and clip.start_time < spot.beat + length:
            raise NoPlace("something lies there by now")


def made(spot: Spot, length: float) -> Live.Clip.Clip:
    """Make an empty clip at a spot that was found empty, and return it."""
    if spot.beat is not None:
        return spot.track.create_midi_clip(spot.beat, length)
    slot: Live.ClipSlot.ClipSlot = spot.track.clip_slots[spot.row]
    slot.create_clip(length)
    return slot.clip  # Live 11 returns nothing
