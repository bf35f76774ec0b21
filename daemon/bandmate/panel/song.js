// The song: tempo, key, meter, who tells the time; the beat light.

import { $, fill, h } from "./dom.js";
import { pulses } from "./clip.js";
import { MODE_NAMES, TONICS } from "./music.js";

const METERS = ["4/4", "3/4", "6/8", "5/4", "7/8", "12/8", "2/4"];
const SOURCES = { internal: "bandmate", clock: "MIDI clock", link: "Link", bridge: "the DAW" };

export function song(store, wire, verbs) {
  const tempo = h("input", { type: "number", id: "tempo", min: "20", max: "400", step: "0.1" });
  const tonic = h(
    "select",
    { "aria-label": "Tonic" },
    TONICS.map((name) => h("option", { value: name }, flatSign(name))),
  );
  const mode = h(
    "select",
    { "aria-label": "Mode" },
    MODE_NAMES.map(([value, name]) => h("option", { value }, name)),
  );
  const meter = h(
    "select",
    { id: "meter" },
    METERS.map((name) => h("option", {}, name)),
  );
  const source = h(
    "select",
    { id: "source" },
    Object.entries(SOURCES).map(([value, name]) => h("option", { value }, name)),
  );
  const roll = h(
    "button",
    { "aria-pressed": "false", title: "Start or stop bandmate's own time" },
    "Roll",
  );
  $("#song").append(
    pair("Tempo", "tempo", tempo),
    pair("Key", null, h("span", { class: "two" }, tonic, mode)),
    pair("Meter", "meter", meter),
    pair("Time by", "source", h("span", { class: "two" }, source, roll)),
  );
  tempo.addEventListener("change", () => verbs.setSong({ tempo: Number(tempo.value) }));
  const setKey = () => verbs.setSong({ key: `${tonic.value}:${mode.value}` });
  tonic.addEventListener("change", setKey);
  mode.addEventListener("change", setKey);
  meter.addEventListener("change", () => verbs.setSong({ meter: meter.value }));
  const setTime = (pairs) => verbs.tried(wire.ask("/bandmate/transport/set", [], pairs));
  source.addEventListener("change", () => setTime({ source: source.value }));
  roll.addEventListener("click", () =>
    setTime({ is_rolling: store.get("transport").is_rolling ? 0 : 1 }),
  );

  store.on(["song"], () => {
    const now = store.get("song");
    if (document.activeElement !== tempo) tempo.value = Math.round(now.tempo * 100) / 100;
    const [root, kind] = String(now.key).split(":");
    tonic.value = TONICS.includes(root) ? root : enharmonic(root);
    mode.value = kind;
    if (![...meter.options].some((row) => row.value === now.meter)) {
      meter.append(h("option", {}, now.meter));
    }
    meter.value = now.meter;
  });
  store.on(["transport"], () => {
    const now = store.get("transport");
    const { source: who } = now;
    source.value = who in SOURCES ? who : "bridge";
    roll.setAttribute("aria-pressed", String(Boolean(now.is_rolling)));
    roll.textContent = now.is_rolling ? "Rolls" : "Roll";
    roll.disabled = source.value !== "internal";
    beatLight($("#clock"), now);
  });
}

const flatSign = (name) => name.replace("#", "♯").replace(/b$/, "♭");
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
  fill(
    place,
    h(
      "span",
      { class: "beat", "aria-hidden": "true" },
      [...Array(count).keys()].map((i) => h("i", { class: i === lit ? "lit" : "" })),
    ),
    h("span", { class: "place" }, now.is_rolling ? `${now.bar + 1}.${lit + 1}` : "stands"),
    h(
      "span",
      {},
      `${Math.round(now.tempo * 10) / 10} · ${now.certainty < 0.5 ? "unsure of the time" : (SOURCES[now.source] ?? now.source)}`,
    ),
  );
}
