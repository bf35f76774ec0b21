// What an ask for a loop says of what is wanted, read from the form.

import { heldChords } from "./clip.js";

/** Return the style over so many bars: every field that is not free, and the density that was drawn. */
export function wanted({ parts, curve, bars: _, ...said }, bars) {
  const told = Object.entries(said).filter(([, value]) => value !== "" && value !== null);
  return { ...Object.fromEntries(told), curve: drawn(curve ?? [], bars) };
}

/** Return the density of each of so many bars; a free one has that of the nearest that is not. */
function drawn(kept, bars) {
  const curve = [...Array(bars).keys()].map((bar) => kept[bar] ?? null);
  const set = [...curve.entries()].filter(([, value]) => value !== null);
  if (!set.length) return null;
  const far = (bar) => (a, b) => Math.abs(a[0] - bar) - Math.abs(b[0] - bar);
  return `density=${curve.map((value, bar) => value ?? set.toSorted(far(bar))[0][1]).join(",")}`;
}

/** Return length and parts of a new loop. */
export function stock({ parts, bars }) {
  const names = (parts ?? []).map((part) =>
    part.program === null ? part.name : `${part.name}:${part.program}`,
  );
  return { bars, parts: names.join(",") || null };
}

/** Return the chords of a track over so many bars; nothing where none was typed. */
export const chordsOf = (track, bars) =>
  track?.some(Boolean) ? { chords: heldChords(track, bars).join(" ") } : {};
