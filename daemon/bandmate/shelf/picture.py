"""The little roll of a take: a lane a part, its name before it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from bandmate.music.clip import Clip
from bandmate.shelf.lanes import Lane, lane_at, lanes

_HUES = (190, 300, 120, 220, 0, 160, 270, 90)
_DRUM_HUE = 45
_GAP = 2
_FAINT = 0.35
"""Opacity of what is refused."""
_SMALL = 0.8
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

    @property
    def _lane_height(self) -> int:
        return QFontMetrics(self.font()).height() + _GAP

    def sizeHint(self) -> QSize:
        """Ask for a line of letters a lane."""
        return QSize(200, self._lane_height * max(1, len(self._lanes)))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw lane under lane."""
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else _FAINT)
        faint = self.palette().color(QPalette.ColorRole.PlaceholderText)
        if not self._lanes:
            painter.setPen(faint)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._words)
            return
        metrics = QFontMetrics(self.font())
        margin = max(metrics.horizontalAdvance(lane.name) for lane in self._lanes) + 2 * _GAP
        height = self.height() / len(self._lanes)
        for index, lane in enumerate(self._lanes):
            room = QRectF(margin, index * height + 1, self.width() - margin, height - _GAP)
            painter.setPen(faint)
            name = QRectF(0, index * height, margin, height)
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, lane.name)
            self._draw_bars(painter, room)
            self._draw_notes(painter, lane, room, self._hue(index, lane))

    def _hue(self, index: int, lane: Lane) -> int:
        return _DRUM_HUE if lane.is_drums else _HUES[index % len(_HUES)]

    def _draw_bars(self, painter: QPainter, room: QRectF) -> None:
        painter.fillRect(room, self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        for bar in range(1, self._bars):
            x = round(room.left() + room.width() * bar / self._bars)
            painter.drawLine(x, round(room.top()), x, round(room.bottom()))

    def _draw_notes(self, painter: QPainter, lane: Lane, room: QRectF, hue: int) -> None:
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        for box in lane.boxes:
            # Loud notes stand out from the ground, whichever it is.
            light = 90 + round(110 * box.loudness) if is_dark else 190 - round(110 * box.loudness)
            note = QRectF(
                room.left() + box.left * room.width(),
                room.top() + box.top * room.height(),
                max(2.0, box.width * room.width() - 1),
                max(1.5, box.height * room.height()),
            )
            painter.fillRect(note, QColor.fromHsl(hue, 200, light))
