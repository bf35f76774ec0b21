"""Verbs: what is done for each address, a few lines each; the table in addresses.py names them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from bandmate.asks.chords import ChordAsk
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import parse_parts
from bandmate.clients.clients import PANEL
from bandmate.compose.loops import BarMade, Progress, Queued
from bandmate.contract.messages import bar_to_atoms, note_messages, song_to_pairs, take_to_pairs
from bandmate.contract.rows import HELLO, MIX, PLAY
from bandmate.errors import AskError
from bandmate.fields import read_pairs, shown
from bandmate.handlers.streams import Outlook, Stream, Wanted, streaming
from bandmate.handlers.transport import lead_by_song, milliseconds, outlook_to_pairs, song_in_time
from bandmate.system.handshakes import note_handshake
from bandmate.takes.store import Take

if TYPE_CHECKING:
    from bandmate.clients.clients import Client
    from bandmate.handlers.services import Call, Services
    from bandmate.loops.plan import LoopPlan
    from bandmate.music.clip import Clip
    from bandmate.timing.player.player import At


async def hello(desk: Services, call: Call) -> None:
    """Note who the client is and whether the DAW is its own."""
    said = read_pairs(call.pairs, HELLO)
    call.client.title = str(said.get("client", call.client.title))
    if said.get("owns") == "daw":
        desk.clients.owner = call.client
    elif "owns" in said and desk.clients.owner is call.client:
        desk.clients.owner = None
    desk.subscriptions.look()  # the owner's song is that of all who told none
    call.answer("/bandmate/hello", *desk.facts())
    if "version" in said:
        await asyncio.to_thread(note_handshake, call.client.title, str(said["version"]))


async def song_set(desk: Services, call: Call) -> None:
    """Change what is known of the client's song: all of it or nothing."""
    song = desk.songs.set(call.client.name, call.pairs)
    if call.client.name.startswith(PANEL):
        await lead_by_song(desk, song, {name for name, _ in call.pairs})
    call.answer("/bandmate/song/changed", *song_to_pairs(song, desk.clients.daw))


async def song_get(desk: Services, call: Call) -> None:
    """Tell what is known of the client's song."""
    call.answer(
        "/bandmate/song/told", *song_to_pairs(desk.songs.of(call.client.name), desk.clients.daw)
    )


async def loop_ask(desk: Services, call: Call) -> None:
    """Make the takes, tell of each, then play and place the first where that was asked too."""
    ask = LoopAsk.read(call.pairs)
    if ask.at is None:
        await finish(desk, call, (await _made(desk, call, ask))[0], ask)
        return
    wanted = Wanted(
        ask.at, lambda plan: _stand_in(desk, call, plan), lambda news: _tell_outlook(call, news)
    )
    async with streaming(desk.deck, wanted) as stream:
        with desk.streaming(call, stream):
            takes = await _made(desk, call, ask, stream)
            await finish(desk, call, takes[0], ask)
            tally = await stream.first_round()
    told = (tally.own, tally.stand_in, tally.silent)
    call.answer("/bandmate/take/played", takes[0].number, *told)


async def _made(
    desk: Services, call: Call, ask: LoopAsk, stream: Stream | None = None
) -> list[Take]:
    """Make the takes of an ask and tell of them; *stream* hears of their bars."""

    def told(news: Progress) -> None:
        _tell(call, news, with_bars=ask.notes == "bars")
        if stream:
            stream.take_in(news)

    with desk.working_for(call.client):
        takes = await desk.composer.loop(
            ask, song_in_time(desk, call.client), call.client.name, told, call.id
        )
    for index, take in enumerate(takes):
        is_told = ask.notes in ("blob", "bars")
        notes = note_messages(call.id, take.number, take.clip) if is_told else []
        call.answer("/bandmate/loop/made", *take_to_pairs(take, index, len(takes), len(notes)))
        for message in notes:
            call.send(message)
    return takes


async def finish(desk: Services, call: Call, take: Take, ask: LoopAsk | ChordAsk) -> None:
    """Play and place the first take of an ask, as the ask says; one with a line plays already."""
    is_played = ask.play and not (isinstance(ask, LoopAsk) and ask.at)
    for is_asked, do in ((is_played, _play), (ask.insert, _insert)):
        if is_asked:
            # That a take cannot be played must not keep it from being placed.
            with call.telling_mistakes():
                async with desk.turn:
                    await do(desk, call, take)


def _tell(call: Call, news: Progress, with_bars: bool = False) -> None:
    match news:
        case Queued(place):
            call.answer("/bandmate/loop/queued", place)
        case BarMade(take, bar, bars, notes, left):
            if with_bars:
                call.answer("/bandmate/bar/written", take, bar, bars, *bar_to_atoms(notes))
            call.answer("/bandmate/loop/progress", take, bar, bars, milliseconds(left))


