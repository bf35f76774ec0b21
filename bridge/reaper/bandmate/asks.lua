-- @noindex
-- Asks that wait for an answer. They also lie in ExtState, because each action ends the script that
-- waited before it and waits in its place.
--
-- An ask is {number, first, kind, track, qn, heard, sent, given, targets}: its id, the number of the
-- first message that went with it, what was asked, the track and the place (in quarter notes) of what
-- is to come, when it was last heard of and last sent, how many parts it gave to play to, and for each
-- of them its item, its channel and the item's place behind *qn*.

local mailbox = require("bandmate.mailbox")

local asks = {}

asks.PATIENCE = 60 -- seconds without a word after which an ask is given up
local AGAIN = 15 -- seconds without a word after which it is sent again
local FIELDS = "(%d+) (%d+) (%a+) (%S+) (%S+) (%S+) (%S+) (%d+) ([^;]*)"

local pending = {}
local answered = {} -- {first, number} of asks, for what is still said about them

local function target_to_text(target)
  return string.format("%s/%d/%.17g", target.item, target.channel, target.behind)
end

local function targets_of(text)
  local targets = {}
  for item, channel, behind in text:gmatch("([^/,]+)/(%d+)/([^,]+)") do
    targets[#targets + 1] = {
      item = item, channel = math.tointeger(tonumber(channel)), behind = tonumber(behind),
    }
  end
  return targets
end

local function to_text(ask)
  local targets = {}
  for i, target in ipairs(ask.targets) do targets[i] = target_to_text(target) end
  return string.format("%d %d %s %s %.17g %.17g %.17g %d %s", ask.number, ask.first, ask.kind,
    ask.track, ask.qn, ask.heard, ask.sent, ask.given, table.concat(targets, ","))
end

local function keep()
  local lines = {}
  for _, ask in pairs(pending) do lines[#lines + 1] = to_text(ask) end
  reaper.SetExtState("bandmate", "pending", table.concat(lines, ";"), false)
end

function asks.recall()
  local kept = reaper.GetExtState("bandmate", "pending")
  for number, first, kind, track, qn, heard, sent, given, targets in kept:gmatch(FIELDS) do
    number = math.tointeger(tonumber(number))
    pending[number] = {
      number = number, first = math.tointeger(tonumber(first)), kind = kind, track = track,
      qn = tonumber(qn), heard = tonumber(heard), sent = tonumber(sent),
      given = math.tointeger(tonumber(given)), targets = targets_of(targets),
    }
  end
end

function asks.add(ask)
  ask.heard = reaper.time_precise()
  ask.sent = ask.heard
  ask.given = ask.given or 0
  ask.targets = ask.targets or {}
  pending[ask.number] = ask
  keep()
end

function asks.done(ask)
  pending[ask.number] = nil
  answered[#answered + 1] = { first = ask.first, number = ask.number }
  mailbox.forget(ask.first, ask.number)
  keep()
end

function asks.of(id)
  return pending[math.tointeger(tonumber(id))]
end

function asks.heard_of(id)
  local ask = asks.of(id)
  if ask then ask.heard = reaper.time_precise() end
  return ask
end

local function around(found, number)
  for _, ask in pairs(found) do
    if number >= ask.first and number <= ask.number then return ask.number end
  end
end

-- Whether the message of this number went with an ask that waits.
function asks.is_waited_for(number)
  return around(pending, number) ~= nil
end

-- The number of the ask that a message went with, its own where there is none.
function asks.number_of(number)
  return around(pending, number) or around(answered, number) or number
end

function asks.is_any()
  return next(pending) ~= nil
end

-- An ask that nothing was heard of for too long, or nil.
function asks.overdue(now)
  for _, ask in pairs(pending) do
    if now - ask.heard > asks.PATIENCE then return ask end
  end
end

-- Asks whose silence is long enough that the daemon may have been started anew; each is told once.
function asks.to_repeat(now)
  local found = {}
  for _, ask in pairs(pending) do
    if now - math.max(ask.heard, ask.sent) > AGAIN then
      ask.sent = now
      found[#found + 1] = ask
    end
  end
  if #found > 0 then keep() end
  return found
end

-- All asks, to be sent again to a daemon that has forgotten them.
function asks.all(now)
  local found = {}
  for _, ask in pairs(pending) do
    ask.sent = now
    found[#found + 1] = ask
  end
  return found
end

return asks
