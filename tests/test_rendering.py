"""Takes as sound: rendered once, in a process of its own, and gone with the daemon."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bandmate.errors import Cancelled, FileError
from bandmate.music.clip import Clip, Note, Part
from bandmate.takes import rendering
from bandmate.takes.rendering import Renderings, Request

CLIP = Clip((Part("keys", 0, (Note(0, 60, 1, 100),)),), 4.0, 240.0)


class Counting:
    """Writes which rendering it is, and how many there were."""

    name = "counting"
    note = ""
    count = 0

    def serve(self, request: Request, is_cancelled: Callable[[], bool]) -> Iterator[Path]:
        """Write a file, or refuse a clip without parts."""
        clip, file = request
        if not clip.parts:
            raise FileError("there is nothing to render")
        self.count += 1
        file.write_text(f"{file.stem} {self.count}")
        yield file


async def data_of(renderings: Renderings, number: int) -> bytes:
    """Return what a rendering holds."""
    with await renderings.of(number, CLIP) as file:
        return file.read()


def told_in(story: Callable[[Renderings], Awaitable[None]], renderings: Renderings) -> None:
    async def played() -> None:
        try:
            await story(renderings)
        finally:
            await renderings.close()

    asyncio.run(played())


def test_a_clip_becomes_a_wav_that_sounds() -> None:
    async def story(renderings: Renderings) -> None:
        with wave.open(await renderings.of(1, CLIP)) as sound:
            assert sound.getnframes() / sound.getframerate() == pytest.approx(3.0)
            assert any(sound.readframes(20_000))

    told_in(story, Renderings())


def test_a_number_is_rendered_once_however_many_ask() -> None:
    async def story(renderings: Renderings) -> None:
        both = await asyncio.gather(data_of(renderings, 1), data_of(renderings, 1))
        assert [*both, await data_of(renderings, 2)] == [b"1 1", b"1 1", b"2 2"]
        assert await data_of(renderings, 1) == b"1 1"

    told_in(story, Renderings(Counting))


def test_what_was_not_heard_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "KEPT", 2)

    async def story(renderings: Renderings) -> None:
        for number in (1, 2, 1, 3):
            await data_of(renderings, number)
        assert [await data_of(renderings, n) for n in (1, 3, 2)] == [b"1 1", b"3 3", b"2 4"]

    told_in(story, Renderings(Counting))


def test_their_bytes_are_bounded_and_the_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "KEPT_BYTES", 7)  # each has three

    async def story(renderings: Renderings) -> None:
        for number in (1, 2, 3):
            await data_of(renderings, number)
        assert sorted(renderings._files) == [2, 3]
        monkeypatch.setattr(rendering, "KEPT_BYTES", 1)
        assert await data_of(renderings, 4) == b"4 4"
        assert sorted(path.name for path in renderings._files[4].parent.iterdir()) == ["4.wav"]

    told_in(story, Renderings(Counting))


def test_one_that_is_being_read_may_be_removed() -> None:
    async def story(renderings: Renderings) -> None:
        with await renderings.of(1, CLIP) as file:
            renderings._files[1].unlink()
            assert file.read() == b"1 1"

    told_in(story, Renderings(Counting))


def test_a_take_that_is_too_long_is_told_in_words() -> None:
    async def story(renderings: Renderings) -> None:
        with pytest.raises(FileError, match="up to 10 minutes, not 11: its"):
            await renderings.of(1, Clip(CLIP.parts, 660.0, 60.0))

    told_in(story, Renderings(Counting))


class Slow(Counting):
    """Renders the first clip until it is called off."""

    def serve(self, request: Request, is_cancelled: Callable[[], bool]) -> Iterator[Path]:
        """Wait, or write a file."""
        if request[1].stem == "1":
            while not is_cancelled():
                time.sleep(0.001)
            raise Cancelled("called off")
        yield from super().serve(request, is_cancelled)


def test_who_waits_no_longer_makes_way() -> None:
    async def story(renderings: Renderings) -> None:
        waiting = asyncio.create_task(renderings.of(1, CLIP))
        while not renderings._turn.locked():
            await asyncio.sleep(0)
        behind = asyncio.create_task(data_of(renderings, 2))
        await asyncio.sleep(0.1)
        waiting.cancel()
        assert await behind == b"2 1"

    told_in(story, Renderings(Slow))


def test_what_cannot_be_rendered_is_told_and_the_next_is() -> None:
    async def story(renderings: Renderings) -> None:
        with pytest.raises(FileError, match="there is nothing to render"):
            await renderings.of(1, Clip((), 4.0))
        assert await data_of(renderings, 1) == b"1 1"

    told_in(story, Renderings(Counting))


def test_a_file_that_somebody_tidied_up_is_rendered_anew() -> None:
    async def story(renderings: Renderings) -> None:
        await data_of(renderings, 1)
        renderings._files[1].unlink()
        with pytest.raises(FileError, match="the sound cannot be read"):
            await renderings.of(1, CLIP)
        assert await data_of(renderings, 1) == b"1 2"

    told_in(story, Renderings(Counting))


def test_nothing_is_left_behind() -> None:
    folders: list[Path] = []

    async def story(renderings: Renderings) -> None:
        await data_of(renderings, 1)
        folders.append(renderings._files[1].parent)

    told_in(story, Renderings(Counting))
    assert not folders[0].exists()
