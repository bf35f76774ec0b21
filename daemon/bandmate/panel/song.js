// The song: tempo, key and meter, each of which may be free; who tells the time; the beat light.

import { $, fill, h } from "./dom.js";
import { pulses } from "./clip.js";
import { keyName, MODE_NAMES, signed, TONICS } from "./music.js";

const METERS = ["4/4", "3/4", "6/8", "5/4", "7/8", "12/8", "2/4"];
const SOURCES = { internal: "bandmate", clock: "MIDI clock", link: "Link", bridge: "the DAW" };

export function song(store, wire, verbs) {
  const fields = {
    tempo: tempoField(store, verbs),
    key: keyField(verbs),
    meter: meterField(verbs),
  };
  const [source, roll] = timeField(store, wire, verbs);
  $("#song").append(
    pair("Tempo", "tempo", fields.tempo.control),
    pair("Key", null, fields.key.control),
    pair("Meter", "meter", fields.meter.control),
    pair("Time by", "source", h("span", { class: "two" }, source, roll)),
  );
  store.on(["song", "clip", "writing"], () => {
    const now = store.get("song");
    const free = now.free.split(",");
    for (const [name, field] of Object.entries(fields))
      field.show(free.includes(name) ? null : now[name], store.shown?.[name]);
  });
  store.on(["transport"], () => {
    const now = store.get("transport");
    const { source: who } = now;
    source.value = who in SOURCES ? who : "bridge";
    roll.setAttribute("aria-pressed", String(Boolean(now.is_rolling)));
    roll.textContent = now.is_rolling ? "Stop" : "Start";
    roll.disabled = source.value !== "internal";
    beatLight($("#clock"), now);
  });
}

// each field shows a value, or null where it is free beside what the shown clip has

function tempoField(store, verbs) {
  const control = h("input", {
    type: "number",
    id: "tempo",
    min: "20",
    max: "400",
    step: "0.1",
    title: "Empty: free",
  });
  let isTyped = false;
  control.addEventListener("input", () => (isTyped = true));
  control.addEventListener("change", () => {
    isTyped = false;
    verbs.setSong(control.value ? { tempo: Number(control.value) } : { free: "tempo" });
  });
  control.addEventListener("keydown", (event) => {
    if (control.value || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    control.value = rounded(store.shown?.tempo ?? 120); // else it would step up from nothing
  });
  return {
    control,
    show(value, clips) {
      control.placeholder = clips ? `free: ${rounded(clips)}` : "free";
      if (!isTyped) control.value = value === null ? "" : rounded(value);
    },
  };
}

function keyField(verbs) {
  const free = h("option", { value: "" });
  const tonic = h(
    "select",
    { "aria-label": "Tonic", id: "tonic" },
    free,
    TONICS.map((name) => h("option", { value: name }, signed(name))),
  );
  const mode = h(
    "select",
    { "aria-label": "Mode", id: "mode" },
    MODE_NAMES.map(([value, name]) => h("option", { value }, name)),
  );
  const set = () =>
    verbs.setSong(tonic.value ? { key: `${tonic.value}:${mode.value}` } : { free: "key" });
  tonic.addEventListener("change", set);
  mode.addEventListener("change", set);
  return {
    control: h("span", { class: "two" }, tonic, mode),
    show(value, clips) {
      free.textContent = clips ? `free: ${keyName(clips)}` : "free";
      mode.hidden = value === null;
      const [root, kind] = String(value ?? clips ?? "C:maj").split(":");
      tonic.value = value === null ? "" : TONICS.includes(root) ? root : enharmonic(root);
      mode.value = kind;
    },
  };
}

function meterField(verbs) {
  const free = h("option", { value: "" });
  const control = h(
    "select",
    { id: "meter" },
    free,
    METERS.map((name) => h("option", { value: name }, name)),
  );
  control.addEventListener("change", () =>
    verbs.setSong(control.value ? { meter: control.value } : { free: "meter" }),
  );
  return {
    control,
    show(value, clips) {
      free.textContent = clips ? `free: ${clips}` : "free";
      if (value && ![...control.options].some((row) => row.value === value))
        control.append(h("option", { value }, value));
      control.value = value ?? "";
    },
  };
}

function timeField(store, wire, verbs) {
  const source = h(
    "select",
    { id: "source" },
    Object.entries(SOURCES).map(([value, name]) => h("option", { value }, name)),
  );
  const roll = h(
    "button",
    { "aria-pressed": "false", title: "Start or stop bandmate's own time" },
    "Start",
  );
  const setTime = async (pairs) => {
    const told = await verbs.tried(wire.ask("/bandmate/transport/set", [], pairs));
    if (!told) store.set({ transport: { ...store.get("transport") } }); // shows what holds again
  };
  source.addEventListener("change", () => setTime({ source: source.value }));
  roll.addEventListener("click", () =>
    setTime({ is_rolling: store.get("transport").is_rolling ? 0 : 1 }),
  );
  return [source, roll];
}

const rounded = (tempo) => Math.round(tempo * 100) / 100;
const enharmonic = (name) =>
  ({
    "C#": "Db",
    "D#": "Eb",
    Gb: "F#",
    "G#": "Ab",
    "A#": "Bb",
    Cb: "B",
    "E#": "F",
    "B#": "C",
    Fb: "E",
  })[name] ?? "C";

/** A label and what it names. */
export function pair(words, id, control) {
  const label = id ? h("label", { for: id }, words) : h("span", { class: "soft" }, words);
  return h("div", { class: "pair" }, label, control);
}

function beatLight(place, now) {
  const { count, beats } = pulses(now.meter);
  const inBar = (((now.beat % (count * beats)) + count * beats) % (count * beats)) / beats;
  const lit = now.is_rolling ? Math.floor(inBar + 1e-3) : -1;
  const who = now.certainty < 0.5 ? "unsure of the time" : (SOURCES[now.source] ?? now.source);
  const isTold = now.is_rolling || now.source !== "internal"; // standing, ours is the song's
  fill(
    place,
    h(
      "span",
      { class: "beat", "aria-hidden": "true" },
      [...Array(count).keys()].map((i) => h("i", { class: i === lit ? "lit" : "" })),
    ),
    h("span", { class: "place" }, now.is_rolling ? `${now.bar + 1}.${lit + 1}` : "stopped"),
    isTold ? h("span", {}, `${Math.round(now.tempo * 10) / 10} · ${who}`) : null,
  );
}
