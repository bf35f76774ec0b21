"""A long evening: `make soak`. Playing, asking, calling off and switching sources at random.

    python -m bench.soak [hours of music] [real minutes] [seed]

First four hours of music on a clock that is moved by hand, as fast as this machine goes, then five
real minutes of the whole daemon, its model and its player in processes of their own. The exit code
is 1 where a note hangs or is struck twice, where anything raises, or where memory grows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path

from bench.offline_hours import Offline
from bench.real_minutes import evening

USUAL = (4.0, 5.0, 7.0)
"""Hours of music by the offline clock, real minutes, seed."""


class Errors(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a record."""
        self.words.append(self.format(record))


def main() -> int:
    """Run both parts and return the exit code."""
    said = [float(word) for word in sys.argv[1:]]
    hours, minutes, seed = (*said, *USUAL[len(said) :])
    errors = Errors()
    logging.getLogger().addHandler(errors)
    print(f"seed {seed:g}", flush=True)
    wrong = Offline(int(seed)).played(hours * 3600) if hours else []
    if minutes:
        with tempfile.TemporaryDirectory() as home:
            os.environ["BANDMATE_HOME"] = home
            wrong += asyncio.run(evening(Path(home), minutes * 60, int(seed)))
    wrong += [f"logged: {words}" for words in errors.words]
    for words in wrong:
        print(f"WRONG: {words}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
