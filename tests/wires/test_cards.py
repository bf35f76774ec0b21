"""What is told of cards: it fits into 8 KB, whatever a card holds."""

from __future__ import annotations

import math

import pytest

from bandmate.asks.notation import parse_chords, read_chords
from bandmate.chords.cards import Card
from bandmate.chords.progression import Progression
from bandmate.chords.requests import Suggestion
from bandmate.compose.chords import Answer
from bandmate.contract.cards import LINE_LIMIT, answer_to_pairs, card_to_pairs, suggestions_to_pairs
from bandmate.contract.messages import Message, pairs_of
from bandmate.music.chord import Chord
from bandmate.music.clip import Clip, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword
from bandmate.wires.packets import MESSAGE_BYTES, message_to_packet, packet_to_messages
from wires.fake_daemon import take_of

F = Key(5)


def card(text: str, ratio: float = 1.5) -> Card:
    """Return a card of chords as they are typed."""
    return Card(
        Progression(F, read_chords(text)), True, -9.5, ratio, "proposer@1a2b3c4d", ("warm",)
    )


def clip(text: str) -> Clip:
    """Return a clip over chords as they are typed."""
    bars = len(text.split())
    chords = parse_chords(text, Meter(4, 4), bars)
    return Clip((Part("keys", 0),), bars * 4.0, key=F, chords=chords)


def test_a_card_is_told_bar_by_bar() -> None:
    text = "F Bb/9,Eb:7(b9,b13) C:sus4,C N"
    said = dict(pairs_of(card_to_pairs(card(text), take_of(clip(text), 3), 2, 1)))
    assert (said["index"], said["accepted"], said["chunks"], said["bars"]) == (2, 1, 1, 4)
    assert said["chords"] == "F:maj Bb:maj/2,Eb:7(b9,b13) C:sus4,C:maj N"
    assert said["symbols"] == "F Bb/C,Eb7b9b13 Csus4,C N.C."
    assert str(said["romans"]).split()[0::3] == ["I", "N"]
    assert said["borrowed"] == "Eb7b9b13"


def test_the_richest_card_fits_into_a_message() -> None:
    text = " ".join([",".join(["F#:min11(b5,*b3,#9,b13)/b13"] * 4)] * 16)
    take = take_of(clip(text), 2**31 - 1)
    pairs = card_to_pairs(card(text), take, 7, 10)
    said = dict(pairs_of(pairs))
    assert said["chords"] == ""
    message = Message("/bandmate/card/made", ("x" * 200, take.number, *pairs))
    assert len(message_to_packet(message)) < MESSAGE_BYTES - 5 * LINE_LIMIT


def test_sixteen_bars_of_usual_chords_are_told_whole() -> None:
    text = " ".join([",".join(["F#:min7/b3", "Bb:maj7", "Eb:min7", "C:hdim7"])] * 16)
    take = take_of(clip(text), 1)
    said = dict(pairs_of(card_to_pairs(card(text), take, 0)))
    assert len(str(said["chords"]).split()) == len(str(said["symbols"]).split()) == 16


@pytest.mark.parametrize("ratio", [math.inf, 1e300, 0.0])
def test_a_ratio_of_any_size_is_told_as_a_float(ratio: float) -> None:
    pairs = card_to_pairs(card("F", ratio), take_of(clip("F"), 1), 0)
    message = Message("/bandmate/card/made", (1, 1, *pairs))
    (read,) = packet_to_messages(message_to_packet(message))
    said = dict(pairs_of(read.arguments[2:]))
    assert math.isfinite(float(said["ratio"]))
    assert message_to_packet(message)[20:].startswith(b",iisisisfsf")


def test_an_answer_with_very_much_to_say_still_fits() -> None:
    keywords = (Keyword("hip hop", 0.5, True), Keyword("slow"))
    answer = Answer(keywords, F, "prior@1a2b3c4d", [], [], ("x" * 5000,))
    assert dict(pairs_of(answer_to_pairs(answer))) == {
        "cards": 0, "key": "F:maj", "proposer": "prior@1a2b3c4d",
        "keywords": "hip hop:0.5!,slow", "words": "",
    }  # fmt: skip


def test_suggestions_are_three_lists_of_one_length() -> None:
    chords = [Chord.parse(text) for text in ("Bb:maj7/5", "C:7(b9,b13)", "N")]
    suggested = [Suggestion(chord, 1 / 3) for chord in chords]
    said = dict(pairs_of(suggestions_to_pairs(suggested, F)))
    assert {name: len(str(text).split()) for name, text in said.items()} == {
        "chords": 3, "probabilities": 3, "romans": 3,
    }  # fmt: skip
    assert dict(pairs_of(suggestions_to_pairs([], F)))["chords"] == ""
