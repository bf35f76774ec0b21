"""End to end in a real DAW: Ardour asks and holds the take, and records the take played."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.contract.messages import pairs_of
from bandmate.music.clip import Clip
from bandmate.takes.store import Takes
from bridges.ardour_host import (
    BLOCK,
    MISSING,
    RATE,
    ROOT,
    TICKS,
    Daemon,
    Heard,
    clip_to_notes,
    daemon_process,
    jack_server,
    read_region,
    run_ardour,
)

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (apt-get install ardour jackd2)"
)

TEMPO = 96.0
RUNS = 4
"""Recordings that are tried before a machine is called too busy to measure."""

STARTS = 20
"""Starts of one recording: Ardour 7.3 loses JACK 1.9.21 in about one of three, at once."""


def kept(number: int) -> Clip:
    """Return the clip of a take as the daemon keeps it."""
    takes = Takes(paths.database(), paths.clips())
    try:
        return takes.get(number).clip
    finally:
        takes.close()


def test_ardour_asks_and_saves_the_take_note_for_note(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "asked"
    with daemon_process(home, "none") as daemon:
        said = run_ardour(
            "ardour_ask.lua",
            tmp_path,
            folder=folder,
            bridge=ROOT / "bridge" / "ardour",
            tempo=TEMPO,
            bars=4,
            port=daemon.port,
            parts="drums,bass,keys:4",
            key="A:min",
            seed=7,
        )
    told = re.search(r"^TAKE (\d+)$", said, re.MULTILINE)
    assert told, said
    clip = kept(int(told[1]))
    assert (clip.tempo, clip.bars, str(clip.key)) == (TEMPO, 4, "A:min")
    assert [part.name for part in clip.parts] == ["drums", "bass", "keys"]
    region = read_region(tmp_path, folder, "asked")
    assert (region.tempo, region.track) == (TEMPO, "loops")
    assert (region.start, region.end) == (0, 16 * TICKS)
    assert clip.note_count > 0
    assert region.notes == clip_to_notes(clip)
    assert not list((home / "mailbox").iterdir())


def made_take(daemon: Daemon) -> int:
    """Ask for a take by OSC and return its number."""
    wish = ("bars", 4, "tempo", TEMPO, "parts", "drums,bass,keys:4", "seed", 11)
    for answer in daemon.ask("/bandmate/loop/ask", *wish):
        if answer.address == "/bandmate/loop/made":
            return int(dict(pairs_of(answer.arguments))["take"])
    raise AssertionError("no take was made")


def recorded(daemon: Daemon, tmp_path: Path, number: int, clip: Clip) -> int:
    """Let Ardour record the port while a take plays; return the xruns meanwhile."""
    mailbox = paths.mailboxes() / "ardour"
    for _ in range(STARTS):
        shutil.rmtree(tmp_path / "recorded", ignore_errors=True)
        shutil.rmtree(mailbox, ignore_errors=True)
        (mailbox / "asks").mkdir(parents=True)  # as a host does that says no hello
        said = run_ardour(
            "ardour_record.lua",
            tmp_path,
            folder=tmp_path / "recorded",
            tempo=TEMPO,
            seconds=clip.length * 60 / TEMPO + 1,
            port=daemon.port,
            mailbox=mailbox,
            source="bandmate:loops",
            take=number,
            id=secrets.token_hex(4),
        )
        print(said)
        if "JACK HALTED" not in said:
            rows = dict(line.partition(" ")[::2] for line in said.splitlines())
            assert rows["ANSWER"].startswith("/bandmate/take/played"), said
            return int(rows["XRUNS"])
    raise AssertionError(said)


def voices(notes: Iterable[Heard]) -> dict[tuple[int, int], list[Heard]]:
    """Return the notes of each channel and pitch, in order."""
    found: dict[tuple[int, int], list[Heard]] = defaultdict(list)
    for note in sorted(notes):
        found[note.channel, note.pitch].append(note)
    return dict(found)


def test_ardour_records_every_note_at_a_constant_offset(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"bandmate-ardour-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    with jack_server(name), daemon_process(home, "jack") as daemon:
        number = made_take(daemon)
        clip = kept(number)
        # An xrun moves JACK's whole timeline: that recording measures the machine alone.
        if all(recorded(daemon, tmp_path, number, clip) for _ in range(RUNS)):
            pytest.skip(f"JACK had xruns in each of {RUNS} recordings: this machine is too busy")
    wanted = voices(clip_to_notes(clip))
    heard = voices(read_region(tmp_path, tmp_path / "recorded", "recorded").notes)
    assert {v: [n.velocity for n in notes] for v, notes in heard.items()} == {
        v: [n.velocity for n in notes] for v, notes in wanted.items()
    }
    pairs = [pair for v in wanted for pair in zip(heard[v], wanted[v], strict=True)]
    starts = [is_.start - asked.start for is_, asked in pairs]
    ends = [is_.start + is_.duration - asked.start - asked.duration for is_, asked in pairs]
    # A message is placed at the start of the next period (one block), and its thread may be woken
    # late by as much again.
    blocks = 2 * BLOCK / RATE * TEMPO / 60 * TICKS
    assert max(starts) - min(starts) <= blocks
    assert max(ends) - min(ends) <= blocks
