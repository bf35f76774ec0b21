"""A signal ends the daemon, whoever holds it up; some of what `bench.attacks.shutdown` does."""

from __future__ import annotations

import pytest

from bench.attacks.shutdown import SITUATIONS, ended

PATIENCE = 20.0
"""Seconds after which it has not ended: far more than its own deadline, for a busy machine."""

CHOSEN = (
    "one silent connection to the page", "a WAV that is not read",
    "a WebSocket that answers no close", "all processes stopped at work",
    "a player stopped, its pipe full", "a player that is being opened",
)  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_a_signal_ends_it_and_all_its_processes(name: str) -> None:
    (situation,) = [one for one in SITUATIONS if one.name == name]
    end = ended(situation, PATIENCE)
    assert end.code == 0, "it did not end"
    assert (end.made, end.left, end.traceback) == (0, [], False)
