// Inspiration: words, a picture or a sound; the keywords that it becomes, as chips.

import { $, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { readKeywords, writeKeywords } from "./messages.js";

const SOUNDS = /^audio\/|\.(wav|mp3|flac|ogg|aif|aiff|m4a|mid|midi)$/i;

export function inspire(store, wire, verbs) {
  const words = h("input", {
    type: "text",
    id: "phrase",
    maxlength: "2000",
    autocomplete: "off",
    "aria-label": "Words that inspire",
    placeholder: "A line, a memory, a mood … or drop a picture or a sound",
  });
  const file = h("input", {
    type: "file",
    accept: "image/*,audio/*,.mid,.midi",
    hidden: true,
    "aria-label": "A picture or a sound",
  });
  const form = $("#inspire");
  const go = h("button", { class: "main", type: "submit", id: "find" }, "Find chords");
  form.append(
    words,
    h("button", { type: "button", onclick: () => file.click() }, "Picture or sound…"),
    file,
    go,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = words.value.trim();
    verbs.inspire(text ? { text } : {});
  });
  file.addEventListener("change", () => file.files[0] && read(file.files[0]));

  async function read(one) {
    const name = SOUNDS.test(one.type) || SOUNDS.test(one.name) ? "audio" : "image";
    verbs.say(`reading ${one.name}`);
    const path = await verbs.tried(wire.upload(one));
    if (path) await verbs.inspire({ [name]: path }, one.name);
    file.value = "";
  }

  const section = form.parentElement;
  for (const kind of ["dragover", "dragleave", "drop"]) {
    section.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      section.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
    });
  }
  store.on(["asking"], () => {
    go.setAttribute("aria-disabled", String(Boolean(store.get("asking"))));
    go.textContent = store.get("asking") ? "Finding…" : "Find chords";
  });
  store.on(["keywords", "choices"], () => chips(store, verbs));
}

function chips(store, verbs) {
  const keywords = readKeywords(store.get("keywords"));
  const set = (changed) => verbs.setKeywords(writeKeywords(changed));
  const made = keywords.map((keyword, place) => {
    const swap = (values) => set(keywords.map((k, i) => (i === place ? { ...k, ...values } : k)));
    const weight = h("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.05",
      "aria-label": `Weight of ${keyword.word}`,
      "data-key": `weight-${keyword.word}`,
    });
    weight.value = keyword.weight;
    weight.addEventListener("change", () => swap({ weight: Number(weight.value) }));
    return h(
      "span",
      {
        class: `chip${keyword.locked ? " locked" : ""}`,
        role: "group",
        "aria-label": keyword.word,
      },
      keyword.word,
      weight,
      h(
        "button",
        {
          class: "bare",
          "aria-pressed": String(keyword.locked),
          "data-key": `hold-${keyword.word}`,
          "aria-label": `Lock ${keyword.word}`,
          title: "Lock: it stays when other words come",
          onclick: () => swap({ locked: !keyword.locked }),
        },
        icon(keyword.locked ? "lock" : "open"),
      ),
      h(
        "button",
        {
          class: "bare remove",
          "aria-label": `Remove ${keyword.word}`,
          onclick: () => set(keywords.filter((_, i) => i !== place)),
        },
        icon("close"),
      ),
    );
  });
  if (!keywords.length) return fill($("#chips"));
  const input = h("input", {
    type: "text",
    list: "moods",
    "aria-label": "Add a keyword",
    placeholder: "+ keyword",
    "data-key": "add-keyword",
    autocomplete: "off",
  });
  input.value = $("#chips [data-key='add-keyword']")?.value ?? ""; // what is half typed stays
  const form = h(
    "form",
    {},
    input,
    h(
      "datalist",
      { id: "moods" },
      store.get("choices").moods.map((mood) => h("option", { value: mood })),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const word = input.value.trim();
    input.value = "";
    if (word) set([...keywords, { word, weight: 1, locked: false }]);
  });
  const place = $("#chips");
  const had = place.contains(document.activeElement);
  fill(place, made, form);
  if (had && !place.contains(document.activeElement)) input.focus(); // what had it was removed
}
