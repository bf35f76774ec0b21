"""One Qt for all tests of the shelf in this process, without a screen."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from shelf.screen import needed_qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="session")
def qt() -> Iterator[QApplication]:
    """Open Qt, and end it while Python is still whole."""
    needed_qt()
    from PySide6.QtWidgets import QApplication

    application = QApplication(["tests", "-platform", "offscreen"])
    yield application
    application.clipboard().clear()  # Qt without a screen would let go of it too late
    gc.collect()
    application.shutdown()
