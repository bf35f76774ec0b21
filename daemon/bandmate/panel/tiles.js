// What a tile of the strip says of its take, and which takes have a tile.

import { chordBars } from "./clip.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { keyName, signed } from "./music.js";

/** Whether a person gave the take a name: else it is called as its file is, "... #12". */
export const isNamed = ({ take, title }) =>
  Boolean(title) && !new RegExp(`#${take}(?: \\(\\d+\\))?$`).test(title);

/** Whether a take is an edit that nobody marked. */
const isPassing = (take) =>
  Boolean(take.parent) && take.state === "made" && !take.star && !isNamed(take);

/**
 * Return the takes that are shown: of a chain of edits that nobody marked the latest alone, and
 * those whose numbers are *kept* in any case. Each says in *from* which shown take it is an edit of.
 */
export function folded(takes, kept) {
  const edited = new Set(takes.map((take) => take.parent));
  const isHidden = (take) => isPassing(take) && edited.has(take.take) && !kept.has(take.take);
  const hidden = new Map(takes.filter(isHidden).map((take) => [take.take, take.parent]));
  const from = ({ parent }) => {
    while (hidden.has(parent)) parent = hidden.get(parent);
    return parent;
  };
  return takes
    .filter((take) => !hidden.has(take.take))
    .map((take) => ({ ...take, from: from(take) }));
}

/** Return what is said of a take: {first, second}, its name or what it is, and the rest of it. */
function wordsOf(take, clip) {
  const name = isNamed(take) ? take.title : "";
  if (take.kind === "card") {
    const chords = clip ? symbols(clip.facts) : "";
    return name ? { first: name, second: chords } : { first: chords, second: "" };
  }
  const song = clip ? `${keyName(clip.key)}, ${Math.round(clip.tempo * 10) / 10}` : "";
  const edit = take.from ? `edit of ${take.from}` : "";
  const parts = String(take.parts || "")
    .split(",")
    .map((part) => part.split(":")[0])
    .join(" ");
  const rest = [edit, name && song, clip?.facts.genre, parts].filter(Boolean).join(" · ");
  return { first: name || song, second: rest };
}

const symbols = (facts) =>
  chordBars(facts.symbols || facts.chords)
    .map((bar) => signed(bar.join(" ")))
    .join(" ");

/** Make the tile of a take, with nothing said on it yet; *on* has what is done: open, star, walk, drag. */
export function tile(number, on) {
  const open = h(
    "button",
    {
      class: "open",
      "data-key": `take-${number}`,
      "data-take": String(number),
      onclick: on.open,
      onkeydown: on.walk,
    },
    h("canvas", { "aria-hidden": "true" }),
    h("span", { class: "title" }),
    h("span", { class: "more" }),
  );
  const star = h("button", {
    class: "bare star",
    "data-key": `star-${number}`,
    onclick: on.star,
  });
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  return h("li", { draggable: true, ondragstart: on.drag }, open, mark, star);
}

/** Say on a tile what there is to say; *mark* is A for the take on the stage, B for the other. */
export function dress(li, take, clip, mark) {
  const { first, second } = wordsOf(take, clip);
  const isHere = mark === "A";
  const [open, corner, star] = li.children;
  const [, title, more] = open.children;
  const kinds = ["take", `a-${take.kind}`, take.state, isNamed(take) && "named", isHere && "here"];
  li.className = kinds.filter(Boolean).join(" ");
  const state = { accepted: icon("check"), rejected: icon("close") }[take.state];
  title.replaceChildren(h("b", {}, String(take.take)), ...(state ? [state] : []), first);
  more.textContent = second;
  const said = [`Take ${take.take}`, take.kind === "card" && "card", first, second];
  const marked = [take.state !== "made" && take.state, take.star && "starred"];
  open.setAttribute("aria-label", [...said, ...marked].filter(Boolean).join(", "));
  open.title = [first, second, take.title].filter(Boolean).join("\n");
  if (isHere) open.setAttribute("aria-current", "true");
  else open.removeAttribute("aria-current");
  corner.textContent = mark;
  star.replaceChildren(icon(take.star ? "starred" : "star"));
  star.setAttribute("aria-pressed", String(Boolean(take.star)));
  star.setAttribute("aria-label", `Star take ${take.take}`);
}
