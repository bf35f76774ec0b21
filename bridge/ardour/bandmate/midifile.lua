-- A small MIDI file (type 1) of parts, for the daemon to play to.

local midifile = {}

local DIVISION = 960 -- ticks of a quarter note
local OFF, ON, PROGRAM = 0x80, 0x90, 0xC0

local function number_of_any_length(value)
  local bytes = string.char(value & 0x7F)
  value = value >> 7
  while value > 0 do
    bytes = string.char(value & 0x7F | 0x80) .. bytes
    value = value >> 7
  end
  return bytes
end

local function ticks(beats)
  return math.floor(beats * DIVISION + 0.5)
end

local function meta(kind, data)
  return string.char(0xFF, kind) .. number_of_any_length(#data) .. data
end

-- *events* are {tick, rank, bytes}; at one tick the lower rank comes first.
local function track(events, length)
  table.sort(events, function(one, other)
    if one[1] ~= other[1] then return one[1] < other[1] end
    if one[2] ~= other[2] then return one[2] < other[2] end
    return one[3] < other[3]
  end)
  local bytes, now = {}, 0
  for _, event in ipairs(events) do
    bytes[#bytes + 1] = number_of_any_length(event[1] - now) .. event[3]
    now = event[1]
  end
  bytes[#bytes + 1] = number_of_any_length(math.max(0, length - now)) .. meta(0x2F, "")
  local data = table.concat(bytes)
  return string.pack(">c4I4", "MTrk", #data) .. data
end

local function part_track(part, length)
  local events = { { 0, 0, meta(3, part.name or "") } }
  if part.program then
    events[2] = { 0, 1, string.char(PROGRAM | part.channel, part.program) }
  end
  for _, note in ipairs(part.notes) do
    local from, to = ticks(note.start), ticks(note.start + note.duration)
    to = math.max(to, from + 1)
    events[#events + 1] = { from, 3, string.char(ON | part.channel, note.pitch, note.velocity) }
    events[#events + 1] = { to, 2, string.char(OFF | part.channel, note.pitch, 0) }
  end
  return track(events, length)
end

-- Returns the bytes of parts {name, program or nil, channel, notes {start, duration, pitch, velocity}},
-- in beats from their common start, *length* beats long.
function midifile.of(parts, length, song)
  local exponent = 0
  while 1 << exponent < song.denominator do exponent = exponent + 1 end
  local microseconds = math.min(math.floor(60000000 / song.tempo + 0.5), 0xFFFFFF)
  local tracks = { track({
    { 0, 0, meta(0x51, string.pack(">I3", microseconds)) },
    { 0, 1, meta(0x58, string.char(song.numerator, exponent, 24, 8)) },
  }, ticks(length)) }
  for _, part in ipairs(parts) do tracks[#tracks + 1] = part_track(part, ticks(length)) end
  return string.pack(">c4I4I2I2I2", "MThd", 6, 1, #tracks, DIVISION) .. table.concat(tracks)
end

return midifile
