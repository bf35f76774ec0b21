"""How late a host hears us: from what it recorded, and from what it gives back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.app.cli import Means, main
from bandmate.errors import AskError
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player.calibrating import CLICK_PITCH, clicks, pinged_offset, recorded_offset
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.sources.grid import Grid
from timing.fake_port import World


def moved(milliseconds: list[float], tempo: float = 120.0) -> Clip:
    """Return clicks as a host recorded them, each that much late."""
    notes = tuple(
        Note(8.0 + i + ms * tempo / 60_000, 40, 0.1, 100) for i, ms in enumerate(milliseconds)
    )
    return Clip((Part("keys", 0, notes),), 64.0, tempo)


@pytest.mark.parametrize("late", [-22.0, 0.0, 14.5, 200.0])
def test_the_median_of_what_was_recorded_counts(late: float) -> None:
    off = [late + (-1.0, 0.0, 1.0)[i % 3] for i in range(12)]
    off[5] += 40.0  # one that was caught by a busy machine
    found = recorded_offset(moved(off))
    assert found.milliseconds == pytest.approx(late, abs=0.5)
    assert found.count == 12
    assert found.spread == pytest.approx(2.0)


def test_what_is_no_row_of_clicks_is_refused() -> None:
    with pytest.raises(AskError, match="the recording holds only 3 clicks, at least 4 are needed"):
        recorded_offset(moved([0.0] * 3))
    with pytest.raises(AskError, match="the recording holds no click"):
        recorded_offset(moved([]))
    with pytest.raises(AskError, match="notes that are no clicks on beats"):
        recorded_offset(moved([-100, -50, 0, 50, 100, 150]))


def test_what_comes_back_is_compared_with_the_grid_it_was_played_on() -> None:
    grid = Grid(100.0, 0.0, 60.0)
    heard = [Heard(100.0 + i + 0.03, 0.0, bytes((0x99, CLICK_PITCH, 100))) for i in range(8)]
    other = [replace(said, second=said.second + 0.3) for said in heard]
    other = [replace(said, message=bytes((0x90, 60, 100))) for said in other]
    ends = [replace(said, message=bytes((0x89, CLICK_PITCH, 0))) for said in other]
    assert pinged_offset([*heard, *other, *ends], grid).milliseconds == pytest.approx(30.0)
    with pytest.raises(AskError, match="there came back no click"):
        pinged_offset(other, grid)


def test_the_command_reads_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "take.mid"
    midifile.write(moved([25.0] * 16), file)
    assert main(["calibrate", "--recorded", str(file), "--latency-ms", "10"]) == 0
    said = capsys.readouterr().out
    assert "16 clicks came 25.0 ms late, all within 0.0 ms" in said
    assert "latency_ms: 35" in said


def looped(world: World) -> None:
    """Let the host give back at once what it is sent."""

    def back(message: bytes) -> None:
        listener = world.rtmidi.listeners["play"]
        if listener.heard is not None:
            listener.heard((list(message), 0.0), None)

    world.rtmidi.on_send = back


def test_the_command_pings_where_the_host_loops_the_port(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(answering={"alsa"})
    looped(world)
    command = ["calibrate", "--bars", "1", "--tempo", "240"]
    assert main(command, Means(machine=world.machine())) == 0
    assert "4 clicks came" in capsys.readouterr().out
    assert (
        len([said for said in world.rtmidi.done if said[0] == "send" and said[1][0] == 0x99]) == 4
    )


def test_where_nothing_comes_back_the_other_way_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(answering={"alsa"})
    command = ["calibrate", "--bars", "1", "--tempo", "240"]
    assert main(command, Means(machine=world.machine())) == 0
    assert "run `bandmate calibrate --recorded FILE`" in capsys.readouterr().out


def test_the_clicks_are_on_every_beat() -> None:
    assert [note.start for note in clicks(2, 90.0).parts[0].notes] == list(range(8))
