"""On a screen: a row is dragged into another program, which reads the same notes from the file."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bandmate import paths
from bandmate.contract.messages import note_messages
from bandmate.music.clip import Clip
from bandmate.takes.store import Take, Takes
from shelf.screen import HERE, Mouse, Program, needed, screen
from test_serve import Process, daemon

TARGET = (520, 120)
"""Where the other program's window lies."""
IN_TARGET = (TARGET[0] + 120, TARGET[1] + 120)


@dataclass
class Desktop:
    """A daemon, a shelf and another program on one screen."""

    mouse: Mouse
    shelf: Program
    target: Program
    daemon: Process

    def places_with(self, name: str) -> dict[str, tuple[int, int]]:
        """Wait until the shelf shows something, and return where all that it shows is."""
        while True:
            found = json.loads(self.shelf.until("places"))
            if name in found:
                return {key: (x, y) for key, (x, y) in found.items()}

    def place(self, name: str) -> tuple[int, int]:
        """Wait until the shelf shows something, and return where."""
        return self.places_with(name)[name]

    def drag(self, start: tuple[int, int]) -> None:
        """Drag from the shelf into the other program."""
        self.mouse.drag(start, IN_TARGET, lambda: self.target.line(0.1) == "felt")

    def dropped(self) -> dict[str, Any]:
        """Wait for what is dropped."""
        told: dict[str, Any] = json.loads(self.target.until("dropped"))
        return told


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    needed()
    with ExitStack() as stack:
        display = stack.enter_context(screen())
        process = stack.enter_context(daemon(tmp_path))
        qt = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        target = Program(
            str(HERE / "drop_target.py"), *map(str, TARGET), log=tmp_path / "target.txt", **qt
        )
        stack.callback(target.close)
        shelf = Program(
            str(HERE / "shelf_on_screen.py"), str(process.port), log=tmp_path / "shelf.txt", **qt
        )
        stack.callback(shelf.close)
        target.until("open")
        yield Desktop(Mouse(display), shelf, target, process)


def kept(number: int) -> Take:
    takes = Takes(paths.database(), paths.clips())
    try:
        return takes.get(number)
    finally:
        takes.close()


def notes(clip: Clip) -> dict[str, Any]:
    """Return each part's program and notes, in ticks: what a file can hold."""
    return {
        part.name: [
            part.program,
            [[round(n.start * 480), n.pitch, round(n.end * 480), n.velocity] for n in part.notes],
        ]
        for part in clip.parts
    }


def test_a_row_is_dragged_as_one_file_of_all_parts(desktop: Desktop) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 4, "parts", "drums,bass,keys:4", "tempo", 96.0)
    start = desktop.place("1 bass")
    desktop.drag(start)
    told = desktop.dropped()
    take = kept(1)
    assert told["file"] == str(take.file)
    assert Path(told["file"]).read_bytes()[8:10] == b"\0\1"
    assert told["parts"] == notes(take.clip)
    assert told["tempo"] == 96.0
    assert sum(len(part[1]) for part in told["parts"].values()) == take.clip.note_count > 0


def test_with_ctrl_the_part_under_the_mouse_is_dragged_alone(desktop: Desktop) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "drums,bass,keys:4")
    start = desktop.place("1 keys")
    desktop.mouse.does("keydown", "ctrl")
    desktop.drag(start)
    desktop.mouse.does("keyup", "ctrl")
    told = desktop.dropped()
    take = kept(1)
    assert told["file"].endswith(f"{take.file.stem} keys.mid")
    assert told["parts"] == {"keys": notes(take.clip)["keys"]}


def test_a_card_is_dragged_as_its_chords_played(desktop: Desktop) -> None:
    desktop.daemon.says("chords/ask", "c", "text", "rain at night", "cards", 1)
    desktop.daemon.hears("chords/made")
    take = kept(1)
    assert take.kind == "card"
    desktop.drag(desktop.place(f"1 {take.clip.parts[0].name}"))
    told = desktop.dropped()
    assert (told["file"], told["parts"]) == (str(take.file), notes(take.clip))
    assert take.clip.note_count > 0


def edited(desktop: Desktop) -> Take:
    """Let a person take the first note of take 1 away, and return what became of it."""
    old = kept(1).clip
    first = replace(old.parts[0], notes=old.parts[0].notes[1:])
    clip = replace(old, parts=(first, *old.parts[1:]))
    named = ",".join(f"{part.name}:{part.program}" for part in clip.parts)
    messages = note_messages("e", 1, clip)
    desktop.daemon.says("take/edit", "e", 1, named, len(messages))
    for message in messages:
        desktop.daemon.says(message.address.removeprefix("/bandmate/"), *message.arguments)
    desktop.daemon.hears("take/edited")
    return kept(2)


def test_an_edited_take_is_dragged_with_its_own_notes(desktop: Desktop) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "drums,bass")
    desktop.daemon.hears("loop/made")
    take = edited(desktop)
    assert take.clip.note_count == kept(1).clip.note_count - 1
    desktop.drag(desktop.place("2 bass"))
    told = desktop.dropped()
    assert (told["file"], told["parts"]) == (str(take.file), notes(take.clip))


def test_a_take_whose_file_was_moved_is_dragged_from_its_notes_even_without_a_daemon(
    desktop: Desktop, home: Path
) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "drums,bass")
    desktop.place("1 bass")
    take = kept(1)
    take.file.rename(take.file.with_name("mine.mid"))
    desktop.daemon.close()
    while not (said := desktop.shelf.until("says")).startswith("no daemon answers"):
        pass
    assert said.endswith("; what lies here can still be dragged")
    desktop.drag(desktop.place("1 bass"))
    told = desktop.dropped()
    assert told["file"] == str(home / "dragged" / take.file.name)
    assert told["parts"] == notes(take.clip)
    desktop.shelf.close()
    assert Path(told["file"]).is_file()


def test_a_click_plays_a_take_and_another_refuses_it(desktop: Desktop) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "bass")
    there = desktop.places_with("1 bass")
    desktop.mouse.does("mousemove", *there["1 play"], "click", 1)
    assert desktop.shelf.until("says take") == "1 plays"
    desktop.daemon.says("subscribe", "s", "to", "takes")
    desktop.daemon.hears("take/told")
    desktop.mouse.does("mousemove", *desktop.places_with("1 bass")["1 reject"], "click", 1)
    assert "rejected" in desktop.daemon.hears("take/told").arguments
    assert kept(1).state == "rejected"


def test_a_click_gives_a_star_and_another_takes_it_away(desktop: Desktop) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "bass")
    there = desktop.places_with("1 bass")
    desktop.daemon.says("subscribe", "s", "to", "takes")
    desktop.daemon.hears("take/told")
    for is_starred in (True, False):
        desktop.mouse.does("mousemove", *there["1 star"], "click", 1)
        assert "starred" in desktop.daemon.hears("take/told").arguments
        assert kept(1).is_starred is is_starred
        # Its star is seen by who looks; the shelf has heard when it shows the other sign.
        desktop.shelf.until(f"star 1 {'★' if is_starred else '☆'}")


def test_the_window_ends_on_a_signal_and_stays_where_it_was(desktop: Desktop, home: Path) -> None:
    desktop.daemon.says("loop/ask", "a", "bars", 2, "parts", "bass")
    desktop.place("1 bass")
    desktop.shelf.close()
    assert desktop.shelf.process.returncode == 128 + signal.SIGTERM
    assert (home / "shelf.ini").is_file()
