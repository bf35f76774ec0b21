"""The OSC contract as tables: address -> what is done, what it takes, what it answers.

``bridge/README.md`` holds the same tables for people; a test compares them both ways.
"""

from __future__ import annotations

from bandmate.asks.loop import FIELDS
from bandmate.asks.song import SONG_FIELDS
from bandmate.contract.cards import OF_THE_TAKE
from bandmate.contract.live import LIVE_ADDRESSES, LIVE_ANSWERS
from bandmate.contract.rows import (
    ACTION,
    CHORDS,
    HELLO,
    KEYWORDS,
    MIX,
    PATH,
    PLAY,
    REPORT,
    SUBSCRIBE,
    SUGGEST,
    TAKE,
    TRANSCRIBE,
    TRANSPORT,
    WORDS,
    Address,
    Answer,
    Told,
)
from bandmate.contract.takes import OF_GOT, SHELF_ADDRESSES, SHELF_ANSWERS

_TAKE = (Told("take", "i", "the take's number"),)

_CHORDS = Told(
    "chords",
    "s",
    "a blank between bars, a comma within one; empty where none are known or they are too many",
)

_MADE = (
    Told("take", "i", "its number, never used again"),
    Told("seed", "i", "the seed it was made from"),
    Told("file", "s", "the .mid file, a path on the daemon's machine"),
    Told("tempo", "f", "quarter notes per minute"),
    Told("key", "s", "tonic and mode, `A:min`"),
    Told("meter", "s", "time signature, `4/4`"),
    Told("bars", "i", "length in bars"),
    Told("length", "f", "length in beats"),
    _CHORDS,
    Told("parts", "s", "`name:program:notes` of each part, in the order that the notes count them: "
         "`drums:0:64,bass:33:20`"),
    Told("notes", "i", "notes of all parts"),
    Told("first_bar_ms", "f", "milliseconds from the start of the work to its first bar"),
    Told("made_ms", "f", "milliseconds from the start of the work to its last bar"),
    Told("model", "s", "the model and its checksum, `loops@1a2b3c4d`"),
    Told("index", "i", "its place among the takes of this ask, from 0"),
    Told("takes", "i", "how many takes answer this ask"),
    Told("chunks", "i", "how many `/bandmate/take/notes` follow"),
)  # fmt: skip

_SONG = (
    Told("tempo", "f", "quarter notes per minute"),
    Told("key", "s", "tonic and mode, `A:min`"),
    Told("root_note", "i", "pitch class of the tonic, 0..11, C is 0"),
    Told("scale_name", "s", "the mode as Live names it, `Minor`"),
    Told("meter", "s", "time signature, `4/4`"),
    Told("signature_numerator", "i", "written beats in a bar"),
    Told("signature_denominator", "i", "note value of a written beat"),
    _CHORDS,
    Told("is_playing", "i", "1 where the project rolls, else 0"),
    Told("free", "s", "which of tempo, key and meter nobody has told, a comma between"),
    Told("keywords", "s", "the song's keywords, `melancholic:0.8,hip hop!`"),
    Told("card", "i", "the card that the next loop follows, a take's number; 0 where none"),
    Told("daw", "s", "what the client calls itself that owns the DAW; empty where none does"),
)

_CARD = (
    Told("index", "i", "its place among the cards of this ask, from 0"),
    Told("accepted", "i", "1 where it passed the acceptance, 0 where it tops the cards up"),
    Told("log_p", "f", "natural log of its probability among real songs"),
    Told("ratio", "f", "how much likelier real songs hold it than the proposer writes it"),
    Told("chords", "s", "Harte labels, a blank between bars, a comma within one"),
    Told("romans", "s", "the same as numerals in its key, `I vi7,V7/V`"),
    Told("symbols", "s", "the same as a screen shows them, `F Dm7,G7`"),
    Told("borrowed", "s", "symbols of its chords that leave the key, a blank between"),
    Told("answers", "s", "the keywords that it answers, a comma between"),
    Told("key", "s", "tonic and mode, `A:min`"),
    Told("proposer", "s", "who proposed it: a model and its checksum, `proposer@1a2b3c4d`"),
    *(told for told in _MADE if told.name in OF_THE_TAKE),
)

_CHORDS_MADE = (
    Told("cards", "i", "how many cards answer this ask"),
    Told("key", "s", "tonic and mode, `A:min`"),
    Told("proposer", "s", "who proposed: a model and its checksum, `proposer@1a2b3c4d`"),
    Told("keywords", "s", "the keywords that were asked for, `melancholic:0.8,hip hop!`"),
    Told("words", "s", "what is worth telling a person, a sentence a line; mostly empty"),
)

