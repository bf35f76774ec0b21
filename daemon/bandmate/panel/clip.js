// A clip as a plain value and what can be done to it: every change returns a new clip.

let lastId = Date.now(); // ids of a page that was here before stay apart from new ones
const SHORTEST = 1 / 16; // beats
const GRID = 12; // steps a beat, on which the model writes

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

/** Return the clip of a take: its facts as told and its notes as readNotes reads them. */
export function clipOf(facts, notes) {
  const parts = String(facts.parts || "")
    .split(",")
    .filter(Boolean)
    .map((told) => {
      const [name, program] = told.split(":");
      return { name, program: Number(program), notes: [] };
    });
  for (const { part, ...note } of notes) parts[part]?.notes.push({ ...note, id: (lastId += 1) });
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

const changed = (clip, values) => ({ ...clip, ...values, isEdited: true });

/** Return the part of a name. */
export const partOf = (clip, name) => clip?.parts.find((part) => part.name === name);

/** Return the clip with another list of notes in one part. */
export function withNotes(clip, name, notes) {
  const parts = clip.parts.map((part) => (part.name === name ? { ...part, notes } : part));
  return changed(clip, { parts });
}

/** Return the clip with the picked notes of a part changed by *change*, kept within the clip. */
export function withChanged(clip, name, picked, change) {
  const notes = partOf(clip, name).notes;
  return withNotes(
    clip,
    name,
    notes.map((n) => (picked.has(n.id) ? fitted(clip, { ...n, ...change(n) }) : n)),
  );
}

function fitted(clip, note) {
  const duration = Math.min(Math.max(note.duration, SHORTEST), clip.length);
  const start = Math.min(Math.max(note.start, 0), Math.max(0, clip.length - SHORTEST));
  const within = (value, low) => Math.min(127, Math.max(low, Math.round(value)));
  const isOver = start + duration > clip.length;
  return {
    ...note,
    start,
    duration: isOver ? clip.length - start : duration,
    pitch: within(note.pitch, 0),
    velocity: within(note.velocity, 1),
  };
}

/** Return the clip with one note more, and its id. */
export function withNote(clip, name, note) {
  const made = fitted(clip, { velocity: 90, ...note, id: (lastId += 1) });
  return [withNotes(clip, name, [...partOf(clip, name).notes, made]), made.id];
}

/** Return the clip without the picked notes. */
export const without = (clip, name, picked) =>
  withNotes(
    clip,
    name,
    partOf(clip, name).notes.filter((note) => !picked.has(note.id)),
  );

/** Return the clip with starts of the picked notes (of all, where none is) on a grid of beats. */
export function quantised(clip, name, picked, grid) {
  const ids = picked.size ? picked : new Set(partOf(clip, name).notes.map((note) => note.id));
  const at = (note) => Math.min(Math.round(note.start / grid) * grid, clip.length - grid);
  return withChanged(clip, name, ids, (note) => ({ start: at(note) }));
}

/** Return the clip with another program for a part. */
export function withProgram(clip, name, program) {
  return changed(clip, { parts: clip.parts.map((p) => (p.name === name ? { ...p, program } : p)) });
}

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
export function barOf(clip, note) {
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
