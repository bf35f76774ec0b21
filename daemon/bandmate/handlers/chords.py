"""Verbs for chords: cards asked for, chords heard in a file, the next chord, keywords."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from bandmate.asks.chords import ChordAsk
from bandmate.asks.notation import BarsOfChords, chords_to_text, read_chords
from bandmate.asks.song import Song
from bandmate.compose.chords import CardMade, ChordProgress, KeywordsFound, Queued
from bandmate.contract.cards import answer_to_pairs, card_to_pairs, suggestions_to_pairs
from bandmate.contract.messages import note_messages
from bandmate.contract.rows import KEYWORDS, NOTES, SUGGEST, TRANSCRIBE
from bandmate.errors import AskError
from bandmate.fields import read_pairs
from bandmate.handlers.loops import finish
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword, keywords_to_text, merged

if TYPE_CHECKING:
    from bandmate.chords.cards import Card
    from bandmate.handlers.services import Call, Services
    from bandmate.takes.store import Take


async def chords_ask(desk: Services, call: Call) -> None:
    """Make the cards, tell of each, then play and place the first where that was asked too."""
    ask = ChordAsk.read(pair for pair in call.pairs if pair[0] != NOTES.name)
    notes = read_pairs((pair for pair in call.pairs if pair[0] == NOTES.name), [NOTES])

    def told(news: ChordProgress) -> None:
        match news:
            case Queued(place):
                call.answer("/bandmate/chords/queued", place)
            case KeywordsFound(keywords):
                _found(desk, call, keywords)
            case CardMade(index, card, take):
                _tell_card(call, card, take, index, notes.get("notes") == "blob")

    name = call.client.name
    with desk.working_for(call.client):
        answer = await desk.cowriter.chords(ask, desk.songs.of(name), name, told, call.id)
    call.answer("/bandmate/chords/made", *answer_to_pairs(answer))
    if answer.takes:
        await finish(desk, call, answer.takes[0], ask)


async def chords_transcribe(desk: Services, call: Call) -> None:
    """Tell the chords of a file as a card."""
    said = read_pairs(call.pairs, TRANSCRIBE)
    path = cast("Path | None", call.values.get("path"))
    if path is None:
        raise AskError("the path of a sound or a .mid must follow the id")
    name = call.client.name
    meter = cast(Meter, said.get("meter", desk.songs.of(name).meter))
    with desk.working_for(call.client):
        answer = await desk.cowriter.transcribe(
            path, cast("Key | None", said.get("key")), meter, name, call.id
        )
    for index, (card, take) in enumerate(zip(answer.cards, answer.takes, strict=True)):
        _tell_card(call, card, take, index)
    call.answer("/bandmate/chords/made", *answer_to_pairs(answer))


async def chords_suggest(desk: Services, call: Call) -> None:
    """Tell which chords could come next."""
    said = read_pairs(call.pairs, SUGGEST)
    song = desk.songs.of(call.client.name)
    key = cast(Key, said.get("key", song.key))
    found = await desk.cowriter.suggest(
        cast(BarsOfChords, said.get("before", _bars(song))),
        cast(BarsOfChords, said.get("after", ())),
        key,
        cast(Meter, said.get("meter", song.meter)),
        cast(int, said.get("most", 8)),
    )
    call.answer("/bandmate/chords/suggested", *suggestions_to_pairs(found, key))


async def keywords_get(desk: Services, call: Call) -> None:
    """Tell the keywords of the client's song."""
    keywords = desk.songs.of(call.client.name).keywords
    call.answer("/bandmate/keywords/told", "keywords", keywords_to_text(keywords))


async def keywords_set(desk: Services, call: Call) -> None:
    """Change the keywords of the client's song: what is said replaces all of them."""
    said = read_pairs(call.pairs, KEYWORDS)
    song = desk.songs.of(call.client.name)
    if "keywords" in said:
        keywords = cast("tuple[Keyword, ...]", said["keywords"])
        song = desk.songs.set_keywords(call.client.name, keywords)
    call.answer("/bandmate/keywords/changed", "keywords", keywords_to_text(song.keywords))


def _found(desk: Services, call: Call, found: tuple[Keyword, ...]) -> None:
    # The person may have locked a word while the inspiration was read.
    held = desk.songs.of(call.client.name).keywords
    song = desk.songs.set_keywords(call.client.name, merged(held, found))
    call.answer("/bandmate/keywords/found", "keywords", keywords_to_text(song.keywords))


def _tell_card(call: Call, card: Card, take: Take, index: int, has_notes: bool = False) -> None:
    notes = note_messages(call.id, take.number, take.clip) if has_notes else []
    call.answer("/bandmate/card/made", take.number, *card_to_pairs(card, take, index, len(notes)))
    for message in notes:
        call.send(message)


def _bars(song: Song) -> BarsOfChords:
    """Return the song's chords, bar by bar."""
    bars = round(song.chords[-1].end / song.meter.bar_beats) if song.chords else 0
    return read_chords(chords_to_text(song.chords, song.meter, bars)) if bars else ()
