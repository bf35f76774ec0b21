// What the page knows, in one place; what was, for undo and redo.

import { keep, kept } from "./kept.js";

const MOST_STEPS = 5000; // more than a session has; a week of them would fill the memory
const KEEP_AFTER = 300; // milliseconds in which changes are gathered
/** What a reload leaves standing. */
const SAVED = [
  "home",
  "clip",
  "locks",
  "form",
  "ownSong",
  "phrase",
  "theme",
  "singleKeys",
  "cards",
  "track",
  "part",
  "other",
  "grid",
  "vary",
];

/** One store: get by name, set many, hear of names that changed (once a frame's worth of changes). */
export class Store {
  #values;
  #hearers = [];
  #changed = new Set();
  #past;
  #future;
  #keeping = 0;

  constructor(values) {
    const found = kept();
    [this.#past, this.#future] = [found.past, found.future];
    this.#values = { ...values, ...found.values, steps: this.steps };
    window.addEventListener("pagehide", () => this.keep());
  }

  get(name) {
    return this.#values[name];
  }

  /** The clip that is shown: what is being written as far as it is there, else the one on the stage. */
  get shown() {
    return this.#values.writing?.sketch ?? this.#values.clip;
  }

  /** Set values; whoever listens for one of their names hears of it once this task is done. */
  set(values) {
    const names = Object.keys(values).filter((name) => values[name] !== this.#values[name]);
    Object.assign(this.#values, values);
    if (names.length && !this.#changed.size) queueMicrotask(() => this.#tell());
    for (const name of names) this.#changed.add(name);
  }

  /** Call *hear* now and whenever one of the names changes. */
  on(names, hear) {
    this.#hearers.push({ names, hear });
    hear();
  }

  /** Put a clip in the place of the one that is there, as a step that can be undone. */
  step(words, clip, locks = this.get("locks")) {
    this.#past.push({ words, clip: this.get("clip"), locks: this.get("locks") });
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#future = [];
    this.set({ clip, locks, steps: this.steps });
  }

  /** Let go of all that names a take: in another home the same numbers are other music. */
  leave() {
    [this.#past, this.#future] = [[], []];
    const none = { clip: null, other: null, cards: [], locks: new Set() };
    this.set({ ...none, steps: this.steps });
  }

  undo() {
    return this.#move(this.#past, this.#future);
  }

  redo() {
    return this.#move(this.#future, this.#past);
  }

  /** What can be undone and redone, in words; empty where nothing can. */
  get steps() {
    return { undo: this.#past.at(-1)?.words ?? "", redo: this.#future.at(-1)?.words ?? "" };
  }

  #move(from, to) {
    const step = from.pop();
    if (!step) return "";
    to.push({ words: step.words, clip: this.get("clip"), locks: this.get("locks") });
    this.set({ clip: step.clip, locks: step.locks, picked: new Set(), steps: this.steps });
    return step.words;
  }

  #tell() {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const { names, hear } of this.#hearers)
      if (names.some((name) => changed.has(name))) hear();
    if (!SAVED.some((name) => changed.has(name))) return;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.keep(), KEEP_AFTER);
  }

  /** Keep what a reload shall find, now. */
  keep() {
    clearTimeout(this.#keeping);
    const values = Object.fromEntries(SAVED.map((name) => [name, this.#values[name]]));
    keep(values, this.#past, this.#future);
  }
}
