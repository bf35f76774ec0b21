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
from bandmate.timing import jack
from bandmate.timing.player import Player
from bandmate.timing.ports import Output, open_output, outputs
from bandmate.timing.transport import Transport
from timing.fake_port import Settings

pytestmark = pytest.mark.skipif(
    shutil.which("jackd") is None, reason="jackd is not installed (apt-get install jackd2)"
)

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


def test_a_clip_is_heard_note_for_note(reader: Callable[[Output], Queue[bytes]]) -> None:
    output = open_output(Settings("jack"))
    heard = reader(output)
    with Player(output, Transport()) as player:
        player.play(CLIP)
        messages = heard_until(heard, bytes((0x80, 67, 0)))
    starts = [tuple(m) for m in messages if m[0] == 0x90]
    ends = [tuple(m) for m in messages if m[0] == 0x80]
    assert starts == [(0x90, note.pitch, note.velocity) for note in NOTES]
    assert ends == [(0x80, note.pitch, 0) for note in NOTES]
    assert {bytes((0xC0, 4)), bytes((0x99, 36, 99)), bytes((0x89, 36, 0))} < set(messages)


def test_closing_in_the_midst_of_a_note_ends_it_before_the_port_goes(
    reader: Callable[[Output], Queue[bytes]],
) -> None:
    for _ in range(3):
        output = open_output(Settings("jack"))
        heard = reader(output)
        player = Player(output, Transport())
        player.play(Clip((Part("keys", 0, (Note(0.0, 60, 400.0, 100),)),), 400.0, 60.0))
        heard_until(heard, bytes((0x90, 60, 100)))
        player.close()
        assert bytes((0x80, 60, 0)) in heard_until(heard, bytes((0xB0, 123, 0)))


def test_the_name_survives_a_restart_and_can_be_played_to(
    reader: Callable[[Output], Queue[bytes]],
) -> None:
    import rtmidi

    open_output(Settings("jack")).close()
    output = open_output(Settings("jack"))
    assert output.name == "bandmate:loops"
    listener = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
    listener.open_virtual_port("in")
    try:
        assert "synth:in" in outputs(Settings("jack"))
        attached = open_output(Settings("jack", "bandmate-play"), to="synth")
        assert attached.name == "synth:in"
        attached.close()
    finally:
        listener.delete()
    output.close()


def test_a_dead_server_is_an_answer_and_its_return_is_enough(
    server: subprocess.Popen[bytes],
) -> None:
    output = open_output(Settings("jack"))
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


def test_a_flood_to_a_dead_server_is_an_answer_too(server: subprocess.Popen[bytes]) -> None:
    """More than the library's queue holds: without looking, it would wait in there for ever."""
    output = open_output(Settings("jack"))
    ended(server)
    with pytest.raises(PortError, match="is gone"):
        for _ in range(10_000):
            output.send(b"\x90\x3c\x64")
    output.close()
