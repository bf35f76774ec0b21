-- @noindex
-- What goes on in the background, about thirty times a second: answers are taken, the daemon is looked
-- for, and while the project rolls it is told where. One script does it, whichever action ran last.

local answers = require("bandmate.answers")
local arriving = require("bandmate.arriving")
local asks = require("bandmate.asks")
local console = require("bandmate.console")
local mailbox = require("bandmate.mailbox")
local settings = require("bandmate.settings")
local song = require("bandmate.song")

local watch = {}

local SECTION = "bandmate"
local LOOK = 0.2 -- seconds between two looks into the mailbox while nothing is waited for
local REPORT = 0.1 -- seconds between two reports while the project rolls
local SONG = 1 -- seconds between two looks at the tempo map
local ROLLS = 1 -- a bit of the play state

local instance
local due = { look = -math.huge, daemon = -math.huge, report = -math.huge, song = -math.huge }
local is_there, was_rolling = false, false
local told_song -- what was told last, as text

local function is_due(what, now, seconds)
  if now - due[what] < seconds then return false end
  due[what] = now
  return true
end

----------------------------------------------------------------------- the daemon

function watch.say_hello()
  return mailbox.send(
    "/bandmate/hello", { "client", "reaper", "version", watch.VERSION, "owns", "daw" })
end

-- A daemon that was started anew has forgotten who holds the DAW, the song and what was asked.
local function greet(now)
  answers.takes_reports = true
  watch.say_hello()
  told_song = nil
  for _, ask in ipairs(asks.all(now)) do mailbox.send_again(ask.number) end
end

local function look_for_daemon(now)
  local was_there = is_there
  is_there = mailbox.is_daemon_there()
  if is_there and not was_there then greet(now) end
  if was_there and not is_there then
    mailbox.take_back(asks.is_waited_for)
  end
end

local function repeat_asks(now)
  if not is_there then return end
  for _, ask in ipairs(asks.to_repeat(now)) do
    watch.say_hello()
    mailbox.send_again(ask.number)
  end
end

local function drop_overdue(now)
  local ask = asks.overdue(now)
  if ask then
    asks.done(ask)
    if mailbox.is_daemon_there() then
      mailbox.send("/bandmate/cancel", {}, string.format("%d", ask.number))
    end
    console.say(string.format("no answer came within %d seconds; ask again.", asks.PATIENCE))
  end
  arriving.drop_overdue(now)
end

---------------------------------------------------------------------- the project

-- Remembers what was told of the song, so that only a change is told again.
function watch.told(found)
  told_song = string.format("%.3f %s %d", found.tempo, song.meter(found), found.is_playing)
end

local function tell_song(found)
  local before = told_song
  watch.told(found)
  if told_song == before then return end
  local number = mailbox.next_number()
  mailbox.send("/bandmate/song/set", song.said(found, ""), "song " .. number, number)
end

local function tell_transport(found, is_rolling)
  mailbox.report("/bandmate/transport/report", "transport", {
    "beat", found.qn + 0.0, "tempo", found.tempo, "meter", song.meter(found),
    "is_rolling", is_rolling and 1 or 0,
  })
end

local function tell_project(now)
  local is_rolling = reaper.GetPlayState() & ROLLS == ROLLS
  local is_change = is_rolling ~= was_rolling
  was_rolling = is_rolling
  local wants_report = is_change or is_rolling and is_due("report", now, REPORT)
  local wants_song = is_change or is_rolling and is_due("song", now, SONG)
  if not (wants_report or wants_song) or not is_there or not settings.is_on("report", true) then
    return
  end
  local found = song.map_at(is_rolling and reaper.GetPlayPosition() or reaper.GetCursorPosition())
  found.is_playing = is_rolling and 1 or 0
  if wants_report and answers.takes_reports then tell_transport(found, is_rolling) end
  if wants_song then tell_song(found) end
end

---------------------------------------------------------------------------- the tick

local function step()
  local now = reaper.time_precise()
  if asks.is_any() or arriving.is_any() or is_due("look", now, LOOK) then answers.take_in() end
  drop_overdue(now)
  if is_due("daemon", now, 1) then look_for_daemon(now) end
  repeat_asks(now)
  tell_project(now)
end

local function tick()
  if reaper.GetExtState(SECTION, "loop") ~= instance then return end -- a newer run took over
  local is_done, trouble = pcall(step)
  if not is_done then
    console.say_once("step", "something went wrong (" .. tostring(trouble) .. ").")
  end
  reaper.defer(tick)
end

local function own_path()
  local _, path = reaper.get_action_context()
  return tostring(path)
end

-- Whether this same action waited until now: REAPER 7 ended it when it was run again.
function watch.was_mine()
  return reaper.GetExtState(SECTION, "loop_script") == own_path()
end

-- Begins to wait, in the place of the script that waited until now.
function watch.open()
  if reaper.set_action_options then
    reaper.set_action_options(3) -- REAPER 7: run again without a question; the new run takes over
  end
  instance = reaper.genGuid("")
  reaper.SetExtState(SECTION, "loop", instance, false)
  reaper.SetExtState(SECTION, "loop_script", own_path(), false)
  is_there = mailbox.is_daemon_there()
  due.daemon = reaper.time_precise()
  was_rolling = reaper.GetPlayState() & ROLLS == ROLLS
  answers.refuse_old()
  tick()
end

return watch
