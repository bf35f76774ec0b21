// The wire to the daemon: one WebSocket that comes back by itself, ids, answers by id.

import { readMessage, writeMessage } from "./messages.js";

const FIRST_WAIT = 400; // milliseconds
const LONGEST_WAIT = 5000;
/** Work whose result is kept by the daemon though we were gone: never asked for twice. */
const ONCE = new Set(["/bandmate/loop/ask", "/bandmate/chords/ask"]);

/** A mistake that the daemon told, in its words. */
export class Told extends Error {
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

/** The connection. *onLink* hears "there", "gone" and the hello's answer; *onNews* what comes unasked. */
export class Wire {
  #socket = null;
  #asks = new Map();
  #uploads = [];
  #count = 0;
  #wait = FIRST_WAIT;
  #timer = 0;
  #started = null;
  #name = Math.random().toString(36).slice(2, 8);

  constructor(url, onLink, onNews) {
    Object.assign(this, { url, onLink, onNews });
    this.#open();
    window.addEventListener("online", () => this.retry());
  }

  get isThere() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect now, where we wait to. */
  retry() {
    if (this.isThere || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  /**
   * Ask; return the answer that *isLast* says is the last, telling each to *heard*. Rejects with Told.
   * What *follows* goes behind the ask under its id. While the daemon is gone, the ask waits for it.
   */
  ask(
    address,
    fixed = [],
    pairs = {},
    { heard = null, isLast = () => true, id = null, follows = [] } = {},
  ) {
    const own = id ?? `${this.#name}-${(this.#count += 1)}`;
    const frames = [[address, fixed, pairs], ...follows].map(([to, said, more]) =>
      writeMessage(to, own, said, more),
    );
    return new Promise((resolve, reject) => {
      this.#asks.set(own, { address, frames, heard, isLast, resolve, reject });
      if (this.isThere) this.#send(own);
    });
  }

  /** Send without waiting for an answer; lost while the daemon is gone. */
  tell(address, fixed = [], pairs = {}, id = "") {
    if (this.isThere) this.#socket.send(writeMessage(address, id, fixed, pairs));
  }

  /** Hand a file over; return the name by which an ask may say it. */
  upload(file) {
    if (!this.isThere) return Promise.reject(new Told("unavailable", "bandmate is not there now"));
    return new Promise((resolve, reject) => {
      this.#uploads.push({ resolve, reject });
      this.#socket.send(JSON.stringify({ upload: file.name }));
      file.arrayBuffer().then((bytes) => this.#socket.send(bytes), reject);
    });
  }

  #open() {
    this.#socket = new WebSocket(this.url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("open", () => this.#greet());
    this.#socket.addEventListener("message", (event) => this.#hear(event.data));
    this.#socket.addEventListener("close", () => this.#lost());
  }

  async #greet() {
    this.#wait = FIRST_WAIT;
    const waiting = [...this.#asks];
    const hello = await this.ask("/bandmate/hello", [], { client: "panel" });
    const isNew = this.#started !== null && this.#started !== hello.started;
    this.#started = hello.started;
    this.onLink("there", hello);
    for (const [id, ask] of waiting) this.#again(id, ask, isNew);
  }

  #again(id, ask, isNew) {
    if (ask.address === "/bandmate/hello") this.#asks.delete(id);
    else if (ONCE.has(ask.address) && ask.isSent && !isNew) {
      this.#asks.delete(id);
      ask.reject(
        new Told("unavailable", "the connection broke; what was asked for comes as a take"),
      );
    } else this.#send(id);
  }

  #send(id) {
    const ask = this.#asks.get(id);
    ask.isSent = true;
    for (const frame of ask.frames) this.#socket.send(frame);
  }

  #lost() {
    for (const { reject } of this.#uploads.splice(0)) {
      reject(new Told("unavailable", "the connection broke while the file was handed over"));
    }
    this.onLink("gone", null);
    this.#timer = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 1.7, LONGEST_WAIT);
  }

  #hear(frame) {
    const said = JSON.parse(frame);
    if (said.uploaded !== undefined) return this.#uploads.shift()?.resolve(said.uploaded);
    const message = readMessage(frame);
    const ask = this.#asks.get(message.id);
    if (message.address === "/bandmate/error") return this.#refused(message, ask);
    if (!ask) return this.onNews(message);
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
    else this.onNews(message);
  }
}
