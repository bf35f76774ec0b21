ardour {
  ["type"]    = "EditorAction",
  name        = "Ask bandmate for a loop",
  license     = "MIT",
  author      = "bandmate contributors",
  description = [[Asks the bandmate daemon (bandmate serve) for a loop as long as the selected MIDI region, at the session's tempo and meter, and writes its notes into that region. Notes that were in it are replaced; one undo brings them back.]]
}

-- Everything lies inside the factory: Ardour keeps only this function's compiled code.
-- Without Ardour's window, params says what the window would: track (a name; its first MIDI region is
-- filled) and what the dialog asks for.
function factory (params)
  params = params or {}
  local PATIENCE = 60 -- seconds without a word after which an ask is given up
  local HEARTBEAT = 3 -- seconds: an older sign of life means that no daemon runs
  local POLL = 20000 -- microseconds between two looks into the mailbox
  local DRUM_CHANNEL = 9 -- from 0
  local NOTE_BYTES = 12
  local ASKED = { "key", "parts", "preset", "genre", "chords", "seed" }

  local api = ARDOUR.LuaAPI

  local function say (words)
    if LuaDialog then
      LuaDialog.Message ("bandmate", words, LuaDialog.MessageType.Info, LuaDialog.ButtonType.Close):run ()
    else
      print ("bandmate: " .. words)
    end
  end

  local function seconds ()
    return api.monotonic_time () / 1e6
  end

  -- The daemon's own folder: the same rule as the daemon's.
  local function home ()
    local told = os.getenv ("BANDMATE_HOME") or ""
    local person = os.getenv ("HOME") or ""
    if told ~= "" then return (told:gsub ("^~", person)) end
    local windows = os.getenv ("LOCALAPPDATA") or ""
    if windows ~= "" then return windows .. "/bandmate/bandmate" end
    local data = os.getenv ("XDG_DATA_HOME") or ""
    if data:sub (1, 1) == "/" then return data .. "/bandmate" end
    local mac = person .. "/Library/Application Support"
    if api.file_test (mac, api.FileTest.IsDir) then return mac .. "/bandmate" end
    return person .. "/.local/share/bandmate"
  end

  local mailbox = home () .. "/mailbox/"

  local function read_file (path)
    local file = io.open (path, "rb")
    if not file then return nil end
    local text = file:read ("a")
    file:close ()
    return text
  end

  local function is_daemon_there ()
    local beat = tonumber ((read_file (mailbox .. "alive") or ""):match ("^%s*([%d%.]+)"))
    return beat and math.abs (os.time () - beat) <= HEARTBEAT + 1 -- os.time has whole seconds
  end

  ---------------------------------------------------------------- the session

  local function midi_region_of (regions)
    for region in regions:iter () do
      local midi = region:to_midiregion ()
      if not midi:isnil () then return region, midi end
    end
  end

  local function target ()
    if Editor then
      return midi_region_of (Editor:get_selection ().regions:regionlist ())
    end
    local route = Session:route_by_name (params.track or "")
    if route:isnil () or route:to_track ():isnil () then return nil end
    return midi_region_of (route:to_track ():playlist ():region_list ())
  end

  local function beats_of (beats)
    local whole, ticks = tostring (beats):match ("^(%-?%d+):(%d+)$") -- Lua is given no other number
    return tonumber (whole) + tonumber (ticks) / Temporal.ticks_per_beat
  end

  -- What the session says at the region: tempo, meter, and how many bars the region has.
  local function read_song (region)
    local map = Temporal.TempoMap.read ()
    local meter = map:meter_at (region:position ())
    local first = beats_of (map:quarters_at (region:position ()))
    local last = beats_of (map:quarters_at (region:position () + region:length ()))
    local song = {
      tempo = map:quarters_per_minute_at (region:position ()),
      numerator = math.floor (meter:divisions_per_bar ()),
      denominator = math.floor (meter:note_value ()),
    }
    song.bar = song.numerator * 4 / song.denominator
    song.bars = math.max (1, math.floor ((last - first) / song.bar + 0.5))
    map = nil
    collectgarbage () -- Ardour cannot change its tempo map while a script holds one
    return song
  end

  local function wishes ()
    if not LuaDialog then return params end
    local rows = {}
    for i, name in ipairs (ASKED) do
      rows[i] = { type = "entry", key = name, title = name, default = params[name] or "" }
    end
    rows[#rows + 1] = { type = "entry", key = "port", title = "port of the daemon", default = params.port or "7770" }
    local said = LuaDialog.Dialog ("Ask bandmate for a loop", rows):run ()
    for _, row in ipairs (rows) do
      params[row.key] = said and said[row.key] or params[row.key] -- the next run begins with these
    end
    return said
  end

  --------------------------------------------------------------------- asking

  -- A mailbox for this one ask: answers are numbered from 1 in it.
  local function new_client ()
    return string.format ("ardour-%x-%x", os.time (), math.floor (api.monotonic_time ()) % 0xFFFFFF)
  end

  local function send_ask (client, song, wish)
    local types, said = "ssisfssssss", {
      "bars", song.bars, "tempo", song.tempo,
      "meter", song.numerator .. "/" .. song.denominator,
      "notes", "blob", "reply", "mailbox:" .. client,
    }
    for _, name in ipairs (ASKED) do
      if wish[name] and wish[name] ~= "" then
        types = types .. "ss"
        said[#said + 1], said[#said + 2] = name, wish[name]
      end
    end
    -- The value that send returns says nothing: it is false also where the message went.
    ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. (params.port or 7770))
      :send ("/bandmate/loop/ask", types, client, table.unpack (said))
  end

  ------------------------------------------------------------------- answers

  local ESCAPES = { n = "\n", r = "\r", ["\\"] = "\\" }
  local READERS = {
    i = function (text) return math.tointeger (tonumber (text)) end,
    f = function (text) return tonumber (text) end,
    s = function (text) return (text:gsub ("\\(.)", ESCAPES)) end,
    b = function (text)
      return (text:gsub ("%x%x", function (byte) return string.char (tonumber (byte, 16)) end))
    end,
  }

  local function message_of (text)
    local message = {}
    for line in text:gmatch ("([^\n]*)\n") do
      local kind, rest = line:match ("^(%a) ?(.*)$")
      message[#message + 1] = #message == 0 and line or READERS[kind] (rest)
    end
    return message
  end

  local function read_answer (folder, number)
    local path = string.format ("%s%08d.msg", folder, number)
    local text = read_file (path)
    if not text then return nil end
    os.remove (path)
    return message_of (text)
  end

  local function pairs_of (message)
    local said = {}
    for i = 3, #message - 1, 2 do said[message[i]] = message[i + 1] end
    return said
  end

  -- Takes one answer into the clip; returns words where it is a mistake.
  local function take_answer (clip, message)
    if message[1] == "/bandmate/error" then return message[4] end
    if message[1] == "/bandmate/loop/made" then
      clip.made = pairs_of (message)
    elseif message[1] == "/bandmate/take/notes" then
      clip.chunks[message[4] + 1], clip.crc = message[7], message[6]
    end
  end

  -- Waits for the whole clip; returns nil and words where none comes.
  local function wait_for_clip (client)
    local folder, number, heard = mailbox .. client .. "/answers/", 1, seconds ()
    local clip = { chunks = {} }
    while not (clip.made and #clip.chunks == clip.made.chunks) do
      local message = read_answer (folder, number)
      if message then
        number, heard = number + 1, seconds ()
        local mistake = take_answer (clip, message)
        if mistake then return nil, mistake end
      elseif seconds () - heard > PATIENCE then
        return nil, "no answer came within " .. PATIENCE .. " seconds; ask again."
      else
        api.usleep (POLL)
      end
    end
    return clip
  end

  local function remove_mailbox (client)
    os.remove (mailbox .. client .. "/answers")
    os.remove (mailbox .. client .. "/asks")
    os.remove (mailbox .. client)
  end

  --------------------------------------------------------------------- notes

  local function crc32 (data)
    local value = 0xFFFFFFFF
    for i = 1, #data do
      value = value ~ data:byte (i)
      for _ = 1, 8 do
        value = value & 1 == 1 and (value >> 1) ~ 0xEDB88320 or value >> 1
      end
    end
    return value ~ 0xFFFFFFFF
  end

  -- Each part has a channel of its own; drums keep theirs.
  local function channels_of (parts)
    local channels, free = {}, 0
    for name in parts:gmatch ("([^:,]+):%d+:%d+") do
      if name:match ("^drums%d*$") then
        channels[#channels + 1] = DRUM_CHANNEL
      else
        channels[#channels + 1], free = free, free + 1
        if free == DRUM_CHANNEL then free = free + 1 end
      end
    end
    return channels
  end

  local function notes_of (clip)
    local data, notes = table.concat (clip.chunks), {}
    if #clip.chunks > 0 and crc32 (data) ~= clip.crc & 0xFFFFFFFF then return nil end
    local channels = channels_of (clip.made.parts)
    for at = 1, #data, NOTE_BYTES do
      local part, pitch, velocity, _, start, duration = string.unpack (">BBBBff", data, at)
      notes[#notes + 1] = {
        channel = channels[part + 1], pitch = pitch, velocity = velocity,
        start = start, duration = duration,
      }
    end
    return notes
  end

  local function write_notes (region, midi, notes)
    local model = midi:midi_source (0):model ()
    local command = model:new_note_diff_command ("bandmate: fill a region")
    for note in api.note_list (model):iter () do command:remove (note) end
    local offset = beats_of (region:start ():beats ())
    for _, note in ipairs (notes) do
      command:add (api.new_noteptr (note.channel, Temporal.Beats.from_double (offset + note.start),
        Temporal.Beats.from_double (note.duration), note.pitch, note.velocity))
    end
    model:apply_command (Session, command)
  end

  -- Returns the take's number, or nil where nothing was written.
  return function ()
    local region, midi = target ()
    if not region then
      return say ("select the MIDI region that is to be filled (draw an empty one), then ask again.")
    end
    if not is_daemon_there () then
      return say ("the daemon is not running; start it with `bandmate serve` in a terminal.")
    end
    local wish = wishes ()
    if not wish then return end
    local client = new_client ()
    send_ask (client, read_song (region), wish)
    local clip, mistake = wait_for_clip (client)
    remove_mailbox (client)
    if not clip then return say (mistake) end
    local notes = notes_of (clip)
    if not notes then return say ("the notes of take " .. clip.made.take .. " arrived damaged; ask again.") end
    write_notes (region, midi, notes)
    return clip.made.take
  end
end
