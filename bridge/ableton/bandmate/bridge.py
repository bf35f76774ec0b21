"""All that the bridge is made of, and its turn: what it does in each of Live's ticks.

Live stalls where a script starts threads, and allows no change of the song while it tells of one.
So listeners and buttons only take note, and all is done in a tick, about ten times a second.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Callable, Iterator, Sequence

from . import places
from .answers import Answers
from .asking import Asking
from .errands import Errands, nobody
from .places import Spot
from .settings import Action, Settings, SettingsFile, action_of
from .song import SongWatch
from .takes import Take
from .wire import Wire
from .work import NoPlace, Work
from .writing import insertion, lies_in

if TYPE_CHECKING:
    import Live

    from .errands import Ended
    from .osc import Message
    from .settings import Button

NOTE_ON, CONTROLLER = 0x90, 0xB0
PRESSED = 64
"""From this value on a controller is a button that is pressed."""

MOST_ACTIONS = 16
"""Actions that wait for the next tick."""

REPORT_EVERY = 0.05
"""Seconds between two reports of where the song is."""

LOOK_EVERY = 20
"""Ticks between two looks at the settings."""

ACTIONS_A_TICK = 4

log = logging.getLogger(__name__)


class Bridge:
    """The parts, from open to close."""

    def __init__(
        self,
        song: Live.Song.Song,
        application: Live.Application.Application,
        show: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.has_new_buttons = False
        """True where Live is to be asked for other notes and controllers than before."""
        self._song, self._application, self._show, self._clock = song, application, show, clock
        self._is_closed = False
        self._ticks = 0
        self._reported = (-1.0, False)
        self._has_reports = True
        self._report_ids: deque[str] = deque(maxlen=64)
        self._song_id = ""
        self._pressed: set[Button] = set()
        self._actions: deque[tuple[Action, Ended]] = deque()
        self._file = SettingsFile()
        self._settings = self._file.changed() or Settings()
        self._watch = SongWatch(song, self._moved)
        self._work = Work(self._say)
        self._wire = Wire(self._settings.port, clock, self._say)
        self._errands = Errands(self._wire)
        self._answers = Answers(self._wire, clock, self._say, self._insert, self._forget)
        self._asking = Asking(
            self._wire, self._answers, self._work, self._watch, self._arranges, self._say
        )

    def open(self) -> None:
        """Open the way to the daemon and listen to the song."""
        self._open_wire()
        self._watch.listen()
        self._tell_mistakes()

    def close(self) -> None:
        """Undo all that was begun."""
        self._is_closed = True
        for close in (
            self._watch.close, self._work.close, self._answers.close, self._wire.close,
            self._asking.close,
        ):  # fmt: skip
            try:
                close()
            except Exception:  # what follows must be closed too
                log.exception("closing")

    @property
    def buttons(self) -> list[Button]:
        """Notes and controllers that are ours."""
        return list(self._settings.buttons)

    def takes_midi(self, midi_bytes: Sequence[int]) -> bool:
        """Take note of a message where it is a button of ours; what it does is done in a turn."""
        return len(midi_bytes) == 3 and self._is_button(*midi_bytes)

    def _is_button(self, status: int, number: int, value: int) -> bool:
        kind = {NOTE_ON: "note", NOTE_ON - 16: "note", CONTROLLER: "cc"}.get(status & 0xF0, "")
        button = (kind, status & 0x0F, number)
        if button not in self._settings.buttons:
            return False
        is_note_on = status & 0xF0 == NOTE_ON and value > 0
        if not (is_note_on or (kind == "cc" and value >= PRESSED)):
            self._pressed.discard(button)
        elif button not in self._pressed:
            self._pressed.add(button)
            self.press(self._settings.buttons[button])
        return True

    def press(self, action: Action, ended: Ended = nobody) -> None:
        """Do an action in the next tick, and tell how it ended."""
        if len(self._actions) < MOST_ACTIONS:
            self._actions.append((action, ended))
        else:
            words = f"{MOST_ACTIONS} buttons wait already"
            self._say(words)
            ended(words)

    # the tick

    def tick(self) -> None:
        """Do what is due; never raises."""
        try:
            self._turn()
        except Exception as error:  # the next tick must come whatever this one met
            log.exception("tick")
            self._say(f"something went wrong ({error}); Live's log tells more")

    def _turn(self) -> None:
        self._ticks += 1
        for message in self._wire.tick():
            if message.address == "/bandmate/bridge/do":
                self._do_for(message)
            elif message.address == "/bandmate/error" and message.id in self._report_ids:
                self._has_reports = False  # this daemon does not take them
            else:
                self._answers.hear(message)
        if self._wire.was_found:
            self._watch.is_dirty = self._has_reports = True
        self._answers.tick()
        for _ in range(min(ACTIONS_A_TICK, len(self._actions))):
            self._do(*self._actions.popleft())
        self._work.tick()
        if self._watch.is_dirty and self._wire.is_there:
            self._tell_song()
        if self._ticks % LOOK_EVERY == 0:
            self._look_at_settings()

    def _do(self, action: Action, ended: Ended) -> None:
        try:
            self._asking.do(action, self._settings, ended)
            return
        except NoPlace as error:
            words = str(error)
        except Exception as error:
            log.exception("%s", action.name)
            words = f"{action.name}: Live refused ({error})"
        self._say(words)
        ended(words)

    def _do_for(self, message: Message) -> None:
        """Do an action for somebody else: a panel or a surface, through the daemon."""
        id_, wish = str(message.id), str(message.arguments[1]) if message.arguments[1:] else ""
        if not self._errands.is_new(id_):
            return
        try:
            action = action_of(wish)
        except ValueError as error:
            self._say(str(error))
            self._errands.fail(id_, "ask", str(error))
        else:
            self.press(action, self._errands.ending(id_, action))

    def _insert(self, spot: Spot | None, takes: Sequence[Take]) -> None:
        what = f"take {takes[0].number}"
        self._work.add(self._insertion(spot, takes), what)

    def _insertion(self, spot: Spot | None, takes: Sequence[Take]) -> Iterator[int]:
        if spot is None:
            try:
                spot = places.selected(self._watch.song, self._arranges())
            except NoPlace as error:
                words = "; ".join(lies_in(take.number, take.file) for take in takes)
                raise NoPlace(f"{error}; {words}") from error
            yield 8
        yield from insertion(
            self._watch.song,
            spot,
            takes,
            layout=self._settings.layout,
            has_colours=self._settings.colours == "on",
            say=self._say,
        )

    def _forget(self, path: str) -> None:
        self._asking.files.forget(path)

    def _arranges(self) -> bool:
        """Return True where clips go into the Arrangement."""
        place = self._settings.place
        if place == "auto":
            shown = self._application.view.focused_document_view
            place = "arrangement" if shown == "Arranger" else "session"
        if place == "arrangement" and not hasattr(
            self._song.view.selected_track, "create_midi_clip"
        ):
            self._say(
                "this Live lets no script write into the Arrangement (12.2 does): see Session"
            )
            return False
        return place == "arrangement"

    # telling the daemon

    def _tell_song(self) -> None:
        self._watch.is_dirty = False
        self._wire.done(self._song_id)  # what is newer stands for it
        said = self._watch.pairs(self._settings.key)
        self._song_id = self._wire.ask("/bandmate/song/set", said, is_quiet=True)

    def _moved(self) -> None:
        """Report where the song is while it rolls, and that it stopped; sends, and no more."""
        if not (self._wire.is_there and self._has_reports):
            return
        now, is_rolling = self._clock(), bool(self._watch.song.is_playing)
        second, was_rolling = self._reported
        if is_rolling == was_rolling and (not is_rolling or now - second < REPORT_EVERY):
            return
        self._reported = (now, is_rolling)
        sent = self._wire.send("/bandmate/transport/report", self._watch.report())
        self._report_ids.append(sent)

    # settings

    def _open_wire(self) -> None:
        try:
            self._wire.open()
        except OSError as error:
            self._say(f"no network port can be had ({error})")

    def _look_at_settings(self) -> None:
        settings = self._file.changed()
        if settings is None:
            return
        has_other_buttons = settings.buttons.keys() != self._settings.buttons.keys()
        if settings.port != self._settings.port:
            self._wire.hang_up()
            self._wire.port = settings.port
            self._open_wire()
        self._settings = settings
        self._watch.is_dirty = True
        self._pressed.clear()
        self.has_new_buttons = self.has_new_buttons or has_other_buttons
        self._tell_mistakes()

    def _tell_mistakes(self) -> None:
        for words in self._settings.mistakes[:1]:
            self._say(words)
        for words in self._settings.mistakes:
            log.warning("%s", words)

    def _say(self, words: str) -> None:
        log.info("%s", words)
        if not self._is_closed:
            self._show("bandmate: " + words)
