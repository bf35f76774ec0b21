"""End to end in a real DAW: a tune in Ardour is heard, played to, varied, continued and judged."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

import pytest
from pythonosc.osc_message import OscMessage

from bandmate import paths
from bandmate.music.clip import DRUM_CHANNEL
from bandmate.takes.store import Take, Takes
from bridges.ardour_host import (
    MISSING,
    ROOT,
    TICKS,
    Heard,
    clip_to_notes,
    daemon_process,
    part_to_notes,
    read_history,
    read_regions,
    run_ardour,
)

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (apt-get install ardour jackd2)"
)

PITCHES = (62, 66, 69, 66, 67, 71, 74, 71, 69, 73, 76, 73, 62, 66, 69, 74)
TUNE = tuple(Heard(i * TICKS, 0, pitch, TICKS * 3 // 4, 90) for i, pitch in enumerate(PITCHES))
"""What the story writes into its region: D major, a note a beat."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[dict[str, object]]]:
    """Play the story once; return its folder, what was said, and what was reported."""
    folder = tmp_path_factory.mktemp("story")
    home = folder / "home"
    # Installed as a person has it: the actions find what they share by themselves.
    scripts = folder / ".config" / "ardour7" / "scripts"
    shutil.copytree(ROOT / "bridge" / "ardour", scripts)
    with pytest.MonkeyPatch.context() as patch, socket.socket(type=socket.SOCK_DGRAM) as reports:
        patch.setenv("BANDMATE_HOME", str(home))
        reports.bind(("127.0.0.1", 0))
        reports.setblocking(False)
        with daemon_process(home, "none") as daemon:
            said = run_ardour(
                "ardour_story.lua",
                folder,
                folder=folder / "story",
                bridge=scripts,
                port=daemon.port,
                reports=reports.getsockname()[1],
            )
        return folder, said, _received(reports)


def _received(reports: socket.socket) -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    while True:
        try:
            message = OscMessage(reports.recv(65536))
        except BlockingIOError:
            return told
        if message.address == "/bandmate/transport/report":
            names = list(message)[1:]
            told.append(dict(zip(names[::2], names[1::2], strict=True)))


@pytest.fixture
def takes(story: tuple[Path, str, object], monkeypatch: pytest.MonkeyPatch) -> dict[int, Take]:
    """The takes of the story as the daemon keeps them."""
    monkeypatch.setenv("BANDMATE_HOME", str(story[0] / "home"))
    kept = Takes(paths.database(), paths.clips())
    try:
        return {number: kept.get(number) for number in _numbers(story[1]).values()}
    finally:
        kept.close()


def _numbers(said: str) -> dict[str, int]:
    """Return the take that each action brought first."""
    found: dict[str, int] = {}
    for name, number in re.findall(r"^TAKE (\w+) (\d+)$", said, re.MULTILINE):
        found.setdefault(name, int(number))
    return found


def _now(said: str, moment: str) -> list[tuple[str, str, str, int]]:
    """Return the regions of a moment: track, place, length, notes."""
    rows = (line.split() for line in said.splitlines() if line.startswith(f"NOW {moment} "))
    return [(track, place, length, int(count)) for _, _, track, place, length, count in rows]


Story = tuple[Path, str, list[dict[str, object]]]


def test_a_part_is_made_to_the_region_in_its_key(story: Story, takes: dict[int, Take]) -> None:
    take = takes[_numbers(story[1])["add_bass"]]
    assert (str(take.clip.key), take.clip.tempo, take.clip.bars) == ("D:maj", 96.0, 4)
    heard, bass = take.clip.parts
    assert (bass.name, part_to_notes(heard, 0)) == ("bass", TUNE)
    assert _now(story[1], "added")[1][:3] == ("bass", "0:0", "16:0")


def test_what_is_rejected_goes_and_what_is_accepted_is_marked(
    story: Story, takes: dict[int, Take]
) -> None:
    numbers = _numbers(story[1])
    assert takes[numbers["add_bass"]].state == "rejected"
    assert takes[numbers["vary"]].state == "accepted"
    assert [track for track, *_ in _now(story[1], "rejected")] == ["lead"]


