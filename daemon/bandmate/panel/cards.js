// Cards: four progressions to look at, hear, keep and send to the loop; and the chord track.

import { $, colour, fill, h, sharp } from "./dom.js";
import { chordBars } from "./clip.js";
import { icon } from "./icons.js";
import { symbolOf } from "./music.js";

const HOVER = 280; // milliseconds until a card is heard

export function cards(store, verbs, sound) {
  const preview = new Preview(store, sound);
  store.on(["cards", "card", "asking", "look"], () => {
    const there = store.get("cards");
    const waiting =
      store.get("asking") && there.length < 4
        ? [h("p", { class: "soft" }, "Chords are on their way…")]
        : [];
    fill(
      $("#cards"),
      there.map((card, place) => drawn(card, place, store, verbs, preview)),
      waiting,
    );
    for (const [place, canvas] of document.querySelectorAll("#cards canvas").entries())
      voicing(canvas, there[place]);
    signs(store);
  });
  store.on(["hearing"], () => signs(store));
}

/** Hears a card on which the pointer rests; one that is drawn anew under it is not heard again. */
class Preview {
  #timer = 0;
  #clip = null;

  constructor(store, sound) {
    Object.assign(this, { store, sound });
  }

  /** The pointer moves on a card: it is heard in a moment, unless the loop sounds. */
  over(card, event) {
    const isMoved = event.movementX !== 0 || event.movementY !== 0;
    const isFree = this.store.get("hearing") === null && this.#clip !== card.clip;
    if (event.pointerType !== "mouse" || event.buttons || !isMoved || !isFree) return;
    if (!card.clip || !this.sound.isAllowed) return;
    this.#clip = card.clip;
    this.#timer = setTimeout(() => this.sound.play(card.clip, { once: true }), HOVER);
  }

