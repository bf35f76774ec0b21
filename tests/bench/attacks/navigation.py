"""What a page of another site makes the daemon do, as a browser would ask; and unread sounds.

    python -m bench.attacks.navigation [sounds]

First each way in which a browser loads something for another site, with the headers that Chromium
sends: how many were answered with what they asked for. Then sounds of long takes (5 minutes) that
somebody of this machine asks for and does not read: what they cost in memory and temporary files.
The exit code is 1 where another site gets more than the page by a link.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from itertools import product

from bench.attacks.target import Target

SOUNDS = 24
SECONDS = 40.0
"""How long unread sounds are watched."""

WAYS = {
    "a link": ("navigate", "document"),
    "an iframe": ("navigate", "iframe"),
    "an object": ("navigate", "object"),
    "a picture": ("no-cors", "image"),
    "a sound": ("no-cors", "audio"),
    "a script": ("no-cors", "script"),
    "a fetch": ("no-cors", "empty"),
}
SITES = ("cross-site", "same-site")
PATHS = ("/", "/main.js", "/clips/1.mid", "/sound/1.wav")


def by_navigation(target: Target) -> bool:
    """Try every way to every path; return whether the page by a link was all."""
    answered: dict[str, list[str]] = {}
    for (way, (mode, goal)), site, path in product(WAYS.items(), SITES, PATHS):
        said = f"Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {goal}\r\n"
        if target.fetched(path, said) == 200:
            answered.setdefault(way, []).append(f"{path} ({site})")
    for way in WAYS:
        print(f"{way:<12}{', '.join(answered.get(way, ['nothing']))}")
    return answered == {"a link": [f"/ ({site})" for site in SITES]}


def unread(target: Target, count: int) -> None:
    """Ask for sounds and read none; print what they cost at the worst."""
    numbers = [target.makes_take(bars=50, tempo=40.0) for _ in range(count)]
    before = target.resident
    memory, files, family = 0.0, 0, 0.0
    with ExitStack() as stack:
        for number in numbers:
            stack.enter_context(target.requests(f"/sound/{number}.wav", is_slow=True))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            memory = max(memory, target.resident - before)
            files = max(files, target.temporary_bytes)
            rendering = [member.memory_info().rss for member in target.family()]
            family = max(family, max(rendering, default=0) / 2**20)
            time.sleep(0.2)
    print(f"{count} unread sounds: the daemon grew by {memory:.0f} MB, temporary files "
          f"{files / 2**20:.0f} MB, its largest child {family:.0f} MB")  # fmt: skip


def main() -> int:
    """Try both; return the exit code."""
    target = Target()
    try:
        target.makes_take()
        is_well = by_navigation(target)
        unread(target, int(sys.argv[1]) if len(sys.argv) > 1 else SOUNDS)
        return 0 if is_well else 1
    finally:
        target.close()


if __name__ == "__main__":
    sys.exit(main())
