// The page, put together: the store, the wire, and who shows what.

import { $, fill, forgetColours, h } from "./dom.js";
import { cards, chordTrack } from "./cards.js";
import { cells, lock } from "./cells.js";
import { allCells } from "./clip.js";
import { density } from "./density.js";
import { fields, usual } from "./fields.js";
import { inspire } from "./inspire.js";
import { keys } from "./keys.js";
import { keyName } from "./music.js";
import { Roll } from "./roll.js";
import { Wire } from "./socket.js";
import { song } from "./song.js";
import { Sound } from "./sound.js";
import { Store } from "./state.js";
import { Takes } from "./takes.js";
import { Verbs } from "./verbs.js";
import { readChoices } from "./choices.js";

const SHOWN_FOR = 6000; // milliseconds that a word stays

const store = new Store({
  link: "coming",
  song: { tempo: 120, key: "C:maj", meter: "4/4" },
  ownSong: {},
  transport: {
    beat: 0,
    bar: 0,
    tempo: 120,
    meter: "4/4",
    source: "internal",
    certainty: 1,
    is_rolling: 0,
  },
  choices: readChoices({}, []),
  form: { bars: 4, parts: usual() },
  keywords: "",
  phrase: "",
  cards: [],
  card: null,
  asking: false,
  track: null,
  clip: null,
  locks: new Set(),
  picked: new Set(),
  chosen: new Set(),
  held: new Set(),
  part: null,
  at: null,
  from: null,
  vary: 0.5,
  grid: 0.25,
  writing: null,
  hearing: null,
  steps: { undo: "", redo: "" },
  mix: { mute: new Set(), solo: new Set() },
  takes: [],
  other: null,
  search: "",
  kind: "",
  theme: null,
  look: 0,
  singleKeys: true,
});

let shown = 0;

/** Say a sentence, to eyes and ears. */
function say(words, isWrong = false) {
  const place = $(isWrong ? "#alert" : "#say");
  fill($(isWrong ? "#say" : "#alert"));
  place.textContent = words;
  clearTimeout(shown);
  shown = setTimeout(() => fill(place), SHOWN_FOR);
}

const scheme = location.protocol === "https:" ? "wss" : "ws";
const wire = new Wire(`${scheme}://${location.host}/ws`, onLink, onNews);
const verbs = new Verbs(wire, store, say);
let roll = null;
const sound = new Sound(store, (share) => roll?.playhead(share));
roll = new Roll(store, sound, say);
const takes = new Takes(store, wire, verbs);
window.bandmate = { store, roll, verbs }; // for the curious, and for the bench

async function onLink(link, hello) {
  store.set({ link });
  if (link !== "there") return;
  store.set({ hello });
  await verbs.tried(
    wire.ask(
      "/bandmate/subscribe",
      [],
      { to: "song,transport,beat,takes,keywords,mix" },
      { id: "news" },
    ),
  );
  const own = store.get("ownSong");
  if (Object.keys(own).length) await verbs.setSong(own);
  await verbs.tried(readMenus());
  await takes.list();
  await openFirst();
  if (store.get("clip")?.isEdited) await verbs.tried(verbs.landing.landed());
}

async function readMenus() {
  const said = await wire.ask("/bandmate/choices/list");
  const presets = await wire.all("/bandmate/preset/list", {}, "/bandmate/preset/listed");
  store.set({ choices: readChoices(said, presets) });
}

/** Bring the take that the address names to the stage; else, where nothing is on it, the newest. */
async function openFirst() {
  const [, named] = /^#take=(\d+)$/.exec(location.hash) ?? [];
  if (named) {
    history.replaceState(null, "", location.pathname);
    const clip = await verbs.open(Number(named));
    return clip && say(`take ${named} is on the stage: press Space to hear it`);
  }
  if (store.get("clip")) return;
  const loops = await verbs.tried(
    wire.all("/bandmate/take/list", { kind: "loop", limit: 1 }, "/bandmate/take/listed"),
  );
  if (loops?.length && !store.get("clip")) await verbs.begin(loops[0].take);
}

function onNews(message) {
  const hear = {
    "/bandmate/song/told": () => store.set({ song: message }),
    "/bandmate/transport/told": () => store.set({ transport: message }),
    "/bandmate/keywords/told": () => store.set({ keywords: message.keywords }),
    "/bandmate/take/told": () => takes.hear(message),
    "/bandmate/take/mixed": () => {
      const read = (text) =>
        new Set(
          String(text || "")
            .split(",")
            .filter(Boolean),
        );
      store.set({ mix: { mute: read(message.muted), solo: read(message.soloed) } });
    },
    "/bandmate/error": () => say(message.words, true),
  }[message.address];
  hear?.();
}

