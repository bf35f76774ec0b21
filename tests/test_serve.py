"""The daemon as a whole: it starts, says so, answers over every wire, and ends without a sound."""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate import __version__
from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.contract.messages import Atom, Message
from bandmate.errors import FileError, PortError
from bandmate.timing.player.client import Told
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bandmate.timing.ports.apis import Machine, chosen_api
from bandmate.wires.osc import OscWire
from bandmate.wires.packets import message_to_packet, packet_to_messages
from fakes import MODEL, FakeServant, open_fake
from fakes_chords import PRIOR, PROPOSER, openings
from timing import written_port
from wires.fake_daemon import PATIENCE, told
from wires.test_osc import tcp, udp

TESTS = Path(__file__).parent
NO_MIDI = Settings(midi_api="none", announce=False)


def wire_to(running: serve.Running) -> OscWire:
    """Return what the clients of the OSC tests take for a wire: it knows the port."""
    wire = OscWire(running.desk, running.desk.clients)
    wire.port = running.port
    return wire


def test_a_loop_is_made_by_the_worker_and_kept(home: Path) -> None:
    async def story() -> None:
        async with (
            serve.running(NO_MIDI, Means(open_fake, port=0)) as running,
            udp(wire_to(running)) as one,
            tcp(wire_to(running)) as two,
        ):
            one.says("loop/ask", "a1", "bars", 4, "tempo", 96.0, "seed", 7)
            two.says("loop/ask", 1, "bars", 2, "takes", 2)
            made = told(await one.heard.until("loop/made"))
            await two.heard.until("loop/made", 2)
            assert (made["model"], made["seed"], made["length"]) == (MODEL, 7, 16.0)
            assert Path(made["file"]).parent == home / "clips"
            assert Path(made["file"]).stat().st_size > 100
            assert multiprocessing.active_children()
        assert multiprocessing.active_children() == []

    asyncio.run(story())


def test_a_hello_tells_who_answers(home: Path) -> None:
    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)) as running:
            await running.warming
            async with udp(wire_to(running)) as client:
                client.says("hello", 1, "client", "test", "version", "1")
                facts = told(await client.heard.until("hello"))
                assert 0 <= time.time() - float(facts.pop("started")) < PATIENCE
                assert facts == {
                    "version": __version__,
                    "protocol": serve.PROTOCOL,
                    "model": MODEL,
                    "clips": str(home / "clips"),
                    "midi": "",
                }

    asyncio.run(story())


def test_a_machine_without_midi_still_serves(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with (
            serve.running(NO_MIDI, Means(open_fake, port=0)) as running,
            udp(wire_to(running)) as client,
        ):
            client.says("loop/ask", 1, "bars", 1, "play", 1)
            assert (await client.heard.error())[:2] == (1, "port")
            assert client.heard.of("loop/made")

    asyncio.run(story())
    assert any("takes cannot be played now" in record.getMessage() for record in caplog.records)


def test_a_machine_with_no_midi_system_is_told_what_is_missing_in_one_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def player(settings: Settings, tell: Told) -> PlayerApart:
        chosen_api(settings.midi_api, Machine("linux", lambda api: False))
        raise AssertionError("there is MIDI")

    async def story() -> None:
        means = Means(open_fake, player=player, port=0)
        async with serve.running(Settings(), means) as running, udp(wire_to(running)) as client:
            assert running.desk.deck.port == ""
            client.says("loop/ask", 1, "bars", 1, "at", "bar")
            assert (await client.heard.error())[:2] == (1, "port")
            assert Path(told(client.heard.of("loop/made")[0])["file"]).is_file()

    asyncio.run(story())
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    words = record.getMessage()
    assert words.startswith("takes cannot be played now: there is no MIDI port, since ALSA and")
    assert "start a JACK server" in words
    assert ". " not in words


def test_a_take_is_heard_from_its_line_on_by_a_player_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "port"
    file.touch()
    monkeypatch.setenv(written_port.PLACE, str(file))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))

    def player(settings: Settings, tell: Told) -> PlayerApart:
        return PlayerApart(Stage(has_inputs=False, opening=written_port.opened), tell)

    async def story() -> None:
        means = Means(open_fake, player=player, port=0)
        async with serve.running(Settings(), means) as running, udp(wire_to(running)) as client:
            assert running.desk.deck.port == "bandmate:loops"
            pairs = ("parts", "bass,keys", "tempo", 300.0)
            client.says("loop/ask", 1, "bars", 2, "seed", 1, *pairs)
            await client.heard.until("loop/made")
            client.says("take/play", 2, 1, "loop", 1)
            await client.heard.until("take/played")
            client.says("loop/ask", 3, "bars", 2, "at", "2 bars", "seed", 2, *pairs)
            played = (await client.heard.until("take/played", 2)).arguments
            assert played[:2] == (3, 2)
            own, stand_in, silent = played[2:]
            assert (int(own) + int(stand_in), silent) == (2, 0)
            assert told(client.heard.of("loop/planned")[0])["stands_in"] == "playing"
            client.says("transport/get", 4)
            now = told(await client.heard.until("transport/told"))
            assert (now["is_rolling"], now["tempo"], now["met"]) == (1, 300.0, own)
            client.says("take/stop", 5)
            await client.heard.until("take/stopped")
            assert client.heard.of("error") == []

    asyncio.run(story())
    sent = [bytes.fromhex(line) for line in file.read_text().split() if line != "closed"]
    held: set[bytes] = set()
    for message in sent:
        if message[0] & 0xF0 == 0x90:
            held.add(bytes((message[0] & 15, message[1])))
        elif message[0] & 0xF0 == 0x80:
            held.discard(bytes((message[0] & 15, message[1])))
    assert held == set()
    assert any(message[0] & 0xF0 == 0x90 for message in sent)


