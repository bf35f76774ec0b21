// The mouse in the piano roll: draw, move, stretch, velocity, frame, erase.

import { $, h } from "./dom.js";
import { floored, partOf, snapped } from "./clip.js";
import { inView } from "./columns.js";
import { withChanged, withMoved, withNote, without } from "./notes.js";
import { boxOf } from "./rollview.js";

const EDGE = 7; // pixels at a note's end that stretch it, a third of a short one
const FINE = 1 / 48; // beats, with Alt held down
const NEAR = 1; // pixels around a note that are still the note
const PULL = 0.3; // of the pixels that the mouse is out of view, the view follows each time

/** Hear the mouse over a roll. */
export function hearMouse(roll) {
  const mouse = new Mouse(roll);
  const { notes, keys } = roll;
  notes.addEventListener("pointerdown", (event) => mouse.down(event));
  notes.addEventListener("pointermove", (event) => mouse.move(event));
  notes.addEventListener("pointerup", () => mouse.up());
  notes.addEventListener("pointercancel", () => mouse.give());
  notes.addEventListener("dblclick", (event) => mouse.erase(event));
  notes.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    mouse.erase(event);
  });
  keys.addEventListener("pointerdown", (event) => mouse.hearKey(event));
  roll.store.on(["clip", "writing"], () => mouse.look());
}

class Mouse {
  #drag = null;
  #frame = h("div", { class: "frame", hidden: true });

  constructor(roll) {
    Object.assign(this, { roll, store: roll.store, edits: roll.edits });
    roll.paper.append(this.#frame);
  }

  #at(event) {
    const { lanes, paper } = this.roll;
    const box = paper.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const beatWide = box.width / this.store.get("clip").length;
    const row = Math.min(lanes.pitches.length - 1, Math.max(0, Math.floor(y / lanes.high)));
    return { x, y, beatWide, beat: x / beatWide, pitch: lanes.pitches[row], row };
  }

