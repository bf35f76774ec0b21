"""The mapping: which control asks what, and the chords on pads, as a person writes them in YAML.

Mistakes name the file and the line. Learning changes one line and leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import yaml

from bandmate.asks.notation import BarsOfChords
from bandmate.contract.live import PADS
from bandmate.errors import AskError, nearest
from bandmate.fields import read_pairs, shown
from bandmate.surfaces.actions import Request, request_of
from bandmate.surfaces.controls import Control
from bandmate.system import yaml_reader

FILE = "controller.yaml"
"""The person's own, in bandmate's folder."""
SHIPPED = Path(__file__).with_name(FILE)


@dataclass(frozen=True, slots=True)
class PadPlan:
    """Which notes are pads and how they sound."""

    notes: range = range(36, 52)
    channel: int | None = None
    """0..15; None is any."""
    chords: BarsOfChords = ()
    """Empty: the song's."""
    voicing: str = "smooth"
    """One of STYLES."""
    program: int = 0
    sounds_on: int = 15
    """Channel, 0..15."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A control and what it asks."""

    control: Control
    request: Request


@dataclass(frozen=True, slots=True)
class Mapping:
    """All that a controller does."""

    bindings: tuple[Binding, ...] = ()
    pads: PadPlan | None = None

    def bound(self, message: bytes) -> Binding | None:
        """Return what a message moves; a control that names its channel comes first."""
        found = [one for one in self.bindings if one.control.is_moved_by(message)]
        return next((one for one in found if one.control.channel is not None), (*found, None)[0])


def read_mapping(text: str, name: str = FILE) -> Mapping:
    """Read a mapping; raises AskError that names the line, FileError for what is no YAML."""
    said = dict(_entries(_root(text, name), name))
    for key, (node, _) in said.items():
        if key not in ("controls", "pads"):
            near = nearest(key[:40], ("controls", "pads"))
            raise AskError(f"{name} has nothing called {shown(key)}{_line(node)}, try {near}")
    controls = said.get("controls")
    pads = said.get("pads")
    return Mapping(
        tuple(_bindings(controls[1], name)) if controls else (),
        _pads(pads[1], name) if pads and not _is_empty(pads[1]) else None,
    )


def learned(text: str, control: Control, request: str, name: str = FILE) -> str:
    """Return the text with a control that asks *request*, in the place of what it asked before.

    Everything else stays as it is written. Raises as `read_mapping` does.
    """
    said = dict(_entries(_root(text, name), name))
    line = f"{control}: {request}"
    lines = text.splitlines()
    if "controls" not in said:
        return "\n".join([*lines, "", "controls:", f"  {line}", ""])
    key, node = said["controls"]
    if _is_empty(node):
        at = key.start_mark.line
        rest = lines[at].partition("#")[2]
        lines[at] = f"controls:  #{rest}" if rest else "controls:"
        return "\n".join([*lines[: at + 1], f"  {line}", *lines[at + 1 :], ""])
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise AskError(f"{name}: controls must stand on a line each to be learned{_line(node)}")
    indent = " " * node.value[0][0].start_mark.column
    for first, value in node.value:
        if Control.parse(str(first.value)) == control:
            start, last = first.start_mark.line, max(_lines_to(value), first.end_mark.line + 1)
            return "\n".join([*lines[:start], indent + line, *lines[last:], ""])
    first, value = node.value[-1]
    last = max(_lines_to(value), first.end_mark.line + 1)
    return "\n".join([*lines[:last], indent + line, *lines[last:], ""])


def _lines_to(node: yaml.Node) -> int:
    """Return how many lines there are up to the last that a node fills."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _lines_to(node.value[-1][1])  # its own mark lies at whatever follows it
    end = node.end_mark
    return int(end.line) + (1 if end.column else 0)


def _root(text: str, name: str) -> yaml.Node | None:
    return yaml_reader.compose(text, name)


def _entries(
    node: yaml.Node | None, name: str
) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
    """Yield each key of a YAML mapping with its nodes; raises AskError for one said twice."""
    if node is None or _is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        raise AskError(f"{name} must have lines of `name: value`{_line(node)}")
    seen: dict[str, yaml.Node] = {}
    for key, value in node.value:
        word = str(key.value)
        if word in seen:
            lines = f"lines {seen[word].start_mark.line + 1} and {key.start_mark.line + 1}"
            raise AskError(f"{name}: {word} must be said once, not in {lines}")
        seen[word] = key
        yield word, (key, value)


def _bindings(node: yaml.Node, name: str) -> Iterator[Binding]:
    heard: dict[Control, int] = {}
    for word, (key, value) in _entries(node, name):
        try:
            control = Control.parse(word)
            request = request_of(yaml_reader.value_of(value, name))
        except AskError as error:
            raise AskError(f"{name}: {error}{_line(key)}") from error
        if control in heard:
            lines = f"lines {heard[control]} and {key.start_mark.line + 1}"
            raise AskError(f"{name}: {control} must be said once, not in {lines}")
        heard[control] = key.start_mark.line + 1
        yield Binding(control, request)


def _pads(node: yaml.Node, name: str) -> PadPlan:
    said: dict[str, object] = {}
    for word, (key, value) in _entries(node, name):
        try:
            said |= read_pairs([(word, yaml_reader.value_of(value, name))], PADS, "pads")
        except AskError as error:
            raise AskError(f"{name}: {error}{_line(key)}") from error
    return pad_plan(said, PadPlan())


def pad_plan(said: Values[str, object], usual: PadPlan) -> PadPlan:
    """Return the pads that *said*, read by PADS, asks for; *usual* fills in the rest."""
    # Channels count from 1 for people, and from 0 inside.
    plain: dict[str, Any] = {
        name: cast(int, value) - 1 if name in ("channel", "sounds_on") else value
        for name, value in said.items()
    }
    return replace(usual, **plain)


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value in ("", "~", "null")


def _line(node: yaml.Node) -> str:
    return f" (line {node.start_mark.line + 1})"