# chords

FAKES = Means(open_fake, openings(), port=0)


def test_the_models_for_chords_are_opened_when_they_are_wanted_and_all_are_closed() -> None:
    async def story() -> None:
        async with (
            serve.running(NO_MIDI, FAKES) as running,
            udp(wire_to(running)) as client,
        ):
            await running.warming
            client.says("loop/ask", 1, "bars", 1)
            await client.heard.until("loop/made")
            proposer, prior, inspire = running.chord_workers
            assert [worker.pid for worker in running.chord_workers] == [None, None, None]
            client.says("chords/suggest", 2, "before", "F C", "key", "F:maj")
            await client.heard.until("chords/suggested")
            assert prior.pid is not None
            assert [proposer.pid, inspire.pid] == [None, None]
            client.says("chords/ask", 3, "text", "a dark night", "key", "F:maj")
            made = told(await client.heard.until("chords/made"))
            assert (made["cards"], made["proposer"]) == (4, PROPOSER)
            assert told(client.heard.of("keywords/found")[0]) == {"keywords": "dark:0.8"}
            assert None not in [worker.pid for worker in running.chord_workers]
            assert len(multiprocessing.active_children()) == 4
        assert multiprocessing.active_children() == []

    asyncio.run(story())


def test_what_reads_inspirations_is_let_go_and_comes_back() -> None:
    async def story() -> None:
        settings = replace(NO_MIDI, inspire_idle=0)
        async with serve.running(settings, FAKES) as running, udp(wire_to(running)) as client:
            inspire = running.chord_workers[2]
            for count in (1, 2):
                client.says("chords/ask", count, "text", "warm", "cards", 1)
                await client.heard.until("chords/made", count)
                async with asyncio.timeout(PATIENCE):
                    while inspire.pid is not None:
                        await asyncio.sleep(0.01)
            assert client.heard.of("error") == []

    asyncio.run(story())


def test_the_death_of_the_proposer_is_told_and_the_prior_answers() -> None:
    async def story() -> None:
        means = Means(open_fake, openings(dies_at=3), port=0)
        async with serve.running(NO_MIDI, means) as running, udp(wire_to(running)) as client:
            client.says("chords/ask", 1, "key", "F:maj")
            made = told(await client.heard.until("chords/made"))
            assert (made["cards"], made["proposer"]) == (4, PRIOR)
            assert "the prior proposed instead" in made["words"]
            assert len(client.heard.of("card/made")) == 4

    asyncio.run(story())


