"""What attacks share: a table, a home that is gone afterwards, and an attempt that is timed."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bandmate.errors import BandmateError

# What is told of each fault is no part of the figures.
logging.getLogger().addHandler(logging.NullHandler())


@contextmanager
def own_home() -> Iterator[Path]:
    """Let bandmate live in a folder of its own while the block runs."""
    before = os.environ.get("BANDMATE_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BANDMATE_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop("BANDMATE_HOME")
            if before is not None:
                os.environ["BANDMATE_HOME"] = before


def tried(attempt: Callable[[], object]) -> tuple[str, float]:
    """Return what came of an attempt, and its seconds: done, refused in words, or how it broke."""
    began = time.perf_counter()
    try:
        attempt()
        what = "done"
    except BandmateError as error:
        what = "in words" if len(str(error)) < 500 else "in many words"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        what = type(error).__name__
    return what, time.perf_counter() - began


def show(rows: list[tuple[object, ...]], *heads: str) -> None:
    """Print rows under their heads."""
    texts = [tuple(map(_text, row)) for row in [heads, *rows]]
    widths = [max(len(row[i]) for row in texts) for i in range(len(heads))]
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join(cells).rstrip(), flush=True)


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
