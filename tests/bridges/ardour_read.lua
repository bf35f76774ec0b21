-- Reads a saved session in an Ardour of its own: its tempo, regions and notes, one a line.
-- Environment: FOLDER, NAME (of the session).
AudioEngine:set_backend ("None (Dummy)", "Unit-Test", "")
Session = assert (load_session (os.getenv ("FOLDER"), os.getenv ("NAME")))
local map = Temporal.TempoMap.read ()
print ("TEMPO", map:quarters_per_minute_at (Temporal.timepos_t (0)))
for route in Session:get_tracks ():iter () do
  for region in route:to_track ():playlist ():region_list ():iter () do
    local first, last = region:position (), region:position () + region:length ()
    print ("REGION", route:name (), tostring (map:quarters_at (first)), tostring (map:quarters_at (last)))
    local model = region:to_midiregion ():midi_source (0):model ()
    for note in ARDOUR.LuaAPI.note_list (model):iter () do
      print ("NOTE", tostring (note:time ()), tostring (note:length ()), note:note (), note:velocity (), note:channel ())
    end
  end
end
map = nil
collectgarbage ()
close_session ()
