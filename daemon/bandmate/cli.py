"""The command line: serve, loop, play, ports, panic, render, presets; each calls one function.

A mistake is one sentence on stderr and exit code 2; Ctrl-C is quiet, 130. What is asked of a loop
and what can be set come from the same tables as on every wire.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bandmate.asks import LoopAsk, chords_to_text
from bandmate.errors import AskError, BandmateError, FileError, PortError, Unavailable
from bandmate.flags import asked_pairs, parsed, settings_of

if TYPE_CHECKING:
    from rich.console import Console

    from bandmate.compose import Progress
    from bandmate.config import Settings
    from bandmate.takes import Take
    from bandmate.timing.ports import Machine
    from bandmate.workshop import Servant

MISTAKE, INTERRUPTED, TERMINATED = 2, 130, 143
"""Exit codes beside 0."""

_PANIC_SECONDS = 2.0
_WIDEST = 120


@dataclass(frozen=True)
class Means:
    """What the commands stand on; tests bring their own."""

    opening: Callable[[], Servant] | None = None
    """Makes the servant that writes loops; None is the loop model."""
    machine: Machine | None = None
    """Where MIDI ports are; None is this machine."""


def main(argv: Sequence[str] | None = None, means: Means | None = None) -> int:
    """Run one command and return its exit code."""
    _fill_closed()
    try:
        with _ending_on_sigterm():
            said = parsed(argv)
            code = _COMMANDS[said.command](said, means or Means())
            if sys.stdout:  # None where it was closed
                sys.stdout.flush()
            return code
    except BandmateError as error:
        print(f"bandmate: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.filename is not None:
            raise  # not our output: that has no name
        # What is still to be flushed goes nowhere, lest it fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read us has read enough
            return 0
        print(f"bandmate: the output cannot be written: {error.strerror}", file=sys.stderr)
        return MISTAKE


# commands


def _serve(said: argparse.Namespace, means: Means) -> int:
    from bandmate import serve

    return serve.serve(settings_of(said), serve.Means(means.opening))


def _loop(said: argparse.Namespace, means: Means) -> int:
    from bandmate.alone import takes_of

    ask = LoopAsk.read(asked_pairs(said))
    output = _checked_output(said.output)
    settings = settings_of(said)
    with _telling_bars() as told:
        takes, note = takes_of(ask, settings, told, means.opening)
    files = [_written(take, output, index) for index, take in enumerate(takes)]
    if note:
        print(f"bandmate: {note}", file=sys.stderr)
    if said.json:
        print(json.dumps({"takes": [_told(*pair) for pair in zip(takes, files, strict=True)]}))
    else:
        _show(takes, files)
    return 0


def _play(said: argparse.Namespace, means: Means) -> int:
    from bandmate.music import midifile
    from bandmate.timing.player import Player
    from bandmate.timing.ports import open_output
    from bandmate.timing.transport import Transport

    clip = midifile.read(said.file)
    output = open_output(settings_of(said), said.to, means.machine)
    with Player(output, Transport()) as player:
        player.play(clip, is_looped=said.loop)
        seconds = clip.length * 60 / clip.tempo
        length = "round and round" if said.loop else f"{seconds:.1f} s"
        print(f"playing {said.file} on {output.name}, {length}; Ctrl-C stops", flush=True)
        while not player.wait(0.5):  # in pieces: Windows hears Ctrl-C only between two waits
            pass
        if player.trouble:
            raise PortError(player.trouble)
    return 0


def _ports(said: argparse.Namespace, means: Means) -> int:
    from bandmate.timing.ports import chosen_api, outputs

    settings = settings_of(said)
    api = chosen_api(settings.midi_api, means.machine)
    there = outputs(settings, means.machine)
    own = f"{settings.midi_client}:{settings.midi_port}"
    if api.has_virtual:
        print(f"bandmate plays by {api.title}, on a port of its own: {own}")
    else:
        print(f"bandmate plays by {api.title}, on a port that is there")
    print("ports that `bandmate play --to` can reach:" if there else "no other port is there")
    for name in there:
        print(f"  {name}")
    return 0


def _panic(said: argparse.Namespace, means: Means) -> int:
    from bandmate.caller import answers

    settings = settings_of(said)
    try:
        asked = answers(settings.host, settings.port, "/bandmate/panic", silence=_PANIC_SECONDS)
        with contextlib.closing(asked):
            next(asked)
    except (PortError, Unavailable):
        print(f"no daemon answers; silenced every channel of {_silenced(settings, said, means)}")
    else:
        print("the daemon silenced every channel of its port")
    return 0


def _silenced(settings: Settings, said: argparse.Namespace, means: Means) -> str:
    """Silence a port that no daemon holds, and return its name."""
    from bandmate.timing.player import Player
    from bandmate.timing.ports import open_output
    from bandmate.timing.transport import Transport

    output = open_output(settings, said.to, means.machine)
    with Player(output, Transport()) as player:
        player.panic()
    return output.name


def _render(said: argparse.Namespace, means: Means) -> int:
    from bandmate.music import midifile
    from bandmate.sound import render

    output = said.output or said.file.with_suffix(".wav")
    with contextlib.suppress(OSError):  # one of them is not there, or nobody may look
        if output.samefile(said.file):
            raise AskError(f"the sound must go to another file than {output}, which it is made of")
    seconds = render(midifile.read(said.file), output, said.soundfont)
    print(f"{output}: {seconds:.1f} s")
    return 0


def _presets(said: argparse.Namespace, means: Means) -> int:
    from bandmate.presets import presets

    columns = min(shutil.get_terminal_size().columns, _WIDEST)
    for preset in presets():
        tempo = "any tempo" if preset.tempo is None else "{:g}..{:g} BPM".format(*preset.tempo)
        parts = ", ".join(part.name for part in preset.parts)
        facts = [preset.genre or "any genre", tempo, parts]
        for line in (f"{preset.name}: {preset.words}", "    " + "; ".join(facts)):
            print(textwrap.fill(line, columns, subsequent_indent="    "))
    return 0


# what a loop tells


def _checked_output(output: Path | None) -> Path | None:
    """Return where the takes are to go; raises FileError before the work, not behind it."""
    if output is None:
        return None
    try:
        if not output.parent.is_dir():
            raise FileError(f"{output} cannot be written: there is no folder {output.parent}")
        if output.exists() and not output.is_file():
            kind = "a folder" if output.is_dir() else "no plain file"
            raise FileError(f"{output} cannot be written: it is {kind}")
    except OSError as error:
        raise FileError(f"{output} cannot be written: {error.strerror}") from error
    return output


def _written(take: Take, output: Path | None, index: int) -> Path:
    """Return the file of a take: its own, or *output*, numbered from the second take on."""
    if output is None:
        return take.file
    from bandmate.music import midifile

    file = output.with_stem(f"{output.stem}-{index + 1}") if index else output
    try:
        midifile.write(take.clip, file)
    except FileError as error:
        raise FileError(f"{error}; the take is kept as {take.file}") from error
    return file


def _told(take: Take, file: Path) -> dict[str, object]:
    """Return a take as ``--json`` tells it."""
    clip = take.clip
    return {
        "take": take.number,
        "seed": take.seed,
        "file": str(file.absolute()),
        "tempo": clip.tempo,
        "key": str(clip.key),
        "meter": str(clip.meter),
        "bars": clip.bars,
        "chords": chords_to_text(clip.chords, clip.meter, clip.bars),
        "parts": [
            {
                "name": part.name,
                "role": part.role,
                "program": part.program,
                "notes": len(part.notes),
            }
            for part in clip.parts
        ],
        "first_bar_ms": take.first_bar_ms,
        "made_ms": take.made_ms,
        "model": take.model,
    }


def _show(takes: Iterable[Take], files: Iterable[Path]) -> None:
    from bandmate.roll import roll

    console = _console()
    for take, file in zip(takes, files, strict=True):
        is_ascii = console.options.ascii_only
        console.print(roll(take.clip, min(console.width, _WIDEST), is_ascii), "", sep="\n")
        print(
            f"take {take.number}, seed {take.seed}, made in {take.made_ms / 1000:.1f} s: {file}\n"
        )


def _console(is_stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=is_stderr, highlight=False, soft_wrap=False)


@contextlib.contextmanager
def _telling_bars() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows, on a terminal, which bar was written last."""
    from bandmate.compose import BarMade

    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with _console(is_stderr=True).status("opening the loop model") as status:

        def told(news: Progress) -> None:
            if isinstance(news, BarMade):
                status.update(f"take {news.take + 1}: bar {news.bar + 1} of {news.bars}")

        yield told


_COMMANDS: dict[str, Callable[[argparse.Namespace, Means], int]] = {
    "serve": _serve,
    "loop": _loop,
    "play": _play,
    "ports": _ports,
    "panic": _panic,
    "render": _render,
    "presets": _presets,
}


def _fill_closed() -> None:
    """Open nothing in the place of a closed stdin, stdout or stderr.

    Else a pipe of ours would get its number, and be taken for it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind what runs, so that notes end; only the main thread hears signals."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
