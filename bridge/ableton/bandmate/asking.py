"""What a button does: where the person is, what is there already, and the ask that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterator, Sequence

from . import context, places
from .answers import Answers, Wish
from .errands import nobody
from .places import Spot
from .work import NoPlace

if TYPE_CHECKING:
    import Live

    from .errands import Ended
    from .osc import Atom
    from .settings import Action, Settings
    from .song import SongWatch
    from .wire import Wire
    from .work import Work

_SMALL = {
    "accept": "/bandmate/take/accept",
    "reject": "/bandmate/take/reject",
    "undo": "/bandmate/take/undo",
    "play": "/bandmate/take/play",
    "insert": "/bandmate/take/insert",
    "stop": "/bandmate/take/stop",
    "panic": "/bandmate/panic",
}
"""Actions that are one message."""

CHANGES = ("vary", "continue", "add")
"""Actions that read clips first, which takes more than one tick."""

_WITHOUT_TAKE = ("stop", "panic", "undo")

_A_LITTLE = 0.3
"""How far a clip is varied where nobody says it."""


class Asking:
    """Turns actions into asks; what reads clips is a job."""

    def __init__(
        self,
        wire: Wire,
        answers: Answers,
        work: Work,
        song: SongWatch,
        arranges: Callable[[], bool],
        say: Callable[[str], None],
    ) -> None:
        self.files = context.ContextFiles()
        self._wire, self._answers, self._work, self._watch = wire, answers, work, song
        self._arranges, self._say = arranges, say

    def close(self) -> None:
        """Take away what was written for the daemon."""
        self.files.close()

    def do(self, action: Action, settings: Settings, ended: Ended = nobody) -> None:
        """Do what a button is for and tell how it ended; raises NoPlace in words, and tells not."""
        if action.name in CHANGES:
            self._ask_with_clips(action, settings, ended)
            return
        self._do_at_once(action, settings)
        ended("")

    def _do_at_once(self, action: Action, settings: Settings) -> None:
        if action.name == "cancel":
            self._cancel()
        elif action.name in _SMALL:
            self._send(action)
        elif action.name == "more":
            if not self._answers.latest:
                raise NoPlace("no take has come yet of which there could be more")
            self._ask("loop", action, settings, self._spot(), ("like", self._answers.latest))
        else:
            self._ask(action.name, action, settings, self._spot())

    def _spot(self) -> Spot:
        return places.selected(self._watch.song, self._arranges())

    def _send(self, action: Action) -> None:
        latest = self._answers.latest
        if action.name == "insert":
            self._wire.claim()
        take: tuple[Atom, ...] = () if action.name in _WITHOUT_TAKE or not latest else (latest,)
        said: tuple[Atom, ...] = tuple(atom for pair in action.pairs for atom in pair)
        if said and not take and action.name not in _WITHOUT_TAKE:
            take = (0,)
        self._wire.ask(_SMALL[action.name], (*take, *said))

    def _cancel(self) -> None:
        expected = self._answers.expected
        if not expected:
            raise NoPlace("nothing is being made")
        for id_ in expected:
            self._wire.send_as(id_, "/bandmate/cancel")

    # asks

    def _ask(
        self,
        kind: str,
        action: Action,
        settings: Settings,
        spot: Spot,
        also: tuple[Atom, ...] = (),
        *,
        only: str = "",
        file: str = "",
    ) -> None:
        said = self._said(kind, action, settings, spot)
        address = "/bandmate/chords/ask" if kind == "chords" else "/bandmate/loop/ask"
        self._wire.claim()
        try:
            id_ = self._wire.ask(address, (*said, *also))
        except NoPlace:
            self.files.forget(file)
            raise
        self._answers.expect(Wish(id_, spot, kind == "chords", only, file))

    def _said(self, kind: str, action: Action, settings: Settings, spot: Spot) -> list[Atom]:
        numerator, denominator = self._watch.meter
        song = self._watch.song
        said: dict[str, Atom] = {"notes": "blob", "tempo": float(song.tempo)}
        said["meter"] = f"{numerator}/{denominator}"
        key = self._watch.key(settings.key)
        if key:
            said["key"] = key
        role = places.role_of(spot.track.name)
        if kind == "loop" and role and action.name == "loop":
            said["parts"] = role
        said.update(settings.defaults.get(kind, ()))
        said.update(action.pairs)
        return [atom for pair in said.items() for atom in pair]

    def _ask_with_clips(self, action: Action, settings: Settings, ended: Ended) -> None:
        spot, song = self._spot(), self._watch.song
        self._work.add(self._reading(action, settings, spot, song), action.name, ended)

    def _reading(
        self, action: Action, settings: Settings, spot: Spot, song: Live.Song.Song
    ) -> Iterator[int]:
        """Read what is there, then ask; a job."""
        only = ""
        also: tuple[Atom, ...] = ()
        if action.name == "add":
            row = Spot(spot.track, spot.row)
            clips = yield from context.scene_clips(song, row.row)
            only, also = action.part.partition(":")[0], ("add", action.part)
            spot = row._replace(is_row_fixed=True)
        else:
            clip = context.clip_at(song, spot)
            clips = [(spot.track, clip)]
            if action.name == "continue":
                also = ("continues", 1)
                if spot.beat is not None:
                    spot = spot._replace(beat=float(clip.end_time))
            elif not _says_how((*settings.defaults.get("vary", ()), *action.pairs)):
                also = ("vary", _A_LITTLE)

        def ask(path: str) -> None:
            self._ask(
                action.name, action, settings, spot, (*also, "context", path), only=only, file=path
            )

        yield 8
        yield from context.reading(song, clips, self.files, ask)


def _says_how(pairs: Sequence[tuple[str, str]]) -> bool:
    return any(name in ("vary", "keep", "refill") for name, _ in pairs)
