"""Bad weather for the OSC wire: `make stress`.

    python -m bench.stress [paced asks] [unpaced asks] [share] [seed]

An instant generator behind the wire, eight clients at once, *share* of all datagrams lost, as many
doubled, as many swapped, both ways. The exit code is 1 where the books are not balanced: where an
ask was answered by nobody, or in two ways, or written twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time

from wires.storm import Books, storm

USUAL = (10_000.0, 5_000.0, 0.05, 1.0)
CLIENTS = 8


def main() -> int:
    """Run both storms and return the exit code."""
    said = [float(word) for word in sys.argv[1:]]
    paced, unpaced, share, seed = (*said, *USUAL[len(said) :])
    is_balanced = True
    for name, asks, at_once in (
        ("paced", int(paced), 1),
        ("unpaced", int(unpaced), int(unpaced) // CLIENTS),
    ):
        with tempfile.TemporaryDirectory() as home:
            os.environ["BANDMATE_HOME"] = home
            began = time.perf_counter()
            books = asyncio.run(storm(CLIENTS, asks, at_once, share=share, seed=int(seed)))
            _show(name, books, time.perf_counter() - began)
            is_balanced = is_balanced and books.is_balanced
    return 0 if is_balanced else 1


def _show(name: str, books: Books, seconds: float) -> None:
    print(f"{name}: {books.asked} asks of {CLIENTS} clients in {seconds:.1f} s")
    print(f"  {books.sent} datagrams sent; {books.lost} lost, {books.doubled} doubled, "
          f"{books.swapped} swapped on the way")  # fmt: skip
    print(f"  made {books.made}, refused in words {sum(books.refused.values())}, "
          f"silent {books.silent}, twice {books.twice}, kept {books.kept}")  # fmt: skip
    for words, count in books.refused.items():
        print(f"    {count} x {words}")
    print(f"  {'balanced' if books.is_balanced else 'NOT BALANCED'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
