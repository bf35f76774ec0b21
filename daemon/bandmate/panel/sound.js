// The page's own sound: a small band of oscillators, for whoever has no DAW open.

import { isDrums, roleOf } from "./music.js";

const AHEAD = 0.15; // seconds that are scheduled ahead
const EVERY = 40; // milliseconds between looks
const VOICES = {
  bass: ["triangle", 0.5, 0.02, 900],
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

export class Sound {
  #context = null;
  #timer = 0;
  #began = 0;
  #next = 0;
  #out = null;
  #clip = null;
  #isOnce = false;

  constructor(store, onPlace) {
    Object.assign(this, { store, onPlace });
  }

  /** Whether the browser lets us sound by now: it wants a click or a key first. */
  get isAllowed() {
    return navigator.userActivation?.hasBeenActive ?? this.#context !== null;
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  /** Play a clip from its start or a beat of it, round and round; without one, the clip on the stage as it is edited. */
  async play(clip = null, { once = false, from = 0 } = {}) {
    this.stop();
    this.#clip = clip;
    this.#isOnce = once;
    if (!this.#now) return;
    const context = this.#open();
    await context.resume();
    this.#out = context.createGain();
    this.#out.connect(this.master);
    this.#began = context.currentTime + 0.06 - (from * 60) / this.#now.tempo;
    this.#next = from;
    this.#timer = setInterval(() => this.#look(), EVERY);
    this.#look();
    this.store.set({ hearing: clip ? clip.take : "stage" });
    requestAnimationFrame(() => this.#tellPlace());
  }

  /** Stop; where *clip* is given, only if that one plays. */
  stop(clip = null) {
    if (clip && this.#clip !== clip) return;
    clearInterval(this.#timer);
    this.#timer = 0;
    if (this.#out) {
      this.#out.gain.setTargetAtTime(0, this.#context.currentTime, 0.03);
      const out = this.#out;
      setTimeout(() => out.disconnect(), 300);
    }
    this.#out = null;
    this.store.set({ hearing: null });
    this.onPlace(null);
  }

  /** Sound one note as a part does. */
  note(part, note) {
    if (!this.isAllowed || this.isPlaying) return;
    const context = this.#open();
    context.resume();
    this.#sound(
      part.name,
      { ...note, duration: 0.3 },
      context.currentTime + 0.01,
      0.3,
      this.master,
    );
  }

  get #now() {
    return this.#clip ?? this.store.get("clip");
  }

  #open() {
    if (this.#context) return this.#context;
    this.#context = new AudioContext({ latencyHint: "interactive" });
    const press = this.#context.createDynamicsCompressor();
    this.master = this.#context.createGain();
    this.master.gain.value = 0.7;
    this.master.connect(press).connect(this.#context.destination);
    const noise = this.#context.createBuffer(1, this.#context.sampleRate, this.#context.sampleRate);
    const samples = noise.getChannelData(0);
    for (let i = 0; i < samples.length; i += 1) samples[i] = Math.random() * 2 - 1;
    this.noise = noise;
    return this.#context;
  }

  #look() {
    const clip = this.#now;
    if (!clip) return this.stop();
    const beatSeconds = 60 / clip.tempo;
    const until = (this.#context.currentTime + AHEAD - this.#began) / beatSeconds;
    if (this.#isOnce && this.#next >= clip.length) {
      if (until * beatSeconds > clip.length * beatSeconds + 0.4) this.stop();
      return;
    }
    const mix = this.store.get("mix");
    const isHeard = ({ name }) =>
      this.#clip || (!mix.mute.has(name) && (!mix.solo.size || mix.solo.has(name)));
    for (const part of clip.parts.filter(isHeard)) {
      for (const note of part.notes) {
        const round = Math.ceil((this.#next - note.start) / clip.length - 1e-9);
        const beat = note.start + Math.max(0, round) * clip.length;
        if (beat < this.#next || beat >= until || (this.#isOnce && beat >= clip.length)) continue;
        this.#sound(
          part.name,
          note,
          this.#began + beat * beatSeconds,
          note.duration * beatSeconds,
          this.#out,
        );
      }
    }
    this.#next = Math.max(this.#next, until);
  }

  #tellPlace() {
    if (!this.isPlaying) return;
    const clip = this.#now;
    const beat = Math.max(0, ((this.#context.currentTime - this.#began) * clip.tempo) / 60);
    this.onPlace(this.#clip ? null : (beat % clip.length) / clip.length);
    requestAnimationFrame(() => this.#tellPlace());
  }

  #sound(name, note, when, seconds, out) {
    const loud = (note.velocity / 127) ** 1.4;
    if (isDrums(name)) return this.#drum(note.pitch, loud, when, out);
    const [wave, gain, decay, bright] = VOICES[roleOf(name)] ?? VOICES.keys;
    const context = this.#context;
    const oscillator = context.createOscillator();
    const filter = context.createBiquadFilter();
    const level = context.createGain();
    const end = when + Math.max(0.05, seconds);
    oscillator.type = wave;
    oscillator.frequency.value = 440 * 2 ** ((note.pitch - 69) / 12);
    filter.frequency.value = bright * (0.5 + loud);
    level.gain.setValueAtTime(0, when);
    level.gain.linearRampToValueAtTime(gain * loud, when + (decay > 8 ? 0.06 : 0.006));
    if (decay < 4)
      level.gain.setTargetAtTime(gain * loud * 0.25, when + 0.02, Math.max(decay, 0.25));
    level.gain.setTargetAtTime(0, end, 0.04);
    oscillator.connect(filter).connect(level).connect(out);
    oscillator.start(when);
    oscillator.stop(end + 0.3);
  }

  #drum(pitch, loud, when, out) {
    const isKick = pitch === 35 || pitch === 36;
    const isTom = [41, 43, 45, 47, 48, 50, 60, 61, 62, 63, 64].includes(pitch);
    const isOpen = [46, 49, 51, 52, 55, 57, 59].includes(pitch);
    if (isKick || isTom)
      this.#thump(isKick ? 120 : 90 + pitch * 2, isKick ? 0.9 : 0.5, loud, when, out);
    if (isKick || isTom) return;
    const isSnare = [37, 38, 39, 40].includes(pitch);
    if (isSnare) this.#thump(190, 0.3, loud, when, out);
    const context = this.#context;
    const source = context.createBufferSource();
    const filter = context.createBiquadFilter();
    const level = context.createGain();
    source.buffer = this.noise;
    filter.type = isSnare ? "bandpass" : "highpass";
    filter.frequency.value = isSnare ? 1900 : 7500;
    level.gain.setValueAtTime((isSnare ? 0.5 : 0.22) * loud, when);
    level.gain.setTargetAtTime(0, when, isOpen ? 0.18 : isSnare ? 0.06 : 0.025);
    source.connect(filter).connect(level).connect(out);
    source.start(when, Math.random() * 0.4);
    source.stop(when + (isOpen ? 0.9 : 0.3));
  }

  #thump(from, gain, loud, when, out) {
    const context = this.#context;
    const oscillator = context.createOscillator();
    const level = context.createGain();
    oscillator.frequency.setValueAtTime(from, when);
    oscillator.frequency.exponentialRampToValueAtTime(Math.max(40, from * 0.4), when + 0.12);
    level.gain.setValueAtTime(gain * loud, when);
    level.gain.setTargetAtTime(0, when + 0.02, 0.09);
    oscillator.connect(level).connect(out);
    oscillator.start(when);
    oscillator.stop(when + 0.6);
  }
}
