"""SIGTERM in every situation that we know to hold a daemon up: seconds until it is gone.

    python -m bench.attacks.shutdown [seconds until one is given up] [words of a situation]

For each: seconds until the process ended and its exit code, what was answered to loops that were
asked for meanwhile (made, or refused in words), which of its processes were left, and whether its
log holds a traceback. The exit code is 1 where any of it is not as it should be.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import psutil

from bench.attacks.target import HOST, READY_SECONDS, Target, frame, text_frame

WORST_SECONDS = 3.5
GIVEN_UP_SECONDS = 20.0
SETTLE_SECONDS = 0.3
ASK_SECONDS = 0.05
"""Between two loops that are asked for after the signal."""
LONG_BARS, LONG_TEMPO = 64, 30.0
"""Of a take of 8.5 minutes."""

Attack = Callable[[Target, ExitStack], None]


@dataclass(frozen=True)
class Situation:
    """One way to hold it up."""

    name: str
    attack: Attack
    words: tuple[str, ...] = ()
    """How the daemon behaves."""
    is_ready: bool = True


@dataclass
class End:
    """How it ended."""

    seconds: float | None = None
    """None where it did not."""
    code: int | None = None
    made: int = 0
    """Loops that were asked for after the signal, and made."""
    refused: int = 0
    left: list[str] = field(default_factory=list)
    """Processes that outlived it."""
    traceback: bool = False
    midi: str = ""

    @property
    def is_well(self) -> bool:
        """Return True where it ended as it should."""
        is_quick = self.seconds is not None and self.seconds < WORST_SECONDS
        return is_quick and not (self.code or self.made or self.left or self.traceback)


def nobody(target: Target, stack: ExitStack) -> None:
    """Connect nobody."""


def silent(port: str, count: int = 1) -> Attack:
    """Open connections to a port and say nothing."""

    def attack(target: Target, stack: ExitStack) -> None:
        for _ in range(count):
            stack.enter_context(target.connected(getattr(target, port)))

    return attack


def said(port: str, data: bytes) -> Attack:
    """Say the beginning of something."""

    def attack(target: Target, stack: ExitStack) -> None:
        stack.enter_context(target.connected(getattr(target, port))).sendall(data)

    return attack


def sounds(count: int, is_read: bool = False) -> Attack:
    """Ask for the sound of long takes; read nothing of it, or be gone before it is there."""

    def attack(target: Target, stack: ExitStack) -> None:
        for _ in range(count):
            number = target.makes_take(LONG_BARS, LONG_TEMPO)
            wire = target.requests(f"/sound/{number}.wav", is_slow=True)
            if is_read:
                wire.close()
            else:
                stack.enter_context(wire)
        time.sleep(SETTLE_SECONDS if is_read else 6)

    return attack


def unclosed_socket(target: Target, stack: ExitStack) -> None:
    """Open a WebSocket that answers nothing, no close either."""
    stack.enter_context(target.websocket())


def deaf_socket(target: Target, stack: ExitStack) -> None:
    """Let a WebSocket be told much, and read none of it."""
    wire = stack.enter_context(target.websocket(is_slow=True))
    for number in range(2000):
        said = f'{{"address": "/bandmate/choices/list", "args": [{number}]}}'
        with suppress(OSError):
            wire.settimeout(1)
            wire.sendall(text_frame(said))


def half_upload(target: Target, stack: ExitStack) -> None:
    """Send half a file of 20 MB."""
    wire = stack.enter_context(target.websocket())
    wire.sendall(text_frame('{"upload": "rain.wav"}'))
    size = 20 << 20
    wire.sendall(bytes((0x82, 0xFF)) + size.to_bytes(8, "big") + bytes(4) + bytes(size // 2))


def deaf_tcp(target: Target, stack: ExitStack) -> None:
    """Ask much by TCP and read nothing."""
    wire = stack.enter_context(target.connected(target.osc, is_slow=True))
    wire.settimeout(0.5)
    for number in range(3000):
        with suppress(OSError):
            wire.sendall(frame("choices/list", number))


def deaf_query(target: Target, stack: ExitStack) -> None:
    """Ask for the whole tree and read nothing."""
    for _ in range(10):
        wire = stack.enter_context(target.connected(target.query, is_slow=True))
        wire.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def queue(target: Target, stack: ExitStack) -> None:
    """Let sixteen loops wait behind one."""
    for _ in range(17):
        target.says("loop/ask", "bars", 64, "takes", 8)
    time.sleep(SETTLE_SECONDS)


def chords(target: Target, stack: ExitStack) -> None:
    """Let chords be in work."""
    target.says("chords/ask", "text", "a dark night")
    time.sleep(1.5)


def stopped(target: Target, stack: ExitStack) -> None:
    """Stop all its processes with SIGSTOP while they work."""
    queue(target, stack)
    chords(target, stack)
    target.suspend()


def stopped_player(target: Target, stack: ExitStack) -> None:
    """Stop the player while it plays, and let calls wait for it."""
    number = target.makes_take(4)
    target.hears("take/play", number, "loop", 1, answer="take/played")
    target.suspend()
    for _ in range(12):
        target.says("take/mix", "mute", "bass")
        target.says("transport/set", "tempo", 99)
    time.sleep(SETTLE_SECONDS)


def stopped_player_full(target: Target, stack: ExitStack) -> None:
    """Stop the player, and fill the pipe to it."""
    number = target.makes_take(64, parts="drums,bass,keys,pad,lead")
    target.suspend()
    for _ in range(60):
        target.says("take/play", number)
        target.says("transport/report", "beat", 1.0, "tempo", 100.0, "rolling", 1)
    time.sleep(SETTLE_SECONDS)


def mailbox(target: Target, stack: ExitStack) -> None:
    """Ask by mailbox, and leave many answers there."""
    for number in range(200):
        target.mails("reaper", f"/bandmate/choices/list\ni {number}\n")
    target.mails("reaper", "/bandmate/loop/ask\ns a\ns bars\ni 64\ns takes\ni 8\n")
    time.sleep(SETTLE_SECONDS)


def subscribers(target: Target, stack: ExitStack) -> None:
    """Subscribe to every beat, by TCP and by a page, and read nothing."""
    target.says("transport/set", "tempo", 400)
    wire = stack.enter_context(target.connected(target.osc, is_slow=True))
    wire.sendall(frame("subscribe", "s", "to", "song,transport,beat,takes,keywords,mix"))
    page = stack.enter_context(target.websocket(is_slow=True))
    page.sendall(text_frame('{"address": "/bandmate/subscribe", "args": ["s", "to", "beat"]}'))
    time.sleep(SETTLE_SECONDS)


def learning(target: Target, stack: ExitStack) -> None:
    """Wait for the press of a control."""
    target.says("live/learn", "more")
    time.sleep(SETTLE_SECONDS)


def deaf_model(target: Target, stack: ExitStack) -> None:
    """Work with a model that hears no cancel, called off already."""
    id_ = target.says("loop/ask", "bars", 4)
    time.sleep(1)
    target.says("cancel", id_)


def starting(target: Target, stack: ExitStack) -> None:
    """Have the signal while it starts, once the player's process is there."""
    until = time.monotonic() + READY_SECONDS
    while not target.family() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(SETTLE_SECONDS)


