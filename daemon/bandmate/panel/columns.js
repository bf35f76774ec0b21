// The columns of bars that chords, cells, density and roll share: how many, how wide, what is in view.

import { $ } from "./dom.js";

const MOST = 1600; // pixels of a bar
const FIT = 48; // pixels that a bar has at least where nobody zoomed
const STEP = 1.5;
const WHEEL = 0.0025; // zoom of a pixel that the wheel turns, as a power of e
const MARGIN = 240; // pixels at both sides of what is in view that are drawn too

/** Return what of the columns is drawn: from *left* on *wide* pixels of *total*; *side* is before them. */
export function inView() {
  const scroll = $("#scroll");
  const side = $("#chords .head")?.offsetWidth ?? 0;
  const total = Math.max(1, $("#chords").getBoundingClientRect().width - side);
  const left = Math.max(0, scroll.scrollLeft - MARGIN);
  const right = Math.min(total, scroll.scrollLeft + scroll.clientWidth - side + MARGIN);
  return { left, wide: Math.max(1, right - left), total, side };
}

/** Return how many bars are shown: the clip's; without one, as many as are asked for. */
export const barsShown = (store) => store.shown?.bars ?? store.get("form").bars ?? 4;

export class Columns {
  constructor(store) {
    this.store = store;
    this.place = $("#scroll");
    this.place.hidden = false;
    store.on(["clip", "writing", "form"], () => this.place.style.setProperty("--bars", this.bars));
    this.place.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.place.addEventListener("scroll", () => store.set({ scrolled: this.place.scrollLeft }));
  }

  get bars() {
    return barsShown(this.store);
  }

  /** Make bars wider; what is at *x* (pixels of the window) stays there; without one, what is worked at. */
  zoom(factor, x = null) {
    const { total, side } = inView();
    const width = this.place.clientWidth - side;
    const edge = this.place.getBoundingClientRect().left + this.place.clientLeft + side;
    const at = x === null ? this.#worked(total, width) : x - edge;
    const share = (this.place.scrollLeft + at) / total;
    const whole = width / this.bars;
    const wide = Math.min(Math.max((total / this.bars) * factor, whole), Math.max(MOST, whole));
    this.#set(wide <= whole && whole >= FIT ? null : wide);
    this.place.scrollLeft = share * inView().total - at;
  }

  /** Where in the view one stands or has chosen a note; its left end where that is not in view. */
  #worked(total, width) {
    const [clip, chosen] = [this.store.get("clip"), this.store.get("chosen")];
    const notes = (clip?.parts ?? []).flatMap((part) => part.notes);
    const beat = this.store.get("stand") ?? notes.find((note) => chosen.has(note.id))?.start ?? 0;
    const at = (beat / (clip?.length ?? 1)) * total - this.place.scrollLeft;
    return at >= 0 && at <= width ? at : 0;
  }

  wider() {
    this.zoom(STEP);
  }

  narrower() {
    this.zoom(1 / STEP);
  }

  /** As wide as there is room. */
  fit() {
    this.#set(null);
  }

  #set(wide) {
    if (wide === null) this.place.style.removeProperty("--bar");
    else this.place.style.setProperty("--bar", `${wide}px`);
    this.store.set({ zoom: wide });
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaMode ? event.deltaY * 16 : event.deltaY;
    this.zoom(Math.exp(-pixels * WHEEL), event.clientX);
  }
}

/** Let what goes from *before* to *now* (pixels of the columns) stay in view, if it was there. */
export function follow(before, now) {
  const scroll = $("#scroll");
  const width = scroll.clientWidth - inView().side;
  const isIn = (x) => x >= scroll.scrollLeft && x <= scroll.scrollLeft + width;
  if (isIn(before) && !isIn(now)) scroll.scrollLeft = now;
}
