"""A project of REAPER's, faked: tempo map, tracks, items, takes and notes, under its own names.

It is strict where REAPER is lenient: a whole number must be one, and nothing may change the project
outside an undo block.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from bridges.fake_items import PPQ, FakeItem, FakeNote, FakeTake, FakeTrack, TempoMark

IMPLODE = 40543
"""REAPER's action "Take: Implode items on same track into takes"."""

DELETE_TAKE = 40129
"""REAPER's action "Take: Delete active take from items"."""


class FakeProject:
    """One project, as scripts see it and as a person edits it."""

    def __init__(self, first_guid: int = 1) -> None:
        self.tempo_marks = [TempoMark(0.0, 120.0)]
        self.tracks: list[FakeTrack] = []
        self.selection = (0.0, 0.0)
        self.cursor = 0.0
        self.play_position = 0.0
        self.play_state = 0
        self.markers: list[tuple[float, str]] = []
        self.regions: list[tuple[float, float, str]] = []
        self.undo_points: list[str] = []
        self.undo_depth = 0
        self.refresh_locks = 0
        self.arranged = 0
        self.fails: set[str] = set()
        self._numbers = itertools.count(first_guid)
        self._before: list[Callable[[], None]] = []

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

    def add_item(
        self, track: FakeTrack, start: float, end: float, notes: list[FakeNote], **take: Any
    ) -> FakeItem:
        """Draw a MIDI item, selected, whose notes are in PPQ from its start."""
        made = FakeTake(notes=sorted(notes), start=start, length=end - start, **take)
        item = FakeItem(start, end, [made], self._guid(), is_selected=True)
        track.items.append(item)
        return item

    def select_items(self, *chosen: FakeItem) -> None:
        """Select these items and no others."""
        for item in self.items:
            item.is_selected = item in chosen

    def set_tempo(self, bpm: float) -> None:
        """Give the whole project one tempo, in 4/4."""
        self.tempo_marks = [TempoMark(0.0, bpm)]

    def undo(self) -> None:
        """Take back the last undo point."""
        self.undo_points.pop()
        self._before.pop()()

    @property
    def items(self) -> list[FakeItem]:
        """All items, track by track."""
        return [item for track in self.tracks for item in track.items]

    def _guid(self) -> str:
        return f"{{{next(self._numbers):08X}-1234-5678-9ABC-DEF012345678}}"

    def _changes(self, name: str) -> None:
        assert self.undo_depth == 1, f"{name} outside an undo block"
        if name in self.fails:
            raise RuntimeError(f"{name} failed")

    def _kept(self) -> Callable[[], None]:
        """Return what puts tracks, items and takes back as they are now."""
        tracks = [(track, track.name, list(track.items)) for track in self.tracks]
        items = [(i, i.start, i.end, list(i.takes), i.active) for i in self.items]
        takes = [(t, list(t.notes), dict(t.ext)) for i in self.items for t in i.takes]
        marks = list(self.markers), list(self.regions)

        def put_back() -> None:
            self.tracks = [track for track, _, _ in tracks]
            for track, name, its in tracks:
                track.name, track.items = name, its
            for item, start, end, its_takes, active in items:
                item.start, item.end, item.takes, item.active = start, end, its_takes, active
            for take, notes, ext in takes:
                take.notes, take.ext = notes, ext
            self.markers, self.regions = marks

        return put_back

    def _item_of(self, take: FakeTake) -> FakeItem:
        (item,) = [item for item in self.items if take in item.takes]
        return item

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

    def TimeMap_GetTimeSigAtTime(self, project: int, time: float) -> tuple[int, int, float]:
        mark = self._mark_at(time)
        return mark.numerator, mark.denominator, mark.bpm

    def TimeMap2_timeToQN(self, project: int, time: float) -> float:
        return self.quarter_at(time)

    def TimeMap2_QNToTime(self, project: int, quarter: float) -> float:
        return self.time_at(quarter)

    # where the person is

    def GetPlayState(self) -> int:
        return self.play_state

    def GetPlayPosition(self) -> float:
        return self.play_position

    def GetSet_LoopTimeRange(
        self, is_set: bool, is_loop: bool, start: float, end: float, seek: bool
    ) -> tuple[float, float]:
        assert not is_set and not is_loop
        return self.selection

    def GetCursorPosition(self) -> float:
        return self.cursor

    def AddProjectMarker(self, project: int, *arguments: Any) -> int:
        is_region, time, end, name, wanted = arguments
        assert wanted == -1 and name
        self._changes("AddProjectMarker")
        if is_region:
            assert end > time
            self.regions.append((time, end, name))
        else:
            self.markers.append((time, name))
        return len(self.markers) + len(self.regions)

    # tracks

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
        assert name == "P_NAME" and track in self.tracks
        if is_set:
            self._changes("GetSetMediaTrackInfo_String")
            track.name = value
        return True, track.name

    # items

    def CreateNewMIDIItemInProj(
        self, track: FakeTrack, start: float, end: float, is_quarters: bool
    ) -> FakeItem:
        assert is_quarters and end > start and track in self.tracks
        self._changes("CreateNewMIDIItemInProj")
        take = FakeTake(start=start, length=end - start)
        item = FakeItem(start, end, [take], self._guid())
        track.items.append(item)
        return item

    def DeleteTrackMediaItem(self, track: FakeTrack, item: FakeItem) -> bool:
        self._changes("DeleteTrackMediaItem")
        track.items.remove(item)
        return True

    def CountMediaItems(self, project: int) -> int:
        return len(self.items)

    def GetMediaItem(self, project: int, index: int) -> FakeItem | None:
        return self.items[_whole(index)] if index < len(self.items) else None

    def GetMediaItem_Track(self, item: FakeItem) -> FakeTrack:
        (track,) = [track for track in self.tracks if item in track.items]
        return track

    def GetMediaItemInfo_Value(self, item: FakeItem, name: str) -> float:
        assert item in self.items, "an item that is there no more"
        start = self.time_at(item.start)
        return {
            "D_POSITION": start,
            "D_LENGTH": self.time_at(item.end) - start,
            "B_LOOPSRC": float(item.is_looped),
        }[name]

    def GetSetMediaItemInfo_String(
        self, item: FakeItem, name: str, value: str, is_set: bool
    ) -> tuple[bool, str]:
        assert name == "GUID" and not is_set
        assert item in self.items, "an item that is there no more"
        return True, item.guid

    def SelectAllMediaItems(self, project: int, is_selected: bool) -> None:
        for item in self.items:
            item.is_selected = is_selected

    def SetMediaItemSelected(self, item: FakeItem, is_selected: bool) -> None:
        assert item in self.items, "an item that is there no more"
        item.is_selected = is_selected

    def CountSelectedMediaItems(self, project: int) -> int:
        return sum(item.is_selected for item in self.items)

    def GetSelectedMediaItem(self, project: int, index: int) -> FakeItem | None:
        chosen = [item for item in self.items if item.is_selected]
        return chosen[_whole(index)] if index < len(chosen) else None

    def Main_OnCommand(self, command: int, flag: int) -> None:
        assert flag == 0
        self._changes("Main_OnCommand")
        {IMPLODE: self._implode, DELETE_TAKE: self._delete_takes}[_whole(command)]()

    def _implode(self) -> None:
        for track in self.tracks:
            chosen = [item for item in track.items if item.is_selected]
            for item in chosen[1:]:
                first = chosen[0]
                assert item.start < first.end, "items that do not meet"
                first.takes += item.takes
                first.active = len(first.takes) - 1
                track.items.remove(item)

    def _delete_takes(self) -> None:
        for item in self.items:
            if item.is_selected and len(item.takes) > 1:
                item.takes.remove(item.take)
                item.active = min(item.active, len(item.takes) - 1)

    # takes

    def CountTakes(self, item: FakeItem) -> int:
        return len(item.takes)

    def GetTake(self, item: FakeItem, index: int) -> FakeTake | None:
        return item.takes[_whole(index)] if index < len(item.takes) else None

    def SetActiveTake(self, take: FakeTake) -> None:
        self._changes("SetActiveTake")
        item = self._item_of(take)
        item.active = item.takes.index(take)

    def GetActiveTake(self, item: FakeItem) -> FakeTake | None:
        return item.take if item.takes else None

    def TakeIsMIDI(self, take: FakeTake) -> bool:
        return take.is_midi

    def GetMediaItemTake_Source(self, take: FakeTake) -> FakeTake:
        return take

    def GetMediaSourceLength(self, source: FakeTake) -> tuple[float, bool]:
        return source.length, True

    def GetMediaItemTakeInfo_Value(self, take: FakeTake, name: str) -> float:
        assert name == "D_PLAYRATE"
        return 1.0

    def GetSetMediaItemTakeInfo_String(
        self, take: FakeTake, name: str, value: str, is_set: bool
    ) -> tuple[bool, str]:
        self._item_of(take)
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

    # notes

    def MIDI_GetPPQPosFromProjQN(self, take: FakeTake, quarter: float) -> float:
        return (quarter - take.start) * PPQ

    def MIDI_GetProjQNFromPPQPos(self, take: FakeTake, ticks: float) -> float:
        return take.start + ticks / PPQ

    def MIDI_CountEvts(self, take: FakeTake) -> tuple[int, int, int, int]:
        return 1, len(take.notes), 0, 0

    def MIDI_GetNote(self, take: FakeTake, index: int) -> tuple[Any, ...]:
        start, end, channel, pitch, velocity = take.notes[_whole(index)]
        return True, False, index in take.muted, start, end, channel, pitch, velocity

    def MIDI_GetScale(
        self, take: FakeTake, root: int, scale: int, name: str
    ) -> tuple[bool, int, int, str]:
        return take.scale is not None, *(take.scale or (0, 0)), "scale"

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

    # undo

    def PreventUIRefresh(self, step: int) -> None:
        self.refresh_locks += step

    def UpdateArrange(self) -> None:
        self.arranged += 1

    def Undo_BeginBlock(self) -> None:
        assert self.undo_depth == 0, "an undo block within another"
        self.undo_depth += 1
        self._before.append(self._kept())

    def Undo_EndBlock(self, words: str, flags: int) -> None:
        assert self.undo_depth == 1
        self.undo_depth -= 1
        self.undo_points.append(words)


def _whole(value: float) -> int:
    assert type(value) is int, f"a whole number was wanted, not {value!r}"
    return value
