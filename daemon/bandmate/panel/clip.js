// A clip as a plain value: its bars, its time, its parts and cells.

let lastId = Date.now() * 1000; // ids of a page that was here before stay apart from new ones
const GRID = 12; // steps a beat, on which the model writes

/** Return an id that no note has. */
export const newId = () => (lastId += 1);

/** Return the beats of a bar of a meter such as "6/8". */
export function barBeats(meter) {
  const [above, below] = String(meter || "4/4")
    .split("/")
    .map(Number);
  return (above * 4) / below;
}

/** Return the written beats of a bar and their length in beats. */
export function pulses(meter) {
  const [above, below] = String(meter || "4/4")
    .split("/")
    .map(Number);
  return { count: above, beats: 4 / below };
}

/** Return the beats of a bar on which pulses are felt: 0 and 1.5 in 6/8, 0, 1 and 2 in 7/8. */
export function felt(meter) {
  const { count, beats } = pulses(meter);
  const isShort = beats <= 0.5 && count > 3;
  const step = isShort && count % 3 === 0 ? 3 : isShort && count % 2 ? 2 : 1;
  const last = step === 2 ? count - 1 : count;
  return [...Array(Math.ceil(last / step)).keys()].map((i) => i * step * beats);
}

/** Return the last line of a grid at or before a beat; each bar begins the grid anew. */
export function floored(clip, beat, grid) {
  const long = barBeats(clip.meter);
  const from = Math.floor(beat / long + 1e-6) * long;
  return from + Math.floor((beat - from) / grid + 1e-6) * grid;
}

/** Return the nearest line of a grid. */
export function snapped(clip, beat, grid) {
  const long = barBeats(clip.meter);
  const before = floored(clip, beat, grid);
  const after = Math.min(before + grid, (Math.floor(before / long + 1e-6) + 1) * long);
  return beat - before < after - beat ? before : after;
}

/** Return the clip of a take: its facts as told and its notes as readNotes reads them. */
export function clipOf(facts, notes) {
  const parts = String(facts.parts || "")
    .split(",")
    .filter(Boolean)
    .map((told) => {
      const [name, program] = told.split(":");
      return { name, program: Number(program), notes: [] };
    });
  for (const { part, ...note } of notes) parts[part]?.notes.push({ ...note, id: newId() });
  const { take, title, tempo, key, meter, bars, chords } = facts;
  const length = Number(facts.length) || bars * barBeats(meter);
  return {
    take,
    title,
    tempo,
    key,
    meter,
    bars,
    length,
    chords: chords || "",
    parts,
    isEdited: false,
  };
}

/** Return the part of a name. */
export const partOf = (clip, name) => clip?.parts.find((part) => part.name === name);

/** Return a clip that is being written with one more bar: the notes of all its parts there. */
export function sketched(before, { bar, bars, parts, data }, meter) {
  const base = before ?? { meter, bars, length: bars * barBeats(meter), chords: "", parts: [] };
  const clip = clipOf({ ...base, parts }, data);
  const drawn = clip.parts.map((part) => {
    const there = partOf(base, part.name)?.notes.filter((note) => barOf(base, note) !== bar) ?? [];
    return { ...part, notes: [...there, ...part.notes] };
  });
  return { ...clip, parts: drawn };
}

/** Return the bar (from 0) that a note belongs to: played early, the one it is early for. */
function barOf(clip, note) {
  const bar = Math.floor(Math.round(note.start * GRID) / GRID / barBeats(clip.meter) + 1e-9);
  return Math.min(clip.bars - 1, Math.max(0, bar));
}

/** Return the notes that belong to a bar (from 0). */
export const notesInBar = (clip, part, bar) =>
  part.notes.filter((note) => barOf(clip, note) === bar);

/** Return the chords of each bar: "A:min D:min,G:7" -> [["A:min"], ["D:min", "G:7"]]. */
export const chordBars = (text) =>
  String(text || "")
    .split(" ")
    .filter(Boolean)
    .map((bar) => bar.split(","));

/** Return a track's chords over so many bars: what fills them evenly goes round, another empty bar holds. */
export function heldChords(track, bars) {
  const said = track.slice(0, bars);
  while (said.length && !said.at(-1)) said.pop();
  const round = bars % said.length ? bars : said.length;
  let now = said.find(Boolean) ?? "";
  return [...Array(bars).keys()].map((bar) => (now = said[bar % round] || now));
}

/** Return cells as the daemon names them, "bass:3-4,drums:1", from keys "bass 2" (bars from 0). */
export function cellsText(keys, clip) {
  const words = [];
  for (const { name } of clip.parts) {
    const bars = [...Array(clip.bars).keys()].filter((bar) => keys.has(`${name} ${bar}`));
    for (let i = 0; i < bars.length; i += 1) {
      const first = bars[i];
      while (bars[i + 1] === bars[i] + 1) i += 1;
      words.push(
        first === bars[i] ? `${name}:${first + 1}` : `${name}:${first + 1}-${bars[i] + 1}`,
      );
    }
  }
  return words.join(",");
}

/** Return the keys of all cells of a clip. */
export const allCells = (clip) =>
  new Set(
    clip.parts.flatMap(({ name }) => [...Array(clip.bars).keys()].map((bar) => `${name} ${bar}`)),
  );
