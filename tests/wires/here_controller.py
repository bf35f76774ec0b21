"""A controller in a house: what is pressed and played on it, and what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bandmate import paths
from bandmate.contract.messages import Message
from bandmate.surfaces.mapping import FILE
from bandmate.timing.ports.inputs import Heard
from bandmate.wires.controller import Controller
from playing_by_hand import Hands
from wires.fake_daemon import PATIENCE, House, housed
from wires.fake_daemon import Heard as Ears


@dataclass
class Gear:
    """A controller that is plugged into a house."""

    house: House
    controller: Controller
    ears: Ears
    """What the controller's own client was told."""
    clock: list[float] = field(default_factory=lambda: [1000.0])

    def hears(self, text: str, after: float = 1.0) -> None:
        """Let a message come in, seconds after the one before."""
        self.clock[0] += after
        self.controller.heard(Heard(self.clock[0], 0.0, bytes.fromhex(text)))

    def presses(self, number: int) -> None:
        """Press a momentary pedal, and let it go."""
        self.hears(f"b0 {number:02x} 7f")
        self.hears(f"b0 {number:02x} 00", 0.2)

    def plays(self, hands: Hands, beat: float) -> None:
        """Let what hands play come in; it is that beat of their grid now."""
        for heard in hands.told:
            self.controller.heard(heard)
        self.clock[0] = hands.at(beat)
        assert self.house.player
        self.house.player.grid = hands.grid

    async def sent(self, count: int) -> list[bytes]:
        """Wait until that many messages were sounded at once, and return them all."""
        async with asyncio.timeout(PATIENCE):
            while len(self.sounded) < count:
                await asyncio.sleep(0)
        return self.sounded

    @property
    def sounded(self) -> list[bytes]:
        """What was sounded at once, message by message."""
        player = self.house.player
        calls = player.of("send_now") if player else []
        return [message for (messages,) in calls for message in messages]


@asynccontextmanager
async def plugged_in(
    mapping: str | None = None, patience: float = 30.0, has_port: bool = True
) -> AsyncIterator[Gear]:
    """Plug a controller into a house, with a mapping of the person's own."""
    async with housed(is_noting=True, has_port=has_port) as house:
        file = paths.home() / FILE
        if mapping is not None:
            file.write_text(mapping, "utf-8")
        clock = [1000.0]
        if has_port:
            await house.desk.deck.open()
        controller = Controller(house.desk, file, now=lambda: clock[0], patience=patience)
        ears = Ears()
        house.heard.append(ears)
        told = controller.client.send

        def send(message: Message) -> None:
            ears(message)
            told(message)

        controller.client.send = send
        await controller.open()
        try:
            yield Gear(house, controller, ears, clock)
        finally:
            await controller.close()


def in_gear(
    story: Callable[[Gear], Awaitable[None]],
    mapping: str | None = None,
    patience: float = 30.0,
    has_port: bool = True,
) -> None:
    """Play a story with a controller."""

    async def played() -> None:
        async with plugged_in(mapping, patience, has_port) as gear:
            await asyncio.wait_for(story(gear), PATIENCE * 3)

    asyncio.run(played())