const hear = () => (sound.isPlaying ? sound.stop() : sound.play());
const port = async () => {
  if (store.get("clip"))
    await verbs.mark("play", "plays from the next bar", { at: "bar", loop: 1 });
};
const hush = async () => {
  sound.stop();
  await verbs.tried(wire.ask("/bandmate/panic"));
};
const step = (way) => {
  const words = store[way]();
  if (words) say(`${way === "undo" ? "undone" : "redone"}: ${words}`);
};
const here = () => store.get("takes").find((take) => take.take === store.get("clip")?.take);
const acts = {
  hear,
  port,
  write: () => verbs.write(),
  refill: () => verbs.refill(),
  vary: () => verbs.refill(store.get("vary")),
  lock: () =>
    store.get("clip") &&
    lock(store, store.get("picked").size ? store.get("picked") : allCells(store.get("clip"))),
  accept: () => verbs.mark("accept", "is accepted"),
  reject: () => verbs.mark("reject", "is rejected"),
  insert: () => verbs.mark("insert", "went to the DAW"),
  star: () => here() && takes.star(here()),
  more: () => verbs.more(),
  swap: () => takes.swap(),
  undo: () => step("undo"),
  redo: () => step("redo"),
};

$("#hear").addEventListener("click", hear);
$("#port").addEventListener("click", port);
$("#hush").addEventListener("click", hush);
$("#undo").addEventListener("click", acts.undo);
$("#redo").addEventListener("click", acts.redo);
$("#write").addEventListener("click", acts.write);
$("#cancel").addEventListener("click", () => verbs.cancel());
$("#theme").addEventListener("click", () => {
  const isDark =
    getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (!store.get("theme") && matchMedia("(prefers-color-scheme: dark)").matches);
  store.set({ theme: isDark ? "light" : "dark" });
});

const newLook = () => {
  forgetColours();
  store.set({ look: store.get("look") + 1 });
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", newLook);
let resized = 0;
window.addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(newLook, 120);
});
store.on(["theme"], () => {
  if (store.get("theme")) document.documentElement.dataset.theme = store.get("theme");
  newLook();
});
store.on(["link", "song"], () => {
  const [link, now] = [store.get("link"), store.get("song")];
  const place = $("#link");
  place.classList.toggle("away", link !== "there");
  place.textContent =
    link === "there"
      ? `${keyName(now.key)}, ${Math.round(now.tempo * 10) / 10}`
      : link === "gone"
        ? "bandmate is gone"
        : "looking for bandmate…";
  $("#gone").hidden = link !== "gone";
  $("#gone").textContent =
    link === "gone"
      ? "bandmate does not answer: it is being tried again. What you edit is kept here, and lands as soon as it is back."
      : "";
});
store.on(["steps"], () => {
  for (const way of ["undo", "redo"]) {
    const words = store.get("steps")[way];
    $(`#${way}`).setAttribute("aria-disabled", String(!words));
    $(`#${way}`).title = words ? `${way}: ${words}` : `nothing to ${way}`;
  }
});
store.on(["hearing"], () => {
  const is = store.get("hearing") !== null;
  $("#hear").textContent = is ? "■ Stop" : "▶ Hear";
});
store.on(["clip"], () => {
  for (const id of ["hear", "port"])
    $(`#${id}`).setAttribute("aria-disabled", String(!store.get("clip")));
});
store.on(["writing", "clip", "locks"], () => {
  const writing = store.get("writing");
  $("#write").setAttribute("aria-disabled", String(Boolean(writing)));
  $("#cancel").hidden = !writing;
  const isAround = store.get("clip") && store.get("locks").size;
  $("#write").textContent = writing
    ? writing.bar
      ? `Bar ${writing.bar} of ${writing.bars}…`
      : "Writing…"
    : isAround
      ? "Write around the locks"
      : "Write a loop";
});

store.on(["choices"], () => {
  const start = (preset) => {
    store.set({ form: { ...store.get("form"), preset: preset.value, parts: null } });
    verbs.write();
  };
  const { presets } = store.get("choices");
  const typed = h("input", {
    type: "text",
    id: "first-chords",
    "aria-label": "Chords of the loop, a blank between bars",
    placeholder: "Am F C G7",
    autocomplete: "off",
    spellcheck: "false",
  });
  const chords = h(
    "form",
    { class: "starts" },
    h("label", { for: "first-chords" }, "Or over chords of your own:"),
    typed,
    h("button", {}, "Write over them"),
  );
  chords.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!typed.value.trim()) return typed.focus();
    store.set({ track: typed.value.trim().split(/\s+/) });
    verbs.write();
  });
  fill(
    $("#empty"),
    h("h3", {}, "Nothing is written yet."),
    h(
      "p",
      { class: "soft" },
      "Type a line above for chords to choose from, or let a loop be written right away in the song's key and tempo. Then click bars to refill, vary or lock them, and draw notes.",
    ),
    h(
      "div",
      { class: "starts" },
      h("button", { class: "main", onclick: acts.write }, "Write a loop"),
      h("button", { onclick: () => $("#phrase").focus() }, "Start from words"),
    ),
    chords,
    presets.length ? h("p", { class: "soft" }, "Or start from a preset:") : null,
    h(
      "div",
      { class: "starts" },
      presets.map((preset) =>
        h("button", { title: preset.words, onclick: () => start(preset) }, preset.title),
      ),
    ),
  );
});

song(store, wire, verbs);
fields(store, verbs);
inspire(store, wire, verbs);
cards(store, verbs, sound);
chordTrack(store, verbs);
cells(store, verbs);
density(store);
keys(store, acts);
