// The piano roll of one part: draw, move, length, velocity, delete; by mouse and by keys.

import { $, fill, h, sharp } from "./dom.js";
import { partOf, quantised, withChanged, withNote, without } from "./clip.js";
import { isDrums, rowName } from "./music.js";
import { boxOf, drawGround, drawKeys, drawNotes, rowsOf } from "./rollview.js";

const GRIDS = [
  ["1", 1],
  ["1/8", 0.5],
  ["1/8 triplet", 1 / 3],
  ["1/16", 0.25],
  ["1/16 triplet", 1 / 6],
  ["1/32", 0.125],
];
const EDGE = 7; // pixels at a note's end that stretch it

export class Roll {
  #frame = 0;
  #draft = null;
  #drag = null;
  #cursor = null;
  /** How long the last frame took to draw, in milliseconds. */
  lastDraw = 0;

  constructor(store, sound, say) {
    Object.assign(this, { store, sound, say });
    this.keys = h("canvas", { "aria-hidden": "true" });
    this.ground = h("canvas", { "aria-hidden": "true" });
    this.notes = h("canvas", {
      id: "notes",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "piano roll",
    });
    this.head = h("div", { class: "playhead", hidden: true });
    this.paper = h("div", { class: "paper" }, this.ground, this.notes, this.head);
    $("#roll").append(h("div", { class: "head keys" }, this.keys), this.paper);
    this.#hearPointer();
    this.notes.addEventListener("keydown", (event) => this.#key(event));
    store.on(["clip", "writing", "part", "grid", "theme", "look"], () => this.draw(true));
    store.on(["chosen"], () => this.draw());
    store.on(["clip", "chosen", "grid", "part"], () => this.#tools());
    new ResizeObserver(() => this.draw(true)).observe(this.paper);
  }

  get part() {
    return partOf(this.#draft ?? this.store.shown, this.store.get("part"));
  }

  /** Whether another clip is shown than the one that would be edited. */
  get #isBusy() {
    return this.store.shown !== this.store.get("clip") || !this.store.get("clip");
  }

  /** Draw at the next frame; *all* draws rows and keys anew too. */
  draw(all = false) {
    this.all ||= all;
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#frame = 0;
    const part = this.part;
    const clip = this.#draft ?? this.store.shown;
    if (!part || $("#scroll").hidden) return;
    const began = performance.now();
    if (!this.#drag || !this.lanes) this.lanes = rowsOf(part);
    const width = this.paper.clientWidth;
    const scene = {
      width,
      clip,
      part,
      lanes: this.lanes,
      grid: this.store.get("grid"),
      chosen: this.store.get("chosen"),
      cursor: this.#cursor,
    };
    if (this.all) this.#paintGround(scene);
    this.all = false;
    drawNotes(sharp(this.notes, width, this.lanes.height), scene);
    this.notes.setAttribute(
      "aria-label",
      `Piano roll of ${part.name}: ${part.notes.length} notes. Arrows choose and move, Enter draws, question mark tells all keys.`,
    );
    this.lastDraw = performance.now() - began;
  }

  #paintGround(scene) {
    const { lanes, width, part, clip } = scene;
    this.paper.style.height = `${lanes.height}px`;
    drawGround(sharp(this.ground, width, lanes.height), scene);
    const side = this.keys.parentElement.clientWidth;
    drawKeys(sharp(this.keys, side, lanes.height), side, part, lanes, clip.key);
  }

  /** Show where the music is, as a share of the clip; null hides it. */
  playhead(share) {
    this.head.hidden = share === null;
    if (share !== null)
      this.head.style.transform = `translateX(${share * this.paper.clientWidth}px)`;
  }

  // by mouse

  #hearPointer() {
    this.notes.addEventListener("pointerdown", (event) => this.#down(event));
    this.notes.addEventListener("pointermove", (event) => this.#move(event));
    this.notes.addEventListener("pointerup", () => this.#up());
    this.notes.addEventListener("pointercancel", () => this.#give());
    this.notes.addEventListener("dblclick", (event) => this.#erase(event));
    this.notes.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.#erase(event);
    });
  }

  #at(event) {
    const box = this.notes.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const beatWide = box.width / this.store.get("clip").length;
    const row = Math.min(
      this.lanes.pitches.length - 1,
      Math.max(0, Math.floor(y / this.lanes.high)),
    );
    return { x, y, beatWide, beat: x / beatWide, pitch: this.lanes.pitches[row], row };
  }

  #hit({ x, y, beatWide }) {
    return this.part.notes.findLast((note) => {
      const box = boxOf(note, beatWide, this.lanes);
      return (
        x >= box.x - 1 && x <= box.x + box.wide + 1 && y >= box.y - 1 && y <= box.y + box.high + 1
      );
    });
  }

  #down(event) {
    if (event.button !== 0 || this.#isBusy) return;
    const at = this.#at(event);
    const note = this.#hit(at);
    const chosen = this.store.get("chosen");
    this.notes.setPointerCapture(event.pointerId);
    this.notes.focus({ preventScroll: true });
    const base = this.store.get("clip");
    if (!note && event.shiftKey) this.#drag = { kind: "frame", at, base };
    else if (!note) this.#begin(at, base);
    else {
      const picked = chosen.has(note.id)
        ? chosen
        : event.shiftKey
          ? new Set([...chosen, note.id])
          : new Set([note.id]);
      const box = boxOf(note, at.beatWide, this.lanes);
      const kind =
        event.ctrlKey || event.metaKey
          ? "velocity"
          : at.x > box.x + box.wide - EDGE
            ? "length"
            : "move";
      this.#drag = { kind, at, base, picked, note };
      this.#cursor = note.id;
      this.store.set({ chosen: picked });
      this.#sound(note);
    }
    this.draw();
  }

  #begin(at, base) {
    const grid = this.store.get("grid");
    const start = Math.floor(at.beat / grid + 1e-6) * grid;
    const [clip, id] = withNote(base, this.part.name, { start, pitch: at.pitch, duration: grid });
    this.#draft = clip;
    this.#cursor = id;
    this.#drag = {
      kind: "length",
      at,
      base: clip,
      picked: new Set([id]),
      note: partOf(clip, this.part.name).notes.at(-1),
      isNew: true,
    };
    this.store.set({ chosen: new Set([id]) });
    this.#sound(this.#drag.note);
  }

