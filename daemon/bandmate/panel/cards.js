// Cards: four progressions to look at, hear, keep and send to the loop.

import { $, colour, fill, h, sharp } from "./dom.js";
import { chordBars } from "./clip.js";
import { icon } from "./icons.js";
import { signed } from "./music.js";

const HOVER = 280; // milliseconds until a card is heard

export function cards(store, verbs, sound) {
  const preview = new Preview(store, sound);
  store.on(["cards", "asking", "look"], () => {
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
  store.on(["hearing", "song"], () => signs(store));
  store.on(["clip"], () => $("#cards").classList.toggle("aside", Boolean(store.get("clip"))));
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
  const name = `Card ${place + 1}: ${bars.map((bar) => bar.map(signed).join(" ")).join(", ")}`;
  return h(
    "article",
    {
      class: "card",
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
    buttons(card, place, verbs, preview),
    h("p", { class: "why", title: reason(card) }, reason(card) || "as real songs go"),
  );
}

/** The bars of a card; a chord and its numeral stay together. */
function barsOf(bars, romans) {
  const chord = (symbol, roman) =>
    h("span", { class: "chord" }, h("b", {}, signed(symbol)), h("small", {}, roman ?? ""));
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

function buttons(card, place, verbs, preview) {
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
        class: "keep",
        "data-key": `keep-${place}`,
        "data-take": String(card.take),
        onclick: () => verbs.keepCard(card),
        "aria-label": `Keep card ${place + 1}`,
        title: "The song follows it; once more, no longer",
      },
      "Keep",
    ),
  );
}

function reason(card) {
  const words = [
    card.answers && `for ${card.answers.replaceAll(",", ", ")}`,
    card.borrowed && `borrowed ${signed(card.borrowed)}`,
  ];
  return words.filter(Boolean).join(" · ");
}

/** Show on each card whether it is heard, and whether the song follows it. */
function signs(store) {
  for (const button of document.querySelectorAll("#cards .hear")) {
    const isHeard = String(store.get("hearing")) === button.dataset.take;
    fill(button, icon(isHeard ? "stop" : "play"));
    button.setAttribute("aria-pressed", String(isHeard));
  }
  for (const button of document.querySelectorAll("#cards .keep")) {
    const isKept = String(store.get("song").card) === button.dataset.take;
    button.closest(".card").classList.toggle("chosen", isKept);
    button.setAttribute("aria-pressed", String(isKept));
  }
}

/** Draw the notes of a card: one column a chord, as it is voiced. */
function voicing(canvas, card) {
  const width = canvas.clientWidth || 180;
  const high = 26;
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
