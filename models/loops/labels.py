"""What the index says of a song, in the words of the loop model: genre, key and sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandmate.music.key import Key, pitch_class
from bandmate.style.genres import GENRES, NEXT_GENRES

GENRE_WORDS = {
    "mandopop": "pop", "Pop": "pop", "Jazz": "jazz", "Rock": "rock", "Blues": "blues",
    "Latin": "latin", "Folk, World, & Country": "folk", "Classical": "classical",
    "classical chorale": "classical", "classical quartet": "classical",
    "classical song": "art song", "Funk / Soul": "soul", "Reggae": "reggae", "Electronic":
    "electronic", "hiphop": "hip hop", "afrocuban": "latin", "afro cuban": "latin", "samba":
    "latin", "cha cha": "latin", "paso doble": "latin", "afrobeat": "afro", "neworleans": "funk",
    "dance": "house", "highlife": "afro", "middleeastern": "folk", "polka": "folk", "lullaby":
    "folk", "bluegrass": "country", "shuffle": "blues", "boogie": "blues", "twist": "rock",
    "tracker": "game", "chiptune": "game",
}  # fmt: skip
SECTION_WORDS = {
    "intro": "intro", "pre-verse": "intro", "fade": "outro", "outro": "outro", "coda": "outro",
    "ending": "outro", "pre": "prechorus", "chorus": "chorus", "refrain": "chorus",
    "verse": "verse", "bridge": "bridge", "solo": "solo", "instrumental": "interlude",
    "interlude": "interlude", "trans": "interlude",
}  # fmt: skip
_MODES = {"major": "maj", "minor": "min"}
_UNRELIABLE_MODE = ("openewld",)


def genre_of(row: Mapping[str, Any]) -> str | None:
    """Return the genre of a row, None where it has none that the model knows."""
    text = str(row.get("genre") or "")
    if text.startswith("game"):
        return "game"
    word = text.split("/", maxsplit=1)[0]
    genre = GENRE_WORDS.get(text, GENRE_WORDS.get(word, word))
    return genre if genre in (*GENRES, *NEXT_GENRES) else None


def section_of(label: str) -> str | None:
    """Return the section that a label names."""
    return next(
        (section for word, section in SECTION_WORDS.items() if label.startswith(word)), None
    )


def keys_of(row: Mapping[str, Any]) -> list[tuple[int, Key]]:
    """Return the keys of a row and the bars from which they hold; none where it has none."""
    if row["source"] in _UNRELIABLE_MODE:
        return []
    told: Sequence[tuple[int, str, str]] = row.get("keys") or [
        (0, row.get("key") or "", row.get("mode") or "")
    ]
    keys = [
        (bar, Key(pitch_class(name), _MODES[mode])) for bar, name, mode in told if mode in _MODES
    ]
    return keys if len(keys) == len(told) else []
