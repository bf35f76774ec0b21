// What a reload leaves standing: the browser keeps it for this page alone.

const PLACE = "bandmate";
const ROOM = 2_000_000; // characters for steps; browsers give five million in all

const texts = new WeakMap();

/** Return a step as text; a clip never changes, so that each is written once. */
function textOf(step) {
  if (!texts.has(step)) texts.set(step, JSON.stringify(step, plain));
  return texts.get(step);
}

/** Return the last steps as one text, as many as there is room for. */
function lastOf(steps, room) {
  const found = [];
  for (const step of steps.toReversed()) {
    const text = textOf(step);
    room -= text.length;
    if (room < 0) break;
    found.unshift(text);
  }
  return `[${found.join(",")}]`;
}

/** Keep values, and of the steps as many as there is room for, the latest first. */
export function keep(values, past, future) {
  const said = JSON.stringify(values, plain);
  for (const room of [ROOM, 0]) {
    const steps = `"past":${lastOf(past, room)},"future":${lastOf(future, room / 2)}`;
    try {
      return localStorage.setItem(PLACE, `{"values":${said},${steps}}`);
    } catch {
      continue; // the browser's shelf is full: without the steps there is room
    }
  }
}

/** Return {values, past, future} as they were kept; empty where nothing was. */
export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE), revived);
    return { values: {}, past: [], future: [], ...found };
  } catch {
    return { values: {}, past: [], future: [] }; // what cannot be read is not worth a broken page
  }
}

const plain = (_, value) => (value instanceof Set ? { set: [...value] } : value);
const revived = (_, value) => (value && Array.isArray(value.set) ? new Set(value.set) : value);
