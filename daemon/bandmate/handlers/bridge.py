"""Verbs for bridges: what somebody wants done in the DAW goes to the client that owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bandmate.errors import AskError, Unavailable

if TYPE_CHECKING:
    from bandmate.handlers.services import Call, Services


async def bridge_do(desk: Services, call: Call) -> None:
    """Hand an action to the client that owns the DAW, and its words back."""
    action = cast("str | None", call.values.get("action"))
    if action is None:
        raise AskError("an action such as loop or accept must follow the id")
    owner = desk.clients.owner
    if owner is None:
        raise Unavailable("no DAW is connected: start bandmate's bridge in the DAW")
    call.answer("/bandmate/bridge/done", await desk.errands.run(owner, action))


async def bridge_done(desk: Services, call: Call) -> None:
    """Take in what a bridge says of what it was told to do."""
    desk.errands.done(call.id, cast(str, call.values.get("words", "")))
