// Takes: small pictures, newest first; what a person does with one.

import { $, colour, fill, h, sharp } from "./dom.js";
import { icon } from "./icons.js";
import { colourOf, isDrums } from "./music.js";

const SHOWN = 40;

export class Takes {
  #clips = new Map();
  #watch = new IntersectionObserver((seen) => this.#seen(seen), { root: null });

  constructor(store, wire, verbs) {
    Object.assign(this, { store, wire, verbs });
    store.on(["takes", "clip", "other", "look"], () => this.#show());
    store.on(["takes", "clip", "other", "kind", "link"], () => this.#tools());
  }

  /** Ask for the takes that there are, by the words and the kind that are looked for. */
  async list() {
    const found = [];
    const { search, kind } = { search: this.store.get("search"), kind: this.store.get("kind") };
    const told = await this.verbs.tried(
      this.wire.ask(
        "/bandmate/take/list",
        [],
        { search: search || null, kind: kind || null, limit: SHOWN },
        {
          heard: (message) => message.address === "/bandmate/take/told" && found.push(message),
          isLast: (message) => message.address === "/bandmate/take/listed",
        },
      ),
    );
    if (told) this.store.set({ takes: found.sort((a, b) => b.take - a.take) });
  }

  /** Hear that a take was made or marked. */
  hear(told) {
    if (!told.take) return;
    const { search, kind } = { search: this.store.get("search"), kind: this.store.get("kind") };
    const before = this.store.get("takes").find((take) => take.take === told.take);
    if (!before && ((kind && told.kind !== kind) || search)) return;
    const others = this.store.get("takes").filter((take) => take.take !== told.take);
    const takes = [{ ...before, ...told }, ...others].sort((a, b) => b.take - a.take);
    this.store.set({ takes: takes.slice(0, SHOWN) });
  }

  #show() {
    const here = this.store.get("clip")?.take;
    const other = this.store.get("other");
    const rows = this.store.get("takes").map((take) => {
      const name = take.title;
      const isHere = take.take === here;
      const open = h(
        "button",
        {
          class: "open",
          "data-key": `take-${take.take}`,
          "data-take": String(take.take),
          "aria-current": isHere ? "true" : null,
          title: name,
          onclick: () => this.#open(take),
          onkeydown: walk,
        },
        h("canvas", { "aria-hidden": "true" }),
        h("span", { class: "title" }, name),
        h("span", { class: "unseen" }, `, ${take.state === "made" ? take.kind : take.state}`),
      );
      this.#watch.observe(open);
      const mark = isHere ? "A" : take.take === other ? "B" : null;
      return h(
        "li",
        { class: `take ${take.state}${isHere ? " here" : ""}` },
        open,
        mark && h("span", { class: "mark", "aria-hidden": "true" }, mark),
        h(
          "button",
          {
            class: "bare star",
            "data-key": `star-${take.take}`,
            "aria-pressed": String(Boolean(take.star)),
            "aria-label": `Star ${name}`,
            onclick: () => this.star(take),
          },
          icon(take.star ? "starred" : "star"),
        ),
      );
    });
    fill(
      $("#takes"),
      rows.length
        ? rows
        : h("li", { class: "soft" }, "Whatever is written lies here, and survives a restart."),
    );
  }

  async #open(take) {
    if (take.kind === "card") {
      const clip = await this.verbs.tried(this.verbs.fetched(take.take));
      if (clip) this.store.set({ cards: [{ ...clip.facts, take: take.take, clip }], card: null });
      return;
    }
    await this.verbs.open(take.take);
  }

