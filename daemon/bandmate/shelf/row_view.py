"""One take on the shelf: its title, its little roll, its buttons, and its drag."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from bandmate.errors import BandmateError
from bandmate.shelf.files import file_of
from bandmate.shelf.picture import Picture
from bandmate.shelf.rows import Row
from bandmate.wires.messages import Atom

Ask = Callable[..., None]
"""Takes an address and its arguments."""
Say = Callable[[str], None]

ONE_PART = Qt.KeyboardModifier.ControlModifier
"""Held while a row is dragged: the part under the mouse alone."""
ONE_PART_KEY = "Command" if sys.platform == "darwin" else "Ctrl"


class Elided(QLabel):
    """A line of text that ends in dots where it is too long."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setMinimumWidth(40)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        dots = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._whole, dots, self.width()))


class RowView(QFrame):
    """A row that can be played, starred, rejected and dragged."""

    def __init__(self, row: Row, ask: Ask, say: Say) -> None:
        """*ask* sends an ask to the daemon, *say* tells the person a sentence."""
        super().__init__()
        self.row = row
        self._ask, self._say = ask, say
        self._pressed: QPoint | None = None
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title, self.picture, self._chords = Elided(), Picture(), Elided()
        self.star = self._button("☆", "star", self.toggle_star)
        self.play = self._button("▶", "play", self.play_take)
        self.reject = self._button("✕", "reject", self.reject_take)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.star)
        head.addWidget(self._title, 1)
        head.addWidget(self.play)
        head.addWidget(self.reject)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(4, 3, 4, 4)
        lines.setSpacing(2)
        lines.addLayout(head)
        lines.addWidget(self._chords)
        lines.addWidget(self.picture)
        self.show_row(row, True)

    def _button(self, text: str, name: str, does: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setToolTip(name)
        button.clicked.connect(does)
        return button

    def show_row(self, row: Row, is_there: bool) -> None:
        """Show what is known of the take now, and whether the daemon can be asked."""
        is_drawn_anew = row.clip is not self.row.clip or row.clip is None
        self.row = row
        if is_drawn_anew or not self.picture.isVisible():
            self.picture.show_clip(row.clip, row.trouble or "its notes are on their way")
        self._title.show_text(f"✓ {row.label}" if row.state == "accepted" else row.label)
        self._show_chords()
        is_rejected = row.state == "rejected"
        self.star.setVisible(row.is_starred is not None)
        self.star.setText("★" if row.is_starred else "☆")
        self.star.setEnabled(is_there)
        self.play.setEnabled(is_there)
        self.reject.setEnabled(is_there and not is_rejected)
        for widget in (self._title, self._chords, self.picture):
            widget.setEnabled(not is_rejected)
        self._name()

    def _show_chords(self) -> None:
        clip = self.row.clip
        symbols = [span.chord.symbol(clip.key) for span in clip.chords] if clip else []
        self._chords.show_text(" ".join(symbols))
        self._chords.setVisible(bool(symbols))

    def _name(self) -> None:
        """Tell screen readers, and who points at the row, what it is."""
        row = self.row
        facts = [row.kind, row.label, "" if row.state == "made" else row.state]
        facts += ["starred" if row.is_starred else "", f"by {row.client}" if row.client else ""]
        told = ", ".join(filter(None, facts))
        self.setAccessibleName(told)
        how = f"Drag it into your DAW; with {ONE_PART_KEY}, one part alone."
        self.setToolTip(f"<p>{html.escape(told)}</p><p>{how}</p>")
        for button, verb in ((self.star, "star"), (self.play, "play"), (self.reject, "reject")):
            button.setAccessibleName(f"{verb} {row.label}")

    # what a person does

    def play_take(self) -> None:
        """Play the take in time."""
        self._do("play")

    def toggle_star(self) -> None:
        """Star the take, or take its star away."""
        if self.row.is_starred is not None:
            self._do("star", int(not self.row.is_starred))

    def reject_take(self) -> None:
        """Refuse the take."""
        self._do("reject")

    def _do(self, verb: str, *arguments: Atom) -> None:
        self._ask(f"/bandmate/take/{verb}", self.row.number, *arguments)

    def copy_file(self) -> None:
        """Put the file on the clipboard, for who does not drag."""
        mime = self._mime("")
        if mime:
            QGuiApplication.clipboard().setMimeData(mime)
            self._say(f"the file of take {self.row.number} is on the clipboard")

    def drag(self, part: str) -> None:
        """Drag the take, or one part of it, until it is dropped."""
        mime = self._mime(part)
        if mime is None:
            return
        drag = QDrag(self.window())  # the row may go while it is dragged
        drag.setMimeData(mime)
        drag.setPixmap(self.picture.grab())
        drag.exec(Qt.DropAction.CopyAction)

    def _mime(self, part: str) -> QMimeData | None:
        try:
            file = file_of(self.row, part)
        except BandmateError as error:
            self._say(str(error))
            return None
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        return mime

    # what Qt tells

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        """Begin no drag any more."""
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin a drag once the mouse went far enough."""
        if self._pressed is None:
            return
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        if way < QApplication.startDragDistance():
            return
        pressed, self._pressed = self._pressed, None
        part = self.picture.part_at(self.picture.mapFrom(self, pressed))
        self.drag(part if event.modifiers() & ONE_PART else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do by keys what the buttons do."""
        keys = {
            Qt.Key.Key_Space: self.play_take,
            Qt.Key.Key_Return: self.play_take,
            Qt.Key.Key_S: self.toggle_star,
            Qt.Key.Key_Delete: self.reject_take,
        }
        is_copy = event.key() == Qt.Key.Key_C and event.modifiers() & ONE_PART
        does = self.copy_file if is_copy else keys.get(Qt.Key(event.key()))
        if does:
            does()
        else:
            super().keyPressEvent(event)
