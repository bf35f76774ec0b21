// Cards: four progressions to look at, hear, keep and send to the loop.

import { $, colour, fill, h, sharp } from "./dom.js";
import { chordBars } from "./clip.js";
import { icon } from "./icons.js";

const HOVER = 280; // milliseconds until a card is heard

export function cards(store, verbs, sound) {
  store.on(["cards", "card", "asking", "look"], () => {
    const there = store.get("cards");
    const waiting =
      store.get("asking") && there.length < 4
        ? [h("p", { class: "soft" }, "Chords are on their way…")]
        : [];
    fill(
      $("#cards"),
      there.map((card, place) => drawn(card, place, store, verbs, sound)),
      waiting,
    );
    for (const [place, canvas] of document.querySelectorAll("#cards canvas").entries())
      voicing(canvas, there[place]);
  });
}

function drawn(card, place, store, verbs, sound) {
  const bars = chordBars(card.symbols || card.chords);
  const romans = chordBars(card.romans);
  const name = `Card ${place + 1}: ${bars.map((bar) => bar.map(pretty).join(" ")).join(", ")}`;
  let timer = 0;
  const hear = () => card.clip && sound.play(card.clip, { once: true });
  const isChosen = store.get("card") === card.take;
  const why = [
    card.answers && `for ${card.answers.replaceAll(",", ", ")}`,
    card.borrowed && `borrowed ${pretty(card.borrowed)}`,
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "article",
    {
      class: `card${isChosen ? " chosen" : ""}`,
      "aria-label": name,
      draggable: true,
      onpointerenter: (event) =>
        event.pointerType === "mouse" && sound.isAllowed && (timer = setTimeout(hear, HOVER)),
      onpointerleave: () => {
        clearTimeout(timer);
        sound.stop(card.clip);
      },
      ondragstart: (event) => event.dataTransfer.setData("text/x-chords", card.chords),
    },
    h(
      "div",
      { class: "bars" },
      bars.map((bar, i) =>
        h(
          "div",
          {},
          h("b", {}, bar.map(pretty).join(" ")),
          h("small", {}, (romans[i] ?? []).join(" ")),
        ),
      ),
    ),
    h("canvas", { "aria-hidden": "true" }),
    h(
      "div",
      { class: "verbs" },
      h(
        "button",
        {
          class: "tolo",
          "data-key": `send-${place}`,
          onclick: () => {
            clearTimeout(timer);
            sound.stop();
            verbs.toLoop(card);
          },
          "aria-label": `To the loop: card ${place + 1}`,
        },
        "To the loop",
      ),
      h(
        "button",
        { "data-key": `hear-${place}`, onclick: hear, "aria-label": `Hear card ${place + 1}` },
        icon("play"),
      ),
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
    ),
    h("p", { class: "why", title: why }, why || "as real songs go"),
  );
}

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
