"""The command line as a person types it; the loop model and the MIDI library are fakes."""

from __future__ import annotations

import _thread
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bandmate import paths
from bandmate.app.cli import Means, main
from bandmate.app.flags import COMMANDS
from bandmate.asks.loop import FIELDS
from bandmate.asks.presets import presets
from bandmate.contract.messages import Atom, Message
from bandmate.errors import FileError
from bandmate.loops.bars import Bar
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.takes.store import Takes
from bandmate.wires.packets import message_to_packet, packet_to_messages
from fakes import FakeServant, open_fake
from timing.fake_port import World

FAKE = Means(open_fake)
ISSUE = (
    "loop --bars 4 --tempo 96 --key A:min --meter 4/4 --parts drums,bass,keys:4,lead2:81 "
    "--genre funk --density 8 --chords|A:min D:min,G:7 F:maj E:7|--seed 7 --takes 2 "
    "--section verse --energy 3 --temperature 0.9 --top-k 20 --top-p 0.9 --free --json"
)
"""Flags are parted by blanks; what stands between bars is one word."""


def typed(text: str) -> list[str]:
    parts = text.split("|")
    return [word for i, part in enumerate(parts) for word in ([part] if i % 2 else part.split())]


def kept() -> list[Any]:
    """Return the plans of all takes that were kept, newest first."""
    takes = Takes(paths.database(), paths.clips())
    try:
        return [json.loads(take.ask) for take in takes.listed()]
    finally:
        takes.close()


Capture = pytest.CaptureFixture[str]


def test_a_loop_is_told_in_json_alone(tmp_path: Path, capfd: Capture) -> None:
    output = tmp_path / "out.mid"
    assert main([*typed(ISSUE), "-o", str(output)], FAKE) == 0
    told = capfd.readouterr()
    assert told.err == ""
    first, second = json.loads(told.out)["takes"]
    assert (first["file"], second["file"]) == (str(output), str(tmp_path / "out-2.mid"))
    assert (first["seed"], second["seed"]) == (7, 8)
    assert first["take"] + 1 == second["take"]
    assert first["parts"][2] == {"name": "keys", "role": "keys", "program": 4, "notes": 16}
    assert [part["program"] for part in first["parts"]] == [0, 33, 4, 81]
    assert first["chords"] == "A:min D:min,G:7 F:maj E:7"
    assert (first["tempo"], first["key"], first["meter"], first["bars"]) == (96, "A:min", "4/4", 4)
    assert first["model"] == "fake@00c0ffee"
    assert 0 < first["first_bar_ms"] <= first["made_ms"]
    clip = midifile.read(output)
    assert (clip.bars, clip.tempo, len(clip.parts)) == (4, 96.0, 4)


def test_every_flag_reaches_the_plan() -> None:
    assert main(typed(ISSUE), FAKE) == 0
    plan = kept()[-1]
    said = {
        "bars": 4, "tempo": 96.0, "key": "A:min", "meter": "4/4", "genre": "funk",
        "seed": 7, "section": "verse", "energy": 3, "temperature": 0.9, "top_k": 20, "top_p": 0.9,
        "in_key": False, "parts": "drums:0,bass:33,keys:4,lead2:81",
    }  # fmt: skip
    assert {name: plan[name] for name in said} == said
    assert ["Density", "All", 8.0] in plan["wishes"]
    assert [label for _, _, label in plan["chords"]] == ["A:min", "D:min", "G:7", "F:maj", "E:7"]


