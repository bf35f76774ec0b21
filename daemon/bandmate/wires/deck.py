"""The deck: the MIDI port and its player, off the loop; looked for again when it is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bandmate.music.clip import Clip
from bandmate.timing.player import Player

log = logging.getLogger(__name__)


class Deck:
    """Plays takes on the MIDI port; whoever plays takes turns, whoever silences need not."""

    def __init__(self, opening: Callable[[], Player]) -> None:
        """Take what opens the player, which may block and may raise PortError."""
        self._opening = opening
        self._player: Player | None = None

    @property
    def port(self) -> str:
        """The MIDI port as other programs show it; empty where there is none."""
        return self._player.output.name if self._player else ""

    async def open(self) -> Player:
        """Return the player, opening the port where it is not open; raises PortError."""
        if self._player is None:
            self._player = await asyncio.to_thread(self._opening)
            log.info("takes play on the MIDI port %s", self.port)
        return self._player

    async def play(self, clip: Clip) -> None:
        """Play a clip from the next bar, in the place of what plays; raises PortError."""
        player = await self.open()
        await asyncio.to_thread(player.play, clip)

    async def stop(self) -> None:
        """Stop what plays; raises PortError where the port hangs."""
        if self._player:
            await asyncio.to_thread(self._player.stop)

    async def panic(self) -> None:
        """Stop, and silence every channel; raises PortError where the port hangs."""
        if self._player:
            await asyncio.to_thread(self._player.panic)

    async def close(self) -> None:
        """End every note and close the port."""
        player, self._player = self._player, None
        if player:
            await asyncio.to_thread(player.close)
