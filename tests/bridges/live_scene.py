"""A Live with the bridge in it and a daemon beside it: a real socket, words that a test says."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bandmate.asks.notation import read_chords
from bandmate.chords.cards import Card
from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.contract.cards import card_to_pairs
from bandmate.contract.messages import Atom, Message, note_messages, pairs_of, take_to_pairs
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.wires.packets import message_to_packet, packet_to_messages
from bridges.fake_daemon import a_take
from bridges.fake_live import FakeLive
from bridges.live_script import LATEST, load_script

KEYS = Part("keys", 4, (Note(0.0, 60, 1.0, 90), Note(1.5, 64, 0.5, 70)))
BASS = Part("bass", 33, (Note(0.0, 36, 2.0, 100),))
DRUMS = Part("drums", 0, (Note(0.0, 36, 0.25, 110), Note(2.0, 38, 0.25, 100)))


def one(*parts: Part, length: float = 16.0) -> Clip:
    """Return a clip of these parts."""
    return Clip(parts, length)


def dense(notes: int, name: str = "keys") -> Clip:
    """Return a clip of one part with as many notes."""
    made = tuple(Note(i / 16, 36 + i % 60, 0.0625, 1 + i % 127) for i in range(notes))
    return Clip((Part(name, 0, made),), max(4.0, float(-(-notes // 64)) * 4))


class WireDaemon:
    """The daemon's end of the socket; datagrams go lost, come twice or swapped on demand."""

    def __init__(self, chance: random.Random | None = None, port: int = 0) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", port))
        self.port = int(self.socket.getsockname()[1])
        self.protocol = 1
        self.greets = True
        self.heard: list[Message] = []
        self.client: Any = None
        self.number = 11
        self._chance = chance

    def close(self) -> None:
        self.socket.close()

    def turn(self) -> list[Message]:
        """Read what came, answer hellos, and return the rest."""
        came = []
        while True:
            try:
                data, self.client = self.socket.recvfrom(65535)
            except (BlockingIOError, ConnectionError):
                break
            if self._is_lost():
                continue
            for message in packet_to_messages(data):
                self.heard.append(message)
                if message.address == "/bandmate/hello":
                    self._greet(message)
                else:
                    came.append(message)
        return came

    def _greet(self, message: Message) -> None:
        if self.greets:
            facts = ("version", "0.5.0", "protocol", self.protocol, "clips", "/clips")
            self.say(Message("/bandmate/hello", (message.arguments[0], *facts)))

    def say(self, *messages: Message) -> None:
        """Send messages to the bridge."""
        packets = [message_to_packet(message) for message in messages]
        if self._chance:
            packets = [p for p in packets for _ in range(1 + (self._chance.random() < 0.05))]
            if self._chance.random() < 0.2:
                self._chance.shuffle(packets)
        for packet in packets:
            if not self._is_lost():
                self.socket.sendto(packet, self.client)

    def _is_lost(self) -> bool:
        return self._chance is not None and self._chance.random() < 0.05

    def made(self, id_: Atom, *clips: Clip, file: str = "/clips/funk.mid") -> list[Message]:
        """Return the answers that bring takes."""
        messages = []
        for index, clip in enumerate(clips):
            self.number += 1
            notes = note_messages(id_, self.number, clip)
            told = take_to_pairs(a_take(self.number, clip, file), index, len(clips), len(notes))
            messages += [Message("/bandmate/loop/made", (id_, *told)), *notes]
        return messages

    def placed(self, id_: Atom, clip: Clip, number: int = 0) -> list[Message]:
        """Return the messages that place a take that was chosen elsewhere."""
        self.number += 1
        take = a_take(number or self.number, clip, "/clips/funk.mid")
        notes = note_messages(id_, take.number, clip)
        head = Message("/bandmate/clip/place", (id_, *take_to_pairs(take, chunks=len(notes))))
        return [head, *notes]

    def dealt(self, id_: Atom, cards: list[Card]) -> list[Message]:
        """Return the answers that bring cards."""
        messages = []
        for index, card in enumerate(cards):
            self.number += 1
            clip = played(card.progression, meter=Meter(4, 4), tempo=96.0)
            notes = note_messages(id_, self.number, clip)
            take = a_take(self.number, clip, "/clips/chords.mid")
            told = card_to_pairs(card, take, index, len(notes))
            messages += [Message("/bandmate/card/made", (id_, self.number, *told)), *notes]
        told = ("cards", len(cards), "key", "F:maj", "proposer", "p@1", "keywords", "warm")
        return [*messages, Message("/bandmate/chords/made", (id_, *told, "words", ""))]