def test_one_undo_brings_the_tune_back(story: Story, takes: dict[int, Take]) -> None:
    number = _numbers(story[1])["vary"]
    gone, came = read_history(story[0] / "story" / "story.history")[f"bandmate: take {number}"]
    assert gone == set(TUNE)
    (part,) = takes[number].clip.parts
    assert came == set(part_to_notes(part, 0)) != gone


def test_a_tempo_that_changed_while_it_rolled_is_followed(
    story: Story, takes: dict[int, Take]
) -> None:
    numbers = _numbers(story[1])
    assert [takes[numbers[name]].clip.tempo for name in ("vary", "continue", "add_drums")] == [
        120.0
    ] * 3
    told = story[2]
    beats = [report["beat"] for report in told]
    assert len(told) == 11
    assert beats[:10] == sorted(set(beats[:10]), key=lambda beat: float(str(beat)))
    assert {(report["tempo"], report["meter"]) for report in told} == {(120.0, "4/4")}
    assert [report["is_rolling"] for report in told] == [1] * 10 + [0]


def test_the_saved_session_holds_every_take_note_for_note(
    story: Story, takes: dict[int, Take]
) -> None:
    numbers = _numbers(story[1])
    varied, chords, drums = (takes[numbers[name]].clip for name in ("vary", "chords", "add_drums"))
    first, second, added = read_regions(story[0], story[0] / "story", "story")
    assert [region.track for region in (first, second, added)] == ["lead", "lead", "drums"]
    assert first.notes == part_to_notes(varied.parts[0], 0), "the rejected variation is gone again"
    assert [(r.start, r.end) for r in (first, second, added)] == [
        (0, 16 * TICKS), (16 * TICKS, 32 * TICKS), (0, 16 * TICKS),
    ]  # fmt: skip
    keys, bass = chords.parts
    assert second.notes == tuple(sorted((*part_to_notes(keys, 0), *part_to_notes(bass, 1))))
    chosen = takes[numbers["add_bass"]].clip
    assert added.notes == clip_to_notes(chosen), "what was chosen elsewhere took its place"
    gone, _ = read_history(story[0] / "story" / "story.history")[
        f"bandmate: take {numbers['add_bass']}"
    ]
    assert gone in (set(part_to_notes(drums.parts[1], DRUM_CHANNEL)), set(added.notes))


def test_what_continues_stood_behind_before_chords_took_its_place(
    story: Story, takes: dict[int, Take]
) -> None:
    numbers = _numbers(story[1])
    history = read_history(story[0] / "story" / "story.history")
    gone, _ = history[f"bandmate: take {numbers['chords']}"]
    (part,) = takes[numbers["continue"]].clip.parts
    assert gone == set(part_to_notes(part, 0))


def test_what_is_wanted_elsewhere_is_done_by_the_hook_and_answered(story: Story) -> None:
    rows = re.findall(r"^WANTED (.*)$", story[1], re.MULTILINE)
    answers = [row.rstrip("|").split("|") for row in rows]
    assert [words[0].removeprefix("/bandmate/") for words in answers] == [
        *["bridge/done"] * 5, *["error"] * 3,
    ]  # fmt: skip
    told = [words[-1].removeprefix("s ") for words in answers]
    varied, filled = (re.match(r"take (\d+) ", told[i]) for i in (0, 3))
    assert varied and filled and varied[1] != filled[1]
    assert told[:5] == [
        f"take {varied[1]} varies the region",
        f"take {varied[1]} is accepted",
        f"take {varied[1]} is rejected, and what was there before is back",
        f"take {filled[1]} fills the region",
        f"take {filled[1]} is rejected, and what was there before is back",
    ]
    assert told[5].startswith("what is to be done in Ardour must be one of loop, chords, vary")
    assert told[6] == "colour cannot be said to Ardour"
    assert "kazoo" in told[7]


def test_nothing_is_left_behind_and_a_mistake_is_told(story: Story) -> None:
    folder, said, _ = story
    assert "bandmate: select the MIDI region that is to be varied, then ask again." in said
    # The hook's own mailbox stays, as one does whose host has quit; nothing lies in it.
    left = list((folder / "home" / "mailbox").rglob("*"))
    assert [path for path in left if path.is_file()] == []
    assert len([path for path in left if path.name.startswith("ardour-")]) == 1
