"""The board of one surface: what its controls show, and what a touch of one asks for.

Pure: a touch returns the messages that a bridge would send, without an id; what is heard changes
what is shown. The rows that name these functions are in surface.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bandmate.asks.notation import parse_parts
from bandmate.asks.presets import Preset
from bandmate.asks.scoped import Shape
from bandmate.contract.actions import ACTIONS
from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError, nearest
from bandmate.fields import Flag, Real, Whole, shown
from bandmate.music.roles import ROLES
from bandmate.surfaces.actions import Request
from bandmate.takes.store import Take
from bandmate.timing.sources.grid import Grid

Touch = Callable[["Board", str, Atom], Sequence[Message]]
"""Takes the name of what was touched and what it was set to; raises AskError."""

NONE = "none"
"""No preset."""
CARDS = 4
"""Cards that are shown."""
TEMPO = Real(20, 400)
"""Quarter notes per minute that can be led."""

_USUAL_PARTS = frozenset({"drums", "bass", "keys"})
_FLAG = Flag()
_CARD_BARS = 16
_KEPT = frozenset({"bars"})  # presets do not say them


@dataclass
class Board:
    """One surface; used from the event loop alone."""

    usual: Mapping[str, Atom]
    """What each control shows at first."""
    presets: Sequence[Preset] = ()
    shown: dict[str, Atom] = field(default_factory=dict)
    """What each control should show."""
    known: dict[str, Atom] = field(default_factory=dict)
    """What each does show, as far as it was told or has told."""
    said: dict[str, Atom] = field(default_factory=dict)
    """What the next ask says."""
    takes: Sequence[Take] = ()
    """The last takes, newest first."""
    take: int = 0
    """The number of the take that is shown; 0 where there is none."""
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    last_ask: Atom = ""
    """Its id."""

    def __post_init__(self) -> None:
        """Show what is usual."""
        self.shown = dict(self.usual)
        self._show_parts(_USUAL_PARTS)

    def news(self, everything: bool = False) -> list[tuple[str, Atom]]:
        """Return what the surface does not show yet, and take it for shown."""
        found = [
            (name, value) for name, value in self.shown.items()
            if everything or not _is_same(self.known.get(name), value)
        ]  # fmt: skip
        self.known.update(found)
        return found

    def _is_on(self, name: str) -> bool:
        return self.shown[name] == 1.0

    # touches: what the next ask says

    def say(self, name: str, value: Atom, number: Whole | Real) -> Sequence[Message]:
        """Say a number in the next ask; a fader that glides gives whole ones too."""
        if isinstance(number, Whole) and isinstance(value, float) and abs(value) < 1e6:
            value = round(value)
        read = number.read(name, value)
        self.said[name], self.shown[name] = read, float(read)
        return ()

    def turn(self, name: str, value: Atom) -> Sequence[Message]:
        """Turn a switch."""
        self.shown[name] = float(_FLAG.read(name, value))
        return ()

    def choose_part(self, name: str, value: Atom, role: str) -> Sequence[Message]:
        """Let loops have a part or not; one must stay."""
        roles = [r for r in ROLES if self._is_on(f"part/{r}") and r != role]
        if _FLAG.read(name, value):
            roles = [r for r in ROLES if r in (*roles, role)]
        if not roles:
            raise AskError("at least one part must be on")
        parse_parts(",".join(roles))
        self._show_parts(roles)
        self.said["parts"] = ",".join(roles)
        return ()

    def choose_preset(self, name: str, value: Atom) -> Sequence[Message]:
        """Take a preset by its name, or by its number from 1."""
        names = [NONE, *(preset.name for preset in self.presets)]
        if isinstance(value, str) and value.lower() in names:
            self._use_preset(names.index(value.lower()))
        elif isinstance(value, str) and not value.strip().isdecimal():
            raise AskError(f"preset must be one such as {nearest(value, names)}, not {value!r}")
        else:
            self._use_preset(Whole(0, len(self.presets)).read("preset", value))
        return ()

    def step_preset(self, name: str, value: Atom, by: int) -> Sequence[Message]:
        """Take the next preset or the one before, round and round."""
        names = [NONE, *(preset.name for preset in self.presets)]
        self._use_preset((names.index(str(self.shown["preset"])) + by) % len(names))
        return ()

    def reset(self, name: str, value: Atom) -> Sequence[Message]:
        """Say nothing any more."""
        self._use_preset(0)
        self.said.clear()
        self.shown["bars"] = self.usual["bars"]
        return ()

    def _use_preset(self, index: int) -> None:
        preset = self.presets[index - 1] if index else None
        self.said = {name: said for name, said in self.said.items() if name in _KEPT}
        if preset:
            self.said["preset"] = preset.name
        self.shown["preset"] = preset.name if preset else NONE
        for name in ("density", "energy", "temperature", "strictness", "feel", "swing"):
            wanted = getattr(preset, name, None)
            wanted = wanted.all if isinstance(wanted, Shape) else wanted
            self.shown[name] = self.usual[name] if wanted is None else float(wanted)
        parts = {part.name.rstrip("234") for part in preset.parts} if preset else _USUAL_PARTS
        self._show_parts(parts)

    def _show_parts(self, roles: Collection[str]) -> None:
        self.shown |= {f"part/{role}": float(role in roles) for role in ROLES}

    # touches: asks, takes, the time

    def ask(self, name: str, value: Atom, action: str, says: Sequence[str]) -> Sequence[Message]:
        """Ask for a loop or for chords, with what the faders say."""
        row = ACTIONS[action]
        said = [(key, self.said[key]) for key in says if key in self.said]
        if row.address == "loop/ask":
            said += [] if self._is_on("ask/plays") else [("play", 0)]
            said += [("insert", 1)] if self._is_on("ask/inserts") else []
        else:
            said = [(key, min(int(bars), _CARD_BARS)) for key, bars in said]
        self.shown["progress"] = 0.0
        pairs = [*([(row.take, self._number())] if row.take else []), *Request(row, (*said,)).pairs]
        return [_message(row.address, *(atom for pair in pairs for atom in pair))]

    def cancel(self, name: str, value: Atom) -> Sequence[Message]:
        """Call off the last ask: the only message with an id, which is the ask's own."""
        if not self.last_ask:
            raise AskError("nothing of yours is in work")
        return [Message("/bandmate/cancel", (self.last_ask,))]

    def do(self, name: str, value: Atom, action: str) -> Sequence[Message]:
        """Do something, with the take that is shown where it is done with one."""
        row = ACTIONS[action]
        return [_message(row.address, *((self._number(),) if row.take else ()))]

    def browse(self, name: str, value: Atom, by: int) -> Sequence[Message]:
        """Show the take before or behind."""
        numbers = [take.number for take in reversed(self.takes)]
        at = numbers.index(self._number()) if self.take in numbers else len(numbers)
        self._show_take(numbers[min(max(at + by, 0), len(numbers) - 1)] if numbers else 0)
        return ()

    def choose_card(self, name: str, value: Atom, index: int) -> Sequence[Message]:
        """Accept a card, so that the next loops follow it, and show it as the take."""
        cards = self._cards
        if index >= len(cards):
            raise AskError("there is no card there yet: ask for chords first")
        self._show_take(cards[index].number)
        return [_message("take/accept", cards[index].number)]

    def mix(self, name: str, value: Atom, which: str, role: str) -> Sequence[Message]:
        """Mute or solo the parts of a role; those of others stay as they are."""
        before = self.muted if which == "mute" else self.soloed
        names = {part for part in before if part.rstrip("234") != role}
        is_on = _FLAG.read(name, value)
        names |= {role} if is_on else set()
        self.shown[name] = float(is_on)
        return [_message("take/mix", which, ",".join(sorted(names)))]

    def lead_tempo(self, name: str, value: Atom) -> Sequence[Message]:
        """Change the tempo."""
        tempo = TEMPO.read(name, value)
        self.shown[name] = tempo
        return [_message("transport/set", "tempo", tempo)]

    def roll(self, name: str, value: Atom) -> Sequence[Message]:
        """Start or stop the time."""
        is_rolling = _FLAG.read(name, value)
        self.shown[name] = float(is_rolling)
        return [_message("transport/set", "is_rolling", int(is_rolling))]

    def follow(self, name: str, value: Atom, source: str) -> Sequence[Message]:
        """Let another source lead; one is always on, so that turning it off does nothing."""
        if not _FLAG.read(name, value):
            return ()
        self.shown[name] = 1.0
        return [_message("transport/set", "source", source)]

    # what is heard

    def takes_are(self, takes: Sequence[Take]) -> None:
        """Show the last takes, newest first; whoever looks at the newest sees the new one."""
        was_newest = not self.take or (bool(self.takes) and self.take == self.takes[0].number)
        self.takes = takes
        for index in range(CARDS):
            card = self._cards[index].card if index < len(self._cards) else None
            bars = card["symbols"] if card else ()
            self.shown[f"card/{index + 1}/name"] = " ".join(",".join(bar) for bar in bars)
        newest = takes[0].number if takes else 0
        self._show_take(newest if was_newest else self.take)

    def mixed(self, muted: str, soloed: str) -> None:
        """Show what is muted and what is soloed."""
        self.muted, self.soloed = (
            frozenset(filter(None, names.split(","))) for names in (muted, soloed)
        )
        for which, names in (("mute", self.muted), ("solo", self.soloed)):
            roles = {name.rstrip("234") for name in names}
            self.shown |= {f"{which}/{role}": float(role in roles) for role in ROLES}

    def time_is(self, grid: Grid, beat: float) -> None:
        """Show the musical time at a beat."""
        source = grid.source if f"source/{grid.source}" in self.shown else "bridge"
        for name in [name for name in self.shown if name.startswith("source/")]:
            self.shown[name] = float(name == f"source/{source}")
        self.shown["tempo"] = float(grid.tempo)
        self.shown["transport/play"] = float(grid.is_rolling)
        in_bar = beat - grid.beat_of_bar(grid.bar_at(beat))
        self.shown["beat"] = float(int(in_bar + 1e-3) + 1) if grid.is_rolling else 0.0

    @property
    def _cards(self) -> list[Take]:
        """The cards that were made last, in their order."""
        return [take for take in self.takes if take.kind == "card"][:CARDS][::-1]

    def _number(self) -> int:
        if not self.take:
            raise AskError("there is no take yet: ask for a loop first")
        return self.take

    def _show_take(self, number: int) -> None:
        self.take = number
        found = next((take for take in self.takes if take.number == number), None)
        self.shown["take/number"] = float(number)
        self.shown["take/name"] = found.file.stem if found else ""
        self.shown["take/state"] = found.state if found else ""


def is_pressed(name: str, value: Atom) -> bool:
    """Return whether a button went down: 0.5 and more; coming up is no press."""
    if isinstance(value, bytes):
        raise AskError(f"{name} must be a number, not {shown(value)}")
    return _FLAG.read(name, value) if isinstance(value, str) else value >= 0.5


def _message(address: str, *arguments: Atom) -> Message:
    return Message(f"/bandmate/{address}", arguments)


def _is_same(one: Atom | None, other: Atom) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-5 * max(1.0, abs(other))  # a float32 has seven digits
    return one == other
