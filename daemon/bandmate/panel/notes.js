// What can be done to the notes of a clip: every change returns a new clip.

import { floored, newId, partOf, snapped } from "./clip.js";

/** The shortest note, in beats. */
export const SHORTEST = 1 / 16;
const SAME = 1 / 48; // beats within which two starts are one

const changed = (clip, values) => ({ ...clip, ...values, isEdited: true });

/** Return the clip with another list of notes in one part. */
function withNotes(clip, name, notes) {
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
  const whole = (value, low) => Math.min(127, Math.max(low, Math.round(value)));
  const isOver = start + duration > clip.length;
  return {
    ...note,
    start,
    duration: isOver ? clip.length - start : duration,
    pitch: whole(note.pitch, 0),
    velocity: whole(note.velocity, 1),
  };
}

/** Return the clip with one note more, and its id. */
export function withNote(clip, name, note) {
  const made = fitted(clip, { velocity: 90, ...note, id: newId() });
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
  const last = floored(clip, clip.length - SHORTEST, grid);
  const at = (note) => Math.min(snapped(clip, note.start, grid), last);
  return withChanged(clip, name, ids, (note) => ({ start: at(note) }));
}

/** Return the clip with picked notes moved together, by beats and by rows of a roll: none alone stays behind at an edge. */
export function withMoved(clip, name, picked, beats, rows = 0, lanes = null) {
  const notes = partOf(clip, name).notes.filter((note) => picked.has(note.id));
  const starts = notes.map((note) => note.start);
  const by = within(starts, beats, 0, clip.length - SHORTEST);
  const row = (note) => lanes.index.get(note.pitch) ?? 0;
  const down = rows && within(notes.map(row), rows, 0, lanes.pitches.length - 1);
  return withChanged(clip, name, picked, (note) => ({
    start: note.start + by,
    pitch: down ? lanes.pitches[row(note) + down] : note.pitch,
  }));
}

/** Return the clip with picked notes so many semitones higher, together. */
export function withTransposed(clip, name, picked, semitones) {
  const notes = partOf(clip, name).notes.filter((note) => picked.has(note.id));
  const pitches = notes.map((note) => note.pitch);
  const by = within(pitches, semitones, 0, 127);
  return withChanged(clip, name, picked, (note) => ({ pitch: note.pitch + by }));
}

/** Return how far values can go together, of a step. */
function within(values, step, least, most) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return Math.min(Math.max(step, Math.min(0, least - low)), Math.max(0, most - high));
}

/** Return the clip with notes laid into a part, in place of equal ones that start there, and their ids. */
export function withLaid(clip, name, notes) {
  const made = notes.map((note) => fitted(clip, { ...note, id: newId() }));
  const isUnder = (old) =>
    made.some((note) => note.pitch === old.pitch && Math.abs(note.start - old.start) < SAME);
  const others = partOf(clip, name).notes.filter((old) => !isUnder(old));
  return [withNotes(clip, name, [...others, ...made]), new Set(made.map((note) => note.id))];
}

/** Return the clip with another program for a part. */
export function withProgram(clip, name, program) {
  return changed(clip, { parts: clip.parts.map((p) => (p.name === name ? { ...p, program } : p)) });
}
