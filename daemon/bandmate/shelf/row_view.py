"""One take on the shelf: what it is, its little roll, its buttons, and its drag."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from bandmate.contract.messages import Atom
from bandmate.errors import BandmateError
from bandmate.shelf.elided import Elided
from bandmate.shelf.files import file_of
from bandmate.shelf.keys import ONE_PART_KEY
from bandmate.shelf.picture import Picture
from bandmate.shelf.rows import Row
from bandmate.shelf.words import chords_of, facts_of, name_of, told_of

Ask = Callable[..., None]
"""Takes an address and its arguments."""
Say = Callable[[str], None]

ONE_PART = Qt.KeyboardModifier.ControlModifier
"""What Qt calls ONE_PART_KEY, on every system."""
_ON_THE_WAY = "its notes are on their way"


class RowView(QFrame):
    """A row that can be played, starred, rejected and dragged."""

    def __init__(self, row: Row, ask: Ask, say: Say) -> None:
        """*ask* sends an ask to the daemon, *say* tells the person a sentence."""
        super().__init__()
        self.row = row
        self._is_there: bool | None = None
        self._ask, self._say = ask, say
        self._pressed: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.picture = Picture()
        self._number, self._name = QLabel(f"#{row.number}"), Elided("name")
        self._number.setObjectName("number")
        self._facts, self._chords = Elided("facts"), Elided("chords")
        self.star = self._button("☆", "star (S)", self.toggle_star)
        self.play = self._button("▶", "play (Space)", self.play_take)
        self.reject = self._button("✕", "reject (Delete)", self.reject_take)
        self._lay_out()
        self.show_row(row, True)

    def _lay_out(self) -> None:
        head, second, lines = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(5)
        head.addWidget(self._number)
        head.addWidget(self._name, 1)
        second.setSpacing(2)
        second.addWidget(self._facts, 1)
        for button in (self.star, self.play, self.reject):
            second.addWidget(button)
        lines.setContentsMargins(6, 3, 4, 5)
        lines.setSpacing(1)
        lines.addLayout(head)
        lines.addLayout(second)
        lines.addWidget(self._chords)
        lines.addWidget(self.picture)

    def _button(self, text: str, tip: str, does: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setFixedWidth(button.fontMetrics().height() * 8 // 5)
        button.setToolTip(tip)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(does)
        return button

    def show_row(self, row: Row, is_there: bool) -> None:
        """Show what is known of the take now, and whether the daemon can be asked."""
        if row is self.row and is_there == self._is_there:
            return
        is_new = self._is_there is None
        if is_new or row.clip is not self.row.clip or row.trouble != self.row.trouble:
            self.picture.show_clip(row.clip, row.trouble or _ON_THE_WAY)
        self.row, self._is_there = row, is_there
        self._name.show_text(f"✓ {name_of(row)}" if row.state == "accepted" else name_of(row))
        self._facts.show_text(facts_of(row))
        self._chords.show_text(chords_of(row))
        self._chords.setVisible(bool(chords_of(row)))
        is_rejected = row.state == "rejected"
        self.star.setVisible(row.is_starred is not None)
        self.star.setText("★" if row.is_starred else "☆")
        self.star.setEnabled(is_there)
        self.play.setEnabled(is_there)
        self.reject.setEnabled(is_there and not is_rejected)
        self.picture.setEnabled(not is_rejected)
        self._restyle(self, "state", row.state)
        self._restyle(self.star, "on", bool(row.is_starred))
        self._tell_who_listens()

    @staticmethod
    def _restyle(widget: QFrame | QToolButton, name: str, value: str | bool) -> None:
        if widget.property(name) != value:
            widget.setProperty(name, value)
            for one in (widget, *widget.findChildren(QLabel)):
                one.style().polish(one)

    def _tell_who_listens(self) -> None:
        """Tell screen readers, and who points at the row, what it is."""
        told, how = told_of(self.row), f"Drag it into your DAW; with {ONE_PART_KEY}, one part."
        self.setAccessibleName(told)
        self.setAccessibleDescription(how)
        self.setToolTip(
            f"<p>{html.escape(told)}</p><p>{html.escape(self.row.label)}</p><p>{how}</p>"
        )
        for button, verb in ((self.star, "star"), (self.play, "play"), (self.reject, "reject")):
            button.setAccessibleName(f"{verb} {self.row.label}")

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
        if self.row.state != "rejected":
            self._do("reject")

    def _do(self, verb: str, *arguments: Atom) -> None:
        if self._is_there:
            self._ask(f"/bandmate/take/{verb}", self.row.number, *arguments)

    def copy_file(self, part: str = "") -> None:
        """Put the file on the clipboard, of all parts or of one, for who does not drag."""
        mime = self._mime(part)
        if mime:
            QGuiApplication.clipboard().setMimeData(mime)
            what = f"{part} of take {self.row.number}" if part else f"take {self.row.number}"
            self._say(f"{what} is on the clipboard, as a file")

    def drag(self, part: str) -> None:
        """Drag the take, or one part of it, until it is dropped."""
        mime = self._mime(part)
        if mime is None:
            return
        drag = QDrag(self.window())  # the row may go while it is dragged
        drag.setMimeData(mime)
        drag.setPixmap(self.picture.grab(self.picture.place_of(part)))
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
        """Do by keys what the buttons and the mouse do."""
        key = Qt.Key(event.key())
        keys = {
            Qt.Key.Key_Space: self.play_take,
            Qt.Key.Key_Return: self.play_take,
            Qt.Key.Key_Enter: self.play_take,
            Qt.Key.Key_S: self.toggle_star,
            Qt.Key.Key_Delete: self.reject_take,
            Qt.Key.Key_Backspace: self.reject_take,
        }
        is_held = bool(event.modifiers() & ONE_PART)
        if is_held and key == Qt.Key.Key_C:
            self.copy_file()
        elif is_held and Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._copy_part(key - Qt.Key.Key_1)
        elif not is_held and key in keys:
            keys[key]()
        else:
            super().keyPressEvent(event)

    def _copy_part(self, index: int) -> None:
        parts = self.row.clip.parts if self.row.clip else ()
        if index < len(parts):
            self.copy_file(parts[index].name)
        else:
            self._say(f"take {self.row.number} has no part {index + 1}: it has {len(parts)}")
