"""Link between two processes of this machine: one bar, one tempo, one start and stop."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bandmate.errors import PortError
from bandmate.timing.sources import link
from bandmate.timing.sources.link import LinkSource
from bandmate.timing.sources.transport import Partner, Transport
from timing.link_peer import PATIENCE, barlines, wait_for

ROOT = Path(__file__).parents[2]

needs_link = pytest.mark.skipif(
    importlib.util.find_spec("aalink") is None, reason="aalink is not installed"
)


class Peer:
    """Another process in the room."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "timing.link_peer"],
            env={"PYTHONPATH": f"{ROOT / 'daemon'}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def ask(self, line: str) -> Any:
        self.tell(line)
        return self.answer()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)


@pytest.fixture
def source() -> Iterator[LinkSource]:
    source = LinkSource(990.0)
    yield source
    source.close()


@pytest.fixture
def peer(source: LinkSource) -> Iterator[Peer]:
    peer = Peer()
    peer.ask("peers")
    yield peer
    peer.close()


@needs_link
def test_the_bar_phase_agrees_on_64_bars(source: LinkSource, peer: Peer) -> None:
    source.lead(tempo=990.0)
    peer.ask("tempo 990")
    peer.tell("bars 64")
    ours = barlines(source, 66)
    theirs = peer.answer()
    beat = 60 / 990
    off = [min(abs(second - our) for our in ours) for second in theirs[1:-1]]
    print(f"bar phase: {max(off) * 1e3:.3f} ms at the most")
    assert len(theirs) == 64
    assert max(off) < beat / 8


@needs_link
def test_a_tempo_change_is_followed_within_a_beat_both_ways(source: LinkSource, peer: Peer) -> None:
    source.lead(tempo=120.0)
    peer.ask("tempo 120")
    peer.tell("tempo 100")
    changed = time.monotonic()
    source.lead(tempo=100.0)
    followed = peer.answer() - changed
    print(f"tempo: followed after {followed * 100 / 60:.3f} beats")
    assert followed * 100 / 60 < 1
    peer.ask("lead 133")
    assert wait_for(source, lambda grid: abs(grid.tempo - 133) < 0.01).is_rolling


@needs_link
def test_start_and_stop_reach_the_others(source: LinkSource, peer: Peer) -> None:
    peer.ask("rolling 1")  # nobody has used a stop: the beats go on
    source.lead(is_rolling=True)
    peer.ask("started")
    source.lead(is_rolling=False)
    peer.ask("rolling 0")
    stopped = source.grid(time.monotonic())
    assert stopped is not None
    assert not stopped.is_rolling
    source.lead(is_rolling=True)
    peer.ask("rolling 1")


@needs_link
def test_a_transport_follows_it_and_leads_it(source: LinkSource) -> None:
    transport = Transport()
    assert isinstance(source, Partner)
    transport.follow(source)
    assert (transport.source, transport.is_rolling) == ("link", True)
    assert transport.lead(tempo=150.0)
    wait_for(source, lambda grid: abs(grid.tempo - 150) < 0.01)
    now = transport.clock.now()
    grid = transport.grid(now)
    phase = grid.beat_at(transport.next_bar(now)) % 4
    assert min(phase, 4 - phase) < 1e-3


@needs_link
def test_a_room_that_was_left_says_nothing() -> None:
    source = LinkSource()
    threads = threading.active_count()
    source.close()
    source.close()
    assert source.grid(time.monotonic()) is None
    assert source.peers == 0
    source.lead(tempo=90.0)
    assert threading.active_count() < threads


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(link, "import_module", missing)
    with pytest.raises(PortError, match=r"aalink, install it with pip install bandmate\[link\]"):
        LinkSource()
