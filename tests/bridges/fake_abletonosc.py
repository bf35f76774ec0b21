"""AbletonOSC as its README says it answers, over a fake Live; in a thread, as Live is elsewhere.

Answers go to one port whoever asks, indices first; what it does not know it does not answer, and
what Live refuses becomes a /live/error.
"""

from __future__ import annotations

import random
import select
import socket
import threading
from collections.abc import Callable
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from bandmate.contract.messages import Atom, Message
from bandmate.wires.packets import packet_to_messages
from bridges.fake_live import FakeLive, Specification

OLD = frozenset({"root_note", "scale_name"})
"""What AbletonOSC did not know at first."""


class FakeAbletonOsc:
    """One AbletonOSC in one Live."""

    def __init__(
        self, live: FakeLive, reply_port: int, is_old: bool = False, loss: float = 0.0
    ) -> None:
        self.live, self.reply_port = live, reply_port
        self.wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.wire.bind(("127.0.0.1", 0))
        self.port = int(self.wire.getsockname()[1])
        self.longest = 0
        """Bytes of the longest message that came."""
        self.before_create: Callable[[], object] = lambda: None
        """Is called just before a clip is made: somebody may be quicker."""
        self.unknown: list[str] = []
        self._chance, self._loss = random.Random(7), loss
        self._is_old = is_old
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._end.send(b"x")
        self._thread.join()
        for one in (self._end, self._ended, self.wire):
            one.close()

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self.wire, self._ended], [], [])
            if self._ended in ready:
                return
            data, sender = self.wire.recvfrom(65_507)
            self.longest = max(self.longest, len(data))
            if self._chance.random() < self._loss:
                continue
            for message in packet_to_messages(data):
                try:
                    answer = self._answer(message)
                except Exception as error:  # noqa: BLE001 - so does AbletonOSC
                    answer = Message("/live/error", (f"Error handling message: {error}",))
                if answer and self._chance.random() >= self._loss:
                    self._send(answer, sender[0])

    def _send(self, message: Message, host: str) -> None:
        builder = OscMessageBuilder(message.address)
        for argument in message.arguments:
            builder.add_arg(argument)
        self.wire.sendto(builder.build().dgram, (host, self.reply_port))

    def _answer(self, message: Message) -> Message | None:
        _, _, thing, *verbs = message.address.split("/")
        does = getattr(self, f"_{thing}", None)
        told = does("/".join(verbs), message.arguments) if does else NotImplemented
        if told is NotImplemented:
            self.unknown.append(message.address)
            return None
        return Message(message.address, tuple(told)) if told is not None else None

    # what it knows; each returns what is answered, None for nothing

    def _song(self, verb: str, said: tuple[Atom, ...]) -> Any:
        song = self.live.song_object
        match verb.partition("/"):
            case "get", _, "num_tracks":
                return [len(song.tracks)]
            case "get", _, "num_scenes":
                return [len(song.scenes)]
            case "get", _, name if not (self._is_old and name in OLD):
                return [getattr(song, name)]
            case ("create_scene" | "create_midi_track") as method, _, _:
                getattr(song, method)(*said)
                return None
        return NotImplemented

    def _view(self, verb: str, said: tuple[Atom, ...]) -> Any:
        view, song = self.live.view, self.live.song_object
        if verb == "get/selected_clip":
            tracks, scenes = song.tracks, song.scenes
            return [tracks.index(view.selected_track), scenes.index(view.selected_scene)]
        return NotImplemented

    def _track(self, verb: str, said: tuple[Any, ...]) -> Any:
        track = self.live.song_object.tracks[said[0]]
        kind, _, name = verb.partition("/")
        if kind == "get":
            return [said[0], getattr(track, name)]
        setattr(track, name, said[1])
        return None

    def _clip_slot(self, verb: str, said: tuple[Any, ...]) -> Any:
        slot = self.live.song_object.tracks[said[0]].clip_slots[said[1]]
        if verb == "get/has_clip":
            return [*said, slot.has_clip]
        if verb == "create_clip":
            self.before_create()
            slot.create_clip(*said[2:])
            return None
        return NotImplemented

    def _clip(self, verb: str, said: tuple[Any, ...]) -> Any:
        clip = self.live.song_object.tracks[said[0]].clip_slots[said[1]].clip
        kind, _, name = verb.partition("/")
        if verb == "get/notes":
            window = said[2:] or (0, 127, -8192, 16384)
            notes = clip.get_notes_extended(*window)
            flat = [(n.pitch, n.start_time, n.duration, n.velocity, n.mute) for n in notes]
            return [*said[:2], *(atom for five in flat for atom in five)]
        if verb == "add/notes":
            fives = zip(*(said[2 + i :: 5] for i in range(5)), strict=True)
            notes = [Specification(p, s, d, v, bool(m)) for p, s, d, v, m in fives]
            again = {(note.pitch, note.start_time) for note in notes}
            held = clip.__dict__["_notes"]  # Live cuts what lies under a new note of its pitch
            held[:] = [n for n in held if (n.pitch, n.start_time) not in again]
            clip.add_new_notes(notes)
            return None
        if kind == "get":
            return [*said[:2], getattr(clip, name)]
        setattr(clip, name, said[2])
        return None
