-- A headless Ardour that sends its MIDI clock and records what is played to it, and saves the session.
-- Environment: FOLDER (of the new session), TEMPO, BEATS (that it rolls), SOURCE (the port that it records),
-- CLOCK (the port that hears its clock).
local usleep = ARDOUR.LuaAPI.usleep

local function wait_until (what, is_so)
  for _ = 1, 6000 do
    if is_so () then return end
    usleep (10000)
  end
  error (what .. " did not come")
end

assert (AudioEngine:set_backend ("JACK", "ardour", ""), "no JACK server")
Session = assert (create_session (os.getenv ("FOLDER"), "clocked", 48000))
local tempo = tonumber (os.getenv ("TEMPO"))
local map = Temporal.TempoMap.fetch_writable ()
map:set_tempo (Temporal.Tempo (tempo, tempo, 4), Temporal.timepos_t (0))
Temporal.TempoMap.update (map)
map = nil
collectgarbage ()
ARDOUR.config ():set_send_midi_clock (true)

local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
local track = Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, "loops",
  ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ():to_track ():to_midi_track ()
local input = track:input ():midi (0)
wait_until ("the port", function () return input:connect (os.getenv ("SOURCE")) == 0 end)
wait_until ("the clock", function ()
  return AudioEngine:connect ("ardour:MIDI Clock out", os.getenv ("CLOCK")) == 0
end)
track:rec_enable_control ():set_value (1, PBD.GroupControlDisposition.UseGroup)
Session:maybe_enable_record (true)
usleep (500000)
Session:reset_xrun_count () -- those of loading a session move nothing
Session:request_roll (ARDOUR.TransportRequestSource.TRS_UI)
local over = tonumber (os.getenv ("BEATS")) * 60 / tempo * Session:nominal_sample_rate ()
wait_until ("the end", function () return Session:transport_sample () > over end)
print ("XRUNS", Session:get_xrun_count ())
Session:request_stop (false, false, ARDOUR.TransportRequestSource.TRS_UI)
wait_until ("a region", function ()
  for _ in track:playlist ():region_list ():iter () do return true end
end)
Session:save_state ("")
close_session ()
