"""Ableton Live through AbletonOSC, for those who have it: no script of ours runs in Live.

AbletonOSC takes OSC on port 11000 and answers on 11001, whoever asks; its indices count from 0 and
come first in its answers, its notes come in fives. What is not answered is asked again. A clip is
made in an empty slot alone, and is looked at before notes go into it and after.
"""

from __future__ import annotations

import logging
import math
import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bandmate.contract.messages import Atom, Message
from bandmate.errors import BandmateError, PortError, Unavailable
from bandmate.music.clip import Clip, Note, Part
from bandmate.wires.packets import message_to_packet, packet_to_messages

PORT, REPLY_PORT = 11_000, 11_001
"""Where AbletonOSC listens, and where it answers."""

NOTES_A_MESSAGE = 50
"""About 1.6 KB: far from what any system cuts."""

PATIENCE, TRIES = 1.0, 3
"""Seconds for an answer (Live reads ten times a second), and how often is asked."""

SONG = ("tempo", "signature_numerator", "signature_denominator", "is_playing", "root_note",
        "scale_name")  # fmt: skip
"""Properties of the song; an older AbletonOSC does not know the last two."""

COLOURS = {"drums": 0xFFA529, "bass": 0x5480E4, "keys": 0x3DC300}
"""Of clips, by role; Live takes the nearest of its own."""

_SLOTS_AT_ONCE = 16
_WINDOW = 4.0
_NEAR = 1e-2
"""Beats: Live and OSC round."""

log = logging.getLogger(__name__)

Heard = Callable[[Message], None]


