// Messages as the wire has them: an address and arguments; notes as 12 bytes each.

/** What stands behind the id in an answer before its names and values. */
const ARGUMENTS = {
  "/bandmate/loop/queued": ["place"],
  "/bandmate/bar/written": ["take_index", "bar", "bars", "parts", "data"],
  "/bandmate/loop/progress": ["take_index", "bar", "bars", "left_ms"],
  "/bandmate/chords/queued": ["place"],
  "/bandmate/card/made": ["take"],
  "/bandmate/take/notes": ["take", "chunk", "chunks", "crc32", "data"],
  "/bandmate/take/played": ["take", "own", "stand_in", "silent"],
  "/bandmate/take/stopped": ["take"],
  "/bandmate/take/mixed": ["muted", "soloed"],
  "/bandmate/take/inserted": ["take"],
  "/bandmate/take/accepted": ["take"],
  "/bandmate/take/rejected": ["take"],
  "/bandmate/take/undone": ["take"],
  "/bandmate/take/listed": ["count"],
  "/bandmate/preset/listed": ["count"],
  "/bandmate/subscribed": ["topics"],
  "/bandmate/error": ["code", "words"],
};

/** Return {address, id, ...} of what a frame said; behind the named arguments are names and values. */
export function readMessage({ address, args }) {
  const [id, ...rest] = args ?? [];
  const message = { address, id: String(id ?? "") };
  for (const name of ARGUMENTS[address] ?? []) message[name] = rest.shift();
  for (let i = 0; i + 1 < rest.length; i += 2) message[rest[i]] = rest[i + 1];
  return message;
}

/** Return the frame of a message; pairs that are null or undefined are not said. */
export function writeMessage(address, id, fixed = [], pairs = {}) {
  const said = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined);
  return JSON.stringify({ address, args: [id, ...fixed, ...said.flat()] });
}

const NOTE_BYTES = 12;
const CHUNK_NOTES = 336;

/** Read the bytes of {b64}: [{part, pitch, velocity, start, duration}]. */
export function readNotes(data) {
  const bytes = Uint8Array.from(atob(data.b64), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const notes = [];
  for (let at = 0; at + NOTE_BYTES <= bytes.length; at += NOTE_BYTES) {
    notes.push({
      part: bytes[at],
      pitch: bytes[at + 1],
      velocity: bytes[at + 2],
      start: view.getFloat32(at + 4),
      duration: view.getFloat32(at + 8),
    });
  }
  return notes;
}

/** Return the notes of parts as bytes, part by part. */
export function notesToBytes(parts) {
  const notes = parts.flatMap((part, index) => part.notes.map((note) => [index, note]));
  const bytes = new Uint8Array(notes.length * NOTE_BYTES);
  const view = new DataView(bytes.buffer);
  notes.forEach(([index, note], place) => {
    const at = place * NOTE_BYTES;
    bytes.set([index, note.pitch, note.velocity, 0], at);
    view.setFloat32(at + 4, note.start);
    view.setFloat32(at + 8, note.duration);
  });
  return bytes;
}

/** Cut bytes of notes into chunks as the wire takes them: [{b64}]. */
export function chunksOf(bytes) {
  const size = CHUNK_NOTES * NOTE_BYTES;
  const chunks = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push({ b64: btoa(String.fromCharCode(...bytes.subarray(at, at + size))) });
  }
  return chunks;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** Return the CRC-32 of bytes, as a signed int32. */
export function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ -1) | 0;
}

/** Read keywords: "dark:0.8,hip hop!" -> [{word, weight, locked}]. */
export function readKeywords(text) {
  return (text || "")
    .split(",")
    .map((said) => said.trim())
    .filter(Boolean)
    .map((said) => {
      const locked = said.endsWith("!");
      const [word, weight] = said.replace(/!$/, "").split(":");
      return { word: word.trim(), weight: weight === undefined ? 1 : Number(weight), locked };
    });
}

/** Write keywords as readKeywords reads them. */
export const writeKeywords = (keywords) =>
  keywords.map((k) => `${k.word}:${+k.weight.toFixed(2)}${k.locked ? "!" : ""}`).join(",");
