"""The judge's reports as text and as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

BAND = "whole band"
ROLES = ("drums", "bass", "keys", "lead", "guitar", "strings")
"""Roles that have a column of their own."""
Report = Mapping[str, Any]


def interval(figures: Sequence[float]) -> str:
    """Return ``0.80 (0.76..0.84)`` of a share and its interval."""
    found, low, high = figures
    return f"{found:.2f} ({low:.2f}..{high:.2f})"


HEAD = ("set", "loops", "songs", "trees", "reader", "real against real", "random weights", *ROLES)


def rows(report: Report) -> list[list[str]]:
    """Return a row for each set, in the columns of HEAD."""
    return [
        [
            name,
            str(found[BAND]["loops"]),
            str(found[BAND]["songs"]),
            interval(found[BAND]["trees"]),
            interval(found[BAND]["reader"]),
            interval(report["real against real"][name][BAND]["trees"]),
            interval(report["random weights"][name][BAND]["trees"]),
            *(interval(found[role]["trees"]) if role in found else "" for role in ROLES),
        ]
        for name, found in report["ours"].items()
    ]


TELLS_HEAD = ("set", "what tells", "ours", "real", "more of it in ours")


def tells(report: Report, most: int = 10) -> list[list[str]]:
    """Return a row for each set's plainest features of the whole band, in TELLS_HEAD."""
    return [
        [name, tell["feature"], tell["ours"], tell["real"], tell["more in ours"]]
        for name, found in report["ours"].items()
        for tell in found[BAND]["tells"][:most]
    ]


def shown(report: Report) -> str:
    """Return a whole report as text."""
    lines = [*_aligned([HEAD, *rows(report)]), ""]
    for name, by_role in report["ours"].items():
        for role, found in by_role.items():
            lines += [f"{name}, {role}: told rightly {interval(found['trees'])}, by"]
            lines += [f"  {said(tell)}" for tell in found["tells"]]
    return "\n".join([*lines, "", f"{report['weights']}, {report['CPU seconds']} CPU seconds"])


def said(tell: Mapping[str, Any]) -> str:
    """Return one feature that tells in words."""
    way = "more" if tell["more in ours"] > 0.5 else "less"
    return (
        f"{tell['feature']}: ours {tell['ours']}, real {tell['real']} "
        f"({way} in ours, AUC {tell['more in ours']:.2f})"
    )


def shown_quick(report: Report) -> str:
    """Return a quick report as text."""
    table = [["", "loops", "told rightly"]]
    table += [[n, str(f["loops"]), interval(f["trees"])] for n, f in report["sets"].items()]
    table += [[n, str(f["parts"]), interval(f["trees"])] for n, f in report["roles"].items()]
    told = (f"  {said(tell)}" for tell in report["tells"])
    return "\n".join(
        [
            *_aligned(table), "", *told, "",
            f"{report['weights']}, {report['CPU seconds']} CPU seconds",
        ]
    )  # fmt: skip


def _aligned(table: Iterable[Sequence[str]]) -> list[str]:
    cells = [list(map(str, row)) for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
