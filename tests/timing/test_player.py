"""The player against a clock that the test moves: what sounds, when, and that it always ends."""

from __future__ import annotations

import signal

import pytest

from bandmate.errors import PortError
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.timing.player.events import ALL_NOTES_OFF, ALL_SOUND_OFF
from bandmate.timing.player.player import Player
from bandmate.timing.ports.ports import PartOutputs
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Transport
from timing.fake_port import FakeAhead, FakeClock, FakeOutput, FakeSource

KEYS, DRUMS = 0, 9
C4, G4 = 60, 67


def held(pitch: int = C4, beats: float = 4.0, tempo: float = 60.0) -> Clip:
    """One bar of four with one note that fills it (or *beats* of it)."""
    return Clip((Part("keys", 5, (Note(0.0, pitch, beats, 100),)),), 4.0, tempo)


def controls(output: FakeOutput, controller: int) -> set[int]:
    """Return the channels that were sent a controller."""
    return {m[0] & 0x0F for m in output.messages() if m[0] >> 4 == 0xB and m[1] == controller}


def test_a_clip_starts_at_once_where_nothing_plays_and_programs_come_first(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    assert player.play(held()) == 0.0
    clock.advance(4.0)
    assert output.messages()[0] == bytes((0xC0, 5))
    assert output.notes() == [(0.0, "on", KEYS, C4), (4.0, "off", KEYS, C4)]
    assert not player.is_playing
    assert not player.transport.is_rolling


def test_every_event_comes_when_it_is_due(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    hits = tuple(Note(i / 4, 36, 0.25, 100) for i in range(16))
    player.play(Clip((Part("drums", 0, hits),), 4.0, tempo=120.0))
    clock.advance(2.0)
    assert [note[0] for note in output.notes() if note[1] == "on"] == [i / 8 for i in range(16)]
    assert not output.hanging()


def test_another_take_comes_in_on_the_next_bar_and_the_first_plays_until_then(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held(), is_looped=True)
    clock.advance(5.0)
    assert player.play(held(G4, tempo=120.0)) == pytest.approx(3.0)
    assert player.clip == held()
    clock.advance(5.0)
    assert output.notes() == [
        (0.0, "on", KEYS, C4),
        (4.0, "off", KEYS, C4),
        (4.0, "on", KEYS, C4),
        (8.0, "off", KEYS, C4),
        (8.0, "on", KEYS, G4),
        (10.0, "off", KEYS, G4),
    ]


def test_the_transport_takes_the_tempo_and_meter_of_the_clip_that_comes_in(
    player: Player, clock: FakeClock
) -> None:
    player.play(held())
    clock.advance(1.0)
    waltz = Clip((), 3.0, 90.0, Meter(3, 4))
    player.play(waltz)
    assert (player.transport.tempo, player.transport.meter) == (60.0, Meter())
    clock.advance(3.5)
    assert (player.transport.tempo, player.transport.meter) == (90.0, Meter(3, 4))
    assert player.transport.beat_at(clock.now()) == pytest.approx(4.75)


def test_now_means_now(player: Player, output: FakeOutput, clock: FakeClock) -> None:
    player.play(held())
    clock.advance(1.0)
    assert player.play(held(G4), at="now") == 0.0
    clock.advance(0.5)
    assert output.notes() == [
        (0.0, "on", KEYS, C4),
        (1.0, "off", KEYS, C4),
        (1.0, "on", KEYS, G4),
    ]


def test_of_two_that_wait_the_later_word_counts(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held())
    clock.advance(1.0)
    player.play(held(50))
    player.play(held(G4))
    clock.advance(8.0)
    assert [note[3] for note in output.notes() if note[1] == "on"] == [C4, G4]


def test_a_loop_goes_round_until_it_is_stopped(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held(beats=1.0), is_looped=True)
    clock.advance(13.0)
    assert [note[0] for note in output.notes() if note[1] == "on"] == [0.0, 4.0, 8.0, 12.0]
    player.stop()
    clock.advance(20.0)
    assert len([note for note in output.notes() if note[1] == "on"]) == 4


@pytest.mark.parametrize("tempo", [61.1, 77.7, 97.3, 113.9, 133.7, 149.9, 177.7, 191.3])
def test_a_loop_is_not_struck_again_before_its_successor(
    player: Player, output: FakeOutput, clock: FakeClock, tempo: float
) -> None:
    """Bars whose sum over many rounds is no round number: it may fall short of the barline."""
    bar = 4.0 * 60 / tempo
    player.play(held(tempo=tempo), is_looped=True)
    clock.advance(40.5 * bar)
    player.play(held(G4, tempo=tempo))
    clock.advance(bar)
    assert len([note for note in output.notes() if note[1:] == ("on", KEYS, C4)]) == 41
    assert not output.hanging() - {(KEYS, G4)}


def test_stop_ends_what_sounds_at_once(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held())
    clock.advance(1.0)
    player.stop()
    assert output.notes()[-1] == (1.0, "off", KEYS, C4)
    assert controls(output, ALL_NOTES_OFF) == {KEYS}
    assert not player.is_playing
    sent = len(output.sent)
    clock.advance(10.0)
    assert len(output.sent) == sent


def test_stop_forgets_what_waits(player: Player, output: FakeOutput, clock: FakeClock) -> None:
    player.play(held(beats=0.5))
    clock.advance(1.0)
    player.play(held(G4))
    player.stop()
    clock.advance(10.0)
    assert G4 not in [note[3] for note in output.notes()]


def test_stop_with_nothing_playing_sends_nothing(player: Player, output: FakeOutput) -> None:
    player.stop()
    assert output.sent == []


def test_panic_silences_every_channel(player: Player, output: FakeOutput, clock: FakeClock) -> None:
    player.play(held())
    clock.advance(1.0)
    player.panic()
    assert controls(output, ALL_SOUND_OFF) == set(range(16))
    assert controls(output, ALL_NOTES_OFF) == set(range(16))
    assert not output.hanging()
    assert not player.is_playing


def test_close_ends_the_notes_and_the_port_once(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held())
    clock.advance(1.0)
    player.close()
    player.close()
    assert output.notes()[-1] == (1.0, "off", KEYS, C4)
    assert output.closings == 1
    with pytest.raises(PortError, match="the player is closed"):
        player.play(held())


def test_close_works_from_a_signal_handler_in_the_midst_of_playing(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    def handler(*_: object) -> None:
        player.close()

    before = signal.signal(signal.SIGTERM, handler)
    try:
        player.play(held())
        clock.advance(1.0)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not output.hanging()
    assert output.closings == 1


@pytest.mark.parametrize("failing", range(1, 8))
def test_an_output_that_fails_once_leaves_no_note(
    player: Player, output: FakeOutput, clock: FakeClock, failing: int
) -> None:
    """Whichever of a program, three starts and three ends is lost: all is silenced, and goes on."""
    chord = tuple(Note(0.0, pitch, 2.0, 100) for pitch in (60, 64, 67))
    clip = Clip((Part("keys", 0, chord),), 4.0, 60.0)
    output.failing_sends = {failing}
    player.play(clip)
    clock.advance(10.0)
    assert not player.is_playing
    assert player.trouble == "no room"
    assert controls(output, ALL_NOTES_OFF) == {KEYS}
    assert not output.hanging()
    output.sent.clear()
    player.play(clip)
    clock.advance(10.0)
    assert len(output.notes()) == 6
    assert not player.trouble


def test_an_output_that_is_gone_is_told_to_whoever_plays(
    player: Player, output: FakeOutput, clock: FakeClock
) -> None:
    player.play(held())
    clock.advance(1.0)
    output.is_gone = True
    with pytest.raises(PortError, match="is gone"):
        player.play(held(G4))
    clock.advance(10.0)
    assert not player.is_playing
    output.is_gone = False
    player.play(held(G4))
    clock.advance(4.0)
    assert not output.hanging() - {(KEYS, C4)}


def test_an_empty_clip_lasts_its_length(player: Player, clock: FakeClock) -> None:
    player.play(Clip((), 4.0, 60.0))
    clock.advance(3.9)
    assert player.is_playing
    clock.advance(0.2)
    assert not player.is_playing
    assert player.wait(0)


def test_a_clip_without_length_is_over_at_once(player: Player, clock: FakeClock) -> None:
    player.play(Clip((), 0.0), is_looped=True)
    clock.settle()
    assert not player.is_playing


@pytest.mark.parametrize("kind", [FakeOutput, FakeAhead])
def test_midi_clock_goes_out_while_we_lead(kind: type[FakeOutput], clock: FakeClock) -> None:
    output = kind(clock)
    with Player(output, Transport(clock), has_clock=True) as player:
        player.play(held(tempo=60.0))
        clock.advance(1.5)
        player.stop()
        clock.advance(1.0)
        sent = [message for _, message in output.ticks]
        assert sent[0] == b"\xfa"
        assert sent[-1] == b"\xfc"
        ticks = [second for second, message in output.ticks if message == b"\xf8"]
        ahead = int(kind.ahead * 24)
        assert len(ticks) in range(36, 39 + ahead)
        assert ticks[:37] == pytest.approx([i / 24 for i in range(37)], abs=1e-5)
        source = FakeSource(Grid(clock.now(), 0.0, source="clock"))
        player.follow(source)
        before = len(output.ticks)
        clock.advance(2.0)
        assert len(output.ticks) == before


def test_whoever_follows_our_clock_is_told_that_we_leave(clock: FakeClock) -> None:
    output = FakeOutput(clock)
    with Player(output, Transport(clock), has_clock=True) as player:
        player.lead(is_rolling=True)
        clock.advance(1.0)
    assert output.ticks[-1][1] == b"\xfc"


def test_parts_with_a_port_of_their_own_and_silence_on_all() -> None:
    clock = FakeClock()
    main, drums, ticks = FakeOutput(clock), FakeOutput(clock), FakeOutput(clock)
    output = PartOutputs(main, {"drums": drums, "clock-out": ticks})
    notes = held().parts[0].notes
    with Player(output, Transport(clock)) as player:
        player.play(Clip((Part("keys", 5, notes), Part("drums", 0, notes)), 4.0, 60.0))
        clock.advance(1.0)
        player.panic()
    assert [n[1:] for n in main.notes()] == [("on", KEYS, C4), ("off", KEYS, C4)]
    assert [n[1:] for n in drums.notes()] == [("on", DRUMS, C4), ("off", DRUMS, C4)]
    assert controls(main, ALL_SOUND_OFF) == controls(drums, ALL_SOUND_OFF) == set(range(16))
    assert (main.closings, drums.closings, ticks.sent) == (1, 1, [])
