"""A whole Live: the module, the base of control surfaces, a song, its undo, and time by hand.

It is as strict as Live: nothing may be changed while a listener is told, a full slot takes no clip,
what was deleted raises, and everything that a script asks of it is counted.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

TICK = 0.1
"""Seconds between two ticks of Live."""

Undo = Callable[[], None]


class Lom:
    """An object of Live's: counted, listened to, and dead once it is deleted."""

    def __init__(self, live: FakeLive, **values: Any) -> None:
        self.__dict__["_live"] = live
        self.__dict__["_listeners"] = {}
        self.__dict__["_is_dead"] = False
        self.__dict__.update(values)

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            self._live.count(self)
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        listeners = self.__dict__["_listeners"]
        if name.startswith("add_") and name.endswith("_listener"):
            of = listeners.setdefault(name[4:-9], [])
            return of.append if name[4:-9] in self.__dict__ else _missing(name)
        if name.startswith("remove_") and name.endswith("_listener"):
            return listeners[name[7:-9]].remove
        if name.endswith("_has_listener"):
            return lambda does: does in listeners.get(name[:-13], [])
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._live.count(self)
        before = self.__dict__.get(name)
        self._live.changes(lambda: self._set(name, before))
        self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        self._live.notify(self.__dict__["_listeners"].get(name, ()))


def _missing(name: str) -> Any:
    raise AttributeError(name)


class Specification:
    """What add_new_notes takes."""

    def __init__(
        self,
        pitch: int,
        start_time: float,
        duration: float,
        velocity: float = 100.0,
        mute: bool = False,
    ) -> None:
        assert isinstance(pitch, int) and 0 <= pitch <= 127
        assert start_time >= 0 and duration > 0 and 1 <= velocity <= 127
        self.pitch, self.start_time, self.duration = pitch, start_time, duration
        self.velocity, self.mute = velocity, mute


class Clip(Lom):
    """A MIDI clip of the Session or the Arrangement."""

    def __init__(self, live: FakeLive, length: float, start: float = 0.0) -> None:
        super().__init__(
            live, name="", color=0, is_midi_clip=True, loop_start=0.0, loop_end=length,
            start_time=start, end_time=start + length, length=length, signature_numerator=4,
            signature_denominator=4, _notes=[],
        )  # fmt: skip

    def add_new_notes(self, notes: Sequence[Specification]) -> None:
        added = list(notes)
        assert all(isinstance(note, Specification) for note in added)
        self._live.notes += len(added)
        self._live.changes(lambda: [self._notes.remove(note) for note in added] and None)
        self._notes.extend(added)

    def get_notes_extended(
        self, from_pitch: int, pitch_span: int, from_time: float, time_span: float
    ) -> list[Specification]:
        found = [
            note
            for note in self._notes
            if from_pitch <= note.pitch < from_pitch + pitch_span
            and from_time <= note.start_time < from_time + time_span
        ]
        self._live.notes += len(found)
        return found


class Slot(Lom):
    """One place of the Session."""

    def __init__(self, live: FakeLive, track: Track) -> None:
        super().__init__(live, clip=None, _track=track)

    @property
    def has_clip(self) -> bool:
        return self.__dict__["clip"] is not None

    def create_clip(self, length: float) -> None:
        if self.__dict__["clip"] is not None:
            raise RuntimeError("slot is not empty")
        self._track._check()
        assert length > 0
        self._live.changes(self._take_away)
        self.__dict__["clip"] = self._live.born(Clip(self._live, length))

    def delete_clip(self) -> None:
        clip = self.__dict__["clip"]
        self._live.changes(lambda: self._put_back(clip))
        self._take_away()

    def _take_away(self) -> None:
        clip = self.__dict__["clip"]
        if clip is not None:
            clip.__dict__["_is_dead"] = True
        self.__dict__["clip"] = None

    def _put_back(self, clip: Clip) -> None:
        clip.__dict__["_is_dead"] = False
        self.__dict__["clip"] = clip


