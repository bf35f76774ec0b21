-- A headless Ardour in which a person works with bandmate: a tune is written, played to, varied,
-- continued, accepted and rejected, while the tempo changes and the transport rolls.
-- Environment: FOLDER (of the new session), BRIDGE (Ardour's own folder of scripts), PORT, REPORTS (the port
-- to which it is reported where the session is).
local usleep, api = ARDOUR.LuaAPI.usleep, ARDOUR.LuaAPI
local bridge = os.getenv ("BRIDGE") .. "/"

local function wait_until (what, is_so)
  for _ = 1, 500 do
    if is_so () then return end
    usleep (20000)
  end
  error (what .. " did not come")
end

local function port_named (name)
  local _, found = AudioEngine:get_ports (ARDOUR.DataType ("midi"), ARDOUR.PortList ())
  for port in found[2]:iter () do
    if port:name () == name then return port end
  end
  error ("Ardour has no port " .. name)
end

-- Ardour's Lua can make no first region, only record one: a note of Ardour's own goes round once.
local function record_a_region (track)
  local keyboard = port_named ("x-virtual-keyboard"):to_asyncmidiport ()
  assert (track:input ():midi (0):connect ("ardour:x-virtual-keyboard") == 0, "the keyboard does not connect")
  track:rec_enable_control ():set_value (1, PBD.GroupControlDisposition.UseGroup)
  Session:maybe_enable_record (true)
  Session:request_roll (ARDOUR.TransportRequestSource.TRS_UI)
  wait_until ("recording", function () return Session:actively_recording () end)
  local parser = ARDOUR.RawMidiParser ()
  for _, byte in ipairs { 0x90, 60, 1, 0x80, 60, 0 } do
    if parser:process_byte (byte) then
      keyboard:write (parser:midi_buffer (), parser:buffer_size (), 0)
      usleep (100000)
    end
  end
  Session:request_stop (false, false, ARDOUR.TransportRequestSource.TRS_UI)
  local found
  wait_until ("a region", function ()
    for region in track:playlist ():region_list ():iter () do found = region end
    return found
  end)
  track:rec_enable_control ():set_value (0, PBD.GroupControlDisposition.UseGroup)
  return found
end

local function set_tempo (tempo)
  local map = Temporal.TempoMap.fetch_writable ()
  map:set_tempo (Temporal.Tempo (tempo, tempo, 4), Temporal.timepos_t (0))
  Temporal.TempoMap.update (map)
  map = nil
  collectgarbage ()
end

-- One note a beat, in D major.
local function write_the_tune (region)
  local model = region:to_midiregion ():midi_source (0):model ()
  local command = model:new_note_diff_command ("a tune")
  for note in api.note_list (model):iter () do command:remove (note) end
  local start = region:start ():beats ()
  for i, pitch in ipairs { 62, 66, 69, 66, 67, 71, 74, 71, 69, 73, 76, 73, 62, 66, 69, 74 } do
    command:add (api.new_noteptr (0, start + Temporal.Beats.from_double (i - 1),
      Temporal.Beats.from_double (0.75), pitch, 90))
  end
  model:apply_command (Session, command)
end

function ardour () end -- the scripts' own descriptions: of no use without a window

-- What Ardour's window takes away from scripts, it takes away here; and as there only the compiled code
-- of a factory is kept.
for _, name in ipairs { "dofile", "require", "package", "debug", "rawget", "rawset", "coroutine", "module" } do
  _G[name] = nil
end
os.exit, os.setlocale = nil, nil

local function factory_of (name)
  assert (loadfile (bridge .. "bandmate_" .. name .. ".lua")) ()
  return load (string.dump (factory, true), nil, nil, _ENV)
end

local function run (name, more)
  local said = { port = os.getenv ("PORT"), seed = "7" }
  for key, value in pairs (more) do said[key] = value end
  local take = factory_of (name) (said) ()
  print ("TAKE", name, take)
  return take
end

local function tell (what)
  for route in Session:get_tracks ():iter () do
    for region in route:to_track ():playlist ():region_list ():iter () do
      local count = 0
      for _ in api.note_list (region:to_midiregion ():midi_source (0):model ()):iter () do count = count + 1 end
      print ("NOW", what, route:name (), tostring (region:position ():beats ()),
        tostring (region:length ():beats ()), count)
    end
  end
