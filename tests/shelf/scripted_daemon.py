"""A daemon of which the test says every word: OSC over TCP, one connection at a time."""

from __future__ import annotations

import socket
from typing import cast

from bandmate.contract.messages import Atom, Message, note_messages, parts_to_text
from bandmate.music.clip import Clip
from bandmate.wires.packets import Frames, message_to_packet, packet_to_frame, packet_to_messages
from shelf.screen import PATIENCE


class ScriptedDaemon:
    """Listens until it is closed; all waiting ends with PATIENCE."""

    def __init__(self, port: int = 0) -> None:
        self._door = socket.create_server(("127.0.0.1", port))
        self._door.settimeout(PATIENCE)
        self.port: int = self._door.getsockname()[1]
        self._wire: socket.socket | None = None
        self._frames = Frames()
        self._heard: list[Message] = []
        self.log: list[str] = []
        """The addresses of all that was heard until now."""

    def greets(self, **told: Atom) -> Message:
        """Let a shelf in, answer its hello and return it."""
        self._wire, _ = self._door.accept()
        self._wire.settimeout(PATIENCE)
        self._frames = Frames()
        self._heard.clear()
        hello = {"version": "0.4.0", "protocol": 1, "started": "1", **told}
        return self.answers("hello", *(atom for pair in hello.items() for atom in pair))

    def hears(self, address: str) -> Message:
        """Wait for a message and return it; what came before it is forgotten."""
        while True:
            while not self._heard:
                assert self._wire
                data = self._wire.recv(65536)
                assert data, f"the shelf hung up before {address}"
                for packet in self._frames.fed(data):
                    self._heard += packet_to_messages(packet)
            message = self._heard.pop(0)
            self.log.append(message.address)
            if message.address == f"/bandmate/{address}":
                return message

    def answers(self, address: str, *told: Atom) -> Message:
        """Wait for a message and answer it under the same address; return what it asked."""
        asked = self.hears(address)
        self.says(address, asked.arguments[0], *told)
        return asked

    def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        self.sends(packet_to_frame(message_to_packet(Message(f"/bandmate/{address}", arguments))))

    def sends(self, data: bytes) -> None:
        """Send bytes."""
        assert self._wire
        self._wire.sendall(data)

    def lists(self, *takes: int) -> None:
        """Answer the ask for the list of takes."""
        id_ = self.hears("take/list").arguments[0]
        for take in takes:
            self.tells(take, id_)
        self.says("take/listed", id_, len(takes))

    def tells(self, take: int, id_: Atom = "news 2", **told: Atom) -> None:
        """Tell of a take."""
        pairs = {"take": take, "news": "made", "kind": "loop", "state": "made",
                 "title": f"loop #{take}", "client": "REAPER", "star": 0, **told}  # fmt: skip
        self.says("take/told", id_, *(atom for pair in pairs.items() for atom in pair))

    def gives(self, clip: Clip, file: str = "", **told: Atom) -> int:
        """Answer the next ask for a take's notes and return the take."""
        id_, take = self.hears("take/get").arguments
        notes = note_messages(id_, cast(int, take), clip)
        pairs: dict[str, Atom] = {
            "take": take, "file": file, "tempo": float(clip.tempo), "key": str(clip.key or ""),
            "meter": str(clip.meter), "bars": clip.bars, "length": float(clip.length),
            "chords": "", "parts": parts_to_text(clip), "chunks": len(notes),
            **told,
        }  # fmt: skip
        self.says("take/got", id_, *(atom for pair in pairs.items() for atom in pair))
        for message in notes:
            self.sends(packet_to_frame(message_to_packet(message)))
        return cast(int, take)

    def hangs_up(self) -> None:
        """End the connection, and listen no more."""
        if self._wire:
            self._wire.close()
            self._wire = None
        self._door.close()
