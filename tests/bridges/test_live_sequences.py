"""The bridge in Live through a thousand evenings: buttons, answers, people and networks at random.

Whatever happens, no clip of the person's is touched, no undo step stays open, nothing goes wrong
and every take is written at most once.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bandmate.contract.messages import Message
from bridges.fake_live import FakeLive
from bridges.live_scene import BASS, DRUMS, KEYS, Scene, card, dense, one, scene, written

ACTIONS = (
    "loop", "loop takes=2", "chords", "vary", "continue", "add drums", "more", "insert", "accept",
    "reject", "undo", "play", "stop", "panic", "cancel",
)  # fmt: skip
LINES = tuple(f"note 1 {i} = {action}" for i, action in enumerate(ACTIONS))
NAMES = ("1-MIDI", "Bass", "Drum Kit", "Grand Piano", "Vocals")
CLIPS = (one(KEYS), one(BASS, KEYS), one(DRUMS, BASS, KEYS), dense(400), one())
COST = 700
"""Most calls of a tick: the pieces' own cost, and what the places around them cost."""


class Evening:
    """One sequence: what may happen in it, and what the person put into Live."""

    def __init__(self, at: Scene, chance: random.Random) -> None:
        self.at, self.chance = at, chance
        self.mine: dict[int, tuple[object, object, object]] = {}
        self.answers: dict[object, list[Message]] = {}
        self.seen = 0

    def step(self) -> None:
        does: list[Callable[[], None]] = [
            self.press, self.press, self.press, self.answer, self.answer, self.answer, self.wait,
            self.wait, self.place, self.put, self.delete, self.select, self.change, self.undo,
            self.track, self.settings, self.vanish,
        ]  # fmt: skip
        self.chance.choice(does)()

    def press(self) -> None:
        self.at.press(self.chance.randrange(len(ACTIONS)))
        self.at.tick()

    def wait(self) -> None:
        self.at.tick(self.chance.choice((1, 2, 5, 20, 60)))

    def answer(self) -> None:
        """Answer what came since, and what came before once more where it came again."""
        asked, self.seen = self.at.asked[self.seen :], len(self.at.asked)
        for message in asked:
            id_ = message.arguments[0]
            if id_ not in self.answers:
                self.answers[id_] = self.answers_to(message)
            self.at.daemon.say(*self.answers[id_])
        self.at.tick()

    def answers_to(self, message: Message) -> list[Message]:
        id_, noun = message.arguments[0], message.address.removeprefix("/bandmate/")
        if self.chance.random() < 0.1:
            return [Message("/bandmate/error", (id_, "busy", "too much to do"))]
        if noun == "loop/ask":
            clips = [self.chance.choice(CLIPS) for _ in range(self.chance.choice((1, 1, 2)))]
            head = Message("/bandmate/loop/queued", (id_, self.chance.randrange(3)))
            return [head, *self.at.daemon.made(id_, *clips)]
        if noun == "chords/ask":
            found = Message("/bandmate/keywords/found", (id_, "keywords", "warm:0.8"))
            return [found, *self.at.daemon.dealt(id_, [card("F C D:min Bb")] * 4)]
        if noun == "take/insert":
            placed = self.at.daemon.placed(id_, one(KEYS))
            return [*placed, Message("/bandmate/take/inserted", (id_, self.at.daemon.number))]
        past = {
            "song/set": "song/changed", "take/accept": "take/accepted", "panic": "silenced",
            "take/reject": "take/rejected", "take/undo": "take/undone", "cancel": "cancelled",
            "take/play": "take/played", "take/stop": "take/stopped",
        }.get(noun)  # fmt: skip
        return [Message(f"/bandmate/{past}", (id_, 12))] if past else []

    def place(self) -> None:
        if self.at.daemon.client:
            id_ = f"panel-{self.chance.randrange(10**6)}"
            self.at.daemon.say(*self.at.daemon.placed(id_, self.chance.choice(CLIPS)))

    # the person

    def put(self) -> None:
        track, row = self.chance.randrange(self.tracks), self.chance.randrange(self.rows)
        own = self.at.live.track(track)
        if own.has_midi_input and not own.is_frozen and self.at.live.clip(track, row) is None:
            clip = self.at.live.put(track, row, [(60, 0.0), (64, 1.0)])
            self.keep(clip)
        elif self.at.live.arranges and own.has_midi_input and not own.is_frozen:
            start = max((c.end_time for c in own.arrangement_clips), default=0.0) + 8
            clip = own.create_midi_clip(start, 4.0)
            clip.__dict__["name"] = "mine"
            self.keep(clip)

    def keep(self, clip: object) -> None:
        self.at.live.changed_by_person = self.at.live.now
        self.mine[id(clip)] = (clip, written(clip), clip.__dict__["name"])

    def delete(self) -> None:
        track, row = self.chance.randrange(self.tracks), self.chance.randrange(self.rows)
        clip = self.at.live.clip(track, row)
        if clip is not None:
            self.mine.pop(id(clip), None)
            self.at.live.changed_by_person = self.at.live.now
            self.at.live.track(track).clip_slots[row].delete_clip()

    def select(self) -> None:
        live = self.at.live
        live.select(self.chance.randrange(self.tracks), self.chance.randrange(self.rows))
        live.view.__dict__["detail_clip"] = live.clip(0, self.chance.randrange(self.rows))
        shown = self.chance.choice(("Session", "Session", "Arranger"))
        live.document.__dict__["focused_document_view"] = shown

    def change(self) -> None:
        changes: list[dict[str, object]] = [
            {"tempo": self.chance.choice((60.0, 128.0, 999.0))},
            {"is_playing": not self.at.live.song_object.is_playing},
            {"scale_name": "Dorian"},
            {"signature_numerator": self.chance.choice((3, 4, 7))},
        ]
        self.at.live.set(**self.chance.choice(changes))

    def undo(self) -> None:
        """Take back what the script did, where the person changed nothing since."""
        live = self.at.live
        if live.undo_steps and not live.is_step_open and live.changed_by_person <= live.stepped:
            live.undo()

    def track(self) -> None:
        live = self.at.live
        tracks = live.song_object.tracks
        if self.chance.random() < 0.5 and len(tracks) < min(8, live.most_tracks):
            live.changed_by_person = live.now
            live.song_object.create_midi_track(len(tracks))
        elif self.chance.random() < 0.3:
            track = self.chance.choice(tracks)
            track.__dict__["is_frozen"] = not track.is_frozen
        elif len(tracks) > 3 and self.chance.random() < 0.4:
            live.changed_by_person = live.now
            gone = tracks.pop()
            gone.__dict__["_is_dead"] = True
            live.view.__dict__["selected_track"] = tracks[0]
            for slot in gone.__dict__["clip_slots"]:
                clip = slot.__dict__["clip"]
                slot.__dict__["_is_dead"] = True
                if clip is not None:
                    self.mine.pop(id(clip), None)
                    clip.__dict__["_is_dead"] = True
            for clip in gone.__dict__["arrangement_clips"]:
                self.mine.pop(id(clip), None)

    def settings(self) -> None:
        if self.chance.random() < 0.3:
            extra = self.chance.choice(
                ("layout = one", "layout = stack", "place = arrangement", "key =", "loop = bars=2")
            )
            self.at.write(*LINES, extra)

    def vanish(self) -> None:
        self.at.daemon.greets = self.chance.random() < 0.7

    @property
    def tracks(self) -> int:
        return len(self.at.live.song_object.tracks)

    @property
    def rows(self) -> int:
        return len(self.at.live.track(0).clip_slots)


