"""The command line; each command calls one function.

A mistake is one sentence on stderr and exit code 2; Ctrl-C is quiet, 130. What is asked of a loop
or of chords and what can be set come from the same tables as on every wire.
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
from typing import TYPE_CHECKING, NoReturn

from bandmate import setup, shelf
from bandmate.app import output as telling
from bandmate.app.flags import (
    asked_pairs,
    chord_pairs,
    clicks_asked,
    heard_pairs,
    measured_count,
    next_pairs,
    parsed,
    said_settings,
    settings_of,
)
from bandmate.asks.chords import ChordAsk
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import read_file
from bandmate.errors import AskError, BandmateError, PortError, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from bandmate.app.standalone import Openings
    from bandmate.compose.chords import Answer
    from bandmate.config import Settings
    from bandmate.doctor.findings import Patient
    from bandmate.hosts.install import System
    from bandmate.timing.ports.apis import Machine
    from bandmate.workers.child import Servant

MISTAKE, INTERRUPTED, TERMINATED = 2, 130, 143
"""Exit codes beside 0."""

_PANIC_SECONDS = 2.0
_LEARN_SECONDS = 35.0  # the daemon gives up before


@dataclass(frozen=True)
class Means:
    """What the commands stand on; tests bring their own."""

    opening: Callable[[], Servant] | None = None
    """Makes the servant that writes loops; None is the loop model."""
    chords: Openings | None = None
    """Make the servants of the chord co-writer; None are the shipped models."""
    machine: Machine | None = None
    """Where MIDI ports are; None is this machine."""
    system: System | None = None
    """Where DAWs keep their scripts; None is this computer."""
    patient: Patient | None = None
    """What the doctor looks at; None is this computer."""


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
    from bandmate.app import serve

    return serve.serve(settings_of(said), serve.Means(means.opening, means.chords))


def _loop(said: argparse.Namespace, means: Means) -> int:
    from bandmate.app.standalone import takes_of

    ask = LoopAsk.read(asked_pairs(said))
    output = telling.checked_output(said.output)
    settings = settings_of(said)
    with telling.telling_bars() as told:
        takes, note = takes_of(ask, settings, told, means.opening)
    files = [telling.written(take, output, index) for index, take in enumerate(takes)]
    if note:
        print(f"bandmate: {note}", file=sys.stderr)
    if said.json:
        pairs = zip(takes, files, strict=True)
        print(json.dumps({"takes": [telling.told_take(*pair) for pair in pairs]}))
    else:
        telling.show_takes(takes, files)
    return 0


def _chords(said: argparse.Namespace, means: Means) -> int:
    from bandmate.app.standalone import cards_of

    ask = ChordAsk.read(chord_pairs(said))
    output = telling.checked_output(said.output)
    settings = settings_of(said)
    with telling.telling_cards() as told:
        answer = cards_of(ask, settings, told, means.chords)
    return _tell_answer(said, answer, output, telling.show_answer)


def _transcribe(said: argparse.Namespace, means: Means) -> int:
    from bandmate.app.standalone import heard_in

    pairs = heard_pairs(said)
    file = read_file(said.file)
    output = telling.checked_output(said.output)
    answer = heard_in(file, pairs, settings_of(said), means.chords)
    return _tell_answer(said, answer, output, telling.show_heard)


def _tell_answer(
    said: argparse.Namespace,
    answer: Answer,
    output: Path | None,
    show: Callable[[Answer, Iterable[Path]], None],
) -> int:
    files = [telling.written(take, output, index) for index, take in enumerate(answer.takes)]
    if said.json:
        print(json.dumps(telling.told_answer(answer, files)))
        return 0
    show(answer, files)
    _tell_notes(answer.notes)
    return 0


def _suggest(said: argparse.Namespace, means: Means) -> int:
    from bandmate.app.standalone import suggestions_of

    key, suggestions = suggestions_of(next_pairs(said), settings_of(said), means.chords)
    if said.json:
        print(json.dumps(telling.told_suggestions(suggestions, key)))
    else:
        telling.show_suggestions(suggestions, key)
    return 0


def _measure(said: argparse.Namespace, means: Means) -> int:
    from bandmate.app.standalone import habits_of
    from bandmate.chords.proposal_statistics import habits_file

    count, settings = measured_count(said), settings_of(said)
    with telling.telling_count(count) as told:
        habits = habits_of(count, settings, told, means.chords)
    m = habits.m[str(settings.chord_temperature)]
    file = habits_file(habits.proposer)
    print(f"{habits.proposer}: {habits.proposals} progressions, M {m:.3g}, kept in {file}")
    return 0


def _tell_notes(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"bandmate: {note}", file=sys.stderr)


def _play(said: argparse.Namespace, means: Means) -> int:
    from bandmate.music import midifile
    from bandmate.timing.player.player import Player
    from bandmate.timing.player.stage import channels_said
    from bandmate.timing.ports.ports import open_output
    from bandmate.timing.sources.transport import Transport

    clip, settings = midifile.read(said.file), settings_of(said)
    output = open_output(settings, said.to, means.machine)
    channels, latency = channels_said(settings.channels), settings.latency_ms / 1000
    with Player(output, Transport(), latency=latency, channels=channels) as player:
        player.play(clip, "bar", said.loop, said.count_in)
        length = "round and round" if said.loop else f"{clip.length * 60 / clip.tempo:.1f} s"
        print(f"playing {said.file} on {output.name}, {length}; Ctrl-C stops", flush=True)
        while not player.wait(0.5):  # in pieces: Windows hears Ctrl-C only between two waits
            pass
        if player.trouble:
            raise PortError(player.trouble)
    return 0


def _ports(said: argparse.Namespace, means: Means) -> int:
    from bandmate.timing.ports.apis import chosen_api
    from bandmate.timing.ports.ports import outputs

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


def _learn(said: argparse.Namespace, _: Means) -> int:
    from bandmate.hosts.client import answers

    settings = settings_of(said)
    print("press the control, once...", flush=True)
    asked = answers(
        settings.host, settings.port, "/bandmate/live/learn", said.action, silence=_LEARN_SECONDS
    )
    with contextlib.closing(asked):
        answer = next(asked)
    if answer.address == "/bandmate/cancelled":
        raise Unavailable("another control is learned: try again")
    action, control = map(str, answer.arguments)
    print(f"{control} asks {action} from now on")
    return 0


def _calibrate(said: argparse.Namespace, means: Means) -> int:
    from bandmate.timing.player import calibrating

    settings, asked = settings_of(said), clicks_asked(said)
    if said.recorded is not None:
        from bandmate.music import midifile

        found = calibrating.recorded_offset(midifile.read(said.recorded))
        telling.show_offset(found, settings.latency_ms + found.milliseconds)
        return 0
    print(f"clicks come on {settings.midi_client}:{settings.midi_port}", flush=True)
    heard, grid = calibrating.play_clicks(
        asked.bars, asked.tempo, asked.source, settings, means.machine
    )
    if not heard:
        print(
            "nothing came back: record the clicks on a track of your host, save it as a .mid, and "
            "run `bandmate calibrate --recorded FILE`"
        )
        return 0
    found = calibrating.pinged_offset(heard, grid)
    telling.show_offset(found, (settings.latency_ms + found.milliseconds) / 2)
    return 0


def _panic(said: argparse.Namespace, means: Means) -> int:
    from bandmate.hosts.client import answers

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
    from bandmate.timing.player.player import Player
    from bandmate.timing.ports.ports import open_output
    from bandmate.timing.sources.transport import Transport

    output = open_output(settings, said.to, means.machine)
    with Player(output, Transport()) as player:
        player.panic()
    return output.name


def _render(said: argparse.Namespace, means: Means) -> int:
    from bandmate.music import midifile
    from bandmate.takes.sound import render

    output = said.output or said.file.with_suffix(".wav")
    with contextlib.suppress(OSError):  # one of them is not there, or nobody may look
        if output.samefile(said.file):
            raise AskError(f"the sound must go to another file than {output}, which it is made of")
    seconds = render(midifile.read(said.file), output, said.soundfont)
    print(f"{output}: {seconds:.1f} s")
    return 0


def _presets(said: argparse.Namespace, means: Means) -> int:
    from bandmate.asks.presets import presets

    columns = min(shutil.get_terminal_size().columns, telling.WIDEST)
    for preset in presets():
        tempo = "any tempo" if preset.tempo is None else "{:g}..{:g} BPM".format(*preset.tempo)
        parts = ", ".join(part.name for part in preset.parts)
        facts = [preset.genre or "any genre", tempo, parts]
        for line in (f"{preset.name}: {preset.words}", "    " + "; ".join(facts)):
            print(textwrap.fill(line, columns, subsequent_indent="    "))
    return 0


def _doctor(said: argparse.Namespace, means: Means) -> int:
    from dataclasses import asdict

    from bandmate.doctor.visit import examined, patient_of, summed_up

    patient = patient_of(said_settings(said), means.patient)
    found = []
    for finding in examined(patient):
        found.append(finding)
        if not said.json:
            print(finding.text, flush=True)
    words, code = summed_up(found)
    print(json.dumps([asdict(finding) for finding in found]) if said.json else words)
    return code


def _bridge(said: argparse.Namespace, means: Means) -> int:
    from bandmate.hosts import commands

    return commands.DOES[commands.checked(said.verb, said.bridge)](said, means.system)


_COMMANDS: dict[str, Callable[[argparse.Namespace, Means], int]] = {
    "serve": _serve,
    "loop": _loop,
    "chords": _chords,
    "transcribe": _transcribe,
    "suggest": _suggest,
    "measure": _measure,
    "play": _play,
    "ports": _ports,
    "learn": _learn,
    "calibrate": _calibrate,
    "panic": _panic,
    "render": _render,
    "presets": _presets,
    "doctor": _doctor,
    "setup": lambda said, means: setup.run(said, means.system),
    "bridge": _bridge,
    "shelf": lambda said, _: shelf.run(settings_of(said)),
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
