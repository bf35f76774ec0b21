"""The shelf's window: how it stands with the daemon, the rows, and what a person can do."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSettings, QSocketNotifier, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bandmate import places
from bandmate.shelf.feed import Feed, State
from bandmate.shelf.row_view import ONE_PART_KEY, RowView

if TYPE_CHECKING:
    from bandmate.config import Settings
    from bandmate.shelf.row_view import Ask

TITLE = "bandmate shelf"
_SIZE = (300, 560)
_EMPTY = (
    "No take is here yet. Ask for a loop or for chords in your DAW or on bandmate's page: "
    "it appears here as it is made."
)
_HINT = f"Drag a row into your DAW; with {ONE_PART_KEY}, the part under the mouse alone."


class Ear(QObject):
    """Carries states from the feed's thread to the window's."""

    heard = Signal(object)


class Window(QWidget):
    """A narrow window on top of all others."""

    def __init__(self, ask: Ask) -> None:
        """*ask* sends an address and its arguments to the daemon."""
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self.setWindowTitle(TITLE)
        self.resize(*_SIZE)
        self._ask = ask
        self.views: dict[int, RowView] = {}
        """By the number of the take."""
        self.words, self.stop = QLabel(), QPushButton("Stop")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.stop.setToolTip("stop what plays (Esc)")
        self.stop.clicked.connect(self._stop_playing)
        self._scroll, self._shelf = QScrollArea(), QVBoxLayout()
        self._lay_out()
        for keys, does in (("Esc", self._stop_playing), ("Ctrl+Z", self._undo)):
            QShortcut(QKeySequence(keys), self).activated.connect(does)
        self.show_state(State(False, "looking for the daemon", ()))

    def _lay_out(self) -> None:
        inside = QWidget()
        self._shelf.setContentsMargins(2, 2, 2, 2)
        self._shelf.setSpacing(3)
        self._shelf.addStretch(1)
        inside.setLayout(self._shelf)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QHBoxLayout()
        hint = QLabel(_HINT)
        hint.setWordWrap(True)
        foot.addWidget(hint, 1)
        foot.addWidget(self.stop)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(4, 4, 4, 4)
        lines.addWidget(self.words)
        lines.addWidget(self._scroll, 1)
        lines.addLayout(foot)

    def show_state(self, state: State) -> None:
        """Show rows, newest first, and how it stands with the daemon."""
        self.say(state.words or ("" if state.rows else _EMPTY))
        self.stop.setEnabled(state.is_there)
        numbers = {row.number for row in state.rows}
        for number in [number for number in self.views if number not in numbers]:
            view = self.views.pop(number)
            self._shelf.removeWidget(view)
            view.hide()  # it goes when Qt has time
            view.deleteLater()
        for index, row in enumerate(state.rows):
            if row.number in self.views:
                self.views[row.number].show_row(row, state.is_there)
            else:
                view = self.views[row.number] = RowView(row, self._ask, self.say)
                self._shelf.insertWidget(index, view)
                view.show_row(row, state.is_there)

    def say(self, words: str) -> None:
        """Tell the person a sentence; nothing is told by an empty one."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _stop_playing(self) -> None:
        self._ask("/bandmate/take/stop")

    def _undo(self) -> None:
        self._ask("/bandmate/take/undo")

    # what Qt tells

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from row to row by the arrows."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        views = [self.views[number] for number in sorted(self.views, reverse=True)]
        if step is None or not views:
            super().keyPressEvent(event)
            return
        here = next((i for i, view in enumerate(views) if view.hasFocus()), -step % len(views))
        view = views[(here + step) % len(views)]
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.ensureWidgetVisible(view)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where the window was."""
        _kept().setValue("geometry", self.saveGeometry())
        super().closeEvent(event)


def show(settings: Settings) -> int:
    """Show the shelf until it is closed, or a signal comes, and return the exit code."""
    application = QApplication.instance() or QApplication([TITLE])
    application.setApplicationName(TITLE)
    ear = Ear()
    feed = Feed(settings.host, settings.port, ear.heard.emit, settings.token)
    window = Window(feed.ask)
    place = _kept().value("geometry")
    if isinstance(place, QByteArray):
        window.restoreGeometry(place)
    ear.heard.connect(window.show_state)
    window.show()
    feed.start()
    try:
        with _ending_on_signals(application.exit):
            return application.exec()
    finally:
        feed.close()
        window.close()


def _kept() -> QSettings:
    return QSettings(str(places.home() / "shelf.ini"), QSettings.Format.IniFormat)


@contextmanager
def _ending_on_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the window: Qt's loop runs no Python, so it is woken up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ear, bell = socket.socketpair()
    ear.setblocking(False)
    bell.setblocking(False)
    notifier = QSocketNotifier(ear.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: ear.recv(64))
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {n: signal.signal(n, lambda number, _: end(128 + number)) for n in numbers}
    woken = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        ear.close()
        bell.close()
