"""MIDI ports that are played to: the port that bandmate opens, or one for each of some parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from bandmate.errors import PortError, nearest
from bandmate.timing.ports import jack_client
from bandmate.timing.ports.apis import Api, Client, Machine, chosen_api, in_words, opened_client

CHECK_SECONDS = 0.25
"""How often, while sending, a server is asked whether it still lives."""
CHECK_MESSAGES = 500
"""And after how many messages at the latest; the library's queue holds 2,000."""


CLOCK_OUT = "clock-out"
"""The port that MIDI clock is sent on, and what it is called in the place of a part."""


class Output(Protocol):
    """Where MIDI messages go."""

    name: str
    """As other programs show it: ``bandmate:loops``."""
    ahead: float
    """Seconds before a message is due at which it is wanted; 0: when it is due."""

    def check(self) -> None:
        """Make sure that messages are taken; raises PortError with the cure."""

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Send one message of a part at the clock's second *at*; None: at once. Raises PortError.

        An output that is not ``ahead`` sends at once whatever *at* is.
        """

    def take_back(self) -> int:
        """Forget what was sent with an *at* that is still to come; return how many messages."""

    def close(self) -> None:
        """Close the port; a second time does nothing."""


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

    @property
    def part_ports(self) -> str:
        """Parts that have a port of their own, with blanks between them."""

    @property
    def clock_out(self) -> bool:
        """True where MIDI clock is sent, on a port of its own."""


def outputs(settings: PortSettings, machine: Machine | None = None) -> list[str]:
    """Return the names of what can be played to; raises PortError where there is no MIDI."""
    machine = machine or Machine()
    client = opened_client(
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
    api = chosen_api(settings.midi_api, machine)
    parts = settings.part_ports.split() if to is None and api.has_virtual else []
    clock = [CLOCK_OUT] if to is None and api.has_virtual and settings.clock_out else []
    if to is None and api.name == "jack" and (frames := machine.frames()) is not None:
        client, port = settings.midi_client, settings.midi_port
        return jack_client.JackOutput(client, port, parts, clock, frames)
    parts += clock
    output = RtOutput(api, settings, to, machine)
    if not parts:
        return output
    return PartOutputs(
        output, {part: RtOutput(api, _Named(settings, part), None, machine) for part in parts}
    )


class RtOutput:
    """An output by python-rtmidi that notices when its server is gone, and comes back with it."""

    ahead = 0.0

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

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Send one message at once; raises PortError."""
        is_old = self._machine.now() - self._checked >= CHECK_SECONDS
        if self._client is None or is_old or self._unchecked >= CHECK_MESSAGES:
            self.check()
        self._unchecked += 1
        try:
            cast(Client, self._client).send_message(message)
        except Exception as error:
            raise PortError(f"the MIDI port {self.name} took no message: {error}") from error

    def take_back(self) -> int:
        """Return 0: nothing waits here."""
        return 0

    def close(self) -> None:
        """Close the port; a second time does nothing."""
        self._is_closed = True
        self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.delete()

    def _open(self) -> None:
        client = opened_client(self._api, self._settings.midi_client, self._machine)
        try:
            if self._to is not None or not self._api.has_virtual:
                self.name = _attach(client, self._to, self._settings, self._api)
            else:
                client.open_virtual_port(self._settings.midi_port)
        except Exception as error:
            client.delete()
            raise in_words(error, self._api) from error
        self._client = client
        self._checked, self._unchecked = self._machine.now(), 0


class PartOutputs:
    """An output for some parts each, and one for all others."""

    ahead = 0.0

    def __init__(self, main: Output, others: Mapping[str, Output]) -> None:
        self.name = main.name
        self._main = main
        self._others = dict(others)

    def check(self) -> None:
        """Make sure that all take messages; raises PortError with the cure."""
        for output in self._all:
            output.check()

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Send one message at once, to all where it is of no part; raises PortError."""
        of_notes = [output for name, output in self._others.items() if name != CLOCK_OUT]
        for output in [self._others.get(part, self._main)] if part else [self._main, *of_notes]:
            output.send(message, at, part)

    def take_back(self) -> int:
        """Return 0: nothing waits here."""
        return 0

    def close(self) -> None:
        """Close all; a second time does nothing."""
        for output in self._all:
            output.close()

    @property
    def _all(self) -> list[Output]:
        return [self._main, *self._others.values()]


@dataclass(frozen=True, slots=True)
class _Named:
    """Settings for the port of a part."""

    settings: PortSettings
    midi_port: str

    @property
    def midi_api(self) -> str:
        return self.settings.midi_api

    @property
    def midi_client(self) -> str:
        # On JACK each port is a client, and two of one name would be numbered by their order.
        return f"{self.settings.midi_client}-{self.midi_port}"

    part_ports = ""
    clock_out = False


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
