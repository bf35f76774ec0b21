"""The one path from an ask to takes: progress, the line, calling off, and a worker that dies."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.compose.loops import BarMade, Begun, Composer, Progress, Queued, TakeMade
from bandmate.config import Settings
from bandmate.errors import AskError, Cancelled, FileError, Unavailable
from bandmate.loops.finishing import finished
from bandmate.loops.plan import CellTask
from bandmate.music import midifile
from bandmate.plans.loop import plan_from_json
from bandmate.takes.store import Take, Takes
from bandmate.workers.worker import Worker
from fakes import MODEL, FakeServant, fake_bars, open_fake

LONG = 5
"""The fake lingers before this bar until it is called off: longer asks do not end by themselves."""


LINGERING = partial(open_fake, LONG - 1)


class Band:
    """A composer with all that stands behind it, and what everybody was told."""

    def __init__(self, worker: Worker, takes: Takes, queue: int) -> None:
        self.worker = worker
        self.takes = takes
        self.composer = Composer(Settings(queue=queue), worker, takes)
        self.told: dict[str, list[Progress]] = {}
        self._news = asyncio.Condition()

    def ask(
        self, who: str, *pairs: tuple[str, object], id: object = None
    ) -> asyncio.Task[list[Take]]:
        """Ask as *who*, from a task of its own."""
        told = self.told.setdefault(who, [])
        ask = LoopAsk.read(pairs)
        return asyncio.create_task(self.composer.loop(ask, Song(), who, told.append, id))

    async def made(self, who: str, *pairs: tuple[str, object]) -> list[Take]:
        """Ask as *who* and wait for the takes."""
        return await self.ask(who, *pairs)

    def places(self, who: str) -> list[int]:
        """Return the places in the line that *who* was told."""
        return [news.place for news in self.told[who] if isinstance(news, Queued)]

    async def until_bar(self, who: str) -> None:
        """Wait until a bar was made for *who*."""
        while not any(isinstance(news, BarMade) for news in self.told[who]):
            await asyncio.sleep(0.001)


def play(
    scene: Callable[[Band], Coroutine[object, object, None]],
    opening: Callable[[], FakeServant] = LINGERING,
    queue: int = 16,
) -> None:
    """Play a scene with a band that is sent home after it."""

    async def whole() -> None:
        takes = Takes(paths.database(), paths.clips())
        worker = Worker(opening, "loops")
        try:
            await scene(Band(worker, takes, queue))
        finally:
            await worker.stop()
            takes.close()

    asyncio.run(whole())


def test_an_ask_becomes_a_take_and_its_bars_are_told() -> None:
    async def scene(band: Band) -> None:
        pairs = [("bars", 3), ("key", "A:min"), ("genre", "funk"), ("seed", 7), ("tempo", 96)]
        (take,) = await band.made("daw", *pairs)
        plan = plan_from_json(take.ask)
        assert (plan.bars, str(plan.key), plan.genre, plan.seed) == (3, "A:min", "funk", 7)
        assert take.clip == finished(plan, fake_bars(plan))
        assert (take.client, take.model, take.seed) == ("daw", MODEL, 7)
        assert take.file.name == "funk drums+bass+keys Am 96 #1.mid"
        assert midifile.read(take.file).note_count == take.clip.note_count
        assert 0 < take.first_bar_ms <= take.made_ms
        bars = [BarMade(0, i, 3, bar) for i, bar in enumerate(fake_bars(plan))]
        assert band.told["daw"] == [Queued(0), Begun((plan,)), *bars, TakeMade(0, take)]

    play(scene)


def test_the_same_seed_and_plan_give_the_same_bytes() -> None:
    async def scene(band: Band) -> None:
        (once,) = await band.made("a", ("seed", 7), ("key", "D:dor"))
        (again,) = await band.made("b", ("seed", 7), ("key", "D:dor"))
        (other,) = await band.made("c", ("seed", 8), ("key", "D:dor"))
        assert once.file.read_bytes() == again.file.read_bytes() != other.file.read_bytes()
        assert once.number != again.number

    play(scene)


def test_takes_are_made_from_seeds_that_follow_each_other() -> None:
    async def scene(band: Band) -> None:
        takes = await band.made("daw", ("seed", 7), ("takes", 3), ("bars", 1))
        (second,) = await band.made("daw", ("seed", 8), ("bars", 1))
        assert [take.seed for take in takes] == [7, 8, 9]
        assert takes[1].clip == second.clip
        bars = [news for news in band.told["daw"] if isinstance(news, BarMade)]
        assert [news.take for news in bars] == [0, 1, 2, 0]

    play(scene)


def test_an_ask_may_pin_its_model() -> None:
    async def scene(band: Band) -> None:
        assert len(await band.made("daw", ("model", MODEL))) == 1
        with pytest.raises(AskError, match=rf"model must be {MODEL}, which is loaded, not loops@"):
            await band.made("daw", ("model", "loops@1a2b3c4d"))

    play(scene)


def test_a_preset_is_used_and_an_unknown_one_is_told_the_nearest() -> None:
    async def scene(band: Band) -> None:
        (take,) = await band.made("daw", ("preset", "village-waltz"), ("bars", 1))
        assert (str(take.clip.meter), take.clip.length) == ("3/4", 3.0)
        with pytest.raises(AskError, match=r"preset must be one such as .*village-waltz.*'waltz'"):
            await band.made("daw", ("preset", "waltz"))

    play(scene)


def test_a_take_is_changed_and_what_is_kept_is_exact() -> None:
    async def scene(band: Band) -> None:
        (first,) = await band.made("daw", ("bars", 4), ("seed", 7), ("feel", 0))
        pairs = [("take", first.number), ("refill", "bass:2"), ("seed", 8), ("feel", 0)]
        (second,) = await band.made("daw", *pairs)
        plan = plan_from_json(second.ask)
        assert plan.tasks == (CellTask(1, "bass"),)
        before, after = first.clip.parts[1].notes, second.clip.parts[1].notes
        assert [n for n in after if not 4 <= n.start < 8] == [
            n for n in before if not 4 <= n.start < 8
        ]
        assert after != before
        assert second.clip.parts[0] == first.clip.parts[0]
        (third,) = await band.made("daw", ("between", f"{first.number},{second.number}"))
        assert len(plan_from_json(third.ask).tasks or ()) == 12

    play(scene)


def test_a_persons_clip_is_read_when_its_turn_has_come(tmp_path: Path) -> None:
    async def scene(band: Band) -> None:
        (take,) = await band.made("daw", ("bars", 2), ("seed", 7), ("tempo", 97))
        pairs = [("context", str(take.file)), ("add", "lead")]
        first = band.ask("first", ("bars", LONG))
        await band.until_bar("first")
        second = band.ask("second", *pairs)
        await asyncio.sleep(0)
        assert band.places("second") == [1]
        band.composer.cancel("first")
        with pytest.raises(Cancelled):
            await first
        (made,) = await second
        assert [part.name for part in made.clip.parts] == ["drums", "bass", "keys", "lead"]
        assert (made.clip.bars, made.clip.tempo) == (2, 97.0)
        (tmp_path / "in.mid").write_bytes(b"no")
        with pytest.raises(FileError, match=r"in\.mid is not a MIDI file"):
            await band.made("daw", ("context", str(tmp_path / "in.mid")), ("add", "lead"))
        with pytest.raises(AskError, match=r"take must be in 1..2, not 9"):
            await band.made("daw", ("take", 9), ("add", "lead"))

    play(scene)


def test_others_wait_in_a_line_and_are_told_their_place() -> None:
    async def scene(band: Band) -> None:
        first = band.ask("first", ("bars", LONG))
        await band.until_bar("first")
        others = [band.ask(who, ("bars", 1)) for who in ("second", "third")]
        await asyncio.sleep(0)
        assert (band.places("second"), band.places("third")) == ([1], [2])
        assert band.composer.cancel("first") == 1
        with pytest.raises(Cancelled):
            await first
        takes = await asyncio.gather(*others)
        assert [take.client for (take,) in takes] == ["second", "third"]
        assert takes[0][0].number < takes[1][0].number
        assert (band.places("second"), band.places("third")) == ([1, 0], [2, 1, 0])

    play(scene)


def test_a_waiting_ask_is_called_off_at_once_and_no_other_is() -> None:
    async def scene(band: Band) -> None:
        running = band.ask("daw", ("bars", LONG), id=1)
        await band.until_bar("daw")
        waiting = band.ask("daw", ("bars", 1), id=2)
        last = band.ask("page", ("bars", 1), id=2)
        await asyncio.sleep(0)
        assert band.composer.cancel("daw", 2) == 1
        with pytest.raises(Cancelled):
            await waiting
        assert band.places("page") == [2, 1]
        assert not running.done()
        assert band.composer.cancel("daw", 3) == 0
        assert band.composer.cancel("daw") == 1
        with pytest.raises(Cancelled):
            await running
        assert len(await last) == 1

    play(scene)


def test_an_ask_called_off_between_takes_keeps_those_that_are_made() -> None:
    async def scene(band: Band) -> None:
        asked = band.ask("daw", ("bars", 1), ("takes", 8), id=5)
        await band.until_bar("daw")
        band.composer.cancel("daw", 5)
        with pytest.raises(Cancelled):
            await asked
        kept = len(band.takes.listed(99))
        assert kept < 8
        assert len(list(paths.clips().iterdir())) == kept

    play(scene)


def test_a_task_that_is_cancelled_makes_room_for_the_next() -> None:
    async def scene(band: Band) -> None:
        running = band.ask("daw", ("bars", LONG))
        await band.until_bar("daw")
        waiting = band.ask("page", ("bars", 1))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(await waiting) == 1

    play(scene)


def test_a_line_that_is_full_says_so() -> None:
    async def scene(band: Band) -> None:
        asked = [band.ask("daw", ("bars", LONG)) for _ in range(3)]
        await band.until_bar("daw")
        with pytest.raises(Unavailable, match=r"2 asks wait already; ask again when one is made"):
            await band.made("page")
        band.composer.cancel("daw")
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(result) for result in results] == [Cancelled] * 3
        assert len(await band.made("page")) == 1

    play(scene, queue=2)


def test_a_worker_that_dies_is_an_answer_and_the_next_ask_works() -> None:
    async def scene(band: Band) -> None:
        asked = band.ask("daw", ("bars", LONG))
        await band.until_bar("daw")
        assert band.worker.pid is not None
        os.kill(band.worker.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"loops died while it worked"):
            await asked
        assert len(await band.made("daw", ("bars", 1))) == 1

    play(scene)


def test_a_disk_that_is_full_is_an_answer_and_the_next_ask_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def is_full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def scene(band: Band) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", is_full)
            with pytest.raises(FileError, match=r"No space left on device"):
                await band.made("daw")
        assert not list(paths.clips().iterdir())
        assert len(await band.made("daw")) == 1

    play(scene)


def test_an_asker_that_cannot_be_told_harms_no_other() -> None:
    def breaks(news: Progress) -> None:
        raise RuntimeError("gone")

    async def scene(band: Band) -> None:
        running = band.ask("daw", ("bars", LONG))
        await band.until_bar("daw")
        broken = asyncio.create_task(band.composer.loop(LoopAsk(), Song(), "gone", breaks))
        last = band.ask("page", ("bars", 1))
        await asyncio.sleep(0)
        band.composer.cancel("daw")
        with pytest.raises(Cancelled):
            await running
        with pytest.raises(RuntimeError):
            await broken
        assert len(await last) == 1

    play(scene)


LIGHT = """
import sys
from bandmate import compose
from bandmate.loops.service import open_loops
print([name for name in ("numpy", "onnxruntime", "torch", "miditok") if name in sys.modules])
"""


def test_the_daemons_own_process_imports_no_model() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(paths.__file__).parents[1])}
    command = [sys.executable, "-c", LIGHT]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
