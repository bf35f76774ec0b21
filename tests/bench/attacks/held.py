"""What held stays held: garbage on the wire, kills at any moment, bad weather, foreign origins.

python -m bench.attacks.held
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bandmate import paths
from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.contract.messages import Message, pairs_of
from bandmate.errors import BandmateError
from bandmate.hosts.client import answers
from bandmate.takes.store import Take, Takes
from bandmate.wires.osc import Datagrams, OscWire
from bench.attacks.tables import own_home, show
from fakes import open_fake
from wires.fake_daemon import housed
from wires.storm import storm
from wires.test_garbage import garbage
from wires.weather import HOST

TESTS = Path(__file__).parents[2]
DATAGRAMS, KILLS, ASKS, SHARE = 100_000, 10, 2000, 0.05


class _Counted(logging.Handler):
    """Counts what is worse than a warning."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self.count += 1


async def _garbage() -> tuple[int, int]:
    """Send garbage; return how often it was answered in words, and what went wrong."""
    wrong = 0

    def unhandled(*_: object) -> None:
        nonlocal wrong
        wrong += 1

    asyncio.get_running_loop().set_exception_handler(unhandled)
    async with housed(queue=4) as house:
        wire = OscWire(house.desk, house.clients)
        door = Datagrams(wire)
        for seed in range(DATAGRAMS):
            door.datagram_received(garbage(seed), (HOST, 9002 + seed % 300))
            while seed % 5000 == 4999 and len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0.001)
        await house.desk.idle()
        heard = Counter(message.address for _, message in house.sent_by_udp)
        return heard["/bandmate/error"], wrong


def garbage_on_the_wire() -> tuple[str, str, bool]:
    """Count what random datagrams break."""
    errors = _Counted()
    logging.getLogger().addHandler(errors)
    with own_home():
        told, wrong = asyncio.run(_garbage())
    logging.getLogger().removeHandler(errors)
    bad = wrong + errors.count
    return f"{DATAGRAMS} random datagrams", f"{told} told in words, {bad} faults", not bad


