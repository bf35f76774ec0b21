"""The one path from an ask for chords to cards: dealing, the line, and calling off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.app.standalone import Openings
from bandmate.asks.notation import read_chords
from bandmate.chords.accept import chosen
from bandmate.chords.cards import PROPOSALS
from bandmate.chords.playing import played
from bandmate.chords.requests import HEARD, Fill, Judge, Proposal, Propose, Suggest
from bandmate.compose.chords import CardMade, KeywordsFound, Queued
from bandmate.errors import (
    Cancelled,
    FileError,
    Unavailable,
)
from bandmate.inspire.inspiration import Inspiration, Inspire, Transcribe, Transcription
from bandmate.music import midifile
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import card_to_json, chord_plan_from_json
from fakes_chords import (
    PROPOSER,
    FakeInspire,
    FakePrior,
    FakeProposer,
    fake_judged,
    fake_proposal,
    openings,
)
from stage import EIGHT, Stage, marks, no_llama, play, with_proposer

# dealing


def test_four_cards_are_dealt_as_they_are_accepted_and_kept() -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(
            ("text", "a warm and dark night"), ("seed", 7), ("key", "F:maj")
        )
        pairs = zip(answer.cards, answer.takes, strict=True)
        cards = [CardMade(index, *pair) for index, pair in enumerate(pairs)]
        assert len(cards) == 4
        assert stage.told["daw"] == [Queued(0), KeywordsFound(answer.keywords), *cards]
        assert [word.word for word in answer.keywords] == ["warm", "dark"]
        assert (answer.key, answer.proposer, answer.notes) == (Key(5), PROPOSER, ())
        plan = chord_plan_from_json(answer.takes[0].ask)
        batch = [fake_judged(fake_proposal(plan, index)) for index in range(PROPOSALS)]
        wanted = [(one.proposal.progression, ok) for one, ok in chosen(batch, 4, 7)]
        assert [(card.progression, card.is_accepted) for card in answer.cards] == wanted

    play(scene)


def test_each_card_is_a_take_that_plays_it() -> None:
    async def scene(stage: Stage) -> None:
        asks = [
            {"meter": "4/4", "bars": 4},
            {"meter": "3/4", "bars": 1, "voicing": "open", "rhythm": "arpeggio"},
            {"meter": "7/8", "bars": 3, "bass": "off", "program": 48},
            {"meter": "6/8", "bars": 16, "tempo": 63, "rhythm": "strum", "voicing": "guitar"},
        ]
        for said in asks:
            answer = await stage.answer(*said.items(), ("cards", 2), ("seed", 1))
            for card, take in zip(answer.cards, answer.takes, strict=True):
                plan = chord_plan_from_json(take.ask)
                assert take.clip == played(
                    card.progression,
                    meter=plan.meter,
                    tempo=plan.tempo,
                    voicing=plan.voicing,
                    rhythm=plan.rhythm,
                    bass=plan.bass,
                    program=plan.program,
                )
                assert take.clip.length == plan.bars * plan.meter.bar_beats
                assert len(card.progression.bars) == plan.bars
                assert (take.kind, take.model, take.client) == ("card", PROPOSER, "daw")
                assert 0 < take.first_bar_ms <= take.made_ms
                assert midifile.read(take.file).length == take.clip.length
                assert stage.takes.get(take.number).card == take.card
                assert take.card is not None
                assert take.card["chords"] == card.progression.labels

    play(scene)


def test_the_accepted_come_first_and_others_top_them_up() -> None:
    async def scene(stage: Stage) -> None:
        strict = await stage.answer(*EIGHT, ("m", 9))
        assert 0 < sum(marks(strict)) < 8
        assert marks(strict) == sorted(marks(strict), reverse=True)
        rest = [card.ratio for card in strict.cards if not card.is_accepted]
        assert rest == sorted(rest, reverse=True)
        easy = await stage.answer(*EIGHT, ("m", 1))
        assert sum(marks(easy)) > sum(marks(strict))

    play(scene)


def test_a_seed_gives_the_same_cards() -> None:
    async def scene(stage: Stage) -> None:
        first, again = await stage.answer(*EIGHT), await stage.answer(*EIGHT)
        assert [card_to_json(c) for c in first.cards] == [card_to_json(c) for c in again.cards]
        assert [take.number for take in again.takes] == list(range(9, 17))
        other = await stage.answer(*EIGHT[:1], ("seed", 4), *EIGHT[2:])
        assert [card.progression for card in other.cards] != [c.progression for c in first.cards]

    play(scene)


class Repeating(FakeProposer):
    """Knows three progressions."""

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        for index in range(request.count):
            yield fake_proposal(request.plan, index % 3, place=index)


def test_no_two_cards_are_alike_and_too_few_are_told() -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(("seed", 3), ("cards", 5))
        assert len({card.progression for card in answer.cards}) == len(answer.cards) == 3
        assert answer.notes == (
            "only 3 of 5 cards differ from one another: a higher temperature brings more",
        )

    play(scene, with_proposer(Repeating))


def test_what_the_inspiration_says_reaches_the_answer(tmp_path: Path) -> None:
    picture, sound = tmp_path / "beach.jpg", tmp_path / "rain.wav"
    picture.write_bytes(b"sand")
    sound.write_bytes(b"drops")

    async def scene(stage: Stage) -> None:
        answer = await stage.answer(("image", str(picture)), ("audio", str(sound)))
        assert answer.key == Key(2, "min")
        assert [word.word for word in answer.keywords] == ["nostalgic"]
        assert answer.notes == ("a picture is read by its colours alone",)
        plain = await stage.answer(("key", "C:maj"), ("cards", 1))
        assert len(plain.cards) == 1
        assert len(stage.of("daw", KeywordsFound)) == 1

    play(scene)


# the line, and calling off


def test_asks_are_answered_one_after_the_other() -> None:
    async def scene(stage: Stage) -> None:
        first, second = stage.ask("a", ("seed", 1)), stage.ask("b", ("seed", 2))
        assert len((await first).cards) == 4
        assert len((await second).cards) == 4
        assert stage.of("a", Queued) == [Queued(0)]
        assert stage.of("b", Queued) == [Queued(1), Queued(0)]
        numbers = [take.number for take in (await first).takes]
        assert numbers == [1, 2, 3, 4]

    play(scene)


def test_too_many_asks_are_sent_away() -> None:
    async def scene(stage: Stage) -> None:
        working, waiting = stage.ask("a"), stage.ask("b")
        await stage.until("b", Queued)
        with pytest.raises(Unavailable, match="1 asks wait already"):
            await stage.ask("c")
        assert stage.cowriter.cancel("a") == stage.cowriter.cancel("b") == 1
        for ask in (working, waiting):
            with pytest.raises(Cancelled):
                await ask

    play(scene, openings(lingers_at=0), queue=1)


def test_an_ask_is_called_off_while_it_waits_and_while_it_is_proposed() -> None:
    async def scene(stage: Stage) -> None:
        working, waiting = stage.ask("a", *EIGHT, id=1), stage.ask("a", *EIGHT, id=2)
        await stage.until("a", CardMade)
        assert stage.cowriter.cancel("a", 2) == 1
        with pytest.raises(Cancelled):
            await waiting
        assert not working.done()
        assert stage.cowriter.cancel("b") == 0
        assert stage.cowriter.cancel("a", 1) == 1
        with pytest.raises(Cancelled):
            await working
        dealt = [news.take for news in stage.told["a"] if isinstance(news, CardMade)]
        assert 0 < len(dealt) < 8
        assert [take.number for take in stage.takes.listed()][::-1] == [t.number for t in dealt]
        assert (await stage.cowriter.suggest((), (), Key(0), Meter(), 1))[0].probability == 0.5

    play(scene, openings(lingers_at=20))


class SlowInspire(FakeInspire):
    """Reads a text for ever."""

    def serve(
        self, request: Inspire | Transcribe, is_cancelled: Callable[[], bool]
    ) -> Iterator[Inspiration | Transcription]:
        while isinstance(request, Inspire) and not is_cancelled():
            time.sleep(0.002)
        if is_cancelled():
            raise Cancelled("the ask was called off")
        yield from super().serve(request, is_cancelled)


class SlowPrior(FakePrior):
    """Fills for ever."""

    def serve(
        self, request: Judge | Fill | Suggest, is_cancelled: Callable[[], bool]
    ) -> Iterator[object]:
        while isinstance(request, Fill) and not is_cancelled():
            time.sleep(0.002)
        if is_cancelled():
            raise Cancelled("the ask was called off")
        yield from super().serve(request, is_cancelled)


@pytest.mark.parametrize("moment", [0, 0.02, 0.5])
@pytest.mark.parametrize(
    "opening",
    [
        replace(openings(), inspire=SlowInspire),
        replace(openings(), proposer=no_llama, prior=SlowPrior),
        openings(lingers_at=0),
    ],
    ids=["reading", "filling", "proposing"],
)
def test_an_ask_is_called_off_wherever_it_is(opening: Openings, moment: float) -> None:
    """While the processes are started, while the models are opened, and while they work."""

    async def scene(stage: Stage) -> None:
        ask = stage.ask("a", ("text", "a warm night"))
        await stage.until("a", Queued)
        await asyncio.sleep(moment)
        assert stage.cowriter.cancel("a") == 1
        with pytest.raises(Cancelled):
            await ask
        assert stage.takes.listed() == []
        assert len(await stage.cowriter.suggest((), (), Key(0), Meter(), 2)) == 2

    play(scene, opening)


def test_calling_an_ask_off_does_not_disturb_a_suggestion() -> None:
    async def scene(stage: Stage) -> None:
        ask = stage.ask("a", ("seed", 1))
        await stage.until("a", Queued)
        suggested = asyncio.create_task(stage.cowriter.suggest((), (), Key(0), Meter(), 2))
        await asyncio.sleep(0)  # it waits for the prior to be opened
        stage.cowriter.cancel("a")
        with pytest.raises(Cancelled):
            await ask
        assert len(await suggested) == 2

    play(scene, openings(lingers_at=0))


# suggesting and hearing


def test_chords_are_suggested_while_cards_are_written() -> None:
    async def scene(stage: Stage) -> None:
        ask = stage.ask("a", *EIGHT)
        await stage.until("a", CardMade)
        found = await stage.cowriter.suggest(read_chords("F D:min"), (), Key(5), Meter(), 3)
        assert [(str(one.chord), one.probability) for one in found] == [
            ("F:maj", 0.5), ("G:min7", 0.25), ("A:min", 0.125),
        ]  # fmt: skip
        assert not ask.done()
        stage.cowriter.cancel("a")
        with pytest.raises(Cancelled):
            await ask

    play(scene, openings(lingers_at=20))


def test_what_is_heard_is_one_card_in_the_asked_key(tmp_path: Path) -> None:
    file = tmp_path / "rain.wav"
    file.write_bytes(b"drops")

    async def scene(stage: Stage) -> None:
        plain = await stage.cowriter.transcribe(file, None, Meter(), "daw", 1)
        moved = await stage.cowriter.transcribe(file, Key(7), Meter(3, 4), "daw", 2)
        assert (plain.key, moved.key) == (Key(5), Key(7))
        assert (plain.proposer, plain.keywords) == (HEARD, ())
        for answer, text, beats in (
            (plain, "F:maj A:min Bb:maj C:7", 16),
            (moved, "G:maj B:min C:maj D:7", 12),
        ):
            ((card,), (take,)) = answer.cards, answer.takes
            assert card.progression.text == text
            assert (card.is_accepted, card.proposer) == (True, HEARD)
            assert (take.clip.length, take.clip.tempo, take.kind) == (beats, 96.0, "card")
        with pytest.raises(FileError, match=r"empty\.wav holds no sound"):
            (tmp_path / "empty.wav").touch()
            await stage.cowriter.transcribe(tmp_path / "empty.wav", None, Meter())
        assert len(stage.takes.listed()) == 2

    play(scene)