def _tell_outlook(call: Call, outlook: Outlook) -> None:
    call.answer("/bandmate/loop/planned", *outlook_to_pairs(outlook))


async def _stand_in(desk: Services, call: Call, plan: LoopPlan) -> Clip | None:
    """Return the client's last accepted take that fits the bars of a plan."""
    take = await asyncio.to_thread(desk.takes.accepted, call.client.name, plan.meter)
    return take.clip if take else None


async def take_play(desk: Services, call: Call) -> None:
    """Play a take from a line on, or behind what plays."""
    said = read_pairs(call.pairs, PLAY)
    take = await desk.found(call)
    at, count_in = cast("At", said.get("at", "bar")), cast(int, said.get("count_in", 0))
    await desk.deck.play(take.clip, at, bool(said.get("loop")), count_in)
    call.answer("/bandmate/take/played", take.number, take.clip.bars, 0, 0)


async def take_mix(desk: Services, call: Call) -> None:
    """Mute and solo parts of all that plays from now on."""
    said = read_pairs(call.pairs, MIX)
    muted, soloed = (
        _parts(str(said[name])) if name in said else old
        for name, old in (("mute", desk.deck.muted), ("solo", desk.deck.soloed))
    )
    await desk.deck.mix(muted, soloed)
    call.answer("/bandmate/take/mixed", ",".join(sorted(muted)), ",".join(sorted(soloed)))


def _parts(text: str) -> frozenset[str]:
    """Read names of parts; raises AskError for one whose role there is not."""
    return frozenset(part.name for part in parse_parts(text)) if text.strip() else frozenset()


async def take_stop(desk: Services, call: Call) -> None:
    """Stop what plays."""
    await desk.deck.stop()
    call.answer("/bandmate/take/stopped", cast(int, call.values.get("take", 0)))


async def take_insert(desk: Services, call: Call) -> None:
    """Place a take in the DAW."""
    await _insert(desk, call, await desk.found(call))


async def take_accept(desk: Services, call: Call) -> None:
    """Mark a take as taken."""
    take = await desk.found(call)
    await asyncio.to_thread(desk.takes.accept, take.number, call.client.name)
    _follow(desk, call.client, take)
    call.answer("/bandmate/take/accepted", take.number)


async def take_reject(desk: Services, call: Call) -> None:
    """Mark a take as refused."""
    take = await desk.found(call)
    await asyncio.to_thread(desk.takes.reject, take.number, call.client.name)
    desk.songs.part_with(call.client.name, take.number)
    call.answer("/bandmate/take/rejected", take.number)


async def take_undo(desk: Services, call: Call) -> None:
    """Take back the client's last accept or reject, else that of the take it names."""
    number = cast(int, call.values.get("take", 0))
    take = await asyncio.to_thread(desk.takes.undo, call.client.name, number)
    if take is None:
        whose = f"of take {number}" if number else "of yours"
        raise AskError(f"there is no accept or reject {whose} to undo")
    if take.state == "accepted":
        _follow(desk, call.client, take)
    else:
        desk.songs.part_with(call.client.name, take.number)
    call.answer("/bandmate/take/undone", take.number)


async def cancel(desk: Services, call: Call) -> None:
    """Call off the client's ask of this id, which then answers that it is called off."""
    name = call.client.name
    if desk.composer.cancel(name, call.id) + desk.cowriter.cancel(name, call.id):
        return
    if desk.call_off_stream(name, call.id):
        return
    if not call.client.memory.is_cancelled(call.id):
        raise AskError(f"nothing of yours with id {shown(call.id)} is in work")
    call.answer("/bandmate/cancelled")


async def panic(desk: Services, call: Call) -> None:
    """Silence every note at once, and again behind what is about to play."""
    await desk.deck.panic()
    if desk.live:
        desk.live.silence()
    async with desk.turn:
        await desk.deck.panic()
    call.answer("/bandmate/silenced")


async def _play(desk: Services, call: Call, take: Take) -> None:
    await desk.deck.play(take.clip)
    call.answer("/bandmate/take/played", take.number, take.clip.bars, 0, 0)


async def _insert(desk: Services, call: Call, take: Take) -> None:
    owner = desk.place(call.id, take)
    for client in (owner, call.client):
        _follow(desk, client, take)
    call.answer("/bandmate/take/inserted", take.number)


def _follow(desk: Services, client: Client, take: Take) -> None:
    """Let the client's next loops follow a take that is a card."""
    if take.kind == "card":
        desk.songs.follow(client.name, take.number)
