-- What each action does, from the selected region to the notes that are written.

local folder, params = ...

-- Each part of the bridge is given the folder, what is told, and what it stands on.
local function part (name, ...)
  return assert (loadfile (folder .. "bandmate/" .. name .. ".lua")) (folder, params, ...)
end

local daemon = part ("daemon")
local clips, midifile, regions = part ("clips"), part ("midifile"), part ("regions")
local takes = part ("takes", daemon)

local LOOP = { "key", "parts", "preset", "genre", "chords", "seed" }
local CHORDS = { "text", "keywords", "key", "rhythm", "voicing", "seed" }
local CHANGE = { "key", "genre", "chords", "seed" }
local DRUM_CHANNEL = 9 -- from 0
local MOST_BARS_OF_CHORDS = 16

local actions = {}

--------------------------------------------------------------------- asking

local for_once -- what was said elsewhere, while something is done for somebody who is not at the window

-- From now on what is *said* stands for what a dialog would ask; nil ends it.
function actions.stand_in (said)
  for_once = said
end

-- What the person wishes: by the dialog, which begins with what was said last, or as params say.
local function wishes (title, names)
  if for_once then return for_once end
  if not LuaDialog then return params end
  local rows = {}
  for i, name in ipairs (names) do
    rows[i] = { type = "entry", key = name, title = name, default = params[name] or "" }
  end
  rows[#rows + 1] =
    { type = "entry", key = "port", title = "port of the daemon", default = params.port or "7770" }
  local said = LuaDialog.Dialog (title, rows):run ()
  for _, row in ipairs (rows) do
    params[row.key] = said and said[row.key] or params[row.key] -- the next run begins with these
  end
  return said
end

local function said_of (song, names, wish)
  local said = {
    "tempo", song.tempo, "meter", song.numerator .. "/" .. song.denominator, "notes", "blob",
  }
  for _, name in ipairs (names) do
    if wish[name] and wish[name] ~= "" then said[#said + 1], said[#said + 2] = name, wish[name] end
  end
  return said
end

local function song_said (song)
  return {
    "tempo", song.tempo, "signature_numerator", song.numerator,
    "signature_denominator", song.denominator, "is_playing", song.is_playing,
  }
end

-- Asks and returns the parts of the first clip that comes, and what was told of it; nil where none did.
local function got (address, said, song, made, last)
  local clip, take = clips.gathering (made, last, daemon.pairs_of)
  if not daemon.converse (address, said, take, song_said (song)) then return nil end
  if not clip.made then return daemon.say ("no chords came; ask again.") end
  local parts = clips.read (clip)
  if not parts then
    return daemon.say ("the notes of take " .. clip.take .. " arrived damaged; ask again.")
  end
  clip.made.take = clip.take
  return parts, clip.made
end

-- The region in question, or nil after saying what is missing.
local function region_to (what)
  local region, midi = regions.selected ()
  if not region then
    return daemon.say ("select the MIDI region that is to be " .. what .. ", then ask again.")
  end
  if daemon.is_there () then return region, midi end
end

-- Writes a take into a region and remembers what was there.
local function fill (region, midi, song, parts, made)
  local before = regions.notes_of (region, midi, song.length)
  regions.write (region, midi, parts, "take " .. made.take)
  takes.remember (regions.id_of (region), made.take, before)
  return made.take
end

-------------------------------------------------------------- loops and chords

function actions.ask ()
  local region, midi = region_to ("filled (draw an empty one)")
  if not region then return end
  local wish = wishes ("Ask bandmate for a loop", LOOP)
  if not wish then return end
  local song = regions.song_at (region)
  local said = said_of (song, LOOP, wish)
  said[#said + 1], said[#said + 2] = "bars", song.bars
  local parts, made = got ("/bandmate/loop/ask", said, song, "/bandmate/loop/made")
  if parts then return fill (region, midi, song, parts, made) end
end

function actions.chords ()
  local region, midi = region_to ("filled with chords (draw an empty one)")
  if not region then return end
  local wish = wishes ("Ask bandmate for chords", CHORDS)
  if not wish then return end
  local song = regions.song_at (region)
  local said = said_of (song, CHORDS, wish)
  said[#said + 1], said[#said + 2] = "bars", math.min (song.bars, MOST_BARS_OF_CHORDS)
  said[#said + 1], said[#said + 2] = "cards", 1
  local parts, made =
    got ("/bandmate/chords/ask", said, song, "/bandmate/card/made", "/bandmate/chords/made")
  if not parts then return end
  region:set_name (made.symbols .. " #" .. made.take)
  return fill (region, midi, song, parts, made)
end

--------------------------------------------------------------- what is there already

-- Asks for a change of what a region holds; *more* says which. Returns the parts that come back, what
-- was told of them, the song, and the parts that the region holds.
local function changed (region, midi, title, more)
  local song = regions.song_at (region)
  local there = regions.notes_of (region, midi, song.length)
  if #there == 0 then
    return daemon.say ("the region holds no notes; ask for a loop in its place.")
  end
  local wish = wishes (title, CHANGE)
  if not wish then return end
  for _, voice in ipairs (there) do
    voice.name = #there == 1 and regions.track_of (region):name () or ""
  end
  local path = daemon.path_for_notes ()
  local is_written, trouble = daemon.write_file (path, midifile.of (there, song.bars * song.bar, song))
  if not is_written then return daemon.say ("the notes could not be told (" .. trouble .. ").") end
  local said = said_of (song, CHANGE, wish)
  said[#said + 1], said[#said + 2] = "context", path
  for _, value in ipairs (more) do said[#said + 1] = value end
  local parts, made = got ("/bandmate/loop/ask", said, song, "/bandmate/loop/made")
  os.remove (path)
  return parts, made, song, there
end

-- Gives the parts that come back the channels that they had.
local function with_channels (parts, there)
  for i, voice in ipairs (there) do
    if parts[i] then parts[i].channel = voice.channel end
  end
  return parts
end

function actions.vary ()
  local region, midi = region_to ("varied")
  if not region then return end
  local far = tonumber ((for_once or params).vary) or 0.5
  local parts, made, song, there = changed (region, midi, "Vary the region", { "vary", far })
  if parts then return fill (region, midi, song, with_channels (parts, there), made) end
end

function actions.continue ()
  local region, midi = region_to ("continued")
  if not region then return end
  local bars = regions.song_at (region).bars
  local parts, made, song, there =
    changed (region, midi, "Continue the region", { "continues", "on", "bars", bars })
  if not parts then return end
  local added = regions.add (region, regions.track_of (region), song.start + song.bars * song.bar,
    made.length, with_channels (parts, there), "take " .. made.take)
  takes.remember (regions.id_of (added), made.take, {}, true)
  return made.take
end

-- Adds a part on a track of its own.
function actions.add (name)
  local region, midi = region_to ("played to")
  if not region then return end
  local parts, made, song, there = changed (region, midi, "Add " .. name, { "add", name })
  if not parts then return end
  local part = parts[#there + 1]
  if not part then return daemon.say ("take " .. made.take .. " has no part more than the region.") end
  part.channel = part.name:match ("^drums") and DRUM_CHANNEL or 0
  local added = regions.add (region, regions.new_track (part.name), song.start, made.length, { part },
    "take " .. made.take)
  takes.remember (regions.id_of (added), made.take, {}, true)
  return made.take
end

------------------------------------------------------------------------- opinions

local function mark (how)
  local region, midi = region_to (how .. "ed")
  if not region then return end
  local id = regions.id_of (region)
  local take, before, is_new = takes.of (id)
  if not take then return daemon.say ("the region holds no take of bandmate's.") end
  local is_done = daemon.converse ("/bandmate/take/" .. how, { take }, function (message)
    return message[1] == "/bandmate/take/" .. how .. "ed"
  end)
  if is_done then return take, region, midi, before, is_new end
end

function actions.accept ()
  return (mark ("accept"))
end

-- What was there before comes back; a region that was made for the take goes.
function actions.reject ()
  local take, region, midi, before, is_new = mark ("reject")
  if not take then return end
  takes.forget (regions.id_of (region))
  if not is_new then
    regions.write (region, midi, before, "reject take " .. take)
    return take
  end
  local playlist = regions.track_of (region):playlist ()
  Session:begin_reversible_command ("bandmate: reject take " .. take)
  playlist:to_stateful ():clear_changes ()
  playlist:remove_region (region)
  Session:add_stateful_diff_command (playlist:to_statefuldestructible ())
  Session:commit_reversible_command (nil)
  return take
end

---------------------------------------------------------------- chosen elsewhere

-- Writes a take that was chosen elsewhere into the selected region.
local function place (clip)
  local parts = clips.read (clip)
  local region, midi = regions.selected ()
  if not parts or not region then
    return daemon.say ("take " .. clip.take .. " finds no selected MIDI region; it lies in " ..
      clip.made.file .. ".")
  end
  clip.made.take = clip.take
  fill (region, midi, regions.song_at (region), parts, clip.made)
end

local errands = part ("errands", daemon, actions)
local hear, shut, clip, take_in
local function listen ()
  local message = hear and hear ()
  while message do
    if message[1] == "/bandmate/bridge/do" then
      errands.take (message)
    elseif message[1] == "/bandmate/clip/place" then
      clip, take_in = clips.gathering (message[1], nil, daemon.pairs_of)
    end
    if take_in and take_in (message) then
      take_in = nil
      place (clip)
    end
    message = hear ()
  end
end

-- A daemon that was started anew has forgotten who holds the DAW.
local was_there = false
local function greet ()
  local is_there = daemon.is_alive ()
  if is_there and not was_there then
    if shut then shut () end
    hear, shut = daemon.ear ()
  end
  was_there = is_there
end

------------------------------------------------------------------------ transport

-- Tells where the session is while it rolls, and when it stops.
local was_rolling = false
local function report ()
  local is_rolling = Session:transport_rolling ()
  if not is_rolling and not was_rolling then return end
  was_rolling = is_rolling
  local now = Temporal.timepos_t (Session:transport_sample ())
  local map = Temporal.TempoMap.read ()
  local meter = map:meter_at (now)
  daemon.send ("/bandmate/transport/report", "transport", {
    "beat", regions.beats_of (map:quarters_at (now)) + 0.0,
    "tempo", map:quarters_per_minute_at (now) + 0.0,
    "meter", math.floor (meter:divisions_per_bar ()) .. "/" .. math.floor (meter:note_value ()),
    "is_rolling", is_rolling and 1 or 0,
  })
  map = nil
  collectgarbage ()
end

-- Called ten times a second; the daemon is looked for once in ten.
local ticks = 0
function actions.follow ()
  if ticks % 10 == 0 then greet () end
  ticks = ticks + 1
  listen ()
  report ()
end

return actions
