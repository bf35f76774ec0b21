"""The part of the OSC contract that keeps order: takes listed, starred, named, edited; choices."""

from __future__ import annotations

from bandmate.asks.notation import MAX_BARS, parse_parts, read_chords
from bandmate.contract.rows import TAKE, Address, Answer, NotesRange, Told
from bandmate.fields import Field, Flag, OneOf, Text, Whole, Written

_LARGEST = 2**31 - 1
MOST_LISTED = 200
"""Takes told at once at the most."""
MOST_CHUNKS = 60
"""Chunks of notes in an edit at the most: 20,160 notes."""


LIST = (
    Field("search", Text(r"[^\x00-\x1f]{0,100}", "at most 100 characters"),
          "words that its title or its file's name holds", "any"),
    Field("kind", OneOf(("loop", "card")), "what it is", "either"),
    Field("starred", Flag(), "only takes with a star", "off"),
    Field("before", Whole(0, _LARGEST), "only takes with a smaller number; 0 is any", "0"),
    Field("limit", Whole(1, MOST_LISTED), "how many, the newest", "50"),
)  # fmt: skip
"""What can be said of the takes that are wanted."""

ON = Field("on", Flag(), "whether it has a star", "on")
TITLE = Field("text", Text(r"[^\x00-\x1f]{0,100}", "at most 100 characters"),
              "what it is called", "its file's name")  # fmt: skip
PARTS = Field("parts", Written(parse_parts, "drums:0,bass:33,keys2:4", 400), "names and programs, "
              "in the order that the notes count them", "those of the take")  # fmt: skip
CHUNKS = Field("chunks", Whole(0, MOST_CHUNKS), "how many `/bandmate/take/notes` carry its notes",
               "0")  # fmt: skip
CHUNK = Field("chunk", Whole(0, MOST_CHUNKS - 1), "which part of the notes, from 0", "0")
CRC32 = Field("crc32", Whole(-(2**31), _LARGEST), "CRC-32 of the notes of all chunks, as a signed "
              "int32", "0")  # fmt: skip
DATA = Field("data", NotesRange(), "the notes", "nothing")

EDIT = (
    Field("bars", Whole(1, MAX_BARS), "length in bars", "as long as the take"),
    Field("chords", Written(lambda text: read_chords(text) if text else (), "A:min D:min,G:7",
                            8000), "a blank between bars, a comma within one; empty is none",
          "the take's"),
)  # fmt: skip
"""What else can be changed of a take."""

SHELF_ADDRESSES = (
    Address("/bandmate/take/list", "Ask for the takes there are.",
            ("/bandmate/take/told", "/bandmate/take/listed"), pairs=LIST, is_once=False),
    Address("/bandmate/take/get", "Ask for all of a take, with its notes.",
            ("/bandmate/take/got", "/bandmate/take/notes"), (TAKE,), is_once=False),
    Address("/bandmate/take/star", "Give a take a star, or take it away.",
            ("/bandmate/take/told",), (TAKE, ON), is_in_turn=True),
    Address("/bandmate/take/name", "Call a take something.",
            ("/bandmate/take/told",), (TAKE, TITLE), is_in_turn=True),
    Address("/bandmate/take/edit",
            "Make a new take of one whose notes you changed; they follow with the same id. The "
            "same change of the same take is the same take.",
            ("/bandmate/take/edited",), (TAKE, PARTS, CHUNKS), EDIT),
    Address("/bandmate/take/notes",
            "Some of the notes of an edit, under its id.",
            (), (TAKE, CHUNK, CHUNKS, CRC32, DATA), is_once=False),
    Address("/bandmate/preset/list", "Ask for the presets there are.",
            ("/bandmate/preset/told", "/bandmate/preset/listed"), is_once=False),
    Address("/bandmate/choices/list",
            "Ask what genres, roles, moods and the like there are.",
            ("/bandmate/choices/told",), is_once=False),
)  # fmt: skip
"""All that bandmate takes of it."""

OF_GOT = (
    Told("kind", "s", "loop or card"),
    Told("state", "s", "made, accepted or rejected"),
    Told("title", "s", "what a person called it, else the name of its file"),
    Told("star", "i", "1 where it has a star, else 0"),
    Told("parent", "i", "the take that was edited to get it; 0 where none was"),
    Told("made", "s", "when it was made, in seconds since 1970"),
    Told("genre", "s", "the genre it was asked in; empty where none was"),
    Told("romans", "s", "of a card, its chords as numerals in its key, `I vi7,V7/V`"),
    Told("symbols", "s", "of a card, its chords as a screen shows them, `F Dm7,G7`"),
    Told("answers", "s", "of a card, the keywords that it answers, a comma between"),
)
"""What ``got`` tells of a take beside what ``made`` tells."""

_PRESET = (
    Told("name", "s", "as an ask names it"),
    Told("words", "s", "how it sounds, a sentence"),
    Told("parts", "s", "roles and programs, `drums:0,bass:33`"),
    Told("genre", "s", "its genre; empty where it has none"),
    Told("tempo", "s", "its usual tempi, lowest and highest, `84-96`; empty where any will do"),
    Told("mode", "s", "its mode, `min`; empty where it takes the song's"),
    Told("meter", "s", "its time signature; empty where it takes the song's"),
    Told("energy", "i", "1..5; 0 where it has none"),
)

_CHOICES = (
    Told("genres", "s", "genres of loops, a comma between"),
    Told("harmonies", "s", "genres that the co-writer learnt, a comma between"),
    Told("sections", "s", "places in a song, a comma between"),
    Told("modes", "s", "modes of keys, `maj`, a comma between"),
    Told("roles", "s", "`name:program:low-high` of each role: its usual program and pitches, a "
         "comma between"),
    Told("programs", "s", "`name:program program` of each role: the programs that are heard as it, "
         "a comma between"),
    Told("moods", "s", "keywords of moods, a comma between"),
    Told("energies", "s", "keywords of energy"),
    Told("eras", "s", "keywords of eras"),
    Told("textures", "s", "keywords of textures"),
    Told("rhythms", "s", "how chords are struck, a comma between"),
    Told("voicings", "s", "how chords are spread, a comma between"),
)  # fmt: skip

SHELF_ANSWERS = (
    Answer("/bandmate/take/listed", "All takes that were wanted are told, the newest first.",
           (Told("count", "i", "how many were told"),)),
    Answer("/bandmate/preset/told", "One of the presets.", pairs=_PRESET),
    Answer("/bandmate/preset/listed", "All presets are told.",
           (Told("count", "i", "how many were told"),)),
    Answer("/bandmate/choices/told", "What there is to choose from.", pairs=_CHOICES),
)  # fmt: skip
"""All that bandmate sends of it, but for ``got`` and ``edited``, which tell of a take."""