class _Marker(threading.Thread):
    """Asks for loops and marks them until nobody answers; knows what was answered."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(daemon=True)
        self._port, self._chance = port, random.Random(seed)
        self.marks: dict[tuple[int, str], tuple[str, str]] = {}
        """By take and kind of mark: the kind and its value."""
        self.count = 0

    def run(self) -> None:
        """Go on until the daemon is gone."""
        with suppress(BandmateError):
            while True:
                made = self._told("loop/ask", "bars", 1, "parts", "bass")
                number = int(str(dict(pairs_of(made.arguments))["take"]))
                state = self._chance.choice(("accept", "reject"))
                self._told(f"take/{state}", number)
                self.marks[number, "state"] = ("state", f"{state}ed")
                self._told("take/star", number, 1)
                self.marks[number, "star"] = ("star", "1")
                title = f"mark {number} {self._chance.random()}"
                self._told("take/name", number, title)
                self.marks[number, "title"] = ("title", title)
                self.count += 3

    def _told(self, address: str, *said: int | str) -> Message:
        last = None
        for message in answers(HOST, self._port, f"/bandmate/{address}", *said, silence=5.0):
            last = message
            if not message.address.endswith(("queued", "progress", "planned", "written")):
                return message
        raise BandmateError(str(last))


def _has(take: Take | None, kind: str, value: str) -> bool:
    if take is None:
        return False
    marks = {"state": take.state, "star": str(int(take.is_starred)), "title": take.title}
    return marks[kind] == value


def _daemon(port: int) -> subprocess.Popen[bytes]:
    folder = Path(os.environ["BANDMATE_HOME"])
    command = [sys.executable, str(TESTS / "serve_with_fakes.py"), str(port), str(folder / "midi")]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while daemon.poll() is None:
        with suppress(BandmateError):
            next(answers(HOST, port, "/bandmate/hello", silence=0.2))
            return daemon
        time.sleep(0.05)
    raise SystemExit("the daemon does not start after a kill")


def _port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def kills() -> tuple[str, str, bool]:
    """Kill the daemon at any moment, again and again; count the marks that are there at the end."""
    chance, marks, count = random.Random(1), dict[tuple[int, str], tuple[str, str]](), 0
    with own_home():
        for seed in range(KILLS):
            port = _port()
            daemon = _daemon(port)
            marker = _Marker(port, seed)
            marker.start()
            while marker.count < 3 * chance.randrange(22, 30):
                time.sleep(chance.random() / 100)
                if not marker.is_alive():
                    break
            daemon.kill()
            daemon.wait()
            marker.join(30)
            marks |= marker.marks
            count += marker.count
        takes = Takes(paths.database(), paths.clips())
        there = {take.number: take for take in takes.listed(10**6)}
        kept = sum(_has(there.get(number), *mark) for (number, _), mark in marks.items())
        files = {path.name for path in paths.clips().glob("[!.]*.mid")}
        both = files == {take.file.name for take in there.values()}
        takes.close()
    words = f"{kept} of {len(marks)} marks kept, rows and files {'agree' if both else 'DIFFER'}"
    return f"{KILLS} kills at any moment", words, kept == len(marks) and both


def weather() -> tuple[str, str, bool]:
    """Let eight clients ask in bad weather."""
    with own_home():
        books = asyncio.run(storm(8, ASKS, 1, share=SHARE, seed=1))
    words = (
        f"{books.made} made, {books.silent} silent, {books.twice} twice, {books.lost} datagrams "
        f"lost: {'balanced' if books.is_balanced else 'NOT BALANCED'}"
    )
    return f"8 clients at {SHARE:.0%} loss, {ASKS} asks", words, books.is_balanced


FOREIGN = ("http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:1", "file://")
HOSTS = ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1].evil")
PATHS = ("/", "/ws", "/clips/1.mid", "/sound/1.wav", "/main.js")
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def _status(port: int, path: str, host: str, origin: str) -> int:
    """Return the status that a request gets; 0 for none."""
    reader, writer = await asyncio.open_connection(HOST, port)
    named = f"Host: {host}\r\n" + (f"Origin: {origin}\r\n" if origin else "")
    more = UPGRADE if path == "/ws" else ""
    writer.write(f"GET {path} HTTP/1.1\r\n{named}{more}\r\n".encode())
    try:
        async with asyncio.timeout(10):
            words = (await reader.readline()).split()
        return int(words[1]) if len(words) > 1 else 0
    except (OSError, TimeoutError):
        return 0
    finally:
        writer.close()


async def _foreign() -> tuple[int, int, int]:
    settings = Settings(midi_api="none", announce=False)
    async with serve.running(settings, Means(open_fake, port=0)) as running:
        port = running.panel_port
        ours = f"{HOST}:{port}"
        asks = [(path, ours, origin) for path in PATHS for origin in FOREIGN]
        asks += [(path, f"{host}:{port}", "") for path in PATHS for host in HOSTS]
        found = [await _status(port, *ask) for ask in asks]
        own = [await _status(port, path, ours, f"http://{ours}") for path in ("/", "/ws")]
        return sum(code in (101, 200) for code in found), len(asks), own.count(200) + own.count(101)


def foreign() -> tuple[str, str, bool]:
    """Ask for all that the page has in the name of other sites and hosts."""
    with own_home():
        passed, asked, own = asyncio.run(_foreign())
    words = f"{passed} of {asked} answered, {own} of 2 of our own page"
    return "foreign origins and hosts", words, not passed and own == 2


def main() -> int:
    """Try all; return 1 where one no longer holds."""
    rows = [garbage_on_the_wire(), kills(), weather(), foreign()]
    show(
        [(what, words, "held" if held else "BROKEN") for what, words, held in rows], "what", "", ""
    )
    return int(not all(held for *_, held in rows))


if __name__ == "__main__":
    sys.exit(main())
