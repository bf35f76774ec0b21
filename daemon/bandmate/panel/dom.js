// Elements made and found in few words.

/** Make an element: h("button", {class: "x", onclick: f, "aria-label": "Play"}, "▶"). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Return the one element of a selector. */
export const $ = (selector, within = document) => within.querySelector(selector);

/** Put children in the place of all that an element holds; the focus stays where its key is. */
export function fill(element, ...children) {
  const active = document.activeElement;
  const key = element.contains(active) ? active.dataset.key : undefined;
  element.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined),
  );
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Let an element hold these children, moving none that stands right: what has the focus keeps it. */
export function arrange(element, children) {
  const wanted = new Set(children);
  const gone = [...element.childNodes].filter((child) => !wanted.has(child));
  for (const child of gone) child.remove();
  children.forEach((child, place) => {
    const there = element.childNodes[place];
    if (there !== child) element.insertBefore(child, there ?? null);
  });
}

/** Make a canvas as sharp as the screen; return its context, scaled to CSS pixels. */
export function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [
    Math.max(1, Math.round(width * ratio)),
    Math.max(1, Math.round(height * ratio)),
  ];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const found = new Map();

/** Return what a CSS colour such as var(--accent) is now; forgetColours when the theme changes. */
export function colour(name) {
  if (!found.has(name)) {
    const probe = h("i", { class: "probe" });
    document.body.append(probe);
    probe.style.color = `var(--${name})`;
    found.set(name, getComputedStyle(probe).color);
    probe.remove();
  }
  return found.get(name);
}

/** Forget what colours were: the theme has changed. */
export const forgetColours = () => found.clear();
