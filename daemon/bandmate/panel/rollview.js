// How the piano roll looks: rows and columns, what lies where, and the drawing of it.

import { colour } from "./dom.js";
import { barBeats, pulses } from "./clip.js";
import { colourOf, drumRows, isBlack, isDrums, rowName } from "./music.js";

const KEYS_WIDE = 2 * 12 + 1;

/** Return the rows of a part's roll: {pitches (high ones first), high (pixels a row), index}. */
export function rowsOf(part) {
  if (isDrums(part.name)) return { ...rows(drumRows(part.notes), 20), isDrums: true };
  const pitches = part.notes.map((note) => note.pitch);
  let [low, high] = pitches.length
    ? [Math.min(...pitches) - 3, Math.max(...pitches) + 3]
    : [48, 72];
  const more = Math.max(0, KEYS_WIDE - (high - low + 1));
  low = Math.max(0, low - Math.floor(more / 2));
  high = Math.min(127, Math.max(high, low + KEYS_WIDE - 1));
  const all = [...Array(high - low + 1).keys()].map((i) => high - i);
  return rows(all, all.length > 40 ? 8 : 11);
}

const rows = (pitches, high) => ({
  pitches,
  high,
  height: pitches.length * high,
  index: new Map(pitches.map((p, i) => [p, i])),
});

/** Draw the ground: rows, the key's scale and the lines of time. */
export function drawGround(context, { width, clip, part, lanes, grid }) {
  const drums = isDrums(part.name);
  lanes.pitches.forEach((pitch, row) => {
    if (drums ? row % 2 : isBlack(pitch)) {
      context.fillStyle = colour("row-dark");
      context.fillRect(0, row * lanes.high, width, lanes.high);
    }
    if (!drums && pitch % 12 === 0) {
      context.fillStyle = colour("line");
      context.fillRect(0, (row + 1) * lanes.high - 1, width, 1);
    }
  });
  const [bar, pulse] = [barBeats(clip.meter), pulses(clip.meter).beats];
  const beatWide = width / clip.length;
  const line = (beat, name, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour(name);
    context.fillRect(Math.round(beat * beatWide), 0, 1, lanes.height);
  };
  if (grid * beatWide > 7)
    for (let beat = 0; beat < clip.length; beat += grid) line(beat, "line", 0.5);
  if (pulse * beatWide > 5)
    for (let beat = 0; beat < clip.length; beat += pulse) line(beat, "line", 1);
  for (let beat = 0; beat < clip.length; beat += bar) line(beat, "edge", 0.7);
  context.globalAlpha = 1;
}

/** Draw the notes: other parts faintly, then the part's own, the chosen ones with a rim. */
export function drawNotes(context, { width, clip, part, lanes, chosen, cursor }) {
  const beatWide = width / clip.length;
  if (!isDrums(part.name)) {
    for (const other of clip.parts) {
      if (other.name === part.name || isDrums(other.name)) continue;
      context.fillStyle = colour(colourOf(other.name));
      context.globalAlpha = 0.2;
      for (const note of other.notes) {
        const row = lanes.index.get(note.pitch);
        if (row === undefined) continue;
        context.fillRect(
          note.start * beatWide,
          row * lanes.high + 2,
          Math.max(2, note.duration * beatWide - 1),
          lanes.high - 4,
        );
      }
    }
  }
  const own = colour(colourOf(part.name));
  const ink = colour("ink");
  for (const note of part.notes) {
    const { x, y, wide, high } = boxOf(note, beatWide, lanes);
    context.globalAlpha = 0.4 + (0.6 * note.velocity) / 127;
    context.fillStyle = own;
    context.fillRect(x, y, wide, high);
    if (!chosen.has(note.id) && note.id !== cursor) continue;
    context.globalAlpha = 1;
    context.strokeStyle = ink;
    context.lineWidth = chosen.has(note.id) ? 1.5 : 1;
    context.setLineDash(chosen.has(note.id) ? [] : [3, 2]);
    context.strokeRect(x + 0.5, y + 0.5, wide - 1, high - 1);
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

/** Return where a note lies, in pixels. */
export function boxOf(note, beatWide, lanes) {
  const row = lanes.index.get(note.pitch) ?? 0;
  const beats = lanes.isDrums ? Math.min(note.duration, 0.25) : note.duration; // a drum rings as it likes
  return {
    x: note.start * beatWide,
    y: row * lanes.high + 1,
    wide: Math.max(4, beats * beatWide - 1),
    high: lanes.high - 2,
  };
}

/** Draw the names of rows at the left. */
export function drawKeys(context, width, part, lanes, key) {
  const drums = isDrums(part.name);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  lanes.pitches.forEach((pitch, row) => {
    const y = row * lanes.high;
    if (!drums) {
      context.fillStyle = isBlack(pitch) ? colour("edge") : colour("raised");
      context.fillRect(width - 30, y, 30, lanes.high - 1);
    }
    if (!drums && pitch % 12 !== 0 && lanes.high < 16) return;
    context.fillStyle = colour("soft");
    context.fillText(rowName(part.name, pitch, key), 8, y + lanes.high / 2);
  });
}
