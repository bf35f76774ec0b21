"""Takes as sound for whoever listens in the daemon: rendered in a process that comes and goes.

The daemon's own process holds no synthesiser; what was rendered lately is kept in a folder of its
own until the daemon ends.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import FileError
from bandmate.guest import Guest
from bandmate.workshop import Servant

if TYPE_CHECKING:
    from bandmate.music.clip import Clip

KEPT = 24
"""Renderings that are kept; the one that was not heard for longest goes."""

IDLE_SECONDS = 60.0
"""Silence after which the synthesiser's process ends."""

Request = tuple["Clip", Path]
"""What is rendered, and the WAV it goes to."""


class Renderer:
    """Serves clips with WAVs."""

    name = "renderer"
    note = ""

    def serve(self, request: Request, is_cancelled: Callable[[], bool]) -> Iterator[Path]:
        """Yield the WAV once it is written; raises FileError."""
        from bandmate.sound import render  # in its process alone

        clip, file = request
        render(clip, file)
        yield file


class Renderings:
    """The WAVs of clips by their numbers; used from one event loop."""

    def __init__(self, opening: Callable[[], Servant] = Renderer) -> None:
        """Take what makes the renderer in its process."""
        self._guest = Guest(opening, "the synthesiser", IDLE_SECONDS)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: OrderedDict[int, Path] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, number: int, clip: Clip) -> bytes:
        """Return the WAV of the clip of that number, rendered once; raises BandmateError."""
        async with self._turn:  # also while it is read: another's may let this one go
            if number not in self._files:
                self._files[number] = await self._rendered(number, clip)
            self._files.move_to_end(number)
            if len(self._files) > KEPT:
                _, old = self._files.popitem(last=False)
                await asyncio.to_thread(old.unlink, missing_ok=True)
            return await asyncio.to_thread(self._read, number)

    async def close(self) -> None:
        """End the process and remove what it wrote."""
        await self._guest.stop()
        if self._folder:
            await asyncio.to_thread(self._folder.cleanup)

    async def _rendered(self, number: int, clip: Clip) -> Path:
        file = await asyncio.to_thread(self._place, number)
        async with aclosing(self._guest.ask((clip, file))) as items:
            async for item in items:
                assert item == file
        return file

    def _place(self, number: int) -> Path:
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="bandmate-sound-")
        except OSError as error:
            raise FileError(f"sound cannot be rendered: {error.strerror or error}") from error
        return Path(self._folder.name, f"{number}.wav")

    def _read(self, number: int) -> bytes:
        try:
            return self._files[number].read_bytes()
        except OSError as error:
            self._files.pop(number)  # somebody tidied up: the next who asks has it rendered anew
            raise FileError(f"the sound cannot be read: {error.strerror}") from error
