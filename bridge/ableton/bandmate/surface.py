"""The control surface that Live sees; thin, because Live's own base has many names already."""

from __future__ import annotations

import time
from typing import Any, Callable, Sequence

import Live
from ableton.v2.control_surface import ControlSurface

from .bridge import Bridge


class Bandmate(ControlSurface):
    """One control surface; Live makes it when it is chosen, and disconnects it in the end."""

    bandmate_clock: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds; tests bring their own."""

    def __init__(self, c_instance: Any) -> None:  # noqa: ANN401 - Live's own handle, without a type
        super().__init__(c_instance)
        self._bandmate_handle = c_instance
        self._bandmate: Bridge | None = Bridge(
            self.song, self.application, self.show_message, self.bandmate_clock
        )
        self._bandmate.open()
        self.schedule_message(1, self._bandmate_tick)

    def disconnect(self) -> None:
        """End everything; Live calls this when it closes, or another surface is chosen."""
        bridge, self._bandmate = self._bandmate, None
        if bridge:
            bridge.close()
        super().disconnect()

    def build_midi_map(self, midi_map_handle: int) -> None:
        """Ask Live for the notes and controllers that are buttons of ours."""
        super().build_midi_map(midi_map_handle)
        script = self._bandmate_handle.handle()
        for kind, channel, number in self._bandmate.buttons if self._bandmate else ():
            if kind == "note":
                Live.MidiMap.forward_midi_note(script, midi_map_handle, channel, number)
            else:
                Live.MidiMap.forward_midi_cc(script, midi_map_handle, channel, number)

    def receive_midi(self, midi_bytes: Sequence[int]) -> None:
        """Take a message."""
        if not (self._bandmate and self._bandmate.takes_midi(midi_bytes)):
            super().receive_midi(midi_bytes)

    def receive_midi_chunk(self, midi_chunk: Sequence[Sequence[int]]) -> None:
        """Take several messages; this is how Live 11 and later bring them."""
        others = [m for m in midi_chunk if not (self._bandmate and self._bandmate.takes_midi(m))]
        if others:
            super().receive_midi_chunk(others)

    def _bandmate_tick(self) -> None:
        if self._bandmate is None:
            return
        self._bandmate.tick()
        if self._bandmate.has_new_buttons:
            self._bandmate.has_new_buttons = False
            self._bandmate_handle.request_rebuild_midi_map()
        self.schedule_message(1, self._bandmate_tick)