class Track(Lom):
    """A track; one without MIDI input holds audio."""

    def __init__(self, live: FakeLive, name: str, rows: int, has_midi_input: bool = True) -> None:
        super().__init__(
            live, name=name, has_midi_input=has_midi_input, is_foldable=False, is_frozen=False,
            devices=(), arrangement_clips=[], clip_slots=[],
        )  # fmt: skip
        self.__dict__["clip_slots"] += [Slot(live, self) for _ in range(rows)]
        if live.arranges:
            self.__dict__["create_midi_clip"] = self._create_midi_clip

    def _check(self) -> None:
        if not self.__dict__["has_midi_input"] or self.__dict__["is_frozen"]:
            raise RuntimeError("this track takes no MIDI clips")

    def _create_midi_clip(self, start: float, length: float) -> Clip:
        self._check()
        clips: list[Clip] = self.__dict__["arrangement_clips"]
        for other in clips:
            if other.__dict__["end_time"] > start and other.__dict__["start_time"] < start + length:
                self._live.mistakes.append("an Arrangement clip was cut")
        clip: Clip = self._live.born(Clip(self._live, length, start))
        self._live.changes(lambda: clips.remove(clip))
        clips.append(clip)
        return clip


class Song(Lom):
    """The Live set."""

    def __init__(self, live: FakeLive, rows: int) -> None:
        super().__init__(
            live, tempo=96.0, signature_numerator=4, signature_denominator=4, root_note=9,
            scale_name="Minor", scale_intervals=(0, 2, 3, 5, 7, 8, 10), scale_mode=True,
            is_playing=False, current_song_time=0.0, tracks=[], scenes=[], view=None,
        )  # fmt: skip
        self.__dict__["scenes"] += [Lom(live, name="") for _ in range(rows)]
        self.__dict__["view"] = Lom(
            live, selected_track=None, selected_scene=self.__dict__["scenes"][0], detail_clip=None
        )

    def begin_undo_step(self) -> None:
        self._live.begin_step()

    def end_undo_step(self) -> None:
        self._live.end_step()

    def create_scene(self, index: int) -> None:
        scenes, tracks = self.__dict__["scenes"], self.__dict__["tracks"]
        assert index == -1
        if len(scenes) >= self._live.most_scenes:
            raise RuntimeError("no more scenes in this edition of Live")
        scenes.append(Lom(self._live, name=""))
        for track in tracks:
            track.__dict__["clip_slots"].append(Slot(self._live, track))

        def back() -> None:
            scenes.pop()
            for track in tracks:
                track.__dict__["clip_slots"].pop()

        self._live.changes(back)

    def create_midi_track(self, index: int) -> None:
        tracks = self.__dict__["tracks"]
        if len(tracks) >= self._live.most_tracks:
            raise RuntimeError("no more tracks in this edition of Live")
        track = Track(self._live, f"{len(tracks) + 1}-MIDI", len(self.__dict__["scenes"]))
        self._live.changes(lambda: tracks.remove(track))
        tracks.insert(index, track)


