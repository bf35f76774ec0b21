"""The shelf as a program: its feed, its window, its end."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from bandmate.shelf.feed import Feed, State
from bandmate.shelf.look import palette_of, wants_dark
from bandmate.shelf.place import put_in_place
from bandmate.shelf.window import TITLE, Window

if TYPE_CHECKING:
    from bandmate.config import Settings


class Ear(QObject):
    """Carries states from the feed's thread to the window's: the latest, where many come."""

    heard = Signal(object)
    _news = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._latest: State | None = None
        self._news.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def hear(self, state: State) -> None:
        """Take in a state, in any thread."""
        with self._lock:
            is_told = self._latest is not None
            self._latest = state
        if not is_told:
            self._news.emit()

    def _tell(self) -> None:
        with self._lock:
            state, self._latest = self._latest, None
        if state:
            self.heard.emit(state)


def show(settings: Settings) -> int:
    """Show the shelf until it is closed, or a signal comes, and return the exit code."""
    application = QApplication.instance() or QApplication([TITLE])
    application.setApplicationName(TITLE)
    _follow_day_and_night()
    ear = Ear()
    feed = Feed(settings.host, settings.port, ear.hear, settings.token)
    window = Window(feed.ask)
    ear.heard.connect(window.show_state)
    put_in_place(window)
    window.show()
    feed.start()
    try:
        with _ending_on_signals(application.exit):
            return application.exec()
    finally:
        feed.close()
        window.close()


def _follow_day_and_night() -> None:
    """Wear the page's colours, dark where the desktop is dark, also when that changes."""
    QApplication.setStyle("Fusion")  # the one that keeps to a palette on every system
    QApplication.setPalette(palette_of(wants_dark()))
    QGuiApplication.styleHints().colorSchemeChanged.connect(
        lambda: QApplication.setPalette(palette_of(wants_dark()))
    )


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
