"""The shelf as a person starts it; tells where on the screen each part of each take lies.

python shelf_on_screen.py PORT
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication

from bandmate.app.cli import main
from bandmate.shelf.window import Window


def places() -> dict[str, list[int]]:
    """Return the middle of each part and button that can be seen, by take and name."""
    found: dict[str, list[int]] = {}
    for window in QApplication.topLevelWidgets():
        for number, view in window.views.items() if isinstance(window, Window) else ():
            picture = view.picture
            for y in range(picture.height()):
                part = picture.part_at(QPoint(10, y))
                at = picture.mapToGlobal(QPoint(picture.width() // 2, y))
                found.setdefault(f"{number} {part}", [at.x(), at.y() + 3])
            for name in ("star", "play", "reject"):
                button = getattr(view, name)
                if button.isVisible():
                    at = button.mapToGlobal(button.rect().center())
                    found[f"{number} {name}"] = [at.x(), at.y()]
    return found


def watch(drag: QDrag) -> None:
    """Tell when what the mouse is over would take what is dragged."""
    WATCHED.append(drag)
    drag.actionChanged.connect(lambda action: print(HOW[action], flush=True))


HOW = {Qt.DropAction.CopyAction: "taken", Qt.DropAction.IgnoreAction: "not taken"}
WATCHED: list[QDrag] = []
SEEN: dict[str, list[int]] = {}
TOLD: dict[str, list[int]] = {}
STARS: dict[int, str] = {}
SAID = [""]


def tell() -> None:
    """Tell what changed, once it lies still."""
    now = places()
    if now == SEEN and now != TOLD:
        TOLD.clear()
        TOLD.update(now)
        print("places", json.dumps(now), flush=True)
    SEEN.clear()
    SEEN.update(now)
    for window in QApplication.topLevelWidgets():
        for drag in window.findChildren(QDrag):
            if drag not in WATCHED:
                watch(drag)
        for number, view in window.views.items() if isinstance(window, Window) else ():
            if STARS.get(number) != view.star.text():
                STARS[number] = view.star.text()
                print("star", number, STARS[number], flush=True)
        if isinstance(window, Window) and window.words.text() != SAID[0]:
            SAID[0] = window.words.text()
            print("says", SAID[0], flush=True)
            TOLD.clear()  # rows may lie elsewhere below other words


if __name__ == "__main__":
    application = QApplication([])
    timer = QTimer()
    timer.timeout.connect(tell)
    timer.start(50)
    sys.exit(main(["shelf", "--port", sys.argv[1]]))
