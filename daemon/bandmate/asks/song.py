"""What is known of the project now: tempo, meter, key, chords, playing or not; one song a client.

Fields are named as AbletonOSC names them, so that a bridge forwards them unchanged; ``key``,
``meter`` and ``chords`` say the same in one word each. Beside them lies what the co-writer and the
person found for the song: its keywords, and the card whose chords it has taken on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from bandmate.asks.notation import (
    MAX_BARS,
    BarsOfChords,
    chords_to_text,
    placed_chords,
    read_chords,
)
from bandmate.errors import AskError
from bandmate.fields import Field, Flag, OneOf, Real, Whole, Written, read_pairs, shown
from bandmate.music.clip import ChordSpan
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword

MAY_BE_FREE = ("tempo", "key", "meter")
"""What is free until somebody tells it: then a preset or an inspiration chooses it."""

_LIVE_MODES = {mode.live: mode.label for mode in MODES.values()}
_MOST_SONGS = 256


def _read_free(text: str) -> frozenset[str]:
    names = frozenset(filter(None, text.split(",")))
    if not names <= set(MAY_BE_FREE):
        words = ", ".join(MAY_BE_FREE)
        raise AskError(f"free must name some of {words}, a comma between, not {shown(text)}")
    return names


SONG_FIELDS = (
    Field("tempo", Real(20, 400), "quarter notes per minute", "120"),
    Field("key", Written(Key.parse, "A:min or F#:dor"), "tonic and mode", "C:maj"),
    Field("root_note", Whole(0, 11), "pitch class of the tonic, C is 0", "0"),
    Field("scale_name", OneOf(tuple(_LIVE_MODES)), "the mode as Live names it", "Major"),
    Field("meter", Written(Meter.parse, "4/4 or 6/8"), "time signature", "4/4"),
    Field("signature_numerator", Whole(1, 32), "written beats in a bar", "4"),
    Field("signature_denominator", Whole(1, 32), "note value of a written beat", "4"),
    Field(
        "chords",
        Written(lambda text: read_chords(text) if text else (), "A:min D:min,G:7", 8000),
        "a blank between bars, a comma within one; empty forgets them",
        "none",
    ),
    Field("is_playing", Flag(), "whether the project rolls", "off"),
    Field(
        "free",
        Written(_read_free, "tempo,key,meter"),
        "what of these you let go of again: from now on nobody has told it",
        "none",
    ),
)
"""All that a client can tell of its song."""


@dataclass(frozen=True, slots=True)
class Song:
    """What is known of one client's project."""

    tempo: float = 120.0
    """Quarter notes per minute, 20..400."""
    meter: Meter = field(default_factory=Meter)
    key: Key = field(default_factory=lambda: Key(0, "maj"))
    chords: tuple[ChordSpan, ...] = ()
    """In beats from the song's first bar; empty where none are known."""
    is_playing: bool = False
    told: frozenset[str] = frozenset()
    """Which of tempo, meter and key the client has told: to these a preset's taste gives way."""
    keywords: tuple[Keyword, ...] = ()
    """What its last inspiration became, as the person left it; at most 8."""
    card: int | None = None
    """The card (a take's number) that the next loop follows; chords that are told end that."""

    @property
    def pairs(self) -> list[tuple[str, object]]:
        """All that can be set, as a wire tells it, named as in ``SONG_FIELDS``."""
        bars = round(self.chords[-1].end / self.meter.bar_beats) if self.chords else 0
        return [
            ("tempo", self.tempo),
            ("key", str(self.key)),
            ("root_note", self.key.tonic),
            ("scale_name", MODES[self.key.mode].live),
            ("meter", str(self.meter)),
            ("signature_numerator", self.meter.numerator),
            ("signature_denominator", self.meter.denominator),
            ("chords", chords_to_text(self.chords, self.meter, bars)),
            ("is_playing", self.is_playing),
            ("free", ",".join(name for name in MAY_BE_FREE if name not in self.told)),
        ]


def person_of(client: str) -> str:
    """Return who a client is for songs and takes: what differs behind a # is one person's."""
    return client.partition("#")[0]


