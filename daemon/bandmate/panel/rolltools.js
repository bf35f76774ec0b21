// The tools below the roll: the grid, and what is done to the chosen notes.

import { $, fill, h } from "./dom.js";

const GRIDS = [
  ["1", 1],
  ["1/8", 0.5],
  ["1/8 triplet", 1 / 3],
  ["1/16", 0.25],
  ["1/16 triplet", 1 / 6],
  ["1/32", 0.125],
];

/** Show the tools of a roll. */
export function rollTools(roll) {
  const { store, edits } = roll;
  store.on(["clip", "chosen", "grid", "part"], () => {
    const { part } = roll;
    if (!store.get("clip") || !part) return fill($("#edit"));
    fill($("#edit"), counted(part, edits.chosen), gridMenu(store), acts(edits));
  });
}

function counted(part, chosen) {
  const count = part.notes.length;
  const words = `${chosen.length ? `${chosen.length} of ` : ""}${count} note${count === 1 ? "" : "s"}`;
  return h("b", { class: "told" }, `${part.name} · ${words}`);
}

function gridMenu(store) {
  const menu = h(
    "select",
    { "aria-label": "Grid", "data-key": "grid" },
    GRIDS.map(([name, beats]) => h("option", { value: String(beats) }, name)),
  );
  menu.value = String(store.get("grid"));
  menu.addEventListener("change", () => store.set({ grid: Number(menu.value) }));
  return h("label", {}, "Grid", menu);
}

function acts(edits) {
  const off = String(!edits.chosen.length);
  const button = (key, words, title, act) =>
    h(
      "button",
      { "data-key": key, title, "aria-label": title, "aria-disabled": off, onclick: act },
      words,
    );
  const transpose = (semitones) => () => edits.transpose(semitones);
  return [
    h(
      "button",
      { "data-key": "quantise", title: "Starts on the grid (q)", onclick: () => edits.quantise() },
      "Quantise",
    ),
    button("down", "−1", "A semitone down", transpose(-1)),
    button("up", "+1", "A semitone up", transpose(1)),
    button("octave-down", "−8va", "An octave down", transpose(-12)),
    button("octave-up", "+8va", "An octave up", transpose(12)),
    velocity(edits),
    button("duplicate", "Duplicate", "Duplicate the chosen notes behind them (Ctrl + D)", () =>
      edits.clipboard.duplicate(),
    ),
    button("delete", "Delete", "Delete the chosen notes", () => edits.delete()),
  ];
}

function velocity(edits) {
  const { chosen } = edits;
  const control = h("input", {
    type: "range",
    min: "1",
    max: "127",
    disabled: !chosen.length,
    "aria-label": "Velocity of the chosen notes",
    "data-key": "velocity",
  });
  const mean = chosen.reduce((sum, note) => sum + note.velocity, 0) / chosen.length;
  control.value = chosen.length ? mean : 90;
  control.addEventListener("change", () => {
    const more = Number(control.value) - Math.round(mean); // loud ones stay louder than soft ones
    edits.change("changed velocities", (note) => ({ velocity: note.velocity + more }));
  });
  return h("label", {}, "Velocity", control);
}
