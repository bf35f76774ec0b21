"""Where the window lay when it was closed."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QWidget

from bandmate import paths


def keep_place(window: QWidget) -> None:
    """Remember where a window lies."""
    _kept().setValue("geometry", window.saveGeometry())


def put_in_place(window: QWidget) -> None:
    """Put a window where it lay."""
    place = _kept().value("geometry")
    if isinstance(place, QByteArray):
        window.restoreGeometry(place)


def _kept() -> QSettings:
    return QSettings(str(paths.home() / "shelf.ini"), QSettings.Format.IniFormat)