def test_a_persons_own_clip_is_kept_and_played_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    parts = tuple(
        Part(name, program, tuple(Note(4.0 * bar + 0.1, 40, 1.3, 77) for bar in range(4)))
        for name, program in (("drums", 0), ("bass", 33), ("lead", 81))
    )
    midifile.write(Clip(parts, 16.0, 97.0, Meter(4, 4)), tmp_path / "in.mid")
    monkeypatch.chdir(tmp_path)
    line = (
        "loop --density 8 --strictness 1 --feel 0 --velocity 80 --pitch lead=72 "
        "--curve density=4,6,8,12 --context in.mid --keep drums --refill bass:3-4 --vary 0.3 "
        "--bars 16 --seed 7 --json -o out.mid"
    )
    assert main(typed(line), FAKE) == 0
    (told,) = json.loads(capsys.readouterr().out)["takes"]
    assert (told["bars"], told["tempo"]) == (16, 97.0)
    plan = kept()[0]
    assert (plan["strictness"], plan["feel"], plan["bars"]) == (1, 0, 16)
    assert [
        wish for wish in plan["wishes"] if wish[0] == "Density" and wish[1] in ("All", "0", "15")
    ] == [["Density", "All", 8.0], ["Density", "0", 4.0], ["Density", "15", 12.0]]
    assert {tuple(wish) for wish in plan["wishes"]} >= {
        ("Velocity", "All", 80.0), ("Pitch", "lead", 72.0),
    }  # fmt: skip
    there = [task for task in plan["tasks"] if task[0] < 4]
    assert there == [[2, "bass", 0.3], [3, "bass", 0.3]]
    before, after = midifile.read(tmp_path / "in.mid"), midifile.read(tmp_path / "out.mid")
    kept_notes = {part.name: part.notes[:4] for part in after.parts}
    assert kept_notes["drums"] == before.parts[0].notes
    assert kept_notes["lead"] == before.parts[2].notes
    assert kept_notes["bass"][:2] == before.parts[1].notes[:2]


EDITS = [
    ("--take 1 --refill bass:2", ["drums", "bass", "keys"]),
    ("--take 1 --add lead --remove keys --shift bass=+1", ["drums", "bass", "lead"]),
    ("--like 1 --takes 2", ["drums", "bass", "keys"]),
    ("--between 1,2", ["drums", "bass", "keys"]),
    ("--take 1 --continues --bars 2", ["drums", "bass", "keys"]),
    ("--take 1 --bars 8 --loop off", ["drums", "bass", "keys"]),
    ("--keywords dark,slow --time-feel half", ["drums", "bass", "keys"]),
    ("--form|A:2 B:2", ["drums", "bass", "keys"]),
    ("--duration keys=2 --polyphony 2 --register keys=20 --swing 1", ["drums", "bass", "keys"]),
]


@pytest.mark.parametrize(("flags", "parts"), EDITS)
def test_takes_are_edited_from_the_command_line(
    flags: str, parts: list[str], capsys: Capture
) -> None:
    assert main(typed("loop --seed 1 --takes 2"), FAKE) == 0
    capsys.readouterr()
    assert main([*typed("loop --seed 9 --json"), *typed(flags)], FAKE) == 0
    told = json.loads(capsys.readouterr().out)["takes"][0]
    assert [part["name"] for part in told["parts"]] == parts


def test_what_is_not_said_is_as_everywhere() -> None:
    assert main(["loop", "--preset", "village-waltz"], FAKE) == 0
    plan = kept()[0]
    assert (plan["bars"], plan["meter"], plan["in_key"]) == (4, "3/4", True)


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mid", "b.mid"):
        assert main(["loop", "--seed", "7", "-o", str(tmp_path / name)], FAKE) == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_without_json_the_roll_is_shown_and_the_file_named(capsys: Capture, home: Path) -> None:
    assert main(["loop", "--seed", "7", "--tempo", "96", "--takes", "2"], FAKE) == 0
    shown = capsys.readouterr().out
    assert shown.count("4 bars · 96 BPM · C major · 4/4") == 2
    files = sorted((home / "clips").glob("*.mid"))
    assert len(files) == 2
    assert all(str(file) in shown for file in files)
    assert "take 1, seed 7, made in" in shown


def test_what_the_model_wants_told_goes_to_stderr(capsys: Capture) -> None:
    opening = partial(FakeServant, note="there is no GPU here, so the CPU works")
    assert main(["loop", "--json"], Means(opening)) == 0
    told = capsys.readouterr()
    assert told.err == "bandmate: there is no GPU here, so the CPU works\n"
    assert json.loads(told.out)["takes"]


