"""Notes to come, in order of their beats, and those that sound: sent, cut, muted, taken back."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Sequence

from bandmate.timing.player.events import CLICK, Bar, Strike
from bandmate.timing.player.voices import Due, Voices, without
from bandmate.timing.ports.ports import Output


class Notes:
    """What was decided on and is not over; used from one thread."""

    def __init__(self, output: Output) -> None:
        self.since = -math.inf
        """Beat before which nothing is struck: where the song jumped to."""
        self._ahead = output.ahead
        self._voices = Voices(output)
        self._dues: list[Due] = []
        self._order = itertools.count()
        self._muted: frozenset[str] = frozenset()
        self._soloed: frozenset[str] = frozenset()
        self._channels: set[int] = set()

    @property
    def next_beat(self) -> float | None:
        """The beat of the next message; None where nothing is to come nor to end."""
        end = self._voices.next_end
        if not self._dues:
            return end
        return self._dues[0].beat if end is None else min(end, self._dues[0].beat)

    def push(self, strikes: Bar, beat: float, end: float = math.inf) -> None:
        """Take notes that are counted from *beat*, and that do not outlast *end*."""
        for strike in strikes:
            if (start := beat + strike.beat) >= self.since:
                ends = min(end, beat + strike.ends)
                heapq.heappush(self._dues, Due(start, 1, next(self._order), ends, strike))

    def take_over(
        self, beat: float, setup: Iterable[tuple[str, bytes]], channels: Iterable[int]
    ) -> None:
        """Let nothing of what was there outlast *beat*, where something else begins."""
        self.take_back()
        self._dues = without(self._dues, beat)
        heapq.heapify(self._dues)
        self._voices.cut(beat)
        self._channels.update(channels)
        for part, message in setup:
            strike = Strike(0.0, 0.0, (0, 0), part, message, b"")
            heapq.heappush(self._dues, Due(beat, 0, next(self._order), beat, strike))

    def send_due(self, now: float, second_of: Callable[[float], float], latency: float) -> None:
        """Send what is due at the second *now*, or is wanted by then; raises PortError."""
        while (beat := self.next_beat) is not None:
            second = second_of(beat)
            if second - self._ahead > now:
                break
            end = self._voices.next_end
            if end is not None and end <= beat:
                self._voices.end_due(end, second - latency)
                continue
            due = heapq.heappop(self._dues)
            if not due.strike.off or self._is_heard(due.strike.part):
                self._voices.strike(due, second - latency)

    def send_now(self, messages: Sequence[bytes], part: str) -> None:
        """Send messages at once; raises PortError."""
        self._voices.send_now(messages, part)

    def mix(self, muted: frozenset[str], soloed: frozenset[str], at: float) -> None:
        """Play only *soloed* parts (all where it is empty) without *muted*; end the others."""
        self.take_back()
        self._muted, self._soloed = muted, soloed
        self._voices.end_unheard(self._is_heard, at)

    def take_back(self) -> None:
        """Take back what was sent ahead, so that it can be sent otherwise."""
        for due in self._voices.take_back():
            heapq.heappush(self._dues, due)

    def forget_coming(self) -> None:
        """Forget what is to come; what sounds ends in its time."""
        self._dues.clear()

    def forget(self) -> None:
        """Forget what is to come, and silence what sounds."""
        self._dues.clear()
        self._voices.silence(self._channels)

    def forget_clicks(self) -> None:
        """Forget what was to count in."""
        self._dues = [due for due in self._dues if due.strike.part != CLICK]
        heapq.heapify(self._dues)

    def rest(self) -> None:
        """Take in that nothing plays any more: these channels need no silence."""
        self._channels.clear()

    def surely(self, messages: Iterable[bytes]) -> None:
        """Send at once what silences, whatever becomes of each message."""
        self._voices.surely(messages)

    def _is_heard(self, part: str) -> bool:
        is_chosen = part in self._soloed if self._soloed else True
        return part == CLICK or (is_chosen and part not in self._muted)
