// What comes from the daemon unasked, and what is asked of it each time that it is there.

import { $ } from "./dom.js";
import { readChoices } from "./choices.js";
import { keyName } from "./music.js";

const TOPICS = "song,transport,beat,takes,keywords,mix";
const GONE =
  "bandmate does not answer: it is being tried again. What you edit is kept here, and lands as soon as it is back.";

export class Link {
  #version = null;
  #isTold = false; // whether the daemon knows what was said of the song

  constructor(store, wire, verbs, takes, say) {
    Object.assign(this, { store, wire, verbs, takes, say });
    store.on(["link", "song"], () => this.#show());
  }

  /** Whether what says hello is as the page knows it; else the page is loaded anew, as that one has it. */
  knows({ version, clips }) {
    const home = this.store.get("home");
    const isElsewhere = home !== null && home !== clips;
    const isOther = version !== (this.#version ?? version);
    if (isElsewhere) this.store.leave();
    this.#version = version;
    this.store.set({ home: clips });
    if (isElsewhere || isOther) location.reload(); // the store is kept as the page goes
    return !isElsewhere && !isOther;
  }

  /** Hear that the daemon is there, or gone. */
  async heard(link) {
    this.store.set({ link });
    this.#isTold = false;
    if (link !== "there") return;
    const { verbs, wire } = this;
    await verbs.tried(wire.ask("/bandmate/subscribe", [], { to: TOPICS }, { id: "news" }));
    await verbs.tried(this.#tellSong());
    await verbs.tried(this.#readMenus());
    await this.takes.list();
    await this.#openFirst();
    if (this.store.get("clip")?.isEdited) await verbs.tried(verbs.landing.landed());
  }

  /** Tell a daemon that was started anew what a person said of the song. */
  async #tellSong() {
    const song = await this.wire.ask("/bandmate/song/get");
    const isFree = new Set(song.free.split(","));
    const own = Object.entries(this.store.get("ownSong")).filter(([name]) => isFree.has(name));
    if (own.length) await this.verbs.setSong(Object.fromEntries(own));
    this.#isTold = true;
  }

  /** Keep, of what a person said here, what another page or a surface made of it. */
  #hearSong(song) {
    this.store.set({ song });
    if (!this.#isTold) return;
    const isFree = new Set(song.free.split(","));
    const names = Object.keys(this.store.get("ownSong")).filter((name) => !isFree.has(name));
    const ownSong = Object.fromEntries(names.map((name) => [name, song[name]]));
    this.store.set({ ownSong });
  }

  async #readMenus() {
    const said = await this.wire.ask("/bandmate/choices/list");
    const presets = await this.wire.all("/bandmate/preset/list", {}, "/bandmate/preset/listed");
    this.store.set({ choices: readChoices(said, presets) });
  }

  /** Bring the take that the address names to the stage; else, where nothing is on it, the newest. */
  async #openFirst() {
    const { store, verbs } = this;
    const [, named] = /^#take=(\d+)$/.exec(location.hash) ?? [];
    if (named) {
      history.replaceState(null, "", location.pathname);
      const clip = await verbs.open(Number(named));
      return clip && this.say(`take ${named} is on the stage: press Space to hear it`);
    }
    if (store.get("clip")) return;
    const newest = { kind: "loop", limit: 1 };
    const loops = await verbs.tried(
      this.wire.all("/bandmate/take/list", newest, "/bandmate/take/listed"),
    );
    if (loops?.length && !store.get("clip")) await verbs.begin(loops[0].take);
  }

  /** Hear what comes unasked. */
  news(message) {
    const hear = {
      "/bandmate/song/told": () => this.#hearSong(message),
      "/bandmate/transport/told": () => this.store.set({ transport: message }),
      "/bandmate/keywords/told": () => this.store.set({ keywords: message.keywords }),
      "/bandmate/take/told": () => this.takes.hear(message),
      "/bandmate/take/mixed": () =>
        this.store.set({ mix: { mute: names(message.muted), solo: names(message.soloed) } }),
      "/bandmate/error": () => this.say(message.words, true),
    }[message.address];
    hear?.();
  }

  #show() {
    const [link, song] = [this.store.get("link"), this.store.get("song")];
    const place = $("#link");
    place.classList.toggle("away", link !== "there");
    const away = link === "gone" ? "bandmate is gone" : "looking for bandmate…";
    place.textContent = link === "there" ? songWords(song) : away;
    $("#gone").hidden = link !== "gone";
    $("#gone").textContent = link === "gone" ? GONE : "";
  }
}

const names = (text) => new Set(text.split(",").filter(Boolean));

/** What is told of the song, in words. */
function songWords({ key, tempo, free }) {
  const isFree = new Set(free.split(","));
  const words = [
    isFree.has("key") ? "" : keyName(key),
    isFree.has("tempo") ? "" : String(Math.round(tempo * 10) / 10),
  ];
  return words.filter(Boolean).join(", ") || "ready";
}
