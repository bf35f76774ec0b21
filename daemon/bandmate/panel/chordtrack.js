// The chord track above the cells: a bar's chords, typed, dropped or dragged from bar to bar.

import { $, fill, h } from "./dom.js";
import { chordBars, heldChords } from "./clip.js";
import { barsShown } from "./columns.js";
import { symbolOf } from "./music.js";

const ALT_STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** Show the chord track. */
export const chordTrack = (store, verbs) => new ChordTrack(store, verbs);

class ChordTrack {
  #inputs = [];
  #isFilling = false;
  #list = h("datalist", { id: "next-chords" });

  constructor(store, verbs) {
    Object.assign(this, { store, verbs });
    this.place = $("#chords");
    document.body.append(this.#list);
    store.on(["clip", "track", "writing"], () => this.#show());
    store.on(["form", "song", "cards"], () => store.get("clip") || this.#show());
    this.place.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("text/x-chords")) event.preventDefault();
    });
    this.place.addEventListener("drop", (event) => this.#drop(event));
  }

  get #count() {
    return barsShown(this.store);
  }

  /** The chords of each bar as they are kept: labels or what was typed; empty holds what was before. */
  get #texts() {
    const labels = chordBars(this.#follows?.chords).map((bar) => bar.join(","));
    const said = this.store.get("track") ?? labels;
    return [...Array(this.#count).keys()].map((bar) => said[bar % said.length] ?? "");
  }

  /** Whose chords they are where none were typed: the clip's; without one, those of the card that is kept. */
  get #follows() {
    const isKept = ({ take }) => take === this.store.get("song").card;
    return this.store.get("clip") ?? this.store.get("cards").find(isKept);
  }

  #show() {
    const key = this.#follows?.key;
    const texts = this.#texts;
    const held = heldChords(texts, texts.length).map((text) => shownAs(text, key));
    const typing = this.#inputs.find((input) => input === document.activeElement);
    const kept = typing && typing.value !== typing.dataset.shown ? typing.value : null;
    this.#inputs = texts.map((text, bar) => this.#input(bar, shownAs(text, key), held[bar]));
    const cells = this.#inputs.map((input, bar) =>
      h("div", { class: "chord" }, input, this.#grip(bar)),
    );
    this.#isFilling = true;
    fill(this.place, this.#head(), cells);
    this.#isFilling = false;
    const again = this.#inputs.find((input) => input === document.activeElement);
    if (kept === null) again?.select();
    else if (again) again.value = kept; // whoever is typing is not interrupted
  }

  #head() {
    const back = h(
      "button",
      {
        class: "mini bare",
        "data-key": "chords-back",
        "aria-label": "Give the chords back",
        title: this.store.get("clip") ? "As they were" : "None of one's own",
        onclick: () => this.store.set({ track: null }),
      },
      "↺",
    );
    return h("div", { class: "head" }, "Chords", this.store.get("track") ? back : null);
  }

  #input(bar, shown, held) {
    const input = h("input", {
      type: "text",
      "aria-label": `Chords of bar ${bar + 1}`,
      "data-key": `chord-${bar}`,
      "data-shown": shown,
      list: "next-chords",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: held || "free",
      title:
        "A comma between chords of a bar, | between bars, – for none; empty holds what was before",
    });
    input.value = shown;
    const take = () => this.#isFilling || setTimeout(() => this.#take(bar, input)); // the focus goes on first
    input.addEventListener("change", take);
    input.addEventListener("blur", take); // what was kept while the row was filled anew is no change
    input.addEventListener("focus", () => this.#suggest(bar));
    input.addEventListener("keydown", (event) => this.#key(event, bar));
    return input;
  }

  /** Take what was typed into a bar; what follows a | goes into the bars behind. */
  #take(bar, input) {
    if (input.value === input.dataset.shown) return;
    const texts = this.#texts;
    input.value.split("|").forEach((text, i) => {
      if (bar + i < texts.length) texts[bar + i] = readAs(text);
    });
    input.dataset.shown = input.value;
    this.#keep(texts);
  }

  #keep(texts) {
    this.store.set({ track: texts.some(Boolean) ? texts : null });
  }

  #key(event, bar) {
    if (event.key === "Enter" && !event.altKey) {
      if (event.ctrlKey || event.metaKey) {
        this.#take(bar, this.#inputs[bar]);
        return this.verbs.write();
      }
      if (!this.#inputs[bar + 1]) return this.#take(bar, this.#inputs[bar]);
      return this.#inputs[bar + 1].focus();
    }
    const to = bar + ALT_STEPS[event.key];
    if (!event.altKey || !this.#inputs[to]) return;
    event.preventDefault();
    this.#take(bar, this.#inputs[bar]);
    this.#move(bar, to);
    queueMicrotask(() => this.#inputs[to]?.focus());
  }

  /** Let two bars change their chords; or lay a copy of one's into the other. */
  #move(from, to, isCopy = false) {
    const texts = heldChords(this.#texts, this.#count);
    if (isCopy) texts[to] = texts[from];
    else [texts[from], texts[to]] = [texts[to], texts[from]];
    this.#keep(texts);
  }

  // by mouse

  #grip(bar) {
    const grip = h("span", {
      class: "grip",
      "aria-hidden": "true",
      title: "Drag to another bar; with Ctrl a copy goes there",
    });
    let isHeld = false;
    const over = (event) =>
      this.#inputs.findIndex((input) => {
        const box = input.parentElement.getBoundingClientRect();
        return event.clientX >= box.left && event.clientX < box.right;
      });
    const mark = (to) =>
      this.#inputs.forEach((input, i) =>
        input.parentElement.classList.toggle("over", i === to && to !== bar),
      );
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      isHeld = true;
    });
    grip.addEventListener("pointermove", (event) => isHeld && mark(over(event)));
    grip.addEventListener("pointercancel", () => mark((isHeld = false)));
    grip.addEventListener("pointerup", (event) => {
      const to = over(event);
      mark(-1);
      if (isHeld && to >= 0 && to !== bar) this.#move(bar, to, event.ctrlKey || event.metaKey);
      isHeld = false;
    });
    return grip;
  }

  #drop(event) {
    const bars = chordBars(event.dataTransfer.getData("text/x-chords"));
    if (!bars.length) return;
    event.preventDefault();
    const track = [...Array(this.#count).keys()].map((bar) => bars[bar % bars.length].join(","));
    this.store.set({ track });
  }

  async #suggest(bar) {
    const said = (texts) => texts.filter((text) => text && text !== "N").join(" ");
    const texts = this.#texts;
    try {
      const chords = await this.verbs.suggested(
        said(texts.slice(0, bar)),
        said(texts.slice(bar + 1, bar + 2)),
      );
      fill(
        this.#list,
        chords.map((chord) => h("option", { value: typed(symbolOf(chord)) })),
      );
    } catch {
      fill(this.#list); // a suggestion that cannot be had is no news for whoever types
    }
  }
}

const typed = (symbol) => symbol.replaceAll("♭", "b").replaceAll("♯", "#");

/** Return a bar's chords as they are typed: labels as symbols, what was typed as it is. */
const shownAs = (text, key = null) =>
  text
    .split(",")
    .map((one) => (one === "N" ? "–" : one.includes(":") ? typed(symbolOf(one, key)) : one))
    .join(",");

const readAs = (value) =>
  value
    .replaceAll(/[–%]/g, (sign) => (sign === "%" ? "" : "N"))
    .split(/[\s,]+/)
    .filter(Boolean)
    .join(",");