class Scene:
    """Live, the bridge in it, the daemon, and the settings that the person wrote."""

    def __init__(self, live: FakeLive, daemon: WireDaemon, settings: Path) -> None:
        self.live, self.daemon, self.settings = live, daemon, settings
        self.asked: list[Message] = []

    def write(self, *lines: str) -> None:
        """Write the settings file."""
        self.settings.write_text("\n".join((f"port = {self.daemon.port}", *lines)), "utf-8")

    def start(self) -> None:
        LATEST[:] = [self.live]
        self.live.start(load_script())

    def tick(self, count: int = 1) -> None:
        """Let Live tick and the daemon read."""
        for _ in range(count):
            self.live.tick()
            self.asked += self.daemon.turn()

    def press(self, number: int, channel: int = 1) -> None:
        """Press and let go a button that sends a note."""
        self.live.midi(0x8F + channel, number, 100)
        self.live.midi(0x7F + channel, number, 0)

    def asks(self, address: str) -> list[Message]:
        return [message for message in self.asked if message.address == f"/bandmate/{address}"]

    def ask(self, address: str = "loop/ask") -> tuple[Atom, dict[str, Atom]]:
        """Return the id and the pairs of the last ask at an address."""
        message = self.asks(address)[-1]
        return message.arguments[0], dict(pairs_of(message.arguments[1:]))

    def settle(self, ticks: int = 30) -> None:
        self.tick(ticks)

    @property
    def words(self) -> list[str]:
        return [message.removeprefix("bandmate: ") for message in self.live.messages]


@contextmanager
def scene(
    tmp_path: Path,
    *lines: str,
    live: FakeLive | None = None,
    chance: random.Random | None = None,
    is_met: bool = True,
) -> Iterator[Scene]:
    """Set the scene, let bridge and daemon meet, and clear it all away."""
    load_script()
    from bandmate_in_live import settings  # type: ignore[import-not-found]

    daemon, file = WireDaemon(chance), tmp_path / "bandmate.txt"
    set_up = Scene(live or FakeLive(), daemon, file)
    set_up.write(*lines)
    before = settings.SettingsFile.__init__.__defaults__
    settings.SettingsFile.__init__.__defaults__ = (file,)
    try:
        set_up.start()
        if is_met:
            set_up.tick(3)
        yield set_up
    finally:
        settings.SettingsFile.__init__.__defaults__ = before
        if set_up.live.script is not None:
            set_up.live.stop()
        set_up.daemon.close()


def written(clip: Any) -> list[tuple[float, int, float, int]]:
    """Return the notes of a clip of Live's: start, pitch, duration, velocity."""
    notes = clip.__dict__["_notes"]
    return sorted((n.start_time, n.pitch, n.duration, int(n.velocity)) for n in notes)


def sent(part: Part) -> list[tuple[float, int, float, int]]:
    """Return the notes of a part as they must stand in Live."""
    return sorted((n.start, n.pitch, n.duration, n.velocity) for n in part.notes)


def card(text: str) -> Card:
    """Return a card in F, of chords as they are typed."""
    progression = Progression(Key(5), read_chords(text))
    return Card(progression, True, -9.0, 1.5, "proposer@1a2b3c4d", ("warm",))
