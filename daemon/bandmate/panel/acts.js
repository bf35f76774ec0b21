// What a person can do by one press, wherever the button is or whichever key it has.

import { allCells } from "./clip.js";
import { lock } from "./picking.js";

/** Return the acts by their names. */
export function actsOf({ store, wire, verbs, sound, roll, columns, takes, say }) {
  const hear = () => (sound.isPlaying ? sound.stop() : sound.play(null, { from: roll.stand ?? 0 }));
  const port = async () => {
    if (store.get("clip"))
      await verbs.mark("play", "plays from the next bar", { at: "bar", loop: 1 });
  };
  const hush = async () => {
    sound.stop();
    await verbs.tried(wire.ask("/bandmate/panic"));
  };
  const step = (way) => {
    const words = store[way]();
    if (words) say(`${way === "undo" ? "undone" : "redone"}: ${words}`);
  };
  return {
    hear,
    port,
    hush,
    write: () => verbs.write(),
    refill: () => verbs.refill(),
    vary: () => verbs.refill(store.get("vary")),
    lock: () =>
      store.get("clip") &&
      lock(store, store.get("picked").size ? store.get("picked") : allCells(store.get("clip"))),
    accept: () => takes.choose("accept"),
    reject: () => takes.choose("reject"),
    insert: () => takes.tools.insert(),
    star: async () => {
      const take = await takes.landed();
      if (take) await takes.star(take);
    },
    more: () => verbs.more(),
    swap: () => takes.swap(),
    undo: () => step("undo"),
    redo: () => step("redo"),
    wider: () => columns.wider(),
    narrower: () => columns.narrower(),
    fit: () => columns.fit(),
  };
}
