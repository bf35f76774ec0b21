"""Which port is opened on which machine, with a python-rtmidi that only pretends."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.errors import PortError
from bandmate.timing.ports import jack
from bandmate.timing.ports.apis import Machine, chosen_api
from bandmate.timing.ports.ports import CHECK_SECONDS, open_output, outputs
from timing.fake_port import FakeRtmidi, Settings, World


@pytest.mark.parametrize(
    ("platform", "answering", "wanted", "chosen"),
    [
        ("linux", {"alsa", "jack"}, "auto", "alsa"),
        ("linux", {"jack"}, "auto", "jack"),
        ("linux", {"alsa", "jack"}, "jack", "jack"),
        ("darwin", {"coremidi"}, "auto", "coremidi"),
        ("win32", {"windows"}, "auto", "windows"),
    ],
)
def test_the_api_is_chosen_by_what_answers(
    platform: str, answering: set[str], wanted: str, chosen: str
) -> None:
    assert chosen_api(wanted, World(answering=answering).machine(platform)).name == chosen


@pytest.mark.parametrize(
    ("platform", "wanted", "words"),
    [
        (
            "linux",
            "auto",
            "no MIDI port, since ALSA and JACK do not answer: load .*, or start a JACK",
        ),
        ("linux", "jack", "no MIDI port, since JACK does not answer: start a JACK server"),
        ("linux", "windows", "midi_api must be auto, none or alsa or jack here, not windows"),
        ("darwin", "alsa", "midi_api must be auto, none or coremidi here, not alsa"),
        ("linux", "none", "switched off, set midi_api to auto"),
        ("plan9", "auto", "midi_api must be"),
    ],
)
def test_where_nothing_answers_the_cure_is_told(platform: str, wanted: str, words: str) -> None:
    with pytest.raises(PortError, match=words):
        open_output(Settings(wanted), machine=World().machine(platform))


def test_without_python_rtmidi_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)  # as if it were not installed
    here = replace(World(answering={"alsa"}).machine(), library=Machine().library)
    for ask in (outputs, open_output):
        with pytest.raises(PortError, match=r"need python-rtmidi, .*: install bandmate with"):
            ask(Settings(), machine=here)


def test_our_own_port_keeps_its_name() -> None:
    world = World(answering={"jack"})
    for _ in range(2):
        output = open_output(Settings(), machine=world.machine())
        assert output.name == "bandmate:loops"
        output.send(b"\x90\x3c\x64")
        output.close()
        output.close()
    assert world.rtmidi.done == 2 * [
        ("client", 3, "bandmate"),
        ("port", "loops"),
        ("send", b"\x90\x3c\x64"),
        ("delete",),
    ]


@pytest.mark.parametrize(
    ("api", "client"), [("alsa", "bandmate-drums"), ("jack", "bandmate-drums")]
)
def test_parts_and_the_clock_get_ports_of_their_own(api: str, client: str) -> None:
    world = World(answering={api})
    settings = Settings(part_ports="drums bass", clock_out=True)
    output = open_output(settings, machine=world.machine())
    assert output.name == "bandmate:loops"
    ports = [said[1] for said in world.rtmidi.done if said[0] == "port"]
    assert ports == ["loops", "drums", "bass", "clock-out"]
    assert client in [said[2] for said in world.rtmidi.done if said[0] == "client"]
    world.rtmidi.done.clear()
    output.send(b"\x90\x3c\x64", part="drums")
    assert len(world.rtmidi.done) == 1
    output.send(b"\xb0\x7b\x00")
    assert len(world.rtmidi.done) == 4  # to all parts, and not to the clock
    output.close()
    assert world.rtmidi.done.count(("delete",)) == 4


@pytest.mark.parametrize(
    ("there", "attached"),
    [
        (["Synth 0", "loopMIDI Port 1"], "loopMIDI Port 1"),
        (["loopMIDI Port 0", "Bandmate 1"], "Bandmate 1"),
    ],
)
def test_windows_attaches_to_a_port_that_is_there(there: list[str], attached: str) -> None:
    world = World(FakeRtmidi(there), {"windows"})
    output = open_output(Settings(), machine=world.machine("win32"))
    assert output.name == attached
    assert ("attach", attached) in world.rtmidi.done


def test_windows_without_a_loop_port_says_what_to_install() -> None:
    world = World(FakeRtmidi(["Microsoft GS Wavetable Synth 0"]), {"windows"})
    with pytest.raises(PortError, match="bandmate or loops or loopMIDI: install loopMIDI"):
        open_output(Settings(), machine=world.machine("win32"))
    assert world.rtmidi.done[-1] == ("delete",)


def test_a_port_can_be_named_by_a_piece_of_its_name() -> None:
    world = World(FakeRtmidi(["Midi Through:0", "FLUID Synth (77):Port 0"]), {"alsa"})
    output = open_output(Settings(), to="fluid", machine=world.machine())
    assert output.name == "FLUID Synth (77):Port 0"
    with pytest.raises(
        PortError, match=r"no MIDI port called 'FLUD Synth', try FLUID Synth \(77\)"
    ):
        open_output(Settings(), to="FLUD Synth", machine=world.machine())
    world.rtmidi.there = []
    with pytest.raises(PortError, match="nor any other to play to"):
        open_output(Settings(), to="fluid", machine=world.machine())


def test_what_there_is_is_listed() -> None:
    world = World(FakeRtmidi(["a:1", "b:2"]), {"alsa"})
    assert outputs(Settings(), world.machine()) == ["a:1", "b:2"]
    assert world.rtmidi.done[-1] == ("delete",)


def test_the_library_s_own_error_becomes_words() -> None:
    world = World(FakeRtmidi(refusing=SystemError("error creating client.")), {"alsa"})
    with pytest.raises(PortError, match=r"ALSA gave no MIDI port \(error creating client\): load"):
        open_output(Settings(), machine=world.machine())
    world.rtmidi.compiled = [3]
    with pytest.raises(PortError, match="python-rtmidi has no ALSA"):
        open_output(Settings(), machine=world.machine())


def test_a_message_that_fails_becomes_words() -> None:
    world = World(answering={"alsa"})
    output = open_output(Settings(), machine=world.machine())
    world.rtmidi.refusing = RuntimeError("full")
    with pytest.raises(PortError, match="bandmate:loops took no message: full"):
        output.send(b"\x90\x3c\x64")


def test_a_server_that_dies_is_noticed_and_found_again() -> None:
    world = World(answering={"jack"})
    output = open_output(Settings(), machine=world.machine())
    output.send(b"\x90\x3c\x64")
    world.answering.clear()
    world.second += CHECK_SECONDS
    with pytest.raises(
        PortError, match="bandmate:loops is gone, since JACK does not answer: start"
    ):
        output.send(b"\x80\x3c\x00")
    with pytest.raises(PortError, match="is gone"):  # at once, not after another while
        output.check()
    world.answering.add("jack")
    output.send(b"\x90\x40\x64")
    assert world.rtmidi.done[-3:] == [
        ("client", 3, "bandmate"),
        ("port", "loops"),
        ("send", b"\x90\x40\x64"),
    ]


def test_a_closed_port_stays_closed() -> None:
    output = open_output(Settings(), machine=World(answering={"jack"}).machine())
    output.close()
    with pytest.raises(PortError, match="is closed"):
        output.send(b"\x90\x3c\x64")


def test_jack_answers_where_its_socket_takes_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jack, "_FOLDERS", (tmp_path,))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "stage")
    assert not jack.is_answering()
    path = tmp_path / f"jack_stage_{jack.user()}_0"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert not jack.is_answering()  # bound, but nobody listens: left behind by a dead server
        server.listen()
        assert jack.is_answering()
        monkeypatch.setenv("JACK_DEFAULT_SERVER", "studio")
        assert not jack.is_answering()
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "stage")
    assert path.exists()
    assert not jack.is_answering()
