// The page's own sound, for whoever has no DAW open: what sounds when, and where the music is.

import { Voices } from "./voices.js";

const AHEAD = 0.15; // seconds that are scheduled ahead
const AHEAD_UNSEEN = 1.6; // a page that nobody sees is woken once a second
const EVERY = 40; // milliseconds between looks
const PATIENCE = 1500; // milliseconds until a browser that lets nothing sound is told of

export class Sound {
  #context = null;
  #voices = null;
  #timer = 0;
  #turn = 0;
  #began = 0;
  #next = 0;
  #round = null;
  #out = null;
  #lanes = new Map();
  #clip = null;
  #isOnce = false;

  constructor(store, onPlace, say = () => {}) {
    Object.assign(this, { store, onPlace, say });
    store.on(["mix", "clip"], () => this.#mix());
    document.addEventListener("visibilitychange", () => this.isPlaying && this.#look());
  }

  /** Whether the browser lets us sound by now: it wants a click or a key first. */
  get isAllowed() {
    return navigator.userActivation?.hasBeenActive ?? this.#context !== null;
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  /** Play a clip from a beat of it, round and round; without one, the clip on the stage as it is edited. */
  async play(clip = null, { once = false, from = 0 } = {}) {
    this.stop();
    const turn = this.#turn;
    this.#clip = clip;
    if (!this.#now) return;
    const isOn = await this.#resumed();
    if (turn !== this.#turn) return; // stopped, or something else plays by now
    if (!isOn) return this.say("the browser lets this page sound after a click or a key", true);
    this.#isOnce = once;
    this.#out = this.#context.createGain();
    this.#out.connect(this.master);
    this.#began = this.#context.currentTime + 0.06 - (from * 60) / this.#now.tempo;
    this.#next = from;
    this.#round = null;
    this.#timer = setInterval(() => this.#look(), EVERY);
    this.#look();
    this.store.set({ hearing: clip ? clip.take : "stage" });
    requestAnimationFrame(() => this.#tellPlace(turn));
  }

  /** Stop; where *clip* is given, only if that one plays. */
  stop(clip = null) {
    if (clip && this.#clip !== clip) return;
    this.#turn += 1;
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#clip = null;
    if (this.#out) {
      this.#out.gain.setTargetAtTime(0, this.#context.currentTime, 0.03);
      const out = this.#out;
      setTimeout(() => out.disconnect(), 300);
    }
    this.#out = null;
    this.#lanes.clear();
    this.store.set({ hearing: null });
    this.onPlace(null);
  }

  /** Sound one note as a part does. */
  note(part, note) {
    if (!this.isAllowed || this.isPlaying) return;
    const context = this.#open();
    context.resume();
    const shown = { ...note, duration: 0.3 };
    this.#voices.sound(part.name, shown, context.currentTime + 0.01, 0.3, this.master);
  }

  get #now() {
    return this.#clip ?? this.store.get("clip");
  }

  #open() {
    if (this.#context) return this.#context;
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.#voices = new Voices(this.#context);
    const press = this.#context.createDynamicsCompressor();
    this.master = this.#context.createGain();
    this.master.gain.value = 0.7;
    this.master.connect(press).connect(this.#context.destination);
    return this.#context;
  }

  /** Return whether the browser sounds, once it does; a refusal is a promise that never ends. */
  async #resumed() {
    const context = this.#open();
    if (context.state === "running") return true;
    const refused = new Promise((done) => setTimeout(() => done(false), PATIENCE));
    const resumed = context.resume().then(
      () => true,
      () => false,
    );
    return Promise.race([resumed, refused]);
  }

  #look() {
    const clip = this.#now;
    if (!clip) return this.stop();
    this.#follow(clip);
    const beatSeconds = 60 / clip.tempo;
    const ahead = document.hidden ? AHEAD_UNSEEN : AHEAD;
    const until = (this.#context.currentTime + ahead - this.#began) / beatSeconds;
    if (this.#isOnce && this.#next >= clip.length) {
      if ((until - clip.length) * beatSeconds > ahead + 0.3) this.stop();
      return;
    }
    for (const part of clip.parts) {
      const lane = this.#lane(part.name);
      for (const note of part.notes)
        for (const beat of this.#due(note, clip.length, until)) {
          const when = this.#began + beat * beatSeconds;
          this.#voices.sound(part.name, note, when, note.duration * beatSeconds, lane);
        }
    }
    this.#next = Math.max(this.#next, until);
  }

  /** Return the beats, counted from the start of the playing, at which a note begins until *until*. */
  #due(note, length, until) {
    const found = [];
    const first = Math.max(0, Math.ceil((this.#next - note.start) / length - 1e-9));
    for (let round = first; ; round += 1) {
      const beat = note.start + round * length;
      if (beat >= until || (this.#isOnce && round > 0)) return found;
      if (beat >= this.#next) found.push(beat);
    }
  }

  /** Stay where we are in the music where another tempo or length takes over. */
  #follow({ tempo, length }) {
    const before = this.#round;
    this.#round = { tempo, length };
    if (!before || (before.tempo === tempo && before.length === length)) return;
    const now = this.#context.currentTime;
    const beat = ((now - this.#began) * before.tempo) / 60;
    const gone = Math.max(0, Math.floor(beat / before.length)) * before.length;
    this.#next -= gone;
    this.#began = now - ((beat - gone) * 60) / tempo;
  }

  /** A part's own way to the ear: opened and closed at once, whatever is scheduled already. */
  #lane(name) {
    if (!this.#lanes.has(name)) {
      const lane = this.#context.createGain();
      lane.gain.value = this.#isHeard(name) ? 1 : 0;
      lane.connect(this.#out);
      this.#lanes.set(name, lane);
    }
    return this.#lanes.get(name);
  }

  #mix() {
    for (const [name, lane] of this.#lanes)
      lane.gain.setTargetAtTime(this.#isHeard(name) ? 1 : 0, this.#context.currentTime, 0.008);
  }

  #isHeard(name) {
    if (this.#clip) return true;
    const { mute, solo } = this.store.get("mix");
    const isThere = this.store.get("clip")?.parts.some((part) => part.name === name);
    return isThere && !mute.has(name) && (!solo.size || solo.has(name));
  }

  #tellPlace(turn) {
    if (turn !== this.#turn) return; // it was stopped, whatever plays since
    const clip = this.#now;
    if (clip) {
      this.#follow(clip);
      const heard = this.#context.currentTime - (this.#context.outputLatency || 0);
      const beat = Math.max(0, ((heard - this.#began) * clip.tempo) / 60);
      this.onPlace(this.#clip ? null : (beat % clip.length) / clip.length);
    }
    requestAnimationFrame(() => this.#tellPlace(turn));
  }
}
