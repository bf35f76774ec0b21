// What the page knows, in one place; what was, for undo and redo; what a reload leaves standing.

const KEPT = "bandmate";
const KEPT_STEPS = 20;
const SAVED = [
  "clip",
  "locks",
  "form",
  "ownSong",
  "mix",
  "theme",
  "singleKeys",
  "cards",
  "card",
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
  #past = [];
  #future = [];

  constructor(values) {
    this.#values = { ...values, ...this.#read() };
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
    this.#future = [];
    this.set({ clip, locks, steps: this.steps });
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
    if (SAVED.some((name) => changed.has(name))) this.#write();
  }

  #write() {
    const kept = Object.fromEntries(SAVED.map((name) => [name, this.#values[name]]));
    const steps = this.#past.slice(-KEPT_STEPS);
    for (const past of [steps, []]) {
      try {
        return localStorage.setItem(KEPT, JSON.stringify({ ...kept, past }, plain));
      } catch {
        continue; // the browser's shelf is full: without the steps there is room
      }
    }
  }

  #read() {
    try {
      const { past, ...kept } = JSON.parse(localStorage.getItem(KEPT), revived) ?? {};
      this.#past = past ?? [];
      return { ...kept, steps: this.steps };
    } catch {
      return {}; // what an older page wrote is not worth a broken one
    }
  }
}

const plain = (_, value) => (value instanceof Set ? { set: [...value] } : value);
const revived = (_, value) => (value && Array.isArray(value.set) ? new Set(value.set) : value);
