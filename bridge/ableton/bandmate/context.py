"""Clips that are there, as context: their notes read in pieces and laid into a .mid of our own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Generator, Iterator, Sequence

from . import midi_file
from .places import role_of
from .takes import Note
from .work import NoPlace

if TYPE_CHECKING:
    import Live

    from .places import Spot

MOST_NOTES = 4096
"""Notes that are read of all clips together."""

MOST_BEATS = 1024.0
"""Longest clip that is read."""

_WINDOW = 4.0
"""Beats that one piece of reading takes."""

FOUR_BARS = 16.0


class ContextFiles:
    """A folder of our own for them, made when it is first needed and taken away in the end."""

    def __init__(self) -> None:
        self._folder = ""
        self._count = 0

    def write(self, data: bytes) -> str:
        """Write a file and return its path; raises OSError."""
        if not self._folder:
            self._folder = tempfile.mkdtemp(prefix="bandmate-live-")
        self._count += 1
        path = Path(self._folder) / f"context-{self._count}.mid"
        path.write_bytes(data)
        return str(path)

    @staticmethod
    def forget(path: str) -> None:
        """Take one away that nobody will read again."""
        if path:
            with contextlib.suppress(OSError):
                Path(path).unlink()

    def close(self) -> None:
        """Take all of them away."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = ""


def clip_at(song: Live.Song.Song, spot: Spot) -> Live.Clip.Clip:
    """Return the MIDI clip that the person means; raises NoPlace where there is none.

    In the Session it lies in the selected slot, in the Arrangement it is the one shown in detail.
    """
    clip = song.view.detail_clip if spot.beat is not None else _slot_clip(spot)
    if clip is None or not clip.is_midi_clip:
        raise NoPlace("select a MIDI clip first")
    return clip


def _slot_clip(spot: Spot) -> Live.Clip.Clip | None:
    slots = spot.track.clip_slots
    return slots[spot.row].clip if spot.row < len(slots) else None


def scene_clips(
    song: Live.Song.Song, row: int
) -> Generator[int, None, list[tuple[Live.Track.Track, Live.Clip.Clip]]]:
    """Return the MIDI clips of a scene, each with its track; raises NoPlace where there is none."""
    found = []
    for track in song.tracks:
        slots = track.clip_slots
        clip = slots[row].clip if row < len(slots) else None
        if clip is not None and clip.is_midi_clip:
            found.append((track, clip))
        yield 4
    if not found:
        raise NoPlace("the selected scene holds no MIDI clip to play to")
    return found


def reading(
    song: Live.Song.Song,
    clips: Sequence[tuple[Live.Track.Track, Live.Clip.Clip]],
    files: ContextFiles,
    ask: Callable[[str], None],
) -> Iterator[int]:
    """Read clips into a file, then *ask* with its path; a job. Raises NoPlace, OSError.

    The longest says how long the context is; shorter ones go round and round in it, as in Live.
    """
    spans = [_span(clip) for _, clip in clips]
    length = max(end - start for start, end in spans)
    if length > MOST_BEATS:
        raise NoPlace(f"a clip must have at most {MOST_BEATS:g} beats to be played to")
    tracks, count = [], 0
    for (track, clip), (start, end) in zip(clips, spans):
        own = yield from _notes(clip, start, end)
        notes = _repeated(own, end - start, length)
        count += len(notes)
        if count > MOST_NOTES:
            raise NoPlace(f"the clips hold more than the {MOST_NOTES} notes that are read")
        yield 8
        tracks.append(midi_file.Track(track.name, _is_drums(track), notes))
    if not count:
        raise NoPlace("the clip holds no note to play to")
    meter = int(song.signature_numerator), int(song.signature_denominator)
    data = yield from midi_file.to_bytes(tracks, length, float(song.tempo), meter)
    ask(files.write(data))


def _span(clip: Live.Clip.Clip) -> tuple[float, float]:
    start, end = float(clip.loop_start), float(clip.loop_end)
    return (start, end) if end > start else (start, start + FOUR_BARS)


def _notes(clip: Live.Clip.Clip, start: float, end: float) -> Generator[int, None, list[Note]]:
    found: list[Note] = []
    at = start
    while at < end:
        span = min(_WINDOW, end - at)
        own = [
            Note(n.pitch, n.start_time - start, n.duration, int(n.velocity))
            for n in clip.get_notes_extended(0, 128, at, span)
            if not n.mute
        ]
        found += own
        if len(found) > MOST_NOTES:
            return found
        yield len(own) + 1
        at += span
    return found


def _repeated(notes: list[Note], own: float, length: float) -> list[Note]:
    rounds = int(length / own + 1e-6)
    return [n._replace(start=n.start + i * own) for i in range(max(1, rounds)) for n in notes]


def _is_drums(track: Live.Track.Track) -> bool:
    if role_of(track.name) == "drums":
        return True
    return any(getattr(device, "can_have_drum_pads", False) for device in tuple(track.devices)[:4])
