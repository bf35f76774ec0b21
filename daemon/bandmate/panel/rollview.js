// How the piano roll looks: rows and columns, what lies where, and the drawing of it.

import { colour } from "./dom.js";
import { barBeats, felt, floored, pulses } from "./clip.js";
import { colourOf, drumRows, isBlack, isDrums, roleOf, rowName } from "./music.js";

const KEYS_WIDE = 2 * 12 + 1;
const EMPTY = { bass: [28, 52], lead: [60, 84], mallet: [60, 84], choir: [48, 72] }; // where no note lies yet
const SMALL = 7; // pixels under which lines of the grid are not drawn

/** Return the rows of a part's roll: {pitches (high ones first), high (pixels a row), index}. */
export function rowsOf(part) {
  if (isDrums(part.name)) return { ...rows(drumRows(part.notes), 20), isDrums: true };
  const pitches = part.notes.map((note) => note.pitch);
  let [low, high] = pitches.length
    ? [Math.min(...pitches) - 3, Math.max(...pitches) + 3]
    : (EMPTY[roleOf(part.name)] ?? [48, 72]);
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
export function drawGround(context, scene) {
  drawRows(context, scene);
  const { clip, grid, left, wide, total } = scene;
  const beatWide = total / clip.length;
  const [from, to] = [left / beatWide, Math.min(clip.length, (left + wide) / beatWide)];
  const bar = barBeats(clip.meter);
  const strong = felt(clip.meter);
  const { count, beats } = pulses(clip.meter);
  const line = (beat, name, alpha) => {
    if (beat > to) return;
    context.globalAlpha = alpha;
    context.fillStyle = colour(name);
    context.fillRect(Math.round(beat * beatWide), 0, 1, scene.lanes.height);
  };
  for (let begin = floored(clip, from, bar); begin < to - 1e-6; begin += bar) {
    if (grid * beatWide > SMALL)
      for (let beat = grid; beat < bar - 1e-6; beat += grid) line(begin + beat, "line", 0.5);
    if (beats * beatWide > SMALL)
      for (let pulse = 1; pulse < count; pulse += 1) line(begin + pulse * beats, "line", 1);
    if (strong.length < count) for (const beat of strong) line(begin + beat, "edge", 0.4);
    line(begin, "edge", 0.7);
  }
  context.globalAlpha = 1;
}

function drawRows(context, { left, wide, part, lanes }) {
  const drums = isDrums(part.name);
  lanes.pitches.forEach((pitch, row) => {
    if (drums ? row % 2 : isBlack(pitch)) {
      context.fillStyle = colour("row-dark");
      context.fillRect(left, row * lanes.high, wide, lanes.high);
    }
    if (!drums && pitch % 12 === 0) {
      context.fillStyle = colour("line");
      context.fillRect(left, (row + 1) * lanes.high - 1, wide, 1);
    }
  });
}

/** Draw the notes in view: other parts faintly, then the part's own, the chosen ones with a rim. */
export function drawNotes(context, scene) {
  const { clip, part, lanes, chosen, cursor, left, wide, total } = scene;
  const beatWide = total / clip.length;
  const isSeen = (box) => box.x < left + wide && box.x + box.wide > left;
  const pitched = clip.parts.filter(({ name }) => name !== part.name && !isDrums(name));
  context.globalAlpha = 0.2;
  for (const other of isDrums(part.name) ? [] : pitched) {
    context.fillStyle = colour(colourOf(other.name));
    for (const note of other.notes) {
      const box = boxOf(note, beatWide, lanes);
      if (lanes.index.has(note.pitch) && isSeen(box))
        context.fillRect(box.x, box.y + 1, box.wide, box.high - 2);
    }
  }
  const own = colour(colourOf(part.name));
  const ink = colour("ink");
  for (const note of part.notes) {
    const box = boxOf(note, beatWide, lanes);
    if (!isSeen(box)) continue;
    context.globalAlpha = 0.4 + (0.6 * note.velocity) / 127;
    context.fillStyle = own;
    context.fillRect(box.x, box.y, box.wide, box.high);
    if (chosen.has(note.id) || note.id === cursor) drawRim(context, box, ink, chosen.has(note.id));
  }
  context.globalAlpha = 1;
}

function drawRim(context, { x, y, wide, high }, ink, isChosen) {
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = isChosen ? 1.5 : 1;
  context.setLineDash(isChosen ? [] : [3, 2]);
  context.strokeRect(x + 0.5, y + 0.5, wide - 1, high - 1);
  context.setLineDash([]);
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
      context.fillStyle = colour(isBlack(pitch) ? "key-black" : "key-white");
      context.fillRect(width - 30, y, 30, lanes.high - 1);
    }
    if (!drums && pitch % 12 !== 0 && lanes.high < 16) return;
    context.fillStyle = colour("soft");
    context.fillText(rowName(part.name, pitch, key), 8, y + lanes.high / 2);
  });
}
