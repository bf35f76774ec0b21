"""The little roll of a take: a lane a part, its name before it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from bandmate.music.clip import Clip
from bandmate.shelf.lanes import Lane, lane_at, lanes
from bandmate.shelf.look import colour

_GAP = 2
_FAINT = 0.35
"""Opacity of what is refused."""
_QUIET = 0.45
"""Opacity of the softest note."""
_SMALL = 0.85
"""Size of the names beside that of the window's letters."""


class Picture(QWidget):
    """Draws a clip; grows with its parts."""

    def __init__(self) -> None:
        super().__init__()
        self._lanes: tuple[Lane, ...] = ()
        self._bars = 0
        self._words = ""
        small = QFont(self.font())
        small.setPointSizeF(max(6.0, small.pointSizeF() * _SMALL))
        self.setFont(small)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_clip(self, clip: Clip | None, words: str) -> None:
        """Draw a clip, or write *words* where there is none."""
        self._lanes = lanes(clip) if clip else ()
        self._bars = clip.bars if clip else 0
        self._words = words
        self.updateGeometry()
        self.update()

    def part_at(self, point: QPoint) -> str:
        """Return the name of the part at a point of this picture; empty where there is none."""
        if not self._lanes or not self.rect().contains(point):
            return ""
        return self._lanes[lane_at(len(self._lanes), point.y() / self.height())].name

    def place_of(self, part: str) -> QRect:
        """Return where a part is drawn; all of the picture where no such part is."""
        for index, lane in enumerate(self._lanes):
            if lane.name == part:
                height = self.height() / len(self._lanes)
                return QRect(0, round(index * height), self.width(), round(height))
        return self.rect()

    def sizeHint(self) -> QSize:
        """Ask for a line of letters a lane, and a bit more where there are few."""
        line, count = QFontMetrics(self.font()).height() + _GAP, len(self._lanes)
        return QSize(100, max(line * count, min(count, 2) * line * 3 // 2, line))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw lane under lane."""
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else _FAINT)
        metrics = QFontMetrics(self.font())
        if not self._lanes:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)
            return
        margin = max(metrics.horizontalAdvance(lane.name) for lane in self._lanes) + 2 * _GAP
        height = self.height() / len(self._lanes)
        for index, lane in enumerate(self._lanes):
            room = QRectF(margin, index * height + 1, self.width() - margin, height - _GAP)
            painter.setPen(colour(lane.role, self.palette()))
            name = QRectF(0, index * height, margin, height)
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, lane.name)
            self._draw_bars(painter, room)
            self._draw_notes(painter, lane, room)

    def _draw_bars(self, painter: QPainter, room: QRectF) -> None:
        painter.fillRect(room, self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        for bar in range(1, self._bars):
            x = round(room.left() + room.width() * bar / self._bars)
            painter.drawLine(x, round(room.top()), x, round(room.bottom()))

    def _draw_notes(self, painter: QPainter, lane: Lane, room: QRectF) -> None:
        shade = QColor(colour(lane.role, self.palette()))
        for box in lane.boxes:
            shade.setAlphaF(_QUIET + (1 - _QUIET) * box.loudness)
            note = QRectF(
                room.left() + box.left * room.width(),
                room.top() + box.top * room.height(),
                max(2.0, box.width * room.width() - 1),
                max(2.0, box.height * room.height()),
            )
            painter.fillRect(note, shade)
