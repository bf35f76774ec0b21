"""Takes as sound for whoever listens in the daemon: rendered in a process that comes and goes.

The daemon's own process holds no synthesiser; what was rendered lately is kept in a folder of its
own until the daemon ends.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bandmate import paths
from bandmate.errors import FileError
from bandmate.workers.child import Servant
from bandmate.workers.idle import Guest

if TYPE_CHECKING:
    from bandmate.music.clip import Clip

KEPT, KEPT_BYTES = 24, 256 << 20
"""Renderings that are kept, and their bytes; the one that was not heard for longest goes."""

MINUTES = 10
"""Longest clip that is rendered here: 115 MB; `bandmate render` does longer ones."""

IDLE_SECONDS = 60.0
"""Silence after which the synthesiser's process ends."""

_SILENCE = 30.0
"""Seconds that the synthesiser may be silent at a short clip."""

Request = tuple["Clip", Path]
"""What is rendered, and the WAV it goes to."""


class Renderer:
    """Serves clips with WAVs."""

    name = "renderer"
    note = ""

    def serve(self, request: Request, is_cancelled: Callable[[], bool]) -> Iterator[Path]:
        """Yield the WAV once it is written; raises FileError and Cancelled."""
        from bandmate.takes.sound import render  # in its process alone

        clip, file = request
        render(clip, file, is_cancelled=is_cancelled)
        yield file


def silence(clip: Clip) -> float:
    """Return the seconds after which the synthesiser is taken for dead: a third of what sounds."""
    return max(_SILENCE, clip.length * 60 / clip.tempo * len(clip.parts) / 3)


class Renderings:
    """The WAVs of clips by their numbers; used from one event loop."""

    def __init__(self, opening: Callable[[], Servant] = Renderer) -> None:
        """Take what makes the renderer in its process."""
        self._guest = Guest(opening, "the synthesiser", IDLE_SECONDS)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: OrderedDict[int, Path] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, number: int, clip: Clip) -> BinaryIO:
        """Return the WAV of the clip of that number, open to be read, rendered once.

        Raises BandmateError. Whoever waits may be cancelled: then the next has its turn.
        """
        minutes = clip.length / clip.tempo
        if minutes > MINUTES:
            raise FileError(
                f"a take is rendered here up to {MINUTES} minutes, not {minutes:.0f}: its .mid has "
                "all of it, and `bandmate render` does longer ones"
            )
        async with self._turn:  # also while it is opened: another's may let this one go
            if number not in self._files:
                self._files[number] = await self._rendered(number, clip)
            self._files.move_to_end(number)
            await asyncio.to_thread(self._make_room)
            return await asyncio.to_thread(self._opened, number)

    async def close(self) -> None:
        """End the process and remove what it wrote."""
        await self._guest.stop()
        folder, self._folder = self._folder, None
        if folder:
            await asyncio.to_thread(folder.cleanup)

    async def _rendered(self, number: int, clip: Clip) -> Path:
        file = await asyncio.to_thread(self._place, number)
        async with aclosing(self._guest.ask((clip, file), partial(silence, clip))) as items:
            async for item in items:
                assert item == file
        return file

    def _place(self, number: int) -> Path:
        try:
            if self._folder is None:
                self._folder = paths.temporary_folder("sound-")
        except OSError as error:
            raise FileError(f"sound cannot be rendered: {error.strerror or error}") from error
        return Path(self._folder.name, f"{number}.wav")

    def _make_room(self) -> None:
        """Remove what was not heard for longest, but never the last; who reads it may go on."""
        sizes = {number: _size(file) for number, file in self._files.items()}
        while len(sizes) > 1 and (len(sizes) > KEPT or sum(sizes.values()) > KEPT_BYTES):
            number, old = self._files.popitem(last=False)
            del sizes[number]
            with suppress(OSError):  # on Windows while it is read; it goes with the folder
                old.unlink(missing_ok=True)

    def _opened(self, number: int) -> BinaryIO:
        try:
            return self._files[number].open("rb")
        except OSError as error:
            self._files.pop(number)  # somebody tidied up: the next who asks has it rendered anew
            raise FileError(f"the sound cannot be read: {error.strerror}") from error


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