  /** Nothing is to be heard of a card any more. */
  end(card) {
    clearTimeout(this.#timer);
    this.#clip = null;
    if (card.clip) this.sound.stop(card.clip);
  }

  /** Hear a card now, or stop it. */
  turn(card) {
    clearTimeout(this.#timer);
    if (this.store.get("hearing") === card.take) return this.sound.stop();
    return card.clip && this.sound.play(card.clip, { once: true });
  }
}

function drawn(card, place, store, verbs, preview) {
  const bars = chordBars(card.symbols || card.chords);
  const name = `Card ${place + 1}: ${bars.map((bar) => bar.map(pretty).join(" ")).join(", ")}`;
  const isChosen = store.get("card") === card.take;
  return h(
    "article",
    {
      class: `card${isChosen ? " chosen" : ""}`,
      "aria-label": name,
      draggable: true,
      onpointermove: (event) => preview.over(card, event),
      onpointerleave: () => preview.end(card),
      ondragstart: (event) => {
        preview.end(card);
        event.dataTransfer.setData("text/x-chords", card.chords);
      },
    },
    barsOf(bars, chordBars(card.romans)),
    h("canvas", { "aria-hidden": "true" }),
    buttons(card, place, isChosen, verbs, preview),
    h("p", { class: "why" }, reason(card) || "as real songs go"),
  );
}

/** The bars of a card; a chord and its numeral stay together. */
function barsOf(bars, romans) {
  const chord = (symbol, roman) =>
    h("span", { class: "chord" }, h("b", {}, pretty(symbol)), h("small", {}, roman ?? ""));
  return h(
    "ol",
    { class: "bars" },
    bars.map((bar, i) =>
      h(
        "li",
        {},
        bar.map((symbol, j) => chord(symbol, romans[i]?.[j])),
      ),
    ),
  );
}

function buttons(card, place, isChosen, verbs, preview) {
  const send = () => {
    preview.end(card);
    verbs.toLoop(card);
  };
  return h(
    "div",
    { class: "verbs" },
    h(
      "button",
      {
        class: "tolo",
        "data-key": `send-${place}`,
        onclick: send,
        "aria-label": `To the loop: card ${place + 1}`,
      },
      "To the loop",
    ),
    h("button", {
      class: "hear",
      "data-key": `hear-${place}`,
      "data-take": String(card.take),
      "aria-label": `Hear card ${place + 1}`,
      onclick: () => preview.turn(card),
    }),
    h(
      "button",
      {
        "data-key": `keep-${place}`,
        "aria-pressed": String(isChosen),
        onclick: () => verbs.keepCard(card),
        "aria-label": `Keep card ${place + 1}`,
        title: "The song follows it",
      },
      "Keep",
    ),
  );
}

function reason(card) {
  const words = [
    card.answers && `for ${card.answers.replaceAll(",", ", ")}`,
    card.borrowed && `borrowed ${pretty(card.borrowed)}`,
  ];
  return words.filter(Boolean).join(" · ");
}

/** Show on each card whether it is heard. */
function signs(store) {
  for (const button of document.querySelectorAll("#cards .hear")) {
    const isHeard = String(store.get("hearing")) === button.dataset.take;
    fill(button, icon(isHeard ? "stop" : "play"));
    button.setAttribute("aria-pressed", String(isHeard));
  }
}

const typed = (symbol) =>
  symbol.replaceAll("♭", "b").replaceAll("♯", "#").replace("°", "dim").replace(/\+$/, "aug");
const pretty = (symbol) => symbol.replaceAll("b", "♭").replaceAll("#", "♯");

/** Draw the notes of a card: one column a chord, as it is voiced. */
function voicing(canvas, card) {
  const width = canvas.clientWidth || 180;
  const high = 34;
  const context = sharp(canvas, width, high);
  const parts = card.clip?.parts ?? [];
  const notes = parts.flatMap((part) =>
    part.notes.map((note) => ({ ...note, isBass: part.name === "bass" })),
  );
  if (!notes.length) return;
  const pitches = notes.map((note) => note.pitch);
  const [low, top] = [Math.min(...pitches) - 1, Math.max(...pitches) + 1];
  for (const note of notes) {
    context.fillStyle = colour(note.isBass ? "part-bass" : "part-keys");
    const x = (note.start / card.clip.length) * width;
    const y = high - 3 - ((note.pitch - low) / (top - low)) * (high - 5);
    context.fillRect(x + 1, y, Math.max(2, (note.duration / card.clip.length) * width - 2), 2.5);
  }
}

/** The chord track above the cells: a bar's chords, typed or dropped. */
export function chordTrack(store, verbs) {
  const list = h("datalist", { id: "next-chords" });
  document.body.append(list);
  store.on(["clip", "track"], () => {
    const clip = store.get("clip");
    if (!clip) return;
    const own = chordBars(clip.chords);
    const track = store.get("track") ?? [];
    const inputs = [...Array(clip.bars).keys()].map((bar) => {
      const input = h("input", {
        type: "text",
        "aria-label": `Chords of bar ${bar + 1}`,
        "data-key": `chord-${bar}`,
        list: "next-chords",
        autocomplete: "off",
        spellcheck: "false",
      });
      input.value =
        track[bar] ?? (own[bar] ?? []).map((label) => typed(symbolOf(label, clip.key))).join(",");
      input.title = (own[bar] ?? []).join(" ");
      input.addEventListener("change", () => setTimeout(() => set(bar, input.value))); // the focus goes on first
      input.addEventListener("focus", () => suggest(inputs, bar, list, verbs));
      input.addEventListener("keydown", (event) => move(event, bar));
      return input;
    });
    const texts = () =>
      inputs.map((input) => input.value.replace("–", "N").trim().replaceAll(" ", ",") || "N");
    const set = (bar, value) =>
      store.set({
        track: texts().map((text, i) => (i === bar ? value.trim().replaceAll(" ", ",") : text)),
      });
    const move = (event, bar) => {
      const to = bar + { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!event.altKey || !inputs[to]) return;
      event.preventDefault();
      const now = texts();
      [now[bar], now[to]] = [now[to], now[bar]];
      store.set({ track: now });
      queueMicrotask(() => $(`#chords [data-key="chord-${to}"]`)?.focus());
    };
    const isOwn = !store.get("track");
    fill(
      $("#chords"),
      h(
        "div",
        { class: "head" },
        "Chords",
        isOwn
          ? null
          : h(
              "button",
              {
                class: "mini bare",
                "aria-label": "Give the chords back",
                title: "As they were",
                onclick: () => store.set({ track: null }),
              },
              "↺",
            ),
      ),
      inputs,
    );
  });
  const place = $("#chords");
  place.addEventListener(
    "dragover",
    (event) => event.dataTransfer.types.includes("text/x-chords") && event.preventDefault(),
  );
  place.addEventListener("drop", (event) => {
    const bars = chordBars(event.dataTransfer.getData("text/x-chords"));
    if (!bars.length) return;
    event.preventDefault();
    const { bars: count } = store.get("clip");
    store.set({ track: [...Array(count).keys()].map((bar) => bars[bar % bars.length].join(",")) });
  });
}

async function suggest(inputs, bar, list, verbs) {
  const said = (some) =>
    some
      .map((input) => input.value.trim().replaceAll(" ", ","))
      .filter((text) => text && text !== "–")
      .join(" ");
  try {
    const chords = await verbs.suggested(
      said(inputs.slice(0, bar)),
      said(inputs.slice(bar + 1, bar + 2)),
    );
    fill(
      list,
      chords.map((chord) => h("option", { value: typed(symbolOf(chord)) })),
    );
  } catch {
    fill(list); // a suggestion that cannot be had is no news for whoever types
  }
}
