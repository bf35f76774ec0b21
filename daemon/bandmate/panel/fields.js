// Parts and style: what an ask for a loop says. Every field may be free.

import { $, fill, h } from "./dom.js";
import { colourOf, isDrums, PROGRAMS, roleOf } from "./music.js";
import { cellsText, withProgram } from "./clip.js";
import { pair } from "./song.js";

const SLIDES = [
  ["energy", "Energy", 1, 5, 1],
  ["density", "Density", 0.5, 32, 0.5],
  ["strictness", "Chords strict", 0, 1, 0.05],
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

export function fields(store, verbs) {
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
  store.on(["form", "clip", "locks", "choices"], () => parts(store, verbs, say));
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

// parts

function parts(store, verbs, say) {
  const [clip, form, locks, choices] = ["clip", "form", "locks", "choices"].map((name) =>
    store.get(name),
  );
  const rows = clip ? clip.parts : (form.parts ?? []);
  const list = rows.map((part, index) => {
    const set = (program) =>
      clip
        ? store.step(`${part.name} is ${PROGRAMS[program]}`, withProgram(clip, part.name, program))
        : say(
            "parts",
            form.parts.map((p, i) => (i === index ? { ...p, program } : p)),
          );
    const drop = () =>
      clip
        ? verbs.removePart(part.name)
        : say(
            "parts",
            form.parts.filter((_, i) => i !== index),
          );
    const keys = clip ? [...Array(clip.bars).keys()].map((bar) => `${part.name} ${bar}`) : [];
    const isLocked = keys.length > 0 && keys.every((key) => locks.has(key));
    const item = h(
      "li",
      {},
      h("span", { class: "dot", "aria-hidden": "true" }),
      part.name,
      sounds(part, choices, set),
      clip &&
        h(
          "button",
          {
            class: "bare",
            "aria-pressed": String(isLocked),
            "data-key": `lock-${part.name}`,
            "aria-label": `Lock ${part.name}`,
            title: "Lock: it stays when the rest is written",
            onclick: () => lockAll(store, keys, isLocked),
          },
          isLocked ? "●" : "○",
        ),
      h(
        "button",
        {
          class: "bare",
          "aria-label": `Remove ${part.name}`,
          title: "Remove",
          disabled: rows.length < 2,
          onclick: drop,
        },
        "×",
      ),
    );
    item.style.setProperty("--own", `var(--${colourOf(part.name)})`);
    return item;
  });
  const add = h(
    "select",
    { "aria-label": "Add a part", "data-key": "add-part" },
    h("option", { value: "" }, "+ add a part"),
    choices.roles.map((role) => h("option", { value: role.value }, role.value)),
  );
  add.addEventListener("change", () => {
    if (clip) verbs.addPart(add.value);
    else
      say("parts", [
        ...(form.parts ?? []),
        { name: free(add.value, form.parts ?? []), program: null },
      ]);
  });
  const hint = !clip && !form.parts ? h("p", { class: "soft" }, "The preset's parts.") : null;
  fill(
    $("#parts"),
    hint,
    h("ul", { class: "partlist" }, list),
    rows.length < 10 ? add : null,
    clip && locks.size ? h("p", { class: "soft" }, `Kept: ${cellsText(locks, clip)}`) : null,
  );
}

const free = (role, there) =>
  [role, `${role}2`, `${role}3`, `${role}4`].find((name) => !there.some((p) => p.name === name)) ??
  role;

function lockAll(store, keys, isLocked) {
  const locks = new Set(store.get("locks"));
  for (const key of keys) isLocked ? locks.delete(key) : locks.add(key);
  store.set({ locks });
}

function sounds(part, choices, set) {
  if (isDrums(part.name)) return h("span", { class: "soft" }, "kit");
  const role = choices.roles.find((row) => row.value === roleOf(part.name));
  const own = role?.programs ?? [];
  const others = PROGRAMS.map((_, program) => program).filter((program) => !own.includes(program));
  const option = (program) => h("option", { value: String(program) }, PROGRAMS[program]);
  const control = h(
    "select",
    { "aria-label": `Sound of ${part.name}`, "data-key": `sound-${part.name}` },
    part.program === null ? h("option", { value: "" }, "usual sound") : null,
    h("optgroup", { label: roleOf(part.name) }, own.map(option)),
    h("optgroup", { label: "all" }, others.map(option)),
  );
  control.value = part.program === null ? "" : String(part.program);
  control.addEventListener("change", () => control.value && set(Number(control.value)));
  return control;
}