  async star(take) {
    await this.verbs.tried(this.wire.ask("/bandmate/take/star", [take.take, take.star ? 0 : 1]));
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !target.isConnected) continue;
      this.#watch.unobserve(target);
      this.#draw(target);
    }
  }

  async #draw(button) {
    const number = Number(button.dataset.take);
    if (!this.#clips.has(number)) {
      try {
        this.#clips.set(number, await this.verbs.fetched(number));
      } catch {
        return; // a picture that cannot be had leaves an empty place, and its name
      }
    }
    const canvas = button.querySelector("canvas");
    if (canvas && button.isConnected) thumbnail(canvas, this.#clips.get(number));
  }

  // the tools above

  #tools() {
    const clip = this.store.get("clip");
    const take = this.store.get("takes").find((one) => one.take === clip?.take);
    const off = clip ? null : "true";
    const act = (key, words, title, run, pressed) =>
      h(
        "button",
        {
          "data-key": `do-${key}`,
          id: `do-${key}`,
          title,
          "aria-disabled": off,
          "aria-pressed": pressed === undefined ? null : String(pressed),
          onclick: () => clip && run(),
        },
        words,
      );
    const search = h("input", {
      type: "search",
      placeholder: "Search takes",
      "aria-label": "Search takes",
      "data-key": "search",
    });
    search.value = this.store.get("search");
    search.addEventListener("change", () => this.#find({ search: search.value.trim() }));
    const kind = h(
      "select",
      { "aria-label": "Kind of takes", "data-key": "kind" },
      [
        ["", "all"],
        ["loop", "loops"],
        ["card", "cards"],
      ].map(([value, name]) => h("option", { value }, name)),
    );
    kind.value = this.store.get("kind");
    kind.addEventListener("change", () => this.#find({ kind: kind.value }));
    fill(
      $("#takes-tools"),
      act(
        "accept",
        "Accept",
        "You take it (a)",
        () => this.verbs.mark("accept", "is accepted"),
        take?.state === "accepted",
      ),
      act(
        "reject",
        "Reject",
        "You refuse it (x)",
        () => this.verbs.mark("reject", "is rejected"),
        take?.state === "rejected",
      ),
      act("insert", "Insert into the DAW", "Through the bridge that is connected (i)", () =>
        this.verbs.mark("insert", "went to the DAW"),
      ),
      act("more", "More like this", "Half of every bar is written anew", () => this.verbs.more()),
      h(
        "button",
        {
          id: "do-ab",
          "data-key": "do-ab",
          title: "Go between the last two takes (b)",
          "aria-disabled": String(!this.store.get("other")),
          onclick: () => this.swap(),
        },
        "A/B",
      ),
      clip &&
        h(
          "a",
          { href: `clips/${clip.take}.mid`, download: true, title: "The take as a MIDI file" },
          ".mid",
        ),
      clip &&
        h(
          "a",
          { href: `sound/${clip.take}.wav`, download: true, title: "The take as sound" },
          ".wav",
        ),
      act("name", "Name…", "Give it a name", () => this.#name(take)),
      h("span", { class: "gap" }),
      search,
      kind,
    );
  }

  #find(said) {
    this.store.set(said);
    this.list();
  }

  /** Go to the take that was here before. */
  async swap() {
    const other = this.store.get("other");
    if (!other) return;
    await this.verbs.open(other, `take ${other}`);
  }

  #name(take) {
    if (!take) return;
    const input = h("input", {
      type: "text",
      maxlength: "80",
      "aria-label": "Name",
      id: "new-name",
    });
    input.value = take.title ?? "";
    const sheet = $("#sheet");
    const form = h(
      "form",
      { method: "dialog" },
      h("h2", { id: "sheet-head" }, "What is it called?"),
      h("p", {}, input),
      h("button", { class: "main" }, "Name it"),
    );
    form.addEventListener("submit", () =>
      this.verbs.tried(this.wire.ask("/bandmate/take/name", [take.take, input.value.trim()])),
    );
    fill(sheet, form);
    sheet.showModal();
    input.focus();
  }
}

function walk(event) {
  const step = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  const next = step && event.currentTarget.closest("li")[step]?.querySelector(".open");
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function thumbnail(canvas, clip) {
  const [width, high] = [canvas.clientWidth || 128, 30];
  const context = sharp(canvas, width, high);
  const all = clip.parts
    .filter((part) => !isDrums(part.name))
    .flatMap((part) => part.notes.map((note) => note.pitch));
  const [low, top] = all.length ? [Math.min(...all), Math.max(...all)] : [36, 60];
  for (const part of clip.parts) {
    context.fillStyle = colour(colourOf(part.name));
    const drums = isDrums(part.name);
    for (const note of part.notes) {
      const x = (note.start / clip.length) * width;
      const y = drums
        ? high - 4 + ((note.pitch % 3) - 1)
        : high - 8 - ((note.pitch - low) / (top - low || 1)) * (high - 11);
      context.fillRect(
        x,
        y,
        drums ? 1.2 : Math.max(1.5, (note.duration / clip.length) * width - 0.5),
        drums ? 1.4 : 2,
      );
    }
  }
}
