"""The window without a screen: what it shows, and what a click or a key asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bandmate.app.cli import main
from bandmate.contract.messages import Atom
from bandmate.music import midifile
from bandmate.shelf.feed import State
from bandmate.shelf.rows import Row
from shelf.screen import PATIENCE, needed_qt
from shelf.shelf_clips import CLIP, row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from bandmate.shelf.window import Window


@dataclass
class Asks:
    """What the window asked."""

    all: list[tuple[Atom, ...]] = field(default_factory=list)

    def __call__(self, address: str, *arguments: Atom) -> None:
        """Note an ask."""
        self.all.append((address, *arguments))


@pytest.fixture
def asks() -> Asks:
    return Asks()


@pytest.fixture
def window(qt: QApplication, asks: Asks) -> Iterator[Window]:
    from bandmate.shelf.window import Window

    made = Window(asks)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    qt.processEvents()


def shown(window: Window, *rows: Row, is_there: bool = True, words: str = "") -> None:
    from PySide6.QtWidgets import QApplication

    window.show_state(State(is_there, words, rows))
    QApplication.processEvents()


def order(window: Window) -> list[int]:
    """Return the takes as they lie from top to bottom."""
    return sorted(window.views, key=lambda number: window.views[number].y())


def test_it_stays_on_top_of_all_other_windows(window: Window) -> None:
    from PySide6.QtCore import Qt

    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_rows_lie_newest_first_and_a_new_one_comes_on_top(window: Window) -> None:
    shown(window, row(12), row(11))
    assert order(window) == [12, 11]
    first = window.views[12]
    shown(window, row(13), row(12))
    assert order(window) == [13, 12]
    assert window.views[12] is first


def test_an_empty_shelf_teaches_what_to_do(window: Window) -> None:
    shown(window)
    assert window.empty.isVisible()
    assert window.empty.text().startswith("No take is here yet.")
    shown(window, row())
    assert not window.empty.isVisible()
    assert not window.words.isVisible()


def test_where_no_daemon_ever_was_it_teaches_how_to_start_one(window: Window) -> None:
    shown(window, is_there=False, words="no daemon answers; looking for it")
    assert window.empty.isVisible()
    assert "bandmate serve" in window.empty.text()
    assert window.words.text() == "no daemon answers; looking for it"


def test_a_daemon_that_comes_back_is_told_for_a_while(window: Window) -> None:
    from PySide6.QtTest import QSignalSpy

    shown(window, row())
    shown(window, row(), is_there=False, words="the daemon is gone; looking for it")
    assert window.words.property("away")
    shown(window, row())
    assert window.words.text() == "the daemon is back"
    assert not window.words.property("away")
    quiet = QSignalSpy(window.hushing.timeout)
    window.hushing.setInterval(0)
    assert quiet.wait(round(PATIENCE * 1000))
    assert not window.words.isVisible()


def test_while_the_daemon_is_away_nothing_can_be_asked_but_rows_stay(window: Window) -> None:
    shown(window, row(), is_there=False, words="the daemon is gone")
    view = window.views[12]
    assert window.words.text() == "the daemon is gone; what lies here can still be dragged"
    asked = (view.play, view.star, view.reject, window.stop)
    assert not any(button.isEnabled() for button in asked)
    shown(window, row())
    assert all(button.isEnabled() for button in asked)


def test_buttons_ask(window: Window, asks: Asks) -> None:
    shown(window, row())
    view = window.views[12]
    for button in (view.play, view.star, view.reject, window.stop):
        button.click()
    assert asks.all == [
        ("/bandmate/take/play", 12),
        ("/bandmate/take/star", 12, 1),
        ("/bandmate/take/reject", 12),
        ("/bandmate/take/stop",),
    ]


def test_a_star_is_taken_away_again_and_hidden_where_there_are_none(
    window: Window, asks: Asks
) -> None:
    shown(window, row(is_starred=True))
    view = window.views[12]
    assert view.star.text() == "★"
    view.star.click()
    assert asks.all == [("/bandmate/take/star", 12, 0)]
    shown(window, row(is_starred=None))
    assert not view.star.isVisible()


def test_a_refused_take_is_refused_once(window: Window) -> None:
    shown(window, row(state="rejected"))
    view = window.views[12]
    assert not view.reject.isEnabled()
    assert not view.picture.isEnabled()
    assert view.play.isEnabled()


def test_all_can_be_done_by_keys(window: Window, asks: Asks, tmp_path: Path) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtTest import QTest

    file = tmp_path / "funk #12.mid"
    midifile.write(CLIP, file)
    shown(window, row(12, file=file), row(11))
    view = window.views[12]
    view.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_Delete):
        QTest.keyClick(view, key)
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert asks.all == [
        ("/bandmate/take/play", 12), ("/bandmate/take/star", 12, 1), ("/bandmate/take/reject", 12),
        ("/bandmate/take/undo",), ("/bandmate/take/stop",),
    ]  # fmt: skip
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    assert url.toLocalFile() == str(file)
    assert window.words.text() == "take 12 is on the clipboard, as a file"


def test_one_part_is_copied_by_its_number(window: Window, home: Path) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtTest import QTest

    shown(window, row())
    held = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window.views[12], Qt.Key.Key_2, held)
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    assert url.toLocalFile() == str(home / "dragged" / "funk drums+bass Em 96 #12 bass.mid")
    assert midifile.read(url.toLocalFile()).parts == (CLIP.parts[1],)
    assert window.words.text() == "bass of take 12 is on the clipboard, as a file"
    QTest.keyClick(window.views[12], Qt.Key.Key_3, held)
    assert window.words.text() == "take 12 has no part 3: it has 2"


def test_nothing_is_asked_by_keys_while_the_daemon_is_away(window: Window, asks: Asks) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    shown(window, row(), is_there=False)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_Delete, Qt.Key.Key_Escape):
        QTest.keyClick(window.views[12], key)
    assert asks.all == []


def test_the_keys_are_shown_by_a_key(window: Window) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    shown(window, row())
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert "Delete: reject" in window.hint.text()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert "Delete" not in window.hint.text()


def test_the_name_tells_a_screen_reader_what_it_is(window: Window) -> None:
    shown(window, row(state="accepted", is_starred=True))
    view = window.views[12]
    assert view.accessibleName() == (
        "loop, 12, loop, Em · 96 · 1 bar, drums, bass, Em B7, accepted, starred, by REAPER"
    )
    assert view.accessibleDescription().startswith("Drag it into your DAW")
    assert view.play.accessibleName() == "play funk drums+bass Em 96 #12"


def test_a_row_that_goes_is_seen_no_more(window: Window) -> None:
    shown(window, row(12), row(11))
    view = window.views[11]
    shown(window, row(12))
    assert not view.isVisible()
    assert order(window) == [12]


def test_a_name_is_shown_as_it_is_written(window: Window) -> None:
    shown(window, row(title="<b>a & b</b>"))
    assert "&lt;b&gt;a &amp; b&lt;/b&gt; #12" in window.views[12].toolTip()


def test_the_arrows_go_from_row_to_row(window: Window) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    shown(window, row(12), row(11), row(10))
    window.activateWindow()
    gone = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(window, key)
        gone += focused(window)
    assert gone == [12, 11, 12, 10, 12]


def focused(window: Window) -> list[int]:
    return [number for number, view in window.views.items() if view.hasFocus()]


def test_the_keys_stay_where_a_row_went(window: Window) -> None:
    shown(window, row(12), row(11), row(10))
    window.activateWindow()
    window.views[11].setFocus()
    shown(window, row(13, parent=11), row(12), row(10))
    assert focused(window) == [12]


def test_the_picture_shows_the_notes_and_knows_its_parts(window: Window) -> None:
    from PySide6.QtCore import QPoint

    from bandmate.shelf.look import colour

    shown(window, row(12), row(11, clip=None))
    picture, empty = window.views[12].picture, window.views[11].picture
    height = picture.height()
    assert [picture.part_at(QPoint(5, y)) for y in (1, height - 2)] == ["drums", "bass"]
    assert picture.part_at(QPoint(5, height + 9)) == ""
    assert empty.part_at(QPoint(5, 1)) == ""
    image = picture.grab().toImage()
    colours = {
        image.pixelColor(x, y).hue() for x in range(image.width()) for y in range(image.height())
    }
    wanted = {colour(name, picture.palette()).hue() for name in ("drums", "bass")}
    assert len(wanted) == 2
    assert wanted <= colours


def test_it_wears_the_colours_of_day_and_night(window: Window, qt: QApplication) -> None:
    from PySide6.QtWidgets import QApplication

    from bandmate.shelf.look import colour, palette_of, style

    before = qt.palette()
    try:
        for is_dark in (True, False):
            palette = palette_of(is_dark)
            QApplication.setPalette(palette)
            shown(window, row())
            assert window.styleSheet() == style(palette)
            ground = window.grab().toImage().pixelColor(1, 1)
            assert ground == colour("ground", palette)
            assert (ground.lightness() < 128) is is_dark
    finally:
        QApplication.setPalette(before)


def test_what_cannot_be_dragged_is_told_in_words(window: Window) -> None:
    shown(window, row(clip=None))
    window.views[12].drag("")
    assert window.words.text() == "the notes of take 12 have not come yet"


def test_without_a_screen_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed_qt()
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["shelf"]) == 2
    told = capsys.readouterr().err
    assert told == (
        "bandmate: the shelf needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set\n"
    )


def test_without_qt_it_tells_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PySide6.QtWidgets", None)
    assert main(["shelf"]) == 2
    assert "pip install bandmate[shelf]" in capsys.readouterr().err