_SUGGESTED = (
    Told("chords", "s", "Harte labels, the likeliest first, a blank between"),
    Told("probabilities", "s", "0..1 of each, a blank between"),
    Told("romans", "s", "each as a numeral in the key, a blank between"),
)

_PLANNED = (
    Told("begins_ms", "i", "milliseconds until the take begins"),
    Told("first_ms", "i", "milliseconds until its first bar is written, as expected; -1 where "
         "nobody knows"),
    Told("left_ms", "i", "milliseconds until the take is whole, as expected; -1 where nobody "
         "knows"),
    Told("is_late", "i", "1 where its first bar will not be there on the line that was asked for"),
    Told("stands_in", "s", "what plays where a bar is not there in time: accepted (your last "
         "accepted take), playing (what plays) or nothing (then it begins later)"),
)  # fmt: skip

_TRANSPORT = (
    Told("beat", "f", "quarter notes since the start"),
    Told("bar", "i", "the bar it lies in, from 0"),
    Told("tempo", "f", "quarter notes per minute"),
    Told("meter", "s", "time signature, `4/4`"),
    Told("source", "s", "who tells the time: internal, clock, link or the name of a bridge"),
    Told(
        "certainty", "f", "how sure that is, 0..1: 1 is exact, under 0.5 little more than a guess"
    ),
    Told("is_rolling", "i", "1 where the music goes on, 0 where it stands"),
    Told("met", "i", "bars that were written in time for their line, since the daemon started"),
    Told("missed", "i", "bars that were not"),
)

_TAKE_NEWS = (
    Told("take", "i", "its number, never used again"),
    Told("news", "s", "what became of it: made, accepted, rejected, undone, starred (or not any "
         "more) or named; latest is the one that was there when you subscribed, listed one of a "
         "list"),
    Told("kind", "s", "loop or card"),
    Told("state", "s", "made, accepted or rejected"),
    Told("title", "s", "what a person called it, else the name of its file, `funk drums+bass Am 96 "
         "#12`"),
    Told("parts", "s", "`name:program:notes` of each part: `drums:0:64,bass:33:20`"),
    Told("client", "s", "who asked for it: what it calls itself, else its address"),
    Told("bars", "i", "length in bars"),
    Told("star", "i", "1 where it has a star, else 0"),
    Told("parent", "i", "the take that was edited to get it; 0 where none was"),
    Told("made", "s", "when it was made, in seconds since 1970"),
)  # fmt: skip

_KEYWORDS = (Told("keywords", "s", "all of the song's keywords, `melancholic:0.8,hip hop!`"),)

