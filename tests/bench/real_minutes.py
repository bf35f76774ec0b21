"""Real minutes of the whole daemon: a person who asks, plays, stops and changes their mind."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

from bandmate.app.serve import Means, Running, running
from bandmate.config import Settings
from bandmate.contract.messages import Atom, Message
from bandmate.timing.player.client import Told
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bench import tracked_port

GROWTH = 24.0
"""MiB that all processes may have more at the end than once everything had run a while."""
SETTLED = 0.4
"""Share of the time after which memory is looked at first: by then all models are warm."""
EXPECTED = {"ask", "busy", "unavailable"}
"""Codes of mistakes that a person makes by hurrying: nothing to play yet, too many asks."""


async def evening(home: Path, seconds: float, seed: int) -> list[str]:
    """Let a person work for so long; return in words what went wrong."""
    counts = home / "counts"
    os.environ[tracked_port.PLACE] = str(counts)
    stage = Stage(has_inputs=False, opening=tracked_port.opened)

    def player(settings: Settings, told: Told) -> PlayerApart:
        return PlayerApart(stage, told)

    async with running(Settings(), Means(player=player, port=0)) as daemon:
        await daemon.warming
        person = Person(daemon, random.Random(seed))
        wrong, grown = await person.works(seconds)
    (told,) = [json.loads(line) for line in counts.read_text("utf-8").splitlines()]
    print(f"real: {seconds / 60:g} min, {dict(person.answers)}, {told}, memory {grown:+.1f} MiB")
    wrong += [f"{told[name]} notes {name}" for name in ("doubled", "hanging") if told[name]]
    return wrong + [f"memory grew by {grown:.1f} MiB"] * (grown > GROWTH)


class Person:
    """Somebody at a controller, in no particular order."""

    def __init__(self, daemon: Running, chance: random.Random) -> None:
        self._daemon = daemon
        self._chance = chance
        self._client = daemon.desk.clients.of_tcp("127.0.0.1", 1, self._hear)
        self._count = 0
        self.answers: Counter[str] = Counter()
        self._wrong: list[str] = []
        self._acts: list[Callable[[], None]] = [
            self._ask, self._ask, self._ask, self._play, self._play, self._mark, self._call_off,
            self._stop, self._lead, self._switch, self._report, self._mix,
        ]  # fmt: skip

    async def works(self, seconds: float) -> tuple[list[str], float]:
        """Do this and that for so long; return mistakes, and by how many MiB memory grew."""
        started, settled = time.monotonic(), 0.0
        while (passed := time.monotonic() - started) < seconds:
            self._chance.choice(self._acts)()
            await asyncio.sleep(self._chance.expovariate(2.0))
            if not settled and passed > seconds * SETTLED:
                settled = _memory()
        self._says("take/stop")
        async with asyncio.timeout(30):
            await self._daemon.desk.idle()
        return self._wrong, _memory() - settled

    def _says(self, address: str, *arguments: Atom) -> None:
        self._count += 1
        message = Message(f"/bandmate/{address}", (self._count, *arguments))
        self._daemon.desk.take_in(self._client, message)

    def _hear(self, message: Message) -> None:
        self.answers[message.address.removeprefix("/bandmate/")] += 1
        if message.address == "/bandmate/error" and message.arguments[1] not in EXPECTED:
            self._wrong.append(f"answered: {message.arguments}")

    def _ask(self) -> None:
        pairs: list[Atom] = ["bars", self._chance.choice((1, 2, 4, 8))]
        line = self._chance.choice(("now", "bar", "bar", "2 bars", "4 bars", ""))
        pairs += ["at", line] if line else ["play", self._chance.randrange(2)]
        if self._chance.random() < 0.3:
            pairs += ["tempo", self._chance.randrange(60, 200), "loop", self._chance.randrange(2)]
        if self._chance.random() < 0.2:
            pairs += ["time_feel", self._chance.choice(("half", "double"))]
        self._says("loop/ask", *pairs)

    def _play(self) -> None:
        line = self._chance.choice(("now", "bar", "2 bars", "queue"))
        self._says("take/play", 0, "at", line, "loop", self._chance.randrange(2))

    def _mark(self) -> None:
        self._says(self._chance.choice(("take/accept", "take/reject", "take/undo")))

    def _call_off(self) -> None:
        # The last few messages were perhaps asks.
        back = self._count - self._chance.randrange(4)
        message = Message("/bandmate/cancel", (back,))
        self._daemon.desk.take_in(self._client, message)

    def _stop(self) -> None:
        self._says(self._chance.choice(("take/stop", "panic")))

    def _lead(self) -> None:
        pairs = self._chance.choice(
            (("tempo", self._chance.randrange(60, 200)), ("is_rolling", 1), ("is_rolling", 0))
        )
        self._says("transport/set", *pairs)

    def _switch(self) -> None:
        source = self._chance.choice(("internal", "internal", "clock", "bridge"))
        self._says("transport/set", "source", source)

    def _report(self) -> None:
        beat = self._chance.choice((0.0, 4.0, time.monotonic() % 1000))
        self._says("transport/report", "beat", beat, "tempo", 100, "is_rolling", 1)

    def _mix(self) -> None:
        self._says("take/mix", "mute", self._chance.choice(("", "drums", "bass,keys")))


def _memory() -> float:
    """Return the MiB of this process and all that it started."""
    own = psutil.Process(os.getpid())
    family = [own, *own.children(recursive=True)]
    return sum(one.memory_info().rss for one in family) / 2**20
