"""The visit: all checks in their order, told line by line; a check that fails is a finding too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bandmate.config import Settings, read_settings
from bandmate.doctor import kept, leftovers, network, playing, shipped
from bandmate.doctor.findings import TROUBLE, Finding, Patient
from bandmate.errors import BandmateError

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", kept.settings),
    ("own folder", kept.home),
    ("clips", kept.clips),
    ("takes", kept.takes),
    ("controller", kept.controller),
    ("daemon", network.daemon),
    ("ports", network.ports),
    ("bridges", network.bridges_there),
    ("MIDI", playing.midi),
    ("priority", playing.priority),
    ("time", playing.clock),
    ("Link", playing.link),
    ("models", shipped.models),
    ("onnxruntime", shipped.runtime),
    ("loop model", shipped.loops),
    ("llama.cpp", shipped.llama),
    ("telemetry", leftovers.telemetry),
)
"""What is looked at, in this order."""


def patient_of(flags: Mapping[str, object], patient: Patient | None = None) -> Patient:
    """Return the patient with the settings that hold, and with what a running daemon tells.

    Settings that make no sense are a finding, not an error: the defaults are looked at then.
    """
    patient = patient or Patient()
    try:
        settings, mistakes = read_settings(flags), ""
    except BandmateError as error:
        settings, mistakes = Settings(), str(error)
    daemon = network.call_daemon(settings)
    return replace(patient, settings=settings, mistakes=mistakes, daemon=daemon)


def examined(patient: Patient) -> Iterator[Finding]:
    """Yield what is found, as it is found; never raises. One cause is told once."""
    told = set()
    for about, check in CHECKS:
        for finding in _found(about, check, patient):
            if finding.level != TROUBLE or (finding.words, finding.cure) not in told:
                told.add((finding.words, finding.cure))
                yield finding


def _found(about: str, check: Check, patient: Patient) -> Iterator[Finding]:
    """Yield what one check finds; that it fails is a finding too."""
    try:
        yield from check(patient)
    except BandmateError as error:
        words, _, cure = str(error).partition(": ")
        yield Finding(about, words, TROUBLE, cure)
    except Exception as error:  # noqa: BLE001 - one check must not keep the others from being made
        words = f"could not be looked at ({type(error).__name__}: {error})"
        yield Finding(about, words, TROUBLE, "install bandmate again, and tell us of this line")


def summed_up(found: Sequence[Finding]) -> tuple[str, int]:
    """Return the last line, and the exit code: 1 where something is broken."""
    troubles = sum(finding.level == TROUBLE for finding in found)
    if not troubles:
        return "nothing is broken", 0
    return f"{troubles} thing{'s are' if troubles > 1 else ' is'} broken", 1