  #hit({ x, y, beatWide }) {
    return this.roll.part.notes.findLast((note) => {
      const box = boxOf(note, beatWide, this.roll.lanes);
      const isIn = (at, from, size) => at >= from - NEAR && at <= from + size + NEAR;
      return isIn(x, box.x, box.wide) && isIn(y, box.y, box.high);
    });
  }

  /** What taking hold of a note at a place does. */
  #kind(event, at, note) {
    if (event.ctrlKey || event.metaKey) return "velocity";
    const box = boxOf(note, at.beatWide, this.roll.lanes);
    const isEnd = at.x > box.x + box.wide - Math.min(EDGE, box.wide / 3);
    return isEnd && !this.roll.lanes.isDrums ? "length" : "move"; // a drum rings as it likes
  }

  down(event) {
    if (event.button !== 0 || this.roll.isBusy || !this.roll.lanes) return;
    const at = this.#at(event);
    const note = this.#hit(at);
    this.roll.notes.setPointerCapture(event.pointerId);
    this.roll.notes.focus({ preventScroll: true });
    const base = this.store.get("clip");
    const drag = { at, base, name: this.roll.part.name, sounds: note?.pitch };
    if (note) this.#hold(event, { ...drag, note, kind: this.#kind(event, at, note) });
    else if (event.altKey) this.store.set({ stand: snapped(base, at.beat, this.edits.grid) });
    else if (event.shiftKey) this.#drag = { ...drag, kind: "frame", picked: new Set() };
    else this.#begin(drag);
    this.roll.isHeld = Boolean(this.#drag);
    this.roll.draw();
  }

  #hold(event, drag) {
    const chosen = this.store.get("chosen");
    const { id } = drag.note;
    const others = event.shiftKey ? chosen : [];
    const picked = chosen.has(id) ? chosen : new Set([...others, id]);
    this.#drag = { ...drag, picked };
    this.edits.cursor = id;
    this.edits.choose(picked);
    this.edits.sound(drag.note);
  }

  #begin({ at, base, name }) {
    const { grid } = this.edits;
    const start = floored(base, at.beat, grid);
    const [clip, id] = withNote(base, name, { start, pitch: at.pitch, duration: grid });
    const note = partOf(clip, name).notes.at(-1);
    this.roll.draft = clip;
    this.edits.cursor = id;
    const kind = this.roll.lanes.isDrums ? "move" : "length";
    this.#drag = { kind, at, name, note, base: clip, from: base, picked: new Set([id]) };
    this.edits.choose([id]);
    this.edits.sound(note);
  }

  move(event) {
    if (!this.#drag) return this.#point(event);
    this.#pull(event);
    const now = this.#at(event);
    if (this.#drag.kind === "frame") return this.#frameTo(now);
    this.roll.draft = this.#dragged(now, event.altKey ? FINE : this.edits.grid);
    const held = partOf(this.roll.draft, this.#drag.name)?.notes.find(
      ({ id }) => id === this.#drag.note.id,
    );
    if (held && held.pitch !== this.#drag.sounds) this.edits.sound(held);
    this.#drag.sounds = held?.pitch;
    this.roll.draw();
  }

  /** The clip as it is when the mouse is there. */
  #dragged(now, grid) {
    const { kind, at, base, picked, note, name } = this.#drag;
    const beats = Math.round((now.beat - at.beat) / grid) * grid;
    const rows = now.row - at.row;
    const more = Math.round(at.y - now.y);
    if (kind === "move" && (beats || rows))
      return withMoved(base, name, picked, beats, rows, this.roll.lanes);
    if (kind === "length" && beats) {
      const least = Math.min(grid, note.duration);
      return withChanged(base, name, picked, (n) => ({
        duration: Math.max(Math.min(least, n.duration), n.duration + beats),
      }));
    }
    if (kind === "velocity" && more)
      return withChanged(base, name, picked, (n) => ({ velocity: n.velocity + more }));
    return base;
  }

  #frameTo(now) {
    const { at } = this.#drag;
    const { lanes } = this.roll;
    const [left, right] = [at.beat, now.beat].sort((a, b) => a - b);
    const [top, bottom] = [at.row, now.row].sort((a, b) => a - b);
    const row = (note) => lanes.index.get(note.pitch);
    const isIn = (note) =>
      note.start < right &&
      note.start + note.duration > left &&
      row(note) >= top &&
      row(note) <= bottom;
    this.edits.choose(this.roll.part.notes.filter(isIn).map((note) => note.id));
    this.#frame.hidden = false;
    Object.assign(this.#frame.style, {
      left: `${left * now.beatWide}px`,
      width: `${(right - left) * now.beatWide}px`,
      top: `${top * lanes.high}px`,
      height: `${(bottom - top + 1) * lanes.high}px`,
    });
  }

  /** Let the view follow a mouse that drags out of it. */
  #pull(event) {
    const scroll = $("#scroll");
    const box = scroll.getBoundingClientRect();
    const over = Math.max(0, event.clientX - box.right);
    const under = Math.min(0, event.clientX - box.left - inView().side);
    if (over || under) scroll.scrollLeft += (over + under) * PULL;
  }

  #point(event) {
    if (this.roll.isBusy || !this.roll.lanes || !this.roll.part) return;
    const at = this.#at(event);
    const note = this.#hit(at);
    const shape = { length: "ew-resize", velocity: "ns-resize", move: "grab" };
    this.roll.notes.style.cursor = note ? shape[this.#kind(event, at, note)] : "crosshair";
  }

  up() {
    const { draft } = this.roll;
    const drag = this.#drag;
    this.give();
    if (!drag || !draft || draft === drag.from || (!drag.from && draft === drag.base)) return;
    const words = {
      move: "moved notes",
      length: "changed lengths",
      velocity: "changed velocities",
    }[drag.kind];
    const { take, title } = this.store.get("clip"); // what was edited before may have landed since
    this.store.step(drag.from ? "drew a note" : words, { ...draft, take, title });
  }

  /** Give up what is being dragged. */
  give() {
    this.#drag = this.roll.draft = null;
    this.roll.isHeld = false;
    this.#frame.hidden = true;
    this.roll.draw(true);
  }

  /** Another clip came while this one is dragged over: what is dragged is no more. */
  look() {
    if (!this.#drag) return;
    const before = (this.#drag.from ?? this.#drag.base).parts;
    if (this.roll.isBusy || this.store.get("clip").parts !== before) this.give();
  }

  erase(event) {
    if (this.roll.isBusy || !this.roll.part) return;
    const note = this.#hit(this.#at(event));
    if (note)
      this.edits.step("deleted a note", (clip, name) => without(clip, name, new Set([note.id])));
  }

  hearKey(event) {
    const { lanes, part } = this.roll;
    const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
    const pitch = lanes?.pitches[Math.floor(y / lanes.high)];
    if (pitch !== undefined && part) this.edits.sound({ pitch, velocity: 90 });
  }
}
