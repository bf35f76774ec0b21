-- @noindex
-- Selected items as what is there already: gathered into parts, as a .mid for the daemon.

local console = require("bandmate.console")
local items = require("bandmate.items")
local midifile = require("bandmate.midifile")

local context = {}

local DRUM_CHANNEL = 9 -- from 0
local MOST_NOTES = 20000 -- that the daemon plays to

local function track_name(track)
  local _, name = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
  return name or ""
end

local function channels_in(notes)
  local voices, channels = {}, {}
  for _, note in ipairs(notes) do
    if not voices[note.channel] then
      voices[note.channel] = {}
      channels[#channels + 1] = note.channel
    end
    table.insert(voices[note.channel], note)
  end
  table.sort(channels)
  return channels, voices
end

-- One part: a channel of an item. Its name is the one that was noted, else the track's.
local function part_of(entry, channel, is_alone)
  local noted = items.parts_on(entry.take)[channel]
  local name = noted and noted.name or channel == DRUM_CHANNEL and "drums"
  return {
    name = name or is_alone and track_name(entry.track) or "",
    known = name or nil,
    program = noted and noted.program,
    channel = channel,
    notes = {},
    entry = entry,
  }
end

-- Puts notes into a part as far as they sound from *from* to *to*, in beats behind *from*.
local function fill(part, notes, from, to)
  for _, note in ipairs(notes) do
    if note.start >= from - 1e-9 and note.start < to - 1e-9 then
      part.notes[#part.notes + 1] = {
        start = math.max(0, note.start - from), finish = math.min(note.finish, to) - from,
        pitch = note.pitch, velocity = math.max(1, note.velocity),
      }
    end
  end
end

-- Returns the parts that sound in items from one quarter note to another, each with notes, and how
-- many notes there are; a part for each channel of each item.
function context.parts_of(entries, from, to)
  local parts, count = {}, 0
  for _, entry in ipairs(entries) do
    local channels, voices = channels_in(items.notes_of(entry))
    for _, channel in ipairs(channels) do
      local part = part_of(entry, channel, #channels == 1)
      fill(part, voices[channel], from, to)
      if #part.notes > 0 then parts[#parts + 1] = part end
      count = count + #part.notes
    end
  end
  return parts, count
end

-- From where to where items reach, in quarter notes.
function context.span_of(entries)
  local from, to = math.huge, -math.huge
  for _, entry in ipairs(entries) do
    from, to = math.min(from, entry.start), math.max(to, entry.finish)
  end
  return from, to
end

function context.overlapping(entries, from, to)
  local found = {}
  for _, entry in ipairs(entries) do
    if entry.start < to - 1e-9 and entry.finish > from + 1e-9 then found[#found + 1] = entry end
  end
  return found
end

-- Where the parts lie, for the answer that brings them back changed.
function context.targets_of(parts, from)
  local targets = {}
  for i, part in ipairs(parts) do
    targets[i] =
      { item = part.entry.guid, channel = part.channel, behind = part.entry.start - from }
  end
  return targets
end

-- Returns parts as a MIDI file, *length* beats long, or nil after saying that they are too many.
function context.file_of(parts, count, length, song)
  if count > MOST_NOTES then
    return console.say(
      string.format("the selected items must hold 1..%d notes, not %d.", MOST_NOTES, count))
  end
  return midifile.of(parts, length, song)
end

return context
