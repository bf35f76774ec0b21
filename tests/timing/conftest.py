"""What every test of the timing room needs: a player on a fake clock and a fake output."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bandmate.timing.player.player import Player
from bandmate.timing.sources.transport import Transport
from timing.fake_port import FakeClock, FakeOutput


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def output(clock: FakeClock) -> FakeOutput:
    return FakeOutput(clock)


@pytest.fixture
def player(output: FakeOutput, clock: FakeClock) -> Iterator[Player]:
    with Player(output, Transport(clock)) as player:
        yield player
