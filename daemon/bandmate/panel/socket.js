// The wire to the daemon: one WebSocket that comes back by itself, ids, answers by id.

import { readMessage, writeMessage } from "./messages.js";

const FIRST_WAIT = 400; // milliseconds
const LONGEST_WAIT = 5000;
const HELLO = "/bandmate/hello";
const UPLOAD_BYTES = 30 * 1024 * 1024; // of a larger frame the daemon hears nothing: it hangs up

/** By its name the daemon knows a page that comes back: what it asks again is not done twice. */
const newName = () =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36)).join("");

/** A mistake that the daemon told, in its words. */
class Told extends Error {
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

/** The connection. */
export class Wire {
  #socket = null;
  #asks = new Map();
  #uploads = [];
  #count = 0;
  #wait = FIRST_WAIT;
  #timer = 0;
  #name = newName();

  constructor(url) {
    this.url = url;
  }

  /**
   * Connect, now and again and again; *link* hears that it is "there" or "gone", and the news. It is
   * asked first whether what says hello is the bandmate that the page knows: else all ends here.
   */
  open(link) {
    this.link = link;
    this.#open();
    window.addEventListener("online", () => this.retry());
  }

  get isThere() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect now, where we wait to. */
  retry() {
    if (this.#socket.readyState !== WebSocket.CLOSED) return; // an old one would be heard beside it
    clearTimeout(this.#timer);
    this.#open();
  }

  /**
   * Ask; return the answer that *isLast* says is the last, telling each to *heard*. Rejects with Told.
   * What *follows* goes behind the ask under its id. Where the connection breaks, the ask goes out
   * again when it is back: *begun* hears each time that all answers come from the first one on.
   */
  ask(
    address,
    fixed = [],
    pairs = {},
    { begun = null, heard = null, isLast = () => true, id = null, follows = [] } = {},
  ) {
    const own = id ?? `${this.#name}-${(this.#count += 1)}`;
    const frames = [[address, fixed, pairs], ...follows].map(([to, said, more]) =>
      writeMessage(to, own, said, more),
    );
    return new Promise((resolve, reject) => {
      this.#asks.set(own, { address, frames, begun, heard, isLast, resolve, reject });
      if (this.isThere) this.#send(own);
    });
  }

  /** Ask for a list; return the answers that come before the one at *last*. */
  async all(address, pairs, last) {
    let answers = [];
    await this.ask(address, [], pairs, {
      begun: () => (answers = []),
      heard: (message) => answers.push(message),
      isLast: (message) => message.address === last,
    });
    return answers.slice(0, -1);
  }

  /** Send without waiting for an answer; lost while the daemon is gone. */
  tell(address, fixed = [], pairs = {}, id = "") {
    if (this.isThere) this.#socket.send(writeMessage(address, id, fixed, pairs));
  }

  /** Wait no more for what was asked: its promise gives null, and it is not asked again. */
  forget(id) {
    const ask = this.#asks.get(id);
    this.#asks.delete(id);
    ask?.begun?.();
    ask?.resolve(null);
  }

  /** Hand a file over; return the name by which an ask may say it. */
  async upload(file) {
    if (file.size < 1 || file.size > UPLOAD_BYTES)
      throw new Told("range", `a file must have 1..${UPLOAD_BYTES} bytes, not ${file.size}`);
    const bytes = await file.arrayBuffer();
    if (!this.isThere) throw new Told("unavailable", "bandmate is not there now");
    return new Promise((resolve, reject) => {
      this.#uploads.push({ resolve, reject });
      this.#socket.send(JSON.stringify({ upload: file.name }));
      this.#socket.send(bytes);
    });
  }

  #open() {
    this.#socket = new WebSocket(`${this.url}?page=${this.#name}`);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("open", () => this.#greet());
    this.#socket.addEventListener("message", (event) => this.#hear(event.data));
    this.#socket.addEventListener("close", () => this.#lost());
  }

  async #greet() {
    const waiting = [...this.#asks];
    const hello = await this.ask(HELLO, [], { client: "panel" }).catch(() => null);
    if (!hello) return this.#socket.close(); // refused: it is tried again in a while
    this.#wait = FIRST_WAIT;
    if (!this.link.knows(hello)) return;
    this.link.heard("there");
    for (const [id, { address }] of waiting) {
      if (address === HELLO) this.#asks.delete(id);
      else if (this.#asks.has(id)) this.#send(id);
    }
  }

  #send(id) {
    const { begun, frames } = this.#asks.get(id);
    begun?.();
    for (const frame of frames) this.#socket.send(frame);
  }

  #lost() {
    for (const { reject } of this.#uploads.splice(0)) {
      reject(new Told("unavailable", "the connection broke while the file was handed over"));
    }
    this.link.heard("gone");
    this.#timer = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 1.7, LONGEST_WAIT);
  }

  #hear(frame) {
    const said = JSON.parse(frame);
    if (said.uploaded !== undefined) return this.#uploads.shift()?.resolve(said.uploaded);
    const message = readMessage(said);
    const ask = this.#asks.get(message.id);
    if (message.address === "/bandmate/error") return this.#refused(message, ask);
    if (!ask) return this.link.news(message);
    ask.heard?.(message);
    if (ask.isLast(message)) {
      this.#asks.delete(message.id);
      ask.resolve(message);
    }
  }

  #refused(message, ask) {
    const told = new Told(message.code, message.words);
    if (ask) {
      this.#asks.delete(message.id);
      ask.reject(told);
    } else if (message.id === "upload" && this.#uploads.length) this.#uploads.shift().reject(told);
    else this.link.news(message);
  }
}