ADDRESSES: dict[str, Address] = {
    row.address: row
    for row in (
        Address("/bandmate/hello", "Say who you are and learn who answers.",
                ("/bandmate/hello",), pairs=HELLO, is_once=False),
        Address("/bandmate/song/set",
                "Tell what your project is like now: all that is said is taken, or nothing of it.",
                ("/bandmate/song/changed",), pairs=SONG_FIELDS),
        Address("/bandmate/song/get", "Ask what is known of your project.",
                ("/bandmate/song/told",), is_once=False),
        Address("/bandmate/loop/ask", "Ask for a loop.",
                ("/bandmate/loop/queued", "/bandmate/loop/planned", "/bandmate/bar/written",
                 "/bandmate/loop/progress", "/bandmate/loop/made", "/bandmate/take/notes",
                 "/bandmate/take/played", "/bandmate/take/inserted", "/bandmate/cancelled"),
                pairs=FIELDS),
        Address("/bandmate/chords/ask",
                "Ask for chords: cards, each a progression and a take.",
                ("/bandmate/chords/queued", "/bandmate/keywords/found", "/bandmate/card/made",
                 "/bandmate/take/notes", "/bandmate/chords/made", "/bandmate/take/played",
                 "/bandmate/take/inserted", "/bandmate/cancelled"), pairs=CHORDS),
        Address("/bandmate/chords/transcribe",
                "Hear the chords of a file, as a card.",
                ("/bandmate/card/made", "/bandmate/chords/made", "/bandmate/cancelled"),
                (PATH,), TRANSCRIBE),
        Address("/bandmate/chords/suggest",
                "Ask which chord could come next.",
                ("/bandmate/chords/suggested",), pairs=SUGGEST),
        Address("/bandmate/keywords/set",
                "Give your song these keywords in the place of all it has.",
                ("/bandmate/keywords/changed",), pairs=KEYWORDS),
        Address("/bandmate/keywords/get",
                "Ask for your song's keywords.", ("/bandmate/keywords/told",), is_once=False),
        Address("/bandmate/take/play",
                "Play a take on bandmate's MIDI port, in the place of what plays or behind it.",
                ("/bandmate/take/played",), (TAKE,), PLAY, is_in_turn=True),
        Address("/bandmate/take/stop", "Stop what plays, whichever take it is.",
                ("/bandmate/take/stopped",), (TAKE,), is_in_turn=True, is_once=False),
        Address("/bandmate/take/mix",
                "Mute and solo parts of all that plays, by their names.",
                ("/bandmate/take/mixed",), pairs=MIX, is_in_turn=True, is_once=False),
        Address("/bandmate/take/insert",
                "Send a take to the client that owns the DAW, which places it.",
                ("/bandmate/take/inserted",), (TAKE,), is_in_turn=True),
        Address("/bandmate/take/accept", "Mark a take as taken.",
                ("/bandmate/take/accepted",), (TAKE,), is_in_turn=True),
        Address("/bandmate/take/reject", "Mark a take as refused.",
                ("/bandmate/take/rejected",), (TAKE,), is_in_turn=True),
        Address("/bandmate/take/undo",
                "Take back your last accept or reject, or the last one of the take you name.",
                ("/bandmate/take/undone",), (TAKE,), is_in_turn=True),
        Address("/bandmate/transport/set",
                "Say who tells the time, and where bandmate does, the tempo and the meter.",
                ("/bandmate/transport/changed",), pairs=TRANSPORT),
        Address("/bandmate/transport/get", "Ask where the music is.",
                ("/bandmate/transport/told",), is_once=False),
        Address("/bandmate/transport/report",
                "Tell where your project is now, ten times a second or as it changes.",
                (), pairs=REPORT, is_once=False),
        *SHELF_ADDRESSES,
        *LIVE_ADDRESSES,
        Address("/bandmate/subscribe",
                "Be told of changes unasked; first you are told how all stands.",
                ("/bandmate/subscribed", "/bandmate/song/told", "/bandmate/transport/told",
                 "/bandmate/take/told", "/bandmate/keywords/told", "/bandmate/take/mixed"),
                pairs=SUBSCRIBE, is_once=False),
        Address("/bandmate/bridge/do",
                "Let the client that owns the DAW do something there.",
                ("/bandmate/bridge/done",), (ACTION,)),
        Address("/bandmate/bridge/done",
                "Tell, as the owner of the DAW, that what bandmate wanted is done.",
                (), (WORDS,), is_once=False),
        Address("/bandmate/cancel", "Call off your asks of this id.",
                ("/bandmate/cancelled",), is_once=False),
        Address("/bandmate/panic", "Silence every note on every channel.",
                ("/bandmate/silenced",), is_once=False),
    )
}  # fmt: skip
"""All that bandmate takes."""

