"""What playing needs: MIDI, a virtual port where there is a driver for it, priority, the time."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate.doctor.findings import NOTE, TROUBLE, Finding, Patient
from bandmate.errors import PortError
from bandmate.timing.ports.apis import chosen_api
from bandmate.timing.ports.ports import outputs

SURE = 0.5
"""Certainty under which the time is little more than a guess."""

_ABSENT = {
    "clock": ("no MIDI clock comes in", "let your DAW send MIDI clock to bandmate's port clock"),
    "bridge": ("no bridge reports its time", "start the bridge's follow action in your DAW"),
    "link": ("nobody else is on Link", "switch Link on in the other program"),
}
"""Of each source: what is missing, and the cure."""


def midi(patient: Patient) -> Iterator[Finding]:
    """Look for the MIDI system, and on Windows for the port of a driver."""
    settings = patient.settings
    if settings.midi_api == "none":
        cure = "set `midi_api` to auto to have a MIDI port"
        yield Finding("MIDI", "switched off", NOTE, cure)
        return
    try:
        api = chosen_api(settings.midi_api, patient.machine)
        there = outputs(settings, patient.machine)
    except ImportError as error:
        cure = "run `pip install --force-reinstall python-rtmidi`"
        yield Finding("MIDI", f"python-rtmidi does not load ({error})", TROUBLE, cure)
        return
    except PortError as error:
        words, _, cure = str(error).partition(": ")
        cure = cure or "set `midi_api` in config.yaml to auto"
        yield Finding("MIDI", words, TROUBLE, cure)
        return
    own = f"{settings.midi_client}:{settings.midi_port}"
    if api.has_virtual:
        yield Finding("MIDI", f"{api.title} answers; bandmate's own port is {own}")
        return
    yield Finding("MIDI", f"{api.title} answers")
    meant = (settings.midi_client, settings.midi_port, "loopMIDI")
    found = next((n for n in there if any(word.lower() in n.lower() for word in meant)), "")
    if found:
        yield Finding("virtual port", f"takes are played on {found}")
    else:
        missing = f"there is no port called {settings.midi_client} or loopMIDI"
        yield Finding("virtual port", missing, TROUBLE, api.cure)


def priority(patient: Patient) -> Iterator[Finding]:
    """Look whether notes may go out before other programs run."""
    if patient.may_play_first():
        yield Finding("priority", "notes go out before other programs run")
    else:
        cure = (
            "let your user have rtprio in /etc/security/limits.d (on Debian, join the group "
            "audio), then log in again"
        )
        yield Finding("priority", "notes may waver on a busy machine", NOTE, cure)


def link(patient: Patient) -> Iterator[Finding]:
    """Look for the package that Ableton Link needs."""
    version = patient.version_of("aalink")
    cure = "run `pip install bandmate[link]`"
    if version:
        yield Finding("Link", f"aalink {version} is installed")
    elif patient.settings.source == "link":
        yield Finding("Link", "source is link, but aalink is not installed", TROUBLE, cure)
    else:
        yield Finding("Link", "aalink is not installed, which only Link needs", NOTE, cure)


def clock(patient: Patient) -> Iterator[Finding]:
    """Tell who leads the time, and whether it is heard."""
    told = patient.daemon.transport
    settings = patient.settings
    if not told:
        needs_midi = settings.source == "clock" and settings.midi_api == "none"
        cure = "set `midi_api` to auto, or `source` to internal" if needs_midi else ""
        level = TROUBLE if needs_midi else "ok"
        words = f"{settings.source} leads once the daemon runs"
        if needs_midi:
            words = "source is clock, but MIDI is switched off"
        yield Finding("time", words, level, cure)
        return
    source, tempo = str(told["source"]), float(told["tempo"])
    wanted = settings.source if source == "internal" else source
    if wanted in _ABSENT and (source == "internal" or float(told["certainty"]) < SURE):
        words, cure = _ABSENT[wanted]
        yield Finding("time", f"{wanted} is to lead, but {words}", NOTE, cure)
    else:
        yield Finding("time", f"{source} leads at {tempo:g}")
