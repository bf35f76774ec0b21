// Takes: small pictures, newest first; those that are there, and what becomes of them.

import { $, arrange, h } from "./dom.js";
import { dragOut, guardDrops } from "./dragout.js";
import { TakeTools } from "./taketools.js";
import { thumbnail } from "./thumbnail.js";
import { dress, folded, tile } from "./tiles.js";

const LISTED = 100; // takes asked for at once
const MOST = 300; // takes that stay without being asked for, the newest: the rest are behind "Older…"
const CLIPS = 400; // clips of takes, beyond which those without a tile are forgotten
const FEW = 12; // tiles, below which older takes are asked for: most were edits of a few

export class Takes {
  #known = new Map();
  #clips = new Map();
  #tiles = new Map();
  #turn = 0;
  #isMore = false;
  #lowest = null; // the last number of those that were listed; one that was marked may be older
  #room = MOST;
  #marks = []; // the numbers of A and B as they are shown
  #watch = new IntersectionObserver((seen) => this.#seen(seen), { root: null });
  #empty = h("li", { class: "soft" });
  #older = h(
    "li",
    { class: "older" },
    h("button", { "data-key": "older", onclick: () => this.list(true) }, "Older…"),
  );

  constructor(store, wire, verbs) {
    Object.assign(this, { store, wire, verbs });
    this.tools = new TakeTools(store, wire, verbs, this);
    store.on(["takes"], () => this.#show());
    store.on(["clip", "other"], () => this.#mark());
    store.on(["look"], () => {
      for (const number of this.#tiles.keys()) this.#draw(number);
    });
    guardDrops();
  }

  /** What is told of the take on the stage. */
  get here() {
    return this.#known.get(this.store.get("clip")?.take);
  }

  /** What is told of the take on the stage, once what was edited has landed; nothing without one. */
  async landed() {
    const take = await this.verbs.tried(this.verbs.landing.landed());
    return take && (this.#known.get(take) ?? { take });
  }

  /** Ask for the takes that there are, by the words and the kind that are looked for; or for older ones. */
  async list(isOlder = false) {
    const turn = (this.#turn += 1);
    const others = new Set(isOlder ? [] : this.store.get("takes"));
    const before = isOlder ? this.#lowest : null;
    const said = { ...this.#wanted(), before, limit: LISTED };
    const found = await this.verbs.tried(
      this.wire.all("/bandmate/take/list", said, "/bandmate/take/listed"),
    );
    if (!found || turn !== this.#turn) return; // other words are looked for by now
    this.#isMore = found.length === LISTED;
    this.#lowest = found.at(-1)?.take ?? before;
    const there = this.store.get("takes").filter((take) => !others.has(take)); // or told meanwhile
    const takes = new Map([...found, ...there].map((take) => [take.take, take]));
    this.#room = Math.max(MOST, isOlder ? takes.size : 0);
    this.#set([...takes.values()]);
    if (this.#isMore && this.#shown().length < FEW) await this.list(true);
  }

  #wanted() {
    const [search, kind] = [this.store.get("search"), this.store.get("kind")];
    const isStarred = kind === "starred";
    return {
      search: search || null,
      kind: (!isStarred && kind) || null,
      starred: isStarred ? 1 : null,
    };
  }

  /** Hear that a take was made or marked. */
  hear(told) {
    if (!told.take) return;
    this.#known.set(told.take, { ...this.#known.get(told.take), ...told });
    const [search, kind] = [this.store.get("search"), this.store.get("kind")];
    const takes = this.store.get("takes");
    const isThere = takes.some(({ take }) => take === told.take);
    const others = takes.filter(({ take }) => take !== told.take);
    const isKind = kind === "starred" ? told.star : !kind || told.kind === kind;
    if (!isThere && (search || !isKind)) return;
    this.#set(isKind ? [...others, this.#known.get(told.take)] : others);
  }

  /** Bring a take to the stage; a card, among the cards. */
  async open(take) {
    if (take.kind !== "card") return this.verbs.open(take.take);
    const clip = await this.verbs.tried(this.#fetched(take.take));
    if (clip) this.store.set({ cards: [{ ...clip.facts, take: take.take, clip }] });
  }

  /** Accept or reject the take that is here; once more takes that back. */
  async choose(verb) {
    const state = `${verb}ed`;
    const take = await this.landed();
    if (take?.state === state) await this.verbs.mark("undo", "is as it was before");
    else await this.verbs.mark(verb, `is ${state}`);
  }

  async star(take) {
    await this.verbs.tried(this.wire.ask("/bandmate/take/star", [take.take, take.star ? 0 : 1]));
  }

  /** Go to the take that was here before. */
  async swap() {
    const other = this.store.get("other");
    if (other) await this.verbs.open(other, `take ${other}`);
  }

  #set(found) {
    const takes = found.toSorted((a, b) => b.take - a.take).slice(0, this.#room);
    if (takes.length < found.length) {
      this.#isMore = true;
      this.#lowest = Math.max(this.#lowest, takes.at(-1).take);
    }
    const marked = this.#numbers.map((number) => this.#known.get(number)).filter(Boolean);
    this.#known = new Map([...marked, ...takes].map((take) => [take.take, take]));
    this.store.set({ takes });
  }

  /** The numbers of the takes that are A, on the stage, and B. */
  get #numbers() {
    return [this.store.get("clip")?.take, this.store.get("other")];
  }

  /** Show which are A and B, where others are now: an edit changes neither. */
  #mark() {
    if (this.#numbers.every((number, i) => number === this.#marks[i])) return;
    this.#marks = this.#numbers;
    this.#show();
  }

  /** The takes that have a tile: all that were found, or with edits folded and the stage's among them. */
  #shown() {
    const takes = this.store.get("takes");
    if (this.store.get("search") || this.store.get("kind") === "starred")
      return takes.map((take) => ({ ...take, from: take.parent }));
    const here = this.here;
    const isMissing = here && takes.every(({ take }) => take !== here.take);
    const all = isMissing && !this.store.get("kind") ? [...takes, here] : takes;
    return folded(all, new Set([here?.take, this.store.get("other")]));
  }

  #show() {
    this.#meet();
    const place = $("#takes");
    const shown = this.#shown();
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const at = [...place.children].indexOf(focused?.closest("li"));
    const rows = shown.map((take) => this.#row(take));
    if (!rows.length) this.#empty.textContent = this.#nothing();
    arrange(place, rows.length ? [...rows, ...(this.#isMore ? [this.#older] : [])] : [this.#empty]);
    this.#forget(new Set(shown.map(({ take }) => take)));
    if (!focused || focused.isConnected) return;
    const here = shown.findIndex(({ take }) => take === this.store.get("clip")?.take);
    rows[here < 0 ? Math.min(at, rows.length - 1) : here]?.firstChild.focus();
  }

  #nothing() {
    return this.store.get("search") || this.store.get("kind")
      ? "No take is like that."
      : "Whatever is written lies here, and survives a restart.";
  }

  /** Learn of the take on the stage where it is older than those that were listed. */
  async #meet() {
    const number = this.store.get("clip")?.take;
    if (!number || this.#known.has(number) || !this.wire.isThere) return;
    const clip = await this.#fetched(number).catch(() => null); // a take of another home has no tile
    if (!clip || this.#known.has(number)) return;
    this.#known.set(number, clip.facts);
    this.store.set({ takes: [...this.store.get("takes")] });
  }

  #row(take) {
    const number = take.take;
    if (!this.#tiles.has(number)) {
      const told = () => this.#known.get(number) ?? take;
      const li = tile(number, {
        open: () => this.open(told()),
        star: () => this.star(told()),
        drag: (event) => dragOut(event, told(), this.#clips.get(number)),
        walk,
      });
      this.#tiles.set(number, li);
      this.#watch.observe(li);
    }
    const li = this.#tiles.get(number);
    const isHere = number === this.store.get("clip")?.take;
    const mark = isHere ? "A" : number === this.store.get("other") ? "B" : "";
    li.dress = () => {
      const said = [this.#known.get(number), take.from, this.#clips.get(number), mark];
      if (li.said?.every((one, i) => one === said[i])) return;
      li.said = said;
      dress(li, take, this.#clips.get(number), mark);
    };
    li.dress();
    return li;
  }

  #forget(kept) {
    for (const [number, li] of this.#tiles) {
      if (kept.has(number)) continue;
      this.#watch.unobserve(li);
      this.#tiles.delete(number);
    }
    for (const number of this.#clips.keys())
      if (this.#clips.size > CLIPS && !kept.has(number)) this.#clips.delete(number);
  }

  async #fetched(number) {
    if (!this.#clips.has(number)) this.#clips.set(number, await this.verbs.fetched(number));
    return this.#clips.get(number);
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.#watch.unobserve(target);
      this.#meetClip(Number(target.firstChild.dataset.take));
    }
  }

  async #meetClip(number) {
    try {
      await this.#fetched(number);
    } catch {
      return; // a picture that cannot be had leaves an empty place, and its number
    }
    this.#tiles.get(number)?.dress();
    this.#draw(number);
  }

  #draw(number) {
    const [canvas, clip] = [
      this.#tiles.get(number)?.querySelector("canvas"),
      this.#clips.get(number),
    ];
    if (canvas?.isConnected && clip) thumbnail(canvas, clip);
  }
}

function walk(event) {
  const li = event.currentTarget.closest("li");
  const next = {
    ArrowLeft: li.previousElementSibling,
    ArrowRight: li.nextElementSibling,
    Home: li.parentElement.firstElementChild,
    End: li.parentElement.lastElementChild,
  }[event.key]?.querySelector("button");
  if (!next) return;
  event.preventDefault();
  next.focus();
}
