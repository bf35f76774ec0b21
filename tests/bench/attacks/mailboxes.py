"""Thousands of mailboxes by UDP: how many are made, and what a look through all costs.

python -m bench.attacks.mailboxes
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from bandmate.wires.mailbox import Mailboxes, MailboxWire
from bench.attacks.tables import own_home, show
from wires.fake_daemon import House, housed

ASKS = 5000


async def _asked(house: House, wire: MailboxWire, address: str, *said: str) -> int:
    client, _ = house.client()
    for number in range(ASKS):
        house.says(client, address, number, *said, "reply", f"mailbox:m{number}")
        if number % 100 == 99:
            await house.desk.idle()
            await asyncio.sleep(0.01)
    await asyncio.sleep(1.0)
    return sum(path.is_dir() for path in wire.files.folder.iterdir())


async def _story(address: str, *said: str) -> int:
    from bandmate import paths

    async with housed() as house:
        wire = MailboxWire(paths.mailboxes(), house.desk, house.clients)
        await wire.open()
        try:
            return await _asked(house, wire, address, *said)
        finally:
            await house.desk.close()
            await wire.close()


def _look() -> float:
    """Return the milliseconds of a look through ASKS mailboxes that lie there already."""
    with own_home() as home:
        for number in range(ASKS):
            (home / "mailbox" / f"m{number}" / "asks").mkdir(parents=True)
        boxes = Mailboxes(home / "mailbox")
        began = time.perf_counter()
        for _ in range(20):
            boxes.taken()
        return (time.perf_counter() - began) / 20 * 1000


def _forgotten() -> int:
    """Return how many of ASKS empty mailboxes, an hour old, a new start leaves."""
    with own_home() as home:
        now = time.time()
        for number in range(ASKS):
            box = home / "mailbox" / f"m{number}"
            for part in (box / "asks", box / "answers"):
                part.mkdir(parents=True)
            for part in (box / "asks", box / "answers", box):
                os.utime(part, (now - 3600, now - 3600))
        boxes = Mailboxes(home / "mailbox")
        boxes.open(now)
        return len(list((home / "mailbox").iterdir()))


def main() -> int:
    """Try both ways; return 1 where more than a hundred were made."""
    made = []
    for address, *said in (("song/get",), ("hello", "client", "x")):
        with own_home():
            made.append(asyncio.run(_story(address, *said)))
    left = _forgotten()
    rows: list[tuple[object, ...]] = [
        (f"mailboxes made by {ASKS} asks", made[0]),
        (f"mailboxes made by {ASKS} hellos", made[1]),
        (f"of {ASKS} empty ones, an hour old, a start leaves", left),
        (f"a look through {ASKS}, ms (every 50)", f"{_look():.1f}"),
    ]
    show(rows, "what", "count")
    return int(max(*made, left) > 100)


if __name__ == "__main__":
    sys.exit(main())
