// Parts: those that are asked for, or those of the clip; what they sound like, and their locks.

import { $, fill, h } from "./dom.js";
import { cellsText } from "./clip.js";
import { icon } from "./icons.js";
import { colourOf, isDrums, PROGRAMS, roleOf } from "./music.js";
import { withProgram } from "./notes.js";
import { lock } from "./picking.js";

const LIMIT = 10;

/** Show the parts. */
export function parts(store, verbs) {
  let before = ""; // what was shown: most edits change nothing of it
  store.on(["clip"], () => store.get("clip") && store.get("form").parts && keepBand(store));
  store.on(["form", "clip", "locks", "choices"], () => {
    const [clip, form, locks] = ["clip", "form", "locks"].map((name) => store.get(name));
    const band = clip ? ofClip(store, verbs) : ofForm(store);
    const now = JSON.stringify([
      band.rows.map(({ name, program }) => [name, program]),
      clip ? [clip.bars, cellsText(locks, clip)] : !form.parts,
      store.get("choices").roles,
    ]);
    if (now === before) return;
    before = now;
    const rows = band.rows.map((part) => shown(store, part, band));
    const hint = !clip && !form.parts ? h("p", { class: "soft" }, "The preset's parts.") : null;
    const kept = clip && locks.size ? `Kept: ${cellsText(locks, clip)}` : "";
    fill(
      $("#parts"),
      hint,
      h("ul", { class: "partlist" }, rows),
      rows.length < LIMIT ? more(store, band) : null,
      kept ? h("p", { class: "soft" }, kept) : null,
    );
  });
}

/** The next new loop is for the band that is shown. */
function keepBand(store) {
  const rows = store.get("clip").parts.map(({ name, program }) => ({
    name,
    program: isDrums(name) ? null : program,
  }));
  const form = store.get("form");
  if (JSON.stringify(rows) !== JSON.stringify(form.parts))
    store.set({ form: { ...form, parts: rows } });
}

// the parts that are there, and what can be done with them

function ofClip(store, verbs) {
  return {
    rows: store.get("clip").parts,
    set: ({ name }, program) =>
      verbs.isClosed ||
      store.step(`${name} is ${PROGRAMS[program]}`, withProgram(store.get("clip"), name, program)),
    drop: ({ name }) => (keepBand(store), verbs.removePart(name)),
    add: (role) => (keepBand(store), verbs.addPart(role)),
  };
}

function ofForm(store) {
  const rows = store.get("form").parts ?? [];
  const keep = (now) => store.set({ form: { ...store.get("form"), parts: now } });
  return {
    rows,
    set: (part, program) => keep(rows.map((one) => (one === part ? { ...one, program } : one))),
    drop: (part) => keep(rows.filter((one) => one !== part)),
    add: (role) => keep([...rows, { name: free(role, rows), program: null }]),
  };
}

function shown(store, part, band) {
  const remove = h(
    "button",
    {
      class: "bare",
      "aria-label": `Remove ${part.name}`,
      title: "Remove",
      disabled: band.rows.length < 2,
      onclick: () => band.drop(part),
    },
    icon("close"),
  );
  const item = h(
    "li",
    {},
    h("span", { class: "dot", "aria-hidden": "true" }),
    part.name,
    sounds(part, store.get("choices"), (program) => band.set(part, program)),
    store.get("clip") && lockButton(store, part),
    remove,
  );
  item.style.setProperty("--own", `var(--${colourOf(part.name)})`);
  return item;
}

function lockButton(store, part) {
  const locks = store.get("locks");
  const keys = [...Array(store.get("clip").bars).keys()].map((bar) => `${part.name} ${bar}`);
  const isLocked = keys.every((key) => locks.has(key));
  return h(
    "button",
    {
      class: "bare",
      "aria-pressed": String(isLocked),
      "data-key": `lock-${part.name}`,
      "aria-label": `Lock ${part.name}`,
      title: "Lock: it stays when the rest is written",
      onclick: () => lock(store, keys),
    },
    icon(isLocked ? "lock" : "open"),
  );
}

function more(store, band) {
  const { roles } = store.get("choices");
  const menu = h(
    "select",
    { "aria-label": "Add a part", "data-key": "add-part" },
    h("option", { value: "" }, "+ add a part"),
    roles.map((role) => h("option", { value: role.value }, role.value)),
  );
  menu.addEventListener("change", () => {
    band.add(menu.value);
    menu.value = "";
  });
  return menu;
}

const free = (role, there) =>
  [role, `${role}2`, `${role}3`, `${role}4`].find((name) => !there.some((p) => p.name === name)) ??
  role;

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
  const now = part.program === null ? "" : String(part.program);
  control.value = now;
  control.addEventListener("change", () => {
    if (control.value) set(Number(control.value));
    control.value = now; // where it is taken, the list is made anew
  });
  return control;
}
