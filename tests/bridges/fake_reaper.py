"""A whole fake of REAPER's ``reaper`` table: what the bridge calls works, the rest is an error.

It is strict where REAPER is lenient: a whole number must be one, nothing may change the project
outside an undo block, and a name that the table lacks raises at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

PPQ = 960
"""Ticks of a quarter note in a MIDI take."""

IMPLODE = 40543
"""REAPER's action "Take: Implode items on same track into takes"."""


@dataclass(frozen=True)
class TempoMark:
    """A tempo and a meter from a time on."""

    time: float
    """Seconds."""
    bpm: float
    """Quarter notes per minute."""
    numerator: int = 4
    denominator: int = 4


@dataclass(eq=False)
class FakeTrack:
    """A track and what lies on it."""

    guid: str
    name: str = ""
    is_selected: bool = False
    items: list[FakeItem] = field(default_factory=list)


@dataclass(eq=False)
class FakeItem:
    """A MIDI item from one quarter note to another, with its takes."""

    start: float
    end: float
    takes: list[FakeTake]
    guid: str = ""
    active: int = 0
    is_selected: bool = False

    @property
    def take(self) -> FakeTake:
        """The take that sounds."""
        return self.takes[self.active]


@dataclass(eq=False)
class FakeTake:
    """The take of an item: its notes as (start, end, channel, pitch, velocity), in PPQ."""

    name: str = ""
    notes: list[tuple[float, float, int, int, int]] = field(default_factory=list)
    sorts: int = 0
    start: float = 0.0
    ext: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Run:
    """One run of a script: its own Lua state and what it has deferred."""

    runtime: Any
    path: Path
    deferred: list[Callable[[], object]] = field(default_factory=list)
    options: int = 0
    is_over: bool = False


