"""What chords cost on this machine, one thread each: `make bench-chords`.

Prints CPU seconds and counts, which hold on a busy machine; milliseconds are upper bounds there.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bandmate import paths
from bandmate.app.standalone import Openings
from bandmate.asks.chords import ChordAsk
from bandmate.asks.notation import read_chords
from bandmate.asks.song import Song
from bandmate.chords.cards import ChordPlan
from bandmate.chords.requests import Propose, Suggest
from bandmate.chords.service import open_own, open_prior
from bandmate.compose.chords import CardMade, ChordProgress, CoWriter
from bandmate.config import Settings
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import read_keywords
from bandmate.takes.store import Takes
from bandmate.workers.worker import Worker

ASKS = 20
SUGGESTIONS = 50
KEYWORDS = ("melancholic,slow", "jazz,warm", "pop,happy", "dark,cinematic", "folk,hopeful")


def main() -> None:
    """Print every figure."""
    _suggestions()
    _llama()
    asyncio.run(_cards())


def _suggestions() -> None:
    prior = open_prior(paths.shipped("models"), 1.7)
    before = read_chords("C A:min F G C A:min D:min")
    took = []
    for _ in range(SUGGESTIONS):
        started = time.perf_counter()
        list(prior.serve(Suggest(before, (), Key(0), Meter()), lambda: False))
        took.append((time.perf_counter() - started) * 1000)
    print(f"next chord behind seven bars, median   {statistics.median(took):8.1f} ms")


def _llama() -> None:
    """Print what llama.cpp and the proposer add to a process, its package's numpy beside."""
    import numpy as np

    assert np.__version__
    before = psutil.Process().memory_info().rss
    own = open_own(paths.shipped("models"))
    plan = ChordPlan(Key(0), 4, Meter(), 120.0, 1, keywords=read_keywords(KEYWORDS[0]))
    used = []
    for _ in range(ASKS):
        started = time.process_time()
        list(own.serve(Propose(plan), lambda: False))
        used.append(time.process_time() - started)
    added = (psutil.Process().memory_info().rss - before) / 2**20
    print(f"llama.cpp and the proposer add         {added:8.0f} MiB")
    print(f"thirty proposals of four bars, median  {statistics.median(used):8.2f} CPU s")


async def _cards() -> None:
    opening = Openings.shipped(Settings())
    with tempfile.TemporaryDirectory() as folder:
        takes = Takes(Path(folder) / "takes.sqlite", Path(folder) / "clips")
        proposer = Worker(opening.proposer, "the proposer")
        prior = Worker(opening.prior, "the prior")
        inspire = Worker(opening.inspire, "the inspiration's models")
        cowriter = CoWriter(Settings(), proposer, prior, inspire, takes)
        try:
            await _ask(cowriter, 0)  # warm
            used = [psutil.Process(worker.pid) for worker in (proposer, prior)]
            before = _cpu([*used, psutil.Process()])
            firsts, wholes = [], []
            for seed in range(1, ASKS + 1):
                first, whole = await _ask(cowriter, seed)
                firsts.append(first)
                wholes.append(whole)
            cpu = (_cpu([*used, psutil.Process()]) - before) / ASKS
            print(f"four cards from a warm proposer        {cpu:8.2f} CPU s")
            print(f"first card, median                     {statistics.median(firsts):8.0f} ms")
            print(f"four cards, median                     {statistics.median(wholes):8.0f} ms")
        finally:
            await asyncio.gather(proposer.stop(), prior.stop(), inspire.stop())
            takes.close()


async def _ask(cowriter: CoWriter, seed: int) -> tuple[float, float]:
    """Ask for four cards; return the milliseconds until the first and until all."""
    first: list[float] = []
    started = time.perf_counter()

    def told(news: ChordProgress) -> None:
        if isinstance(news, CardMade) and not first:
            first.append((time.perf_counter() - started) * 1000)

    ask = ChordAsk.read([("keywords", KEYWORDS[seed % len(KEYWORDS)]), ("seed", seed)])
    await cowriter.chords(ask, Song(), "bench", told)
    return first[0], (time.perf_counter() - started) * 1000


def _cpu(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


if __name__ == "__main__":
    main()
