// The piano roll of one part: what it shows and where the music is; mouse and keys are beside it.

import { $, h, sharp } from "./dom.js";
import { partOf } from "./clip.js";
import { follow, inView } from "./columns.js";
import { Edits } from "./edits.js";
import { isDrums } from "./music.js";
import { hearKeys } from "./rollkeys.js";
import { hearMouse } from "./rollmouse.js";
import { rollTools } from "./rolltools.js";
import { drawGround, drawKeys, drawNotes, rowsOf } from "./rollview.js";

export class Roll {
  #frame = 0;
  #all = false;
  #head = h("div", { class: "playhead", hidden: true });
  #stand = h("div", { class: "stand", hidden: true });
  #playing = null; // the beat that is heard
  /** The clip as it is being dragged. */
  draft = null;
  /** Rows do not move while notes are dragged over them. */
  isHeld = false;
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
    this.paper = h("div", { class: "paper" }, this.ground, this.notes, this.#stand, this.#head);
    $("#roll").append(h("div", { class: "head keys" }, this.keys), this.paper);
    this.edits = new Edits(this);
    hearMouse(this);
    hearKeys(this);
    rollTools(this);
    store.on(["clip"], () => this.#keepPart());
    store.on(["clip", "writing", "part", "grid", "theme", "look", "zoom", "scrolled"], () =>
      this.draw(true),
    );
    store.on(["chosen"], () => this.draw());
    store.on(["stand", "clip", "zoom", "look"], () => this.#showStand());
    new ResizeObserver(() => (this.draw(true), this.#showStand())).observe(this.paper);
  }

  get part() {
    return partOf(this.draft ?? this.store.shown, this.store.get("part"));
  }

  /** Whether nothing can be edited: no clip is there, or a loop is written that will take its place. */
  get isBusy() {
    return Boolean(this.store.get("writing")) || !this.store.get("clip");
  }

  /** The beat where one stands; null where one stands nowhere. */
  get stand() {
    const stand = this.store.get("stand") ?? null;
    return stand !== null && stand < (this.store.get("clip")?.length ?? 0) ? stand : null;
  }

  /** The beat that is heard now, else where one stands, else null. */
  get place() {
    return this.#playing ?? this.stand;
  }

  get isPlaying() {
    return this.#playing !== null;
  }

  /** The clip that is there may have no such part: after an undo, or another take. */
  #keepPart() {
    const parts = this.store.get("clip")?.parts ?? [];
    if (!parts.length || partOf(this.store.get("clip"), this.store.get("part"))) return;
    const part = parts.find(({ name }) => !isDrums(name)) ?? parts[0];
    this.store.set({ part: part.name, chosen: new Set() });
  }

  /** Draw at the next frame; *all* draws rows and keys anew too. */
  draw(all = false) {
    this.#all ||= all;
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#frame = 0;
    const part = this.part;
    const clip = this.draft ?? this.store.shown;
    if (!part) return;
    const began = performance.now();
    if (!this.isHeld || !this.lanes) this.lanes = rowsOf(part);
    const [grid, chosen] = [this.store.get("grid"), this.store.get("chosen")];
    const { lanes } = this;
    const scene = { ...inView(), clip, part, lanes, grid, chosen, cursor: this.edits.cursor };
    if (this.#all) this.#paintGround(scene);
    this.#all = false;
    drawNotes(this.#canvas(this.notes, scene), scene);
    this.notes.setAttribute(
      "aria-label",
      `Piano roll of ${part.name}: ${part.notes.length} notes. Arrows choose and move, Enter draws, question mark tells all keys.`,
    );
    this.lastDraw = performance.now() - began;
  }

  #paintGround(scene) {
    const { lanes, part, clip } = scene;
    this.paper.style.height = `${lanes.height}px`;
    drawGround(this.#canvas(this.ground, scene), scene);
    const side = this.keys.parentElement.clientWidth;
    drawKeys(sharp(this.keys, side, lanes.height), side, part, lanes, clip.key);
  }

  /** Lay a canvas over what is in view; its context draws in pixels of all columns. */
  #canvas(canvas, { left, wide, lanes }) {
    canvas.style.left = `${left}px`;
    const context = sharp(canvas, wide, lanes.height);
    context.translate(-left, 0);
    return context;
  }

  /** Show where the music is, as a share of the clip; null hides it. */
  playhead(share) {
    const wide = this.paper.clientWidth;
    const before = this.#playing;
    const length = this.store.get("clip")?.length ?? 1;
    this.#playing = share === null ? null : share * length;
    this.#head.hidden = share === null;
    if (share === null) return;
    this.#head.style.transform = `translateX(${share * wide}px)`;
    if (before !== null) follow((before / length) * wide, share * wide);
  }

  #showStand() {
    this.#stand.hidden = this.stand === null;
    if (this.stand === null) return;
    const share = this.stand / this.store.get("clip").length;
    this.#stand.style.transform = `translateX(${share * this.paper.clientWidth}px)`;
  }
}
