"""The daemon: start in order, run until a signal, stop in reverse.

Ready is when the sockets answer; the loop model warms up behind, and an ask that comes before it
waits. The models for chords are opened by the first ask that needs them.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate import __version__, paths
from bandmate.app.standalone import Openings
from bandmate.asks.song import Songs
from bandmate.clients.clients import Clients
from bandmate.clients.file_access import Reach
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.contract.messages import Atom
from bandmate.errors import BandmateError, PortError
from bandmate.handlers.dispatcher import Desk
from bandmate.handlers.routes import ROUTES
from bandmate.loops.service import shipped_loops
from bandmate.style.keywords import vocabulary_read
from bandmate.surfaces.mapping import FILE
from bandmate.system import process
from bandmate.system.home_lock import HomeLock
from bandmate.system.leftovers import swept
from bandmate.system.private import keep_private
from bandmate.system.upkeep import looking_after
from bandmate.takes.rendering import Renderings
from bandmate.takes.store import Takes
from bandmate.timing.player.client import Deck, Player, Told
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bandmate.timing.ports.apis import chosen_api
from bandmate.wires.access import is_home, open_words, opened_doors
from bandmate.wires.catalogue import catalogue
from bandmate.wires.controller import Controller
from bandmate.wires.discovery import OSC, QUERY, Announcer, Service, addresses_of, named
from bandmate.wires.mailbox import MailboxWire
from bandmate.wires.osc import OscWire
from bandmate.wires.oscquery import QueryWire
from bandmate.wires.page.websocket import PanelWire
from bandmate.wires.surfaces import Surfaces
from bandmate.workers.idle import Guest
from bandmate.workers.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from bandmate.workers.child import Servant

PROTOCOL = 1
"""Told in a hello; another number means that the OSC contract has changed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What the daemon stands on; tests bring their own."""

    opening: Callable[[], Servant] | None = None
    """Makes the servant that writes loops, in its process; None is the loop model."""
    chords: Openings | None = None
    """Make the servants of the chord co-writer; None are the models that the settings name."""
    player: Callable[[Settings, Told], Player] | None = None
    """Opens the player, which tells what it does; None is a process of its own."""
    port: int | None = None
    """Listened on instead of the settings' port; 0 takes any that is free; OSCQuery
    and the panel take one too."""


@dataclass(frozen=True)
class Running:
    """A daemon that answers."""

    settings: Settings
    port: int
    """UDP and TCP."""
    query_port: int
    """Of OSCQuery; 0 where the port was taken."""
    panel_port: int
    """Of the panel; 0 where it is off or the port was taken."""
    desk: Desk
    worker: Worker
    """The loop model's."""
    chord_workers: tuple[Worker, ...]
    """The proposer's, the prior's and the reader's of inspirations; not started by themselves."""
    warming: asyncio.Task[None]
    """Done when the loop model is loaded, or could not be."""


def serve(settings: Settings, means: Means | None = None) -> int:
    """Run the daemon until SIGTERM or Ctrl-C; return the exit code: 1 where it could not start."""
    _log_to_stderr(settings.log_json)
    os.umask(0o077)  # what is written from now on is the person's alone
    process.allow_open_files()
    try:
        asyncio.run(_until_signal(settings, means))
    except BandmateError as error:
        log.error("%s", error)
        return 1
    return 0


async def _until_signal(settings: Settings, means: Means | None) -> None:
    is_over, is_ready = asyncio.Event(), asyncio.Event()
    starting = asyncio.current_task()

    def end() -> None:
        is_over.set()
        if starting and not is_ready.is_set():
            starting.cancel()

    process.on_signal(end)
    asyncio.get_running_loop().set_exception_handler(process.LoopTroubles())
    try:
        async with running(settings, means):
            gc.freeze()  # what is there now stays: to look through it takes 40 ms each time
            is_ready.set()
            await is_over.wait()
            log.info("bandmate stops")
    except asyncio.CancelledError:
        if not is_over.is_set():
            raise
        log.info("bandmate stops before it was ready")


