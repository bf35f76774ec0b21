"""The bridge as Live loads it: Live's modules in their place, and the package beside ours."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path

from bridges.fake_live import FakeLive, Specification

SCRIPT = Path(__file__).parents[2] / "bridge" / "ableton" / "bandmate"


class ControlSurface:
    """Live's own base of a surface, version 2."""

    def __init__(self, c_instance: FakeLive) -> None:
        self._fake = c_instance
        self.song = c_instance.song_object
        self.application = c_instance.application_object

    def schedule_message(self, delay: int, callback: Callable[[], None]) -> None:
        assert delay >= 1
        self._fake.queue.append((delay, callback))

    def show_message(self, message: str) -> None:
        assert isinstance(message, str)
        self._fake.messages.append(message)

    def build_midi_map(self, midi_map_handle: int) -> None:
        """Map nothing."""

    def receive_midi(self, midi_bytes: Sequence[int]) -> None:
        """Take what is no button of ours."""
        self._fake.passed_on.append(tuple(midi_bytes))

    def receive_midi_chunk(self, midi_chunk: Sequence[Sequence[int]]) -> None:
        """Take what is no button of ours; Live does not come here by way of receive_midi."""
        self._fake.passed_on += [tuple(midi_bytes) for midi_bytes in midi_chunk]

    def disconnect(self) -> None:
        self._fake.queue.clear()


def _forward(kind: str) -> Callable[..., bool]:
    def forward(script: int, handle: int, channel: int, number: int) -> bool:
        LATEST[-1].forwarded.add((kind, channel, number))
        return True

    return forward


LATEST: list[FakeLive] = []
"""The Live whose MIDI map is built."""


def load_script() -> types.ModuleType:
    """Return the bridge's package as Live would load it, under a name of its own."""
    name = "bandmate_in_live"
    if name in sys.modules:
        return sys.modules[name]
    live = types.ModuleType("Live")
    live.Clip = types.SimpleNamespace(MidiNoteSpecification=Specification)  # type: ignore[attr-defined]
    live.MidiMap = types.SimpleNamespace(  # type: ignore[attr-defined]
        forward_midi_note=_forward("note"), forward_midi_cc=_forward("cc")
    )
    sys.modules["Live"] = live
    for package in ("ableton", "ableton.v2", "ableton.v2.control_surface"):
        sys.modules[package] = types.ModuleType(package)
    sys.modules["ableton.v2.control_surface"].ControlSurface = ControlSurface  # type: ignore[attr-defined]
    spec = importlib.util.spec_from_file_location(
        name, SCRIPT / "__init__.py", submodule_search_locations=[str(SCRIPT)]
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:  # what lies in the bridge's folder is shipped
        spec.loader.exec_module(module)
        importlib.import_module(f"{name}.surface")
    finally:
        sys.dont_write_bytecode = before
    return module
