"""MIDI APIs: which of them this machine has, and what is used of the libraries that speak them.

The API is chosen by hand, since the library's own choice raises where there is no ALSA sequencer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from bandmate.errors import PortError
from bandmate.timing.ports import jack, jack_client


class Client(Protocol):
    """What is used of python-rtmidi's ``MidiOut``."""

    def get_ports(self) -> list[str]:
        """Return the names of what can be played to."""

    def open_port(self, port: int) -> object:
        """Connect to one of them."""

    def open_virtual_port(self, name: str) -> object:
        """Make a port of our own."""

    def send_message(self, message: bytes) -> None:
        """Send one message."""

    def delete(self) -> None:
        """Wait until what was sent is on its way, and close."""


class Listener(Protocol):
    """What is used of python-rtmidi's ``MidiIn``."""

    def get_ports(self) -> list[str]:
        """Return the names of what can be listened to."""

    def open_port(self, port: int) -> object:
        """Connect to one of them."""

    def open_virtual_port(self, name: str) -> object:
        """Make a port of our own."""

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None:
        """Choose what is not heard."""

    def set_callback(self, heard: Callable[[tuple[list[int], float], object], None]) -> None:
        """Say who hears."""

    def cancel_callback(self) -> None:
        """Say that nobody hears any more."""

    def delete(self) -> None:
        """Close."""


class Library(Protocol):
    """What is used of the module ``rtmidi``, beside its constants."""

    def get_compiled_api(self) -> list[int]:
        """Return the APIs that it was built with."""

    def MidiOut(self, rtapi: int, name: str) -> Client:
        """Open a client."""

    def MidiIn(self, rtapi: int, name: str) -> Listener:
        """Open a client that listens."""


@dataclass(frozen=True, slots=True)
class Api:
    """One row of the table of MIDI APIs."""

    name: str
    """As the settings name it."""
    title: str
    constant: str
    """What python-rtmidi calls it."""
    platform: str
    """Start of ``sys.platform``."""
    has_virtual: bool
    """True where a program can make a port of its own."""
    cure: str
    """What to do where it is not there."""


APIS: dict[str, Api] = {
    api.name: api
    for api in (
        Api("alsa", "ALSA", "API_LINUX_ALSA", "linux", True,
            "load the ALSA sequencer (modprobe snd-seq)"),
        Api("jack", "JACK", "API_UNIX_JACK", "linux", True,
            "start a JACK server (jackd) and set JACK_DEFAULT_SERVER if it has a name"),
        Api("coremidi", "CoreMIDI", "API_MACOSX_CORE", "darwin", True, "log in to the desktop"),
        Api("windows", "Windows MIDI", "API_WINDOWS_MM", "win", False,
            "install loopMIDI and add a port called bandmate in it"),
    )
}  # fmt: skip
"""In the order in which ``auto`` looks for them."""


def _is_there(api: str) -> bool:
    """Ask the machine whether an API answers; those of a whole system always do."""
    if api == "alsa":
        return Path("/dev/snd/seq").exists()
    return jack.is_answering() if api == "jack" else True


def _rtmidi() -> Library:
    """Return python-rtmidi; raises PortError where it is missing, as with Python 3.13 and newer."""
    try:
        return cast(Library, import_module("rtmidi"))  # only here: many runs play nothing
    except ModuleNotFoundError as error:
        raise PortError(
            "MIDI ports need python-rtmidi, which has wheels up to Python 3.12: install bandmate "
            "with Python 3.12, or add python-rtmidi to it where there is a C++ compiler"
        ) from error


@dataclass(frozen=True, slots=True)
class Machine:
    """What is asked of the machine; tests bring a machine of their own."""

    platform: str = sys.platform
    is_there: Callable[[str], bool] = _is_there
    """Whether the API of that name answers."""
    library: Callable[[], Library] = _rtmidi
    """python-rtmidi, or what behaves like it."""
    now: Callable[[], float] = time.monotonic
    apis: Mapping[str, Api] = field(default_factory=lambda: APIS)
    frames: Callable[[], Any | None] = jack_client.library
    """JACK-Client, or None where it is not installed."""


def chosen_api(wanted: str, machine: Machine | None = None) -> Api:
    """Return the API to use, where *wanted* is a setting; raises PortError with the cure."""
    machine = machine or Machine()
    if wanted == "none":
        raise PortError("MIDI ports are switched off, set midi_api to auto to have one")
    candidates = [
        api
        for api in machine.apis.values()
        if wanted in ("auto", api.name) and machine.platform.startswith(api.platform)
    ]
    if not candidates:
        own = [a.name for a in machine.apis.values() if machine.platform.startswith(a.platform)]
        raise PortError(f"midi_api must be auto, none or {' or '.join(own)} here, not {wanted}")
    for api in candidates:
        if machine.is_there(api.name):
            return api
    raise PortError(
        f"there is no MIDI port, since {' and '.join(api.title for api in candidates)} "
        f"{'do' if len(candidates) > 1 else 'does'} not answer: "
        f"{', or '.join(api.cure for api in candidates)}"
    )


def opened_client(api: Api, name: str, machine: Machine) -> Client:
    """Return a client that can play; raises PortError with the cure."""
    library = machine.library()
    constant = getattr(library, api.constant, None)
    if constant not in library.get_compiled_api():
        raise PortError(f"the installed python-rtmidi has no {api.title}, install its wheel again")
    try:
        return library.MidiOut(constant, name=name)
    except Exception as error:
        raise in_words(error, api) from error


def in_words(error: Exception, api: Api) -> PortError:
    """Return what the library raised as our own error."""
    if isinstance(error, PortError):
        return error
    return PortError(f"{api.title} gave no MIDI port ({str(error).rstrip('.')}): {api.cure}")