@asynccontextmanager
async def running(settings: Settings, means: Means | None = None) -> AsyncIterator[Running]:
    """Start everything in order, and stop it in reverse; raises BandmateError in words."""
    means = means or Means()
    clips = paths.clips(settings.clips)
    doors, reach = await opened_doors(settings, clips), Reach.of(settings.allow_paths, clips)
    closing = process.Closing()
    async with AsyncExitStack() as stack:
        takes = await _takes_of_home(stack, closing, clips)

        opening = means.opening or shipped_loops(settings.device, settings.threads)
        worker = Worker(opening, "the loop model")
        chord_workers = _chord_workers(settings, means)
        stops = [one.stop for one in (worker, *chord_workers)]
        stack.push_async_callback(closing, *stops)

        deck = Deck(partial(means.player or _player_apart, settings), settings.source)
        stack.push_async_callback(closing, deck.close)
        await _look_for_port(deck)

        clients = Clients()
        facts = partial(_facts, worker, deck, str(clips), f"{time.time():.3f}")
        composer = Composer(settings, worker, takes)
        cowriter = CoWriter(settings, *chord_workers, takes)
        songs = Songs(lambda: clients.leader)
        desk = Desk(
            composer,
            cowriter,
            takes,
            songs,
            clients,
            deck,
            facts,
            settings.queue,
            reach,
            routes=ROUTES,
        )

        osc = OscWire(desk, clients, doors)
        stack.push_async_callback(closing, osc.close)
        await _open_osc(osc, settings, means)

        query = QueryWire(partial(catalogue, desk), osc.port)
        stack.push_async_callback(closing, query.close)
        await query.open(settings.query_port if means.port is None else 0)

        renderings = Renderings()
        panel = PanelWire(desk, clients, renderings.of)
        stack.push_async_callback(closing, panel.close, renderings.close)
        await _open_panel(panel, settings, means)

        mailbox = MailboxWire(paths.mailboxes(), desk, clients)
        stack.push_async_callback(closing, mailbox.close)
        await mailbox.open()

        controller = Controller(desk, paths.home() / FILE)
        stack.push_async_callback(closing, controller.close)
        await controller.open()

        surfaces = Surfaces(desk)
        stack.push_async_callback(closing, surfaces.close)
        await surfaces.open()

        if settings.announce:
            announcer = await _announced(osc, query)
            stack.push_async_callback(closing, announcer.close)

        warming = asyncio.create_task(_warm_up(worker))
        # Ended first and together, while the wires can still tell whoever asks or waits.
        work = (desk.close, partial(_given_up, warming), deck.close, renderings.close)
        stack.push_async_callback(closing, *work, *stops)
        log.info("bandmate is ready on %s:%d (OSC by UDP and TCP)", settings.host, osc.port)
        ports = (osc.port, query.port, panel.port)
        yield Running(settings, *ports, desk, worker, chord_workers, warming)


async def _takes_of_home(stack: AsyncExitStack, closing: process.Closing, clips: Path) -> Takes:
    """Take the home for ourselves, close it to others, sweep it, and open its takes."""
    lock = HomeLock(paths.home())
    stack.callback(lock.close)
    await asyncio.to_thread(keep_private, paths.home())
    await asyncio.to_thread(swept, clips)
    takes = await asyncio.to_thread(Takes, paths.database(), clips)
    stack.push_async_callback(closing, partial(process.in_own_thread, takes.close))
    keeping = asyncio.create_task(looking_after(takes.mend, lock.mend))
    stack.push_async_callback(closing, partial(_given_up, keeping))
    return takes


def _chord_workers(settings: Settings, means: Means) -> tuple[Worker, Worker, Worker]:
    opening = means.chords or Openings.shipped(settings)
    return (
        Worker(opening.proposer, "the proposer"),
        Worker(opening.prior, "the prior"),
        Guest(opening.inspire, "the inspiration's models", settings.inspire_idle),
    )


def _player_apart(settings: Settings, told: Told) -> Player:
    chosen_api(settings.midi_api)  # where there is no MIDI at all, no process is started for it
    return PlayerApart(Stage.of(settings), told)


async def _open_osc(osc: OscWire, settings: Settings, means: Means) -> None:
    """Begin to take OSC, and say where anybody else than this machine can send it."""
    await osc.open(settings.host, settings.port if means.port is None else means.port)
    if words := open_words(settings, osc.address, osc.port):
        log.warning("%s", words)


async def _open_panel(panel: PanelWire, settings: Settings, means: Means) -> None:
    """Begin to serve the page, where it is not off."""
    if settings.panel_port:
        await panel.open(settings.panel_port if means.port is None else 0)
    if panel.port:
        log.info("the panel is at http://127.0.0.1:%d", panel.port)


async def _announced(osc: OscWire, query: QueryWire) -> Announcer:
    """Begin to tell whoever looks for it where OSC is, and OSCQuery where that is reached too."""
    addresses = await asyncio.to_thread(addresses_of, osc.address)
    services = [Service(OSC, osc.port)]
    if query.port and is_home(osc.address):
        services.append(Service(QUERY, query.port))
    announcer = Announcer(named(osc.port), services, addresses)
    if addresses:
        announcer.open()
    return announcer


async def _look_for_port(deck: Deck) -> None:
    try:
        await deck.open()
    except PortError as error:
        log.warning("takes cannot be played now: %s", error)


def _facts(worker: Worker, deck: Deck, clips: str, started: str) -> tuple[Atom, ...]:
    told = ("version", __version__, "protocol", PROTOCOL, "model", worker.model)
    return (*told, "clips", clips, "midi", deck.port, "started", started)


async def _warm_up(worker: Worker) -> None:
    await asyncio.to_thread(vocabulary_read)
    try:
        await worker.start()
    except BandmateError as error:
        log.error("%s", error)
        return
    log.info("the model %s is loaded", worker.model)
    if worker.note:
        log.warning("%s", worker.note)


async def _given_up(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (unix seconds), level, name, message, perhaps error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _log_to_stderr(is_json: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if is_json else plain)
    handler.addFilter(process.Repeats())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
