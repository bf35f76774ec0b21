"""Build ``bandmate.tosc``, a TouchOSC layout, from the table of the surface's controls.

Run it where bandmate is installed: ``python bridge/surfaces/build_layout.py``. The same table gives
the same bytes. A .tosc is XML packed by zlib; nothing but the standard library is needed.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from bandmate.music.roles import ROLES
from bandmate.surfaces.table import (
    BUTTON,
    FADER,
    HELLO,
    LAMP,
    PREFIX,
    SOURCES,
    SWITCH,
    TEXT,
    WIDGETS,
    Widget,
)

WIDTH, HEIGHT, GAP = 1024, 768, 4
"""Of the screen, in TouchOSC's own units."""
PORT = 9000
"""Where the layout hears; TouchOSC's receive port must be the same."""

SCRIPT = f"""-- Beyond your own machine bandmate wants its token: write it between the quotes.
local token = ""
local next_hello = 0

local function say_token()
  if token ~= "" then sendOSC("/bandmate/hello", "surface", "token", token) end
end

function init()
  say_token()
  sendOSC("{PREFIX}hello", {PORT})
end

-- Whoever is silent for five minutes must say the token again.
function update()
  if getMillis() >= next_hello then
    next_hello = getMillis() + 60000
    say_token()
  end
end
"""

Color = tuple[float, float, float]
_GROUND: Color = (0.09, 0.1, 0.12)
_COLORS: dict[str, Color] = {
    FADER: (0.2, 0.55, 0.75),
    SWITCH: (0.85, 0.6, 0.15),
    BUTTON: (0.25, 0.65, 0.4),
    TEXT: (0.2, 0.22, 0.26),
    LAMP: (0.8, 0.3, 0.3),
    HELLO: (0.5, 0.5, 0.55),
}
_TYPES = {FADER: "FADER", SWITCH: "BUTTON", BUTTON: "BUTTON", HELLO: "BUTTON", TEXT: "LABEL"}
_LIT = "light"
_BARS = frozenset({"progress"})
_MOMENTARY, _TOGGLE = 0, 2
_EAST = 1

_ROWS: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (52, (("hello", 2), ("preset/previous", 2), ("preset", 5), ("preset/next", 2), ("reset", 2),
          ("words", 11))),
    (52, (("transport/play", 3), ("stop", 2), ("panic", 2), ("tempo", 6), ("beat", 2),
          ("light", 2), *((f"source/{source}", 2) for source in SOURCES))),
    (60, tuple((name, 3) for name in
               ("bars", "density", "energy", "temperature", "strictness", "feel", "swing"))),
    (60, (("ask/loop", 4), ("ask/vary", 3), ("ask/more", 3), ("ask/continue", 3),
          ("ask/chords", 4), ("ask/cancel", 3), ("ask/plays", 2), ("ask/inserts", 2),
          ("progress", 5))),
    (52, tuple((f"card/{number}/name", 1) for number in range(1, 5))),
    (44, tuple((f"card/{number}/choose", 1) for number in range(1, 5))),
    (52, (("take/previous", 2), ("take/number", 2), ("take/name", 9), ("take/state", 3),
          ("take/next", 2))),
    (60, tuple((f"take/{name}", 1) for name in ("play", "accept", "reject", "undo", "insert"))),
    *((56, tuple((f"{group}/{role}", 1) for role in ROLES)) for group in ("part", "mute", "solo")),
)  # fmt: skip
"""What stands in a row, with its share of the width; the height of the row."""


@dataclass(frozen=True)
class Frame:
    """Where a node lies."""

    x: int
    y: int
    w: int
    h: int


def layout() -> bytes:
    """Return the layout as XML; every control is in it once."""
    placed = [name for _, row in _ROWS for name, _ in row]
    missing = WIDGETS.keys() - set(placed)
    if missing or len(placed) != len(set(placed)):
        raise ValueError(f"every control must be placed once: {sorted(missing)}")
    nodes = "".join(_nodes())
    root = {"name": "bandmate", "script": SCRIPT, "interactive": True}
    whole = _node("root", "GROUP", Frame(0, 0, WIDTH, HEIGHT), _GROUND, root, children=nodes)
    return f"<?xml version='1.0' encoding='UTF-8'?><lexml version='3'>{whole}</lexml>".encode()


def _nodes() -> Iterable[str]:
    y = GAP
    spare = HEIGHT - GAP - sum(height + GAP for height, _ in _ROWS)
    for number, (least, row) in enumerate(_ROWS):
        # What is left over goes to the rows in turn, so that the screen is full.
        height = least + spare // len(_ROWS) + (number < spare % len(_ROWS))
        shares, x = sum(share for _, share in row), GAP
        unit = (WIDTH - GAP * (len(row) + 1)) / shares
        for name, share in row:
            width = int(unit * share)
            yield from _control(WIDGETS[name], Frame(x, y, width, height))
            x += width + GAP
        y += height + GAP


