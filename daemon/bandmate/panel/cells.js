// Cells: parts down, bars across. Pick, refill, vary, lock; mute, solo, shift.

import { $, colour, fill, h, sharp } from "./dom.js";
import { allCells, notesInBar } from "./clip.js";
import { colourOf, isDrums, keyName, PROGRAMS } from "./music.js";

export function cells(store, verbs) {
  store.on(["clip", "writing"], () => {
    const clip = store.shown;
    $("#scroll").hidden = !clip;
    $("#empty").hidden = Boolean(clip);
    $("#edit").hidden = !store.get("clip");
    if (clip) $("#scroll").style.setProperty("--bars", clip.bars);
  });
  store.on(["clip", "mix", "writing"], () => grid(store, verbs));
  store.on(["picked", "locks", "part"], () => marks(store));
  store.on(["look"], () => pictures(store));
  store.on(["clip", "picked", "locks", "held", "vary", "writing"], () => tools(store, verbs));
  new ResizeObserver(() => pictures(store)).observe($("#scroll"));
}

// the grid

function grid(store, verbs) {
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
          onclick: (event) => pickBar(store, bar, event),
        },
        String(bar + 1),
      ),
    ),
  );
  const lines = clip.parts.map((part, row) => line(store, verbs, clip, part, row));
  fill(
    $("#cells"),
    h(
      "div",
      { class: "line", role: "row" },
      h("div", { class: "head", role: "columnheader" }, "Bars"),
      heads,
    ),
    lines,
  );
  marks(store);
  pictures(store);
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
    element.classList.toggle("locked", locks.has(key));
    element.setAttribute("aria-selected", String(picked.has(key)));
    element.setAttribute("aria-label", `${words}${locks.has(key) ? ", locked" : ""}`);
  }
}

function pick(store, key, event) {
  const now = store.get("picked");
  store.set({ at: key, part: key.split(" ")[0] });
  rove(key);
  if (event.shiftKey && store.get("from"))
    return store.set({ picked: between(store, store.get("from"), key) });
  const picked = new Set(event.ctrlKey || event.metaKey ? now : []);
  const wasAlone = now.has(key) && (now.size === 1 || event.ctrlKey || event.metaKey);
  wasAlone ? picked.delete(key) : picked.add(key);
  store.set({ picked, from: key });
}

/** Let Tab come to one cell alone. */
function rove(key) {
  for (const old of document.querySelectorAll("#cells .cell[tabindex='0']")) old.tabIndex = -1;
  const element = $(`#cells [data-cell="${key}"]`);
  element.tabIndex = 0;
  return element;
}

function between(store, one, other) {
  const names = store.shown.parts.map((part) => part.name);
  const [rows, bars] = [0, 1].map((i) => [one, other].map((key) => key.split(" ")[i]));
  const [top, bottom] = rows.map((name) => names.indexOf(name)).sort((a, b) => a - b);
  const [first, last] = bars.map(Number).sort((a, b) => a - b);
  const found = new Set();
  for (const name of names.slice(top, bottom + 1))
    for (let bar = first; bar <= last; bar += 1) found.add(`${name} ${bar}`);
  return found;
}

function pickBar(store, bar, event) {
  const keys = store.shown.parts.map((part) => `${part.name} ${bar}`);
  const isAdding = event.ctrlKey || event.metaKey || event.shiftKey;
  const picked = new Set(isAdding ? store.get("picked") : []);
  const had = keys.every((key) => store.get("picked").has(key));
  for (const key of keys) had ? picked.delete(key) : picked.add(key);
  store.set({ picked });
}

