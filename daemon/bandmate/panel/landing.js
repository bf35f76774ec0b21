// Edits land: what a person changed is kept as a take of its own.

import { chunksOf, crc32, notesToBytes } from "./messages.js";

const LAND_AFTER = 2500; // milliseconds without an edit

export class Landing {
  #landing = null;
  #timer = 0;

  constructor(wire, store) {
    Object.assign(this, { wire, store });
  }

  /** Call *land* once nothing has been edited for a while. */
  soon(land) {
    clearTimeout(this.#timer);
    if (this.store.get("clip")?.isEdited) this.#timer = setTimeout(land, LAND_AFTER);
  }

  /** Land what was edited, where anything was; return the number of the take that is here. */
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
    const follows = chunks.map((data, chunk) => [
      "/bandmate/take/notes",
      [clip.take, chunk, chunks.length, sum, data],
    ]);
    const said = [clip.take, parts, chunks.length];
    const { take, title } = await this.wire.ask("/bandmate/take/edit", said, {}, { follows });
    const [now, landed] = [this.store.get("clip"), { take, title: title ?? clip.title }];
    if (now === clip) this.store.set({ clip: { ...clip, ...landed, isEdited: false } });
    else if (now?.take === clip.take && now.isEdited) {
      this.store.set({ clip: { ...now, ...landed } });
    }
    return take;
  }
}