def _control(widget: Widget, frame: Frame) -> Iterable[str]:
    """Yield the node of a control, and the word that lies under what has no text of its own."""
    color = _COLORS[widget.kind]
    if _is_label(widget):
        yield _label(widget, frame, color)
        return
    # The word is beside the control, not on it: a label would take the touch.
    height = min(16, frame.h // 3)
    above = Frame(frame.x, frame.y, frame.w, height)
    word = [("text", _title(widget))]
    style = _text_style(10, False)
    yield _node(f"{widget.name} word", "LABEL", above, _GROUND, style, values=word)
    rest = Frame(frame.x, frame.y + height, frame.w, frame.h - height)
    kind = "FADER" if widget.name in _BARS else _TYPES.get(widget.kind, "BOX")
    kind = "BUTTON" if widget.name == _LIT else kind
    style = {"interactive": widget.touch is not None or widget.kind == HELLO}
    if kind == "BUTTON":
        style["buttonType"] = _TOGGLE if widget.kind == SWITCH else _MOMENTARY
    else:
        style["orientation"] = _EAST
    yield _node(widget.name, kind, rest, color, style, values=[("x", "0")], messages=_osc(widget))


def _is_label(widget: Widget) -> bool:
    return widget.kind == TEXT or (widget.kind == LAMP and widget.name not in (_LIT, *_BARS))


def _label(widget: Widget, frame: Frame, color: Color) -> str:
    style = _text_style(14, True)
    return _node(
        widget.name, "LABEL", frame, color, style, values=[("text", "")], messages=_osc(widget)
    )


def _text_style(size: int, has_ground: bool) -> dict[str, object]:
    return {"interactive": False, "textSize": size, "background": has_ground,
            "outline": has_ground, "textClip": True}  # fmt: skip


def _title(widget: Widget) -> str:
    group, _, word = widget.name.partition("/")
    if group == "card":
        return f"card {word[0]}"
    return f"{group} {word}".strip() if group in ("part", "mute", "solo", "source") else (
        f"{word} {group}" if word in ("next", "previous") else word or group
    )  # fmt: skip


def _osc(widget: Widget) -> str:
    """Return the message of a control: what it sends on a change is what it shows when told."""
    sends = (widget.touch is not None and widget.kind != TEXT) or widget.kind == HELLO
    is_text = _is_label(widget)
    if widget.kind == HELLO:
        argument = _partial("CONSTANT", "FLOAT", str(PORT))
    elif is_text:
        argument = _partial("VALUE", "STRING", "text")
    else:
        argument = _partial("VALUE", "FLOAT", "x", widget.low, widget.high)
    condition = "RISE" if widget.kind == HELLO else "ANY"
    trigger = "text" if is_text else "x"
    flags = _leaves({"enabled": 1, "send": int(sends), "receive": int(widget.kind != HELLO),
                     "feedback": 0, "noDuplicates": 0, "connections": "1111111111"})  # fmt: skip
    return (
        f"<osc>{flags}<triggers><trigger><var>{_cdata(trigger)}</var>"
        f"<condition>{condition}</condition></trigger></triggers>"
        f"<path>{_partial('CONSTANT', 'STRING', PREFIX + widget.name)}</path>"
        f"<arguments>{argument}</arguments></osc>"
    )


def _partial(kind: str, conversion: str, value: str, low: float = 0, high: float = 1) -> str:
    bounds = _leaves({"scaleMin": f"{low:.10g}", "scaleMax": f"{high:.10g}"})
    told = f"<type>{kind}</type><conversion>{conversion}</conversion><value>{_cdata(value)}</value>"
    return f"<partial>{told}{bounds}</partial>"


def _node(
    name: str,
    kind: str,
    frame: Frame,
    color: Color,
    style: Mapping[str, object],
    *,
    values: Sequence[tuple[str, str]] = (),
    messages: str = "",
    children: str = "",
) -> str:
    # The same name gives the same id, so that the same table gives the same file.
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"bandmate/{name}")
    properties = "".join(
        _property(key, value)
        for key, value in sorted({"name": name, "frame": frame, "color": color, **style}.items())
    )
    shown = "".join(
        f"<value><key>{_cdata(key)}</key><locked>0</locked>"
        "<lockedDefaultCurrent>0</lockedDefaultCurrent>"
        f"<default>{_cdata(value)}</default><defaultPull>0</defaultPull></value>"
        for key, value in (*values, ("touch", "false"))
    )
    return (
        f"<node ID='{number}' type='{kind}'><properties>{properties}</properties>"
        f"<values>{shown}</values>"
        + (f"<messages>{messages}</messages>" if messages else "")
        + (f"<children>{children}</children>" if children else "")
        + "</node>"
    )


def _property(key: str, value: object) -> str:
    match value:
        case Frame():
            kind, told = "r", _leaves({"x": value.x, "y": value.y, "w": value.w, "h": value.h})
        case tuple():
            kind, told = "c", _leaves(dict(zip("rgba", (*value, 1), strict=True)))
        case bool():
            kind, told = "b", str(int(value))
        case int():
            kind, told = "i", str(value)
        case _:
            kind, told = "s", _cdata(str(value))
    return f"<property type='{kind}'><key>{_cdata(key)}</key><value>{told}</value></property>"


def _leaves(told: Mapping[str, object]) -> str:
    return "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in told.items())


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


if __name__ == "__main__":
    file = Path(__file__).with_name("bandmate.tosc")
    file.write_bytes(zlib.compress(layout(), 9))
    print(f"{file}: {len(WIDGETS)} controls")
