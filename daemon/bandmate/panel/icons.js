// Signs that are drawn, so that they look alike on every machine: as large as a letter, of its colour.

const SVG = "http://www.w3.org/2000/svg";
const BODY =
  "M4.4 7h7.2A1.4 1.4 0 0 1 13 8.4v4.2a1.4 1.4 0 0 1-1.4 1.4H4.4A1.4 1.4 0 0 1 3 12.6V8.4A1.4 1.4 0 0 1 4.4 7z";
const POINTS = "M8 1.8l1.9 4 4.4.5-3.3 3 .9 4.3L8 11.4l-3.9 2.2.9-4.3-3.3-3 4.4-.5z";

/** Paths in a square of 16: those that are filled, and those that are lines. */
const SHAPES = {
  lock: { filled: BODY, line: "M5.2 7V4.9a2.8 2.8 0 0 1 5.6 0V7" },
  open: { line: `${BODY}M10.6 7V4.4a2.7 2.7 0 0 1 5.2-.6` },
  play: { filled: "M4.5 2.4v11.2a.5.5 0 0 0 .8.4l8.2-5.6a.5.5 0 0 0 0-.8L5.3 2a.5.5 0 0 0-.8.4z" },
  stop: { filled: "M3.5 3.5h9v9h-9z" },
  star: { line: POINTS },
  starred: { filled: POINTS, line: POINTS },
  check: { line: "M3 8.5l3.4 3.4L13 4.6" },
  close: { line: "M4 4l8 8M12 4l-8 8" },
};

/** Return the drawing of a sign: lock, open, play, stop, star, starred, check or close. */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  const said = { viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true" };
  for (const [key, value] of Object.entries(said)) drawn.setAttribute(key, value);
  for (const [how, path] of Object.entries(SHAPES[name])) {
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", path);
    shape.setAttribute("class", how);
    drawn.append(shape);
  }
  return drawn;
}
