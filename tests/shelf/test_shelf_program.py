"""What comes from the feed's thread is shown in the window's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from bandmate.shelf.feed import State
from shelf.shelf_clips import row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def test_of_many_states_at_once_the_latest_is_shown_in_the_windows_thread(
    qt: QApplication,
) -> None:
    from bandmate.shelf.program import Ear

    shown: list[tuple[State, int]] = []
    ear = Ear()
    ear.heard.connect(lambda state: shown.append((state, threading.get_ident())))
    states = [State(True, str(count), (row(count),)) for count in range(1, 101)]

    def follow() -> None:
        for state in states:
            ear.hear(state)

    feed = threading.Thread(target=follow)
    feed.start()
    feed.join()
    qt.processEvents()
    assert shown == [(states[-1], threading.get_ident())]
    ear.hear(states[0])
    qt.processEvents()
    assert shown[-1][0] is states[0]