  #move(event) {
    if (!this.#drag) return this.#pointer(event);
    const now = this.#at(event);
    const { kind, at, base, picked, note } = this.#drag;
    const grid = event.altKey ? 1 / 48 : this.store.get("grid");
    const name = this.part.name;
    const beats = Math.round((now.beat - at.beat) / grid) * grid;
    if (kind === "frame") return this.#frameTo(now);
    if (kind === "move") {
      const rows = now.row - at.row;
      const pitch = (old) => this.lanes.pitches[(this.lanes.index.get(old) ?? 0) + rows] ?? old;
      this.#draft = withChanged(base, name, picked, (n) => ({
        start: n.start + beats,
        pitch: pitch(n.pitch),
      }));
    } else if (kind === "length") {
      const least = Math.min(grid, note.duration);
      this.#draft = withChanged(base, name, picked, (n) => ({
        duration: Math.max(least, n.duration + beats),
      }));
    } else
      this.#draft = withChanged(base, name, picked, (n) => ({
        velocity: n.velocity + (at.y - now.y),
      }));
    this.draw();
  }

  #frameTo(now) {
    const { at } = this.#drag;
    const [left, right] = [at.beat, now.beat].sort((a, b) => a - b);
    const [top, bottom] = [at.row, now.row].sort((a, b) => a - b);
    const isIn = (n) =>
      n.start < right &&
      n.start + n.duration > left &&
      this.lanes.index.get(n.pitch) >= top &&
      this.lanes.index.get(n.pitch) <= bottom;
    this.store.set({ chosen: new Set(this.part.notes.filter(isIn).map((n) => n.id)) });
  }

  #pointer(event) {
    if (this.#isBusy || !this.lanes) return;
    const at = this.#at(event);
    const note = this.#hit(at);
    const box = note && boxOf(note, at.beatWide, this.lanes);
    this.notes.style.cursor = !note
      ? "crosshair"
      : at.x > box.x + box.wide - EDGE
        ? "ew-resize"
        : "grab";
  }

  #up() {
    const words = {
      move: "moved notes",
      length: this.#drag?.isNew ? "drew a note" : "changed lengths",
      velocity: "changed velocities",
    }[this.#drag?.kind];
    const draft = this.#draft;
    this.#drag = this.#draft = null;
    if (draft && words) this.store.step(words, draft);
    this.draw(true);
  }

  #give() {
    this.#drag = this.#draft = null;
    this.draw(true);
  }

  #erase(event) {
    if (this.#isBusy) return;
    const note = this.#hit(this.#at(event));
    if (note) this.#edit("deleted a note", (clip, name) => without(clip, name, new Set([note.id])));
  }

  #sound(note) {
    this.sound.note(this.part, note);
  }

  // by keys

  #edit(words, change) {
    const clip = this.store.get("clip");
    this.store.step(words, change(clip, this.store.get("part")));
  }

  /** Change the chosen notes; says so where none is. */
  change(words, change) {
    const chosen = this.store.get("chosen");
    if (!chosen.size)
      return this.say("choose notes first: click them, or press an arrow in the roll");
    this.#edit(words, (clip, name) => withChanged(clip, name, chosen, change));
    this.#tell();
  }

  quantise() {
    this.#edit("quantised", (clip, name) =>
      quantised(clip, name, this.store.get("chosen"), this.store.get("grid")),
    );
  }

  delete() {
    const chosen = this.store.get("chosen");
    if (!chosen.size) return;
    this.#edit(`deleted ${chosen.size} notes`, (clip, name) => without(clip, name, chosen));
    this.store.set({ chosen: new Set() });
  }

  #choose(step) {
    const notes = [...this.part.notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
    if (!notes.length) return;
    const place = notes.findIndex((note) => note.id === this.#cursor);
    const note = notes[(place + step + notes.length) % notes.length] ?? notes[0];
    this.#cursor = note.id;
    this.store.set({ chosen: new Set([note.id]) });
    this.#sound(note);
    this.#tell();
  }

  #draw() {
    const grid = this.store.get("grid");
    const now = this.part.notes.find((note) => note.id === this.#cursor);
    const rows = rowsOf(this.part).pitches;
    const length = this.store.get("clip").length;
    const note = now
      ? { ...now, start: (now.start + Math.max(grid, now.duration)) % length }
      : { start: 0, pitch: rows[Math.floor(rows.length / 2)], duration: grid };
    const [clip, id] = withNote(this.store.get("clip"), this.part.name, note);
    this.#cursor = id;
    this.store.set({ chosen: new Set([id]) });
    this.store.step("drew a note", clip);
    this.#tell();
  }

  #tell() {
    const note = this.part.notes.find((one) => one.id === this.#cursor);
    if (!note) return;
    const { key } = this.store.get("clip");
    this.say(
      `${rowName(this.part.name, note.pitch, key)}, beat ${+(note.start + 1).toFixed(2)}, ${+note.duration.toFixed(2)} long, velocity ${note.velocity}`,
    );
  }

  #key(event) {
    const grid = this.store.get("grid");
    const isPlain = !event.ctrlKey && !event.metaKey;
    const rows = this.lanes;
    const next = (pitch, step) =>
      isDrums(this.part.name)
        ? (rows.pitches[rows.index.get(pitch) - step] ?? pitch)
        : pitch + step;
    const acts = {
      ArrowLeft: () =>
        event.shiftKey
          ? this.change("moved notes", (n) => ({ start: n.start - grid }))
          : this.#choose(-1),
      ArrowRight: () =>
        event.shiftKey
          ? this.change("moved notes", (n) => ({ start: n.start + grid }))
          : this.#choose(1),
      ArrowUp: () =>
        this.change("transposed", (n) => ({
          pitch: event.shiftKey ? n.pitch + 12 : next(n.pitch, 1),
        })),
      ArrowDown: () =>
        this.change("transposed", (n) => ({
          pitch: event.shiftKey ? n.pitch - 12 : next(n.pitch, -1),
        })),
      "]": () => this.change("made longer", (n) => ({ duration: n.duration + grid })),
      "[": () => this.change("made shorter", (n) => ({ duration: n.duration - grid })),
      ".": () => this.change("made louder", (n) => ({ velocity: n.velocity + 8 })),
      ",": () => this.change("made softer", (n) => ({ velocity: n.velocity - 8 })),
      Delete: () => this.delete(),
      Backspace: () => this.delete(),
      Enter: () => this.#draw(),
      q: () => this.quantise(),
      Escape: () => this.store.set({ chosen: new Set() }),
    };
    const isAll = !isPlain && event.key === "a";
    const act = isAll
      ? () => this.store.set({ chosen: new Set(this.part.notes.map((n) => n.id)) })
      : isPlain && acts[event.key];
    if (!act || this.#isBusy) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #tools() {
    const clip = this.store.get("clip");
    const part = this.part;
    if (!clip || !part) return fill($("#edit"));
    const chosen = part.notes.filter((note) => this.store.get("chosen").has(note.id));
    const off = String(!chosen.length);
    const grid = h(
      "select",
      { "aria-label": "Grid", "data-key": "grid" },
      GRIDS.map(([name, beats]) => h("option", { value: String(beats) }, name)),
    );
    grid.value = String(this.store.get("grid"));
    grid.addEventListener("change", () => this.store.set({ grid: Number(grid.value) }));
    const velocity = h("input", {
      type: "range",
      min: "1",
      max: "127",
      disabled: !chosen.length,
      "aria-label": "Velocity of the chosen notes",
      "data-key": "velocity",
    });
    velocity.value = chosen.length
      ? chosen.reduce((sum, n) => sum + n.velocity, 0) / chosen.length
      : 90;
    velocity.addEventListener("change", () =>
      this.change("changed velocities", () => ({ velocity: Number(velocity.value) })),
    );
    const button = (key, words, title, act) =>
      h(
        "button",
        { "data-key": key, title, "aria-label": title, "aria-disabled": off, onclick: act },
        words,
      );
    fill(
      $("#edit"),
      h(
        "b",
        { class: "told" },
        `${part.name} · ${chosen.length ? `${chosen.length} of ` : ""}${part.notes.length} notes`,
      ),
      h("label", {}, "Grid", grid),
      h(
        "button",
        { "data-key": "quantise", title: "Starts on the grid (q)", onclick: () => this.quantise() },
        "Quantise",
      ),
      button("down", "−1", "A semitone down", () =>
        this.change("transposed", (n) => ({ pitch: n.pitch - 1 })),
      ),
      button("up", "+1", "A semitone up", () =>
        this.change("transposed", (n) => ({ pitch: n.pitch + 1 })),
      ),
      button("octave-down", "−8va", "An octave down", () =>
        this.change("transposed", (n) => ({ pitch: n.pitch - 12 })),
      ),
      button("octave-up", "+8va", "An octave up", () =>
        this.change("transposed", (n) => ({ pitch: n.pitch + 12 })),
      ),
      h("label", {}, "Velocity", velocity),
      button("delete", "Delete", "Delete the chosen notes", () => this.delete()),
    );
  }
}
