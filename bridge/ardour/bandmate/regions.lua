-- MIDI regions of the session: their place in the tempo map, their notes, and new ones.

local folder, params = ...

local regions = {}

local api = ARDOUR.LuaAPI

-- Lua is given no other number of Ardour's beats than their text.
function regions.beats_of (beats)
  local whole, ticks = tostring (beats):match ("^(%-?%d+):(%d+)$")
  return tonumber (whole) + tonumber (ticks) / Temporal.ticks_per_beat
end

local function first_midi (list)
  for region in list:iter () do
    local midi = region:to_midiregion ()
    if not midi:isnil () then return region, midi end
  end
end

-- The selected region and its track; without Ardour's window the last region of the track that params
-- name, or the one that starts at their beat.
function regions.selected ()
  if Editor then
    return first_midi (Editor:get_selection ().regions:regionlist ())
  end
  local route = Session:route_by_name (params.track or "")
  if route:isnil () or route:to_track ():isnil () then return nil end
  for region in route:to_track ():playlist ():region_list ():iter () do
    local midi = region:to_midiregion ()
    local start = regions.beats_of (region:position ():beats ())
    if not midi:isnil () and start == (tonumber (params.start) or start) then return region, midi end
  end
end

function regions.track_of (region)
  for route in Session:get_tracks ():iter () do
    local track = route:to_track ()
    for other in track:playlist ():region_list ():iter () do
      if other:to_stateful ():id () == region:to_stateful ():id () then return track end
    end
  end
end

function regions.id_of (region)
  return region:to_stateful ():id ():to_s ()
end

-- What the session says at a region: tempo, meter, where it begins, and its bars.
function regions.song_at (region)
  local map = Temporal.TempoMap.read ()
  local meter = map:meter_at (region:position ())
  local first = regions.beats_of (map:quarters_at (region:position ()))
  local last = regions.beats_of (map:quarters_at (region:position () + region:length ()))
  local song = {
    tempo = map:quarters_per_minute_at (region:position ()),
    numerator = math.floor (meter:divisions_per_bar ()),
    denominator = math.floor (meter:note_value ()),
    start = first,
  }
  song.bar = song.numerator * 4 / song.denominator
  song.length = last - first
  song.bars = math.max (1, math.floor (song.length / song.bar + 0.5))
  song.is_playing = Session:transport_rolling () and 1 or 0
  map = nil
  collectgarbage () -- Ardour cannot change its tempo map while a script holds one
  return song
end

-------------------------------------------------------------------------- notes

local function model_of (midi)
  return midi:midi_source (0):model ()
end

-- The notes that sound in a region, in beats from its start: by channel, in order.
function regions.notes_of (region, midi, length)
  local offset, voices, channels = regions.beats_of (region:start ():beats ()), {}, {}
  for note in api.note_list (model_of (midi)):iter () do
    local start = regions.beats_of (note:time ()) - offset
    if start >= 0 and start < length then
      local channel = note:channel ()
      if not voices[channel] then
        voices[channel] = { channel = channel, notes = {} }
        channels[#channels + 1] = channel
      end
      table.insert (voices[channel].notes, {
        start = start, duration = math.min (regions.beats_of (note:length ()), length - start),
        pitch = note:note (), velocity = note:velocity (),
      })
    end
  end
  table.sort (channels)
  local parts = {}
  for i, channel in ipairs (channels) do parts[i] = voices[channel] end
  return parts
end

-- Replaces all notes of a region by those of parts, as one step that one undo takes back.
function regions.write (region, midi, parts, words)
  local model = model_of (midi)
  local command = model:new_note_diff_command ("bandmate: " .. words)
  for note in api.note_list (model):iter () do command:remove (note) end
  local offset = regions.beats_of (region:start ():beats ())
  for _, part in ipairs (parts) do
    for _, note in ipairs (part.notes) do
      command:add (api.new_noteptr (part.channel, Temporal.Beats.from_double (offset + note.start),
        Temporal.Beats.from_double (note.duration), note.pitch, note.velocity))
    end
  end
  model:apply_command (Session, command)
end

-------------------------------------------------------------------- new regions

local function ids_on (playlist)
  local ids = {}
  for region in playlist:region_list ():iter () do ids[regions.id_of (region)] = true end
  return ids
end

-- A playlist may take in a copy of what it is given.
local function newest_on (playlist, before)
  for region in playlist:region_list ():iter () do
    if not before[regions.id_of (region)] then return region end
  end
end

-- A new region with a source of its own, at a place in beats on a track. Ardour's Lua can copy a region
-- but make none, so *like* is copied; what it held is written over.
function regions.add (like, track, start, length, parts, words)
  local region = ARDOUR.RegionFactory.clone_region (like, true, true)
  local ticks = Temporal.ticks_per_beat
  local place = Temporal.timepos_t.from_ticks (math.floor (start * ticks + 0.5))
  -- Written before it is in the playlist: then one undo takes the whole region away.
  regions.write (region, region:to_midiregion (), parts, words)
  region:set_length (Temporal.timecnt_t.from_ticks (math.floor (length * ticks + 0.5), place))
  region:set_name (words)
  local playlist = track:playlist ()
  local before = ids_on (playlist)
  Session:begin_reversible_command ("bandmate: " .. words)
  playlist:to_stateful ():clear_changes ()
  playlist:add_region (region, place, 1, false)
  Session:add_stateful_diff_command (playlist:to_statefuldestructible ())
  Session:commit_reversible_command (nil)
  return newest_on (playlist, before) or region
end

function regions.new_track (name)
  local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
  return Session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, name,
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ():to_track ()
end

return regions
