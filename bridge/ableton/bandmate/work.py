"""Work in small pieces: what Live is asked in one tick stays bounded, however large a clip is.

A job is a generator that yields what its last piece cost: a call of Live's or a note counts one.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import Callable, Iterator

from .errands import Ended, nobody

COST_A_TICK = 256
"""Calls and notes in one tick; the piece that crosses this line is the last of its tick."""

PIECE = 64
"""Notes or slots that one piece of a job takes at the most."""

MOST_JOBS = 64
"""Jobs that wait at once."""

log = logging.getLogger(__name__)

Job = Iterator[int]


class NoPlace(Exception):
    """What is wanted cannot be done here; the words say why."""


class Work:
    """Jobs, done one after the other, a little in each tick."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._jobs: deque[tuple[Job, str, Ended]] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job, what: str, ended: Ended = nobody) -> bool:
        """Take a job; *what* names it to the person. False, in words, where too many wait.

        *ended* is told how it ended, unless all is closed before.
        """
        if len(self._jobs) >= MOST_JOBS:
            words = f"{what} cannot be done: {MOST_JOBS} things wait already"
            self._say(words)
            ended(words)
            return False
        self._jobs.append((job, what, ended))
        return True

    def tick(self) -> None:
        """Do as much as one tick may."""
        left = COST_A_TICK
        while self._jobs and left > 0:
            job, what, ended = self._jobs[0]
            try:
                left -= max(1, next(job))
                continue
            except StopIteration:
                words = ""
            except NoPlace as error:
                words = str(error)
            except Exception as error:
                log.exception("%s", what)
                words = f"{what}: {_first_line(error)}"
            self._jobs.popleft()
            if words:
                self._say(words)
            ended(words)

    def close(self) -> None:
        """Give up what is not done; every job closes what it opened."""
        while self._jobs:
            job, what, _ = self._jobs.popleft()
            try:
                job.close()  # type: ignore[attr-defined]
            except Exception:
                log.exception("%s", what)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
