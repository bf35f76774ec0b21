// The small pictures of notes in the cells: one canvas a part, over what is in view.

import { $, colour, sharp } from "./dom.js";
import { inView } from "./columns.js";
import { colourOf, isDrums } from "./music.js";

/** Draw the pictures of all parts. */
export function pictures(store) {
  const clip = store.shown;
  if (!clip || $("#cells").hidden) return;
  const lines = document.querySelectorAll("#cells > .line:not(:first-child)");
  const view = inView();
  clip.parts.forEach((part, row) => lines[row] && picture(lines[row], clip, part, view));
}

function picture(row, clip, part, { left, wide, total, side }) {
  const canvas = row.querySelector(".picture");
  canvas.style.left = `${side + left}px`;
  const height = row.clientHeight;
  const context = sharp(canvas, wide, height);
  context.translate(-left, 0);
  const pitches = part.notes.map((note) => note.pitch);
  const [low, high] = [Math.min(...pitches), Math.max(...pitches)];
  const drums = isDrums(part.name);
  context.fillStyle = colour(colourOf(part.name));
  for (const note of part.notes) {
    const x = (note.start / clip.length) * total + 1;
    const size = drums ? 4 : Math.max(2, (note.duration / clip.length) * total - 1);
    if (x > left + wide || x + size < left) continue;
    const y = height - 7 - ((note.pitch - low) / (high - low || 1)) * (height - 13);
    context.globalAlpha = 0.45 + (0.55 * note.velocity) / 127;
    context.fillRect(x, y, size, drums ? 5 : 3);
  }
}
