"""The shelf's colours, dark and light: those of the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

_LIGHT_DARK = {
    "ground": ("#f1efea", "#131519"),
    "plane": ("#fbfaf7", "#1a1d23"),
    "raised": ("#ffffff", "#22262e"),
    "line": ("#dcd8cf", "#2c313b"),
    "edge": ("#8d877b", "#69727f"),
    "ink": ("#23211d", "#e9e7e2"),
    "soft": ("#5d584e", "#a7adb8"),
    "accent": ("#8a5410", "#e6ab5f"),
    "on-accent": ("#ffffff", "#1d1509"),
    "good": ("#2b6e3f", "#7fc795"),
    "wrong": ("#a3262a", "#f2938c"),
    "wrong-ground": ("#fbe6e4", "#3a1f20"),
    "drums": ("#b0503f", "#e58b78"),
    "bass": ("#3f6cb0", "#7fa9e6"),
    "keys": ("#98691a", "#e6bb6a"),
    "organ": ("#8a5a86", "#cf9bca"),
    "guitar": ("#3f7d4a", "#86c893"),
    "pad": ("#357a80", "#76c0c6"),
    "strings": ("#6b5bb0", "#aa9cec"),
    "brass": ("#a6662a", "#e8a36b"),
    "reed": ("#6d7a2a", "#bcc977"),
    "lead": ("#b03f78", "#ec8fbc"),
    "choir": ("#5a7187", "#a3bbd2"),
    "mallet": ("#2f8069", "#74cbb2"),
}

_STYLE = """
RowView {{ background: {plane}; border: 2px solid {line}; border-left-width: 4px;
           border-radius: 6px; }}
RowView:hover {{ background: {raised}; border-color: {soft}; }}
RowView[state="accepted"] {{ border-left-color: {good}; }}
RowView[state="rejected"] {{ border-style: dashed; border-left-width: 2px; }}
RowView:focus {{ border-color: {accent}; background: {raised}; }}
#name {{ font-weight: 600; }}
#number, #facts, #hint {{ color: {soft}; }}
#chords {{ color: {ink}; }}
RowView[state="rejected"] QLabel {{ color: {soft}; }}
RowView[state="rejected"] #name {{ text-decoration: line-through; }}
QToolButton, QPushButton {{ border: 2px solid transparent; border-radius: 4px; padding: 1px 2px; }}
QPushButton {{ border-color: {line}; background: {raised}; padding: 1px 6px; }}
QToolButton:hover, QPushButton:hover {{ background: {line}; }}
QToolButton:focus, QPushButton:focus {{ border-color: {accent}; }}
QToolButton:disabled, QPushButton:disabled {{ color: {edge}; }}
QToolButton[on="true"] {{ color: {accent}; }}
#words {{ padding: 4px 6px; border-radius: 4px; background: {raised}; }}
#words[away="true"] {{ background: {wrong-ground}; color: {wrong}; }}
#empty {{ color: {soft}; padding: 12px; }}
"""


def is_dark(palette: QPalette) -> bool:
    """Return whether light letters stand on a dark ground."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def colour(name: str, palette: QPalette) -> QColor:
    """Return a colour of the table; one that is not in it is that of a pad."""
    return QColor(_LIGHT_DARK.get(name, _LIGHT_DARK["pad"])[is_dark(palette)])


def style(palette: QPalette) -> str:
    """Return the style sheet of the window."""
    return _STYLE.format(**{name: pair[is_dark(palette)] for name, pair in _LIGHT_DARK.items()})


def wants_dark() -> bool:
    """Return whether the person's desktop is dark."""
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme == Qt.ColorScheme.Unknown:
        return is_dark(QGuiApplication.palette())
    return scheme == Qt.ColorScheme.Dark


def palette_of(dark: bool) -> QPalette:
    """Return what Qt paints with where the style sheet says nothing."""
    roles = {
        "ground": QPalette.ColorRole.Window,
        "plane": QPalette.ColorRole.Base,
        "raised": QPalette.ColorRole.Button,
        "line": QPalette.ColorRole.Mid,
        "accent": QPalette.ColorRole.Highlight,
        "on-accent": QPalette.ColorRole.HighlightedText,
        "soft": QPalette.ColorRole.PlaceholderText,
    }
    inks = ("WindowText", "Text", "ButtonText", "ToolTipText")
    palette = QPalette(QColor(_LIGHT_DARK["raised"][dark]), QColor(_LIGHT_DARK["ground"][dark]))
    for name, role in roles.items():
        palette.setColor(role, QColor(_LIGHT_DARK[name][dark]))
    for ink in inks:
        palette.setColor(QPalette.ColorRole[ink], QColor(_LIGHT_DARK["ink"][dark]))
    palette.setColor(QPalette.ColorRole.ToolTipBase, QColor(_LIGHT_DARK["raised"][dark]))
    return palette
