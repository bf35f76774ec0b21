"""What Live's song is like: read when it changes, told to the daemon in the daemon's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable

if TYPE_CHECKING:
    import Live

    from .osc import Atom

WATCHED = (
    "tempo", "signature_numerator", "signature_denominator", "root_note", "scale_name",
    "scale_mode", "is_playing",
)  # fmt: skip
"""What is listened to where this Live has it."""

MODES = {
    "Major": (0, 2, 4, 5, 7, 9, 11),
    "Minor": (0, 2, 3, 5, 7, 8, 10),
    "Dorian": (0, 2, 3, 5, 7, 9, 10),
    "Phrygian": (0, 1, 3, 5, 7, 8, 10),
    "Lydian": (0, 2, 4, 6, 7, 9, 11),
    "Mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "Locrian": (0, 1, 3, 5, 6, 8, 10),
    "Harmonic Minor": (0, 2, 3, 5, 7, 8, 11),
}
"""The scales that bandmate plays in, by Live's names, in semitones."""

_TONICS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_LABELS = dict(zip(MODES, ("maj", "min", "dor", "phr", "lyd", "mix", "loc", "hmin")))
_TEMPI = (20.0, 400.0)


def nearest_mode(name: str, intervals: Iterable[int]) -> str:
    """Return the scale of MODES that a scale of Live comes nearest to.

    The third decides, then the number of steps that both have: Live has far more scales.
    """
    if name in MODES:
        return name
    steps = set(intervals)
    third = 3 if 3 in steps and 4 not in steps else 4

    def likeness(mode: str) -> tuple[bool, int]:
        return third in MODES[mode], len(steps & set(MODES[mode]))

    return max(MODES, key=likeness)


class SongWatch:
    """Listens to the song; never changes it, since Live allows no change while it tells of one."""

    def __init__(self, song: Live.Song.Song, moved: Callable[[], None]) -> None:
        self.song = song
        self.is_dirty = True
        """True where the daemon has not been told how the song is now."""
        self._moved = moved
        self._heard: list[tuple[str, Callable[[], None]]] = []

    def listen(self) -> None:
        """Begin to hear of changes."""
        for name in WATCHED:
            self._hear(name, self._changed)
        self._hear("current_song_time", self._moved)

    def _hear(self, name: str, does: Callable[[], None]) -> None:
        add = getattr(self.song, f"add_{name}_listener", None)
        if add is not None:
            add(does)
            self._heard.append((name, does))

    def close(self) -> None:
        """Listen no more."""
        while self._heard:
            name, does = self._heard.pop()
            if getattr(self.song, name + "_has_listener")(does):
                getattr(self.song, f"remove_{name}_listener")(does)

    def _changed(self) -> None:
        self.is_dirty = True

    @property
    def meter(self) -> tuple[int, int]:
        """Written beats in a bar, and their note value."""
        return int(self.song.signature_numerator), int(self.song.signature_denominator)

    @property
    def bar_beats(self) -> float:
        """Quarter notes in a bar."""
        numerator, denominator = self.meter
        return 4.0 * numerator / denominator

    def key(self, wanted: str) -> str:
        """Return the key that asks have, ``A:min``; *wanted* is the setting. Empty is none."""
        if wanted != "live":
            return wanted
        if not getattr(self.song, "scale_mode", True):
            return ""  # Live shows a scale even where nobody chose one
        mode = nearest_mode(self.song.scale_name, getattr(self.song, "scale_intervals", ()))
        return f"{_TONICS[int(self.song.root_note) % 12]}:{_LABELS[mode]}"

    def pairs(self, wanted_key: str) -> list[Atom]:
        """Return what ``/bandmate/song/set`` says; what the daemon cannot take is left out."""
        said: list[Atom] = ["is_playing", int(bool(self.song.is_playing))]
        tempo = float(self.song.tempo)
        if _TEMPI[0] <= tempo <= _TEMPI[1]:
            said += ["tempo", tempo]
        numerator, denominator = self.meter
        if numerator <= 32:
            said += ["signature_numerator", numerator, "signature_denominator", denominator]
        key = self.key(wanted_key)
        return [*said, "key", key] if key else said

    def report(self) -> list[Atom]:
        """Return what ``/bandmate/transport/report`` says: where the song is now."""
        numerator, denominator = self.meter
        return [
            "beat", float(self.song.current_song_time), "tempo", float(self.song.tempo),
            "meter", f"{numerator}/{denominator}",
            "is_rolling", int(bool(self.song.is_playing)),
        ]  # fmt: skip
