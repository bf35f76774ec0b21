-- @description bandmate: ask for loops and chords
-- @author bandmate contributors
-- @version 0.3.0
-- @changelog Goes with bandmate 0.3: loops come with feel, eight bars and more with a form
-- @provides
--   [main] .
--   [main] . > bandmate_chords.lua
--   [main] . > bandmate_settings.lua
-- @about
--   Asks the bandmate daemon for a loop at the project's tempo and meter and puts its notes on the
--   selected track, at the start of the time selection (or at the edit cursor).
--   The daemon must run on this computer: `bandmate serve`.
--   Installed under the name bandmate_chords.lua, this same file asks for chords: four cards, as the
--   takes of one item. Under the name bandmate_settings.lua it opens its settings.

local SECTION = "bandmate" -- of ExtState and of the project's state
local VERSION = "0.3.0"
local PROTOCOL = 1
local PATIENCE = 60 -- seconds without a word after which an ask is given up
local HEARTBEAT = 3 -- seconds: an older sign of life means that no daemon runs
local FILES_A_TICK = 64 -- answers read in one tick, so that a flood never holds up REAPER's window
local DRUM_CHANNEL = 9 -- from 0
local NOTE_BYTES = 12
local MOST_BARS_OF_CHORDS = 16
local LAYOUTS = { one = true, items = true, tracks = true }
local SWITCHES = {
  [""] = false, off = false, no = false, ["0"] = false, on = true, yes = true, ["1"] = true,
}
local IMPLODE = 40543 -- REAPER's "Take: Implode items on same track into takes"
local CARD = "P_EXT:bandmate_card" -- what a take of ours remembers: "12 /path/of/its.mid"

-- name; whether it is told in an ask for a loop, for chords; whether a new project starts with the
-- last answer; caption
local SETTINGS = {
  { name = "key", loop = true, chords = true, caption = "Key (A:min)" },
  { name = "chords", loop = true, caption = "Chords (A:min D:min,G:7)" },
  { name = "parts", loop = true, lasts = true, caption = "Parts (drums,bass,keys:4)" },
  { name = "preset", loop = true, lasts = true, caption = "Preset" },
  { name = "genre", loop = true, lasts = true, caption = "Genre" },
  { name = "section", loop = true, lasts = true, caption = "Section (verse)" },
  { name = "energy", loop = true, lasts = true, caption = "Energy (1..5)" },
  { name = "density", loop = true, lasts = true, caption = "Density (onsets a bar)" },
  { name = "seed", loop = true, caption = "Seed" },
  { name = "bars", lasts = true, caption = "Bars without a time selection" },
  { name = "layout", lasts = true, caption = "Layout (items, tracks, one)" },
  { name = "voicing", chords = true, lasts = true, caption = "Voicing of chords (smooth)" },
  { name = "rhythm", chords = true, lasts = true, caption = "Rhythm of chords (held)" },
  { name = "markers", lasts = true, caption = "Chord names as markers (on, off)" },
}

local function say(words)
  reaper.ShowConsoleMsg("bandmate: " .. words .. "\n")
end

---------------------------------------------------------------------- settings

local function setting(name)
  local _, here = reaper.GetProjExtState(0, SECTION, name)
  if here and here ~= "" then return here end
  return reaper.GetExtState(SECTION, name)
end