class FakeReaper:
    """REAPER with one project; time stands still unless a test moves ``clock``."""

    def __init__(
        self, lua: ModuleType, system: str = "Other", is_seven: bool = True, first_guid: int = 1
    ) -> None:
        self.lua = lua
        self.system = system
        self.is_seven = is_seven
        self.clock = 1000.0
        self.tempo_marks = [TempoMark(0.0, 120.0)]
        self.tracks: list[FakeTrack] = []
        self.selection = (0.0, 0.0)
        self.cursor = 0.0
        self.play_state = 0
        self.markers: list[tuple[float, str]] = []
        self.ext: dict[tuple[str, str], str] = {}
        self.kept_ext: dict[tuple[str, str], str] = {}
        self.project_ext: dict[tuple[str, str], str] = {}
        self.console: list[str] = []
        self.help: list[str] = []
        self.undo_points: list[str] = []
        self.undo_depth = 0
        self.refresh_locks = 0
        self.arranged = 0
        self.dialogs: list[list[str]] = []
        self.typed: list[str] | None = None
        self.rereads = 0
        self.misuses: list[str] = []
        self.fails: set[str] = set()
        self._listings: dict[str, list[str]] = {}
        self._numbers = itertools.count(first_guid)
        self._runs: list[Run] = []
        self._now: Run | None = None

    # what a person does

    def add_track(self, name: str = "", is_selected: bool = False) -> FakeTrack:
        """Append a track."""
        track = FakeTrack(self._guid(), name, is_selected)
        self.tracks.append(track)
        return track

    def select(self, *chosen: FakeTrack) -> None:
        """Select these tracks and no others."""
        for track in self.tracks:
            track.is_selected = track in chosen

    def set_tempo(self, bpm: float) -> None:
        """Give the whole project one tempo, in 4/4."""
        self.tempo_marks = [TempoMark(0.0, bpm)]

    def run(self, path: Path, name: str | None = None) -> None:
        """Run a script as an action; *name* is the file name it is installed under."""
        installed = path.with_name(name or path.name)
        relaunched = [run for run in self._runs if run.path == installed and run.options & 1]
        for run in relaunched:
            run.is_over = True
        run = Run(self.lua.LuaRuntime(unpack_returned_tuples=True), installed)
        run.runtime.globals().reaper = self._table(run.runtime)
        self._runs.append(run)
        self._within(run, lambda: run.runtime.execute(path.read_text(encoding="utf-8")))

    def tick(self, count: int = 1) -> None:
        """Let what was deferred run, *count* times."""
        for _ in range(count):
            for run in self._runs:
                waiting, run.deferred = run.deferred, []
                for function in waiting:
                    if not run.is_over:
                        self._within(run, function)

    @property
    def running(self) -> int:
        """Runs that still have something deferred."""
        return sum(1 for run in self._runs if run.deferred and not run.is_over)

    def quit_and_start(self) -> None:
        """Restart REAPER: runs end, and what ExtState was not told to keep is gone."""
        self._runs.clear()
        self.ext = dict(self.kept_ext)
        self._listings.clear()

    def _within(self, run: Run, function: Callable[[], object]) -> None:
        self._now = run
        try:
            function()
        finally:
            self._now = None
        assert self.misuses == []
        assert self.undo_depth == 0, "an undo block was left open"
        assert self.refresh_locks == 0, "the window was left locked"

    def _strict(self, name: str) -> Callable[..., object]:
        # A script may catch what its calls raise; a misuse must be seen all the same.
        def called(*arguments: object) -> object:
            try:
                return getattr(self, name)(*arguments)
            except (AssertionError, TypeError) as error:
                self.misuses.append(f"{name}{arguments}: {error}")
                raise

        return called

    def _table(self, runtime: Any) -> Any:
        known = {name: self._strict(name) for name in FUNCTIONS}
        if not self.is_seven:
            del known["set_action_options"]
        make = runtime.eval(
            "function(known, optional) return setmetatable({}, {__index = function(_, name)"
            " return known[name] or not optional[name]"
            " and error('REAPER has no function ' .. name, 2) or nil end}) end"
        )
        return make(runtime.table_from(known), runtime.table_from({"set_action_options": True}))

    def _guid(self) -> str:
        return f"{{{next(self._numbers):08X}-1234-5678-9ABC-DEF012345678}}"

    def _changes(self, name: str) -> None:
        assert self.undo_depth == 1, f"{name} outside an undo block"
        if name in self.fails:
            raise RuntimeError(f"{name} failed")

    # the tempo map

    def _mark_at(self, time: float) -> TempoMark:
        return [mark for mark in self.tempo_marks if mark.time <= time + 1e-9][-1]

    def quarter_at(self, time: float) -> float:
        """Return the quarter note, counted from the project's start, that sounds at *time*."""
        total = 0.0
        for mark, after in itertools.zip_longest(self.tempo_marks, self.tempo_marks[1:]):
            end = time if after is None else min(time, after.time)
            if end > mark.time:
                total += (end - mark.time) * mark.bpm / 60
        return total

    def time_at(self, quarter: float) -> float:
        """Return the time, in seconds, at which a quarter note sounds."""
        mark = [m for m in self.tempo_marks if self.quarter_at(m.time) <= quarter + 1e-9][-1]
        return mark.time + (quarter - self.quarter_at(mark.time)) * 60 / mark.bpm

    @property
    def items(self) -> list[FakeItem]:
        """All items, track by track."""
        return [item for track in self.tracks for item in track.items]

    # the table, in REAPER's own names

    def ShowConsoleMsg(self, text: str) -> None:
        self.console.append(text)

    def Help_Set(self, text: str, is_temporary: bool) -> None:
        self.help.append(text)

    def GetOS(self) -> str:
        return self.system

    def genGuid(self, _: str) -> str:
        return self._guid()

    def time_precise(self) -> float:
        return self.clock

    def get_action_context(self) -> tuple[bool, str, int, int, int, int, int, str]:
        assert self._now is not None
        return True, str(self._now.path), 0, 53000, -1, -1, -1, ""

    def set_action_options(self, flags: int) -> None:
        assert self._now is not None
        self._now.options = flags

    def defer(self, function: Callable[[], object]) -> bool:
        assert self._now is not None
        self._now.deferred.append(function)
        return True

    def GetExtState(self, section: str, name: str) -> str:
        return self.ext.get((section, name), "")

    def SetExtState(self, section: str, name: str, value: str, is_kept: bool) -> None:
        self.ext[section, name] = value
        if is_kept:
            assert "\n" not in value, "an INI file cannot keep a line break"
            self.kept_ext[section, name] = value

    def GetProjExtState(self, project: int, section: str, name: str) -> tuple[int, str]:
        value = self.project_ext.get((section, name), "")
        return len(value), value

    def SetProjExtState(self, project: int, section: str, name: str, value: str) -> int:
        self.project_ext[section, name] = value
        return len(value)

    def GetUserInputs(self, title: str, count: int, captions: str, values: str) -> tuple[bool, str]:
        assert count <= 16
        fields = captions.split(",")
        extras = [
            caption for caption in fields if caption.startswith(("extrawidth=", "separator="))
        ]
        assert len(fields) - len(extras) == count
        separator = next((e[len("separator=") :] for e in extras if e.startswith("sep")), ",")
        self.dialogs.append(values.split(separator))
        if self.typed is None:
            return False, values
        return True, separator.join(self.typed)

    def RecursiveCreateDirectory(self, path: str, _: int) -> int:
        Path(path).mkdir(parents=True, exist_ok=True)
        return 1

    def EnumerateFiles(self, path: str, index: int) -> str | None:
        folder = str(Path(path))
        if index == -1:
            self.rereads += 1
            self._listings.pop(folder, None)
            return None
        if folder not in self._listings:
            there = [entry.name for entry in Path(folder).glob("*")]
            self._listings[folder] = sorted(there, reverse=True)
        names = self._listings[folder]
        return names[index] if index < len(names) else None

    def GetPlayState(self) -> int:
        return self.play_state

    def GetSet_LoopTimeRange(
        self, is_set: bool, is_loop: bool, start: float, end: float, seek: bool
    ) -> tuple[float, float]:
        assert not is_set and not is_loop
        return self.selection

    def GetCursorPosition(self) -> float:
        return self.cursor

    def TimeMap_GetTimeSigAtTime(self, project: int, time: float) -> tuple[int, int, float]:
        mark = self._mark_at(time)
        return mark.numerator, mark.denominator, mark.bpm

    def TimeMap2_timeToQN(self, project: int, time: float) -> float:
        return self.quarter_at(time)

    def TimeMap2_QNToTime(self, project: int, quarter: float) -> float:
        return self.time_at(quarter)

    def AddProjectMarker(self, project: int, *arguments: Any) -> int:
        is_region, time, _end, name, wanted = arguments
        assert not is_region and wanted == -1 and name
        self._changes("AddProjectMarker")
        self.markers.append((time, name))
        return len(self.markers)

    def CountTracks(self, project: int) -> int:
        return len(self.tracks)

    def GetTrack(self, project: int, index: int) -> FakeTrack | None:
        _whole(index)
        return self.tracks[index] if 0 <= index < len(self.tracks) else None

    def GetSelectedTrack(self, project: int, index: int) -> FakeTrack | None:
        chosen = [track for track in self.tracks if track.is_selected]
        return chosen[index] if index < len(chosen) else None

    def GetTrackGUID(self, track: FakeTrack) -> str:
        return track.guid

    def GetMediaTrackInfo_Value(self, track: FakeTrack, name: str) -> float:
        assert name == "IP_TRACKNUMBER"
        return float(self.tracks.index(track) + 1)

    def InsertTrackAtIndex(self, index: int, wants_defaults: bool) -> None:
        self._changes("InsertTrackAtIndex")
        _whole(index)
        self.tracks.insert(index, FakeTrack(self._guid()))

    def GetSetMediaTrackInfo_String(
        self, track: FakeTrack, name: str, value: str, is_set: bool
    ) -> tuple[bool, str]:
        assert name == "P_NAME" and is_set
        self._changes("GetSetMediaTrackInfo_String")
        track.name = value
        return True, value

    def CreateNewMIDIItemInProj(
        self, track: FakeTrack, start: float, end: float, is_quarters: bool
    ) -> FakeItem:
        assert is_quarters and end > start
        self._changes("CreateNewMIDIItemInProj")
        item = FakeItem(start, end, [FakeTake(start=start)], self._guid())
        track.items.append(item)
        return item

    def CountMediaItems(self, project: int) -> int:
        return len(self.items)

    def GetMediaItem(self, project: int, index: int) -> FakeItem | None:
        return self.items[_whole(index)] if index < len(self.items) else None

    def GetSetMediaItemInfo_String(
        self, item: FakeItem, name: str, value: str, is_set: bool
    ) -> tuple[bool, str]:
        assert name == "GUID" and not is_set
        return True, item.guid

    def SelectAllMediaItems(self, project: int, is_selected: bool) -> None:
        for item in self.items:
            item.is_selected = is_selected

    def SetMediaItemSelected(self, item: FakeItem, is_selected: bool) -> None:
        assert item in self.items, "an item that is there no more"
        item.is_selected = is_selected

    def GetSelectedMediaItem(self, project: int, index: int) -> FakeItem | None:
        chosen = [item for item in self.items if item.is_selected]
        return chosen[_whole(index)] if index < len(chosen) else None

    def Main_OnCommand(self, command: int, flag: int) -> None:
        assert (_whole(command), flag) == (IMPLODE, 0)
        self._changes("Main_OnCommand")
        for track in self.tracks:
            chosen = [item for item in track.items if item.is_selected]
            for item in chosen[1:]:
                first = chosen[0]
                assert item.start < first.end, "items that do not meet"
                first.takes += item.takes
                first.active = len(first.takes) - 1
                track.items.remove(item)

    def CountTakes(self, item: FakeItem) -> int:
        return len(item.takes)

    def GetTake(self, item: FakeItem, index: int) -> FakeTake | None:
        return item.takes[_whole(index)] if index < len(item.takes) else None

    def SetActiveTake(self, take: FakeTake) -> None:
        self._changes("SetActiveTake")
        (item,) = [item for item in self.items if take in item.takes]
        item.active = item.takes.index(take)

    def GetActiveTake(self, item: FakeItem) -> FakeTake:
        return item.take

    def GetSetMediaItemTakeInfo_String(
        self, take: FakeTake, name: str, value: str, is_set: bool
    ) -> tuple[bool, str]:
        if not is_set:
            assert name.startswith("P_EXT:")
            return name in take.ext, take.ext.get(name, "")
        self._changes("GetSetMediaItemTakeInfo_String")
        if name == "P_NAME":
            take.name = value
        else:
            assert name.startswith("P_EXT:")
            take.ext[name] = value
        return True, value

    def MIDI_GetPPQPosFromProjQN(self, take: FakeTake, quarter: float) -> float:
        return (quarter - take.start) * PPQ

    def MIDI_InsertNote(self, take: FakeTake, *arguments: Any) -> bool:
        _is_selected, _is_muted, start, end, channel, pitch, velocity, is_unsorted = arguments
        self._changes("MIDI_InsertNote")
        for value, low, high in ((channel, 0, 15), (pitch, 0, 127), (velocity, 1, 127)):
            assert low <= _whole(value) <= high
        assert end > start and is_unsorted is True
        take.notes.append((start, end, channel, pitch, velocity))
        return True

    def MIDI_Sort(self, take: FakeTake) -> None:
        take.sorts += 1
        take.notes.sort()

    def PreventUIRefresh(self, step: int) -> None:
        self.refresh_locks += step

    def UpdateArrange(self) -> None:
        self.arranged += 1

    def Undo_BeginBlock(self) -> None:
        self.undo_depth += 1

    def Undo_EndBlock(self, words: str, flags: int) -> None:
        assert self.undo_depth == 1
        self.undo_depth -= 1
        self.undo_points.append(words)


def _whole(value: float) -> int:
    assert type(value) is int, f"a whole number was wanted, not {value!r}"
    return value


FUNCTIONS = frozenset(
    name for name in vars(FakeReaper) if name[0].isupper() or name in ("genGuid", "defer")
) | {"time_precise", "get_action_context", "set_action_options"}
"""The names of the table, as REAPER has them."""
