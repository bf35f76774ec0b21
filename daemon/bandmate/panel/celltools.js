// The tools above the cells: refill, vary, hold, lock; what is picked and what is shown.

import { $, fill, h } from "./dom.js";
import { allCells } from "./clip.js";
import { keyName } from "./music.js";
import { lock } from "./picking.js";

/** Show the tools. */
export function cellTools(store, verbs) {
  store.on(["clip", "picked", "locks", "held", "vary", "writing"], () => {
    const clip = store.get("clip");
    if (!clip) return fill($("#tools"));
    fill(
      $("#tools"),
      anew(store, verbs),
      amount(store),
      h("span", { class: "soft" }, "holding"),
      hold(store, "rhythm"),
      hold(store, "pitches"),
      locking(store, clip),
      status(store, clip),
      h("span", { class: "gap" }),
      h("span", { class: "facts" }, facts(clip)),
    );
  });
}

function anew(store, verbs) {
  const busy = String(Boolean(store.get("writing")));
  const button = (id, words, act) =>
    h("button", { id, "data-key": id, "aria-disabled": busy, onclick: act }, words);
  return [
    button("refill", "Refill", () => verbs.refill()),
    button("vary", "Vary", () => verbs.refill(store.get("vary"))),
  ];
}

function amount(store) {
  const control = h("input", {
    type: "range",
    min: "0.05",
    max: "1",
    step: "0.05",
    "aria-label": "How far to vary",
    "data-key": "vary-amount",
  });
  control.value = store.get("vary");
  control.addEventListener("change", () => store.set({ vary: Number(control.value) }));
  return control;
}

function hold(store, name) {
  const flip = () => {
    const held = new Set(store.get("held"));
    if (!held.delete(name)) held.add(name);
    store.set({ held });
  };
  return h(
    "button",
    {
      "aria-pressed": String(store.get("held").has(name)),
      "data-key": `held-${name}`,
      title: `${name} stays in cells that are written anew`,
      onclick: flip,
    },
    name,
  );
}

function locking(store, clip) {
  const [picked, locks] = [store.get("picked"), store.get("locks")];
  const target = picked.size ? picked : allCells(clip);
  const isAll = [...target].every((key) => locks.has(key));
  return [
    h(
      "button",
      { id: "lock", "data-key": "lock", onclick: () => lock(store, target) },
      isAll ? "Unlock" : "Lock",
    ),
    picked.size
      ? h(
          "button",
          { "data-key": "none", onclick: () => store.set({ picked: new Set() }) },
          "Pick none",
        )
      : null,
  ];
}

function status(store, clip) {
  const writing = store.get("writing");
  const words = writing ? progress(writing) : told(store.get("picked"), store.get("locks"), clip);
  return h("span", { class: "told", role: "status" }, words);
}

const facts = (clip) =>
  [
    clip.isEdited ? "edited" : `take ${clip.take}`,
    keyName(clip.key),
    Math.round(clip.tempo * 10) / 10,
    clip.meter,
  ].join(" · ");

function progress({ bar, bars, left }) {
  const rest = left > 0 ? `, ${(left / 1000).toFixed(1)} s left` : "";
  return bar ? `writing: bar ${bar} of ${bars}${rest}` : "writing…";
}

function told(picked, locks, clip) {
  const open = allCells(clip).size - locks.size;
  return picked.size
    ? `${picked.size} picked, ${[...picked].filter((key) => locks.has(key)).length} of them locked`
    : `${open} cells open, ${locks.size} locked`;
}
