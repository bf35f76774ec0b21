"""A line of text that fits."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel


class Elided(QLabel):
    """A line of text that ends in dots where it is too long."""

    def __init__(self, name: str) -> None:
        """*name* is that of the style sheet."""
        super().__init__()
        self._whole = ""
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as need be."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        dots = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._whole, dots, self.width()))
