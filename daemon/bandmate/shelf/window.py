"""The shelf's window: how it stands with the daemon, the rows, and what a person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bandmate.shelf.feed import State
from bandmate.shelf.keys import HINT, KEYS
from bandmate.shelf.look import style
from bandmate.shelf.place import keep_place
from bandmate.shelf.row_view import RowView

if TYPE_CHECKING:
    from bandmate.shelf.row_view import Ask

TITLE = "bandmate shelf"
_NARROWEST, _FEWEST = 220, 28
"""Pixels, and letters in a line: the wider is the narrowest that the window gets."""
_SIZE = (300, 560)
_EMPTY = (
    "No take is here yet.\n\nAsk for a loop or for chords in your DAW or on bandmate's page: "
    "it appears here as it is made.\n\nThen drag its row into your DAW."
)
_NOBODY = "Start the daemon:\n\nbandmate serve\n\nThe shelf finds it by itself."
_FOR_A_WHILE = 6_000
"""Milliseconds."""
_AWAY = "; what lies here can still be dragged"


def _label(name: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


class Window(QWidget):
    """A narrow window on top of all others."""

    def __init__(self, ask: Ask) -> None:
        """*ask* sends an address and its arguments to the daemon."""
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self.setWindowTitle(TITLE)
        letters = _FEWEST * self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(max(_NARROWEST, letters))
        self.resize(*_SIZE)
        self._ask = ask
        self._is_there = self._was_there = False
        self._standing = ""
        """How it stands with the daemon, told while nothing else is."""
        self.hushing = QTimer(self, singleShot=True, interval=_FOR_A_WHILE)
        self.hushing.timeout.connect(lambda: self._show_words(self._standing))
        self.views: dict[int, RowView] = {}
        """By the number of the take."""
        self.words, self.empty = _label("words"), _label("empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint, self.stop, self.help = _label("hint"), QPushButton("Stop"), QPushButton("?")
        self.stop.setToolTip("stop what plays (Esc)")
        self.stop.clicked.connect(self._stop_playing)
        self.help.setToolTip("show the keys (F1)")
        self.help.setAccessibleName("show the keys")
        self.help.setCheckable(True)
        self.help.toggled.connect(self._show_keys)
        self._show_keys(False)
        self._scroll, self._shelf = QScrollArea(), QVBoxLayout()
        self._lay_out()
        shortcuts = (
            ("Esc", self._stop_playing), ("Ctrl+Z", self._undo), ("F1", self.help.toggle),
            ("?", self.help.toggle),
        )  # fmt: skip
        for keys, does in shortcuts:
            QShortcut(QKeySequence(keys), self).activated.connect(does)
        self.setStyleSheet(style(self.palette()))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()  # not the first button: no key that a person strikes at once may press it
        self.show_state(State(False, "looking for the daemon", ()))

    def _lay_out(self) -> None:
        inside = QWidget()
        self._shelf.setContentsMargins(2, 2, 2, 2)
        self._shelf.setSpacing(4)
        self._shelf.addWidget(self.empty)
        self._shelf.addStretch(1)
        inside.setLayout(self._shelf)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QHBoxLayout()
        for button in (self.stop, self.help):
            foot.addWidget(button)
        foot.addStretch(1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(4, 4, 4, 4)
        for widget in (self.words, self._scroll, self.hint):
            lines.addWidget(widget, 1 if widget is self._scroll else 0)
        lines.addLayout(foot)

    # what is shown

    def show_state(self, state: State) -> None:
        """Show rows, newest first, and how it stands with the daemon."""
        self._tell_how_it_stands(state)
        self.stop.setEnabled(state.is_there)
        self.empty.setText(_EMPTY if state.is_there else _NOBODY)
        self.empty.setVisible(not state.rows)
        gone = self.views.keys() - {row.number for row in state.rows}
        lost = min((self._order().index(n) for n in gone if self.views[n].hasFocus()), default=None)
        for number in gone:
            view = self.views.pop(number)
            self._shelf.removeWidget(view)
            view.hide()  # it goes when Qt has time
            view.deleteLater()
        for index, row in enumerate(state.rows):
            if row.number not in self.views:
                self.views[row.number] = RowView(row, self._ask, self.say)
                self._shelf.insertWidget(index, self.views[row.number])
            self.views[row.number].show_row(row, state.is_there)
        if lost is not None and self.views:
            self._go_to(lost)

    def _tell_how_it_stands(self, state: State) -> None:
        is_back = state.is_there and self._was_there and not self._is_there
        self._is_there = state.is_there
        self._was_there |= state.is_there
        words = state.words
        if words and state.rows and not state.is_there:
            words += _AWAY
        if words != self._standing:
            self._standing = words
            self._show_words(words)
        if is_back:
            self.say("the daemon is back")

    def say(self, words: str) -> None:
        """Tell the person a sentence for a while."""
        self._show_words(words)
        self.hushing.start()

    def _show_words(self, words: str) -> None:
        self.hushing.stop()
        is_bad = words == self._standing and not self._is_there
        self.words.setProperty("away", is_bad)
        self.words.style().polish(self.words)
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _show_keys(self, is_wanted: bool) -> None:
        keys = "\n".join(f"{keys}: {what}" for keys, what in KEYS)
        self.hint.setText(f"{keys}\n{HINT}" if is_wanted else HINT)

    # what a person does

    def _stop_playing(self) -> None:
        if self._is_there:
            self._ask("/bandmate/take/stop")

    def _undo(self) -> None:
        if self._is_there:
            self._ask("/bandmate/take/undo")

    def _order(self) -> list[int]:
        return sorted(self.views, reverse=True)

    def _go_to(self, index: int) -> None:
        numbers = self._order()
        view = self.views[numbers[min(index, len(numbers) - 1)]]
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.ensureWidgetVisible(view)

    # what Qt tells

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from row to row by the arrows."""
        numbers, last = self._order(), len(self.views) - 1
        here = next((i for i, n in enumerate(numbers) if self.views[n].hasFocus()), None)
        goes = {
            Qt.Key.Key_Down: 0 if here is None else (here + 1) % (last + 1 or 1),
            Qt.Key.Key_Up: last if here is None else (here - 1) % (last + 1 or 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if numbers and key in goes:
            self._go_to(goes[key])
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take on the colours of day or night."""
        if event.type() == QEvent.Type.PaletteChange:
            sheet = style(self.palette())
            if sheet != self.styleSheet():
                self.setStyleSheet(sheet)
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where the window was."""
        keep_place(self)
        super().closeEvent(event)
