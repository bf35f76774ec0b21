"""What clients send and the daemon keeps: how many megabytes does its own process grow by?

python -m bench.attacks.memory [words of an attack's name]
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from bench.attacks.running import Attacked, attacked, bundle, message


def nothing(_: Attacked) -> None:
    """Wait as long as an attack takes."""
    time.sleep(3)


def megabytes_by_mailbox(daemon: Attacked) -> None:
    """Put 200 asks of a megabyte into one mailbox."""
    for number in range(200):
        daemon.mail(f"{number:04}", f"/bandmate/loop/ask\ns m{number}\ns genre\ns {'x' * 10**6}")
        if number % 20 == 19:
            daemon.until_read()


def megabytes_by_many_mailboxes(daemon: Attacked) -> None:
    """Put three asks of a megabyte into each of 60 mailboxes."""
    for number in range(180):
        text = f"/bandmate/song/set\ns m{number}\ns chords\ns {'C,' * 500_000}"
        daemon.mail(f"{number:04}", text, f"box{number % 60}")
    for box in range(60):
        daemon.until_read(f"box{box}")


def long_messages(daemon: Attacked) -> None:
    """Send 1,024 asks of 8 KB from each of 40 ports, each refused for what only it can be."""
    for _ in range(40):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for number in range(1024):
                said = ("text", f"{number}" + "x" * 1900, "before", "C " * 30, "genre", "x" * 4000)
                daemon.udp(message("chords/ask", number, *said), wire)
                if number % 16 == 0:
                    time.sleep(0.002)


def good_messages(daemon: Attacked) -> None:
    """Send 1,024 good messages of 8 KB from each of 60 ports."""
    for _ in range(60):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for number in range(1024):
                chords = " ".join(["C:7(b9,b13),D:min7,G:7(b9),C:maj7"] * 60)
                daemon.udp(message("song/set", f"{number}" + "i" * 190, "chords", chords), wire)
                if number % 8 == 0:
                    time.sleep(0.004)


def long_ids(daemon: Attacked) -> None:
    """Send 9,000 good messages with long ids from each of 30 ports."""
    for _ in range(30):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for number in range(0, 9000, 60):
                ids = [f"{number + n:06}" + "\U0001f600" * 190 for n in range(60)]
                daemon.udp(bundle(*[message("song/set", id_, "tempo", 90.0) for id_ in ids]), wire)
                time.sleep(0.004)


def strange_chords(daemon: Attacked) -> None:
    """Send 9,000 chords that are none, each as long as a message may be."""
    for number in range(9000):
        chord = f"C:{number}" + "x" * 7900
        daemon.udp(message("chords/suggest", number, "before", chord))
        if number % 8 == 0:
            time.sleep(0.004)


def edits(daemon: Attacked) -> None:
    """Send notes of edits that never come."""
    for edit in range(100):
        for chunk in range(60):
            data = os.urandom(4032)
            daemon.udp(message("take/notes", f"e{edit}", 1, chunk, 60, 0, data))
        time.sleep(0.03)


def answers_unread(daemon: Attacked) -> None:
    """Open 60 connections that ask for much and read nothing."""
    wires = []
    for _ in range(60):
        wire = daemon.tcp()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(2)
        one = message("choices/list", 1)
        with suppress(OSError):
            for _ in range(20):
                wire.sendall(b"".join(len(p).to_bytes(4, "big") + p for p in [one] * 400))
        wires.append(wire)
    time.sleep(2)
    for wire in wires:
        wire.close()


ATTACKS: tuple[Callable[[Attacked], None], ...] = (
    nothing, megabytes_by_mailbox, megabytes_by_many_mailboxes, long_messages, good_messages,
    long_ids, strange_chords, edits, answers_unread,
)  # fmt: skip


def main(*names: str) -> None:
    """Print by how much the daemon grew under each attack, at the most and in the end."""
    print(f"{'':32}{'most':>12}{'stays':>12}")
    for attack in ATTACKS:
        title = attack.__name__.replace("_", " ")
        if names and title not in names:
            continue
        with attacked() as daemon:
            before = daemon.megabytes
            attack(daemon)
            with suppress(TimeoutError):
                daemon.pinged()
            stays = daemon.megabytes - before
            most = daemon.most_megabytes - before
        print(f"{title:32}{most:9.1f} MB{stays:9.1f} MB", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
