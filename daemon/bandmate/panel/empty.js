// What stands where nothing is written yet: ways to begin.

import { $, fill, h } from "./dom.js";

/** Offer to write at once, from words, from chords or from a preset. */
export function empty(store, verbs) {
  store.on(["choices"], () => {
    const start = (preset) => {
      store.set({ form: { ...store.get("form"), preset: preset.value, parts: null } });
      verbs.write();
    };
    const { presets } = store.get("choices");
    fill(
      $("#empty"),
      h("h3", {}, "Nothing is written yet."),
      h(
        "p",
        { class: "soft" },
        "Type a line above for chords to choose from, type chords of your own into the bars, or let a loop be written right away. Then click bars to refill, vary or lock them, and draw notes.",
      ),
      h(
        "div",
        { class: "starts" },
        h("button", { class: "main", onclick: () => verbs.write() }, "Write a loop"),
        h("button", { onclick: () => $("#phrase").focus() }, "Start from words"),
        h("button", { onclick: () => $("#chords input").focus() }, "Start from chords"),
      ),
      presets.length ? h("p", { class: "soft" }, "Or start from a preset:") : null,
      h(
        "div",
        { class: "starts" },
        presets.map((preset) =>
          h("button", { title: preset.words, onclick: () => start(preset) }, preset.title),
        ),
      ),
    );
  });
}
