// A take as a small picture: its notes, drums as dots below.

import { colour, sharp } from "./dom.js";
import { colourOf, isDrums } from "./music.js";

const HIGH = 30;

/** Draw a clip into a canvas. */
export function thumbnail(canvas, clip) {
  const width = canvas.clientWidth || 128;
  const context = sharp(canvas, width, HIGH);
  const scale = width / clip.length;
  const tuned = clip.parts.filter((part) => !isDrums(part.name));
  const pitches = tuned.flatMap((part) => part.notes.map((note) => note.pitch));
  const [low, top] = pitches.length ? [Math.min(...pitches), Math.max(...pitches)] : [36, 60];
  for (const part of clip.parts) {
    context.fillStyle = colour(colourOf(part.name));
    for (const note of part.notes) {
      const x = note.start * scale;
      if (isDrums(part.name)) context.fillRect(x, HIGH - 5 + (note.pitch % 3), 1.2, 1.4);
      else {
        const y = HIGH - 8 - ((note.pitch - low) / (top - low || 1)) * (HIGH - 11);
        context.fillRect(x, y, Math.max(1.5, note.duration * scale - 0.5), 2);
      }
    }
  }
}
