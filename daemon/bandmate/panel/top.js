// What stands on top: hearing, steps, dark or light; and the button that writes.

import { $, fill, forgetColours } from "./dom.js";
import { icon } from "./icons.js";

/** Let the buttons of the page do *acts*, and show what they can do now. */
export function top(store, verbs, acts) {
  $("#port").prepend(icon("play"), " ");
  $("#hush").append(icon("stop"));
  for (const name of ["hear", "port", "hush", "undo", "redo", "write"]) {
    $(`#${name}`).addEventListener("click", acts[name]);
  }
  $("#cancel").addEventListener("click", () => verbs.cancel());
  steps(store);
  hearing(store);
  writing(store);
  theme(store);
}

function steps(store) {
  store.on(["steps"], () => {
    for (const way of ["undo", "redo"]) {
      const words = store.get("steps")[way];
      $(`#${way}`).setAttribute("aria-disabled", String(!words));
      $(`#${way}`).title = words ? `${way}: ${words}` : `nothing to ${way}`;
    }
  });
}

function hearing(store) {
  store.on(["hearing"], () => {
    const is = store.get("hearing") !== null;
    fill($("#hear"), icon(is ? "stop" : "play"), is ? " Stop" : " Hear");
  });
  store.on(["clip"], () => {
    for (const id of ["hear", "port"]) {
      $(`#${id}`).setAttribute("aria-disabled", String(!store.get("clip")));
    }
  });
}

function writing(store) {
  store.on(["writing", "clip", "locks"], () => {
    const now = store.get("writing");
    $("#write").setAttribute("aria-disabled", String(Boolean(now)));
    $("#cancel").hidden = !now;
    const isAround = store.get("clip") && store.get("locks").size;
    const bar = now?.bar ? `Bar ${now.bar} of ${now.bars}…` : "Writing…";
    $("#write").textContent = now ? bar : isAround ? "Write around the locks" : "Write a loop";
  });
}

function theme(store) {
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const newLook = () => {
    forgetColours();
    store.set({ look: store.get("look") + 1 });
  };
  $("#theme").addEventListener("click", () => {
    const now = store.get("theme") ?? (prefersDark.matches ? "dark" : "light");
    store.set({ theme: now === "dark" ? "light" : "dark" });
  });
  store.on(["theme"], () => {
    if (store.get("theme")) document.documentElement.dataset.theme = store.get("theme");
    newLook();
  });
  prefersDark.addEventListener("change", newLook);
  let resized = 0;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(newLook, 120);
  });
}
