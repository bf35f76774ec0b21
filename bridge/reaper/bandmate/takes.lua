-- @noindex
-- The takes of items: from one to the next, and what a person thinks of them.

local inserting = require("bandmate.inserting")
local items = require("bandmate.items")
local settings = require("bandmate.settings")

local takes = {}

local DELETE_TAKE = 40129 -- REAPER's "Take: Delete active take from items"

-- The selected items with bandmate's or several takes, else those that were inserted last.
function takes.in_question()
  local found = items.selected()
  if #found > 0 then return found end
  for guid in settings.of_project("last_items"):gmatch("%S+") do
    local item = items.by_guid(guid)
    found[#found + 1] = item and items.entry_of(item) or nil
  end
  return found
end

function takes.with_several(entries)
  local found = {}
  for _, entry in ipairs(entries) do
    if reaper.CountTakes(entry.item) > 1 then found[#found + 1] = entry end
  end
  return found
end

local function place_of(entry, count)
  for i = 0, count - 1 do
    if reaper.GetTake(entry.item, i) == entry.take then return i end
  end
  return 0
end

local function turn(entries, step)
  for _, entry in ipairs(entries) do
    local count = reaper.CountTakes(entry.item)
    for i = 1, count do
      -- A lane may be empty: REAPER has no take there.
      local take = reaper.GetTake(entry.item, (place_of(entry, count) + i * step) % count)
      if take then
        reaper.SetActiveTake(take)
        break
      end
    end
  end
end

function takes.turn(entries, step)
  local words = step > 0 and "next take" or "previous take"
  inserting.as_one_step("the " .. words, words, turn, entries, step)
end

-- The numbers of bandmate's takes that sound in items, each once, in order.
function takes.numbers_of(entries)
  local numbers, seen = {}, {}
  for _, entry in ipairs(entries) do
    local number = items.number_of(entry.take)
    if number and not seen[number] then
      seen[number] = true
      numbers[#numbers + 1] = number
    end
  end
  return numbers
end

local function remove(entries)
  for _, entry in ipairs(entries) do
    if reaper.CountTakes(entry.item) > 1 then
      reaper.SelectAllMediaItems(0, false)
      reaper.SetMediaItemSelected(entry.item, true)
      reaper.Main_OnCommand(DELETE_TAKE, 0)
    else
      reaper.DeleteTrackMediaItem(entry.track, entry.item)
    end
  end
end

-- Takes bandmate's takes out of items: with the last one goes its item.
function takes.remove(entries, numbers)
  local ours = {}
  for _, entry in ipairs(entries) do
    if items.number_of(entry.take) then ours[#ours + 1] = entry end
  end
  local words = "reject take " .. table.concat(numbers, ", ")
  inserting.as_one_step("the rejection", words, remove, ours)
end

return takes
