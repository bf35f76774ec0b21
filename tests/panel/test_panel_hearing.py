"""What is heard in the page: in time, without a gap, as it is mixed, edited and struck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from panel.browser import Page

SOUND = """
  const {Sound} = await import(`${location.origin}/sound.js`);
  const hearers = [];
  const values = { mix: { mute: new Set(), solo: new Set() }, clip: window.clip, hearing: null };
  window.world = {
    get: (name) => values[name],
    set: (said) => { Object.assign(values, said); hearers.forEach((hear) => hear()); },
    on: (_, hear) => hearers.push(hear),
  };
  window.places = [];
  window.told = [];
  window.sound = new Sound(
    window.world,
    (share) => window.places.push([share, window.sound?.master?.context.currentTime]),
    (words) => window.told.push(words),
  );
"""
"""A sound of the test's own, in a world of its own."""
STARTS = """
  window.starts = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (when) {
    window.starts.push(when);
    start.call(this, when);
  };
"""
"""Keep when each oscillator begins."""
LEVEL = """
  const meter = window.sound.master.context.createAnalyser();
  window.sound.master.connect(meter);
  const samples = new Float32Array(meter.fftSize);
  window.level = () => {
    meter.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs));
  };
"""
STRIKE = """
  const {Voices} = await import(`${location.origin}/voices.js`);
  window.strike = async (part, pitch, velocity = 100) => {
    const context = new OfflineAudioContext(1, 44100, 44100);
    new Voices(context).sound(part, { pitch, velocity }, 0, 0.5, context.destination);
    const samples = (await context.startRendering()).getChannelData(0);
    const energy = (part) => part.reduce((sum, x) => sum + x * x, 0);
    let turns = 0;
    for (let i = 1; i < 4410; i += 1) turns += samples[i] * samples[i - 1] < 0;
    return { energy: energy(samples), late: energy(samples.slice(8820)), turns };
  };
"""


def clip(*notes: tuple[float, float], name: str = "mallet", tempo: float = 300) -> dict[str, Any]:
    """Return a bar of notes (start, duration), as the page keeps a clip."""
    said = [
        {"id": i, "pitch": 60, "velocity": 100, "start": start, "duration": duration}
        for i, (start, duration) in enumerate(notes)
    ]
    part = {"name": name, "program": 0, "notes": said}
    return {"take": 1, "tempo": tempo, "length": 4, "bars": 1, "meter": "4/4", "parts": [part]}


@pytest.fixture
def heard(page: Page) -> Page:
    """Open the page, with a click, so that it may sound."""
    page.click("h1")
    return page


def play(page: Page, said: dict[str, Any], before: str = "") -> None:
    """Play a clip on the stage of a sound of its own."""
    page.driver.execute_script("window.clip = arguments[0]", said)
    page.run(f"{SOUND}{before}; await window.sound.play()")


def test_a_loop_goes_round_without_a_gap(heard: Page) -> None:
    starts = (0, 0.5, 1.25, 3.9)
    play(heard, clip(*((start, 0.2) for start in starts)), STARTS)
    heard.until("four rounds", "window.starts.length >= 16")
    when = sorted(heard.value("window.starts"))[:16]
    beats = [start + 4 * round_ for round_ in range(4) for start in starts]
    assert [at - when[0] for at in when] == pytest.approx([beat / 5 for beat in beats], abs=1e-6)


def test_what_is_edited_is_heard_and_what_is_gone_is_not(heard: Page) -> None:
    play(heard, clip((0, 0.2), (1, 0.2)), STARTS)
    heard.until("a round", "window.starts.length > 2")
    phase = "window.starts.map((when) => Math.round((((when - first) * 5) % 4) * 1000) / 1000)"
    heard.driver.execute_script(
        "window.first = window.starts[0];"
        "window.world.set({clip: arguments[0]}); window.edited = window.starts.length",
        clip((0, 0.2), (2.75, 0.2)),
    )
    heard.until("the new note", f"{phase}.includes(2.75)")
    heard.until("another round", f"{phase}.lastIndexOf(0) > {phase}.indexOf(2.75)")
    late = heard.value(f"{phase}.slice(window.edited)")
    assert late.count(1) <= 1  # what was scheduled already


