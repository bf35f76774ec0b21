"""The bridge in Live: what its buttons ask, what it tells of the song, and its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bridges.fake_live import FakeLive
from bridges.live_scene import BASS, KEYS, Scene, one, scene, sent, written
from bridges.live_script import load_script

BUTTONS = (
    "note 1 36 = loop",
    "note 1 38 = vary",
    "note 1 39 = continue bars=2",
    "note 1 40 = add bass",
    "note 1 41 = more",
    "note 1 42 = accept",
    "note 1 43 = play",
    "note 1 44 = cancel",
    "note 1 45 = insert",
    'cc 2 20 = loop bars=8 form="A A\'"',
)


def pressed(at: Scene, number: int) -> None:
    at.press(number)
    at.tick(3)


def answered(at: Scene, clip: Clip) -> None:
    id_, _ = at.ask()
    at.daemon.say(*at.daemon.made(id_, clip))
    at.tick(5)


# the song


def test_the_song_is_told_at_once_and_whenever_it_changes(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        _, told = at.ask("song/set")
        assert told == {
            "is_playing": 0, "tempo": 96.0, "signature_numerator": 4, "signature_denominator": 4,
            "key": "A:min",
        }  # fmt: skip
        at.daemon.say(Message("/bandmate/song/changed", (at.ask("song/set")[0],)))
        at.live.set(tempo=120.0, scale_name="Dorian", root_note=6)
        at.tick(2)
        assert at.ask("song/set")[1]["tempo"] == 120.0
        assert at.ask("song/set")[1]["key"] == "Gb:dor"
        assert len(at.asks("song/set")) == 2, "ten changes in a tick are told once"


def test_what_the_daemon_could_not_take_is_left_out(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.live.set(tempo=999.0, signature_numerator=99, scale_mode=False)
        at.tick(2)
        assert at.ask("song/set")[1] == {"is_playing": 0}


@pytest.mark.parametrize(
    ("name", "intervals", "label"),
    [
        ("Minor Pentatonic", (0, 3, 5, 7, 10), "min"),
        ("Major Pentatonic", (0, 2, 4, 7, 9), "maj"),
        ("Melodic Minor", (0, 2, 3, 5, 7, 9, 11), "dor"),
        ("Whole Tone", (0, 2, 4, 6, 8, 10), "lyd"),
        ("Phrygian Dominant", (0, 1, 4, 5, 7, 8, 10), "mix"),
    ],
)
def test_a_scale_that_bandmate_lacks_becomes_the_nearest(
    tmp_path: Path, name: str, intervals: tuple[int, ...], label: str
) -> None:
    with scene(tmp_path) as at:
        at.live.set(scale_intervals=intervals, scale_name=name)
        at.tick(2)
        assert at.ask("song/set")[1]["key"] == f"A:{label}"


def test_where_the_song_is_is_reported_while_it_rolls_and_when_it_stops(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.live.set(is_playing=True)
        at.tick(10)
        reports = [dict(pairs_of(m.arguments[1:])) for m in at.asks("transport/report")]
        assert len(reports) == 10
        assert [round(float(r["beat"]), 3) for r in reports[:2]] == [0.16, 0.32]
        assert reports[0]["tempo"] == 96.0 and reports[0]["meter"] == "4/4"
        at.live.set(is_playing=False)
        at.live.set(current_song_time=0.0)
        at.tick(5)
        last = dict(pairs_of(at.asks("transport/report")[-1].arguments[1:]))
        assert last["is_rolling"] == 0 and len(at.asks("transport/report")) == 11


def test_a_daemon_that_takes_no_reports_gets_no_more(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.live.set(is_playing=True)
        at.tick(1)
        (report,) = at.asks("transport/report")
        words = "there is no address /bandmate/transport/report"
        at.daemon.say(Message("/bandmate/error", (report.arguments[0], "ask", words)))
        at.tick(10)
        assert len(at.asks("transport/report")) <= 2
        assert at.words == []


# asks


def test_a_loop_is_asked_for_the_part_that_the_track_is_named_after(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS, live=FakeLive(("Sub Bass",))) as at:
        at.live.set(signature_numerator=3)
        pressed(at, 36)
        assert at.ask()[1] == {
            "notes": "blob", "tempo": 96.0, "meter": "3/4", "key": "A:min", "parts": "bass",
        }  # fmt: skip


def test_a_button_says_more_than_all_asks_and_those_more_than_the_song(tmp_path: Path) -> None:
    lines = ("loop = genre=funk bars=2 tempo=90", "key = ", *BUTTONS)
    with scene(tmp_path, *lines) as at:
        at.live.midi(0xB1, 20, 127)
        at.live.midi(0xB1, 20, 0)
        at.tick(3)
        said = at.ask()[1]
        assert said["bars"] == "8" and said["form"] == "A A'" and said["genre"] == "funk"
        assert said["tempo"] == "90" and "key" not in said


def test_a_button_that_is_held_asks_once(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        for value in (70, 90, 127, 127):
            at.live.midi(0xB1, 20, value)
        at.tick(3)
        assert len(at.asks("loop/ask")) == 1


def test_what_is_no_button_is_left_to_live_and_older_ways_work(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        at.live.midi(0x90, 99, 100)
        at.live.midi(0xF0, 1, 2, 3, 0xF7)
        with at.live.in_script():
            at.live.script.receive_midi((0xC0, 5))
            at.live.script.receive_midi((0x90, 36, 100))
        at.tick(2)
        assert at.live.passed_on == [(0x90, 99, 100), (0xF0, 1, 2, 3, 0xF7), (0xC0, 5)]
        assert len(at.asks("loop/ask")) == 1


def test_live_is_asked_for_the_buttons_alone(tmp_path: Path) -> None:
    with scene(tmp_path, "note 1 36 = loop", "cc 16 127 = chords") as at:
        assert at.live.forwarded == {("note", 0, 36), ("cc", 15, 127)}


def test_a_clip_is_varied_from_its_own_notes(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS, live=FakeLive(("Piano",))) as at:
        clip = at.live.put(0, 0, [(60, 4.0), (64, 5.5), (50, 1.0)], length=8.0)
        clip.__dict__.update(loop_start=4.0, loop_end=8.0)
        pressed(at, 38)
        said = at.ask()[1]
        assert said["vary"] == pytest.approx(0.3)
        reading = midifile.read_closely(str(said["context"]))
        (part,) = reading.clip.parts
        assert (part.name, reading.clip.length, reading.clip.tempo) == ("keys", 4.0, 96.0)
        assert [(n.start, n.pitch, n.duration, n.velocity) for n in part.notes] == [
            (0.0, 60, 0.5, 80), (1.5, 64, 0.5, 80),
        ]  # fmt: skip
        answered(at, one(KEYS))
        assert not Path(str(said["context"])).exists()
        assert written(at.live.clip(0, 1)) == sent(KEYS)
        assert at.live.clip(0, 0) is clip and len(written(clip)) == 3


def test_a_clip_is_continued_in_the_next_slot_or_right_behind_it(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        at.live.put(0, 0, [(60, 0.0)])
        pressed(at, 39)
        assert at.ask()[1]["continues"] == 1 and at.ask()[1]["bars"] == "2"
        answered(at, one(KEYS))
        assert written(at.live.clip(0, 1)) == sent(KEYS)
    with scene(tmp_path, "place = arrangement", *BUTTONS) as at:
        track = at.live.track(0)
        clip = track.create_midi_clip(4.0, 8.0)
        clip.__dict__["_notes"] += at.live.put(0, 0, [(60, 0.0)]).__dict__["_notes"]
        at.live.view.__dict__["detail_clip"] = clip
        pressed(at, 39)
        answered(at, one(KEYS))
        assert [c.start_time for c in track.arrangement_clips] == [4.0, 12.0]


def test_a_part_is_added_to_the_clips_of_the_scene(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS, live=FakeLive(("Drums", "Piano", "Bass"))) as at:
        at.live.put(0, 2, [(36, 0.0), (38, 1.0)], length=2.0)
        at.live.put(1, 2, [(60, 0.0)])
        at.live.select(1, 2)
        pressed(at, 40)
        said = at.ask()[1]
        assert said["add"] == "bass" and "parts" not in said
        clip = midifile.read(str(said["context"]))
        assert [(p.name, len(p.notes)) for p in clip.parts] == [("drums", 4), ("keys", 1)]
        answered(at, one(KEYS, BASS))
        assert written(at.live.clip(2, 2)) == sent(BASS)
        assert len(written(at.live.clip(1, 2))) == 1


def test_what_cannot_be_asked_is_told(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        for number, words in (
            (38, "select a MIDI clip first"),
            (40, "the selected scene holds no MIDI clip to play to"),
            (41, "no take has come yet of which there could be more"),
            (44, "nothing is being made"),
        ):
            pressed(at, number)
            assert at.words[-1] == words
        at.live.put(0, 0)
        pressed(at, 38)
        assert at.words[-1] == "the clip holds no note to play to"
        at.live.clip(0, 0).__dict__["loop_end"] = 2000.0
        pressed(at, 38)
        assert at.words[-1] == "a clip must have at most 1024 beats to be played to"
        assert at.asks("loop/ask") == []


def test_more_accept_play_and_insert_are_of_the_take_that_came_last(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        pressed(at, 36)
        answered(at, one(KEYS))
        pressed(at, 41)
        assert at.ask()[1]["like"] == 12
        for number, verb in ((42, "accept"), (43, "play"), (45, "insert")):
            pressed(at, number)
            assert at.asks(f"take/{verb}")[-1].arguments[1:] == (12,)


def test_an_ask_is_called_off(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        pressed(at, 36)
        id_, _ = at.ask()
        pressed(at, 44)
        assert at.asks("cancel")[-1].arguments == (id_,)
        at.daemon.say(Message("/bandmate/cancelled", (id_,)))
        at.tick(100)
        assert at.words == ["called off"]
        assert len(at.asks("loop/ask")) == 1


def told(at: Scene, id_: str, wish: str, ticks: int = 3) -> tuple[Atom, ...]:
    """Let somebody else want something done; return the answer: its address, then what it says."""
    at.daemon.say(Message("/bandmate/bridge/do", (id_, wish)))
    at.tick(ticks)
    answers = [m for m in at.asks("bridge/done") + at.asks("error") if m.arguments[0] == id_]
    (answer,) = answers
    return (answer.address.removeprefix("/bandmate/"), *answer.arguments[1:])


def test_somebody_else_may_press_a_button_and_is_answered(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        assert told(at, "x1", "loop bars=8") == ("bridge/done", "a loop is asked for")
        assert at.ask()[1]["bars"] == "8"
        assert told(at, "x2", "accept")[0] == "bridge/done"
        assert len(at.asks("take/accept")) == 1
        what, code, words = told(at, "x3", "dance")
        assert (what, code, words) == ("error", "ask", at.words[-1])
        assert at.words[-1].startswith("an action must be one of loop, chords")


def test_what_reads_clips_is_answered_once_it_is_asked_or_cannot_be(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        words = told(at, "x1", "vary", 30)
        assert words == ("error", "unavailable", at.words[-1])
        at.live.put(0, 0, [(60, 0.0)])
        at.live.select(0, 0)
        assert told(at, "x2", "add bass", 30) == (
            "bridge/done",
            "bass is asked for, to be played to the scene",
        )
        assert at.ask()[1]["add"] == "bass"


def test_each_action_that_is_done_for_somebody_has_its_sentence(tmp_path: Path) -> None:
    load_script()
    from bandmate_in_live.errands import _DONE  # type: ignore[import-not-found]
    from bandmate_in_live.settings import ACTIONS  # type: ignore[import-not-found]

    assert set(_DONE) == set(ACTIONS)


def test_an_errand_that_comes_twice_is_done_once_and_answered_again(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        for _ in range(2):
            at.daemon.say(Message("/bandmate/bridge/do", ("x1", "loop")))
            at.tick(3)
        assert len({m.arguments[0] for m in at.asks("loop/ask")}) == 1
        assert [m.arguments[0] for m in at.asks("bridge/done")] == ["x1", "x1"]


def test_more_than_can_wait_are_refused_in_words(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        for i in range(20):
            at.daemon.say(Message("/bandmate/bridge/do", (f"x{i}", "loop")))
        at.tick(8)
        done, refused = at.asks("bridge/done"), at.asks("error")
        assert len(done) == 16 and len(refused) == 4
        assert {m.arguments[2] for m in refused} == {"16 buttons wait already"}
        assert told(at, "y", "loop")[1:] == (
            "unavailable",
            "16 asks are on their way already: wait for one of them",
        )


def test_a_clip_of_thousands_of_notes_is_read_over_ticks_or_refused(tmp_path: Path) -> None:
    with scene(tmp_path, *BUTTONS) as at:
        at.live.put(0, 0, [(36 + i % 48, i / 8) for i in range(4000)], length=500.0)
        at.press(38)
        at.tick(60)
        assert at.live.peak_notes <= 320
        assert midifile.read(str(at.ask()[1]["context"])).note_count == 4000
        at.live.put(0, 1, [(36 + i % 48, i / 16) for i in range(5000)], length=400.0)
        at.live.select(0, 1)
        at.press(38)
        at.tick(40)
        assert at.words[-1] == "the clips hold more than the 4096 notes that are read"


# settings


def test_settings_hold_as_soon_as_they_are_saved(tmp_path: Path) -> None:
    with scene(tmp_path, "note 1 36 = loop") as at:
        at.write("note 1 50 = chords")
        at.tick(21)
        assert at.live.forwarded == {("note", 0, 50)}
        at.press(36)
        at.press(50)
        at.tick(2)
        assert (len(at.asks("loop/ask")), len(at.asks("chords/ask"))) == (0, 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("port = 70000", "port must be in 1..65535, not '70000'"),
        ("layout = stack", "layout must be tracks or one"),
        ("colour", "a line must look like name = value, not 'colour'"),
        ("colour = red", "there is no setting 'colour'"),
        ("note 17 36 = loop", "a button must have a channel in 1..16 and a number in 0..127"),
        ("note 1 36 = add kazoo", "add must name a part, one of drums"),
        ("note 1 36 = loop bars", "what an action says must look like bars=8, not 'bars'"),
        ("note 1 36 = loop insert=on", "insert cannot be said here"),
        ('note 1 36 = chords text="rain', "a quotation mark is missing in"),
        ("loop = text='rain", "No closing quotation"),
    ],
)
def test_a_line_that_makes_no_sense_is_told_with_its_number(line: str, words: str) -> None:
    load_script()
    from bandmate_in_live.settings import parsed

    settings = parsed(f"# a comment\n{line}\nnote 1 60 = loop key=F#:dor # and another\n")
    assert settings.mistakes[0].startswith(f"line 2 of bandmate.txt: {words}")
    assert len(settings.mistakes) == 1
    (action,) = settings.buttons.values()
    assert action.pairs == (("key", "F#:dor"),)


def test_the_shipped_settings_are_the_defaults_and_their_examples_make_sense() -> None:
    load_script()
    from bandmate_in_live.settings import FILE, Settings, parsed

    text = FILE.read_text("utf-8")
    shipped, defaults = parsed(text), Settings()
    assert shipped.mistakes == [] and vars(shipped) == vars(defaults)
    examples = [
        ln[2:] for ln in text.splitlines() if ln.startswith(("# note ", "# cc ", "# loop ="))
    ]
    told = parsed("\n".join(examples))
    assert told.mistakes == [] and len(told.buttons) == 6