def check(evening: Evening) -> None:
    """Hold up all that must be so, at any moment."""
    live = evening.at.live
    assert live.mistakes == []
    assert len(live.queue) == 1, "the next tick is always on its way, and only one"
    assert not [words for words in evening.at.words if "went wrong" in words], evening.at.words
    for clip, notes, name in evening.mine.values():
        assert (written(clip), clip.__dict__["name"]) == (notes, name)
    assert live.peak_notes <= 320
    assert live.peak_calls <= COST


def written_once(live: FakeLive, daemon_number: int) -> None:
    """Hold up that no take was written twice: a part of it has one clip."""
    names = Counter(
        clip.__dict__["name"]
        for clip in live.created
        if re.search(r" #\d+$", clip.__dict__["name"])
    )
    assert {name: count for name, count in names.items() if count > 1} == {}
    assert all(int(name.rpartition("#")[2]) <= daemon_number for name in names)


@pytest.mark.parametrize("hundred", range(10))
def test_a_hundred_evenings(tmp_path: Path, hundred: int, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    takes = 0
    for seed in range(hundred * 100, hundred * 100 + 100):
        chance = random.Random(seed)
        live = FakeLive(NAMES, rows=chance.choice((2, 6)), arranges=chance.random() < 0.7)
        live.track(4).__dict__["has_midi_input"] = False
        if chance.random() < 0.2:
            live.most_tracks, live.most_scenes = 6, 6
        with scene(tmp_path, *LINES, live=live, chance=chance) as at:
            evening = Evening(at, chance)
            for _ in range(30):
                evening.step()
                check(evening)
            at.daemon.greets = True
            at.tick(20)
            check(evening)
            assert not live.is_step_open
            written_once(live, at.daemon.number)
            takes += len(live.created)
        assert live.mistakes == [] and live.queue == []
        assert all(not of for of in live.song_object.__dict__["_listeners"].values())
        assert list(folder.iterdir()) == []
    assert takes > 100, "they were evenings in which something happened"
