"""The controller wire: buttons, pads and foot switches ask as bridges do, in the same messages.

What comes from the input port goes one of three ways: a control that is mapped is pressed, a pad
sounds its chord, and all else is playing, which is always remembered. The controller is a client
of its own, and its song is that of the client that owns the DAW.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bandmate.asks.song import Song
from bandmate.clients.clients import Client
from bandmate.contract.actions import ACTIONS
from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError, BandmateError, Cancelled, FileError, Unavailable
from bandmate.handlers.dispatcher import Desk
from bandmate.music.chord import Chord
from bandmate.surfaces.actions import Request
from bandmate.surfaces.controls import Control, Switches, pressed_control
from bandmate.surfaces.mapping import SHIPPED, Mapping, PadPlan, learned, read_mapping
from bandmate.surfaces.pads import Pads, in_bars, in_spans
from bandmate.system import yaml_reader
from bandmate.takes.capture import Capture, Captured, Heard, captured

NAME = "controller"
"""The controller's name among the clients."""
LEARN_SECONDS = 30.0
"""How long a press is waited for."""

_ASKS = frozenset({"loop/ask", "chords/ask", "live/answer"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Learning:
    action: str
    pressed: asyncio.Future[Control]


class Controller:
    """Takes in what is heard; used from the event loop alone."""

    def __init__(
        self,
        desk: Desk,
        file: Path,
        *,
        now: Callable[[], float] = time.monotonic,
        patience: float = LEARN_SECONDS,
    ) -> None:
        """Take the desk, the person's mapping, the clock and the seconds that a press may take."""
        self.client = Client(NAME, "127.0.0.1", self._told)
        self.capture = Capture()
        self.file = file
        self.mapping = Mapping()
        self.pads: Pads | None = None
        self.trouble = ""
        """What went wrong last, in words; empty while all is well."""
        self._desk = desk
        self._now, self._patience = now, patience
        self._switches = Switches()
        self._learning: _Learning | None = None
        self._dealt: object = None
        self._laying = asyncio.Lock()
        self._presses: asyncio.Queue[Request] = asyncio.Queue()
        self._strikes: asyncio.Queue[bytes | Pads] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._count = 0
        self._last_ask: Atom = ""

    async def open(self) -> None:
        """Read the mapping and begin to listen; a mistake in it is told, and the shipped one used.

        From now on the desk knows the controller.
        """
        self._desk.live = self
        self._desk.deck.on_heard = self.heard
        try:
            await self.load()
        except BandmateError as error:
            self._complain(error)
            self._use(read_mapping(await asyncio.to_thread(SHIPPED.read_text, "utf-8")))
        loops = (self._serve_presses(), self._serve_strikes())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def close(self) -> None:
        """Silence the pads and listen no more."""
        self._desk.live = self._desk.deck.on_heard = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(BandmateError):  # a port that is gone sounds no more
            await self._sound(self.pads.silenced() if self.pads else ())
        if self._learning:
            self._learning.pressed.cancel()

    def heard(self, heard: Heard) -> None:
        """Take in one message from the input port; never blocks and never raises."""
        message = heard.message
        if self._learning and self._learns(self._learning.pressed, heard):
            return
        binding = self.mapping.bound(message)
        if binding:
            if self._switches.is_pressed(binding.control, heard.second, message):
                self.press(binding.request)
        elif self.pads and self.pads.takes(message):
            self._strikes.put_nowait(message)
        else:
            self.capture.take_in(heard)

    def press(self, request: Request) -> None:
        """Do what a control asks, after what was pressed before it; silence waits for nothing."""
        if request.action.name == "panic":
            self.silence()
            self._send(request.action.address)
        else:
            self._presses.put_nowait(request)

    def silence(self) -> None:
        """Let go of all pads."""
        if self.pads:
            self._strikes.put_nowait(self.pads)

    async def played(self, bars: int, quantise: float, song: Song) -> Captured:
        """Return the last bars that were played; raises AskError where none were."""
        tempo = song.tempo if "tempo" in song.told else None
        meter = song.meter if "meter" in song.told else None
        heard, grid, now = self.capture.heard, self._desk.deck.grid, self._now()
        return await asyncio.to_thread(
            captured, heard, bars, grid, now, tempo=tempo, meter=meter, quantise=quantise
        )

    async def load(self) -> None:
        """Read the mapping anew and silence the pads; raises AskError and FileError in words."""
        self._use(read_mapping(await asyncio.to_thread(self._text), self.file.name))

    async def learn(self, action: str) -> Control:
        """Bind the control that is pressed next to an action, and write it into the mapping.

        Raises Unavailable where nothing is pressed, Cancelled where something else is learned,
        AskError and FileError for a mapping that cannot be read or written.
        """
        read_mapping(await asyncio.to_thread(self._text), self.file.name)
        if self._learning:
            self._learning.pressed.cancel()
        learning = _Learning(action, asyncio.get_running_loop().create_future())
        self._learning = learning
        try:
            async with asyncio.timeout(self._patience):
                control = await learning.pressed
            await asyncio.to_thread(self._write, control, action)
            await self.load()
        except TimeoutError:
            raise Unavailable(
                f"nothing was pressed in {self._patience:g} seconds: does the controller play "
                "into bandmate's input port?"
            ) from None
        except asyncio.CancelledError:
            if learning.pressed.cancelled() and self._learning is not learning:
                raise Cancelled("another control is learned") from None
            raise
        finally:
            if self._learning is learning:
                self._learning = None
        return control

    @property
    def learning(self) -> str:
        """The action that waits for its control; empty while none does."""
        return self._learning.action if self._learning else ""

    async def deal(self, plan: PadPlan) -> Pads:
        """Lay chords on pads, until the mapping is read again; return the pads."""
        self._lay_out(plan)
        return await self._laid() or Pads(plan, ())

    def _learns(self, pressed: asyncio.Future[Control], heard: Heard) -> bool:
        """Take in a message while a press is waited for; return whether it belongs to it."""
        if pressed.done():  # its contact bounces, or it is let go, while the mapping is written
            is_own = not pressed.cancelled() and pressed.result().is_moved_by(heard.message)
            if is_own:
                self._switches.is_pressed(pressed.result(), heard.second, heard.message)
            return is_own
        control = pressed_control(heard.message)
        if control is None:
            return False
        self._switches.is_pressed(control, heard.second, heard.message)
        pressed.set_result(control)
        return True

    # What follows is done in order, a loop for presses and one for pads.

    async def _serve_presses(self) -> None:
        while True:
            request = await self._presses.get()
            try:
                await self._ask(request)
            except BandmateError as error:
                self._complain(error)

    async def _ask(self, request: Request) -> None:
        action = request.action
        pairs = tuple(atom for pair in request.pairs for atom in pair)
        if action.take:
            take = await asyncio.to_thread(self._desk.takes.latest, None)
            if take is None:
                raise AskError("there is no take yet: ask for a loop first")
            number = take.number
            pairs = (number, *pairs) if action.take == "first" else (action.take, number, *pairs)
        if action.name == "cancel":
            self._send(action.address, id_=self._last_ask)
        else:
            self._send(action.address, *pairs)

    def _send(self, address: str, *arguments: Atom, id_: Atom | None = None) -> None:
        self._count += 1
        own = f"press{self._count}"
        if address in _ASKS:
            self._last_ask = own
        message = Message(f"/bandmate/{address}", (own if id_ is None else id_, *arguments))
        self._desk.take_in(self.client, message)

    def _told(self, message: Message) -> None:
        if message.address == "/bandmate/error":
            self._complain(message.arguments[-1])
        elif message.address in ("/bandmate/loop/made", "/bandmate/live/captured"):
            self.trouble = ""

    def _complain(self, words: object) -> None:
        self.trouble = str(words)
        log.warning("the controller: %s", words)

    async def _serve_strikes(self) -> None:
        while True:
            struck = await self._strikes.get()
            try:
                if isinstance(struck, Pads):
                    await self._sound(struck.silenced())
                elif pads := await self._laid():
                    await self._sound(pads.heard(struck))
            except BandmateError as error:
                self._complain(error)

    async def _laid(self) -> Pads | None:
        """Return the pads with the chords that belong on them now; changed ones are silenced."""
        async with self._laying:
            while self.pads:
                pads, song = self.pads, self._desk.songs.of(NAME)
                wanted = (pads.plan, None if pads.plan.chords else (song.card, song.chords))
                if wanted == self._dealt:
                    break
                chords = await self._chords_of(pads.plan, song)
                if self.pads is pads:  # else the mapping was changed meanwhile
                    await self._sound(pads.silenced())
                    self.pads, self._dealt = Pads(pads.plan, chords), wanted
        if self.pads and not self.pads.chords:
            self._complain("the pads have no chords: accept a card, or tell the song's chords")
        return self.pads

    async def _chords_of(self, plan: PadPlan, song: Song) -> list[Chord]:
        if plan.chords or not song.card:
            return in_bars(plan.chords) or in_spans(song.chords)
        card = await asyncio.to_thread(self._desk.takes.get, song.card)
        return in_spans(card.clip.chords)

    async def _sound(self, messages: tuple[bytes, ...]) -> None:
        if messages:
            port = await self._desk.deck.open()
            await asyncio.to_thread(port.send_now, messages)

    # the mapping

    def _use(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._lay_out(mapping.pads)

    def _lay_out(self, plan: PadPlan | None) -> None:
        self.silence()
        self.pads, self._dealt = (Pads(plan, ()) if plan else None), None

    def _text(self) -> str:
        return yaml_reader.read_text(self.file if self.file.exists() else SHIPPED)

    def _write(self, control: Control, action: str) -> None:
        text = learned(self._text(), control, ACTIONS[action].name, self.file.name)
        draft = self.file.with_name(f".{self.file.name}")
        try:
            draft.write_text(text, "utf-8")
            draft.replace(self.file)
        except OSError as error:
            raise FileError(f"{self.file} cannot be written: {error.strerror}") from error
