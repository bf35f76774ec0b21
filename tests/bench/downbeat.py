"""Ready on the downbeat: takes asked for just before a line, on a machine with no idle core.

    python -m bench.downbeat [asks a tempo]

The real model in its process, real players in theirs (their output goes nowhere), and a process
that spins for each of two cores. Each ask is for two bars of four parts, names the next 2-bar line
of 4/4 and is placed 1 to 8 beats before it; then the next one takes over. So that this takes some
minutes and not half an hour, two to four players run side by side, half a bar apart, and share the
one model: asks that meet wait for each other, which makes it no easier. A line is missed where the
turn of an ask came so late that it begins on a later one; until then what played plays on. Figures
go to downbeat.json beside this file.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bandmate.asks.song import Songs
from bandmate.clients.clients import Client, Clients
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.handlers.dispatcher import Desk
from bandmate.handlers.routes import ROUTES
from bandmate.loops.service import shipped_loops
from bandmate.takes.store import Takes
from bandmate.timing.player.client import Deck
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bandmate.workers.worker import Worker
from bench import null_port

PLAYERS = {60.0: 4, 120.0: 3, 180.0: 2}
"""How many play at once, by tempo."""
ASKS = 100
BUSY = 2
LINE = 8.0
"""Beats from one 2-bar line to the next."""
SEED = 5
LOOP: tuple[Atom, ...] = (
    "bars", 2, "parts", "drums,bass,keys,lead", "at", "2 bars", "key", "A:min",
)  # fmt: skip
FILE = Path(__file__).with_name("downbeat.json")


class Ears:
    """What a client was told, each with the second when it came."""

    def __init__(self) -> None:
        self.told: list[tuple[float, Message]] = []
        self.news = asyncio.Event()

    def __call__(self, message: Message) -> None:
        self.told.append((time.monotonic(), message))
        self.news.set()


@dataclass
class Band:
    """One player, and the client that asks it."""

    desk: Desk
    client: Client
    heard: Ears

    def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        self.desk.take_in(self.client, Message(f"/bandmate/{address}", arguments))

    def of(self, address: str, id_: Atom) -> list[tuple[float, Message]]:
        """Return what was answered to an ask from an address."""
        wanted = (f"/bandmate/{address}", id_)
        return [
            pair for pair in self.heard.told if (pair[1].address, pair[1].arguments[0]) == wanted
        ]

    async def until(self, address: str, id_: Atom) -> Message:
        """Wait for an answer; raises RuntimeError where it is a mistake."""
        while not (found := self.of(address, id_)):
            for _, error in self.of("error", id_):
                raise RuntimeError(error.arguments[-1])
            self.heard.news.clear()
            await self.heard.news.wait()
        return found[-1][1]

    async def until_beat(self, beat: float) -> None:
        """Wait for a beat of its own transport."""
        grid = self.desk.deck.grid
        await asyncio.sleep(max(0.0, grid.second_of(beat) - time.monotonic()))


def main() -> None:
    """Print the figures and write them down."""
    asks = int(sys.argv[1]) if len(sys.argv) > 1 else ASKS
    with tempfile.TemporaryDirectory() as home, _busy():
        os.environ["BANDMATE_HOME"] = home
        rows = asyncio.run(_measured(Path(home), asks))
    told = {"cores": os.cpu_count(), "busy": BUSY, "tempi": rows}
    FILE.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    for row in rows:
        print(" ".join(f"{name} {value}" for name, value in row.items()))


@contextmanager
def _busy() -> Iterator[None]:
    """Keep every core busy while the block runs."""
    spinning = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(BUSY)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.join()


def _spin() -> None:
    while True:
        pass


async def _measured(home: Path, asks: int) -> list[dict[str, object]]:
    takes = Takes(home / "takes.sqlite3", home / "clips")
    worker = Worker(shipped_loops("cpu", 1), "the loop model")
    rows = []
    async with AsyncExitStack() as stack:
        stack.callback(takes.close)
        stack.push_async_callback(worker.stop)
        composer = Composer(Settings(), worker, takes)
        bands = []
        for number in range(max(PLAYERS.values())):
            band = _band(composer, takes, number)
            stack.push_async_callback(band.desk.deck.close)
            stack.push_async_callback(band.desk.close)
            await band.desk.deck.open()
            bands.append(band)
        for tempo, count in PLAYERS.items():
            rows.append(await _at_tempo(bands[:count], tempo, asks))
    return rows


def _band(composer: Composer, takes: Takes, number: int) -> Band:
    stage = Stage(has_inputs=False, opening=null_port.opened)
    clients, deck = Clients(), Deck(lambda told: PlayerApart(stage, told))
    desk = Desk(
        composer, cast(CoWriter, None), takes, Songs(), clients, deck, lambda: (), routes=ROUTES
    )
    heard = Ears()
    return Band(desk, clients.of_tcp("127.0.0.1", number, heard), heard)


async def _at_tempo(bands: list[Band], tempo: float, asks: int) -> dict[str, object]:
    started = time.monotonic()
    chance = random.Random(f"{SEED} {tempo}")
    each = -(-asks // len(bands))
    leads = [[chance.uniform(1.0, LINE) for _ in range(each)] for _ in bands]
    before = [(band.desk.deck.met, band.desk.deck.missed) for band in bands]
    found = await asyncio.gather(
        *(_played(band, tempo, number, leads[number]) for number, band in enumerate(bands))
    )
    told = [row for rows in found for row in rows]
    own, stand_in, silent = (sum(row[name] for row in told) for name in ("own", "other", "silent"))
    first = [row["first_bar_ms"] for row in told]
    met = sum(b.desk.deck.met - was[0] for b, was in zip(bands, before, strict=True))
    missed = sum(b.desk.deck.missed - was[1] for b, was in zip(bands, before, strict=True))
    return {
        "tempo": tempo,
        "players": len(bands),
        "asks": len(told),
        "own_bars": own,
        "stand_in_bars": stand_in,
        "silent_bars": silent,
        "own_share": round(own / (own + stand_in + silent), 4),
        "asks_all_own": sum(row["other"] == row["silent"] == 0 for row in told),
        "lines_missed": sum(row["is_moved"] for row in told),
        "told_late": sum(row["is_late"] for row in told),
        "deadlines_met": met,
        "deadlines_missed": missed,
        "first_bar_ms_median": round(statistics.median(first), 1),
        "first_bar_ms_max": round(max(first), 1),
        "seconds": round(time.monotonic() - started, 1),
    }


async def _played(
    band: Band, tempo: float, number: int, leads: list[float]
) -> list[dict[str, float]]:
    """Ask so many beats before each of the lines that follow each other."""
    await asyncio.sleep(number * 2 * 60 / tempo)
    await band.desk.deck.lead(tempo, None, True)
    band.says("loop/ask", f"{tempo} first", "bars", 4, "key", "A:min", "seed", 1)
    first = await band.until("loop/made", f"{tempo} first")
    band.says("take/accept", f"{tempo} accepted", dict(pairs_of(first.arguments[1:]))["take"])
    await band.until("take/accepted", f"{tempo} accepted")
    grid = band.desk.deck.grid
    start = grid.next_bar(grid.beat_at(time.monotonic()), 2) + LINE
    asks = []
    for index, lead in enumerate(leads):
        await band.until_beat(start + index * LINE - lead)
        asks.append(asyncio.create_task(_asked(band, f"{tempo} {index}", start + index * LINE)))
    await band.until_beat(start + len(leads) * LINE)
    band.says("take/stop", f"{tempo} stop")
    await band.until("take/stopped", f"{tempo} stop")
    rows = await asyncio.gather(*asks)
    await band.desk.deck.lead(None, None, False)
    band.heard.told.clear()
    return list(rows)


async def _asked(band: Band, id_: str, line: float) -> dict[str, float]:
    due = band.desk.deck.grid.second_of(line)
    band.says("loop/ask", id_, *LOOP)
    made = dict(pairs_of((await band.until("loop/made", id_)).arguments[1:]))
    _, _, own, stand_in, silent = (await band.until("take/played", id_)).arguments
    planned = [(when, dict(pairs_of(m.arguments[1:]))) for when, m in band.of("loop/planned", id_)]
    when, last = planned[-1]
    begun = when + float(last["begins_ms"]) / 1000
    return {
        "own": int(own),
        "other": int(stand_in),
        "silent": int(silent),
        "is_late": any(told["is_late"] for _, told in planned),
        "is_moved": abs(begun - due) > 0.1,
        "first_bar_ms": float(made["first_bar_ms"]),
    }


if __name__ == "__main__":
    main()