-- Returns what the person wrote into the fields, or nil. A dialog opens only where one was asked for.
local function filled_in(title, captions, values, width)
  for i, caption in ipairs(captions) do captions[i] = caption:gsub(",", " ") end
  local caption = table.concat(captions, ",") .. ",extrawidth=" .. width .. ",separator=\n"
  local is_kept, text = reaper.GetUserInputs(title, #values, caption, table.concat(values, "\n"))
  if not is_kept then return nil end
  local written = {}
  for value in (text .. "\n"):gmatch("(.-)\n") do
    written[#written + 1] = value:match("^%s*(.-)%s*$")
  end
  return written
end

local function change_settings()
  local captions, values = {}, {}
  for i, row in ipairs(SETTINGS) do
    captions[i], values[i] = row.caption, setting(row.name)
  end
  for i, value in ipairs(filled_in("bandmate settings", captions, values, 160) or {}) do
    local row = SETTINGS[i]
    if not row then break end
    reaper.SetProjExtState(0, SECTION, row.name, value)
    if row.lasts then reaper.SetExtState(SECTION, row.name, value, true) end
  end
end

local function of_project(name)
  local _, value = reaper.GetProjExtState(0, SECTION, name)
  return value or ""
end

-- Returns {text, keywords}: a phrase that was there before is not read again, because the keywords
-- beside it are what it became, as the person left them.
local function what_inspires()
  local phrase, keywords = of_project("phrase"), of_project("keywords")
  local captions = { "What inspires you?", "Keywords (warm:0.8 slow!)" }
  local written = filled_in("bandmate: chords", captions, { phrase, keywords }, 300)
  if not written then return nil end
  reaper.SetProjExtState(0, SECTION, "phrase", written[1])
  reaper.SetProjExtState(0, SECTION, "keywords", written[2])
  local is_read = written[1] == phrase and written[2] ~= ""
  return { text = is_read and "" or written[1], keywords = written[2] }
end

------------------------------------------------------------------------ places

-- Where the daemon keeps its own folder: the same rule as the daemon's.
local function home()
  local told = os.getenv("BANDMATE_HOME")
  if told and told ~= "" then return (told:gsub("^~", os.getenv("HOME") or "~")) end
  told = reaper.GetExtState(SECTION, "home") -- REAPER started from a desktop sees no shell settings
  if told ~= "" then return told end
  local system, person = reaper.GetOS(), os.getenv("HOME") or ""
  if system:match("^Win") then
    return (os.getenv("LOCALAPPDATA") or "") .. "/bandmate/bandmate"
  end
  local data = os.getenv("XDG_DATA_HOME") or ""
  if data:sub(1, 1) == "/" then return data .. "/bandmate" end
  if system:match("^OSX") or system:match("^macOS") then
    return person .. "/Library/Application Support/bandmate"
  end
  return person .. "/.local/share/bandmate"
end

-- A name of this REAPER's own, forgotten when it quits: two REAPERs have two mailboxes.
local function client_name()
  local name = reaper.GetExtState(SECTION, "client")
  if name == "" then
    name = "reaper-" .. reaper.genGuid(""):gsub("[^%x]", ""):lower():sub(1, 12)
    reaper.SetExtState(SECTION, "client", name, false)
  end
  return name
end

local box = {} -- mailbox, asks and answers: folders, with a slash behind

local function open_box()
  box.mailbox = home() .. "/mailbox/"
  box.asks = box.mailbox .. client_name() .. "/asks/"
  box.answers = box.mailbox .. client_name() .. "/answers/"
end

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- The daemon writes the time into this file each second; Lua cannot ask when a file was touched.
local function is_daemon_there()
  local beat = tonumber((read_file(box.mailbox .. "alive") or ""):match("^%s*([%d%.]+)"))
  return beat ~= nil and math.abs(os.time() - beat) <= HEARTBEAT + 1 -- os.time() has whole seconds
end

---------------------------------------------------------------------- messages

local KINDS = { integer = "i", float = "f" }
local ESCAPES = { n = "\n", r = "\r", ["\\"] = "\\" }

local function line_of(value)
  local kind = KINDS[math.type(value)]
  if kind == "i" then return "i " .. value end
  if kind == "f" then return string.format("f %.17g", value) end
  return "s " .. value:gsub("\\", "\\\\"):gsub("\n", "\\n"):gsub("\r", "\\r")
end

local READERS = {
  i = function(text) return math.tointeger(tonumber(text)) end,
  f = function(text) return tonumber(text) end,
  s = function(text) return (text:gsub("\\(.)", ESCAPES)) end,
  b = function(text)
    if #text % 2 == 1 or text:find("%X") then return nil end
    return (text:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
  end,
}

-- Returns {address, argument...}, or nil where the text is no whole message.
local function message_of(text)
  if text:sub(-1) ~= "\n" then return nil end
  local message
  for line in text:gmatch("([^\n]*)\n") do
    if not message then
      message = { line:gsub("\r$", ""), n = 1 }
    else
      local kind, rest = line:match("^(%a) ?(.-)\r?$")
      local value = READERS[kind] and READERS[kind](rest)
      if value == nil then return nil end
      message.n = message.n + 1
      message[message.n] = value
    end
  end
  return message
end

local function pairs_of(message, first)
  local said = {}
  for i = first, message.n - 1, 2 do
    said[message[i]] = message[i + 1]
  end
  return said
end

local function next_number()
  local number = (tonumber(reaper.GetExtState(SECTION, "sequence")) or 0) + 1
  reaper.SetExtState(SECTION, "sequence", string.format("%d", number), false)
  return math.tointeger(number)
end

local function ask_path(number)
  return string.format("%s%08d.msg", box.asks, number)
end

-- Sends one message; its number is its id where none is given. Written under another name first, so
-- that the daemon never reads half of it. Returns the number, or nil and why.
local function send(address, values, id)
  reaper.RecursiveCreateDirectory(box.asks, 0)
  reaper.RecursiveCreateDirectory(box.answers, 0)
  local number = next_number()
  local lines = { address, line_of(string.format("%d", id or number)) }
  for _, value in ipairs(values) do lines[#lines + 1] = line_of(value) end
  local draft = string.format("%s.%08d.msg", box.asks, number)
  local file, trouble = io.open(draft, "wb")
  if not file then return nil, trouble end
  local is_written, wrong = file:write(table.concat(lines, "\n"), "\n")
  local is_closed, worse = file:close()
  if is_written and is_closed then
    is_written, wrong = os.rename(draft, ask_path(number))
    if is_written then return number end
  end
  os.remove(draft)
  return nil, wrong or worse
end

------------------------------------------------------------- asks on their way

-- Asks by number: {number, first, track, qn, heard}. They also lie in ExtState, because running the
-- action again ends this script and starts it anew.
local pending = {}

local function keep_pending()
  local lines = {}
  for _, ask in pairs(pending) do
    lines[#lines + 1] = string.format(
      "%d %d %s %.17g %.17g", ask.number, ask.first, ask.track, ask.qn, ask.heard)
  end
  reaper.SetExtState(SECTION, "pending", table.concat(lines, ";"), false)
end

local function recall_pending()
  local kept = reaper.GetExtState(SECTION, "pending")
  for number, first, track, qn, heard in kept:gmatch("(%d+) (%d+) (%S+) (%S+) ([^;%s]+)") do
    pending[math.tointeger(tonumber(number))] = {
      number = math.tointeger(tonumber(number)), first = math.tointeger(tonumber(first)),
      track = track, qn = tonumber(qn), heard = tonumber(heard),
    }
  end
end

local function give_up(ask)
  pending[ask.number] = nil
  for number = ask.first, ask.number do os.remove(ask_path(number)) end
  keep_pending()
end

local function heard_of(id)
  local ask = pending[math.tointeger(tonumber(id))]
  if ask then ask.heard = reaper.time_precise() end
  return ask
end

------------------------------------------------------------------------ asking

local function rounded(value, step)
  return math.floor(value / step + 0.5) * step
end

-- What the project says at the place where the clip is to go.
local function read_song()
  local from, to = reaper.GetSet_LoopTimeRange(false, false, 0, 0, false)
  local at = to > from and from or reaper.GetCursorPosition()
  local numerator, denominator = reaper.TimeMap_GetTimeSigAtTime(0, at)
  local qn = reaper.TimeMap2_timeToQN(0, at)
  -- Measured on the tempo map, because REAPER's own figure may count the meter's denominator.
  local tempo = 60 * (reaper.TimeMap2_timeToQN(0, at + 0.001) - qn) / 0.001
  local song = {
    qn = qn,
    tempo = tonumber(string.format("%.4f", tempo)) + 0.0,
    numerator = math.floor(numerator),
    denominator = math.floor(denominator),
    is_playing = reaper.GetPlayState() & 1,
  }
  song.bars = tonumber(setting("bars")) or setting("bars") ~= "" and setting("bars") or 4
  if to > from then
    local bar = song.numerator * 4 / song.denominator
    song.bars = math.max(1, math.floor((reaper.TimeMap2_timeToQN(0, to) - qn) / bar + 0.5))
  end
  return song
end

local function say_hello()
  return send("/bandmate/hello", { "client", "reaper", "version", VERSION, "owns", "daw" })
end

local function send_song(song)
  local said = {
    "tempo", song.tempo, "signature_numerator", song.numerator,
    "signature_denominator", song.denominator, "is_playing", song.is_playing,
  }
  if setting("key") ~= "" then
    said[#said + 1], said[#said + 2] = "key", setting("key")
  end
  return send("/bandmate/song/set", said)
end

-- What every ask tells: the song, and those settings whose row says *what*, "loop" or "chords".
local function said_of(song, what)
  local said = {
    "bars", song.bars, "tempo", song.tempo,
    "meter", song.numerator .. "/" .. song.denominator, "notes", "blob",
  }
  local function add(name, value)
    if value ~= "" then said[#said + 1], said[#said + 2] = name, value end
  end
  for _, row in ipairs(SETTINGS) do
    if row[what] then add(row.name, setting(row.name)) end
  end
  return said, add
end

-- The card that this take of an item is, nil for other takes. Its file is gone where the project
-- came from another computer: there the number means nothing, or another take.
local function card_of(take)
  local _, kept = reaper.GetSetMediaItemTakeInfo_String(take, CARD, "", false)
  local number, path = tostring(kept):match("^(%d+) (.+)$")
  local file = path and io.open(path, "rb")
  if not file then return nil end
  file:close()
  return math.tointeger(tonumber(number))
end

-- The card that is chosen among the takes of the item that was inserted last.
local function card_chosen()
  local guid = of_project("card_item")
  for i = 0, reaper.CountMediaItems(0) - 1 do
    local item = reaper.GetMediaItem(0, i)
    local _, own = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
    local take = own == guid and reaper.GetActiveTake(item)
    if take then return card_of(take) end
  end
end

local function send_loop_ask(song)
  local said, add = said_of(song, "loop")
  if setting("chords") == "" then add("card", card_chosen() or "") end
  return send("/bandmate/loop/ask", said)
end

local function send_chords_ask(song, wish)
  if math.type(song.bars) then song.bars = math.min(song.bars, MOST_BARS_OF_CHORDS) end
  local said, add = said_of(song, "chords")
  local _, trouble = send("/bandmate/keywords/set", { "keywords", wish.keywords })
  add("text", wish.text)
  if wish.text == "" then add("keywords", wish.keywords) end
  local number, worse = send("/bandmate/chords/ask", said)
  return number, worse or trouble
end

-- Returns the track that the answer is to go on, or nil after saying what is missing.
local function track_to_ask_for(what)
  local track = reaper.GetSelectedTrack(0, 0)
  if not track then
    return say("select the track that the " .. what .. " to go on, then ask again.")
  end
  if not is_daemon_there() then
    return say("the daemon is not running; start it with `bandmate serve` in a terminal.")
  end
  return track
end

local function ask(track, send_wish, wish)
  local song = read_song()
  local first, trouble = say_hello()
  if first then
    local _
    _, trouble = send_song(song)
    local number, worse = send_wish(song, wish)
    if number then
      pending[number] = {
        number = number, first = first, track = reaper.GetTrackGUID(track), qn = song.qn,
        heard = reaper.time_precise(),
      }
      return keep_pending()
    end
    trouble = worse or trouble
  end
  say("the ask could not be written (" .. tostring(trouble) .. ").")
end

--------------------------------------------------------------------- inserting

local function track_by_guid(guid)
  for i = 0, reaper.CountTracks(0) - 1 do
    local track = reaper.GetTrack(0, i)
    if reaper.GetTrackGUID(track) == guid then return track end
  end
end

-- "drums:0:64,bass:33:20" -> parts in order, each with a channel of its own; drums keep theirs.
local function parts_of(text)
  local parts, free = {}, 0
  for name, program in tostring(text):gmatch("([^:,]+):(%d+):%d+") do
    local part = { name = name, program = math.tointeger(tonumber(program)), notes = {} }
    if name:match("^drums%d*$") then
      part.channel = DRUM_CHANNEL
    else
      part.channel, free = free % 16, free + 1
      if free == DRUM_CHANNEL then free = free + 1 end
    end
    parts[#parts + 1] = part
  end
  return parts
end

local CRC = {}
for i = 0, 255 do
  local value = i
  for _ = 1, 8 do
    value = value & 1 == 1 and (value >> 1) ~ 0xEDB88320 or value >> 1
  end
  CRC[i] = value
end

local function crc32(data)
  local value = 0xFFFFFFFF
  for i = 1, #data do
    value = CRC[(value ~ data:byte(i)) & 0xFF] ~ (value >> 8)
  end
  return value ~ 0xFFFFFFFF
end

-- Reads the notes into the clip's parts; false where they are not what was sent.
local function is_read(clip, parts)
  local data = table.concat(clip.chunks)
  if clip.count > 0 and crc32(data) ~= clip.crc & 0xFFFFFFFF then return false end
  if #data % NOTE_BYTES ~= 0 then return false end
  for at = 1, #data, NOTE_BYTES do
    local part, pitch, velocity, _, start, duration = string.unpack(">BBBBff", data, at)
    if not parts[part + 1] then return false end
    local notes = parts[part + 1].notes
    notes[#notes + 1] = { pitch = pitch, velocity = velocity, start = start, duration = duration }
  end
  return true
end

-- Returns the item and its take.
local function write_item(track, qn, length, name, parts)
  local item = reaper.CreateNewMIDIItemInProj(track, qn, qn + length, true)
  local take = reaper.GetActiveTake(item)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  local function ppq(beat)
    return rounded(reaper.MIDI_GetPPQPosFromProjQN(take, qn + beat), 1)
  end
  for _, part in ipairs(parts) do
    for _, note in ipairs(part.notes) do
      local from, to = ppq(note.start), ppq(note.start + note.duration)
      reaper.MIDI_InsertNote(take, false, false, from, math.max(to, from + 1), part.channel,
        note.pitch, note.velocity, true)
    end
  end
  reaper.MIDI_Sort(take)
  return item, take
end

-- The track for the part of this index: in the layout "tracks" the second part and those behind it
-- get new tracks below the selected one.
local function track_for(track, index, part, layout)
  if layout ~= "tracks" or index == 1 then return track end
  local at = math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")) + index - 2
  reaper.InsertTrackAtIndex(at, true)
  local added = reaper.GetTrack(0, at)
  reaper.GetSetMediaTrackInfo_String(added, "P_NAME", part.name, true)
  return added
end

local function layout_chosen()
  local layout = setting("layout")
  if layout == "" then return "items" end
  if LAYOUTS[layout] then return layout end
  say("layout must be items, tracks or one, not '" .. layout .. "'; items is used.")
  return "items"
end

local function write_clip(track, qn, clip, parts, layout)
  local length, mark = clip.made.length, " #" .. clip.take
  if layout == "one" then
    local names = {}
    for i, part in ipairs(parts) do names[i] = part.name end
    return write_item(track, qn, length, table.concat(names, "+") .. mark, parts)
  end
  for i, part in ipairs(parts) do
    write_item(track_for(track, i, part, layout), qn, length, part.name .. mark, { part })
  end
end

-- One undo point, closed whatever happens.
local function insert(what, write, ...)
  reaper.Undo_BeginBlock()
  reaper.PreventUIRefresh(1)
  local is_done, trouble = pcall(write, ...)
  reaper.PreventUIRefresh(-1)
  reaper.Undo_EndBlock("bandmate: insert " .. what, -1)
  reaper.UpdateArrange()
  if not is_done then say(what .. " could not be inserted: " .. tostring(trouble)) end
end

-------------------------------------------------------------- inserting chords

-- "F Dm7,G7" -> {{"F"}, {"Dm7", "G7"}}; a symbol holds no comma.
local function bars_of(text)
  local bars = {}
  for word in tostring(text):gmatch("%S+") do
    local bar = {}
    for symbol in word:gmatch("[^,]+") do bar[#bar + 1] = symbol end
    bars[#bars + 1] = bar
  end
  return bars
end

local function title_of(card)
  local bars = {}
  for i, bar in ipairs(bars_of(card.made.symbols)) do bars[i] = table.concat(bar, " ") end
  return table.concat(bars, " | ") .. " #" .. card.take
end

-- One item that holds every card as a take, the first one active. REAPER itself makes it out of an
-- item a card, so that every take has a source of the right length.
local function write_takes(track, qn, cards, parts)
  local items = {}
  for i, card in ipairs(cards) do
    local item, take = write_item(track, qn, card.made.length, title_of(card), parts[i])
    reaper.GetSetMediaItemTakeInfo_String(take, CARD, card.take .. " " .. card.made.file, true)
    items[i] = item
  end
  reaper.SelectAllMediaItems(0, false)
  for _, item in ipairs(items) do reaper.SetMediaItemSelected(item, true) end
  if #items > 1 then reaper.Main_OnCommand(IMPLODE, 0) end
  local item = reaper.GetSelectedMediaItem(0, 0)
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, i)
    local _, kept = reaper.GetSetMediaItemTakeInfo_String(take, CARD, "", false)
    if kept:match("^%d+") == tostring(cards[1].take) then reaper.SetActiveTake(take) end
  end
  return item
end

local function write_markers(qn, card)
  local bars, before = bars_of(card.made.symbols), nil
  for i, bar in ipairs(bars) do
    for j, symbol in ipairs(bar) do
      local beat = card.made.length * (i - 1 + (j - 1) / #bar) / #bars
      local time = reaper.TimeMap2_QNToTime(0, qn + beat)
      if symbol ~= before then reaper.AddProjectMarker(0, false, time, 0, symbol, -1) end
      before = symbol
    end
  end
end

-- In the layout "tracks" each part has an item of its own, on a track of its own.
local function write_cards(track, qn, cards, layout, has_markers)
  local items = {}
  for i, part in ipairs(layout == "tracks" and cards[1].parts or { false }) do
    local parts = {}
    for j, card in ipairs(cards) do parts[j] = part and { card.parts[i] } or card.parts end
    local own = part and track_for(track, i, part, layout) or track
    items[i] = write_takes(own, qn, cards, parts)
  end
  for _, item in ipairs(items) do reaper.SetMediaItemSelected(item, true) end
  if has_markers then write_markers(qn, cards[1]) end
  local _, guid = reaper.GetSetMediaItemInfo_String(items[1], "GUID", "", false)
  reaper.SetProjExtState(0, SECTION, "card_item", guid)
end

local function markers_chosen()
  local markers = setting("markers"):lower()
  if SWITCHES[markers] == nil then
    say("markers must be on or off, not '" .. markers .. "'; off is used.")
  end
  return SWITCHES[markers]
end

local function insert_cards(track, qn, cards)
  local numbers = {}
  for i, card in ipairs(cards) do numbers[i] = "#" .. card.take end
  local what = "chords " .. table.concat(numbers, " ")
  insert(what, write_cards, track, qn, cards, layout_chosen(), markers_chosen())
end

------------------------------------------------------------------------- clips

-- Clips that are arriving, by id and take: {id, take, made, is_placed, is_card, chunks, count, crc,
-- files, heard}. Their files stay until the clip is in the project, so that a new start finds them.
local clips = {}
local held = {} -- names of those files
local hands = {} -- answers to asks for chords whose cards are arriving, by id: {count, file, heard}

local function clip_at(id, take, name)
  local place = id .. "/" .. tostring(take)
  local clip = clips[place]
  if not clip then
    clip = { id = id, place = place, take = take, chunks = {}, got = 0, files = {} }
    clips[place] = clip
  end
  clip.heard = reaper.time_precise()
  clip.files[#clip.files + 1] = name
  held[name] = true
  return clip
end

local function forget(clip)
  clips[clip.place] = nil
  for _, name in ipairs(clip.files) do
    os.remove(box.answers .. name)
    held[name] = nil
  end
end

local function lies_in(clip)
  local file = clip.made and clip.made.file
  return file and file ~= "" and "; it lies in " .. file or ""
end

-- Where the clip goes: track and place, or nil and the reason.
local function target_of(clip, asked)
  if clip.is_placed then
    local track = reaper.GetSelectedTrack(0, 0)
    if not track then return nil, "finds no selected track" end
    return track, reaper.TimeMap2_timeToQN(0, reaper.GetCursorPosition())
  end
  if not asked then return nil, "came too late" end
  local track = track_by_guid(asked.track)
  if not track then return nil, "finds its track no longer in this project" end
  return track, asked.qn
end

local function finish(clip)
  local asked = pending[math.tointeger(tonumber(clip.id))]
  local parts = parts_of(clip.made.parts)
  local is_sound = is_read(clip, parts) and math.type(clip.made.length)
  forget(clip)
  if asked and not clip.is_placed then give_up(asked) end
  if not is_sound then
    return say("the notes of take " .. clip.take .. " arrived damaged; ask again" .. lies_in(clip) .. ".")
  end
  local track, place = target_of(clip, asked)
  if not track then return say("take " .. clip.take .. " " .. place .. lies_in(clip) .. ".") end
  insert("take " .. clip.take, write_clip, track, place, clip, parts, layout_chosen())
end

local function is_whole(clip)
  return clip.made and clip.count and clip.got == clip.count
end

local function forget_hand(id)
  os.remove(box.answers .. hands[id].file)
  held[hands[id].file] = nil
  hands[id] = nil
end

local function cards_of(id)
  local cards = {}
  for _, clip in pairs(clips) do
    if clip.is_card and clip.id == id and is_whole(clip) then cards[#cards + 1] = clip end
  end
  table.sort(cards, function(one, other) return one.made.index < other.made.index end)
  return cards
end

-- Returns the cards whose notes are as they were sent.
local function read_cards(cards)
  local good = {}
  for _, card in ipairs(cards) do
    card.parts = parts_of(card.made.parts)
    if is_read(card, card.parts) and math.type(card.made.length) then
      good[#good + 1] = card
    else
      say("the notes of take " .. card.take .. " arrived damaged; ask again" .. lies_in(card) .. ".")
    end
    forget(card)
  end
  return good
end

local function finish_hand(id)
  local hand, asked = hands[id], pending[math.tointeger(tonumber(id))]
  local cards = hand and cards_of(id)
  if not hand or #cards < hand.count then return end
  forget_hand(id)
  if asked then give_up(asked) end
  if hand.count == 0 then return say("no chords came; ask again.") end
  cards = read_cards(cards)
  local first = cards[1]
  if not first then return end
  local track, place = target_of(first, asked)
  if not track then return say("take " .. first.take .. " " .. place .. lies_in(first) .. ".") end
  insert_cards(track, place, cards)
end

local function finish_if_whole(clip)
  if not is_whole(clip) then return end
  if clip.is_card then return finish_hand(clip.id) end
  finish(clip)
end

----------------------------------------------------------------------- answers

local told = {} -- sentences already shown, by the ask they belong to

local function show_error(message)
  local number = math.tointeger(tonumber(message[2]))
  local words = tostring(message[4] or message[3])
  local group = number
  for _, asked in pairs(pending) do
    if number and number >= asked.first and number <= asked.number then group = asked.number end
  end
  local once = tostring(group) .. words
  if not told[once] then
    told[once] = true
    say(words)
  end
  if number and pending[number] then give_up(pending[number]) end
end

local function take_made(message, name, is_placed)
  local id, made = tostring(message[2]), pairs_of(message, 3)
  if not made.take or not made.parts then return end
  local clip = clip_at(id, made.take, name)
  clip.made, clip.is_placed = made, is_placed
  clip.count = clip.count or made.chunks
  heard_of(id)
  finish_if_whole(clip)
end

local function take_card(message, name)
  local id, take, made = tostring(message[2]), message[3], pairs_of(message, 4)
  if not math.type(take) or not math.type(made.index) or not made.parts then return end
  local clip = clip_at(id, take, name)
  clip.made, clip.is_card = made, true
  clip.count = clip.count or made.chunks
  if heard_of(id) then reaper.Help_Set("bandmate: " .. title_of(clip), true) end
  finish_if_whole(clip)
end

local function take_chords_made(message, name)
  local id, made = tostring(message[2]), pairs_of(message, 3)
  if not math.type(made.cards) then return end
  for words in tostring(made.words or ""):gmatch("[^\n]+") do say(words) end
  hands[id] = { count = made.cards, file = name, heard = reaper.time_precise() }
  held[name] = true
  heard_of(id)
  finish_hand(id)
end

-- What a phrase became is shown, and offered for change with the next ask.
local function take_keywords(message)
  local asked, keywords = heard_of(message[2]), pairs_of(message, 3).keywords
  if not asked or not keywords then return end
  reaper.Help_Set("bandmate: " .. keywords, true)
  if track_by_guid(asked.track) then
    reaper.SetProjExtState(0, SECTION, "keywords", keywords)
  end
end

local function take_notes(message, name)
  local id, take, chunk, count, crc, data = table.unpack(message, 2, 7)
  if type(data) ~= "string" or not math.type(chunk) then return end
  local clip = clip_at(tostring(id), take, name)
  clip.got = clip.got + (clip.chunks[chunk + 1] and 0 or 1) -- a retry may send a chunk twice
  clip.chunks[chunk + 1], clip.count, clip.crc = data, count, crc
  heard_of(id)
  finish_if_whole(clip)
end

local function show_progress(message)
  if heard_of(message[2]) and math.type(message[4]) and math.type(message[5]) then
    reaper.Help_Set(string.format("bandmate: bar %d of %d", message[4] + 1, message[5]), true)
  end
end

local function check_protocol(message)
  local protocol = pairs_of(message, 3).protocol
  if protocol and protocol ~= PROTOCOL and not told.protocol then
    told.protocol = true
    say(string.format("the daemon speaks protocol %s and this script %d; update both.", protocol, PROTOCOL))
  end
end

local ANSWERS = {
  ["/bandmate/hello"] = check_protocol,
  ["/bandmate/loop/queued"] = function(message) heard_of(message[2]) end,
  ["/bandmate/loop/progress"] = show_progress,
  ["/bandmate/loop/made"] = take_made,
  ["/bandmate/chords/queued"] = function(message) heard_of(message[2]) end,
  ["/bandmate/keywords/found"] = take_keywords,
  ["/bandmate/card/made"] = take_card,
  ["/bandmate/chords/made"] = take_chords_made,
  ["/bandmate/clip/place"] = function(message, name) take_made(message, name, true) end,
  ["/bandmate/take/notes"] = take_notes,
  ["/bandmate/error"] = show_error,
}

local broken = {} -- since when a file could not be read, by name

local function take_answer(name)
  local message = message_of(read_file(box.answers .. name) or "")
  if not message then
    broken[name] = broken[name] or reaper.time_precise()
    if reaper.time_precise() - broken[name] < PATIENCE then return end
  elseif ANSWERS[message[1]] then
    local is_done, trouble = pcall(ANSWERS[message[1]], message, name)
    if not is_done then say("an answer made no sense (" .. tostring(trouble) .. ").") end
  end
  broken[name] = nil
  if not held[name] then os.remove(box.answers .. name) end
end

local function new_answers()
  reaper.EnumerateFiles(box.answers, -1) -- REAPER remembers a folder until it is told to look again
  local names, index = {}, 0
  local name = reaper.EnumerateFiles(box.answers, index)
  while name and name ~= "" do
    if name:match("^%d+%.msg$") and not held[name] then names[#names + 1] = name end
    index = index + 1
    name = reaper.EnumerateFiles(box.answers, index)
  end
  table.sort(names)
  return names
end

--------------------------------------------------------------------------- loop

local function drop_overdue()
  local now = reaper.time_precise()
  for _, asked in pairs(pending) do
    if now - asked.heard > PATIENCE then
      give_up(asked)
      if is_daemon_there() then send("/bandmate/cancel", {}, asked.number) end
      say(string.format("no answer came within %d seconds; ask again.", PATIENCE))
      break -- the table has changed; the others' turn comes in the next tick
    end
  end
  for _, clip in pairs(clips) do
    if now - clip.heard > PATIENCE then
      forget(clip)
      break
    end
  end
  for id, hand in pairs(hands) do
    if now - hand.heard > PATIENCE then
      forget_hand(id)
      break
    end
  end
end

local instance = reaper.genGuid("")
local was_there, looked = true, -math.huge

-- A daemon that was started anew has forgotten who holds the DAW.
local function greet_new_daemon()
  local now = reaper.time_precise()
  if now - looked < 1 then return end
  local is_there = is_daemon_there()
  if is_there and not was_there then say_hello() end
  was_there, looked = is_there, now
end

local function tick()
  if reaper.GetExtState(SECTION, "loop") ~= instance then return end -- a newer run took over
  for count, name in ipairs(new_answers()) do
    if count > FILES_A_TICK then break end
    take_answer(name)
  end
  drop_overdue()
  greet_new_daemon()
  reaper.defer(tick)
end

local _, script = reaper.get_action_context()
if tostring(script):match("settings%.lua$") then return change_settings() end
open_box()
local track, wish
if tostring(script):match("chords%.lua$") then
  track = track_to_ask_for("chords are")
  wish = track and what_inspires()
  if not wish then return end
else
  track = track_to_ask_for("loop is")
end
if reaper.set_action_options then
  reaper.set_action_options(3) -- REAPER 7: run again without a question; the new run takes over
end
reaper.SetExtState(SECTION, "loop", instance, false)
recall_pending()
if track then ask(track, wish and send_chords_ask or send_loop_ask, wish) end
was_there = is_daemon_there()
tick()
