// Keys for all, and the sheet that tells them.

import { $, h } from "./dom.js";
import { openSheet } from "./sheet.js";

/** The keys that work anywhere on the page: [key, what it does, words]. */
export function keys(store, acts) {
  const table = [
    [" ", "Space", "hear or stop", acts.hear],
    ["p", "p", "play on the MIDI port from the next bar", acts.port],
    ["g", "g", "write a loop", acts.write],
    ["r", "r", "refill what is picked", acts.refill],
    ["v", "v", "vary what is picked", acts.vary],
    ["l", "l", "lock what is picked", acts.lock],
    ["a", "a", "accept the take", acts.accept],
    ["x", "x", "reject the take", acts.reject],
    ["i", "i", "insert it into the DAW", acts.insert],
    ["s", "s", "star it", acts.star],
    ["m", "m", "more like this", acts.more],
    ["b", "b", "the last take again (A/B)", acts.swap],
    ["/", "/", "type an inspiration", () => $("#phrase").focus()],
    ["c", "c", "to the cells", () => $("#cells .cell[tabindex='0']")?.focus()],
    ["n", "n", "to the notes", () => $("#notes")?.focus()],
    ["t", "t", "to the takes", () => $("#takes .open")?.focus()],
    ["+", "+", "wider bars", acts.wider],
    ["-", "−", "narrower bars", acts.narrower],
    ["0", "0", "bars as wide as there is room", acts.fit],
    ["?", "?", "this sheet", () => sheet(store, table)],
  ];
  document.addEventListener("keydown", (event) => {
    const isStep = (event.ctrlKey || event.metaKey) && ["z", "Z", "y"].includes(event.key);
    if (isStep && !isText(event.target)) {
      event.preventDefault();
      return event.key === "z" ? acts.undo() : acts.redo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target) || $("#sheet").open)
      return;
    if (!store.get("singleKeys") && event.key !== "?") return;
    const isPress = event.key === " " && event.target.closest?.("button, summary, select, input");
    const row = table.find(([key]) => key === event.key);
    if (!row || isPress || (event.target.matches?.("select") && event.key.length === 1)) return;
    event.preventDefault();
    if (!event.repeat || "+-".includes(event.key)) row[3]();
  });
  $("#help").addEventListener("click", () => sheet(store, table));
}

const isText = (element) =>
  element.matches?.("textarea, input:not([type='range'], [type='checkbox'], [type='button'])");

/** The keys that work where the focus is: [heading, rows]. */
const PLACES = [
  [
    "In the chord track and the density",
    [
      ["Enter", "to the next bar"],
      ["Ctrl + Enter", "write a loop over them"],
      ["Alt + ← →", "move a bar's chords"],
      ["Mouse", "drag a bar's grip to another bar; Ctrl for a copy"],
      ["↑ ↓", "more or less density in a bar"],
    ],
  ],
  [
    "In the cells",
    [
      ["Arrows", "walk through the cells"],
      ["Space", "pick"],
      ["Shift + arrows", "pick a block"],
      ["l", "lock or open"],
    ],
  ],
  [
    "In the piano roll",
    [
      ["← →", "choose a note"],
      ["↑ ↓", "transpose it"],
      ["Shift + ↑ ↓", "by an octave"],
      ["Shift + ← →", "move it on the grid"],
      ["[ ]", "shorter, longer"],
      [", .", "softer, louder"],
      ["Enter", "draw a note behind it"],
      ["Delete", "delete"],
      ["q", "quantise"],
      ["Ctrl + A", "choose all"],
      ["Ctrl + C", "copy"],
      ["Ctrl + X", "cut"],
      ["Ctrl + V", "paste: at the playhead or where you stand, else behind what is chosen"],
      ["Ctrl + D", "duplicate behind"],
      ["h", "stand at this note: hear and paste from here"],
      ["Esc", "choose none; stand nowhere"],
      [
        "Mouse",
        "draw on empty paper; drag to move; the end to stretch; Ctrl for velocity; Shift to frame; Alt to stand there; double click deletes",
      ],
    ],
  ],
  [
    "In the takes",
    [
      ["← →", "walk through the takes"],
      ["Home End", "the newest, the oldest"],
      ["Enter", "bring a take to the stage"],
      ["Esc", "in the search: show all again"],
      ["Mouse", "drag a take into the DAW, or its chords onto the chord track"],
    ],
  ],
];

function sheet(store, table) {
  const list = (rows) =>
    h(
      "dl",
      {},
      rows.map(([key, words]) => h("div", {}, h("dt", {}, words), h("dd", {}, h("kbd", {}, key)))),
    );
  const single = h("input", {
    type: "checkbox",
    id: "single-keys",
    checked: store.get("singleKeys"),
  });
  single.addEventListener("change", () => store.set({ singleKeys: single.checked }));
  openSheet(
    "Keys",
    list([
      ...table.map(([, key, words]) => [key, words]),
      ["Ctrl + Z", "undo"],
      ["Ctrl + Shift + Z", "redo"],
    ]),
    PLACES.map(([heading, rows]) => [h("h2", {}, heading), list(rows)]).flat(),
    h("p", {}, h("label", {}, single, " single letters are keys")),
  );
}
