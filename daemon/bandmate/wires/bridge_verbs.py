"""Verbs for bridges: what somebody wants done in the DAW goes to the client that owns it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bandmate.errors import AskError, Unavailable
from bandmate.ranges import Field, Text
from bandmate.wires.messages import Atom, Message

if TYPE_CHECKING:
    from bandmate.wires.clients import Client
    from bandmate.wires.desk import Call, Desk

PATIENCE = 10.0
"""Seconds that a bridge may take: its host may show a dialog."""

ACTION = Field(
    "action",
    Text(r"[^\x00-\x1f]{1,400}", "1..400 characters that the bridge understands"),
    "what is to be done in the DAW, such as loop bars=8",
    "nothing is done",
)
"""The one argument of ``/bandmate/bridge/do``."""

WORDS = Field(
    "words",
    Text(r"[^\x00]{0,1000}", "at most 1000 characters"),
    "what became of it, one sentence for a person",
    "empty",
)
"""The one argument of ``/bandmate/bridge/done``."""


@dataclass(slots=True)
class Errands:
    """What bridges were sent to do; each errand has an id that nobody else can guess."""

    patience: float = PATIENCE
    _waiting: dict[Atom, asyncio.Future[str]] = field(default_factory=dict)

    async def run(self, owner: Client, action: str) -> str:
        """Let the owner of the DAW do it; return its words, or raise Unavailable with them."""
        id_ = f"do-{secrets.token_hex(8)}"
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = done
        owner.send(Message("/bandmate/bridge/do", (id_, action)))
        try:
            async with asyncio.timeout(self.patience):
                return await done
        except TimeoutError:
            raise Unavailable(
                f"the DAW's bridge was told, but says nothing for {self.patience:g} seconds: look "
                "into the DAW"
            ) from None
        finally:
            del self._waiting[id_]

    def done(self, id_: Atom, words: str) -> None:
        """Take in that an errand is done; one that nobody waits for is nothing."""
        done = self._waiting.get(id_)
        if done and not done.done():
            done.set_result(words)

    def failed(self, message: Message) -> None:
        """Take in an error that a bridge answers; one that belongs to no errand is nothing."""
        done = self._waiting.get(message.arguments[0]) if message.arguments else None
        if done and not done.done():
            done.set_exception(Unavailable(str(message.arguments[-1])))


async def bridge_do(desk: Desk, call: Call) -> None:
    """Hand an action to the client that owns the DAW, and its words back."""
    action = cast("str | None", call.values.get("action"))
    if action is None:
        raise AskError("an action such as loop or accept must follow the id")
    owner = desk.clients.owner
    if owner is None:
        raise Unavailable("no DAW is connected: start bandmate's bridge in the DAW")
    call.answer("/bandmate/bridge/done", await desk.errands.run(owner, action))


async def bridge_done(desk: Desk, call: Call) -> None:
    """Take in what a bridge says of what it was told to do."""
    desk.errands.done(call.id, cast(str, call.values.get("words", "")))
