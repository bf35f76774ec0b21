"""Texts that were made to be slow to read: how long does everybody else wait meanwhile?

    python -m bench.attacks.text [words of an attack's name]

Prints for each attack the most milliseconds of the processor that one turn of the event loop took,
and the worst round trip of another client, which holds what this machine itself adds (see what it
is while nothing is attacked).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from websockets.sync.client import connect
from websockets.typing import Origin

from bench.attacks.running import HOST, Attacked, attacked, bundle, frame, message

LABELS = [f"{root}:{kind}" for root in "CDEFGAB" for kind in ("7(b9,b13)", "min9(11)", "maj13")]


def nothing(_: Attacked) -> None:
    """Wait as long as an attack takes."""
    time.sleep(2)


def commas(daemon: Attacked) -> None:
    """Send chords of nothing but commas, alone and seven in a datagram."""
    for number in range(10):
        daemon.udp(message("song/set", f"a{number}", "chords", "," * 8000))
        one = message("loop/ask", f"b{number}", "chords", "," * 8000)
        daemon.udp(bundle(*[one] * 7))


def digits(daemon: Attacked) -> None:
    """Send numbers that are none, long ones."""
    for number in range(5):
        daemon.udp(message("song/set", f"c{number}", "tempo", "1" * 8000 + "x"))
        daemon.udp(bundle(*[message("take/play", f"d{number}", "1" * 8000 + "x")] * 7))


def digits_by_mailbox(daemon: Attacked) -> None:
    """Send a number of 30,000 digits that is none."""
    daemon.mail("1", "/bandmate/song/set\ns 1\ns tempo\ns " + "1" * 30_000 + "x")
    daemon.until_read()


def megabytes_by_mailbox(daemon: Attacked) -> None:
    """Send texts of a megabyte, and messages of as many lines."""
    for number, text in enumerate(("s " + "," * 10**6, "\n" * 10**6, "s " + "\\\\" * 5 * 10**5)):
        for again in range(10):
            said = f"/bandmate/song/set\ns {number}\ns chords\n{text}"
            daemon.mail(f"{number}{again}", said)
    lines = "\n".join(["s a"] * 250_000)
    for again in range(10):
        daemon.mail(f"9{again}", f"/bandmate/loop/ask\n{lines}")
    daemon.until_read()


def strange_addresses(daemon: Attacked) -> None:
    """Send a quarter of a megabyte of addresses that are almost right, each another."""
    packets = [message(f"loop/asked{n:05}take/insertmore", 1) for n in range(3000)]
    daemon.tcp(*packets).close()
    for at in range(0, 640, 64):
        daemon.udp(bundle(*packets[at : at + 64]))


def long_chords(daemon: Attacked) -> None:
    """Send chords as long as they may be, each time others."""
    for number in range(32):
        turned = LABELS[number % 21 :] + LABELS[: number % 21]
        chords = " ".join(",".join((turned * 8)[bar : bar + 8]) for bar in range(64))[:7900]
        daemon.tcp(*[message("chords/suggest", f"{number}.{n}", "before", chords.rpartition(" ")[0])
                     for n in range(8)])  # fmt: skip


def nonsense_chords(daemon: Attacked) -> None:
    """Send chords that are none, each bar another."""
    for number in range(20):
        chords = " ".join(f"{'HXYZ'[number % 4]}{number}{bar}" for bar in range(64))
        daemon.udp(bundle(*[message("song/set", f"n{number}.{n}", "chords", chords)
                            for n in range(40)]))  # fmt: skip


def small_messages(daemon: Attacked) -> None:
    """Send 20,000 good messages on one connection at once."""
    daemon.tcp(
        *[message("song/set", f"s{n}", "tempo", 90.0, "key", "A:min") for n in range(20_000)]
    )


def asks(daemon: Attacked) -> None:
    """Send 2,000 asks with all fields on one connection at once."""
    curve, chords = "density=" + ",".join(["4"] * 60), "A:min D:min,G:7 " * 20
    said = (
        "parts",
        "drums,bass,keys",
        "keywords",
        "dark:0.5,slow",
        "curve",
        curve,
        "chords",
        chords,
    )
    daemon.tcp(*[message("loop/ask", f"l{n}", *said) for n in range(2000)])


def frames(daemon: Attacked) -> None:
    """Send frames of 64 KB from a page."""
    origin = Origin(f"http://{HOST}:{daemon.panel_port}")
    with connect(f"ws://{HOST}:{daemon.panel_port}/ws", origin=origin, max_size=None) as page:
        for number in range(40):
            page.send(frame("song/set", number, *["a"] * 12_000))
            page.send(frame("song/set", f"c{number}", "chords", "," * 60_000))
            page.send('{"address":"/a","args":[' + "[" * 60_000)
        time.sleep(1)


def marks(daemon: Attacked) -> None:
    """Send keywords of combining marks."""
    for number in range(20):
        keywords = "a" + "\u0316\u0301" * 190
        daemon.udp(bundle(*[message("keywords/set", f"m{number}.{n}", "keywords", keywords)
                            for n in range(60)]))  # fmt: skip


def midi_file(daemon: Attacked) -> None:
    """Name a .mid whose bytes look like numbers that never end."""
    body = b"".join(b"\0\xff\1\x81\x80\x00" + b"\x80" * 4095 + b"a" * 12289 for _ in range(100))
    path = Path(daemon.home, "slow.mid")
    track = body + b"\0\xff\x2f\0"
    head = b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk" + len(track).to_bytes(4, "big")
    path.write_bytes(head + track)
    for number in range(3):
        daemon.udp(message("loop/ask", f"f{number}", "context", str(path), "bars", 1))
    time.sleep(4)


def inspiring_texts(daemon: Attacked) -> None:
    """Send texts that a reader may go back and forth in."""
    for number, text in enumerate(("without a, " * 180, "house, " * 280, "1" * 2000, "! " * 999)):
        daemon.udp(message("chords/ask", f"t{number}", "text", text[:2000], "cards", 1))
    time.sleep(4)


def shapes(daemon: Attacked) -> None:
    """Send curves of blanks and cells of commas."""
    for number in range(10):
        said = ("curve", "density=1" + " " * 580 + "x", "keep", "," * 400, "form", "A" + "'" * 199)
        daemon.udp(bundle(*[message("loop/ask", f"h{number}.{n}", *said) for n in range(40)]))


ATTACKS: tuple[Callable[[Attacked], None], ...] = (
    nothing, commas, digits, digits_by_mailbox, megabytes_by_mailbox, strange_addresses,
    long_chords, nonsense_chords, small_messages, asks, frames, marks, midi_file, inspiring_texts,
    shapes,
)  # fmt: skip


def main(*names: str, is_told: bool = False) -> None:
    """Print the worst wait under each attack."""
    worst = 0.0
    print(f"{'':24}{'longest turn':>16}{'worst wait':>14}")
    for attack in ATTACKS:
        title = attack.__name__.replace("_", " ")
        if any(name != "why" for name in names) and title not in names:
            continue
        with attacked() as daemon, daemon.waits() as waited:
            daemon.forget_turns()
            attack(daemon)
            with suppress(TimeoutError):  # the turn is not over after a minute
                daemon.pinged()
            turn, told = daemon.longest_turn
        worst = max(worst, turn)
        print(
            f"{title:24}{turn:13.1f} ms{waited[0]:11.1f} ms  {told if is_told else ''}", flush=True
        )
    print(f"{'worst':24}{worst:13.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:], is_told="why" in sys.argv)