end

assert (AudioEngine:set_backend ("None (Dummy)", "ardour", ""), "no dummy backend")
Session = assert (create_session (os.getenv ("FOLDER"), "story", 48000))
set_tempo (96)
local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
local track = Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, "lead",
  ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ():to_track ():to_midi_track ()
local region = record_a_region (track)
region:set_initial_position (Temporal.timepos_t.from_ticks (0))
region:set_length (Temporal.timecnt_t.from_ticks (Temporal.ticks_per_beat * 16, region:position ()))
write_the_tune (region)
tell ("written")

local bass = run ("add_bass", { track = "lead" })
tell ("added")
run ("reject", { track = "bass" })
tell ("rejected")

Session:request_roll (ARDOUR.TransportRequestSource.TRS_UI)
wait_until ("rolling", function () return Session:transport_rolling () end)
set_tempo (120)
run ("vary", { track = "lead", vary = "0.6" })
tell ("varied")
local follow = factory_of ("follow") { port = os.getenv ("REPORTS") }
for _ = 1, 10 do
  follow ()
  usleep (100000)
end
run ("accept", { track = "lead" })
run ("continue", { track = "lead", start = 0 })
run ("add_drums", { track = "lead", start = 0 })
Session:request_stop (false, false, ARDOUR.TransportRequestSource.TRS_UI)
wait_until ("a stop", function () return not Session:transport_rolling () end)
follow ()
tell ("played")
run ("chords", { track = "lead", start = 16, text = "rain on a window", key = "D:maj" })
run ("vary", { track = "lead", start = 0 })
run ("reject", { track = "lead", start = 0 })
tell ("restored")

local listen = factory_of ("follow") { port = os.getenv ("PORT"), track = "drums" }
local daemon = ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. os.getenv ("PORT"))
listen ()
wait_until ("the take that was chosen elsewhere", function ()
  -- Until the daemon knows who holds the DAW it refuses: another id asks anew.
  daemon:send ("/bandmate/take/insert", "si", "chosen " .. tostring (api.monotonic_time ()), bass)
  usleep (200000)
  listen ()
  local count = 0
  for drums in Session:route_by_name ("drums"):to_track ():playlist ():region_list ():iter () do
    for note in api.note_list (drums:to_midiregion ():midi_source (0):model ()):iter () do
      if note:channel () == 9 then count = count + 1 end
    end
  end
  return count == 0
end)
listen ()
tell ("placed")

-- What somebody wants done elsewhere, and the answer: the hook does it within its turn.
local answers = os.getenv ("BANDMATE_HOME") .. "/mailbox/story/answers/"
local first = answers .. "00000001.msg"
wait_until ("a mailbox", function () -- a hello makes it, and is answered there
  daemon:send ("/bandmate/hello", "sssss", "hello", "client", "story", "reply", "mailbox:story")
  usleep (100000)
  return io.open (first)
end)
usleep (500000) -- more hellos than one may be answered
local answered = 0
while os.remove (string.format ("%s%08d.msg", answers, answered + 1)) do answered = answered + 1 end
local offset = answered
local function want (wish)
  answered = answered + 1
  daemon:send ("/bandmate/bridge/do", "ssss", "want " .. (answered - offset), wish, "reply", "mailbox:story")
  local text
  wait_until ("the answer to " .. wish, function ()
    listen ()
    local file = io.open (string.format ("%s%08d.msg", answers, answered))
    text = file and file:read ("a")
    if file then file:close () end
    return text
  end)
  os.remove (string.format ("%s%08d.msg", answers, answered))
  print ("WANTED", (text:gsub ("\n", "|")))
end
want ("vary vary=0.8 seed=8")
tell ("wanted")
want ("accept")
want ("reject")
want ("loop parts=drums seed=7")
tell ("filled")
want ("reject")
want ("add kazoo")
want ("loop colour=red")
want ("loop parts=kazoo")
run ("vary", { track = "nobody" })
Session:save_state ("")
close_session ()
