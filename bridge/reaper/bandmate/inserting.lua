-- @noindex
-- What comes is written into the project: as new items, or as takes of items that are there.

local console = require("bandmate.console")
local items = require("bandmate.items")
local settings = require("bandmate.settings")

local inserting = {}

local IMPLODE = 40543 -- REAPER's "Take: Implode items on same track into takes"
local NEAR = 1e-6 -- quarter notes

local function rounded(value)
  return math.floor(value + 0.5)
end

-- One undo point, closed whatever happens.
function inserting.as_one_step(what, words, write, ...)
  reaper.Undo_BeginBlock()
  reaper.PreventUIRefresh(1)
  local is_done, trouble = pcall(write, ...)
  reaper.PreventUIRefresh(-1)
  reaper.Undo_EndBlock("bandmate: " .. words, -1)
  reaper.UpdateArrange()
  if not is_done then console.say(what .. " could not be inserted: " .. tostring(trouble)) end
end

local function write_notes(take, place, part)
  local function ppq(beat)
    return rounded(reaper.MIDI_GetPPQPosFromProjQN(take, place.origin + beat))
  end
  for _, note in ipairs(part.notes) do
    local from, to = note.start, note.start + note.duration
    local at = place.origin + from
    if at >= place.start - NEAR and at < place.finish - NEAR then
      local first, last = ppq(from), ppq(math.min(to, place.finish - place.origin))
      reaper.MIDI_InsertNote(take, false, false, first, math.max(last, first + 1), part.channel,
        note.pitch, note.velocity, true)
    end
  end
end

-- Writes a new item at *place*: {track, start, finish, origin}, quarter notes, *origin* where the
-- clip's first beat is. Returns the item and its take.
function inserting.write_item(place, name, parts, made)
  local item = reaper.CreateNewMIDIItemInProj(place.track, place.start, place.finish, true)
  local take = reaper.GetActiveTake(item)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  items.mark(take, made.take, made.file or "", parts)
  for _, part in ipairs(parts) do write_notes(take, place, part) end
  reaper.MIDI_Sort(take)
  return item, take
end

function inserting.at(track, qn, length)
  return { track = track, start = qn, finish = qn + length, origin = qn }
end

---------------------------------------------------------------------- as takes

local function selected_guids()
  local guids = {}
  for i = 0, reaper.CountSelectedMediaItems(0) - 1 do
    guids[items.guid_of(reaper.GetSelectedMediaItem(0, i))] = true
  end
  return guids
end

local function select_again(guids)
  for i = 0, reaper.CountMediaItems(0) - 1 do
    local item = reaper.GetMediaItem(0, i)
    reaper.SetMediaItemSelected(item, guids[items.guid_of(item)] or false)
  end
end

-- Makes items of one place into one item with takes. REAPER itself does it, so that every take has a
-- source of the right length. Afterwards that item alone is selected, the take of *number* active.
function inserting.join(joined, number)
  reaper.SelectAllMediaItems(0, false)
  for _, item in ipairs(joined) do reaper.SetMediaItemSelected(item, true) end
  if #joined > 1 then reaper.Main_OnCommand(IMPLODE, 0) end
  local item = reaper.GetSelectedMediaItem(0, 0)
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, i)
    if take and items.is_marked(take, number) then reaper.SetActiveTake(take) end
  end
  return item
end

-- Puts parts into an item as a new take of it. What was selected stays selected.
function inserting.add_take(entry, name, parts, made, origin)
  local guids = selected_guids()
  local place =
    { track = entry.track, start = entry.start, finish = entry.finish, origin = origin }
  local added = inserting.write_item(place, name, parts, made)
  local item = inserting.join({ entry.item, added }, made.take)
  guids[items.guid_of(item)] = guids[items.guid_of(item)] or guids[entry.guid]
  select_again(guids)
  return item
end

-- An item of ours on this track that holds the same part at the same place, or nil.
local function twin_of(place, parts)
  for i = 0, reaper.CountMediaItems(0) - 1 do
    local item = reaper.GetMediaItem(0, i)
    local entry = items.entry_of(item)
    if entry and entry.track == place.track and math.abs(entry.start - place.start) < NEAR
      and math.abs(entry.finish - place.finish) < NEAR
      and items.first_part_on(entry.take) == parts[1].name then
      return entry
    end
  end
end

-- A new item, or where the setting wants it and the same part stands there already, a take of that.
function inserting.put(place, name, parts, made, mode)
  local twin = mode == "takes" and twin_of(place, parts)
  if twin then return inserting.add_take(twin, name, parts, made, place.origin) end
  return (inserting.write_item(place, name, parts, made))
end

--------------------------------------------------------------------- as tracks

-- A new track *below* tracks under this one.
function inserting.new_track(track, below, name)
  local at = math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")) + below - 1
  reaper.InsertTrackAtIndex(at, true)
  local added = reaper.GetTrack(0, at)
  reaper.GetSetMediaTrackInfo_String(added, "P_NAME", name, true)
  return added
end

-- The track for the part of this index: in the layout "tracks" the second part and those behind it
-- get new tracks below the selected one.
function inserting.track_for(track, index, part, layout)
  if layout ~= "tracks" or index == 1 then return track end
  return inserting.new_track(track, index - 1, part.name)
end

-- All parts of a clip as the layout says; returns the items.
function inserting.write_clip(track, qn, made, parts, layout, mode)
  local mark, written = " #" .. made.take, {}
  if layout == "one" then
    local names = {}
    for i, part in ipairs(parts) do names[i] = part.name end
    local place = inserting.at(track, qn, made.length)
    return { inserting.put(place, table.concat(names, "+") .. mark, parts, made, mode) }
  end
  for i, part in ipairs(parts) do
    local place = inserting.at(inserting.track_for(track, i, part, layout), qn, made.length)
    written[i] = inserting.put(place, part.name .. mark, { part }, made, mode)
  end
  return written
end

function inserting.remember_last(written)
  local guids = {}
  for i, item in ipairs(written) do guids[i] = items.guid_of(item) end
  settings.set_of_project("last_items", table.concat(guids, " "))
end

function inserting.layout(usual)
  return settings.choice("layout", { "items", "tracks", "one" }, usual or "items")
end

-- Whether what comes becomes new items or takes of what is there.
function inserting.mode(usual)
  return settings.choice("insert", { "items", "takes" }, usual)
end

return inserting
