-- @noindex
-- What the project says: tempo, meter, length and key at the place where a clip is to go.

local hearing = require("bandmate.hearing")
local items = require("bandmate.items")
local settings = require("bandmate.settings")

local song = {}

local MOST_NOTES_HEARD = 2000 -- of a project, for its key

-- The tempo map at a time: tempo in quarter notes a minute, and the meter.
function song.map_at(time)
  local numerator, denominator = reaper.TimeMap_GetTimeSigAtTime(0, time)
  local qn = reaper.TimeMap2_timeToQN(0, time)
  -- Measured on the tempo map, because REAPER's own figure may count the meter's denominator.
  local tempo = 60 * (reaper.TimeMap2_timeToQN(0, time + 0.001) - qn) / 0.001
  return {
    qn = qn,
    tempo = tonumber(string.format("%.4f", tempo)) + 0.0,
    numerator = math.floor(numerator),
    denominator = math.floor(denominator),
  }
end

local function bars_wanted()
  local bars = settings.get("bars")
  return tonumber(bars) or bars ~= "" and bars or 4
end

-- The time selection, or nil.
function song.selection()
  local from, to = reaper.GetSet_LoopTimeRange(false, false, 0, 0, false)
  if to > from then return from, to end
end

-- What the project says at a quarter note, or else where the time selection begins, or the cursor is.
function song.read(qn)
  local from, to = song.selection()
  local at = qn and reaper.TimeMap2_QNToTime(0, qn) or from or reaper.GetCursorPosition()
  local found = song.map_at(at)
  found.qn = qn or found.qn
  found.bar = found.numerator * 4 / found.denominator
  found.is_playing = reaper.GetPlayState() & 1
  found.bars = bars_wanted()
  if from and to > at then
    local beats = reaper.TimeMap2_timeToQN(0, to) - found.qn
    found.bars = math.max(1, math.floor(beats / found.bar + 0.5))
  end
  return found
end

local function heard_in_project()
  local notes = {}
  for i = 0, reaper.CountMediaItems(0) - 1 do
    local entry = items.entry_of(reaper.GetMediaItem(0, i))
    for _, note in ipairs(entry and items.notes_of(entry) or {}) do
      notes[#notes + 1] = note
      if #notes >= MOST_NOTES_HEARD then return hearing.key_of(notes) end
    end
  end
  return hearing.key_of(notes)
end

-- The scale that the MIDI editor keeps for an item, where it is a key.
local function scale_of(entries)
  for _, entry in ipairs(entries) do
    local is_set, root, scale = reaper.MIDI_GetScale(entry.take, 0, 0, "")
    if is_set then return hearing.key_of_scale(root, scale) end
  end
end

-- The key that an ask tells: as it is set, else as the MIDI editor has it for the selected items; where
-- the setting is "heard" it is heard in them or in the whole project. "" leaves it open.
function song.key(entries)
  local key = settings.get("key")
  if key ~= "" and key:lower() ~= "heard" then return key end
  local told = scale_of(entries)
  if told or key == "" then return told or "" end
  local notes = {}
  for _, entry in ipairs(entries) do
    for _, note in ipairs(items.notes_of(entry)) do notes[#notes + 1] = note end
  end
  return hearing.key_of(notes) or heard_in_project() or ""
end

function song.meter(found)
  return found.numerator .. "/" .. found.denominator
end

-- What `/bandmate/song/set` tells.
function song.said(found, key)
  local said = {
    "tempo", found.tempo, "signature_numerator", found.numerator,
    "signature_denominator", found.denominator, "is_playing", found.is_playing,
  }
  if key ~= "" then said[#said + 1], said[#said + 2] = "key", key end
  return said
end

return song
