// What the page knows before anybody has told it anything.

import { readChoices } from "./choices.js";
import { usual } from "./fields.js";

/** Return the values that a page begins with which was never here. */
export const first = () => ({
  link: "coming",
  home: null,
  song: { tempo: 120, key: "C:maj", meter: "4/4", free: "tempo,key,meter", card: 0, daw: "" },
  ownSong: {},
  transport: {
    beat: 0,
    bar: 0,
    tempo: 120,
    meter: "4/4",
    source: "internal",
    certainty: 1,
    is_rolling: 0,
  },
  choices: readChoices({}, []),
  form: { bars: 4, parts: usual() },
  keywords: "",
  phrase: "",
  cards: [],
  asking: false,
  track: null,
  clip: null,
  locks: new Set(),
  picked: new Set(),
  chosen: new Set(),
  held: new Set(),
  part: null,
  at: null,
  from: null,
  vary: 0.5,
  grid: 0.25,
  writing: null,
  hearing: null,
  steps: { undo: "", redo: "" },
  mix: { mute: new Set(), solo: new Set() },
  takes: [],
  other: null,
  search: "",
  kind: "",
  theme: null,
  look: 0,
  singleKeys: true,
});