def unread_log(target: Target, stack: ExitStack) -> None:
    """Have it log more than a pipe holds that nobody reads."""
    for number in range(4000):
        target.mails(f"box-{number}", "nonsense")
    for _ in range(300):
        with suppress(OSError):
            stack.enter_context(target.connected(target.osc)).sendall(frame("hello", 1))
    time.sleep(1)


def pipes(target: Target, stack: ExitStack) -> None:
    """Name a pipe that nobody writes as a clip, more often than there are threads."""
    pipe = target.home / "home" / "clips" / "pipe.mid"
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    for _ in range(12):
        target.says("loop/ask", "context", str(pipe), "bars", 1)
        target.says("chords/transcribe", str(pipe))
    time.sleep(SETTLE_SECONDS)


def locked(target: Target, stack: ExitStack) -> None:
    """Hold the database, while loops want to be kept."""
    (file,) = (target.home / "home").glob("*.sqlite3")
    database = sqlite3.connect(file, isolation_level=None)
    stack.callback(database.close)
    database.execute("BEGIN EXCLUSIVE")
    for _ in range(12):
        target.says("loop/ask", "bars", 1)
        target.says("take/list")
    time.sleep(3)


def storm(target: Target, stack: ExitStack) -> None:
    """Ask without a pause, from a process of its own."""
    process = multiprocessing.Process(target=_asking, args=(target.osc,), daemon=True)
    process.start()
    stack.callback(process.join)
    stack.callback(process.kill)
    time.sleep(1)


def _asking(port: int) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as wire:
        wire.connect((HOST, port))
        for number in itertools.count():
            with suppress(OSError):
                wire.send(frame("loop/ask", number, "bars", 1)[4:])


