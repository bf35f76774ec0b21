// Notes that are copied, from place to place and from part to part.

import { floored, pulses, snapped } from "./clip.js";
import { isDrums } from "./music.js";
import { SHORTEST, withLaid } from "./notes.js";

const LATE = 0.2; // of a line: so much over it is still played on it

export class Clipboard {
  #notes = [];

  constructor(edits) {
    this.edits = edits;
  }

  copy() {
    const { chosen } = this.edits;
    if (!chosen.length) return this.edits.say("choose notes first, then copy them");
    this.#notes = chosen;
    this.edits.say(`copied ${counted(chosen)}`);
  }

  cut() {
    const { chosen } = this.edits;
    this.copy();
    if (!chosen.length) return;
    this.edits.delete("cut");
    this.edits.say(`cut ${counted(chosen)}`);
  }

  /** Lay a copy where the music is or where one stands; else behind the chosen notes; else where it came from. */
  paste() {
    const { edits } = this;
    const { roll, grid, chosen } = edits;
    if (!this.#notes.length) return edits.say("nothing is copied yet");
    const clip = edits.store.get("clip");
    const place = roll.place;
    const from = first(this.#notes);
    const line = snapped(clip, from, grid);
    const to =
      place !== null
        ? floored(clip, place, grid)
        : chosen.length
          ? snapped(clip, first(chosen), grid) + this.#stride(clip, chosen)
          : line;
    this.#lay("pasted", this.#notes, to - line);
    if (place !== null && !roll.isPlaying)
      edits.store.set({ stand: to + this.#stride(clip, this.#notes) });
  }

  /** Lay a copy of the chosen notes behind them. */
  duplicate() {
    const { chosen, store } = this.edits;
    if (!chosen.length) return this.edits.say("choose notes first, then duplicate them");
    this.#lay("duplicated", chosen, this.#stride(store.get("clip"), chosen));
  }

  #lay(words, notes, by) {
    const { edits } = this;
    const { length, bars } = edits.store.get("clip");
    const laid = notes
      .map((note) => ({ ...note, start: note.start + by }))
      .filter((note) => note.start <= length - SHORTEST);
    if (!laid.length) return edits.say(`there is no room behind: the clip ends with bar ${bars}`);
    let ids = [];
    edits.step(`${words} ${counted(laid)}`, (clip, name) => {
      const [made, own] = withLaid(clip, name, laid);
      ids = own;
      return made;
    });
    edits.choose(ids);
    const left = notes.length - laid.length;
    edits.say(
      `${words} ${counted(laid)}${left ? `; ${left} would lie behind the end of the clip` : ""}`,
    );
  }

  /** How far behind notes their copy lies: as long as they are, in whole pulses where that is more than one. */
  #stride(clip, notes) {
    const drums = isDrums(this.edits.part.name);
    const { grid } = this.edits;
    const end = (note) => note.start + (drums ? Math.min(note.duration, grid) : note.duration);
    const span = Math.max(...notes.map(end)) - first(notes);
    const { beats } = pulses(clip.meter);
    const unit = span > beats * (1 + LATE) ? beats : grid;
    return Math.max(1, Math.ceil(span / unit - LATE)) * unit;
  }
}

const first = (notes) => Math.min(...notes.map((note) => note.start));
const counted = (notes) => (notes.length === 1 ? "a note" : `${notes.length} notes`);
