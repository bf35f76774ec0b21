// The tools above the takes: what is done with the one on the stage, and which takes are shown.

import { $, fill, h } from "./dom.js";
import { askLine } from "./sheet.js";
import { isNamed } from "./tiles.js";

const PAUSE = 250; // milliseconds without a letter until it is searched
const KINDS = [
  ["", "all"],
  ["loop", "loops"],
  ["card", "cards"],
  ["starred", "starred"],
];
const NO_DAW =
  "no DAW is connected: “bandmate bridge install reaper” (or ableton, ardour) in a terminal puts bandmate into yours";

export class TakeTools {
  #timer = 0;

  constructor(store, wire, verbs, takes) {
    Object.assign(this, { store, wire, verbs, takes });
    this.buttons = this.#buttons();
    const onclick = (event) => this.#fetch(event);
    this.files = [
      h("a", { download: true, title: "The take as a MIDI file", onclick }, ".mid"),
      h("a", { download: true, title: "The take as sound", onclick }, ".wav"),
    ];
    const { accept, reject, insert, more, ab, name } = this.buttons;
    fill(
      $("#takes-tools"),
      h("span", { class: "acts" }, accept, reject, insert, more, ab, this.files, name),
      h("span", { class: "gap" }),
      h("span", { class: "find" }, this.#search(), this.#kind()),
    );
    store.on(["takes", "clip", "other", "song"], () => this.#show());
  }

  /** Put the take that is here into the DAW, or say how one is connected. */
  insert() {
    const { daw } = this.store.get("song");
    if (!daw) return this.verbs.say(NO_DAW, true);
    return this.store.get("clip") && this.verbs.mark("insert", `went to ${daw}`);
  }

  #buttons() {
    const act = (key, words, title, run) =>
      h("button", { id: `do-${key}`, "data-key": `do-${key}`, title, onclick: run }, words);
    const here = (run) => () => this.store.get("clip") && run();
    return {
      accept: act(
        "accept",
        "Accept",
        "You take it; once more takes that back (a)",
        here(() => this.takes.choose("accept")),
      ),
      reject: act(
        "reject",
        "Reject",
        "You refuse it; once more takes that back (x)",
        here(() => this.takes.choose("reject")),
      ),
      insert: act("insert", "Insert into the DAW", "", () => this.insert()),
      more: act(
        "more",
        "More like this",
        "Half of every bar is written anew (m)",
        here(() => this.verbs.more()),
      ),
      ab: act("ab", "A/B", "Go between the last two takes (b)", () => this.takes.swap()),
      name: act(
        "name",
        "Name…",
        "Give it a name",
        here(() => this.#name()),
      ),
    };
  }

  #show() {
    const clip = this.store.get("clip");
    const { state } = this.takes.here ?? {};
    const { daw } = this.store.get("song");
    const { accept, reject, insert, ab } = this.buttons;
    for (const button of Object.values(this.buttons)) off(button, !clip);
    off(ab, !this.store.get("other"));
    off(insert, !clip || !daw);
    accept.setAttribute("aria-pressed", String(state === "accepted"));
    reject.setAttribute("aria-pressed", String(state === "rejected"));
    insert.textContent = `Insert into ${daw || "the DAW"}`;
    insert.title = daw ? "Through its bridge (i)" : NO_DAW;
    ["clips", "sound"].forEach((place, i) => {
      const file = this.files[i];
      file.hidden = !clip;
      if (clip) file.href = `${place}/${clip.take}${file.textContent}`;
    });
  }

  /** Let a link have what was edited: it is a take first. */
  async #fetch(event) {
    if (!this.store.get("clip")?.isEdited) return;
    event.preventDefault();
    const link = event.currentTarget;
    if (await this.takes.landed()) link.click(); // it names that take by now
  }

  #name() {
    const take = this.takes.here ?? {};
    const title = !this.store.get("clip").isEdited && isNamed(take) ? take.title : "";
    const landing = this.takes.landed(); // what is edited gets the name, and not what it was before
    askLine("What is it called?", title, "Name it", async (text) => {
      const landed = await landing;
      if (landed) await this.verbs.tried(this.wire.ask("/bandmate/take/name", [landed.take, text]));
    });
  }

  #search() {
    const input = h("input", {
      type: "search",
      placeholder: "Search takes",
      "aria-label": "Search takes",
      "data-key": "search",
    });
    const find = () => {
      clearTimeout(this.#timer);
      const search = input.value.trim();
      if (search !== this.store.get("search")) this.#find({ search });
    };
    input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(find, PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") input.value = "";
      if (event.key === "Escape" || event.key === "Enter") find();
    });
    return input;
  }

  #kind() {
    const kind = h(
      "select",
      { "aria-label": "Kind of takes", "data-key": "kind" },
      KINDS.map(([value, name]) => h("option", { value }, name)),
    );
    kind.addEventListener("change", () => this.#find({ kind: kind.value }));
    return kind;
  }

  #find(said) {
    this.store.set(said);
    this.takes.list();
  }
}

const off = (button, isOff) => button.setAttribute("aria-disabled", String(isOff));
