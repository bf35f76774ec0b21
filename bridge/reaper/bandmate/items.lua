-- @noindex
-- MIDI items: their notes as the arrangement plays them, and what bandmate noted on their takes.

local items = {}

local TAKE = "P_EXT:bandmate_take" -- what a take of ours remembers: "12 /path/of/its.mid"
local CARD = "P_EXT:bandmate_card" -- the same of a card of chords
local PARTS = "P_EXT:bandmate_parts" -- "drums:0:9,bass:33:0": name, program and channel
local MOST_ROUNDS = 256 -- of a source that an item repeats

function items.guid_of(item)
  local _, guid = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
  return guid
end

function items.by_guid(guid)
  for i = 0, reaper.CountMediaItems(0) - 1 do
    local item = reaper.GetMediaItem(0, i)
    if items.guid_of(item) == guid then return item end
  end
end

function items.track_by_guid(guid)
  for i = 0, reaper.CountTracks(0) - 1 do
    local track = reaper.GetTrack(0, i)
    if reaper.GetTrackGUID(track) == guid then return track end
  end
end

-- An item with its active take and its place in quarter notes, or nil where that take is no MIDI.
function items.entry_of(item)
  local take = reaper.GetActiveTake(item)
  if not take or not reaper.TakeIsMIDI(take) then return nil end
  local from = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local to = from + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  return {
    item = item, take = take, guid = items.guid_of(item), track = reaper.GetMediaItem_Track(item),
    start = reaper.TimeMap2_timeToQN(0, from), finish = reaper.TimeMap2_timeToQN(0, to),
  }
end

-- The selected MIDI items, the earliest first.
function items.selected()
  local found = {}
  for i = 0, reaper.CountSelectedMediaItems(0) - 1 do
    local entry = items.entry_of(reaper.GetSelectedMediaItem(0, i))
    if entry then
      entry.index = i
      found[#found + 1] = entry
    end
  end
  table.sort(found, function(one, other)
    if one.start ~= other.start then return one.start < other.start end
    return one.index < other.index
  end)
  return found
end

-- How long the source of an item is in quarter notes, where the item repeats it; else nil.
local function round_of(entry)
  if reaper.GetMediaItemInfo_Value(entry.item, "B_LOOPSRC") == 0 then return nil end
  local source = reaper.GetMediaItemTake_Source(entry.take)
  local length, is_in_quarters = reaper.GetMediaSourceLength(source)
  if not is_in_quarters or length <= 0 then return nil end
  return length / reaper.GetMediaItemTakeInfo_Value(entry.take, "D_PLAYRATE")
end

local function add_rounds(found, note, entry, round)
  for i = 0, round and MOST_ROUNDS or 0 do
    local by = i * (round or 0)
    local start = note.start + by
    if start >= entry.finish - 1e-9 then return end
    if start >= entry.start - 1e-9 then
      found[#found + 1] = {
        start = start, finish = math.min(note.finish + by, entry.finish), channel = note.channel,
        pitch = note.pitch, velocity = note.velocity,
      }
    end
  end
end

-- The notes that sound in an item: {start, finish, channel, pitch, velocity}, in quarter notes of the
-- project. Muted ones and those beyond the item's edges are left out.
function items.notes_of(entry)
  local found, round = {}, round_of(entry)
  local _, count = reaper.MIDI_CountEvts(entry.take)
  for i = 0, count - 1 do
    local is_there, _, is_muted, from, to, channel, pitch, velocity =
      reaper.MIDI_GetNote(entry.take, i)
    if is_there and not is_muted then
      add_rounds(found, {
        start = reaper.MIDI_GetProjQNFromPPQPos(entry.take, from),
        finish = reaper.MIDI_GetProjQNFromPPQPos(entry.take, to),
        channel = math.floor(channel), pitch = math.floor(pitch), velocity = math.floor(velocity),
      }, entry, round)
    end
  end
  return found
end

------------------------------------------------------------- what takes remember

local function remembered(take, name)
  local _, kept = reaper.GetSetMediaItemTakeInfo_String(take, name, "", false)
  return tostring(kept or "")
end

local function remember(take, name, value)
  reaper.GetSetMediaItemTakeInfo_String(take, name, value, true)
end

function items.mark(take, number, file, parts)
  remember(take, TAKE, string.format("%d %s", number, file))
  local told = {}
  for i, part in ipairs(parts) do
    told[i] = string.format("%s:%d:%d", part.name, part.program, part.channel)
  end
  remember(take, PARTS, table.concat(told, ","))
end

function items.mark_card(take, number, file)
  remember(take, CARD, string.format("%d %s", number, file))
end

-- A number that was noted; nil where its file is gone, as in a project from another computer: there
-- it means nothing, or another take.
local function number_in(kept)
  local number, path = kept:match("^(%d+) (.+)$")
  local file = path and io.open(path, "rb")
  if not file then return nil end
  file:close()
  return math.tointeger(tonumber(number))
end

function items.number_of(take)
  return number_in(remembered(take, TAKE))
end

function items.card_of(take)
  return number_in(remembered(take, CARD))
end

-- Whether this is the take that was marked with a number just now.
function items.is_marked(take, number)
  return remembered(take, TAKE):match("^%d+") == tostring(number)
end

-- The parts that were noted on a take, by channel: {name, program}.
function items.parts_on(take)
  local parts = {}
  for name, program, channel in remembered(take, PARTS):gmatch("([^:,]+):(%d+):(%d+)") do
    parts[math.tointeger(tonumber(channel))] =
      { name = name, program = math.tointeger(tonumber(program)) }
  end
  return parts
end

function items.first_part_on(take)
  return remembered(take, PARTS):match("^([^:,]+):")
end

return items
