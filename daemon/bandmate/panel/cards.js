// Cards: four progressions to look at, hear, keep and send to the loop; and the chord track.

import { $, colour, fill, h, sharp } from "./dom.js";
import { chordBars } from "./clip.js";
import { icon } from "./icons.js";
import { symbolOf } from "./music.js";

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
