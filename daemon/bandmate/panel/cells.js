// Cells: parts down, bars across; what is picked and locked of them; mute, solo, shift.

import { $, fill, h } from "./dom.js";
import { allCells, barBeats, notesInBar } from "./clip.js";
import { icon } from "./icons.js";
import { colourOf, isDrums, PROGRAMS } from "./music.js";
import { lock, pick, pickBar, walk } from "./picking.js";
import { pictures } from "./pictures.js";

/** Show the cells of the clip that is there, or as far as it is written. */
export function cells(store, verbs, columns) {
  store.on(["clip", "writing"], () => {
    const clip = store.shown;
    for (const id of ["cells", "density", "roll"]) $(`#${id}`).hidden = !clip;
    $("#empty").hidden = Boolean(clip);
    $("#edit").hidden = !store.get("clip");
  });
  store.on(["clip", "mix", "writing"], () => grid(store, verbs, columns));
  store.on(["picked", "locks", "part"], () => marks(store));
  store.on(["look", "zoom", "scrolled"], () => pictures(store));
  new ResizeObserver(() => pictures(store)).observe($("#scroll"));
}

// the grid

function grid(store, verbs, columns) {
  const clip = store.shown;
  if (!clip) return;
  const writing = store.get("writing");
  const heads = [...Array(clip.bars).keys()].map((bar) =>
    h(
      "div",
      { class: barClass(writing, bar), role: "columnheader" },
      h(
        "button",
        {
          "data-key": `bar-${bar}`,
          "aria-label": `Pick bar ${bar + 1} of all parts`,
          title: "Pick it; a double click lets what you hear and paste begin here",
          onclick: (event) => pickBar(store, bar, event),
          ondblclick: () => store.set({ stand: bar * barBeats(clip.meter) }),
        },
        String(bar + 1),
      ),
    ),
  );
  const there = allCells(clip);
  for (const name of ["at", "from"]) if (!there.has(store.get(name))) store.set({ [name]: null }); // its part or bar is gone
  const lines = clip.parts.map((part, row) => line(store, verbs, clip, part, row));
  fill(
    $("#cells"),
    h(
      "div",
      { class: "line", role: "row" },
      h("div", { class: "head bars", role: "columnheader" }, "Bars", zooms(columns)),
      heads,
    ),
    lines,
  );
  marks(store);
  pictures(store);
}

function zooms(columns) {
  const button = (key, sign, words, act) =>
    h(
      "button",
      { class: "mini bare", "data-key": key, "aria-label": words, title: words, onclick: act },
      sign,
    );
  return [
    button("narrower", "−", "Narrower bars (−)", () => columns.narrower()),
    button("fit", "↔", "Bars as wide as there is room (0)", () => columns.fit()),
    button("wider", "+", "Wider bars (+)", () => columns.wider()),
  ];
}

function barClass(writing, bar) {
  if (!writing) return "barhead";
  return `barhead${bar < writing.bar ? " written" : bar === writing.bar ? " writing" : ""}`;
}

function line(store, verbs, clip, part, row) {
  const mix = store.get("mix");
  const [isMuted, isSolo] = [mix.mute.has(part.name), mix.solo.has(part.name)];
  const hushed = isMuted || (mix.solo.size > 0 && !isSolo);
  const flip = (kind) => {
    const set = new Set(mix[kind]);
    if (!set.delete(part.name)) set.add(part.name);
    verbs.setMix({ ...mix, [kind]: set });
  };
  const mini = (key, words, title, sign, act, pressed) =>
    h(
      "button",
      {
        class: "mini bare",
        "data-key": `${key}-${part.name}`,
        "aria-label": `${words} ${part.name}`,
        title,
        onclick: act,
        "aria-pressed": pressed === undefined ? null : String(pressed),
      },
      sign,
    );
  const head = h(
    "div",
    { class: "head", role: "rowheader" },
    h(
      "button",
      {
        class: "name",
        "data-key": `part-${part.name}`,
        "data-part": part.name,
        title: isDrums(part.name) ? "Drum kit" : PROGRAMS[part.program],
        onclick: () => store.set({ part: part.name, chosen: new Set() }),
      },
      h("span", { class: "dot", "aria-hidden": "true" }),
      part.name,
    ),
    mini("earlier", "A bar earlier:", "Enter a bar earlier", "‹", () =>
      verbs.shiftPart(part.name, -1),
    ),
    mini("later", "A bar later:", "Enter a bar later", "›", () => verbs.shiftPart(part.name, 1)),
    mini("mute", "Mute", "Mute", "M", () => flip("mute"), isMuted),
    mini("solo", "Solo", "Solo", "S", () => flip("solo"), isSolo),
  );
  head.style.setProperty("--own", `var(--${colourOf(part.name)})`);
  const bars = [...Array(clip.bars).keys()].map((bar) => cell(store, clip, part, row, bar));
  return h(
    "div",
    { class: `line${hushed ? " hushed" : ""}`, role: "row" },
    head,
    bars,
    h("canvas", { class: "picture", "aria-hidden": "true" }),
  );
}

function cell(store, clip, part, row, bar) {
  const key = `${part.name} ${bar}`;
  const isFirst = store.get("at") ? store.get("at") === key : row === 0 && bar === 0;
  return h("button", {
    class: "cell",
    role: "gridcell",
    "data-key": `cell-${key}`,
    "data-cell": key,
    tabindex: isFirst ? "0" : "-1",
    "data-words": `${part.name}, bar ${bar + 1}${notesInBar(clip, part, bar).length ? "" : ", empty"}`,
    onclick: (event) => pick(store, key, event),
    onkeydown: (event) => walk(store, clip, row, bar, event),
    ondblclick: () => lock(store, new Set([key])),
  });
}

/** Show which cells are picked and locked, and whose roll is shown, on what is there. */
function marks(store) {
  const [picked, locks] = [store.get("picked"), store.get("locks")];
  for (const name of document.querySelectorAll("#cells .name")) {
    name.setAttribute("aria-pressed", String(name.dataset.part === store.get("part")));
  }
  for (const element of document.querySelectorAll("#cells .cell")) {
    const { cell: key, words } = element.dataset;
    if (element.classList.toggle("locked", locks.has(key)) !== Boolean(element.firstChild))
      element.replaceChildren(...(locks.has(key) ? [icon("lock")] : []));
    element.setAttribute("aria-selected", String(picked.has(key)));
    element.setAttribute("aria-label", `${words}${locks.has(key) ? ", locked" : ""}`);
  }
}
