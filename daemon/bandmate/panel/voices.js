// How a note sounds in the page: a small band of oscillators and noise.

import { isDrums, roleOf } from "./music.js";

/** Of each role: wave, level, seconds of decay (9 holds), the highest partials in Hz. */
const VOICES = {
  bass: ["triangle", 0.5, 0.5, 900],
  keys: ["triangle", 0.28, 0.9, 4200],
  organ: ["square", 0.09, 9, 2200],
  guitar: ["sawtooth", 0.14, 0.6, 2600],
  pad: ["sawtooth", 0.07, 9, 1400],
  strings: ["sawtooth", 0.08, 9, 2000],
  brass: ["sawtooth", 0.12, 4, 2400],
  reed: ["square", 0.09, 4, 2200],
  lead: ["square", 0.11, 4, 3200],
  choir: ["sine", 0.2, 9, 2600],
  mallet: ["sine", 0.34, 0.5, 6000],
};
const HELD = 8; // seconds of decay from which a note swells and holds

/**
 * Drums by what they are made of: a *thump* falls from a pitch [Hz, level, seconds], a *tone* stands
 * [Hz, level, seconds], *noise* is filtered [filter, Hz, level, seconds].
 */
const KITS = {
  kick: { thump: [125, 0.9, 0.09] },
  snare: { thump: [190, 0.3, 0.06], noise: ["bandpass", 1900, 0.5, 0.07] },
  stick: { tone: [1700, 0.16, 0.012], noise: ["bandpass", 2600, 0.2, 0.012] },
  clap: { noise: ["bandpass", 1200, 0.6, 0.08] },
  closed: { noise: ["highpass", 7500, 0.22, 0.022] },
  open: { noise: ["highpass", 7000, 0.22, 0.17] },
  crash: { noise: ["highpass", 4200, 0.26, 0.45] },
  ride: { noise: ["highpass", 9000, 0.12, 0.22], tone: [3200, 0.03, 0.2] },
  bell: { tone: [850, 0.16, 0.09], noise: ["bandpass", 5000, 0.03, 0.05] },
  wood: { tone: [1150, 0.22, 0.03] },
  shaker: { noise: ["bandpass", 6000, 0.18, 0.045] },
};
const DRUMS = Object.fromEntries(
  Object.entries({
    kick: [35, 36],
    snare: [38, 40],
    stick: [37, 75],
    clap: [39],
    closed: [42, 44],
    open: [46],
    crash: [49, 52, 55, 57],
    ride: [51, 59],
    bell: [53, 56, 67, 68, 80, 81],
    wood: [76, 77],
    shaker: [54, 69, 70, 82],
  }).flatMap(([name, pitches]) => pitches.map((pitch) => [pitch, KITS[name]])),
);
const SKINS = new Set([41, 43, 45, 47, 48, 50, 60, 61, 62, 63, 64, 65, 66]);
const CHOKES = new Set([42, 44]);
const OPEN_HAT = 46;

/** The voices of one AudioContext, or of one that renders. */
export class Voices {
  #noise = null;
  #hat = null;

  constructor(context) {
    this.context = context;
  }

  /** Sound a note of a part from *when* for so many seconds, into *out*. */
  sound(name, note, when, seconds, out) {
    const loud = (note.velocity / 127) ** 1.4;
    if (isDrums(name)) return this.#drum(note.pitch, loud, when, out);
    const [wave, gain, decay, bright] = VOICES[roleOf(name)] ?? VOICES.keys;
    const { context } = this;
    const filter = context.createBiquadFilter();
    const level = context.createGain();
    const end = when + Math.max(0.05, seconds);
    const top = gain * loud;
    filter.frequency.value = bright * (0.5 + loud);
    level.gain.setValueAtTime(0, when);
    level.gain.linearRampToValueAtTime(top, when + (decay > HELD ? 0.06 : 0.006));
    if (decay < 4) level.gain.setTargetAtTime(top * 0.25, when + 0.02, decay);
    level.gain.setTargetAtTime(0, end, 0.04);
    filter.connect(level).connect(out);
    this.#wave(wave, 440 * 2 ** ((note.pitch - 69) / 12), when, end + 0.3).connect(filter);
  }

  #drum(pitch, loud, when, out) {
    if (CHOKES.has(pitch)) this.#hat?.gain.setTargetAtTime(0, when, 0.01); // a foot on an open hat
    const { thump, tone, noise } = SKINS.has(pitch)
      ? { thump: [90 + (pitch % 12) * 14 + (pitch >= 60 ? 120 : 0), 0.55, 0.09] }
      : (DRUMS[pitch] ?? KITS.closed);
    if (thump) this.#thump(thump, loud, when, out);
    if (tone) this.#tone(tone, loud, when, out);
    if (noise) this.#hiss(noise, loud, when, out, pitch === OPEN_HAT);
  }

  #thump([from, gain, decay], loud, when, out) {
    const level = this.#fading(gain * loud, when + 0.015, decay, out);
    const source = this.#wave("sine", from, when, when + 0.7);
    source.frequency.setValueAtTime(from, when);
    source.frequency.exponentialRampToValueAtTime(Math.max(40, from * 0.4), when + 0.12);
    source.connect(level);
  }

  #tone([frequency, gain, decay], loud, when, out) {
    const level = this.#fading(gain * loud, when, decay, out);
    this.#wave("square", frequency, when, when + decay * 7).connect(level);
  }

  #hiss([kind, frequency, gain, decay], loud, when, out, isOpenHat) {
    const source = this.context.createBufferSource();
    const filter = this.context.createBiquadFilter();
    const level = this.#fading(gain * loud, when, decay, out);
    source.buffer = this.#noise ??= noiseOf(this.context);
    source.loop = true;
    filter.type = kind;
    filter.frequency.value = frequency;
    source.connect(filter).connect(level);
    source.start(when, Math.random() * 0.5);
    source.stop(when + decay * 7);
    if (isOpenHat) this.#hat = level;
  }

  #fading(gain, when, decay, out) {
    const level = this.context.createGain();
    level.gain.setValueAtTime(gain, 0);
    level.gain.setTargetAtTime(0, when, decay);
    level.connect(out);
    return level;
  }

  #wave(type, frequency, when, until) {
    const source = this.context.createOscillator();
    source.type = type;
    source.frequency.value = frequency;
    source.start(when);
    source.stop(until);
    return source;
  }
}

function noiseOf(context) {
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i += 1) samples[i] = Math.random() * 2 - 1;
  return buffer;
}
