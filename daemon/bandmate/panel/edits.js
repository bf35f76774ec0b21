// What is done to the notes of the part that the roll shows, each by one name; mouse, keys and tools call these.

import { snapped } from "./clip.js";
import { Clipboard } from "./clipboard.js";
import { isDrums, rowName } from "./music.js";
import { quantised, withChanged, withMoved, withNote, without, withTransposed } from "./notes.js";
import { rowsOf } from "./rollview.js";

export class Edits {
  /** The id of the note that keys speak of. */
  cursor = null;

  constructor(roll) {
    Object.assign(this, { roll, store: roll.store });
    this.clipboard = new Clipboard(this);
  }

  get part() {
    return this.roll.part;
  }

  get grid() {
    return this.store.get("grid");
  }

  /** The chosen notes that are there. */
  get chosen() {
    const chosen = this.store.get("chosen");
    return (this.part?.notes ?? []).filter((note) => chosen.has(note.id));
  }

  say(words) {
    this.roll.say(words);
  }

  sound(note) {
    this.roll.sound.note(this.part, note);
  }

  choose(ids) {
    this.store.set({ chosen: new Set(ids) });
  }

  /** Take a step: *change* makes another clip of the clip and the part's name. */
  step(words, change) {
    if (this.roll.isBusy) return this.say("a loop is being written: stop it or wait");
    this.store.step(words, change(this.store.get("clip"), this.store.get("part")));
  }

  /** Take a step with the chosen notes; says so where none is chosen. */
  #stepChosen(words, change) {
    const ids = new Set(this.chosen.map((note) => note.id));
    if (!ids.size) return this.say("choose notes first: click them, or press an arrow in the roll");
    this.step(words, (clip, name) => change(clip, name, ids));
    this.tell();
  }

  change(words, change) {
    this.#stepChosen(words, (clip, name, ids) => withChanged(clip, name, ids, change));
  }

  /** Move the chosen notes so many lines of the grid. */
  move(lines) {
    this.#stepChosen("moved notes", (clip, name, ids) =>
      withMoved(clip, name, ids, lines * this.grid),
    );
  }

  /** Move the chosen notes so many semitones; on drums, so many rows. */
  transpose(semitones) {
    const isRows = isDrums(this.part.name) && Math.abs(semitones) < 12;
    this.#stepChosen("transposed", (clip, name, ids) =>
      isRows
        ? withMoved(clip, name, ids, 0, -semitones, this.roll.lanes)
        : withTransposed(clip, name, ids, semitones),
    );
    if (this.chosen.length) this.sound(this.#at ?? this.chosen[0]);
  }

  quantise() {
    this.step("quantised", (clip, name) =>
      quantised(clip, name, new Set(this.chosen.map((note) => note.id)), this.grid),
    );
  }

  delete(words = "deleted") {
    const ids = new Set(this.chosen.map((note) => note.id));
    if (!ids.size) return;
    const count = ids.size === 1 ? "a note" : `${ids.size} notes`;
    this.step(`${words} ${count}`, (clip, name) => without(clip, name, ids));
    this.choose([]);
  }

  get #at() {
    return this.part.notes.find((note) => note.id === this.cursor);
  }

  /** Choose the next note (1) or the one before (-1). */
  walk(step) {
    const notes = [...this.part.notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
    if (!notes.length) return this.say(`${this.part.name} has no notes: Enter draws one`);
    const place = notes.findIndex((note) => note.id === this.cursor);
    const from = place < 0 && step < 0 ? 0 : place; // from nowhere, back is the last one
    const note = notes[(from + step + notes.length) % notes.length];
    this.cursor = note.id;
    this.choose([note.id]);
    this.sound(note);
    this.tell();
  }

  /** Draw a note behind the one that keys speak of; without one, where one stands. */
  draw() {
    const { grid } = this;
    const clip = this.store.get("clip");
    const now = this.#at;
    const rows = rowsOf(this.part).pitches;
    const start = now
      ? snapped(clip, now.start + Math.max(grid, now.duration), grid) % clip.length
      : (this.roll.stand ?? 0);
    const first = { pitch: rows[Math.floor(rows.length / 2)], duration: grid };
    const [made, id] = withNote(clip, this.part.name, { ...(now ?? first), start });
    this.cursor = id;
    this.choose([id]);
    this.store.step("drew a note", made);
    this.sound(this.#at);
    this.tell();
  }

  /** Say what the note is that keys speak of. */
  tell() {
    const note = this.#at;
    if (!note) return;
    const { key } = this.store.get("clip");
    this.say(
      `${rowName(this.part.name, note.pitch, key)}, beat ${+(note.start + 1).toFixed(2)}, ${+note.duration.toFixed(2)} long, velocity ${note.velocity}`,
    );
  }

  /** Stand where the note is that keys speak of: what is heard and pasted begins there. */
  standHere() {
    const note = this.#at;
    if (note) this.store.set({ stand: snapped(this.store.get("clip"), note.start, this.grid) });
  }
}
