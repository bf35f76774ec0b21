"""The daemon's side of the mailbox, played by a test: real files and real messages, no model."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from pathlib import Path

from bandmate.chords.cards import Card
from bandmate.chords.playing import played
from bandmate.contract.cards import card_to_pairs
from bandmate.contract.messages import Atom, Message, note_messages, take_to_pairs
from bandmate.errors import AskError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.takes.store import Take
from bandmate.wires.mailbox import Mailboxes


class FakeDaemon:
    """Reads asks when told to, and answers what a test wants."""

    def __init__(self, home: Path) -> None:
        self.box = Mailboxes(home / "mailbox")
        self.box.open(time.time())
        self._numbers = itertools.count(12)

    def beat(self, age: float = 0.0) -> None:
        """Write the sign of life, *age* seconds old."""
        self.box.beat(time.time() - age)

    def asked(self) -> list[tuple[str, Message]]:
        """Return what lies in the mailboxes, by client, and take it away."""
        letters = self.box.taken()
        assert not [letter for _, letter in letters if isinstance(letter, AskError)]
        return [(client, letter) for client, letter in letters if isinstance(letter, Message)]

    def asked_for_loops(self) -> list[tuple[str, Atom, dict[str, Atom]]]:
        """Return the loop asks alone: client, id, and what is named in them."""
        return self._asked_at("/bandmate/loop/ask")

    def asked_for_chords(self) -> list[tuple[str, Atom, dict[str, Atom]]]:
        """Return the asks for chords alone: client, id, and what is named in them."""
        return self._asked_at("/bandmate/chords/ask")

    def _asked_at(self, address: str) -> list[tuple[str, Atom, dict[str, Atom]]]:
        return [
            (client, message.arguments[0], pairs(message))
            for client, message in self.asked()
            if message.address == address
        ]

    def answer(self, client: str, *messages: Message) -> None:
        """Put answers into a client's mailbox."""
        for message in messages:
            self.box.put(client, message)

    def made(self, id_: Atom, clip: Clip, file: str = "/clips/funk.mid") -> list[Message]:
        """Return the answers that bring a take: ``made``, then its notes."""
        return self._brought("/bandmate/loop/made", id_, clip, file)

    def placed(self, id_: Atom, clip: Clip, file: str = "/clips/funk.mid") -> list[Message]:
        """Return the messages that place a take that was chosen elsewhere."""
        return self._brought("/bandmate/clip/place", id_, clip, file)

    def dealt(self, id_: Atom, cards: list[Card], words: str = "") -> list[Message]:
        """Return the answers that bring cards: each with its notes, then that all are made."""
        messages = []
        for index, card in enumerate(cards):
            clip = played(card.progression, meter=Meter(4, 4), tempo=96.0)
            number = next(self._numbers)
            file = self.box.folder.parent / f"chords #{number}.mid"
            file.touch()
            notes = note_messages(id_, number, clip)
            told = card_to_pairs(card, a_take(number, clip, str(file)), index, len(notes))
            messages += [Message("/bandmate/card/made", (id_, number, *told)), *notes]
        told = ("cards", len(cards), "key", "F:maj", "proposer", "p@1a2b3c4d", "keywords", "warm")
        return [*messages, Message("/bandmate/chords/made", (id_, *told, "words", words))]

    def _brought(self, address: str, id_: Atom, clip: Clip, file: str) -> list[Message]:
        take = a_take(next(self._numbers), clip, file)
        notes = note_messages(id_, take.number, clip)
        told = take_to_pairs(take, chunks=len(notes))
        return [Message(address, (id_, *told)), *notes]

    def files(self) -> list[str]:
        """Return the message files that lie in any mailbox."""
        return sorted(str(p.relative_to(self.box.folder)) for p in self.box.folder.rglob("*msg*"))


def a_take(number: int, clip: Clip, file: str) -> Take:
    """Return a take as the daemon would have kept it."""
    return Take(
        number=number,
        client="mailbox:reaper",
        made=0.0,
        ask="{}",
        seed=7,
        clip=clip,
        file=Path(file),
        state="made",
        model="loops@1a2b3c4d",
        first_bar_ms=1.0,
        made_ms=2.0,
    )


def pairs(message: Message) -> dict[str, Atom]:
    """Return what follows an id as names and values."""
    rest: Iterable[Atom] = message.arguments[1:]
    names = list(rest)
    return {str(name): value for name, value in zip(names[::2], names[1::2], strict=True)}
