"""The OSC contract as an OSCQuery namespace: a tree of nodes, made from the tables.

https://github.com/Vidvox/OSCQueryProposal. What is named in pairs has no place in TYPE and RANGE;
it stands in PAIRS, an attribute of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bandmate.contract.messages import Atom
from bandmate.contract.rows import Address, Answer, NotesRange
from bandmate.fields import Field, Flag, OneOf, Range, Real, Whole

READ, WRITE = 1, 2
"""Of ACCESS."""

ATTRIBUTES = ("FULL_PATH", "DESCRIPTION", "ACCESS", "TYPE", "RANGE", "VALUE", "PAIRS", "CONTENTS")
"""What may be asked of one node alone."""

Values = Mapping[str, Callable[[], tuple[Atom, ...]]]
"""By address, what would be told there now, behind the id."""

Node = dict[str, Any]


def namespace(
    taken: Iterable[Address], sent: Iterable[Answer], values: Values, more: Iterable[Node] = ()
) -> Node:
    """Return the root of the tree; *more* are nodes with a FULL_PATH of their own."""
    root: Node = {"FULL_PATH": "/", "ACCESS": 0, "DESCRIPTION": "bandmate", "CONTENTS": {}}
    for node in more:
        _put(root, node)
    for answer in sent:
        _put(root, _of_answer(answer, values.get(answer.address)))
    for address in taken:
        _put(root, _of_address(address))
    return root


def found(root: Node, path: str) -> Node | None:
    """Return the node of a path, or None."""
    node = root
    for name in filter(None, path.split("/")):
        node = node.get("CONTENTS", {}).get(name)
        if node is None:
            return None
    return node


def leaf(path: str, words: str, type_: str, access: int, bounds: Range | None = None) -> Node:
    """Return a node of one argument."""
    node: Node = {"FULL_PATH": path, "DESCRIPTION": words, "ACCESS": access, "TYPE": type_}
    return node | ({"RANGE": [range_of(bounds)]} if bounds else {})


def _put(root: Node, node: Node) -> None:
    """Lay a node at its path; one that is there keeps what the new one does not say."""
    place, path = root, ""
    for name in filter(None, node["FULL_PATH"].split("/")):
        path += f"/{name}"
        contents = place.setdefault("CONTENTS", {})
        place = contents.setdefault(name, {"FULL_PATH": path, "ACCESS": 0})
    access = place["ACCESS"] | node["ACCESS"]
    place |= node | {"ACCESS": access}


def _of_address(row: Address) -> Node:
    return {
        "FULL_PATH": row.address,
        "DESCRIPTION": row.words,
        "ACCESS": WRITE,
        "TYPE": "s" + "".join(type_of(field.range) for field in row.takes),
        "RANGE": [{}, *(range_of(field.range) for field in row.takes)],
        "PAIRS": [_pair(field) for field in row.pairs],
    }


def _of_answer(row: Answer, value: Callable[[], tuple[Atom, ...]] | None) -> Node:
    types = [told.type for told in row.tells] + [f"s{told.type}" for told in row.pairs]
    node = {
        "FULL_PATH": row.address,
        "DESCRIPTION": row.words,
        "ACCESS": READ if value else 0,
        "TYPE": "s" + "".join(types),
    }
    return node | ({"VALUE": ["", *value()]} if value else {})


def _pair(field: Field) -> Node:
    said = {"NAME": field.name, "DESCRIPTION": field.words, "DEFAULT": field.default}
    return said | {"TYPE": type_of(field.range), "RANGE": [range_of(field.range)]}


def type_of(range_: Range) -> str:
    """Return the OSC type that fits a range: ``i``, ``f``, ``b`` or ``s``."""
    match range_:
        case Whole() | Flag():
            return "i"
        case Real():
            return "f"
        case NotesRange():
            return "b"
    return "s"


def range_of(range_: Range) -> Node:
    """Return a range as OSCQuery writes it; in our words where it is no range of numbers."""
    match range_:
        case Whole(low, high) | Real(low, high):
            return {"MIN": low, "MAX": high}
        case OneOf(names):
            return {"VALS": list(names)}
        case Flag():
            return {"MIN": 0, "MAX": 1}
    return {"WORDS": range_.words}
