"""What the daemon answers: takes are put together as they arrive, and everything else is told."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Callable, Sequence

from .osc import Atom, Message, pairs_of
from .takes import Arriving, Damaged, Take, head_of
from .writing import lies_in

if TYPE_CHECKING:
    from .places import Spot
    from .wire import Wire

PLACING = 3.0
"""Seconds after which a take that was placed and is not whole yet is asked for once more."""

TRIES = 4
"""How often it is asked for."""

TWICE = 1.0
"""Seconds in which the same take under the same id is a doubled datagram and no new wish."""

MOST_PLACED = 32
"""Placed takes that arrive at once."""

Insert = Callable[["Spot | None", Sequence[Take]], None]


class Wish:
    """An ask of ours until its takes are whole."""

    def __init__(
        self, id_: str, spot: Spot, is_chords: bool, only: str = "", file: str = ""
    ) -> None:
        self.id = id_
        self.spot = spot
        self.is_chords = is_chords
        self.only = only
        """The one part that is written, empty for all."""
        self.file = file
        """The context that it was asked with."""
        self.takes: dict[int, Arriving] = {}
        self.wanted: int | None = None
        """How many takes answer it, None until that is told."""

    def arriving(self, number: int) -> Arriving:
        """Return the take of this number, on its way."""
        return self.takes.setdefault(number, Arriving(self.id, number))

    @property
    def is_whole(self) -> bool:
        """True where every take is there."""
        whole = [take for take in self.takes.values() if take.is_whole]
        return self.wanted is not None and len(whole) >= self.wanted


class Placed(Arriving):
    """A take that somebody chose elsewhere and sent here."""

    def __init__(self, id_: Atom, number: int, now: float) -> None:
        super().__init__(id_, number)
        self.again = now + PLACING
        self.tries = 0


class Answers:
    """All that is expected, and what is done when it comes."""

    def __init__(
        self,
        wire: Wire,
        clock: Callable[[], float],
        say: Callable[[str], None],
        insert: Insert,
        forget: Callable[[str], None],
    ) -> None:
        self.latest = 0
        """The take that came last, 0 for none."""
        self._wire, self._clock, self._say = wire, clock, say
        self._insert, self._forget = insert, forget
        self._wishes: dict[str, Wish] = {}
        self._placed: OrderedDict[tuple[Atom, int], Placed] = OrderedDict()
        self._done: OrderedDict[tuple[Atom, int], float] = OrderedDict()
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def expect(self, wish: Wish) -> None:
        """Expect the takes of an ask."""
        self._wishes[wish.id] = wish

    @property
    def expected(self) -> list[str]:
        """Ids of the asks whose takes are expected."""
        return list(self._wishes)

    def hear(self, message: Message) -> None:
        """Take in one message; what makes no sense is told and changes nothing."""
        does = _HEARD.get(message.address)
        if does:
            try:
                does(self, message)
            except Damaged as error:
                self._say(f"an answer arrived damaged: {error}")

    def tick(self) -> None:
        """Give up what nobody answers, and ask anew for placed takes that are not whole."""
        for id_ in self._wire.given_up:
            if self._end(id_):
                self._say("no answer came within a minute: ask again")
        now = self._clock()
        for key, placed in list(self._placed.items()):
            if now < placed.again:
                continue
            if placed.tries >= TRIES:
                del self._placed[key]
                where = lies_in(placed.number, placed.file)
                self._say(f"its notes did not arrive; {where}")
                continue
            placed.tries += 1
            placed.again = now + PLACING * (placed.tries + 1)
            # A new id, so that the daemon sends it anew: what comes of it belongs to this one.
            new = self._wire.send("/bandmate/take/insert", (placed.number,))
            del self._placed[key]
            again = self._placed[(new, placed.number)] = Placed(new, placed.number, now)
            again.tries, again.again, again.head = placed.tries, placed.again, placed.head

    def close(self) -> None:
        """Expect nothing more."""
        for id_ in list(self._wishes):
            self._end(id_)
        self._placed.clear()

    def _end(self, id_: Atom) -> Wish | None:
        wish = self._wishes.pop(str(id_), None)
        self._wire.done(id_)
        if wish:
            self._forget(wish.file)
        return wish

    # takes

    def _queued(self, message: Message) -> None:
        if str(message.id) in self._wishes:
            ahead = message.arguments[1] if len(message.arguments) > 1 else 0
            self._say(f"waiting, {ahead!r} before it" if ahead else "writing")

    def _progress(self, message: Message) -> None:
        if str(message.id) in self._wishes and len(message.arguments) > 3:
            bar, bars = message.arguments[2:4]
            if isinstance(bar, int):
                self._say(f"bar {bar + 1} of {bars!r}")

    def _made(self, message: Message) -> None:
        wish, head = self._wishes.get(str(message.id)), head_of(message, 1)
        number, takes = head.get("take"), head.get("takes", 1)
        if wish and isinstance(number, int) and isinstance(takes, int):
            wish.arriving(number).head = head
            wish.wanted = takes
            self._finish(wish)

    def _card(self, message: Message) -> None:
        wish, head = self._wishes.get(str(message.id)), head_of(message, 2)
        number = message.arguments[1] if len(message.arguments) > 1 else None
        if wish and isinstance(number, int):
            wish.arriving(number).head = head
            self._finish(wish)

    def _chords_made(self, message: Message) -> None:
        wish, told = self._wishes.get(str(message.id)), pairs_of(message.arguments[1:])
        cards = told.get("cards")
        if wish and isinstance(cards, int):
            wish.wanted = cards
            for words in str(told.get("words", "")).splitlines():
                self._say(words)
            self._finish(wish)

    def _place(self, message: Message) -> None:
        head = head_of(message, 1)
        number = head.get("take")
        if isinstance(number, int):
            placed = self._placed_at(message.id, number)
            if placed:
                placed.head = head
                self._finish_placed(placed)

    def _notes(self, message: Message) -> None:
        number = message.arguments[1] if len(message.arguments) > 1 else None
        if not isinstance(number, int):
            return
        wish = self._wishes.get(str(message.id))
        if wish:
            wish.arriving(number).add_chunk(message)
            self._finish(wish)
            return
        if self._wire.is_ours(message.id) and (message.id, number) not in self._placed:
            return  # what was given up, or is in its clip already
        placed = self._placed_at(message.id, number)
        if placed:
            placed.add_chunk(message)
            self._finish_placed(placed)

    def _placed_at(self, id_: Atom, number: int) -> Placed | None:
        """Return a placed take on its way, None where it was here a moment ago."""
        now, key = self._clock(), (id_, number)
        if now - self._done.get(key, -TWICE) < TWICE:
            return None
        if key not in self._placed:
            if len(self._placed) >= MOST_PLACED:
                self._placed.popitem(last=False)
            self._placed[key] = Placed(id_, number, now)
        return self._placed[key]

    def _finish_placed(self, placed: Placed) -> None:
        if not placed.is_whole:
            return
        key = (placed.id, placed.number)
        self._placed.pop(key, None)
        self._done[key] = self._clock()
        if len(self._done) > MOST_PLACED:
            self._done.popitem(last=False)
        takes = self._read([placed])
        if takes:
            self.latest = placed.number
            self._insert(None, takes)

    def _finish(self, wish: Wish) -> None:
        if not wish.is_whole:
            return
        self._end(wish.id)
        takes = self._read([take for take in wish.takes.values() if take.is_whole])
        if not wish.wanted:
            self._say("nothing came: ask again")
        if takes:
            self.latest = takes[0].number
            self._insert(wish.spot, [take._replace(only=wish.only) for take in takes])

    def _read(self, arrived: list[Arriving] | list[Placed]) -> list[Take]:
        """Return the takes whose notes are as they were sent, in their order."""
        takes = []
        for arriving in arrived:
            try:
                takes.append(arriving.take())
            except Damaged as error:
                where = lies_in(arriving.number, arriving.file)
                self._say(f"{error}: ask again; {where}")
        return sorted(takes, key=lambda take: take.place)

    # words

    def _keywords(self, message: Message) -> None:
        found = pairs_of(message.arguments[1:]).get("keywords")
        if str(message.id) in self._wishes and found:
            self._say(str(found))

    def _cancelled(self, message: Message) -> None:
        if self._end(message.id):
            self._say("called off")

    def _error(self, message: Message) -> None:
        id_ = str(message.id)
        words = str(message.arguments[-1]) if len(message.arguments) > 1 else "something is wrong"
        quiet = self._wire.is_quiet(id_)
        self._end(id_)
        if quiet or not self._wire.is_ours(id_) or (id_, words) in self._told:
            return
        self._told[(id_, words)] = None
        if len(self._told) > MOST_PLACED:
            self._told.popitem(last=False)
        self._say(words)

    def _settled(self, message: Message) -> None:
        """A message of ours is done that brings nothing."""
        words = _SETTLED[message.address]
        if words and self._wire.waits_for(message.id) and not self._wire.is_quiet(message.id):
            number = message.arguments[1] if len(message.arguments) > 1 else ""
            self._say(words.format(number))
        self._wire.done(message.id)


_SETTLED = {
    "/bandmate/song/changed": "",
    "/bandmate/take/accepted": "take {} is kept",
    "/bandmate/take/rejected": "take {} is refused",
    "/bandmate/take/undone": "take {} is as it was before",
    "/bandmate/take/played": "take {} plays from the next bar",
    "/bandmate/take/stopped": "nothing plays",
    "/bandmate/take/inserted": "",
    "/bandmate/silenced": "silence",
}

_HEARD: dict[str, Callable[[Answers, Message], None]] = {
    "/bandmate/loop/queued": Answers._queued,
    "/bandmate/chords/queued": Answers._queued,
    "/bandmate/loop/progress": Answers._progress,
    "/bandmate/loop/made": Answers._made,
    "/bandmate/card/made": Answers._card,
    "/bandmate/chords/made": Answers._chords_made,
    "/bandmate/clip/place": Answers._place,
    "/bandmate/take/notes": Answers._notes,
    "/bandmate/keywords/found": Answers._keywords,
    "/bandmate/cancelled": Answers._cancelled,
    "/bandmate/error": Answers._error,
}
_HEARD.update(dict.fromkeys(_SETTLED, Answers._settled))
