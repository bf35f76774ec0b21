// The page, put together: the store, the wire, and who shows what.

import { actsOf } from "./acts.js";
import { cards } from "./cards.js";
import { cells } from "./cells.js";
import { cellTools } from "./celltools.js";
import { chordTrack } from "./chordtrack.js";
import { Columns } from "./columns.js";
import { density } from "./density.js";
import { $, fill } from "./dom.js";
import { empty } from "./empty.js";
import { fields } from "./fields.js";
import { first } from "./first.js";
import { inspire } from "./inspire.js";
import { keys } from "./keys.js";
import { Link } from "./link.js";
import { parts } from "./parts.js";
import { Roll } from "./roll.js";
import { Wire } from "./socket.js";
import { song } from "./song.js";
import { Sound } from "./sound.js";
import { Store } from "./state.js";
import { Takes } from "./takes.js";
import { top } from "./top.js";
import { Verbs } from "./verbs.js";

const SHOWN_FOR = 6000; // milliseconds that a word stays

let shown = 0;

/** Say a sentence, to eyes and ears. */
function say(words, isWrong = false) {
  const place = $(isWrong ? "#alert" : "#say");
  fill($(isWrong ? "#say" : "#alert"));
  place.textContent = words;
  clearTimeout(shown);
  shown = setTimeout(() => fill(place), SHOWN_FOR);
}

const store = new Store(first());
const wire = new Wire(`ws://${location.host}/ws`);
const verbs = new Verbs(wire, store, say);
const takes = new Takes(store, wire, verbs);
const link = new Link(store, wire, verbs, takes, say);
const sound = new Sound(store, (share) => roll.playhead(share), say);
const columns = new Columns(store);
const roll = new Roll(store, sound, say);
const acts = actsOf({ store, wire, verbs, sound, roll, columns, takes, say });
window.bandmate = { store, roll, verbs }; // for the curious, and for the bench

top(store, verbs, acts);
empty(store, verbs);
song(store, wire, verbs);
parts(store, verbs);
fields(store);
inspire(store, wire, verbs);
cards(store, verbs, sound);
chordTrack(store, verbs);
cells(store, verbs, columns);
cellTools(store, verbs);
density(store);
keys(store, acts);
wire.open(link);
