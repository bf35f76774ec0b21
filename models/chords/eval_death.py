"""What the death of llama.cpp in the middle of a batch costs: its process is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from bandmate.app.standalone import Openings
from bandmate.asks.chords import ChordAsk
from bandmate.asks.song import Song
from bandmate.compose.chords import CoWriter
from bandmate.config import Settings
from bandmate.takes.store import Takes
from bandmate.workers.worker import Worker

_TIMES = 5


def death() -> dict[str, Any]:
    """Kill llama.cpp's process while it writes, some times; return how long the answer took."""
    return asyncio.run(_death())


async def _death() -> dict[str, Any]:
    opening = Openings.shipped(Settings())
    with tempfile.TemporaryDirectory() as folder:
        takes = Takes(Path(folder) / "takes.sqlite", Path(folder) / "clips")
        proposer = Worker(opening.proposer, "the proposer")
        prior = Worker(opening.prior, "the prior")
        inspire = Worker(opening.inspire, "the inspiration's models")
        cowriter = CoWriter(Settings(), proposer, prior, inspire, takes)
        seconds, names = [], []
        try:
            await _cards(cowriter, 0)  # warm
            for seed in range(1, _TIMES + 1):
                asked = asyncio.create_task(_cards(cowriter, seed))
                await asyncio.sleep(0.05)
                assert proposer.pid is not None
                os.kill(proposer.pid, signal.SIGKILL)
                killed = time.monotonic()
                names.append(await asked)
                seconds.append(round(time.monotonic() - killed, 2))
        finally:
            await asyncio.gather(proposer.stop(), prior.stop(), inspire.stop())
            takes.close()
    return {
        "killed": _TIMES,
        "answered by the prior": sum(name.startswith("prior@") for name in names),
        "seconds from the death to the answer, longest": max(seconds),
    }


async def _cards(cowriter: CoWriter, seed: int) -> str:
    ask = ChordAsk.read([("keywords", "melancholic,slow"), ("seed", seed)])
    answer = await cowriter.chords(ask, Song(), "evaluation", lambda _: None)
    assert len(answer.cards) == 4
    return answer.proposer
