// Density bar by bar, drawn as a curve: what the next writing aims at.

import { $, fill, h } from "./dom.js";
import { notesInBar } from "./clip.js";

const MOST = 16; // onsets a bar at the top of the row
const STEP = 0.5;

export function density(store) {
  const row = $("#density");
  let before = ""; // what was shown: most edits change nothing of it
  let drawn = null; // the curve while it is being drawn

  const curve = () => {
    const { bars } = store.get("clip");
    const kept = store.get("form").curve ?? [];
    return [...Array(bars).keys()].map((bar) => kept[bar] ?? null);
  };
  const keep = (values) => {
    const isFree = values.every((value) => value === null);
    store.set({ form: { ...store.get("form"), curve: isFree ? null : values } });
  };

  function show() {
    const clip = store.get("clip");
    if (!clip || drawn) return;
    const values = curve();
    const means = values.map((_, bar) => measured(clip, bar));
    const now = JSON.stringify([values, means]);
    if (now === before) return;
    before = now;
    const bars = values.map((value, bar) => {
      const input = h("input", {
        type: "range",
        min: String(STEP),
        max: String(MOST),
        step: String(STEP),
        "aria-label": `Density of bar ${bar + 1}, onsets a bar`,
        "data-key": `density-${bar}`,
      });
      input.addEventListener("input", () =>
        keep(curve().map((old, i) => (i === bar ? Number(input.value) : old))),
      );
      const label = h("label", { class: "bar" }, h("i", {}), input, h("output", {}));
      paint(label, value, means[bar]);
      return label;
    });
    const clear = values.some((value) => value !== null)
      ? h(
          "button",
          {
            class: "mini bare",
            "data-key": "density-free",
            "aria-label": "Free the density of all bars",
            title: "Free",
            onclick: () => keep(values.map(() => null)),
          },
          "↺",
        )
      : null;
    fill(
      row,
      h(
        "div",
        {
          class: "head",
          title:
            "Distinct onsets a bar: drag across the bars to draw what the next writing aims at",
        },
        "Density",
        clear,
      ),
      bars,
    );
  }

  function paint(label, value, now) {
    const shown = value ?? now;
    label.classList.toggle("free", value === null);
    label.querySelector("i").style.height = `${Math.min(100, (shown / MOST) * 100)}%`;
    label.querySelector("output").textContent = String(shown);
    const input = label.querySelector("input");
    input.value = shown;
    input.setAttribute("aria-valuetext", value === null ? `free, ${shown} now` : String(value));
  }

  function draw(event) {
    const labels = [...row.querySelectorAll("label.bar")];
    const bar = labels.findIndex((label) => {
      const box = label.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right;
    });
    if (bar < 0) return;
    const box = labels[bar].getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (box.bottom - event.clientY) / box.height));
    drawn[bar] = Math.max(STEP, Math.round((share * MOST) / STEP) * STEP);
    paint(labels[bar], drawn[bar], 0);
  }

  row.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("label.bar")) return;
    event.preventDefault();
    row.setPointerCapture(event.pointerId);
    drawn = curve();
    draw(event);
  });
  row.addEventListener("pointermove", (event) => drawn && draw(event));
  for (const end of ["pointerup", "pointercancel"]) {
    row.addEventListener(end, () => {
      if (!drawn) return;
      const values = drawn;
      drawn = null;
      keep(values);
    });
  }
  store.on(["clip", "form"], show);
}

/** The mean of distinct onsets that the parts which sound in a bar have there. */
function measured(clip, bar) {
  const sounding = clip.parts
    .map((part) => new Set(notesInBar(clip, part, bar).map((n) => n.start.toFixed(2))).size)
    .filter(Boolean);
  return sounding.length
    ? Math.round(sounding.reduce((a, b) => a + b, 0) / sounding.length / STEP) * STEP
    : STEP;
}
