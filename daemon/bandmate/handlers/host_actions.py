"""Pending host actions: what bridges were sent to do in the DAW, and what became of it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from bandmate.clients.clients import Client
from bandmate.contract.messages import Atom, Message
from bandmate.errors import Unavailable

PATIENCE = 10.0
"""Seconds that a bridge may take: its host may show a dialog."""


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
