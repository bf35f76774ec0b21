// Names that a musician reads: notes, drums, programs, chords, keys.

const SHARPS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const FLATS = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"];
const SYMBOLS = {
  maj: "",
  min: "m",
  dim: "dim",
  aug: "aug",
  maj7: "maj7",
  min7: "m7",
  hdim7: "m7♭5",
  dim7: "dim7",
  minmaj7: "m(maj7)",
  maj6: "6",
  min6: "m6",
  maj9: "maj9",
  min9: "m9",
  min11: "m11",
  min13: "m13",
  "maj(9)": "add9",
  "min(9)": "m(add9)",
};
const DEGREES = {
  1: 0,
  b2: 1,
  2: 2,
  b3: 3,
  3: 4,
  4: 5,
  b5: 6,
  5: 7,
  "#5": 8,
  b6: 8,
  6: 9,
  bb7: 9,
  b7: 10,
  7: 11,
};
const DRUMS = {
  35: "Kick 2",
  36: "Kick",
  37: "Side stick",
  38: "Snare",
  39: "Clap",
  40: "Snare 2",
  41: "Floor tom",
  42: "Closed hat",
  43: "Floor tom 2",
  44: "Pedal hat",
  45: "Low tom",
  46: "Open hat",
  47: "Mid tom",
  48: "High tom 2",
  49: "Crash",
  50: "High tom",
  51: "Ride",
  52: "China",
  53: "Ride bell",
  54: "Tambourine",
  55: "Splash",
  56: "Cowbell",
  57: "Crash 2",
  59: "Ride 2",
  60: "High bongo",
  61: "Low bongo",
  62: "Mute conga",
  63: "High conga",
  64: "Low conga",
  65: "High timbale",
  66: "Low timbale",
  67: "High agogo",
  68: "Low agogo",
  69: "Cabasa",
  70: "Maracas",
  75: "Claves",
  76: "High block",
  77: "Low block",
  80: "Mute triangle",
  81: "Triangle",
  82: "Shaker",
};
const USUAL_DRUMS = [36, 38, 42, 46, 49, 51];
const BLACK = new Set([1, 3, 6, 8, 10]);
const MODES = {
  maj: "major",
  min: "minor",
  dor: "dorian",
  phr: "phrygian",
  lyd: "lydian",
  mix: "mixolydian",
  loc: "locrian",
  hmin: "harmonic minor",
};

/** General MIDI programs from 0, eight a line. */
export const PROGRAMS =
  `Grand piano|Bright piano|Electric grand|Honky-tonk|Electric piano 1|Electric piano 2|Harpsichord|Clavinet
Celesta|Glockenspiel|Music box|Vibraphone|Marimba|Xylophone|Tubular bells|Dulcimer
Drawbar organ|Percussive organ|Rock organ|Church organ|Reed organ|Accordion|Harmonica|Bandoneon
Nylon guitar|Steel guitar|Jazz guitar|Clean guitar|Muted guitar|Overdriven guitar|Distorted guitar|Guitar harmonics
Upright bass|Finger bass|Picked bass|Fretless bass|Slap bass 1|Slap bass 2|Synth bass 1|Synth bass 2
Violin|Viola|Cello|Double bass|Tremolo strings|Pizzicato|Harp|Timpani
Strings 1|Strings 2|Synth strings 1|Synth strings 2|Choir aahs|Voice oohs|Synth voice|Orchestra hit
Trumpet|Trombone|Tuba|Muted trumpet|French horn|Brass section|Synth brass 1|Synth brass 2
Soprano sax|Alto sax|Tenor sax|Baritone sax|Oboe|English horn|Bassoon|Clarinet
Piccolo|Flute|Recorder|Pan flute|Bottle|Shakuhachi|Whistle|Ocarina
Square lead|Saw lead|Calliope lead|Chiff lead|Charang lead|Voice lead|Fifths lead|Bass and lead
New age pad|Warm pad|Polysynth pad|Choir pad|Bowed pad|Metallic pad|Halo pad|Sweep pad
Rain|Soundtrack|Crystal|Atmosphere|Brightness|Goblins|Echoes|Sci-fi
Sitar|Banjo|Shamisen|Koto|Kalimba|Bagpipe|Fiddle|Shanai
Tinkle bell|Agogo|Steel drums|Woodblock|Taiko|Melodic tom|Synth drum|Reverse cymbal
Fret noise|Breath|Seashore|Bird|Telephone|Helicopter|Applause|Gunshot`.split(/[|\n]/);

/** The role of a part: keys2 -> keys. */
export const roleOf = (name) => name.replace(/\d+$/, "");
export const isDrums = (name) => roleOf(name) === "drums";
export const isBlack = (pitch) => BLACK.has(pitch % 12);

/** Return a pitch's name in a key; 60 is C4. */
function pitchName(pitch, key = "") {
  return `${namesOf(key)[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

/** Return what a row of a part's roll is called. */
export const rowName = (part, pitch, key) =>
  isDrums(part) ? (DRUMS[pitch] ?? `Drum ${pitch}`) : pitchName(pitch, key);

/** Return the pitches that a drum grid shows, high ones above: those in use and the usual ones. */
export const drumRows = (notes) =>
  [...new Set([...USUAL_DRUMS, ...notes.map((note) => note.pitch)])].sort((a, b) => b - a);

function namesOf(key) {
  const [tonic, mode] = String(key || "C:maj").split(":");
  const isFlat =
    tonic.includes("b") || tonic === "F" || (/min|dor|phr/.test(mode) && "CDG".includes(tonic));
  return isFlat ? FLATS : SHARPS;
}

/** Return names with the signs that a musician reads: "Bb" -> "B♭". */
export const signed = (text) => text.replaceAll("b", "♭").replaceAll("#", "♯");

/** Return a key as people say it: "A:min" -> "A minor". */
export function keyName(key) {
  const [tonic, mode] = String(key || "").split(":");
  return tonic ? `${signed(tonic)} ${MODES[mode] ?? mode}` : "";
}

export const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
export const MODE_NAMES = Object.entries(MODES);

/** Return a chord as a screen shows it: "A:min7/b3" -> "Am7/C". */
export function symbolOf(label, key = null) {
  if (!label || label === "N") return "–";
  const match = /^([A-G])([#b]*)(?::([^/]*))?(?:\/(.+))?$/.exec(label);
  if (!match) return label;
  const [, letter, accidental, quality = "maj", bass] = match;
  const root = key ? namesOf(key)[classOf(letter, accidental)] : `${letter}${signed(accidental)}`;
  const under =
    bass && DEGREES[bass] !== undefined
      ? `/${namesOf(key ?? (accidental.includes("b") ? "F:maj" : "C:maj"))[(classOf(letter, accidental) + DEGREES[bass]) % 12]}`
      : "";
  return `${root}${SYMBOLS[quality] ?? quality}${under}`;
}

const classOf = (letter, accidental) =>
  (12 +
    { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }[letter] +
    accidental.split("#").length -
    accidental.split("b").length) %
  12;

/** The colour of a part, a name for colour(). */
export const colourOf = (name) => `part-${roleOf(name)}`;
