-- @noindex
-- What the daemon answers, read from the mailbox and handed to whom it concerns.

local arriving = require("bandmate.arriving")
local asks = require("bandmate.asks")
local console = require("bandmate.console")
local errands = require("bandmate.errands")
local items = require("bandmate.items")
local mailbox = require("bandmate.mailbox")
local messages = require("bandmate.messages")
local settings = require("bandmate.settings")

local answers = {}

local PROTOCOL = 1
local FILES_A_TICK = 64 -- so that a flood never holds up REAPER's window

answers.takes_reports = true -- until the daemon says that it knows of no reports

local function check_protocol(message)
  local said = messages.pairs_of(message, 3)
  if not said.protocol or said.protocol == PROTOCOL then return end
  console.say_once("protocol", string.format(
    "bandmate %s speaks protocol %s, this bridge %d: run `bandmate bridge install reaper` again.",
    said.version or "?", said.protocol, PROTOCOL))
end

-- What is told without being asked (the song, the transport) is no person's mistake.
local function show_error(message)
  local id = tostring(message[2])
  if id:match("^transport") then answers.takes_reports = false end
  local number = math.tointeger(tonumber(id))
  if not number then return end
  console.say_once("ask " .. asks.number_of(number), tostring(message[4] or message[3]))
  local ask = asks.of(id)
  if ask then asks.done(ask) end
end

local function heard(message)
  asks.heard_of(message[2])
end

local function show_progress(message)
  if asks.heard_of(message[2]) and math.type(message[4]) and math.type(message[5]) then
    console.show(string.format("bar %d of %d", message[4] + 1, message[5]))
  end
end

-- What a phrase became is shown, and offered for change with the next ask.
local function take_keywords(message)
  local ask, keywords = asks.heard_of(message[2]), messages.pairs_of(message, 3).keywords
  if not ask or not keywords then return end
  console.show(keywords)
  if items.track_by_guid(ask.track) then settings.set_of_project("keywords", keywords) end
end

local function take_hand(message, name)
  local made = messages.pairs_of(message, 3)
  if not math.type(made.cards) then return end
  for words in tostring(made.words or ""):gmatch("[^\n]+") do console.say(words) end
  arriving.take_hand(tostring(message[2]), made.cards, name)
end

local function marked(how)
  return function(message)
    local ask = asks.of(message[2])
    if not ask then return end
    asks.done(ask)
    console.show(string.format("take %s is %s", message[3], how))
  end
end

local function called_off(message)
  local ask = asks.of(message[2])
  if ask then asks.done(ask) end
end

local function take_made(is_placed)
  return function(message, name)
    arriving.take_made(
      tostring(message[2]), messages.pairs_of(message, 3), name, is_placed)
  end
end

local TAKEN = {
  ["/bandmate/hello"] = check_protocol,
  ["/bandmate/loop/queued"] = heard,
  ["/bandmate/loop/progress"] = show_progress,
  ["/bandmate/loop/made"] = take_made(false),
  ["/bandmate/clip/place"] = take_made(true),
  ["/bandmate/chords/queued"] = heard,
  ["/bandmate/keywords/found"] = take_keywords,
  ["/bandmate/card/made"] = function(message, name)
    arriving.take_card(
      tostring(message[2]), message[3], messages.pairs_of(message, 4), name)
  end,
  ["/bandmate/chords/made"] = take_hand,
  ["/bandmate/take/notes"] = function(message, name)
    local id, take, chunk, count, crc, data = table.unpack(message, 2, 7)
    arriving.take_notes(tostring(id), take, chunk, count, crc, data, name)
  end,
  ["/bandmate/take/accepted"] = marked("accepted"),
  ["/bandmate/take/rejected"] = marked("rejected"),
  ["/bandmate/cancelled"] = called_off,
  ["/bandmate/bridge/do"] = errands.take,
  ["/bandmate/error"] = show_error,
}

local broken = {} -- since when a file could not be read, by name

local function take_answer(name)
  local message = mailbox.read_answer(name)
  if not message then
    broken[name] = broken[name] or reaper.time_precise()
    if reaper.time_precise() - broken[name] < asks.PATIENCE then return end
  elseif TAKEN[message[1]] then
    local is_done, trouble = pcall(TAKEN[message[1]], message, name)
    if not is_done then
      console.say("an answer made no sense (" .. tostring(trouble) .. ").")
    end
  end
  broken[name] = nil
  if not arriving.is_held(name) then mailbox.remove_answer(name) end
end

-- Refuses what was wanted here before anything waited: it would be done long after it was meant.
function answers.refuse_old()
  for _, name in ipairs(mailbox.answer_names()) do
    local message = name:match("^%d+%.msg$") and mailbox.read_answer(name)
    if message and message[1] == "/bandmate/bridge/do" then
      mailbox.remove_answer(name)
      errands.refuse(message)
    end
  end
end

-- Takes what has come; returns how many answers that were.
function answers.take_in()
  local count = 0
  for _, name in ipairs(mailbox.answer_names()) do
    if count == FILES_A_TICK then break end
    if name:match("^%d+%.msg$") and not arriving.is_held(name) then
      take_answer(name)
      count = count + 1
    end
  end
  return count
end

return answers