MISTAKES = [
    ("loop --bars 0", "bars must be in 1..64, not 0"),
    ("loop --bars 65", "bars must be in 1..64, not 65"),
    ("loop --bars x", "bars must be in 1..64, not 'x'"),
    ("loop --tempo nan", "tempo must be in 20..400, not nan"),
    ("loop --tempo 0", "tempo must be in 20..400, not 0"),
    ("loop --key H:min", "key must be written like"),
    ("loop --chords Xmaj", "chord must be written like"),
    ("loop --parts drums,bas", "parts must be roles such as bass"),
    ("loop --genre funky", "genre must be one such as funk"),
    ("loop --preset funk", "preset must be one such as tight-funk"),
    ("loop --takes 9", "takes must be in 1..8, not 9"),
    ("loop --refill bass:3", "refill needs a clip that is there: say context, take, like"),
    ("loop --context no.mid --add lead", "CWD/no.mid cannot be read: there is no such file"),
    ("loop --take 99 --add lead", "take is not there before the first loop, not 99"),
    ("loop --density 40 --duration 4", "density 40 and duration 4 cannot be together: notes that"),
    ("loop --density strings=4", "density must be of the clip's parts drums, bass, keys, not of"),
    ("loop --form AA", "form must be 1..24 words such as A, A', B:8"),
    ("loop --bars 2 --chords|C F G", "chords must fill 1..2 bars, as the clip does, not 3"),
    ("loop --device gpu", "device must be cpu or cuda, not 'gpu'"),
    ("loop --threads 99", "threads must be in 1..16, not 99"),
    ("loop --model loops@00000000", "model must be fake@00c0ffee, which is loaded"),
    ("loop -o /nowhere/out.mid", "/nowhere/out.mid cannot be written: there is no folder /nowhere"),
    ("loop -o .", ". cannot be written: it is a folder"),
    ("loop --bar 4", "loop has no flag --bar, try --bars"),
    ("loop --bars=4 --colour=red", "loop has no flag --colour, try"),
    ("loop --bars", "argument --bars: expected one argument"),
    ("loop now", "loop does not know what to do with 'now'"),
    ("lop", "there is no command 'lop', try loop"),
    ("play", "the following arguments are required: FILE"),
    ("play nothing.mid", "nothing.mid cannot be read: No such file or directory"),
    ("render nothing.mid", "nothing.mid cannot be read: No such file or directory"),
    ("ports --midi-api none", "MIDI ports are switched off"),
    ("serve --port 0", "port must be in 1..65535, not 0"),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES)
def test_a_mistake_is_one_sentence(line: str, words: str, capsys: Capture) -> None:
    assert main(typed(line), FAKE) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("bandmate: " + words.replace("CWD", str(Path.cwd())))
    assert told.err.count("\n") == 1


def test_a_take_that_cannot_go_where_it_should_is_told_where_it_lies(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def refuses(clip: Clip, path: Path) -> None:
        raise FileError(f"{path} cannot be written: No space left on device")

    monkeypatch.setattr(midifile, "write", refuses)
    assert main(["loop", "-o", str(tmp_path / "out.mid")], FAKE) == 2
    (file,) = (home / "clips").glob("*.mid")
    assert capsys.readouterr().err.endswith(
        f"No space left on device; the take is kept as {file}\n"
    )


def test_a_home_that_cannot_be_made_is_told(home: Path, capsys: Capture) -> None:
    home.write_text("a file")
    assert main(["loop"], FAKE) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"bandmate: bandmate's own folder {home} cannot be made")
    assert told.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_is_no_plain_file_is_refused_before_the_work(tmp_path: Path, capsys: Capture) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert main(["loop", "-o", str(pipe)], FAKE) == 2
    told = capsys.readouterr().err
    assert told == f"bandmate: {pipe} cannot be written: it is no plain file\n"
    assert pipe.is_fifo()
    assert not paths.database().exists()


def test_a_mistake_makes_no_take(tmp_path: Path) -> None:
    assert main(["loop", "-o", str(tmp_path / "no" / "out.mid")], FAKE) == 2
    assert not paths.database().exists()


