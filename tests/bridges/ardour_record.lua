-- A headless Ardour that records bandmate's MIDI port while a take plays, and saves the session.
-- Environment: FOLDER (of the new session), TEMPO, SECONDS (from the answer to the take's end), PORT (the
-- daemon's), MAILBOX (a folder for answers, and the client's name), SOURCE (the MIDI port), TAKE, ID (a new
-- one each time: the daemon answers a repeated ask without doing it again).
local usleep = ARDOUR.LuaAPI.usleep

local function wait_until (what, is_so)
  for _ = 1, 3000 do
    if is_so () then return end
    usleep (10000)
  end
  error (what .. " did not come")
end

assert (AudioEngine:set_backend ("JACK", "ardour", ""), "no JACK server")
Session = assert (create_session (os.getenv ("FOLDER"), "recorded", 48000))
local tempo = tonumber (os.getenv ("TEMPO"))
local map = Temporal.TempoMap.fetch_writable ()
map:set_tempo (Temporal.Tempo (tempo, tempo, 4), Temporal.timepos_t (0))
Temporal.TempoMap.update (map)
map = nil
collectgarbage ()

local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
local track = Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, "loops",
  ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ():to_track ():to_midi_track ()
local input = track:input ():midi (0)
wait_until ("the port", function () return input:connect (os.getenv ("SOURCE")) == 0 end)
track:rec_enable_control ():set_value (1, PBD.GroupControlDisposition.UseGroup)
Session:maybe_enable_record (true)
Session:request_roll (ARDOUR.TransportRequestSource.TRS_UI)
wait_until ("recording", function ()
  return Session:actively_recording () and Session:transport_sample () > Session:nominal_sample_rate () / 2
end)
Session:reset_xrun_count () -- those of loading a session move nothing

local folder, client = os.getenv ("MAILBOX"):match ("^(.*/([^/]+))$")
ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. os.getenv ("PORT")):send ("/bandmate/take/play", "siss",
  tostring (os.getenv ("ID")), tonumber (os.getenv ("TAKE")), "reply", "mailbox:" .. client)
local answer
wait_until ("an answer", function ()
  local file = io.open (folder .. "/answers/00000001.msg")
  answer = file and file:read ("a")
  if file then file:close () end
  return answer
end)
print ("ANSWER", (answer:gsub ("\n", " ")))

-- The take is over when Ardour's own clock has passed its length: no guess at this machine's speed.
local over = Session:transport_sample () + tonumber (os.getenv ("SECONDS")) * Session:nominal_sample_rate ()
wait_until ("the end", function () return Session:transport_sample () > over end)
print ("XRUNS", Session:get_xrun_count ())
Session:request_stop (false, false, ARDOUR.TransportRequestSource.TRS_UI)
wait_until ("a region", function ()
  for _ in track:playlist ():region_list ():iter () do return true end
end)
Session:save_state ("")
close_session ()
