"""The bridge in Live: where takes go, note for note, and that nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.music.clip import Clip
from bridges.fake_live import FakeLive
from bridges.live_scene import BASS, DRUMS, KEYS, Scene, card, dense, one, scene, sent, written

LOOP = "note 1 36 = loop"
CHORDS = "note 1 37 = chords"
ONE = "layout = one"


def get(at: Scene, *clips: Clip) -> None:
    """Press the button and let the daemon answer."""
    at.press(36)
    at.tick(2)
    id_, _ = at.ask()
    at.daemon.say(*at.daemon.made(id_, *clips))
    at.tick(30)


def test_a_loop_comes_into_the_selected_slot_note_for_note(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.live.select(0, 2)
        get(at, one(KEYS))
        clip = at.live.clip(0, 2)
        assert written(clip) == sent(KEYS)
        assert (clip.name, clip.length, clip.color) == ("keys #12", 16.0, 0x3DC300)
        assert at.words[-1] == "#12 is there"
        assert len(at.live.undo_steps) == 1
        at.live.undo()
        assert at.live.clip(0, 2) is None
        assert at.live.mistakes == []


def test_a_full_slot_is_passed_over_and_left_as_it_is(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        mine = [at.live.put(0, row, [(60, 0.0)]) for row in (1, 2)]
        at.live.select(0, 1)
        get(at, one(KEYS))
        assert [at.live.clip(0, row) for row in (1, 2)] == mine
        assert {clip.name for clip in mine} == {"mine"}
        assert written(at.live.clip(0, 3)) == sent(KEYS)


def test_where_no_slot_is_empty_a_scene_is_made_in_the_same_step(tmp_path: Path) -> None:
    live = FakeLive(rows=2)
    with scene(tmp_path, LOOP, live=live) as at:
        live.put(0, 0)
        live.put(0, 1)
        get(at, one(KEYS))
        assert written(live.clip(0, 2)) == sent(KEYS)
        live.undo()
        assert len(live.track(0).clip_slots) == 2 and live.undo_steps == []


def test_where_live_makes_no_more_scenes_the_file_is_told(tmp_path: Path) -> None:
    live = FakeLive(rows=1)
    live.most_scenes = 1
    with scene(tmp_path, LOOP, live=live) as at:
        live.put(0, 0)
        get(at, one(KEYS))
        assert at.words[-1].endswith("take 12 lies in /clips/funk.mid")
        assert not live.is_step_open and live.mistakes == []


def test_each_part_goes_to_the_track_that_is_named_for_it(tmp_path: Path) -> None:
    live = FakeLive(("2-Grand Piano", "Deep Bass", "1-Audio", "Drum Rack"))
    live.track(2).__dict__["has_midi_input"] = False
    with scene(tmp_path, LOOP, live=live) as at:
        live.select(1, 3)
        get(at, one(DRUMS, BASS, KEYS))
        assert [written(live.clip(t, 3)) for t in (0, 1, 3)] == [
            sent(p) for p in (KEYS, BASS, DRUMS)
        ]
        assert len(live.song_object.tracks) == 4
        assert len(live.undo_steps) == 1


def test_a_part_without_a_track_gets_a_new_one_with_its_name(tmp_path: Path) -> None:
    live = FakeLive(("Piano", "Bass"))
    with scene(tmp_path, LOOP, live=live) as at:
        live.put(1, 0, [(40, 0.0)])  # that bass plays something else in this scene
        get(at, one(KEYS, BASS))
        assert [track.name for track in live.song_object.tracks] == ["Piano", "bass", "Bass"]
        assert written(live.clip(1, 0)) == sent(BASS)
        assert live.clip(2, 0).name == "mine"
        live.undo()
        assert [track.name for track in live.song_object.tracks] == ["Piano", "Bass"]


def test_all_parts_in_one_clip(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP, ONE) as at:
        get(at, one(DRUMS, BASS))
        assert written(at.live.clip(0, 0)) == sorted(sent(DRUMS) + sent(BASS))
        assert at.live.clip(0, 0).name == "drums+bass #12"
        assert len(at.live.song_object.tracks) == 1


def test_several_takes_lie_below_each_other_in_one_step(tmp_path: Path) -> None:
    with scene(tmp_path, "note 1 36 = loop takes=2") as at:
        at.live.put(0, 1)
        get(at, one(KEYS), one(BASS))
        assert [at.live.clip(0, row).name for row in range(3)] == ["keys #12", "mine", "bass #13"]
        assert len(at.live.undo_steps) == 1


def test_cards_are_four_clips_named_by_their_chords(tmp_path: Path) -> None:
    with scene(tmp_path, CHORDS) as at:
        at.press(37)
        at.tick(2)
        id_, _ = at.ask("chords/ask")
        cards = [card(text) for text in ("F D:min7,G:min7 Bb C:7", "F F A:min Bb", "D:min C Bb C")]
        at.daemon.say(*at.daemon.dealt(id_, cards))
        at.tick(30)
        assert [at.live.clip(0, row).name for row in range(3)] == [
            "F | Dm7 Gm7 | Bb | C7 #12",
            "F | F | Am | Bb #13",
            "Dm | C | Bb | C #14",
        ]
        assert len(at.live.undo_steps) == 1


def test_in_the_arrangement_a_clip_goes_to_the_playhead(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP, "place = arrangement") as at:
        at.live.set(current_song_time=9.5)
        get(at, one(KEYS))
        get(at, one(KEYS))
        clips = at.live.track(0).arrangement_clips
        assert [(c.start_time, c.end_time) for c in clips] == [(9.5, 25.5), (25.5, 41.5)]
        assert written(clips[0]) == sent(KEYS)
        assert at.live.mistakes == []


def test_while_live_plays_it_goes_to_the_next_bar(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP, "place = auto") as at:
        at.live.document.__dict__["focused_document_view"] = "Arranger"
        at.live.set(current_song_time=9.5, is_playing=True)
        get(at, one(KEYS))
        assert [c.start_time for c in at.live.track(0).arrangement_clips] == [12.0]


def test_a_live_without_arrangement_clips_says_so_and_takes_the_slot(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP, "place = arrangement", live=FakeLive(arranges=False)) as at:
        at.press(36)
        at.tick(2)
        assert "lets no script write into the Arrangement" in at.words[-1]
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(5)
        assert written(at.live.clip(0, 0)) == sent(KEYS)


def test_a_take_that_was_chosen_elsewhere_lands_in_the_selected_slot(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.live.select(0, 4)
        at.daemon.say(*at.daemon.placed("panel-1", one(KEYS)))
        at.tick(3)
        assert written(at.live.clip(0, 4)) == sent(KEYS)


def test_a_track_that_takes_no_notes_is_told(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.live.track(0).__dict__["has_midi_input"] = False
        at.press(36)
        at.tick(2)
        assert at.words[-1] == "select a MIDI track: 1-MIDI holds no MIDI clips"
        assert at.asks("loop/ask") == []


def test_a_track_that_was_deleted_meanwhile_is_told_with_the_file(tmp_path: Path) -> None:
    live = FakeLive(("Keys", "Bass"))
    with scene(tmp_path, LOOP, live=live) as at:
        at.press(36)
        at.tick(2)
        id_, _ = at.ask()
        del live.song_object.tracks[0]
        live.select(0, 0)
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(3)
        assert at.words[-1].startswith("select a MIDI track (it is gone")
        assert at.words[-1].endswith("take 12 lies in /clips/funk.mid")
        assert live.clip(0, 0) is None and live.undo_steps == []


def test_a_slot_that_is_filled_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        mine = at.live.put(0, 0, [(60, 0.0)])
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(3)
        assert at.live.clip(0, 0) is mine and len(written(mine)) == 1
        assert written(at.live.clip(0, 1)) == sent(KEYS)


@pytest.mark.parametrize("notes", [63, 64, 65, 3000])
def test_a_large_clip_is_spread_over_ticks_in_one_step(tmp_path: Path, notes: int) -> None:
    clip = dense(notes)
    with scene(tmp_path, LOOP) as at:
        get(at, clip)
        assert written(at.live.clip(0, 0)) == sent(clip.parts[0])
        assert at.live.peak_notes <= 320
        assert at.live.peak_calls <= 200
        assert len(at.live.undo_steps) == 1 and at.live.mistakes == []


def test_a_clip_that_is_deleted_while_it_is_written_ends_its_step(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, dense(3000)))
        at.tick(6)
        assert at.live.is_step_open
        at.live.track(0).clip_slots[0].delete_clip()
        at.tick(2)
        assert not at.live.is_step_open
        assert "Live refused" in at.words[-1]
        get(at, one(KEYS))
        assert written(at.live.clip(0, 0)) == sent(KEYS)


def test_another_surface_chosen_in_the_middle_ends_the_step(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, dense(3000)))
        at.tick(6)
        assert at.live.is_step_open
        at.live.stop()
        assert not at.live.is_step_open and at.live.mistakes == []
        assert at.live.queue == []


def test_a_song_with_many_tracks_and_scenes_costs_no_tick_more(tmp_path: Path) -> None:
    live = FakeLive([f"{i}-MIDI" for i in range(200)], rows=400)
    for row in range(399):
        live.put(0, row)
    with scene(tmp_path, LOOP, live=live) as at:
        get(at, one(DRUMS, BASS, KEYS))
        assert live.clip(0, 399) is not None
        assert live.peak_calls <= 700