def test_the_playhead_stands_where_the_ear_is(heard: Page) -> None:
    late = "Object.defineProperty(AudioContext.prototype, 'outputLatency', {get: () => 0.4});"
    play(heard, clip((0, 0.2)), late + STARTS)
    heard.until("it moves", "window.places.filter(([share]) => share > 0.3).length > 3")
    heard.run("window.sound.stop()")
    began = heard.value("window.starts[0]")
    places = [(share, now) for share, now in heard.value("window.places") if share]
    beats = [(now - 0.4 - began) * 5 for _, now in places]
    assert [share for share, _ in places] == pytest.approx([b % 4 / 4 for b in beats], abs=1e-6)


def test_another_tempo_goes_on_from_where_the_music_is(heard: Page) -> None:
    play(heard, clip((0, 0.2), tempo=60))
    heard.until("it moves", "window.places.at(-1)[0] > 0.2")
    heard.driver.execute_script(
        "window.before = window.places.length; window.world.set({clip: arguments[0]})",
        clip((0, 0.2), tempo=30),
    )
    heard.until("it goes on", "window.places.length > window.before + 10")
    shares = [share for share, _ in heard.value("window.places.slice(window.before - 1)")]
    assert shares == sorted(shares)
    assert shares[0] >= 0.2


@pytest.mark.parametrize(
    "mix",
    ["{mute: new Set(['pad']), solo: new Set()}", "{mute: new Set(), solo: new Set(['bass'])}"],
)
def test_a_part_is_silent_as_soon_as_it_is_muted_and_back_at_once(heard: Page, mix: str) -> None:
    play(heard, clip((0, 4), name="pad", tempo=2))  # one note of two minutes
    heard.run(LEVEL)
    heard.until("it sounds", "window.level() > 0.01")
    heard.run(f"window.world.set({{mix: {mix}}})")
    heard.until("it is silent", "window.level() < 0.0005")
    heard.run("window.world.set({mix: {mute: new Set(), solo: new Set()}})")
    heard.until("it is back, in the middle of its note", "window.level() > 0.01")
    heard.run("window.sound.stop()")
    heard.until("nothing sounds", "window.level() < 0.0005")


def test_how_hard_a_note_is_struck_is_heard(heard: Page) -> None:
    heard.run(f"{STRIKE}; window.hits = []")
    for part, pitch in (("keys", 60), ("drums", 38)):
        heard.run(
            f"window.soft = await strike('{part}', {pitch}, 30);"
            f"window.hard = await strike('{part}', {pitch}, 120)"
        )
        assert heard.value("window.hard.energy > 10 * window.soft.energy")
        assert heard.value("window.soft.energy") > 0


def test_drums_are_told_apart(heard: Page) -> None:
    heard.run(
        f"{STRIKE}; const all = {{kick: 36, tom: 45, snare: 38, hat: 42, open: 46, crash: 49,"
        " cowbell: 56, ride: 51, clap: 39}; window.hits = {};"
        " for (const [name, pitch] of Object.entries(all))"
        " window.hits[name] = await strike('drums', pitch)"
    )
    hits = heard.value("window.hits")
    bright = {name: hit["turns"] for name, hit in hits.items()}
    assert bright["kick"] < bright["tom"] < bright["cowbell"] < bright["hat"]
    assert bright["tom"] < bright["snare"] < bright["hat"]
    late = {name: hit["late"] / hit["energy"] for name, hit in hits.items()}
    assert late["hat"] < late["open"] < late["crash"]


def test_what_is_stopped_before_it_begins_never_begins(heard: Page) -> None:
    heard.driver.execute_script("window.clip = arguments[0]", clip((0, 1)))
    heard.run(
        f"{SOUND}; const playing = window.sound.play(); window.sound.stop(); await playing;"
        " const twice = [window.sound.play(), window.sound.play()]; await Promise.all(twice);"
        " window.sound.stop()"
    )
    assert heard.value("window.sound.isPlaying") is False
    heard.run("const p = window.sound.play(window.clip); window.sound.stop(window.clip); await p")
    assert heard.value("window.sound.isPlaying") is False


def test_a_browser_that_lets_nothing_sound_is_told_of(heard: Page) -> None:
    refuse = (
        "Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'});"
        "AudioContext.prototype.resume = () => new Promise(() => {});"
    )
    play(heard, clip((0, 1)), refuse)
    assert "click or a key" in heard.value("window.told[0]")
    assert heard.value("window.sound.isPlaying") is False