class FakeLive:
    """Live from the outside: what a person does in it, and what its scripts did. Its clock is ours.

    It is also the handle that Live gives a script.
    """

    def __init__(
        self, tracks: Sequence[str] = ("1-MIDI",), rows: int = 8, arranges: bool = True
    ) -> None:
        self.arranges = arranges
        self.calls = self.notes = 0
        self.peak_calls = self.peak_notes = 0
        """The most of one tick."""
        self.passed_on: list[tuple[int, ...]] = []
        """MIDI that the script left to Live's own base."""
        self.messages: list[str] = []
        """What was shown in the status bar."""
        self.mistakes: list[str] = []
        """What no script may do."""
        self.undo_steps: list[list[Undo]] = []
        self.forwarded: set[tuple[str, int, int]] = set()
        self.most_tracks, self.most_scenes = 1000, 1000
        self.now = 1000.0
        self.stepped = self.changed_by_person = 0.0
        """When the last undo step began, and when the person last changed something."""
        self.queue: list[tuple[int, Callable[[], None]]] = []
        self.fails: set[str] = set()
        """Kinds of objects that refuse everything."""
        self.created: list[Clip] = []
        self._open: list[Undo] | None = None
        self._is_script = self._is_notifying = False
        self.song_object = Song(self, rows)
        for name in tracks:
            self.song_object.__dict__["tracks"].append(Track(self, name, rows))
        self.view = self.song_object.__dict__["view"]
        self.view.__dict__["selected_track"] = self.track(0)
        self.document = Lom(self, focused_document_view="Session")
        self.application_object = Lom(self, view=self.document)
        self.script: Any = None

    # the handle

    def handle(self) -> int:
        return 1

    def request_rebuild_midi_map(self) -> None:
        self.forwarded.clear()
        self.script.build_midi_map(7)

    # what the script does

    def count(self, thing: Lom) -> None:
        """Count a call of the script's, and refuse it where the thing is dead."""
        if not self._is_script:
            return
        self.calls += 1
        kind = type(thing).__name__
        if thing.__dict__["_is_dead"] or kind in self.fails:
            raise RuntimeError(f"this {kind} is there no more")

    def changes(self, undo: Undo) -> None:
        """Take note of a change and of the way back."""
        if not self._is_script:
            return
        if self._is_notifying:
            raise RuntimeError("Changes cannot be triggered by notifications.")
        if self._open is None:
            self.mistakes.append("a change outside of an undo step")
        else:
            self._open.append(undo)

    def born(self, clip: Clip) -> Clip:
        if self._is_script:
            self.created.append(clip)
        return clip

    def begin_step(self) -> None:
        if self._open is not None:
            self.mistakes.append("an undo step within another")
        self._open = []
        self.stepped = self.now

    def end_step(self) -> None:
        if self._open is None:
            self.mistakes.append("an undo step was ended twice")
        elif self._open:
            self.undo_steps.append(self._open)
        self._open = None

    @property
    def is_step_open(self) -> bool:
        return self._open is not None

    def notify(self, listeners: Sequence[Callable[[], None]]) -> None:
        before, self._is_notifying = self._is_notifying, True
        try:
            for does in list(listeners):
                with self.in_script():
                    does()
        finally:
            self._is_notifying = before

    # what a person does

    def track(self, index: int) -> Any:
        return self.song_object.__dict__["tracks"][index]

    def clip(self, track: int = 0, row: int = 0) -> Any:
        return self.track(track).__dict__["clip_slots"][row].__dict__["clip"]

    def put(
        self, track: int, row: int, notes: Sequence[tuple[int, float]] = (), length: float = 4.0
    ) -> Any:
        """Put a clip of pitches and starts into a slot, as a person does."""
        slot = self.track(track).__dict__["clip_slots"][row]
        slot.create_clip(length)
        clip = slot.__dict__["clip"]
        clip.__dict__["name"] = "mine"
        clip.__dict__["_notes"] += [Specification(p, s, 0.5, 80.0) for p, s in notes]
        return clip

    def select(self, track: int, row: int) -> None:
        self.view.__dict__["selected_track"] = self.track(track)
        self.view.__dict__["selected_scene"] = self.song_object.__dict__["scenes"][row]

    def set(self, **values: Any) -> None:
        """Change the song as a person does; listeners hear of it."""
        for name, value in values.items():
            setattr(self.song_object, name, value)

    def undo(self) -> None:
        """Take back the last step."""
        for back in reversed(self.undo_steps.pop()):
            back()

    def midi(self, *message: int) -> None:
        """Let a controller that the script listens to send a message."""
        with self.in_script():
            self.script.receive_midi_chunk((message,))

    # time

    @contextmanager
    def in_script(self) -> Iterator[None]:
        before, self._is_script = self._is_script, True
        try:
            yield
        finally:
            self._is_script = before

    def start(self, script: types.ModuleType) -> Any:
        """Let the person choose the control surface."""
        surface = importlib.import_module(f"{script.__name__}.surface")
        surface.Bandmate.bandmate_clock = staticmethod(lambda: self.now)
        with self.in_script():
            self.script = script.create_instance(self)
            self.script.build_midi_map(7)
        return self.script

    def tick(self, count: int = 1) -> None:
        """Let a tenth of a second pass, and more."""
        for _ in range(count):
            self.now += TICK
            if self.song_object.__dict__["is_playing"]:
                beats = TICK * self.song_object.__dict__["tempo"] / 60
                self.set(current_song_time=self.song_object.__dict__["current_song_time"] + beats)
            due, self.queue = self.queue, []
            self.calls = self.notes = 0
            with self.in_script():
                for _, does in due:
                    does()
            self.peak_calls = max(self.peak_calls, self.calls)
            self.peak_notes = max(self.peak_notes, self.notes)

    def stop(self) -> None:
        """Let the person choose another surface."""
        with self.in_script():
            self.script.disconnect()
