"""The player through a real JACK server, read back by another client."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from bandmate.errors import PortError
from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player.player import Player
from bandmate.timing.ports import jack, jack_client
from bandmate.timing.ports.apis import Machine
from bandmate.timing.ports.inputs import open_input
from bandmate.timing.ports.ports import Output, open_output, outputs
from bandmate.timing.sources.transport import Transport
from timing.fake_port import Settings

pytestmark = pytest.mark.skipif(
    shutil.which("jackd") is None, reason="jackd is not installed (apt-get install jackd2)"
)

WAYS = [
    pytest.param(Machine(frames=lambda: None), id="rtmidi"),
    pytest.param(
        Machine(),
        id="frames",
        marks=pytest.mark.skipif(not jack_client.library(), reason="JACK-Client is not installed"),
    ),
]
"""The two ways to send on JACK."""
SERVER = f"bandmate-test-{os.getpid()}"
PATIENCE = 20.0


def started() -> subprocess.Popen[bytes]:
    """Start a JACK server without sound and return when it answers."""
    server = subprocess.Popen(
        ["jackd", "-n", SERVER, "-d", "dummy", "-r", "48000", "-p", "512"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while not jack.is_answering():  # it tells nobody that it is ready: one can only ask
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            pytest.fail(f"jackd does not answer (exit code {server.wait(PATIENCE)})")
        time.sleep(0.02)
    return server


def ended(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:  # it waits for a client that does not answer any more
        server.kill()
        server.wait(PATIENCE)
    for path in Path("/dev/shm").glob(f"jack_sem.*_{SERVER}_*"):  # of clients that outlived it
        path.unlink(missing_ok=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", SERVER)
    process = started()
    yield process
    ended(process)


@pytest.fixture
def reader(server: subprocess.Popen[bytes]) -> Iterator[Callable[[Output], Queue[bytes]]]:
    """A function that connects another client to an output and returns what it hears."""
    import rtmidi

    clients: list[Any] = []

    def connected(output: Output) -> Queue[bytes]:
        client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
        clients.append(client)
        heard: Queue[bytes] = Queue()
        client.set_callback(lambda event, _: heard.put(bytes(event[0])))
        client.open_port(client.get_ports().index(output.name), "in")
        return heard

    yield connected
    for client in clients:
        client.delete()


NOTES = tuple(Note(i / 2, 60 + i, 0.5, 100 + i) for i in range(8))
CLIP = Clip((Part("keys", 4, NOTES), Part("drums", 0, (Note(0.0, 36, 0.25, 99),))), 4.0, 400.0)


def heard_until(heard: Queue[bytes], last: bytes) -> list[bytes]:
    """Return what is heard up to *last*."""
    messages = [heard.get(timeout=PATIENCE)]
    while messages[-1] != last:
        messages.append(heard.get(timeout=PATIENCE))
    return messages


@pytest.mark.parametrize("way", WAYS)
def test_a_clip_is_heard_note_for_note(
    reader: Callable[[Output], Queue[bytes]], way: Machine
) -> None:
    output = open_output(Settings("jack"), machine=way)
    heard = reader(output)
    with Player(output, Transport()) as player:
        player.play(CLIP)
        messages = heard_until(heard, bytes((0x80, 67, 0)))
    starts = [tuple(m) for m in messages if m[0] == 0x90]
    ends = [tuple(m) for m in messages if m[0] == 0x80]
    assert starts == [(0x90, note.pitch, note.velocity) for note in NOTES]
    assert ends == [(0x80, note.pitch, 0) for note in NOTES]
    assert {bytes((0xC0, 4)), bytes((0x99, 36, 99)), bytes((0x89, 36, 0))} < set(messages)


@pytest.mark.parametrize("way", WAYS)
def test_closing_in_the_midst_of_a_note_ends_it_before_the_port_goes(
    reader: Callable[[Output], Queue[bytes]], way: Machine
) -> None:
    for _ in range(3):
        output = open_output(Settings("jack"), machine=way)
        heard = reader(output)
        player = Player(output, Transport())
        player.play(Clip((Part("keys", 0, (Note(0.0, 60, 400.0, 100),)),), 400.0, 60.0))
        heard_until(heard, bytes((0x90, 60, 100)))
        player.close()
        assert bytes((0x80, 60, 0)) in heard_until(heard, bytes((0xB0, 123, 0)))


@pytest.mark.parametrize("way", WAYS)
def test_the_name_survives_a_restart_and_can_be_played_to(
    reader: Callable[[Output], Queue[bytes]], way: Machine
) -> None:
    import rtmidi

    open_output(Settings("jack"), machine=way).close()
    output = open_output(Settings("jack"), machine=way)
    assert output.name == "bandmate:loops"
    listener = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
    listener.open_virtual_port("in")
    try:
        assert "synth:in" in outputs(Settings("jack"))
        attached = open_output(Settings("jack", "bandmate-play"), to="synth", machine=way)
        assert attached.name == "synth:in"
        attached.close()
    finally:
        listener.delete()
    output.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_dead_server_is_an_answer_and_its_return_is_enough(
    server: subprocess.Popen[bytes], way: Machine
) -> None:
    output = open_output(Settings("jack"), machine=way)
    with Player(output, Transport()) as player:
        player.play(Clip((Part("keys", 0, (Note(0.0, 60, 400.0, 100),)),), 400.0, 60.0))
        ended(server)
        with pytest.raises(PortError, match="is gone, since JACK does not answer"):
            player.play(CLIP)
        again = started()
        try:
            player.play(CLIP)
            assert player.wait(PATIENCE)
            assert player.clip is None
        finally:
            player.close()
            ended(again)


@pytest.mark.parametrize("way", WAYS)
def test_a_flood_to_a_dead_server_is_an_answer_too(
    server: subprocess.Popen[bytes], way: Machine
) -> None:
    """More than the library's queue holds: without looking, it would wait in there for ever."""
    output = open_output(Settings("jack"), machine=way)
    ended(server)
    with pytest.raises(PortError, match="is gone"):
        for _ in range(10_000):
            output.send(b"\x90\x3c\x64")
    output.close()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_played_to_us_comes_with_its_second(server: object, way: Machine) -> None:
    import rtmidi

    heard: Queue[tuple[float, bytes]] = Queue()
    output = open_output(Settings("jack"), machine=way)
    port = open_input(Settings("jack"), "play", lambda *said: heard.put(said), output, machine=way)
    sender = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="pads")
    try:
        assert port.name in sender.get_ports()
        sender.open_port(sender.get_ports().index(port.name))
        before = time.monotonic()
        sender.send_message(b"\x90\x3c\x64")
        second, message = heard.get(timeout=PATIENCE)
        assert message == b"\x90\x3c\x64"
        assert before - 0.05 < second < time.monotonic()
    finally:
        sender.delete()
        port.close()
        output.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_part_sounds_on_a_port_of_its_own(server: object, way: Machine) -> None:
    import rtmidi

    settings = Settings("jack", part_ports="drums", clock_out=True)
    output = open_output(settings, machine=way)
    listener = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
    listener.ignore_types(timing=False)
    ports = {name.split(":")[1]: i for i, name in enumerate(listener.get_ports())}
    assert {"loops", "drums", "clock-out"} <= set(ports)
    ticks = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="follower")
    ticks.ignore_types(timing=False)
    heard: Queue[bytes] = Queue()
    ticked: Queue[bytes] = Queue()
    listener.set_callback(lambda event, _: heard.put(bytes(event[0])))
    ticks.set_callback(lambda event, _: ticked.put(bytes(event[0])))
    listener.open_port(ports["drums"], "in")
    ticks.open_port(ports["clock-out"], "in")
    try:
        with Player(output, Transport(), has_clock=True) as player:
            player.play(CLIP)
            notes = heard_until(heard, bytes((0x89, 36, 0)))
            clock = heard_until(ticked, b"\xfc")
        assert notes == [bytes((0xC9, 0)), bytes((0x99, 36, 99)), bytes((0x89, 36, 0))]
        assert clock[0] == b"\xfa"
        assert clock.count(b"\xf8") >= 96  # four beats, and what was on its way at the end
    finally:
        listener.delete()
        ticks.delete()
