"""Requests: an action and what a person says with it, as YAML writes it."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.contract.actions import ACTIONS, Action, Pairs
from bandmate.contract.addresses import ADDRESSES
from bandmate.contract.messages import Atom
from bandmate.errors import AskError, nearest
from bandmate.fields import Field, read_pairs, shown

_FROM_A_TAKE = frozenset({"context", "take", "like", "between"})


@dataclass(frozen=True, slots=True)
class Request:
    """An action and what the person says with it."""

    action: Action
    said: Pairs = ()

    @property
    def pairs(self) -> Pairs:
        """What is sent: what is said, and what is usual of the rest."""
        named = {name for name, _ in self.said}
        if "play" in named:
            named.add("at")  # which would play it too
        return (*self.said, *(pair for pair in self.action.usual if pair[0] not in named))

    def __str__(self) -> str:
        told = ", ".join(f"{name}: {value!s}" for name, value in self.said)
        return f"{self.action.name} ({told})" if told else self.action.name


def request_of(written: object) -> Request:
    """Read ``vary``, ``{vary: 0.5}`` or ``{loop: {bars: 8}}`` of a YAML; raises AskError."""
    if isinstance(written, str):
        return Request(_action(written))
    if not isinstance(written, dict) or len(written) != 1:
        raise AskError(
            "a control must ask one thing, such as vary, {vary: 0.5} or {loop: {bars: 8}}, "
            f"not {shown(written)}"
        )
    name, said = next(iter(written.items()))
    action = _action(name)
    fields = _fields(action)
    if not isinstance(said, dict):
        if not action.main:
            raise AskError(f"{action.name} must stand alone, not with {shown(said)}")
        said = {action.main: said}
    pairs = tuple((str(name), _atom(value)) for name, value in said.items())
    if pairs and not fields:
        raise AskError(f"{action.name} must stand alone, not with {pairs[0][0]}")
    read_pairs(pairs, fields, action.name)
    return Request(action, pairs)


def _action(name: object) -> Action:
    if not isinstance(name, str) or name not in ACTIONS:
        near = nearest(str(name)[:40], ACTIONS)
        raise AskError(f"a control must ask something such as {near}, not {shown(name)}")
    return ACTIONS[name]


def _fields(action: Action) -> tuple[Field, ...]:
    row = ADDRESSES[f"/bandmate/{action.address}"]
    return tuple(
        field
        for field in row.pairs
        if field.name != "reply" and not (action.take and field.name in _FROM_A_TAKE)
    )


def _atom(value: object) -> Atom:
    """Return a YAML value as a message carries it: yes and no in words, a list with commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float | str):
        return value
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)
