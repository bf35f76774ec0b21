// Which cells are picked and locked, by mouse and by keys.

import { $ } from "./dom.js";

/** Pick a cell: alone, with Ctrl beside others, with Shift a block. */
export function pick(store, key, event) {
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

/** Pick a bar of all parts. */
export function pickBar(store, bar, event) {
  const keys = store.shown.parts.map((part) => `${part.name} ${bar}`);
  const isAdding = event.ctrlKey || event.metaKey || event.shiftKey;
  const picked = new Set(isAdding ? store.get("picked") : []);
  const had = keys.every((key) => store.get("picked").has(key));
  for (const key of keys) had ? picked.delete(key) : picked.add(key);
  store.set({ picked });
}

/** Hear a key in a cell: arrows walk, l locks. */
export function walk(store, clip, row, bar, event) {
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