function walk(store, clip, row, bar, event) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
    event.key
  ];
  const key = `${clip.parts[row].name} ${bar}`;
  if (event.key === "l" || event.key === "L") {
    event.preventDefault();
    event.stopPropagation();
    return lock(store, store.get("picked").has(key) ? store.get("picked") : new Set([key]));
  }
  if (!step) return;
  event.preventDefault();
  const [part, to] = [clip.parts[row + step[0]], bar + step[1]];
  if (!part || to < 0 || to >= clip.bars) return;
  const next = `${part.name} ${to}`;
  store.set({ at: next });
  if (event.shiftKey)
    store.set({
      from: store.get("from") ?? key,
      picked: between(store, store.get("from") ?? key, next),
    });
  rove(next).focus();
}

/** Lock cells, or open them where all of them are locked. */
export function lock(store, keys) {
  const locks = new Set(store.get("locks"));
  const isAll = [...keys].every((key) => locks.has(key));
  for (const key of keys) isAll ? locks.delete(key) : locks.add(key);
  store.set({ locks });
}

function pictures(store) {
  const clip = store.shown;
  if (!clip || $("#scroll").hidden) return;
  const lines = document.querySelectorAll("#cells .line:not(:first-child)");
  clip.parts.forEach((part, row) => picture(lines[row], clip, part));
}

function picture(row, clip, part) {
  const canvas = row?.querySelector(".picture");
  if (!canvas) return;
  const left = row.firstElementChild.offsetWidth;
  const [width, height] = [row.clientWidth - left, row.clientHeight];
  canvas.style.left = `${left}px`;
  const context = sharp(canvas, width, height);
  const pitches = part.notes.map((note) => note.pitch);
  const [low, high] = [Math.min(...pitches), Math.max(...pitches)];
  const drums = isDrums(part.name);
  context.fillStyle = colour(colourOf(part.name));
  for (const note of part.notes) {
    const x = (note.start / clip.length) * width + 1;
    const y = height - 7 - ((note.pitch - low) / (high - low || 1)) * (height - 13);
    context.globalAlpha = 0.45 + (0.55 * note.velocity) / 127;
    context.fillRect(
      x,
      y,
      drums ? 4 : Math.max(2, (note.duration / clip.length) * width - 1),
      drums ? 5 : 3,
    );
  }
}

// the tools above

function tools(store, verbs) {
  const clip = store.get("clip");
  if (!clip) return fill($("#tools"));
  const [picked, locks, held, writing] = ["picked", "locks", "held", "writing"].map((name) =>
    store.get(name),
  );
  const amount = h("input", {
    type: "range",
    min: "0.05",
    max: "1",
    step: "0.05",
    "aria-label": "How far to vary",
    "data-key": "vary-amount",
  });
  amount.value = store.get("vary");
  amount.addEventListener("change", () => store.set({ vary: Number(amount.value) }));
  const hold = (name) =>
    h(
      "button",
      {
        "aria-pressed": String(held.has(name)),
        "data-key": `held-${name}`,
        title: `${name} stays in cells that are written anew`,
        onclick: () => {
          const set = new Set(held);
          if (!set.delete(name)) set.add(name);
          store.set({ held: set });
        },
      },
      name,
    );
  const target = picked.size ? picked : allCells(clip);
  const isAll = [...target].every((key) => locks.has(key));
  const busy = String(Boolean(writing));
  fill(
    $("#tools"),
    h(
      "button",
      { id: "refill", "data-key": "refill", "aria-disabled": busy, onclick: () => verbs.refill() },
      "Refill",
    ),
    h(
      "button",
      {
        id: "vary",
        "data-key": "vary",
        "aria-disabled": busy,
        onclick: () => verbs.refill(store.get("vary")),
      },
      "Vary",
    ),
    amount,
    h("span", { class: "soft" }, "holding"),
    hold("rhythm"),
    hold("pitches"),
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
    h(
      "span",
      { class: "told", role: "status" },
      writing ? progress(writing) : told(picked, locks, clip),
    ),
    h("span", { class: "gap" }),
    h(
      "span",
      { class: "facts" },
      `${clip.isEdited ? "edited" : `take ${clip.take}`} · ${keyName(clip.key)} · ${Math.round(clip.tempo * 10) / 10} · ${clip.meter}`,
    ),
  );
}

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
