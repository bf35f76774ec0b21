// What an ask for a loop says of what is wanted, read from the form.

/** Return the style: every field that is not free, and the density that was drawn. */
export function wanted({ parts, curve, bars, ...said }) {
  const told = Object.entries(said).filter(([, value]) => value !== "" && value !== null);
  return { ...Object.fromEntries(told), curve: drawn(curve ?? []) };
}

/** Return the density of each bar; a free one has that of the nearest that is not. */
function drawn(curve) {
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

/** Return the chords of a track; nothing where none was typed. */
export const chordsOf = (track) =>
  track?.some(Boolean) ? { chords: track.map((bar) => bar || "N").join(" ") } : {};
