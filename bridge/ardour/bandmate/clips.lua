-- Clips as they come: their parts, and their notes as bytes.

local DRUM_CHANNEL = 9 -- from 0
local NOTE_BYTES = 12

local clips = {}

-- "drums:0:64,bass:33:20" -> parts in order, each with a channel of its own; drums keep theirs.
function clips.parts_of (text)
  local parts, free = {}, 0
  for name in text:gmatch ("([^:,]+):%d+:%d+") do
    local part = { name = name, notes = {} }
    if name:match ("^drums%d*$") then
      part.channel = DRUM_CHANNEL
    else
      part.channel, free = free % 16, free + 1
      if free == DRUM_CHANNEL then free = free + 1 end
    end
    parts[#parts + 1] = part
  end
  return parts
end

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

-- The parts of a clip {made, chunks, crc} with their notes, or nil where those are damaged.
function clips.read (clip)
  if #clip.chunks ~= clip.made.chunks then return nil end
  local data, parts = table.concat (clip.chunks), clips.parts_of (clip.made.parts)
  if #clip.chunks > 0 and crc32 (data) ~= clip.crc & 0xFFFFFFFF then return nil end
  for at = 1, #data, NOTE_BYTES do
    local part, pitch, velocity, _, start, duration = string.unpack (">BBBBff", data, at)
    local notes = parts[part + 1].notes
    notes[#notes + 1] = { pitch = pitch, velocity = velocity, start = start, duration = duration }
  end
  return parts
end

-- Gathers a clip from answers: *made* is the address that tells of it, *last* the one that comes when
-- all is told, nil where that is the clip itself. The function returns true at the end.
function clips.gathering (made, last, pairs_of)
  local clip = { chunks = {} }
  return clip, function (message)
    if message[1] == made and not clip.made then
      clip.made = pairs_of (message, last and 4 or 3)
      clip.take = last and message[3] or clip.made.take
    elseif message[1] == last then
      return true
    elseif message[1] == "/bandmate/take/notes" and clip.take == message[3] then
      clip.chunks[message[4] + 1], clip.crc = message[7], message[6]
    end
    return not last and clip.made and #clip.chunks == clip.made.chunks
  end
end

return clips