def changed(song: Song, pairs: Iterable[tuple[str, object]]) -> Song:
    """Return the song with what *pairs* say; raises AskError where any of them makes no sense."""
    said = read_pairs(pairs, SONG_FIELDS, "a song")
    freed = cast("frozenset[str]", said.get("free", frozenset()))
    said = {name: getattr(Song(), name) for name in freed} | said
    key, meter = _key(song.key, said), _meter(song.meter, said)
    told = {"key": {"key", "root_note", "scale_name"}, "tempo": {"tempo"}}
    told["meter"] = {"meter", "signature_numerator", "signature_denominator"}
    return replace(
        song,
        tempo=cast(float, said.get("tempo", song.tempo)),
        meter=meter,
        key=key,
        chords=_chords(song, meter, cast("BarsOfChords | None", said.get("chords"))),
        is_playing=bool(said.get("is_playing", song.is_playing)),
        card=None if "chords" in said else song.card,
        told=(song.told | {n for n, words in told.items() if words & said.keys()}) - freed,
    )


def _key(key: Key, said: dict[str, object]) -> Key:
    key = cast(Key, said.get("key", key))
    mode = _LIVE_MODES[str(said["scale_name"])] if "scale_name" in said else key.mode
    return Key(cast(int, said.get("root_note", key.tonic)), mode)


def _meter(meter: Meter, said: dict[str, object]) -> Meter:
    meter = cast(Meter, said.get("meter", meter))
    return Meter(
        cast(int, said.get("signature_numerator", meter.numerator)),
        cast(int, said.get("signature_denominator", meter.denominator)),
    )


def _chords(song: Song, meter: Meter, said: BarsOfChords | None) -> tuple[ChordSpan, ...]:
    if said is not None:
        return placed_chords(said, meter, min(len(said), MAX_BARS))
    # A new meter moves the bar lines: each chord keeps its share of its bar.
    ratio = meter.bar_beats / song.meter.bar_beats
    return tuple(ChordSpan(s.start * ratio, s.end * ratio, s.chord) for s in song.chords)


class Songs:
    """The songs of all clients; changed by the event loop alone.

    A client that has told nothing of a song shares that of the client that leads: it owns the DAW,
    or is a page of the panel. Clients whose names differ behind a # alone have one song: the pages.
    """

    def __init__(self, leader: Callable[[], str | None] = lambda: None) -> None:
        """Take what names the client that leads, None where there is none."""
        self.on_change: Callable[[], None] | None = None
        """Hears that a song may have changed."""
        self._leader = leader
        self._songs: dict[str, Song] = {}
        self._tellers: set[str] = set()

    def of(self, client: str) -> Song:
        """Return what is known of a client's song; the default where nothing was told."""
        return self._songs.get(self._whose(client), Song())

    def set(self, client: str, pairs: Iterable[tuple[str, object]]) -> Song:
        """Take in all of *pairs* or, raising AskError, nothing of them; return the song.

        From now on the client has a song of its own.
        """
        client = person_of(client)
        song = changed(self._songs.get(client, Song()), pairs)
        self._tellers.add(client)
        return self._kept(client, song)

    def keep_time(self, client: str, tempo: float | None, meter: Meter | None) -> None:
        """Let the tempo and the meter of a client's song, where told, be those that lead now."""
        song = self.of(client)
        said: dict[str, object] = {"tempo": tempo, "meter": meter and str(meter)}
        pairs = [(n, value) for n, value in said.items() if value is not None and n in song.told]
        if pairs:
            self._kept(client, changed(song, pairs))

    def set_keywords(self, client: str, keywords: tuple[Keyword, ...]) -> Song:
        """Let a client's song have these keywords and no others; return the song."""
        return self._kept(client, replace(self.of(client), keywords=keywords))

    def follow(self, client: str, card: int) -> None:
        """Let the next loops of a client follow a card, a take's number."""
        self._kept(client, replace(self.of(client), card=card))

    def part_with(self, client: str, card: int) -> None:
        """Let the next loops of a client follow that card no more; one of another number stays."""
        song = self.of(client)
        if song.card == card:
            self._kept(client, replace(song, card=None))

    def _whose(self, client: str) -> str:
        client = person_of(client)
        return client if client in self._tellers else person_of(self._leader() or client)

    def _kept(self, client: str, song: Song) -> Song:
        client = self._whose(client)
        self._songs.pop(client, None)
        self._songs[client] = song
        # Anyone may send from a new port each time: the song told longest ago is forgotten.
        if len(self._songs) > _MOST_SONGS:
            oldest = next(iter(self._songs))
            del self._songs[oldest]
            self._tellers.discard(oldest)
        if self.on_change:
            self.on_change()
        return song
