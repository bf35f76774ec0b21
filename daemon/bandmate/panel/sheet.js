// The sheet: the one dialog of the page. Escape closes it, and the focus goes back to where it was.

import { $, fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** Open the sheet with a heading and what it holds. */
export function openSheet(heading, ...children) {
  const sheet = $("#sheet");
  const before = document.activeElement;
  const close = h(
    "button",
    { class: "bare", "aria-label": "Close", onclick: () => sheet.close() },
    icon("close"),
  );
  fill(sheet, h("header", {}, h("h2", { id: "sheet-head" }, heading), close), ...children);
  sheet.addEventListener("close", () => back(before), { once: true });
  sheet.showModal();
}

function back(before) {
  const key = before?.dataset?.key;
  // What had the focus may have been drawn anew meanwhile.
  const there = before?.isConnected ? before : key && $(`[data-key="${CSS.escape(key)}"]`);
  there?.focus?.({ preventScroll: true });
}

/** Ask for a line of text; *then* gets it where the person says so. */
export function askLine(heading, value, words, then) {
  const input = h("input", {
    type: "text",
    maxlength: "80",
    "aria-labelledby": "sheet-head",
    id: "new-name",
  });
  input.value = value;
  const form = h(
    "form",
    { method: "dialog" },
    h("p", {}, input),
    h("button", { class: "main" }, words),
  );
  form.addEventListener("submit", () => then(input.value.trim()));
  openSheet(heading, form);
  input.select();
}
