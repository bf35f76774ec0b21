// What the page can do to the music, each by one name; buttons and keys call these.

import { allCells, cellsText, chordBars, clipOf, sketched } from "./clip.js";
import { isDrums, keyName } from "./music.js";
import { Landing } from "./landing.js";
import { readNotes } from "./messages.js";
import { chordsOf, stock, wanted } from "./wanted.js";

export class Verbs {
  constructor(wire, store, say) {
    Object.assign(this, { wire, store, say });
    this.landing = new Landing(wire, store);
    store.on(["clip"], () => this.landing.soon(() => this.tried(this.landing.landed())));
  }

  /** Say in one sentence what went wrong, as *told* puts it; return what *work* gives, or null. */
  async tried(work, told = (words) => words) {
    try {
      return await work;
    } catch (error) {
      this.say(told(error.message), true);
      return null;
    }
  }

  // loops

  /** Write a loop: a new one, or around what is locked. */
  async write() {
    const [clip, form] = [this.store.get("clip"), this.store.get("form")];
    const kept = clip ? cellsText(this.store.get("locks"), clip) : "";
    if (!kept)
      return this.#loop(
        "a new loop",
        { ...wanted(form, form.bars), ...stock(form), ...this.#harmony(form.bars) },
        true,
      );
    return this.#change("around what is locked", {
      ...wanted(form, clip.bars),
      ...this.#harmony(clip.bars),
      keep: kept,
    });
  }

  /** Write the picked cells anew (all open ones where none is picked), or vary them. */
  async refill(vary = null) {
    const cells = this.#open();
    if (!cells) return null;
    const held = [...this.store.get("held")].join(",") || null;
    const words = vary === null ? `refilled ${cells}` : `varied ${cells}`;
    const { bars } = this.store.get("clip");
    const style = vary === null ? wanted(this.store.get("form"), bars) : {};
    const chords = chordsOf(this.store.get("track"), bars);
    return this.#change(words, { ...style, ...chords, refill: cells, vary, lock: held });
  }

  addPart(name) {
    return this.#change(`added ${name.split(":")[0]}`, {
      ...wanted(this.store.get("form"), this.store.get("clip").bars),
      add: name,
    });
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
    const take = await this.tried(this.landing.landed());
    return take && this.#loop(`more like ${take}`, { like: take });
  }

  /** Call off what is being written; its own answer ends the waiting. */
  cancel() {
    const writing = this.store.get("writing");
    if (!writing) return;
    if (this.wire.isThere) this.wire.tell("/bandmate/cancel", [], {}, writing.id);
    else this.wire.forget(writing.id);
  }

  async #change(words, pairs) {
    const take = await this.tried(this.landing.landed());
    return take && this.#loop(words, { take, ...pairs });
  }

  /** Whether a loop is being written, and closes what is there to all others; says so. */
  get isClosed() {
    if (this.store.get("writing")) this.say("a loop is being written: stop it or wait", true);
    return Boolean(this.store.get("writing"));
  }

  async #loop(words, pairs, isNew = false) {
    if (this.isClosed) return null;
    const id = `loop-${Date.now().toString(36)}`;
    const bars = pairs.bars ?? this.store.get("clip")?.bars ?? 4;
    const over = pairs.take || pairs.like ? this.store.get("clip") : null;
    this.store.set({ writing: { id, bars, bar: 0, left: -1, words, over } });
    const picked = this.store.get("picked");
    const heard = (message) => this.#heard(message);
    const taken = await this.tried(
      this.#take("/bandmate/loop/ask", [], { ...pairs, notes: "bars" }, id, heard),
    );
    this.store.set({ writing: null });
    if (!taken) return null;
    const [facts, notes] = taken;
    if (!facts) return this.say("the writing was called off");
    const clip = clipOf(facts, notes);
    const now = this.store.get("picked"); // what is picked meanwhile is for the next writing
    this.#show(words, clip, isNew ? [] : this.store.get("locks"), now === picked ? [] : now);
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
      this.store.set({ part: this.#partOf(sketch), writing: { ...writing, sketch } });
    }
    if (message.address !== "/bandmate/loop/progress") return;
    const { bar, bars, left_ms: left } = message;
    this.store.set({ writing: { ...writing, bar: bar + 1, bars, left } });
  }

  /** What the loop follows: the chords that were typed, else the card that the song follows. */
  #harmony(bars) {
    const track = this.store.get("track");
    return track ? chordsOf(track, bars) : { card: this.store.get("song").card || null };
  }

  /** Ask for a take and gather its notes: [facts, notes]. */
  async #take(address, fixed, pairs, id = null, heard = null) {
    let facts = null;
    let chunks = [];
    await this.wire.ask(address, fixed, pairs, {
      id,
      begun: () => ([facts, chunks] = [null, []]),
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

  /** Begin with a kept take: nothing was there that could be undone. */
  async begin(take) {
    const clip = await this.tried(this.fetched(take));
    if (clip) this.store.set({ clip, part: this.#partOf(clip) });
  }

  /** Bring a kept take to the stage. */
  async open(take, words = `take ${take}`) {
    await this.tried(this.landing.landed());
    const clip = await this.tried(this.fetched(take));
    if (!clip) return null;
    this.store.set({ track: null });
    this.#show(words, clip);
    return clip;
  }

  #show(words, clip, locks = [], picks = []) {
    const before = this.store.get("clip");
    const cells = allCells(clip);
    const [locked, picked] = [locks, picks].map(
      (keys) => new Set([...keys].filter((key) => cells.has(key))),
    );
    const other = before && before.take !== clip.take ? before.take : this.store.get("other");
    this.store.set({ part: this.#partOf(clip), picked, chosen: new Set(), other });
    this.store.step(words, clip, locked);
  }

  /** The part whose roll is shown: the one that was, else the first with pitches. */
  #partOf({ parts }) {
    const now = this.store.get("part");
    if (parts.some(({ name }) => name === now)) return now;
    return (parts.find(({ name }) => !isDrums(name)) ?? parts[0])?.name;
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

  // chords

  /** Ask for cards from words, a file that a person calls *title*, or the song's keywords. */
  async inspire(from = {}, title = "") {
    if (this.store.get("asking")) return;
    const phrase = from.text ?? "";
    const file = from.image ?? from.audio;
    // Words that were read already are chips now, and chips are the person's: they are not read anew.
    const isRead = phrase && phrase === this.store.get("phrase") && this.store.get("keywords");
    const said = isRead ? {} : from;
    const before = this.store.get("cards");
    this.store.set({ asking: true });
    const notes = new Map();
    const { genre } = this.store.get("form");
    const answer = await this.tried(
      this.wire.ask(
        "/bandmate/chords/ask",
        [],
        { ...said, genre, notes: "blob" },
        {
          begun: () => {
            notes.clear();
            const isKept = ({ take }) => take === this.store.get("song").card;
            this.store.set({ cards: this.store.get("cards").filter(isKept) });
          },
          heard: (message) => this.#cardHeard(message, notes),
          isLast: (message) => message.address === "/bandmate/chords/made",
        },
      ),
      (words) => (file ? words.replaceAll(file, title) : words),
    );
    const isLost = !answer && this.store.get("cards").every((card) => before.includes(card));
    this.store.set({
      asking: false,
      ...(answer && { phrase }),
      ...(isLost && { cards: before }),
    });
    if (answer) this.say(answer.words || `${answer.cards} cards in ${keyName(answer.key)}`);
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

  /** Let the song follow a card, and write a loop that does. */
  async toLoop(card) {
    if (this.isClosed || !(await this.#follow(card))) return;
    this.store.set({ track: null });
    await this.write();
  }

  /** Let the song follow a card; once more, follow it no longer. */
  async keepCard(card) {
    if (this.store.get("song").card !== card.take) {
      if (await this.#follow(card)) this.say("the song follows this card");
    } else if (await this.tried(this.wire.ask("/bandmate/take/undo", [card.take])))
      this.say("the song follows this card no longer");
  }

  async #follow({ take }) {
    if (this.store.get("song").card === take) return true;
    const told = await this.tried(this.wire.ask("/bandmate/take/accept", [take]));
    if (told) this.store.set({ song: { ...this.store.get("song"), card: take } });
    return Boolean(told);
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
    const take = await this.tried(this.landing.landed());
    if (!take) return null;
    const told = await this.tried(this.wire.ask(`/bandmate/take/${verb}`, [take], pairs));
    if (told) this.say(`take ${take} ${words}`);
    return told;
  }

  /** Tell the song; what is kept is told again to a daemon that was restarted, what is free is not. */
  async setSong(pairs) {
    const told = await this.tried(this.wire.ask("/bandmate/song/set", [], pairs));
    if (!told) return this.store.set({ song: { ...this.store.get("song") } }); // shows what holds again
    const { free, ...own } = { ...this.store.get("ownSong"), ...pairs };
    for (const name of String(free ?? "").split(",")) delete own[name];
    this.store.set({ ownSong: own, song: told });
  }

  async setMix(mix) {
    this.store.set({ mix });
    const [mute, solo] = [[...mix.mute].join(","), [...mix.solo].join(",")];
    await this.tried(this.wire.ask("/bandmate/take/mix", [], { mute, solo }));
  }
}
