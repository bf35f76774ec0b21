"""Draw how training goes: `make curves` writes out/loops/NAME/curves.png.

    python models/loops/curves.py [NAME]

Above the validation losses of log.jsonl by set, below how often the judge of judge.jsonl is right,
both over the tokens seen.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from data import out_folder
from runs import lines_of, run_name
from songs import SETS

Curve = Sequence[tuple[float, float]]
"""Millions of tokens, value."""
COLOURS = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
    "#bcbd22", "#17becf", "#000000", "#666633", "#336666",
)  # fmt: skip
WIDTH, HEIGHT = 1100, 480
"""Pixels of each picture."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 210, 40, 50


def losses_of(log: Sequence[Mapping[str, Any]]) -> dict[str, Curve]:
    """Return a curve of validation losses for each set of a training log."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for entry in log:
        for name, value in entry.items():
            if name in SETS and math.isfinite(value):
                curves.setdefault(name, []).append((entry["tokens"] / 1e6, value))
    return dict(curves)


def judged_of(log: Sequence[Mapping[str, Any]]) -> dict[str, Curve]:
    """Return a curve of the judge's accuracy for each set."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for entry in log:
        for name, found in entry["sets"].items():
            curves.setdefault(name, []).append((entry["tokens"] / 1e6, found["trees"][0]))
    return dict(curves)


def ticks_of(low: float, high: float, most: int = 8) -> list[float]:
    """Return round numbers from *low* to *high*, at most *most* and one more."""
    rough = (high - low) / most or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


class Chart:
    """A picture of curves over tokens, with axes, ticks and the curves' names."""

    def __init__(self, title: str, curves: Mapping[str, Curve]) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(14)
        points = [point for curve in curves.values() for point in curve]
        self.xs = _range([x for x, _ in points])
        self.ys = _range([y for _, y in points])
        self.draw.text((_LEFT, 10), title, "black", self.font)
        self._axes()
        for i, (name, curve) in enumerate(curves.items()):
            self._curve(i, name, curve)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point."""
        across = (x - self.xs[0]) / (self.xs[1] - self.xs[0])
        up = (y - self.ys[0]) / (self.ys[1] - self.ys[0])
        return (
            _LEFT + across * (WIDTH - _LEFT - _RIGHT),
            HEIGHT - _BOTTOM - up * (HEIGHT - _TOP - _BOTTOM),
        )

    def _axes(self) -> None:
        left, bottom = self.place(self.xs[0], self.ys[0])
        right, top = self.place(self.xs[1], self.ys[1])
        self.draw.rectangle((left, top, right, bottom), outline="#888888")
        for x in ticks_of(*self.xs):
            at = self.place(x, self.ys[0])[0]
            self.draw.line((at, top, at, bottom), "#eeeeee")
            self.draw.text((at, bottom + 6), f"{x:g}", "black", self.font, anchor="ma")
        for y in ticks_of(*self.ys):
            at = self.place(self.xs[0], y)[1]
            self.draw.line((left, at, right, at), "#eeeeee")
            self.draw.text((left - 6, at), f"{y:g}", "black", self.font, anchor="rm")
        middle = (left + right) / 2
        self.draw.text((middle, bottom + 26), "M tokens", "black", self.font, anchor="ma")

    def _curve(self, index: int, name: str, curve: Curve) -> None:
        colour = COLOURS[index % len(COLOURS)]
        places = [self.place(*point) for point in sorted(curve)]
        if len(places) > 1:
            self.draw.line(places, colour, 2, joint="curve")
        for x, y in places if len(places) < 60 else places[-1:]:
            self.draw.ellipse((x - 2, y - 2, x + 2, y + 2), colour)
        at, last = _TOP + 4 + index * 20, sorted(curve)[-1][1]
        self.draw.line((WIDTH - _RIGHT + 14, at + 8, WIDTH - _RIGHT + 34, at + 8), colour, 3)
        self.draw.text((WIDTH - _RIGHT + 40, at), f"{name} {last:.3g}", "black", self.font)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return a little more than the least and the most."""
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or 0.5
    return low - room, high + room


def drawn(log: Sequence[Mapping[str, Any]], judged: Sequence[Mapping[str, Any]]) -> Image.Image:
    """Return the picture of a run's two logs; ValueError where both are empty."""
    found = {
        "validation loss, nats a note": losses_of(log),
        "how often the judge is right (0.5: it cannot tell)": judged_of(judged),
    }
    charts = [Chart(title, curves).image for title, curves in found.items() if curves]
    if not charts:
        raise ValueError("nothing was logged yet")
    together = Image.new("RGB", (WIDTH, HEIGHT * len(charts)), "white")
    for i, chart in enumerate(charts):
        together.paste(chart, (0, i * HEIGHT))
    return together


def main() -> None:
    """Draw one run."""
    name = sys.argv[1] if len(sys.argv) > 1 else run_name()
    folder: Path = out_folder("loops") / name
    try:
        picture = drawn(lines_of(folder / "log.jsonl"), lines_of(folder / "judge.jsonl"))
    except ValueError as error:
        sys.exit(f"{folder}: {error}")
    picture.save(folder / "curves.png")
    print(folder / "curves.png")


if __name__ == "__main__":
    main()