SITUATIONS = (
    Situation("nobody is there", nobody),
    Situation("one silent connection to the page", silent("panel")),
    Situation("200 silent connections to the page (preconnected)", silent("panel", 200)),
    Situation("half a head of a request to the page", said("panel", b"GET / HTTP/1.1\r\nHo")),
    Situation("a WAV that is not read", sounds(1)),
    Situation("six WAVs that are not read", sounds(6)),
    Situation("sounds of clients that left", sounds(4, is_read=True)),
    Situation("a WebSocket that answers no close", unclosed_socket),
    Situation("a WebSocket that reads nothing", deaf_socket),
    Situation("half an upload", half_upload),
    Situation("silent OSC connections", silent("osc", 70)),
    Situation("half an OSC packet", said("osc", b"\0\0\0\x40/bandmate")),
    Situation("an OSC client that reads nothing", deaf_tcp),
    Situation("silent OSCQuery connections", silent("query", 70)),
    Situation("OSCQuery that is not read", deaf_query),
    Situation("a loop in work, sixteen waiting", queue, ("lingering",)),
    Situation("chords in work", chords, ("lingering",)),
    Situation("a model that hears no cancel", deaf_model, ("deaf",)),
    Situation("a model that is being loaded", queue, ("loading",)),
    Situation("all processes stopped at work", stopped, ("lingering", "apart")),
    Situation("a player stopped, calls waiting", stopped_player, ("apart",)),
    Situation("a player stopped, its pipe full", stopped_player_full, ("apart",)),
    Situation("a player that is being opened", starting, ("hanging",), is_ready=False),
    Situation("mailboxes full of asks and answers", mailbox, ("lingering",)),
    Situation("subscribers that read nothing", subscribers, ("apart",)),
    Situation("a press is waited for", learning),
    Situation("a log that is not read", unread_log, ("unread",)),
    Situation("clips that are pipes", pipes),
    Situation("a database that is locked", locked),
    Situation("a storm of asks", storm),
)


def ended(situation: Situation, patience: float) -> End:
    """Play a situation to its end."""
    target = Target(*situation.words, is_ready=situation.is_ready)
    try:
        with ExitStack() as stack:
            situation.attack(target, stack)
            return _signalled(target, patience)
    finally:
        target.close()


def _signalled(target: Target, patience: float) -> End:
    end, family, began = End(), target.family(), time.monotonic()
    target.popen.send_signal(signal.SIGTERM)
    asked: set[str] = set()
    while end.code is None and time.monotonic() < began + patience:
        asked.add(target.says("loop/ask", "bars", 1))
        again = time.monotonic() + ASK_SECONDS
        while (rest := again - time.monotonic()) > 0:
            for message in target.heard(rest):
                if message.arguments and message.arguments[0] in asked:
                    end.made += message.address == "/bandmate/loop/made"
                    end.refused += message.address == "/bandmate/error"
            if target.popen.poll() is not None:
                break
        end.code = target.popen.poll()
        end.seconds = None if end.code is None else time.monotonic() - began
    _, left = psutil.wait_procs(family, 2 if end.seconds else 0)
    end.left = [member.name() for member in left]
    for member in left:
        with suppress(psutil.Error):
            member.kill()
    end.traceback = "Traceback" in target.log.read_text(errors="replace")
    return end


def main() -> int:
    """Play all situations, or those whose name holds the words; return the exit code."""
    patience = float(sys.argv[1]) if len(sys.argv) > 1 else GIVEN_UP_SECONDS
    words = sys.argv[2] if len(sys.argv) > 2 else ""
    ends = []
    print(f"{'situation':<52}{'seconds':>8} {'code':>4} {'made':>5} {'refused':>7}  left")
    for situation in SITUATIONS:
        if words in situation.name:
            end = ended(situation, patience)
            ends.append(end)
            took = "never" if end.seconds is None else f"{end.seconds:.2f}"
            left = ", ".join(end.left) + (" TRACEBACK" if end.traceback else "")
            row = f"{situation.name:<52}{took:>8} {end.code!s:>4} {end.made:>5} {end.refused:>7}"
            print(f"{row}  {left}{'' if end.is_well else '  <--'}", flush=True)
    worst = max((end.seconds or patience) for end in ends)
    print(f"{len(ends)} situations, worst {worst:.2f} s, {sum(e.is_well for e in ends)} well")
    return 0 if all(end.is_well for end in ends) else 1


if __name__ == "__main__":
    sys.exit(main())
