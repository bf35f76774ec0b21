"""The first run: start the daemon, ask it for chords and for a loop over them, show and render it.

``make run`` is this. In a terminal it ends with the page, the loop on its stage, until Enter is
pressed. The exit code tells whether the loop that came is the one that was asked for.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console

from bandmate.app.piano_roll import roll
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import parse_chords
from bandmate.config import read_settings
from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.errors import BandmateError, PortError, Unavailable
from bandmate.hosts.client import answers
from bandmate.music import midifile
from bandmate.music.clip import ChordSpan, Clip
from bandmate.takes import sound
from bandmate.wires.origins import NAMES

DAEMON = (sys.executable, "-m", "bandmate.app.cli", "serve")
"""What starts the daemon; its ports are added."""

PHRASE = "memory of a warm summer beach"
CHORDS: tuple[Atom, ...] = ("text", PHRASE, "bars", 4, "tempo", 96.0, "meter", "4/4")
LOOP: tuple[Atom, ...] = (
    "bars", 4, "tempo", 96.0, "meter", "4/4", "parts", "drums,bass,keys:4", "genre", "funk",
)  # fmt: skip

_START_SECONDS = 60.0
_SILENCE_SECONDS = 120.0
_STOP_SECONDS = 15.0
_WIDEST = 120
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
_TRIES = 5


def main(daemon: Sequence[str] = DAEMON, background: Sequence[str] = ()) -> int:
    """Run the demonstration and return its exit code: 0 when the asked loop lies on the disk.

    *background* is a command that is started once the loop is shown, and that prints in lines how
    far something is that goes on without it: a compile.
    """
    console = Console(highlight=False, soft_wrap=True)
    is_watched = sys.stdin.isatty() and sys.stdout.isatty()
    try:
        return _shown(daemon, background, console, is_watched)
    except BandmateError as error:
        print(f"bandmate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _shown(
    daemon: Sequence[str], background: Sequence[str], console: Console, is_watched: bool
) -> int:
    settings = read_settings()
    host = settings.host
    port = _usual_or_free(host, settings.port)
    usual = settings.panel_port
    panel = usual and _usual_or_free(NAMES[0], usual)
    is_watched = is_watched and panel > 0
    console.print(f"Starting the daemon on {host}:{port} (OSC).")
    with _running([*daemon, "--port", str(port), "--panel-port", str(panel)], host, port):
        console.print("It answers. Asking it over OSC, as a bridge in a DAW does, for:")
        _show_ask(console, "/bandmate/chords/ask", CHORDS)
        cards = _cards(host, port, console)
        ask = (*LOOP, "card", cards[0]["take"])
        console.print("\nAnd for a loop over the first of them:")
        _show_ask(console, "/bandmate/loop/ask", ask)
        made = _made(host, port, console, ask)
        clip = _told(console, made)
        if is_watched:
            with _progress(background, console, is_watched):
                _stay(console, f"http://{NAMES[0]}:{panel}/#take={made['take']!s}")
    if not is_watched:
        page = (
            f"; then http://{NAMES[0]}:{usual} is the page, with this loop on it" if usual else ""
        )
        console.print(f"Next: `make serve` (or `bandmate serve`) is there for your DAW{page}.")
        with _progress(background, console, is_watched):
            pass
    wrong = _differences(clip, cards[0])
    for words in wrong:
        print(f"bandmate: the loop that came is not the one asked for: {words}", file=sys.stderr)
    return 1 if wrong else 0


def _told(console: Console, made: Mapping[str, Atom]) -> Clip:
    """Show the take, render it, say where both lie, and return its clip."""
    file = Path(str(made["file"]))
    clip = midifile.read(file)
    console.print(roll(clip, min(console.width, _WIDEST), console.options.ascii_only))
    wav = file.with_suffix(".wav")
    seconds = sound.render(clip, wav)
    first, whole = float(made["first_bar_ms"]), float(made["made_ms"])
    console.print(
        f"\nTake {made['take']!r}, by {made['model']!s} from seed {made['seed']!r}: "
        f"first bar after {first:.0f} ms, all after {whole:.0f} ms.\n"
        f"The clip, to drag into your DAW:  {file}\n"
        f"The same to listen to ({seconds:.0f} s):     {wav}\n"
        "`bandmate chords --help` and `bandmate loop --help` tell what can be asked."
    )
    return clip


def _stay(console: Console, page: str) -> None:
    """Open the page where there is a screen, and let the daemon run until Enter is pressed."""
    has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, _SCREENS))
    is_open = has_screen and webbrowser.open(page)
    console.print(
        f"\nThe page {'is open' if is_open else 'is there'}, with this loop on it:  {page}\n"
        "Press Space on it to hear. Press Enter here to end, or leave it running for your DAW."
    )
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        input()


@contextlib.contextmanager
def _progress(command: Sequence[str], console: Console, is_watched: bool) -> Iterator[None]:
    """Show what a command prints: in a terminal while the block runs, else its first line."""
    if not command:
        yield
        return
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        console.print(process.stdout.readline().strip())
        if is_watched:
            threading.Thread(target=_in_place, args=(process.stdout, console), daemon=True).start()
        yield
    finally:
        process.terminate()
        process.wait()


def _in_place(lines: IO[str], console: Console) -> None:
    """Show each line in the place of the one before."""
    for line in lines:
        words = line.strip()
        end = "\r" if len(words) < console.width else "\n"
        console.print(f"{words:<{console.width - 1}}", end=end)


def _differences(clip: Clip, card: Mapping[str, Atom]) -> list[str]:
    """Return in words where the clip on the disk is not what LOOP asked for, over the card."""
    ask = LoopAsk.read(pairs_of(LOOP))
    parts = {part.name: part.program for part in ask.parts or ()}
    wanted = parse_chords(str(card["chords"]), clip.meter, clip.bars)
    rows: list[tuple[str, object, object]] = [
        ("bars", clip.bars, ask.bars),
        ("tempo", round(clip.tempo, 2), ask.tempo),
        ("meter", str(clip.meter), str(ask.meter)),
        ("key", str(clip.key), card["key"]),
        ("chords", _changes(clip.chords), _changes(wanted)),
        ("parts", {part.name: part.program for part in clip.parts}, parts),
    ]
    return [f"{name} {came}, not {asked}" for name, came, asked in rows if came != asked]


def _changes(spans: Iterable[ChordSpan]) -> list[str]:
    """Return where which chord begins; a chord that is struck again is no change."""
    found: list[str] = []
    before = None
    for span in spans:
        if span.chord != before:
            found.append(f"{span.chord} at beat {round(span.start, 2):g}")
        before = span.chord
    return found


def _show_ask(console: Console, address: str, ask: Sequence[Atom]) -> None:
    words = " ".join(str(atom) for atom in ask)
    console.print(f"    {address} 1 {words}\n", style="cyan")


def _cards(host: str, port: int, console: Console) -> list[Mapping[str, Atom]]:
    """Ask for chords, show what comes, and return what is told of each card."""
    cards: list[Mapping[str, Atom]] = []
    ask = answers(host, port, "/bandmate/chords/ask", *CHORDS, silence=_SILENCE_SECONDS)
    with contextlib.closing(ask), console.status("The models are being loaded."):
        for answer in ask:
            said = dict(pairs_of(answer.arguments[1:])) if len(answer.arguments) % 2 else {}
            if answer.address == "/bandmate/keywords/found":
                said = dict(pairs_of(answer.arguments))
                console.print(f"    keywords: {said['keywords']!s}")
            elif answer.address == "/bandmate/card/made":
                cards.append({"take": answer.arguments[0], **said})
                console.print(f"    card {len(cards)}: {said['symbols']!s}   ({said['romans']!s})")
            elif answer.address == "/bandmate/chords/made" and cards:
                return cards
    raise Unavailable("the daemon made no cards")


def _made(host: str, port: int, console: Console, asked: Sequence[Atom]) -> Mapping[str, Atom]:
    """Ask for the loop and return what is told of the take."""
    ask = answers(host, port, "/bandmate/loop/ask", *asked, silence=_SILENCE_SECONDS)
    with contextlib.closing(ask), console.status("The model is being loaded.") as status:
        for answer in ask:
            if answer.address == "/bandmate/loop/progress":
                _, bar, bars, _ = map(int, answer.arguments)
                status.update(f"Bar {bar + 1} of {bars}.")
            elif answer.address == "/bandmate/loop/made":
                return dict(pairs_of(answer.arguments))
    raise Unavailable("the daemon made no loop")


def _usual_or_free(host: str, usual: int) -> int:
    """Return the usual port if nobody has it, else one that is free."""
    for port in (usual, *[0] * _TRIES):
        found = _bound(host, port, socket.SOCK_DGRAM)
        if found and _bound(host, found, socket.SOCK_STREAM):
            return found
    raise PortError(f"no port is free at {host}")


def _bound(host: str, port: int, kind: socket.SocketKind) -> int | None:
    """Return the port if it can be listened on (any free one for 0), else None."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind) as probe:
            if kind is socket.SOCK_STREAM:  # as the daemon does: a closed connection lingers
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return int(probe.getsockname()[1])
    except OSError:
        return None


@contextlib.contextmanager
def _running(command: Sequence[str], host: str, port: int) -> Iterator[None]:
    """Run the daemon while the block runs; raises Unavailable with its last word."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_until_it_answers(process, log, host, port)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], log: IO[bytes], host: str, port: int
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unavailable(f"the daemon did not start: {_last_line(log)}")
        if _answers(host, port):
            return
        time.sleep(0.05)
    raise Unavailable(f"the daemon did not answer in {_START_SECONDS:.0f} s: {_last_line(log)}")


def _answers(host: str, port: int) -> bool:
    try:
        with contextlib.closing(answers(host, port, "/bandmate/hello", silence=1.0)) as hello:
            return isinstance(next(hello), Message)
    except (PortError, Unavailable):
        return False


def _last_line(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_SET)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


if __name__ == "__main__":
    sys.exit(main(background=sys.argv[1:]))