def test_the_first_word_of_help_is_there_without_a_command(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


def test_help_names_every_field_of_an_ask(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["loop", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for field in FIELDS:
        if field.name not in {"play", "at", "insert", "notes", "reply", "in_key"}:
            assert f"--{field.name.replace('_', '-')} " in shown
            assert field.words in shown


# Ctrl-C and SIGTERM


class Interrupting(FakeServant):
    """Sends Ctrl-C to whoever asked, in the midst of the second bar."""

    def serve(
        self, request: tuple[LoopPlan, ...], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, Bar]]:
        for take, bar in super().serve(request, is_cancelled):
            if bar.index == 1:
                os.kill(os.getppid(), signal.SIGINT)
                while not is_cancelled():
                    pass
            yield take, bar


def test_ctrl_c_while_a_loop_is_written_is_quiet(capsys: Capture) -> None:
    assert main(["loop"], Means(Interrupting)) == 130
    assert capsys.readouterr() == ("", "")
    assert kept() == []


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    """A file that plays for a moment: one note that fills a very short bar."""
    file = tmp_path / "tune.mid"
    clip = Clip((Part("bass", 33, (Note(0.0, 40, 0.25, 90),)),), 0.25, 400.0, Meter(1, 16))
    midifile.write(clip, file)
    return file


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_playing_ends_its_notes_when_it_is_interrupted(
    tune: Path, number: signal.Signals, code: int
) -> None:
    world = World(answering={"jack"})

    def on_send(message: bytes) -> None:
        if message == b"\x90\x28\x5a":
            _thread.interrupt_main(number)

    world.rtmidi.on_send = on_send
    try:
        ended = main(["play", str(tune), "--loop"], Means(machine=world.machine()))
    except SystemExit as exit_:
        ended = int(str(exit_.code))
    assert ended == code
    sent = [detail[0] for kind, *detail in world.rtmidi.done if kind == "send"]
    assert sent.count(b"\x80\x28\x00") >= sent.count(b"\x90\x28\x5a") >= 1
    assert world.rtmidi.done[-1] == ("delete",)


# MIDI


def test_a_file_is_played_to_its_end(tune: Path, capsys: Capture) -> None:
    world = World(answering={"jack"})
    assert main(["play", str(tune)], Means(machine=world.machine())) == 0
    assert capsys.readouterr().out == f"playing {tune} on bandmate:loops, 0.0 s; Ctrl-C stops\n"
    assert world.rtmidi.done == [
        ("client", 3, "bandmate"),
        ("port", "loops"),
        ("send", b"\xc0\x21"),
        ("send", b"\x90\x28\x5a"),
        ("send", b"\x80\x28\x00"),
        ("delete",),
    ]


def test_a_port_that_fails_while_playing_is_told(tune: Path, capsys: Capture) -> None:
    world = World(answering={"jack"})

    def on_send(message: bytes) -> None:
        raise RuntimeError("full")

    world.rtmidi.on_send = on_send
    assert main(["play", str(tune)], Means(machine=world.machine())) == 2
    assert (
        "bandmate: the MIDI port bandmate:loops took no message: full\n" in capsys.readouterr().err
    )


def test_a_file_can_be_played_to_a_synthesiser(tune: Path) -> None:
    world = World(answering={"alsa"})
    world.rtmidi.there = ["Midi Through", "FLUID Synth"]
    assert main(["play", str(tune), "--to", "fluid"], Means(machine=world.machine())) == 0
    assert ("attach", "FLUID Synth") in world.rtmidi.done


@pytest.mark.parametrize("data", [b"", b"MThd\0\0", b"MThd" + bytes(10_000_000), b"RIFF1234"])
@pytest.mark.parametrize("command", ["play", "render"])
def test_a_damaged_file_is_told_in_a_sentence(
    tmp_path: Path, capsys: Capture, data: bytes, command: str
) -> None:
    file = tmp_path / "x.mid"
    file.write_bytes(data)
    assert main([command, str(file)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"bandmate: {file} ")
    assert told.count("\n") == 1


def test_ports_are_listed(capsys: Capture) -> None:
    world = World(answering={"jack"})
    world.rtmidi.there = ["ardour:MIDI in", "synth:in"]
    assert main(["ports"], Means(machine=world.machine())) == 0
    assert capsys.readouterr().out == (
        "bandmate plays by JACK, on a port of its own: bandmate:loops\n"
        "ports that `bandmate play --to` can reach:\n  ardour:MIDI in\n  synth:in\n"
    )


def test_where_there_is_no_midi_the_cure_is_told(capsys: Capture) -> None:
    assert main(["ports"], Means(machine=World().machine())) == 2
    assert "start a JACK server" in capsys.readouterr().err


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_panic_without_a_daemon_silences_every_channel(capsys: Capture) -> None:
    world = World(answering={"jack"})
    words = ["panic", "--port", str(free_port())]
    assert main(words, Means(machine=world.machine())) == 0
    assert "no daemon answers; silenced every channel of bandmate:loops" in capsys.readouterr().out
    sent = {detail[0] for kind, *detail in world.rtmidi.done if kind == "send"}
    assert {bytes((0xB0 + channel, 120, 0)) for channel in range(16)} < sent


@pytest.fixture
def daemon() -> Iterator[Callable[..., int]]:
    """A socket that answers the next message as told; returns its port."""
    ends: list[Callable[[], None]] = []

    def answering(address: str, *arguments: Atom) -> int:
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.bind(("127.0.0.1", 0))

        def answer() -> None:
            packet, sender = wire.recvfrom(8192)
            (asked,) = packet_to_messages(packet)
            for id_ in ("somebody else's", asked.arguments[0]):
                wire.sendto(message_to_packet(Message(address, (id_, *arguments))), sender)

        thread = threading.Thread(target=answer)
        thread.start()
        ends.extend((thread.join, wire.close))
        return int(wire.getsockname()[1])

    yield answering
    for end in ends:
        end()


def test_panic_is_told_to_a_daemon(daemon: Callable[..., int], capsys: Capture) -> None:
    world = World(answering={"jack"})
    port = daemon("/bandmate/silenced")
    assert main(["panic", "--port", str(port)], Means(machine=world.machine())) == 0
    assert capsys.readouterr().out == "the daemon silenced every channel of its port\n"
    assert world.rtmidi.done == []


def test_what_the_daemon_says_is_passed_on(daemon: Callable[..., int], capsys: Capture) -> None:
    port = daemon("/bandmate/error", "port", "the MIDI port is gone")
    assert main(["panic", "--port", str(port)]) == 2
    assert capsys.readouterr().err == "bandmate: the MIDI port is gone\n"


# sound and presets


def test_a_file_is_rendered_beside_itself_or_where_it_is_told(tune: Path, tmp_path: Path) -> None:
    assert main(["render", str(tune)]) == 0
    assert main(["render", str(tune), "-o", str(tmp_path / "b.wav")]) == 0
    assert tune.with_suffix(".wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_a_file_is_not_rendered_over_itself(tune: Path, capsys: Capture) -> None:
    before = tune.read_bytes()
    assert main(["render", str(tune), "-o", str(tune)]) == 2
    assert "the sound must go to another file" in capsys.readouterr().err
    assert tune.read_bytes() == before


def test_another_soundfont_can_be_named(tune: Path, capsys: Capture) -> None:
    assert main(["render", str(tune), "--soundfont", "mine.sf2"]) == 2
    assert "the soundfont mine.sf2 cannot be read" in capsys.readouterr().err


def test_presets_are_listed_in_words(capsys: Capture) -> None:
    assert main(["presets"]) == 0
    shown = capsys.readouterr().out
    for preset in presets():
        assert f"{preset.name}: " in shown
    assert all(len(line) <= 120 for line in shown.splitlines())


def presets_into(output: int) -> tuple[int, bytes]:
    """List the presets into a file that is open; return the exit code and stderr."""
    path = str(Path(__file__).parent.parent / "daemon")
    ended = subprocess.run(
        [sys.executable, "-m", "bandmate.app.cli", "presets"],
        stdout=output,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    return ended.returncode, ended.stderr


def test_whoever_reads_no_further_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert presets_into(writer) == (0, b"")
    os.close(writer)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_is_full_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        told = presets_into(full.fileno())
    assert told == (2, b"bandmate: the output cannot be written: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows numbers its files otherwise")
def test_a_closed_input_and_output_are_no_matter(home: Path) -> None:
    here = Path(__file__).parent
    code = "import os, sys, test_cli; os.close(0); os.close(1); sys.stdout = None;"
    ended = subprocess.run(
        [sys.executable, "-c", f"{code} sys.exit(test_cli.main(['loop'], test_cli.FAKE))"],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{here.parent / 'daemon'}{os.pathsep}{here}"},
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert len(list((home / "clips").glob("*.mid"))) == 1
