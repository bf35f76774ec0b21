"""A surface on a real socket: it touches controls, and shows what it is told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.surfaces.table import PREFIX
from bandmate.wires.packets import message_to_packet, packet_to_messages

PATIENCE = 20.0
"""Seconds until what is not told is a failure."""
_DATAGRAM = 65_507


class Tablet:
    """One surface, with one port to send from and to hear at."""

    def __init__(self, port: int) -> None:
        """Greet the daemon at its OSC *port*."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(PATIENCE)
        self.screen: dict[str, Atom] = {}
        """What each control shows."""
        self.touches("hello", float(self._socket.getsockname()[1]))
        self.until("source/internal", 1.0)

    def touches(self, name: str, value: Atom) -> None:
        """Set a control."""
        self._send(Message(f"{PREFIX}{name}", (value,)))

    def presses(self, name: str) -> None:
        """Press a button, and let it go."""
        self.touches(name, 1.0)
        self.touches(name, 0.0)

    def subscribes(self, topics: str) -> None:
        """Be told of topics by the contract's own messages too."""
        self._send(Message("/bandmate/subscribe", ("all", "to", topics)))

    def until(self, name: str, value: Atom) -> None:
        """Wait until a control shows a value."""
        self._hear(
            lambda _: self.screen.get(name) == value,
            lambda: f"{name} shows {self.screen.get(name)!r}, not {value!r}",
        )

    def until_told(self, address: str, is_right: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for news whose names and values are right."""
        self._hear(
            lambda message: (
                message.address == address and is_right(dict(pairs_of(message.arguments[1:])))
            ),
            lambda: f"{address} never came so",
        )

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()

    def _send(self, message: Message) -> None:
        self._socket.send(message_to_packet(message))

    def _hear(self, is_right: Callable[[Message], bool], words: Callable[[], str]) -> None:
        nothing = Message("", ())
        if is_right(nothing):
            return
        try:
            while True:
                for message in packet_to_messages(self._socket.recv(_DATAGRAM)):
                    if message.address.startswith(PREFIX):
                        self.screen[message.address.removeprefix(PREFIX)] = message.arguments[0]
                    if is_right(message):
                        return
        except TimeoutError:
            raise AssertionError(words()) from None