def test_an_ask_for_chords_is_called_off_in_its_process() -> None:
    async def story() -> None:
        means = Means(open_fake, openings(lingers_at=2), port=0)
        async with serve.running(NO_MIDI, means) as running, udp(wire_to(running)) as client:
            client.says("chords/ask", 1)
            client.says("chords/ask", 2)
            assert (await client.heard.until("chords/queued", 2)).arguments == (2, 1)
            for id_ in (2, 1):
                client.says("cancel", id_)
            await client.heard.until("cancelled", 2)
            assert client.heard.of("error") == client.heard.of("chords/made") == []

    asyncio.run(story())


def test_chords_are_heard_in_a_file(tmp_path: Path) -> None:
    file, empty = tmp_path / "song.mid", tmp_path / "empty.wav"
    file.write_bytes(b"MThd")
    empty.touch()

    async def story() -> None:
        async with serve.running(NO_MIDI, FAKES) as running, udp(wire_to(running)) as client:
            client.says("chords/transcribe", 1, str(file), "key", "C:maj")
            assert told(await client.heard.until("chords/made"))["key"] == "C:maj"
            (card,) = client.heard.of("card/made")
            assert "C:maj E:min F:maj G:7" in card.arguments
            client.says("take/accept", 2, card.arguments[1])
            await client.heard.until("take/accepted")
            client.says("loop/ask", 3)
            made = told(await client.heard.until("loop/made"))
            assert (made["chords"], made["tempo"]) == ("C:maj E:min F:maj G:7", 96.0)
            client.says("chords/transcribe", 4, str(empty))
            id_, code, _ = await client.heard.error()
            assert (id_, code) == (4, "file")

    asyncio.run(story())


def no_model() -> FakeServant:
    raise FileError("models/loops/loops.onnx cannot be read: install bandmate again")


def test_a_missing_model_is_told_in_each_ask_and_all_else_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        async with serve.running(NO_MIDI, Means(no_model, port=0)) as running:
            await running.warming
            async with udp(wire_to(running)) as client:
                for count in (1, 2):
                    client.says("loop/ask", count, "bars", 1)
                    id_, code, words = await client.heard.error(count)
                    assert (id_, code) == (count, "file")
                    assert "install bandmate again" in str(words)
                client.says("song/set", 3, "tempo", 96.0)
                await client.heard.until("song/changed")

    asyncio.run(story())
    assert not [record for record in caplog.records if record.exc_info]


def dying() -> FakeServant:
    return open_fake(dies_at=1)


def test_the_death_of_the_worker_is_an_answer() -> None:
    async def story() -> None:
        async with (
            serve.running(NO_MIDI, Means(dying, port=0)) as running,
            udp(wire_to(running)) as client,
        ):
            client.says("loop/ask", 1, "bars", 2)
            assert (await client.heard.error())[:2] == (1, "unavailable")
            client.says("loop/ask", 2, "bars", 1)
            await client.heard.until("loop/made")

    asyncio.run(story())


def test_it_answers_before_the_model_is_there() -> None:
    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)) as running:
            assert not running.warming.done()
            async with udp(wire_to(running)) as client:
                client.says("loop/ask", 1, "bars", 1)
                client.says("hello", 2)
                assert told(await client.heard.until("hello"))["model"] == ""
                await client.heard.until("loop/made")

    asyncio.run(story())


def test_what_was_started_is_stopped_when_the_port_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)) as running:
            monkeypatch.setenv("BANDMATE_HOME", str(home.with_name("other")))
            with pytest.raises(PortError, match=f"port {running.port} on 127.0.0.1 is taken"):
                async with serve.running(NO_MIDI, Means(open_fake, port=running.port)):
                    pass
            async with udp(wire_to(running)) as client:
                client.says("hello", 1)
                await client.heard.until("hello")
        assert not (home / "mailbox" / "alive").exists()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


# as a process


