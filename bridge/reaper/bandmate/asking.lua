-- @noindex
-- How asks are put together and sent: for a loop, for chords, and for changes of what is there.

local asks = require("bandmate.asks")
local cards = require("bandmate.cards")
local console = require("bandmate.console")
local context = require("bandmate.context")
local items = require("bandmate.items")
local mailbox = require("bandmate.mailbox")
local settings = require("bandmate.settings")
local song = require("bandmate.song")
local watch = require("bandmate.watch")

local asking = {}

local MOST_BARS_OF_CHORDS = 16
local USUAL_PARTS = "drums,bass,keys"
local ADDRESSES = { loop = "/bandmate/loop/ask", chords = "/bandmate/chords/ask" }

-- What every ask tells: the song, and those settings whose row says *what*.
local function said_of(found, what, key)
  local said = { "tempo", found.tempo, "meter", song.meter(found), "notes", "blob" }
  local function add(name, value)
    if value ~= "" then said[#said + 1], said[#said + 2] = name, value end
  end
  add("key", key)
  for _, row in ipairs(settings.ROWS) do
    if row[what] and row.name ~= "key" then add(row.name, settings.get(row.name)) end
  end
  return said, add
end

local function failed(trouble)
  console.say("the ask could not be written (" .. tostring(trouble) .. ").")
end

-- Puts the notes that an ask speaks of beside it and names them in it; returns nil and why it cannot.
local function put_context(number, given, said)
  local path, trouble = mailbox.put_notes(number, given)
  if not path then return nil, trouble end
  said[#said + 1], said[#said + 2] = "context", path
  return true
end

-- Says hello and tells the song, then the ask; *ask* is what is remembered until it is answered.
-- Returns true where it was sent.
local function send(ask, found, key, address, said)
  local first, trouble = watch.say_hello()
  if not first then return failed(trouble) end
  watch.told(found)
  mailbox.send("/bandmate/song/set", song.said(found, key))
  if ask.keywords then mailbox.send("/bandmate/keywords/set", { "keywords", ask.keywords }) end
  ask.first, ask.number = first, mailbox.next_number()
  local is_sent = true
  if ask.file then is_sent, trouble = put_context(ask.number, ask.file, said) end
  if is_sent then is_sent, trouble = mailbox.send_ask(address, said, ask.number) end
  if not is_sent then
    mailbox.forget(ask.number, ask.number)
    return failed(trouble)
  end
  asks.add(ask)
  return true
end

----------------------------------------------------------------------------- loops

local function names_in(text)
  local names = {}
  for word in text:gmatch("[^,]+") do names[#names + 1] = word:match("^%s*([%a%d]*)") end
  return names
end

-- What a loop is to play to: the selected items that sound at its place, unless they already hold all
-- the parts that are wanted. Cards are followed and not played to.
local function played_to(found, entries)
  if not settings.is_on("context", true) or not math.type(found.bars) then return {}, 0 end
  local to, heard = found.qn + found.bars * found.bar, {}
  for _, entry in ipairs(context.overlapping(entries, found.qn, to)) do
    if not items.card_of(entry.take) then heard[#heard + 1] = entry end
  end
  local parts, count = context.parts_of(heard, found.qn, to)
  local there = {}
  for _, part in ipairs(parts) do there[part.known or ""] = true end
  local wanted = settings.get("parts")
  for _, name in ipairs(names_in(wanted ~= "" and wanted or USUAL_PARTS)) do
    if not there[name] then return parts, count end
  end
  return {}, 0
end

function asking.for_a_loop(track, entries)
  local found = song.read()
  local parts, count = played_to(found, entries)
  local key = song.key(entries)
  local said, add = said_of(found, "loop", key)
  add("bars", found.bars)
  local ask = { kind = "loop", track = reaper.GetTrackGUID(track), qn = found.qn, given = #parts }
  if #parts > 0 then
    ask.file = context.file_of(parts, count, found.bars * found.bar, found)
    if not ask.file then return end
    if settings.get("parts") == "" then add("parts", USUAL_PARTS) end
  end
  if settings.get("chords") == "" then add("card", cards.chosen() or "") end
  return send(ask, found, key, ADDRESSES.loop, said)
end

----------------------------------------------------------------------------- chords

function asking.for_chords(track, entries, wish)
  local found = song.read()
  if math.type(found.bars) then found.bars = math.min(found.bars, MOST_BARS_OF_CHORDS) end
  local key = song.key(entries)
  local said, add = said_of(found, "chords", key)
  add("bars", found.bars)
  add("text", wish.text)
  if wish.text == "" then add("keywords", wish.keywords) end
  local ask = {
    kind = "chords", track = reaper.GetTrackGUID(track), qn = found.qn, keywords = wish.keywords,
  }
  return send(ask, found, key, ADDRESSES.chords, said)
end

---------------------------------------------------------------- what is there already

-- Asks for a change of what the items hold. *kind* is how the answer is written, *more* the names and
-- values that say what is wanted; *length* is in bars, nil for as many as there are.
function asking.for_a_change(kind, entries, more, bars)
  local from, to = context.span_of(entries)
  local found = song.read(from)
  local whole = math.max(1, math.ceil((to - from) / found.bar - 1e-6)) * found.bar
  local parts, count = context.parts_of(entries, from, to)
  if #parts == 0 then
    return console.say("the selected items hold no notes; ask for a loop in their place.")
  end
  local key = song.key(entries)
  local said, add = said_of(found, "change", key)
  local file = context.file_of(parts, count, whole, found)
  if not file then return end
  add("bars", bars or "")
  for i = 1, #more, 2 do add(more[i], more[i + 1]) end
  return send({
    kind = kind, file = file, track = reaper.GetTrackGUID(entries[#entries].track),
    qn = kind == "continue" and from + whole or from, given = #parts,
    targets = kind ~= "add" and context.targets_of(parts, from) or nil,
  }, found, key, ADDRESSES.loop, said)
end

-- How many bars follow: those of the time selection where it lies behind the items, else as many as
-- the items have, at most as the daemon writes.
function asking.bars_to_continue(entries)
  local from, to = context.span_of(entries)
  local found = song.read(from)
  local start, finish = song.selection()
  local length = to - from
  if start and reaper.TimeMap2_timeToQN(0, start) >= to - found.bar / 2 then
    length = reaper.TimeMap2_timeToQN(0, finish) - to
  end
  return math.max(1, math.floor(length / found.bar + 0.5))
end

-- The bars of the items in which the time selection lies, "3-4", or nil where it lies elsewhere.
function asking.selected_bars(entries)
  local from, to = context.span_of(entries)
  local start, finish = song.selection()
  if not start then return nil end
  local bar = song.read(from).bar
  local first = (reaper.TimeMap2_timeToQN(0, start) - from) / bar
  local last = (math.min(reaper.TimeMap2_timeToQN(0, finish), to) - from) / bar
  first, last = math.max(0, math.floor(first + 1e-6)), math.ceil(last - 1e-6)
  return first < last and string.format("%d-%d", first + 1, last) or nil
end

-------------------------------------------------------------------------- opinions

-- Tells the daemon what a person thinks of takes: *how* is accept or reject.
function asking.to_mark(numbers, how)
  for _, take in ipairs(numbers) do
    local number, trouble = mailbox.send_ask("/bandmate/take/" .. how, { take })
    if not number then return failed(trouble) end
    asks.add({ number = number, first = number, kind = how, track = "-", qn = 0 })
  end
  return true
end

return asking
