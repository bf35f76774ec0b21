// What the page can do to the music, each by one name; buttons and keys call these.

import { allCells, cellsText, chordBars, clipOf, heldChords, sketched } from "./clip.js";
import { isDrums } from "./music.js";
import { chunksOf, crc32, notesToBytes, readNotes } from "./messages.js";

const LAND_AFTER = 2500; // milliseconds without an edit, until what was edited is kept as a take

export class Verbs {
  #landing = null;
  #timer = 0;

  constructor(wire, store, say) {
    Object.assign(this, { wire, store, say });
    store.on(["clip"], () => this.#soon());
  }

  /** Say in one sentence what went wrong; return what *work* gives, or null. */
  async tried(work) {
    try {
      return await work;
    } catch (error) {
      this.say(error.message, true);
      return null;
    }
  }

  // edits

  /** Land what was edited as a take of its own; return the number of the take that is here. */
  async landed() {
    while (this.#landing) await this.#landing;
    const clip = this.store.get("clip");
    if (!clip?.isEdited) return clip?.take ?? null;
    this.#landing = this.#land(clip).finally(() => (this.#landing = null));
    return this.#landing;
  }

  async #land(clip) {
    const bytes = notesToBytes(clip.parts);
    const chunks = chunksOf(bytes);
    const parts = clip.parts.map((part) => `${part.name}:${part.program}`).join(",");
    const sum = crc32(bytes);
    const told = await this.wire.ask(
      "/bandmate/take/edit",
      [clip.take, parts, chunks.length],
      {},
      {
        follows: chunks.map((data, chunk) => [
          "/bandmate/take/notes",
          [clip.take, chunk, chunks.length, sum, data],
        ]),
      },
    );
    const now = this.store.get("clip");
    const landed = { take: told.take, title: told.title ?? clip.title };
    if (now === clip) this.store.set({ clip: { ...clip, ...landed, isEdited: false } });
    else if (now?.take === clip.take && now.isEdited)
      this.store.set({ clip: { ...now, ...landed } });
    return told.take;
  }

  #soon() {
    clearTimeout(this.#timer);
    if (!this.store.get("clip")?.isEdited) return;
    this.#timer = setTimeout(() => this.tried(this.landed()), LAND_AFTER);
  }

  // loops

  /** Write a loop: a new one, or around what is locked. */
  async write() {
    const clip = this.store.get("clip");
    const kept = clip ? cellsText(this.store.get("locks"), clip) : "";
    if (!kept)
      return this.#loop(
        "a new loop",
        { ...this.#wanted(), ...this.#stock(), ...this.#harmony(this.store.get("form").bars) },
        new Set(),
      );
    return this.#change("around what is locked", {
      ...this.#wanted(),
      ...this.#harmony(),
      keep: kept,
    });
  }

  /** Write the picked cells anew (all open ones where none is picked), or vary them. */
  async refill(vary = null) {
    const cells = this.#open();
    if (!cells) return null;
    const held = [...this.store.get("held")].join(",") || null;
    const words = vary === null ? `refilled ${cells}` : `varied ${cells}`;
    const wanted = vary === null ? this.#wanted() : {};
    return this.#change(words, { ...wanted, ...this.#chords(), refill: cells, vary, lock: held });
  }

  addPart(name) {
    return this.#change(`added ${name.split(":")[0]}`, { ...this.#wanted(), add: name });
  }

  removePart(name) {
    return this.#change(`removed ${name}`, { remove: name });
  }

  /** Let a part enter so many bars later (+) or earlier (-). */
  shiftPart(name, bars) {
    return this.#change(`shifted ${name}`, { shift: `${name}=${bars > 0 ? "+" : ""}${bars}` });
  }

  /** Ask for more like the take that is here. */
  async more() {
    const take = await this.tried(this.landed());
    return take && this.#loop(`more like ${take}`, { like: take });
  }

  /** Call off what is being written; its own answer ends the waiting. */
  cancel() {
    const writing = this.store.get("writing");
    if (writing) this.wire.tell("/bandmate/cancel", [], {}, writing.id);
  }

  async #change(words, pairs) {
    const take = await this.tried(this.landed());
    return take && this.#loop(words, { take, ...pairs });
  }

  async #loop(words, pairs, locks = this.store.get("locks")) {
    if (this.store.get("writing"))
      return this.say("a loop is being written: stop it or wait", true);
    const id = `loop-${Date.now().toString(36)}`;
    const bars = pairs.bars ?? this.store.get("clip")?.bars ?? 4;
    const over = pairs.take || pairs.like ? this.store.get("clip") : null;
    this.store.set({ writing: { id, bars, bar: 0, left: -1, words, over } });
    const heard = (message) => this.#heard(message);
    const taken = await this.tried(
      this.#take("/bandmate/loop/ask", [], { ...pairs, notes: "bars" }, id, heard),
    );
    this.store.set({ writing: null });
    if (!taken) return null;
    const [facts, notes] = taken;
    if (!facts) return this.say("the writing was called off");
    const clip = clipOf(facts, notes);
    this.#show(words, clip, locks);
    this.say(`take ${clip.take}: ${clip.bars} bars, ${words}`);
    return clip;
  }

  #heard(message) {
    const writing = this.store.get("writing");
    if (!writing) return;
    if (message.address === "/bandmate/bar/written") {
      const before = writing.sketch ?? writing.over;
      const sketch = sketched(
        before,
        { ...message, data: readNotes(message.data) },
        this.store.get("song").meter,
      );
      if (!sketch.parts.some(({ name }) => name === this.store.get("part"))) {
        this.store.set({
          part: (sketch.parts.find(({ name }) => !isDrums(name)) ?? sketch.parts[0]).name,
        });
      }
      this.store.set({ writing: { ...writing, sketch } });
    }
    if (message.address !== "/bandmate/loop/progress") return;
    const { bar, bars, left_ms: left } = message;
    this.store.set({ writing: { ...writing, bar: bar + 1, bars, left } });
  }

  /** Ask for a take and gather its notes: [facts, notes]. */
  async #take(address, fixed, pairs, id = null, heard = null) {
    let facts = null;
    const chunks = [];
    await this.wire.ask(address, fixed, pairs, {
      id,
      heard: (message) => {
        if (message.address === "/bandmate/take/notes")
          chunks[message.chunk] = readNotes(message.data);
        else if (message.take !== undefined && message.parts !== undefined) facts = message;
        heard?.(message);
      },
      isLast: ({ address: last }) =>
        last === "/bandmate/cancelled" ||
        (facts !== null && chunks.filter(Boolean).length >= (facts.chunks ?? 0)),
    });
    return [facts, chunks.flat()];
  }

  /** Return the clip of a take that is kept. */
  async fetched(take) {
    const [facts, notes] = await this.#take("/bandmate/take/get", [take], {});
    return { ...clipOf(facts, notes), facts };
  }

  /** Bring a kept take to the stage. */
  async open(take, words = `take ${take}`) {
    await this.tried(this.landed());
    const clip = await this.tried(this.fetched(take));
    if (!clip) return;
    this.store.set({ track: null });
    this.#show(words, clip, new Set());
  }

  #show(words, clip, locks) {
    const before = this.store.get("clip");
    const cells = allCells(clip);
    const part = clip.parts.some((p) => p.name === this.store.get("part"))
      ? this.store.get("part")
      : (clip.parts.find((p) => !isDrums(p.name)) ?? clip.parts[0])?.name;
    const other = before && before.take !== clip.take ? before.take : this.store.get("other");
    this.store.set({ part, picked: new Set(), chosen: new Set(), other });
    this.store.step(words, clip, new Set([...locks].filter((key) => cells.has(key))));
  }

  #open() {
    const { clip, locks, picked } = Object.fromEntries(
      ["clip", "locks", "picked"].map((n) => [n, this.store.get(n)]),
    );
    if (!clip) return this.say("there is no loop yet: write one first", true);
    const cells = [...(picked.size ? picked : allCells(clip))].filter((key) => !locks.has(key));
    if (!cells.length) return this.say("all of these cells are locked: open some first", true);
    return cellsText(new Set(cells), clip);
  }

  // what an ask says

  #wanted() {
    const { parts, curve, bars, ...said } = this.store.get("form");
    const set = (curve ?? [])
      .map((value, bar) => [bar, value])
      .filter(([, value]) => value !== null);
    const near = (bar) =>
      set.reduce((a, b) => (Math.abs(b[0] - bar) < Math.abs(a[0] - bar) ? b : a))[1];
    const drawn = set.length
      ? `density=${curve.map((value, bar) => value ?? near(bar)).join(",")}`
      : null;
    return {
      ...Object.fromEntries(Object.entries(said).filter(([, v]) => v !== "" && v !== null)),
      curve: drawn,
    };
  }

  #stock() {
    const { parts, bars } = this.store.get("form");
    const told = (parts ?? [])
      .map((p) => (p.program === null ? p.name : `${p.name}:${p.program}`))
      .join(",");
    return { bars, parts: told || null };
  }

  #harmony(bars) {
    const card = this.store.get("card");
    return this.store.get("track") ? this.#chords(bars) : { card };
  }

  #chords(bars = this.store.get("clip").bars) {
    const track = this.store.get("track");
    return track?.some(Boolean) ? { chords: heldChords(track, bars).join(" ") } : {};
  }

  // chords

  /** Ask for cards from words, a picture, a sound or the song's keywords. */
  async inspire(from = {}) {
    if (this.store.get("asking")) return;
    this.store.set({ asking: true, cards: [], card: null });
    const notes = new Map();
    const { genre } = this.store.get("form");
    const answer = await this.tried(
      this.wire.ask(
        "/bandmate/chords/ask",
        [],
        { ...from, genre, notes: "blob" },
        {
          heard: (message) => this.#cardHeard(message, notes),
          isLast: (message) => message.address === "/bandmate/chords/made",
        },
      ),
    );
    this.store.set({ asking: false });
    if (answer) this.say(answer.words || `${answer.cards} cards in ${answer.key}`);
  }

  #cardHeard(message, notes) {
    if (message.address === "/bandmate/keywords/found")
      this.store.set({ keywords: message.keywords });
    if (message.address === "/bandmate/take/notes") {
      const own = [...(notes.get(message.take) ?? []), ...readNotes(message.data)];
      notes.set(message.take, own);
      const cards = this.store.get("cards");
      this.store.set({
        cards: cards.map((c) => (c.take === message.take ? { ...c, clip: clipOf(c, own) } : c)),
      });
    }
    if (message.address === "/bandmate/card/made") {
      this.store.set({ cards: [...this.store.get("cards"), message] });
    }
  }

  /** Let the loop follow a card, and write it. */
  async toLoop(card) {
    this.store.set({ card: card.take, track: null });
    await this.write();
  }

  async keepCard(card) {
    if (await this.tried(this.wire.ask("/bandmate/take/accept", [card.take]))) {
      this.store.set({ card: card.take });
      this.say("the song follows this card");
    }
  }

  async setKeywords(text) {
    const told = await this.tried(this.wire.ask("/bandmate/keywords/set", [], { keywords: text }));
    if (told) this.store.set({ keywords: told.keywords });
  }

  async suggested(before, after) {
    const told = await this.wire.ask("/bandmate/chords/suggest", [], {
      before: before || null,
      after: after || null,
    });
    return chordBars(told.chords).map(([chord]) => chord);
  }

  // takes

  /** Do a verb (accept, reject, insert, play...) to the take that is here. */
  async mark(verb, words, pairs = {}) {
    const take = await this.tried(this.landed());
    if (!take) return null;
    const told = await this.tried(this.wire.ask(`/bandmate/take/${verb}`, [take], pairs));
    if (told) this.say(`take ${take} ${words}`);
    return told;
  }

  /** Tell the song; what is kept is told again to a daemon that was restarted, what is free is not. */
  async setSong(pairs) {
    const { free, ...own } = { ...this.store.get("ownSong"), ...pairs };
    for (const name of String(free ?? "").split(",")) delete own[name];
    this.store.set({ ownSong: own });
    const told = await this.tried(this.wire.ask("/bandmate/song/set", [], pairs));
    if (told) this.store.set({ song: told });
  }

  async setMix(mix) {
    this.store.set({ mix });
    const [mute, solo] = [[...mix.mute].join(","), [...mix.solo].join(",")];
    await this.tried(this.wire.ask("/bandmate/take/mix", [], { mute, solo }));
  }
}
