// Style: what an ask for a loop says. Every field may be free.

import { $, fill, h } from "./dom.js";
import { pair } from "./song.js";

const SLIDES = [
  ["energy", "Energy", 1, 5, 1],
  ["density", "Density", 0.5, 32, 0.5],
  ["strictness", "Strictness", 0, 1, 0.05],
  ["feel", "Feel", 0, 1, 0.05],
];
const ADVANCED = [
  ["temperature", "Temperature", 0.1, 2, 0.05],
  ["top_p", "Top p", 0.05, 1, 0.01],
  ["top_k", "Top k", 0, 200, 1],
  ["swing", "Swing", 0, 1, 0.05],
  ["pitch", "Pitch", 24, 96, 1],
  ["register", "Register", 0, 60, 1],
  ["velocity", "Velocity", 1, 127, 1],
  ["duration", "Duration", 0.05, 8, 0.05],
  ["polyphony", "Polyphony", 1, 6, 0.1],
];
const BARS = [1, 2, 4, 8, 12, 16, 32];

/** Show the fields of the form. */
export function fields(store) {
  const say = (name, value) => store.set({ form: { ...store.get("form"), [name]: value } });
  const place = $("#fields");
  store.on(["choices"], () => {
    const choices = store.get("choices");
    fill(
      place,
      menu(store, say, "preset", "Preset", choices.presets, () =>
        say(
          "parts",
          choices.presets.find((p) => p.value === store.get("form").preset) ? null : usual(),
        ),
      ),
      menu(store, say, "genre", "Genre", choices.genres),
      menu(store, say, "section", "Section", choices.sections),
      bars(store, say),
      SLIDES.map((row) => slide(store, say, ...row)),
      h(
        "details",
        {},
        h("summary", {}, "Advanced"),
        menu(store, say, "time_feel", "Time feel", choices.feels),
        text(store, say, "form", "Form", "A A' B A'"),
        text(store, say, "seed", "Seed", "free"),
        ADVANCED.map((row) => slide(store, say, ...row)),
      ),
    );
  });
  store.on(["form"], () => {
    for (const control of document.querySelectorAll("#fields select[data-field]")) {
      control.value = store.get("form")[control.dataset.field] ?? "";
    }
  });
}

/** The parts that are asked for where nothing else is. */
export const usual = () => ["drums", "bass", "keys"].map((name) => ({ name, program: null }));

function menu(store, say, name, words, rows, then = () => {}) {
  const id = `field-${name}`;
  const options = rows.map((row) =>
    h("option", { value: row.value ?? row, title: row.words ?? "" }, row.title ?? row),
  );
  const control = h("select", { id }, h("option", { value: "" }, "free"), options);
  control.value = store.get("form")[name] ?? "";
  control.dataset.field = name;
  control.addEventListener("change", () => {
    say(name, control.value || null);
    then();
  });
  return pair(words, id, control);
}

function bars(store, say) {
  const control = h(
    "select",
    { id: "field-bars" },
    BARS.map((count) => h("option", { value: String(count) }, String(count))),
  );
  control.value = String(store.get("form").bars ?? 4);
  control.addEventListener("change", () => say("bars", Number(control.value)));
  return pair("Bars", "field-bars", control);
}

function text(store, say, name, words, hint) {
  const control = h("input", {
    type: "text",
    id: `field-${name}`,
    placeholder: hint,
    autocomplete: "off",
  });
  control.value = store.get("form")[name] ?? "";
  control.addEventListener("change", () => say(name, control.value.trim() || null));
  return pair(words, `field-${name}`, control);
}

function slide(store, say, name, words, least, most, step) {
  const id = `field-${name}`;
  const control = h("input", {
    type: "range",
    id,
    min: String(least),
    max: String(most),
    step: String(step),
  });
  const told = h("button", { class: "bare", type: "button" });
  const box = h("span", { class: "slide" }, control, told);
  const show = () => {
    const value = store.get("form")[name] ?? null;
    box.classList.toggle("free", value === null);
    if (value !== null) control.value = value;
    else if (document.activeElement !== control) control.value = (least + most) / 2;
    told.textContent = value === null ? "free" : String(Math.round(value * 100) / 100);
    told.disabled = value === null;
    told.setAttribute(
      "aria-label",
      value === null ? `${words} is free` : `${words} ${value}: make it free`,
    );
    control.setAttribute("aria-valuetext", value === null ? "free" : String(value));
  };
  control.addEventListener("input", () => {
    say(name, Number(control.value));
    show();
  });
  told.addEventListener("click", () => {
    say(name, null);
    show();
    control.focus();
  });
  show();
  return pair(words, id, box);
}
