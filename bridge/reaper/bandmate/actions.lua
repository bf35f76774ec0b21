-- @noindex
-- What each action does, from what is selected to what is sent.

local asking = require("bandmate.asking")
local asks = require("bandmate.asks")
local console = require("bandmate.console")
local errands = require("bandmate.errands")
local items = require("bandmate.items")
local mailbox = require("bandmate.mailbox")
local settings = require("bandmate.settings")
local song = require("bandmate.song")
local takes = require("bandmate.takes")
local watch = require("bandmate.watch")
local window = require("bandmate.window")

local actions = {}

local USUAL_VARY = "0.5"

local function is_daemon_there()
  if mailbox.is_daemon_there() then return true end
  console.say("the daemon is not running; start it with `bandmate serve` in a terminal.")
  return false
end

-- The track that the answer is to go on, or nil after saying what is missing.
local function track_to_ask_for(what)
  local track = reaper.GetSelectedTrack(0, 0)
  if not track then
    return console.say("select the track that the " .. what .. " to go on, then ask again.")
  end
  return is_daemon_there() and track or nil
end

-- The selected MIDI items, or nil after saying what is missing.
local function items_to(what)
  local entries = items.selected()
  if #entries == 0 then
    return console.say("select the MIDI item that is to be " .. what .. ", then ask again.")
  end
  return is_daemon_there() and entries or nil
end

local function ask_for_a_loop()
  local track = track_to_ask_for("loop is")
  return track and asking.for_a_loop(track, items.selected())
end

-- A dialog opens only once it is sure that an answer can come, and only for a person who is there:
-- *said* is what somebody said elsewhere.
local function ask_for_chords(said)
  local track = track_to_ask_for("chords are")
  if not track then return end
  local wish = said and settings.inspiration_of(said) or settings.what_inspires()
  return wish and asking.for_chords(track, items.selected(), wish)
end

local function vary_selected_item()
  local entries = items_to("varied")
  if not entries then return end
  local far = settings.get("vary")
  return asking.for_a_change("vary", entries, { "vary", far ~= "" and far or USUAL_VARY })
end

local function fill_selected_bars()
  local entries = items_to("filled")
  if not entries then return end
  local bars = asking.selected_bars(entries)
  if not bars then
    return console.say("drag a time selection over the bars of the item that are to be filled.")
  end
  return asking.for_a_change("fill", entries, { "refill", bars })
end

local function continue()
  local entries = items_to("continued")
  if not entries then return end
  return asking.for_a_change(
    "continue", entries, { "continues", "on" }, asking.bars_to_continue(entries))
end

local function adding(part)
  return function()
    local entries = items_to("played to")
    return entries and asking.for_a_change("add", entries, { "add", part })
  end
end

local function turning(step)
  return function()
    local entries = takes.with_several(takes.in_question())
    if #entries == 0 then
      return console.say("no selected item has several takes; vary it to get another.")
    end
    takes.turn(entries, step)
    return true
  end
end

-- The items in question and the numbers of their takes, or nil after saying what is missing.
local function takes_to(what)
  local entries = takes.in_question()
  local numbers = takes.numbers_of(entries)
  if #numbers == 0 then
    return console.say("select an item of bandmate's that is to be " .. what .. ".")
  end
  if is_daemon_there() then return entries, numbers end
end

local function accept()
  local entries, numbers = takes_to("accepted")
  return entries and asking.to_mark(numbers, "accept")
end

local function reject()
  local entries, numbers = takes_to("rejected")
  if not entries or not asking.to_mark(numbers, "reject") then return end
  takes.remove(entries, numbers)
  return true
end

-- Waits for takes that are chosen elsewhere and tells where the project is.
local function follow()
  if not is_daemon_there() then return true end
  watch.say_hello()
  local found = song.read()
  watch.told(found)
  mailbox.send("/bandmate/song/set", song.said(found, song.key({})))
  return true
end

-- Each returns true where there is something to wait for.
local ACTIONS = {
  ask_for_a_loop = ask_for_a_loop,
  ask_for_chords = ask_for_chords,
  vary_selected_item = vary_selected_item,
  fill_selected_bars = fill_selected_bars,
  continue = continue,
  add_drums = adding("drums"),
  add_bass = adding("bass"),
  add_keys = adding("keys"),
  accept = accept,
  reject = reject,
  follow = follow,
}

-- These are done at once and wait for nothing.
local AT_ONCE = {
  next_take = turning(1),
  previous_take = turning(-1),
  settings = window.open,
}

-- What can be wanted from elsewhere: the words, what does it, and what is told once it is done.
for _, errand in ipairs({
  { "loop", ask_for_a_loop, "a loop is asked for" },
  { "chords", ask_for_chords, "chords are asked for" },
  { "vary", vary_selected_item, "a variation is asked for" },
  { "fill", fill_selected_bars, "new notes for those bars are asked for" },
  { "continue", continue, "what follows is asked for" },
  { "add drums", ACTIONS.add_drums, "drums are asked for" },
  { "add bass", ACTIONS.add_bass, "a bass is asked for" },
  { "add keys", ACTIONS.add_keys, "keys are asked for" },
  { "accept", accept, "bandmate is told that the take is accepted" },
  { "reject", reject, "bandmate is told that the take is rejected, and it is out of the project" },
  { "next", AT_ONCE.next_take, "the next take sounds" },
  { "previous", AT_ONCE.previous_take, "the take before it sounds" },
}) do
  errands.can(table.unpack(errand))
end

function actions.run(name)
  if AT_ONCE[name] then return AT_ONCE[name]() end
  mailbox.open()
  asks.recall()
  local is_done, is_waiting = pcall(ACTIONS[name])
  if not is_done then
    console.say("something went wrong (" .. tostring(is_waiting) .. ").")
  end
  if is_done and is_waiting or watch.was_mine() then watch.open() end
end

return actions
