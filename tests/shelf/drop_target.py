"""A window of another program: what is dropped on it is opened and told as notes, in JSON.

python drop_target.py X Y
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from bandmate.music import midifile
from bandmate.music.clip import Part


def in_ticks(part: Part) -> list[list[int]]:
    """Return start, pitch, end and velocity of each note."""
    return [[round(n.start * 480), n.pitch, round(n.end * 480), n.velocity] for n in part.notes]


class Target(QWidget):
    """Takes files."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let files in."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Tell that something hovers."""
        event.acceptProposedAction()
        print("felt", flush=True)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        event.acceptProposedAction()
        for url in event.mimeData().urls():
            clip = midifile.read(url.toLocalFile())
            parts = {part.name: [part.program, in_ticks(part)] for part in clip.parts}
            told = {"file": url.toLocalFile(), "tempo": clip.tempo, "parts": parts}
            print("dropped", json.dumps(told), flush=True)


if __name__ == "__main__":
    application = QApplication([])
    target = Target()
    target.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 260, 260)
    target.show()
    QTimer.singleShot(0, lambda: print("open", flush=True))
    sys.exit(application.exec())
