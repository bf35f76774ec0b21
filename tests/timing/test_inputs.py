"""Ports that are played to us: names, stamps, and what is said where there are none."""

from __future__ import annotations

import time

import pytest

from bandmate.errors import PortError
from bandmate.timing.ports.inputs import open_input
from timing.fake_port import FakeClock, FakeOutput, FakeRtmidi, Settings, World

OUTPUT = FakeOutput(FakeClock())


def ignore(second: float, message: bytes) -> None:
    """Hear nothing."""


@pytest.mark.parametrize(
    ("platform", "api", "name"),
    [("linux", "alsa", "bandmate:play"), ("linux", "jack", "bandmate-play:play"),
     ("darwin", "coremidi", "bandmate:play")],
)  # fmt: skip
def test_the_port_has_a_name_that_stays(platform: str, api: str, name: str) -> None:
    world = World(answering={api})
    port = open_input(Settings(), "play", ignore, OUTPUT, world.machine(platform))
    assert port.name == name
    assert world.rtmidi.done[0][2] == name.split(":", maxsplit=1)[0]
    port.close()
    port.close()
    assert world.rtmidi.done[-2:] == [("port", "play"), ("delete",)]


def test_what_is_heard_is_stamped_as_it_comes() -> None:
    world = World(answering={"alsa"})
    heard: list[tuple[float, bytes]] = []

    def hears(second: float, message: bytes) -> None:
        heard.append((second, message))

    port = open_input(Settings(), "play", hears, OUTPUT, world.machine())
    before = time.monotonic()
    listener = world.rtmidi.listeners["play"]
    assert listener.heard is not None
    listener.heard(([0x90, 60, 100], 0.0), None)
    assert [message for _, message in heard] == [bytes((0x90, 60, 100))]
    assert before <= heard[0][0] <= time.monotonic()
    port.close()
    assert listener.heard is None


def test_windows_listens_to_a_port_that_is_called_so() -> None:
    world = World(FakeRtmidi(["Keystation 0", "bandmate play 1"]), {"windows"})
    port = open_input(Settings(), "play", ignore, OUTPUT, world.machine("win32"))
    assert port.name == "bandmate play 1"
    with pytest.raises(PortError, match="no MIDI port called bandmate clock, add one in loopMIDI"):
        open_input(Settings(), "clock", ignore, OUTPUT, world.machine("win32"))


def test_a_library_that_refuses_is_told_in_words() -> None:
    world = World(FakeRtmidi(refusing=SystemError("no room")), {"alsa"})
    with pytest.raises(PortError, match=r"ALSA gave no MIDI input play \(no room\)"):
        open_input(Settings(), "play", ignore, OUTPUT, world.machine())
