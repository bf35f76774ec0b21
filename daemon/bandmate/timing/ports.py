"""MIDI ports: which API this machine has, what it offers, and the output that bandmate opens.

The API is chosen by hand, since the library's own choice raises where there is no ALSA sequencer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from bandmate.errors import PortError, nearest
from bandmate.timing import jack

CHECK_SECONDS = 0.25
"""How often, while sending, a server is asked whether it still lives."""
CHECK_MESSAGES = 500
"""And after how many messages at the latest; the library's queue holds 2,000."""


class Output(Protocol):
    """Where MIDI messages go."""

    name: str
    """As other programs show it: ``bandmate:loops``."""

    def check(self) -> None:
        """Make sure that messages are taken; raises PortError with the cure."""

    def send(self, message: bytes) -> None:
        """Send one message; raises PortError."""

    def close(self) -> None:
        """Close the port; a second time does nothing."""


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


class Library(Protocol):
    """What is used of the module ``rtmidi``, beside its constants."""

    def get_compiled_api(self) -> list[int]:
        """Return the APIs that it was built with."""

    def MidiOut(self, rtapi: int, name: str) -> Client:
        """Open a client."""


class PortSettings(Protocol):
    """The settings that are read here."""

    @property
    def midi_api(self) -> str:
        """``auto``, ``alsa``, ``jack``, ``coremidi``, ``windows`` or ``none``."""

    @property
    def midi_client(self) -> str:
        """Name of the client, before the colon."""

    @property
    def midi_port(self) -> str:
        """Name of the port, behind the colon."""


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
    return cast(Library, import_module("rtmidi"))  # only here: many runs play nothing


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


def outputs(settings: PortSettings, machine: Machine | None = None) -> list[str]:
    """Return the names of what can be played to; raises PortError where there is no MIDI."""
    machine = machine or Machine()
    client = _client(
        chosen_api(settings.midi_api, machine), f"{settings.midi_client}-look", machine
    )
    try:
        return list(client.get_ports())
    finally:
        client.delete()


def open_output(
    settings: PortSettings, to: str | None = None, machine: Machine | None = None
) -> Output:
    """Open bandmate's own port, or the one there is whose name holds *to*.

    Raises PortError with one sentence and the cure. Where a program cannot make a port (Windows)
    an existing one is used that is called like the settings' client or port, or loopMIDI.
    """
    machine = machine or Machine()
    return RtOutput(chosen_api(settings.midi_api, machine), settings, to, machine)


class RtOutput:
    """An output by python-rtmidi that notices when its server is gone, and comes back with it."""

    def __init__(self, api: Api, settings: PortSettings, to: str | None, machine: Machine) -> None:
        self.name = to or f"{settings.midi_client}:{settings.midi_port}"
        self._api = api
        self._settings = settings
        self._to = to
        self._machine = machine
        self._client: Client | None = None
        self._is_closed = False
        self._open()

    def check(self) -> None:
        """Make sure that messages are taken; raises PortError with the cure."""
        if self._is_closed:
            raise PortError(f"the MIDI port {self.name} is closed")
        # A message sent to a JACK server that has died waits in a queue, and once that is full
        # the library waits for room in it, for ever.
        self._checked, self._unchecked = self._machine.now(), 0
        if not self._machine.is_there(self._api.name):
            self._drop()
            raise PortError(
                f"the MIDI port {self.name} is gone, since {self._api.title} does not answer: "
                f"{self._api.cure}"
            )
        if self._client is None:
            self._open()

    def send(self, message: bytes) -> None:
        """Send one message; raises PortError."""
        is_old = self._machine.now() - self._checked >= CHECK_SECONDS
        if self._client is None or is_old or self._unchecked >= CHECK_MESSAGES:
            self.check()
        self._unchecked += 1
        try:
            cast(Client, self._client).send_message(message)
        except Exception as error:
            raise PortError(f"the MIDI port {self.name} took no message: {error}") from error

    def close(self) -> None:
        """Close the port; a second time does nothing."""
        self._is_closed = True
        self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.delete()

    def _open(self) -> None:
        client = _client(self._api, self._settings.midi_client, self._machine)
        try:
            if self._to is not None or not self._api.has_virtual:
                self.name = _attach(client, self._to, self._settings, self._api)
            else:
                client.open_virtual_port(self._settings.midi_port)
        except Exception as error:
            client.delete()
            raise _in_words(error, self._api) from error
        self._client = client
        self._checked, self._unchecked = self._machine.now(), 0


def _client(api: Api, name: str, machine: Machine) -> Client:
    library = machine.library()
    constant = getattr(library, api.constant, None)
    if constant not in library.get_compiled_api():
        raise PortError(f"the installed python-rtmidi has no {api.title}, install its wheel again")
    try:
        return library.MidiOut(constant, name=name)
    except Exception as error:
        raise _in_words(error, api) from error


def _in_words(error: Exception, api: Api) -> PortError:
    if isinstance(error, PortError):
        return error
    return PortError(f"{api.title} gave no MIDI port ({str(error).rstrip('.')}): {api.cure}")


def _attach(client: Client, to: str | None, settings: PortSettings, api: Api) -> str:
    """Open the first existing port that is meant, and return its name."""
    there = list(client.get_ports())
    wanted = [to] if to is not None else [settings.midi_client, settings.midi_port, "loopMIDI"]
    for word in wanted:
        for index, name in enumerate(there):
            if word.lower() in name.lower():
                client.open_port(index)
                return str(name)
    if to is not None and there:
        raise PortError(f"there is no MIDI port called {to!r}, try {nearest(to, there)}")
    if to is not None:
        raise PortError(f"there is no MIDI port called {to!r}, nor any other to play to")
    raise PortError(f"there is no MIDI port called {' or '.join(wanted)}: {api.cure}")