def free_port() -> int:
    """Return a port that is free by UDP and TCP now."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Process:
    """A daemon in a process of its own, and a client that asks it by UDP."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.port = free_port()
        self.midi = folder / "midi.txt"
        self.log = folder / "log.txt"
        path = os.pathsep.join([str(TESTS.parent / "daemon"), str(TESTS)])
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, TESTS / "serve_with_fakes.py", str(self.port), self.midi, *words],
                stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": path},
            )  # fmt: skip
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", self.port))

    def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        self._socket.send(message_to_packet(Message(f"/bandmate/{address}", arguments)))

    def hears(self, address: str, patience: float = PATIENCE) -> Message:
        """Wait for an answer."""
        self._socket.settimeout(patience)
        while True:
            (message,) = packet_to_messages(self._socket.recv(65536))
            if message.address == f"/bandmate/{address}":
                return message
            assert message.address != "/bandmate/error", message

    def is_up(self) -> None:
        """Wait until it answers, as a client does: by asking again."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.says("hello", 1)
                self.hears("hello", 0.1)
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def ends(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def sent(self) -> list[bytes]:
        """Return the MIDI messages until now."""
        return [bytes.fromhex(line) for line in self.midi.read_text().splitlines()]

    def close(self) -> None:
        """Leave nothing behind."""
        self._socket.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def daemon(folder: Path, *words: str) -> Iterator[Process]:
    process = Process(folder, *words)
    try:
        process.is_up()
        yield process
    finally:
        process.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_no_note_hanging(tmp_path: Path, number: signal.Signals) -> None:
    with daemon(tmp_path) as process:
        process.says("loop/ask", 1, "bars", 8, "tempo", 60.0, "parts", "bass,keys,pad", "play", 1)
        process.hears("take/played")
        end = time.monotonic() + PATIENCE
        while not any(m[0] & 0xF0 == 0x90 for m in process.sent()) and time.monotonic() < end:
            time.sleep(0.01)
        assert process.ends(number) == 0
        ons = [m[:2] for m in process.sent() if m[0] & 0xF0 == 0x90]
        offs = {bytes((m[0] + 0x10, m[1])) for m in process.sent() if m[0] & 0xF0 == 0x80}
        assert ons
        assert set(ons) <= offs
        assert "Traceback" not in process.log.read_text()


def test_a_signal_while_it_works_ends_it_too(tmp_path: Path) -> None:
    with daemon(tmp_path) as process:
        for number in range(5):
            process.says("loop/ask", number, "bars", 64, "takes", 8)
        process.hears("loop/progress")
        assert process.ends(signal.SIGTERM) == 0
        assert "Traceback" not in process.log.read_text()


def test_its_log_may_be_json(tmp_path: Path) -> None:
    with daemon(tmp_path, "json") as process:
        process.says("loop/ask", 1, "bars", 1)
        process.hears("loop/made")
        assert process.ends(signal.SIGTERM) == 0
        lines = [json.loads(line) for line in process.log.read_text().splitlines()]
        assert {line["level"] for line in lines} == {"info"}
        messages = [line["message"] for line in lines]
        assert f"the model {MODEL} is loaded" in messages
        assert any(m.startswith("bandmate is ready on 127.0.0.1:") for m in messages)
        assert all(abs(line["time"] - time.time()) < 10 * PATIENCE for line in lines)


def test_a_log_line_tells_what_went_wrong() -> None:
    logger = logging.getLogger("test")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        record = logger.makeRecord(
            "test", 40, "file", 1, "took %d\nbars", (4,), sys.exc_info(), "function"
        )
    line = serve.JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "took 4\nbars"
    assert "ZeroDivisionError: by nothing" in json.loads(line)["error"]


def test_a_port_in_use_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        path = os.pathsep.join([str(TESTS.parent / "daemon"), str(TESTS)])
        ended = subprocess.run(
            [sys.executable, TESTS / "serve_with_fakes.py", str(port), tmp_path / "midi.txt"],
            capture_output=True, text=True, check=False, timeout=PATIENCE * 3,
            env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
    assert ended.returncode == 1
    (error,) = [line for line in ended.stderr.splitlines() if "ERROR" in line]
    assert f"port {port} on 127.0.0.1 is taken" in error
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


HEAVY = (
    "numpy", "onnxruntime", "miditok", "symusic", "torch", "rtmidi", "zeroconf", "rich",
    "llama_cpp", "PIL", "soundfile", "tokenizers", "scipy",
)  # fmt: skip


def test_serving_loads_nothing_heavy() -> None:
    words = f"import sys, bandmate.app.serve; print([m for m in {HEAVY} if m in sys.modules])"
    path = str(TESTS.parent / "daemon")
    ended = subprocess.run(
        [sys.executable, "-c", words],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert ended.stdout.strip() == "[]"
