"""What the daemon keeps is looked after while it runs: all of it may be deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bandmate.errors import BandmateError

SECONDS = 2.0
"""From one look to the next."""

log = logging.getLogger(__name__)


async def looking_after(*mends: Callable[[], None]) -> None:
    """Call what mends, again and again, each in a thread; what it says is logged once."""
    told: set[str] = set()
    while True:
        await asyncio.sleep(SECONDS)
        for mend in mends:
            try:
                await asyncio.to_thread(mend)
            except BandmateError as error:
                if str(error) not in told:
                    told.add(str(error))
                    log.warning("%s", error)
            except Exception:
                log.exception("what is kept could not be looked after")
