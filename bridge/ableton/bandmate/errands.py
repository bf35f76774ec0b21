"""What somebody else wants done here, a panel or a surface: each errand is answered."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from .osc import Atom
    from .settings import Action
    from .wire import Wire

MOST_KNOWN = 32
"""Errands that are known by their ids."""

Ended = Callable[[str], None]
"""Is told how an action ended: empty words where it is done, else why it is not."""

_DONE = {
    "loop": "a loop is asked for",
    "chords": "chords are asked for",
    "vary": "a variation of the clip is asked for",
    "continue": "what follows the clip is asked for",
    "add": "{} is asked for, to be played to the scene",
    "more": "more like the take that came last is asked for",
    "insert": "the take is asked for once more",
    "accept": "bandmate is told that the take is kept",
    "reject": "bandmate is told that the take is refused",
    "undo": "bandmate is told to take that back",
    "play": "bandmate is told to play the take",
    "stop": "bandmate is told to stop",
    "panic": "bandmate is told to silence everything",
    "cancel": "what is being made is called off",
}
"""What is said of an action that is done."""


class Errands:
    """What was wanted, by its ids, and how it ended."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: OrderedDict[str, tuple[str, tuple[Atom, ...]] | None] = OrderedDict()

    def is_new(self, id_: str) -> bool:
        """Return True for an errand that was not wanted before; one that was is answered again."""
        if id_ not in self._known:
            self._known[id_] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return True
        answer = self._known[id_]
        if answer:
            self._wire.send_as(id_, *answer)
        return False

    def ending(self, id_: str, action: Action) -> Ended:
        """Return what is to be told how an action ended that was wanted under this id."""

        def ended(words: str) -> None:
            if words:
                self.fail(id_, "unavailable", words)
            else:
                done = _DONE[action.name].format(action.part)
                self._answer(id_, "/bandmate/bridge/done", (done,))

        return ended

    def fail(self, id_: str, code: str, words: str) -> None:
        """Answer that it is not done, and why."""
        self._answer(id_, "/bandmate/error", (code, words))

    def _answer(self, id_: str, address: str, arguments: tuple[Atom, ...]) -> None:
        self._known[id_] = (address, arguments)
        self._wire.send_as(id_, address, arguments)


def nobody(words: str) -> None:
    """Tell nobody how an action ended: a button of the person's own was pressed."""
