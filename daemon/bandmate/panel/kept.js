// What a reload leaves standing: the browser keeps it for this page alone, tab by tab.

const PLACE = "bandmate";
const SHELVES = ["sessionStorage", "localStorage"]; // the tab's own; what a new tab begins with
const SHAPE = 1; // raised where what is kept changes its shape: what was kept before is let go
const ROOM = 2_000_000; // characters for steps; browsers give five million in all

const texts = new WeakMap();

/** Return a step as text; a clip never changes, so that each is written once. */
function textOf(step) {
  if (!texts.has(step)) texts.set(step, JSON.stringify(step, plain));
  return texts.get(step);
}

/** Return the last steps as one text, as many as there is room for. */
function lastOf(steps, room) {
  let first = steps.length;
  while (first && (room -= textOf(steps[first - 1]).length) >= 0) first -= 1;
  const forgotten = steps.slice(0, Math.max(0, first - 1)); // else a day's steps fill the memory
  for (const step of forgotten) texts.delete(step);
  return `[${steps.slice(first).map(textOf).join(",")}]`;
}

/** Keep values, and of the steps as many as there is room for, the latest first. */
export function keep(values, past, future) {
  const said = JSON.stringify(values, plain);
  for (const room of [ROOM, 0]) {
    const steps = `"past":${lastOf(past, room)},"future":${lastOf(future, room / 2)}`;
    const text = `{"shape":${SHAPE},"values":${said},${steps}}`;
    try {
      return SHELVES.forEach((shelf) => window[shelf].setItem(PLACE, text));
    } catch {
      continue; // the browser's shelf is full: without the steps there is room
    }
  }
}

/** Return {values, past, future} as they were kept; empty where nothing was, or of another shape. */
export function kept() {
  for (const shelf of SHELVES) {
    try {
      const found = JSON.parse(window[shelf].getItem(PLACE), revived);
      if (found.shape === SHAPE) return found;
    } catch {
      continue; // what cannot be read is not worth a broken page
    }
  }
  return { values: {}, past: [], future: [] };
}

const plain = (_, value) => (value instanceof Set ? { set: [...value] } : value);
const revived = (_, value) => (value && Array.isArray(value.set) ? new Set(value.set) : value);
