"""A tablet in a house: it sends from one port, hears at another, and shows what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bandmate.contract.messages import Atom, Message
from bandmate.surfaces.table import PREFIX, TEXT, WIDGETS
from bandmate.wires.surfaces import Surfaces
from wires.fake_daemon import PATIENCE, House, housed


@dataclass
class Tablet:
    """One surface, as its own hands and eyes know it."""

    house: House
    sends_from: int = 5005
    hears_at: int = 9000
    host: str = "127.0.0.1"
    _read: int = 0
    screen: dict[str, Atom] = field(default_factory=dict)
    heard: list[tuple[str, Atom]] = field(default_factory=list)

    def touches(self, name: str, *value: Atom) -> None:
        """Set a control, as a surface does: a number is a float."""
        sender = self.house.clients.of_udp(self.host, self.sends_from)
        said = tuple(float(one) if isinstance(one, int) else one for one in value)
        self.house.desk.take_in(sender, Message(f"{PREFIX}{name}", said))

    def presses(self, name: str) -> None:
        """Press a button, and let it go."""
        self.touches(name, 1.0)
        self.touches(name, 0.0)

    def says_hello(self) -> None:
        """Tell where it hears."""
        self.touches("hello", float(self.hears_at))

    def look(self) -> None:
        """Show what came, which is one number or one text each."""
        sent = [m for to, m in self.house.sent_by_udp if to == (self.host, self.hears_at)]
        for message in sent[self._read :]:
            name, (value,) = message.address.removeprefix(PREFIX), message.arguments
            assert message.address == f"{PREFIX}{name}"
            assert isinstance(value, str if WIDGETS[name].kind == TEXT else float), name
            self.screen[name] = value
            self.heard.append((name, value))
        self._read = len(sent)

    def of(self, name: str) -> list[Atom]:
        """Return all that a control was told, in order."""
        self.look()
        return [value for told, value in self.heard if told == name]

    async def until(self, name: str, value: Atom) -> None:
        """Wait until a control shows a value."""
        await self.until_that(name, lambda found: found == value)

    async def until_that(self, name: str, is_right: Callable[[Atom | None], bool]) -> Atom | None:
        """Wait until a control shows what is right, and return it."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not is_right(self.screen.get(name)):
                    await asyncio.sleep(0)
                    self.look()
        except TimeoutError:
            shown = self.screen.get(name)
            words = self.screen.get("words")
            raise AssertionError(f"{name} shows {shown!r}, {words!r}") from None
        return self.screen[name]


@asynccontextmanager
async def surfaced(has_port: bool = True) -> AsyncIterator[tuple[House, Surfaces]]:
    """Start a house that hears surfaces."""
    async with housed(is_noting=True, has_port=has_port) as house:
        surfaces = Surfaces(house.desk)
        await surfaces.open()
        try:
            yield house, surfaces
        finally:
            await surfaces.close()
            house.sent_by_udp[:] = list(_of_others(house))


def _of_others(house: House) -> Iterator[tuple[tuple[str, int], Message]]:
    for to, message in house.sent_by_udp:
        if not message.address.startswith(PREFIX):
            yield to, message


def on_a_tablet(story: Callable[[Tablet], Awaitable[None]], has_port: bool = True) -> None:
    """Play a story with a tablet that has said hello."""

    async def played() -> None:
        async with surfaced(has_port) as (house, _):
            tablet = Tablet(house)
            tablet.says_hello()
            await tablet.until("source/internal", 1.0)
            await house.desk.idle()
            await asyncio.wait_for(story(tablet), PATIENCE * 3)

    asyncio.run(played())
