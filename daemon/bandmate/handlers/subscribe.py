"""The handler of subscriptions."""

from __future__ import annotations

import asyncio
from typing import cast

from bandmate.contract.rows import SUBSCRIBE
from bandmate.fields import read_pairs
from bandmate.handlers.services import Call, Services


async def subscribe(desk: Services, call: Call) -> None:
    """Tell the client of what it names from now on."""
    said = read_pairs(call.pairs, SUBSCRIBE)
    subscriptions = desk.subscriptions
    topics = cast("tuple[str, ...]", said.get("to", subscriptions.of(call.client)))
    call.answer("/bandmate/subscribed", ",".join(topics))
    subscriptions.subscribe(call.client, call.id, topics)
    if "takes" in topics:
        latest = await asyncio.to_thread(desk.takes.latest, None)
        if latest:
            subscriptions.tell_take(latest, "latest", call.client)