@dataclass(slots=True)
class Live:
    """One AbletonOSC, asked and told; blocks while it answers."""

    host: str = "127.0.0.1"
    port: int = PORT
    reply_port: int = REPLY_PORT
    hears: Heard = lambda _: None
    """Is given what comes unasked: the song's properties, errors."""
    wire: socket.socket = field(init=False)

    def open(self) -> None:
        """Take the port of its answers; raises PortError where another program has it."""
        self.wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.wire.bind((self.host, self.reply_port))
        except OSError as error:
            self.wire.close()
            raise PortError(
                f"port {self.reply_port}, on which AbletonOSC answers, is taken: stop the other "
                "program that talks to AbletonOSC"
            ) from error
        self.wire.setblocking(False)

    def close(self) -> None:
        """Give the port back."""
        self.wire.close()

    def tell(self, address: str, *arguments: Atom) -> None:
        """Send what is not answered."""
        packet = message_to_packet(Message(f"/live/{address}", arguments))
        try:
            self.wire.sendto(packet, (self.host, self.port))
        except OSError as error:
            log.debug("AbletonOSC cannot be reached: %s", error)

    def get(self, address: str, *indices: int) -> tuple[Atom, ...]:
        """Return what is answered behind the indices; raises Unavailable where nothing is."""
        return self.get_all(address, [indices])[indices]

    def get_all(
        self, address: str, wanted: Iterable[tuple[float, ...]]
    ) -> dict[tuple[float, ...], tuple[Atom, ...]]:
        """Ask the same of several, and return each answer by its indices; raises Unavailable."""
        missing = dict.fromkeys(wanted)
        found: dict[tuple[float, ...], tuple[Atom, ...]] = {}
        for _ in range(TRIES):
            for indices in missing:
                self.tell(address, *indices)
            end = time.monotonic() + PATIENCE
            while missing and (left := end - time.monotonic()) > 0:
                for message in self.received(left):
                    key = _key_of(message, missing)
                    if message.address == f"/live/{address}" and key is not None:
                        found[key] = message.arguments[len(key) :]
                        del missing[key]
                    else:
                        self.hears(message)
            if not missing:
                return found
        raise Unavailable(self.absence)

    @property
    def absence(self) -> str:
        """What is said where nothing answers."""
        return (
            f"AbletonOSC does not answer at {self.host}:{self.port}: choose it as a control "
            "surface in Live's settings, Link, Tempo & MIDI"
        )

    def received(self, wait: float) -> list[Message]:
        """Return what came, waiting up to *wait* seconds for the first of it."""
        came: list[Message] = []
        if not select.select([self.wire], [], [], wait)[0]:
            return came
        while True:
            try:
                data = self.wire.recv(65_507)
            except (BlockingIOError, ConnectionError):
                return came
            try:
                came += packet_to_messages(data)
            except BandmateError as error:
                log.debug("AbletonOSC sent what cannot be read: %s", error)

    # clips

    def place(self, clip: Clip, mark: str) -> list[str]:
        """Write a clip into the selected slot or the next empty one; return the clips' names.

        The first part goes to the selected track, each other to a new one to the right of it, all
        in the same scene. Raises Unavailable where there is no room or Live does not answer.
        """
        track, row = (int(number) for number in self.get("view/get/selected_clip")[:2])
        self._check_track(track)
        row = self._empty_row(track, row)
        names = []
        for index, part in enumerate(clip.parts or (Part("empty", 0),)):
            own = track if index == 0 else self._new_track(track + index, part.name)
            names.append(f"{part.name} {mark}")
            self._make(own, row, clip.length)
            self._dress(own, row, part.name, names[-1])
            self._fill(own, row, clip.length, part.notes)
        return names

    def _check_track(self, track: int) -> None:
        if not self.get("track/get/has_midi_input", track)[0]:
            raise Unavailable(
                "select a MIDI track in Live: the one that is selected holds no notes"
            )

    def _empty_row(self, track: int, row: int) -> int:
        rows = int(self.get("song/get/num_scenes")[0])
        for first in range(row, rows, _SLOTS_AT_ONCE):
            slots = [(track, i) for i in range(first, min(first + _SLOTS_AT_ONCE, rows))]
            full = self.get_all("clip_slot/get/has_clip", slots)
            for slot in slots:
                if not full[slot][0]:
                    return slot[1]
        self.tell("song/create_scene", -1)
        if int(self.get("song/get/num_scenes")[0]) <= rows:
            raise Unavailable(
                "no slot of the selected track is empty, and Live makes no more scenes"
            )
        return rows

    def _new_track(self, index: int, name: str) -> int:
        before = int(self.get("song/get/num_tracks")[0])
        self.tell("song/create_midi_track", index)
        if int(self.get("song/get/num_tracks")[0]) <= before:
            raise Unavailable(f"Live makes no further track for the part {name}")
        self.tell("track/set/name", index, name)
        return index

    def _make(self, track: int, row: int, length: float) -> None:
        if self.get("clip_slot/get/has_clip", track, row)[0]:
            raise Unavailable("something lies in that slot of Live by now: ask again")
        self.tell("clip_slot/create_clip", track, row, float(length))
        # Where a person was quicker, Live refused to make ours, and theirs lies there.
        there = self.get("clip_slot/get/has_clip", track, row)[0]
        if not there or self.get("clip/get/notes", track, row):
            raise Unavailable("Live made no clip in that slot: ask again")
        if abs(_real(self.get("clip/get/length", track, row)[0]) - length) > _NEAR:
            raise Unavailable("something lies in that slot of Live by now: ask again")

    def _dress(self, track: int, row: int, part: str, name: str) -> None:
        self.tell("clip/set/name", track, row, name)
        colour = COLOURS.get(part.rstrip("0123456789"))
        if colour is not None:
            self.tell("clip/set/color", track, row, colour)

    def _fill(self, track: int, row: int, length: float, notes: Sequence[Note]) -> None:
        missing = list(notes)
        for _ in range(TRIES):
            self._add(track, row, missing)
            missing = self._missing(track, row, length, notes)
            if not missing:
                return
        raise Unavailable(f"{len(missing)} of {len(notes)} notes did not arrive in Live")

    def _add(self, track: int, row: int, notes: Sequence[Note]) -> None:
        for first in range(0, len(notes), NOTES_A_MESSAGE):
            flat: list[Atom] = []
            for note in notes[first : first + NOTES_A_MESSAGE]:
                duration = max(note.duration, 1 / 64)
                flat += [note.pitch, float(note.start), float(duration), note.velocity, 0]
            self.tell("clip/add/notes", track, row, *flat)

    def _missing(self, track: int, row: int, length: float, notes: Sequence[Note]) -> list[Note]:
        """Return the notes that Live's clip does not hold."""
        there: dict[int, list[float]] = {}
        for window in range(math.ceil(length / _WINDOW)):
            for pitch, start in self._notes_in((track, row, 0, 128, window * _WINDOW, _WINDOW)):
                there.setdefault(pitch, []).append(start)
        return [
            note
            for note in notes
            if not any(abs(start - note.start) < _NEAR for start in there.get(note.pitch, ()))
        ]

    def _notes_in(self, window: tuple[int, int, int, int, float, float]) -> list[tuple[int, float]]:
        # It echoes the two indices alone, so windows are asked one by one.
        for _ in range(TRIES):
            self.tell("clip/get/notes", *window)
            end = time.monotonic() + PATIENCE
            while (left := end - time.monotonic()) > 0:
                for message in self.received(left):
                    if message.address == "/live/clip/get/notes":
                        flat = message.arguments[2:]
                        fives = zip(flat[::5], flat[1::5], strict=False)
                        return [(int(pitch), _real(start)) for pitch, start in fives]
                    self.hears(message)
        raise Unavailable("AbletonOSC does not tell which notes a clip holds")


def _key_of(message: Message, wanted: Iterable[tuple[float, ...]]) -> tuple[float, ...] | None:
    return next((own for own in wanted if message.arguments[: len(own)] == own), None)


def _real(atom: Atom) -> float:
    return float(atom) if isinstance(atom, int | float) else 0.0
