-- A headless Ardour with one MIDI track and one region: asks bandmate and saves the session.
-- Environment: FOLDER (of the new session), BRIDGE (the folder of the scripts), TEMPO, BARS, PORT, PARTS, KEY, SEED.
local usleep = ARDOUR.LuaAPI.usleep
local tempo, bars = tonumber (os.getenv ("TEMPO")), tonumber (os.getenv ("BARS"))

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

-- Ardour's Lua can make no region, only record one: a note of Ardour's own goes round once.
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

assert (AudioEngine:set_backend ("None (Dummy)", "ardour", ""), "no dummy backend")
Session = assert (create_session (os.getenv ("FOLDER"), "asked", 48000))
local map = Temporal.TempoMap.fetch_writable ()
map:set_tempo (Temporal.Tempo (tempo, tempo, 4), Temporal.timepos_t (0))
Temporal.TempoMap.update (map)
map = nil
collectgarbage ()

local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
local track = Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, "loops",
  ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ():to_track ():to_midi_track ()
local region = record_a_region (track)
region:set_initial_position (Temporal.timepos_t.from_ticks (0))
region:set_length (Temporal.timecnt_t.from_ticks (Temporal.ticks_per_beat * 4 * bars, region:position ()))

function ardour () end -- the script's own description: of no use without a window
local bridge = os.getenv ("BRIDGE") .. "/"
dofile (bridge .. "bandmate_ask.lua")
local fill = factory {
  folder = bridge,
  track = "loops", port = os.getenv ("PORT"), parts = os.getenv ("PARTS"), key = os.getenv ("KEY"),
  seed = os.getenv ("SEED"),
}
print ("TAKE", fill ())
Session:save_state ("")
close_session ()
