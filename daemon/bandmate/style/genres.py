"""Genres and sections: the words that asks, loops, chords and inspirations share."""

from __future__ import annotations

GENRES = (
    "pop", "rock", "jazz", "funk", "soul", "r&b", "ballad", "house", "blues", "fusion", "hip hop",
    "dance-pop", "ambient", "gospel", "country", "latin", "old time", "techno", "reggae",
    "trip hop", "trance", "drum and bass", "folk", "ska", "metal", "waltz", "punk", "classical",
    "game", "afro",
)  # fmt: skip
"""Genres the loop model knows, as its training data names them."""

NEXT_GENRES = (
    "electronic", "art song", "synthwave", "trap", "disco", "bossa nova", "swing", "balkan",
    "march", "doo-wop",
)  # fmt: skip
"""Genres of the training data that the shipped weights have not seen, so they are not offered."""

SECTIONS = ("intro", "verse", "prechorus", "chorus", "bridge", "solo", "interlude", "outro")
"""Sections the loop model knows."""
