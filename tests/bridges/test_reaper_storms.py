"""The REAPER bridge in the hands of somebody who does anything, as the daemon does."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bandmate.contract.messages import Atom, Message
from bandmate.music.clip import Clip, Note, Part
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    ACCEPT,
    ADD_BASS,
    ADD_DRUMS,
    ADD_KEYS,
    CARDS,
    CHORDS,
    CONTINUE,
    FILL,
    FOLLOW,
    NEXT,
    PREVIOUS,
    REJECT,
    SCRIPT,
    SETTINGS,
    VARY,
)

STORMS = 1000
"""Sequences, in REAPER 7's Lua: with 5.3 lupa now and then takes one host object for another."""

ACTIONS = (
    SCRIPT, SCRIPT, CHORDS, VARY, VARY, FILL, CONTINUE, ADD_DRUMS, ADD_BASS, ADD_KEYS, NEXT, NEXT,
    PREVIOUS, PREVIOUS, ACCEPT, REJECT, FOLLOW, SETTINGS,
)  # fmt: skip

HARMLESS = (
    "select the ", "the daemon is not running", "no answer came", "drag a time selection",
    "the selected items hold no notes", "no selected item has several", "select an item of",
    "no chords came", "take ", "bars must be in",
)  # fmt: skip
"""How sentences begin that a person may cause; whatever else is said is the bridge's mistake."""


class Storm:
    """One REAPER, one daemon, and dice."""

    def __init__(self, lua: ModuleType, home: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.daemon = FakeDaemon(home)
        self.daemon.beat()
        self.reaper = FakeReaper(lua, is_seven=self.dice.random() < 0.5, first_guid=seed * 1000 + 1)
        self.reaper.set_tempo(120.0)
        self.reaper.typed = ["rain", "warm"]
        self.file = home / "take.mid"
        self.file.touch()
        self.is_there = True
        for name in ("synth", "drums"):
            self.reaper.add_track(name, is_selected=True)
        self.letters: list[tuple[str, Message]] = []
        self.draw(4.0)

    def blow(self) -> None:
        """Do one thing."""
        does: tuple[tuple[int, Callable[[], None]], ...] = (
            (8, self.act),
            (6, self.answer),
            (2, self.touch),
            (1, self.undo),
            (1, self.roll),
            (1, self.come_and_go),
            (1, self.wait),
        )
        weights = [weight for weight, _ in does]
        (one,) = self.dice.choices([do for _, do in does], weights)
        one()
        self.reaper.tick(self.dice.randint(0, 3))

    def act(self) -> None:
        if self.dice.random() < 0.2:
            self.reaper.project_ext["bandmate", "insert"] = self.dice.choice(("", "items", "takes"))
            self.reaper.project_ext["bandmate", "layout"] = self.dice.choice(("", "one", "tracks"))
        self.reaper.run(self.dice.choice(ACTIONS))
        self.reaper.window.close()

    def touch(self) -> None:
        """Select something, draw or delete something, move the cursor."""
        reaper, dice = self.reaper, self.dice
        reaper.select(*(t for t in reaper.tracks if dice.random() < 0.7))
        reaper.select_items(*(i for i in reaper.items if dice.random() < 0.5))
        start = float(dice.randint(0, 30))
        reaper.cursor = start
        reaper.selection = (start, start + dice.choice((0.0, 0.0, 2.0, 8.0)))
        if dice.random() < 0.3:
            self.draw(start)
        if reaper.items and dice.random() < 0.3:
            doomed = dice.choice(reaper.items)
            reaper.GetMediaItem_Track(doomed).items.remove(doomed)
        if len(reaper.tracks) > 2 and dice.random() < 0.2:
            reaper.tracks.pop()

    def draw(self, start: float) -> None:
        notes = [(960.0 * i, 960.0 * i + 480, 0, 60 + i, 90) for i in range(4)]
        self.reaper.add_item(self.dice.choice(self.reaper.tracks), start, start + 8, notes)

    def undo(self) -> None:
        if self.reaper.undo_points:
            self.reaper.undo()

    def roll(self) -> None:
        self.reaper.play_state ^= 1
        self.reaper.play_position = self.dice.random() * 60

    def come_and_go(self) -> None:
        self.is_there = not self.is_there
        if self.is_there:
            self.daemon.beat()
        else:
            self.daemon.box.close()
        self.reaper.clock += 1

    def wait(self) -> None:
        self.reaper.clock += self.dice.choice((1, 16, 40))

    def answer(self) -> None:
        """Let the daemon read, and answer some of it: wholly, in part, or with an error."""
        if not self.is_there:
            return
        self.letters += self.daemon.asked()
        self.dice.shuffle(self.letters)
        for client, message in self.letters[: self.dice.randint(0, 4)]:
            answers = self._to(message)
            if self.dice.random() < 0.15:
                answers = answers[: self.dice.randint(0, len(answers))]
            self.daemon.answer(client, *answers)
        del self.letters[:4]

    def _to(self, message: Message) -> list[Message]:
        id_ = message.arguments[0]
        if self.dice.random() < 0.1:
            return [Message("/bandmate/error", (id_, "ask", "bars must be in 1..64, not 65"))]
        match message.address:
            case "/bandmate/loop/ask":
                return self.daemon.made(id_, self._clip(pairs(message)), str(self.file))
            case "/bandmate/chords/ask":
                return self.daemon.dealt(id_, CARDS[: self.dice.randint(0, 4)])
            case "/bandmate/take/accept" | "/bandmate/take/reject":
                return [Message(f"{message.address}ed", message.arguments)]
        return []

    def _clip(self, said: dict[str, Atom]) -> Clip:
        count = self.dice.randint(0, 4)
        notes = tuple(Note(i / 25, 40 + i % 40, 0.5, 90) for i in range(count * 100))
        names = ["drums", "bass", "keys", "pad"][: max(1, self.dice.randint(0, 4))]
        return Clip(tuple(Part(name, 0, notes) for name in names), 16.0, 96.0)

    def calm(self) -> None:
        """Let everybody come to rest."""
        if not self.is_there:
            self.come_and_go()
        self.reaper.play_state = 0
        for _ in range(6):
            self.reaper.clock += 25
            self.daemon.beat()
            self.reaper.settle()
            self.daemon.asked()
        self.reaper.tick(60)


@pytest.mark.parametrize("version", ["lua54"])
def test_nothing_is_left_behind_whatever_is_done(version: str, tmp_path: Path) -> None:
    lua = pytest.importorskip(f"lupa.{version}")
    undone: set[str] = set()
    for seed in range(STORMS):
        home = tmp_path / str(seed)
        home.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BANDMATE_HOME", str(home))
            storm = Storm(lua, home, seed)
            for _ in range(storm.dice.randint(3, 20)):
                storm.blow()
            storm.calm()
        reaper = storm.reaper
        assert storm.daemon.files() == [], seed
        assert not list(storm.daemon.box.folder.rglob(".*")), seed
        assert (reaper.undo_depth, reaper.refresh_locks, reaper.running <= 1) == (0, 0, True), seed
        for line in reaper.console:
            assert line.removeprefix("bandmate: ").startswith(HARMLESS), (seed, line)
        undone |= {point.rstrip("0123456789, #") for point in reaper.undo_points}
    assert undone == {
        "bandmate: insert take", "bandmate: insert chords", "bandmate: next take",
        "bandmate: previous take", "bandmate: reject take",
    }  # fmt: skip