ANSWERS: dict[str, Answer] = {
    row.address: row
    for row in (
        Answer("/bandmate/hello", "Who answers.", pairs=(
            Told("version", "s", "bandmate's version"),
            Told("protocol", "i", "1; another number means that these tables have changed"),
            Told("model", "s", "the loop model and its checksum; empty until it is loaded"),
            Told("clips", "s", "the folder that holds every clip"),
            Told("midi", "s", "the MIDI port that takes are played on; empty where there is none"),
            Told("started", "s", "when bandmate was started, in seconds since 1970; another value "
                 "says that it was started anew and knows nothing of you"),
        )),
        Answer("/bandmate/song/changed", "Your song as it is known now.", pairs=_SONG),
        Answer("/bandmate/song/told", "Your song as it is known.", pairs=_SONG),
        Answer("/bandmate/loop/queued", "The ask waits.",
               (Told("place", "i", "asks before it"),), is_passing=True),
        Answer("/bandmate/loop/planned",
               "An ask that says `at` has its turn, or its line has moved.", pairs=_PLANNED),
        Answer("/bandmate/loop/progress", "A bar is written.",
               (Told("take_index", "i", "which of the takes, from 0"),
                Told("bar", "i", "which bar, from 0"),
                Told("bars", "i", "of how many"),
                Told("left_ms", "i", "milliseconds until the take is whole, as expected; "
                     "-1 where nobody knows")), is_passing=True),
        Answer("/bandmate/bar/written",
               "The notes of a bar, before its `progress`, where `notes` was `bars`; the finished "
               "take may mend them.",
               (Told("take_index", "i", "which of the takes, from 0"),
                Told("bar", "i", "which bar, from 0"),
                Told("bars", "i", "of how many"),
                Told("parts", "s", "`name:program:notes` of each part, `drums:0:16,bass:33:5`"),
                Told("data", "b", "12 bytes a note, at most 336 notes")), is_passing=True),
        Answer("/bandmate/loop/made", "A take is made and kept; one of these for each take.",
               pairs=_MADE),
        Answer("/bandmate/chords/queued", "The ask waits.",
               (Told("place", "i", "asks before it"),), is_passing=True),
        Answer("/bandmate/keywords/found",
               "What the inspiration became; from now on the song's keywords.", pairs=_KEYWORDS),
        Answer("/bandmate/card/made", "A card is made and kept; one of these for each card.",
               _TAKE, _CARD),
        Answer("/bandmate/chords/made", "All cards are made.", pairs=_CHORDS_MADE),
        Answer("/bandmate/chords/suggested", "What could come next.", pairs=_SUGGESTED),
        Answer("/bandmate/keywords/changed", "Your song's keywords as they are now.",
               pairs=_KEYWORDS),
        Answer("/bandmate/keywords/told", "Your song's keywords.", pairs=_KEYWORDS),
        Answer("/bandmate/take/notes",
               "Some notes of a take, after `made` (where `notes` was `blob`) or `place`.",
               (*_TAKE,
                Told("chunk", "i", "which part of the notes, from 0"),
                Told("chunks", "i", "of how many"),
                Told("crc32", "i", "CRC-32 of the notes of all chunks, as a signed int32"),
                Told("data", "b", "12 bytes a note, at most 336 notes"))),
        Answer("/bandmate/take/played",
               "The take plays from its line on; with `at` in the ask, it has been once round.",
               (*_TAKE,
                Told("own", "i", "its bars that were there in time"),
                Told("stand_in", "i", "its bars that something stood in for"),
                Told("silent", "i", "its bars in which nothing was there"))),
        Answer("/bandmate/take/stopped", "Nothing plays.", _TAKE),
        Answer("/bandmate/take/mixed", "The mix as it is now.",
               (Told("muted", "s", "parts that are silent, a comma between"),
                Told("soloed", "s", "parts that alone are heard, a comma between; empty is all"))),
        Answer("/bandmate/take/inserted", "The take was sent to the client that owns the DAW.",
               _TAKE),
        Answer("/bandmate/take/accepted", "The take is marked.", _TAKE),
        Answer("/bandmate/take/rejected", "The take is marked.", _TAKE),
        Answer("/bandmate/take/undone", "The take's mark is as it was before.", _TAKE),
        Answer("/bandmate/clip/place",
               "To the client that owns the DAW alone: place this take; its notes follow.",
               pairs=_MADE),
        Answer("/bandmate/take/told", "A take was made or marked, by whomever.", pairs=_TAKE_NEWS),
        Answer("/bandmate/subscribed", "What you are told of from now on.",
               (Told("topics", "s", "what you are told of unasked, a comma between; empty is "
                     "nothing"),)),
        Answer("/bandmate/bridge/do",
               "To the client that owns the DAW alone: do this, and answer with "
               "`/bandmate/bridge/done` or an error, with this id.",
               (Told("wish", "s", "what is to be done in the DAW, as the bridge understands it"),)),
        Answer("/bandmate/bridge/done", "The DAW's bridge has done it.",
               (Told("words", "s", "one sentence for a person"),)),
        Answer("/bandmate/transport/changed", "Where the music is now.", pairs=_TRANSPORT),
        Answer("/bandmate/transport/told", "Where the music is.", pairs=_TRANSPORT),
        Answer("/bandmate/take/got", "All of a take; its notes follow.", pairs=(*_MADE, *OF_GOT)),
        Answer("/bandmate/take/edited", "What you changed is a take.", pairs=_MADE),
        *SHELF_ANSWERS,
        *LIVE_ANSWERS,
        Answer("/bandmate/live/captured", "What was played is a take; its answer may follow.",
               pairs=_MADE),
        Answer("/bandmate/cancelled", "The ask of this id is called off."),
        Answer("/bandmate/silenced", "Nothing sounds."),
        Answer("/bandmate/error", "Something makes no sense or cannot be had.",
               (Told("code", "s", "one short word, see below"),
                Told("words", "s", "one sentence for a person"))),
    )
}  # fmt: skip
"""All that bandmate sends."""
