"""A fake of REAPER's ``gfx``: one small window that a test looks at and clicks into."""

from __future__ import annotations

from typing import Any


class FakeWindow:
    """The window of a script: the texts that were drawn last, by the row they stand in."""

    def __init__(self) -> None:
        self.is_open = False
        self.draws = 0
        self.size = (0, 0)
        self._gfx: Any = None
        self._key = 0
        self._texts: list[tuple[float, float, str]] = []
        self._drawn: list[tuple[float, float, str]] = []

    # what a person does

    @property
    def rows(self) -> dict[str, str]:
        """What the window shows: a caption, and the value beside it."""
        lines: dict[float, list[str]] = {}
        for _, y, text in sorted(self._drawn):
            lines.setdefault(y, []).append(text)
        return {line[0]: line[1] for line in lines.values()}

    def press(self, caption: str) -> None:
        """Hold the button down over the row of a caption."""
        (y,) = [y for _, y, text in self._drawn if text == caption]
        self._gfx.mouse_x, self._gfx.mouse_y, self._gfx.mouse_cap = 30, int(y) + 4, 1

    def release(self) -> None:
        """Let the button go."""
        self._gfx.mouse_cap = 0

    def close(self, key: int = -1) -> None:
        """Close the window, or press a key in it."""
        self._key = key

    # what a script does

    def furnish(self, runtime: Any) -> None:
        """Give a Lua its ``gfx``."""
        names = ("init", "setfont", "set", "rect", "drawstr", "getchar", "update", "quit")
        gfx = runtime.table_from({name: getattr(self, f"_{name}") for name in names})
        for name in ("x", "y", "w", "h", "mouse_x", "mouse_y", "mouse_cap"):
            gfx[name] = 0
        runtime.globals().gfx = gfx
        self._mine = gfx

    def _init(self, title: str, width: int, height: int) -> None:
        self.is_open, self._gfx, self.size = True, self._mine, (width, height)
        self._gfx.w, self._gfx.h = width, height

    def _setfont(self, index: int, name: str, size: int) -> None:
        assert self.is_open

    def _set(self, red: float, green: float, blue: float, alpha: float) -> None:
        assert self.is_open

    def _rect(self, x: float, y: float, width: float, height: float, filled: int) -> None:
        self._texts = []

    def _drawstr(self, text: str) -> None:
        self._texts.append((self._gfx.x, self._gfx.y, text))

    def _update(self) -> None:
        self._drawn, self.draws = self._texts, self.draws + 1

    def _getchar(self) -> int:
        return self._key

    def _quit(self) -> None:
        self.is_open = False
