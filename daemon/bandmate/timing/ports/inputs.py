"""What is played to us: virtual input ports whose messages are stamped as they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bandmate.errors import PortError
from bandmate.timing.ports.apis import Machine, chosen_api
from bandmate.timing.ports.jack_client import JackOutput
from bandmate.timing.ports.ports import Output, PortSettings

PLAY, CLOCK = "play", "clock"
"""The ports: notes and controllers come to one, MIDI clock to the other."""

Hears = Callable[[float, bytes], None]
"""Takes the clock's second at which a message came, and the message; in a thread of the library."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came to the port ``play``."""

    second: float
    """Of ``time.monotonic``."""
    beat: float
    """Of the song's grid, as though the song rolled."""
    message: bytes


class Input(Protocol):
    """A port that is listened to."""

    @property
    def name(self) -> str:
        """As other programs show it."""

    def close(self) -> None:
        """Listen no more; a second time does nothing."""


def open_input(
    settings: PortSettings, port: str, hears: Hears, output: Output, machine: Machine | None = None
) -> Input:
    """Open an input port of our own, beside *output*; raises PortError with the cure."""
    if isinstance(output, JackOutput):
        return _JackInput(output.listen(port, hears))
    return RtInput(settings, port, hears, machine)


@dataclass(frozen=True, slots=True)
class _JackInput:
    """A port of the client that the output has, which closes it."""

    name: str

    def close(self) -> None:
        """Leave it to the output."""


class RtInput:
    """An input port of our own by python-rtmidi."""

    def __init__(
        self, settings: PortSettings, port: str, hears: Hears, machine: Machine | None = None
    ) -> None:
        """Open the port; raises PortError with the cure."""
        machine = machine or Machine()
        api = chosen_api(settings.midi_api, machine)
        library = machine.library()
        # On JACK each port is a client, and two of one name would be numbered by their order.
        client = f"{settings.midi_client}-{port}" if api.name == "jack" else settings.midi_client
        self.name = f"{client}:{port}"
        try:
            self._client = library.MidiIn(getattr(library, api.constant), name=client)
            self._client.ignore_types(sysex=True, timing=False, active_sense=True)
            self._client.set_callback(_stamped(hears))
            self._attach(port, api.has_virtual)
        except Exception as error:
            if isinstance(error, PortError):
                raise
            raise PortError(f"{api.title} gave no MIDI input {port} ({error})") from error
        self._is_closed = False

    def close(self) -> None:
        """Listen no more; a second time does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._client.cancel_callback()
            self._client.delete()

    def _attach(self, port: str, has_virtual: bool) -> None:
        """Make the port; where a program cannot, listen to one that is called like it."""
        if has_virtual:
            self._client.open_virtual_port(port)
            return
        there = self._client.get_ports()
        for index, name in enumerate(there):
            if self.name.replace(":", " ").lower() in name.lower():
                self._client.open_port(index)
                self.name = name
                return
        wanted = self.name.replace(":", " ")
        raise PortError(f"there is no MIDI port called {wanted}, add one in loopMIDI to be heard")


def _stamped(hears: Hears) -> Callable[[tuple[list[int], float], object], None]:
    def heard(event: tuple[list[int], float], _: object) -> None:
        hears(time.monotonic(), bytes(event[0]))

    return heard
