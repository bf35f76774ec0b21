-- @noindex
-- Notes as bytes, and the parts that they belong to.

local notes = {}

notes.DRUM_CHANNEL = 9 -- from 0
local NOTE_BYTES = 12

-- "drums:0:64,bass:33:20" -> parts in order, each with a channel of its own; drums keep theirs.
function notes.parts_of(text)
  local parts, free = {}, 0
  for name, program in tostring(text):gmatch("([^:,]+):(%d+):%d+") do
    local part = { name = name, program = math.tointeger(tonumber(program)), notes = {} }
    if name:match("^drums%d*$") then
      part.channel = notes.DRUM_CHANNEL
    else
      part.channel, free = free % 16, free + 1
      if free == notes.DRUM_CHANNEL then free = free + 1 end
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

local function is_read(clip, parts)
  local data = table.concat(clip.chunks)
  if clip.count > 0 and crc32(data) ~= clip.crc & 0xFFFFFFFF then return false end
  if #data % NOTE_BYTES ~= 0 then return false end
  for at = 1, #data, NOTE_BYTES do
    local part, pitch, velocity, _, start, duration = string.unpack(">BBBBff", data, at)
    if not parts[part + 1] then return false end
    local found = parts[part + 1].notes
    found[#found + 1] = { pitch = pitch, velocity = velocity, start = start, duration = duration }
  end
  return true
end

-- Returns a clip's parts with their notes, or nil where they are not what was sent.
function notes.read(clip)
  local parts = notes.parts_of(clip.made.parts)
  if not math.type(clip.made.length) then return nil end
  return is_read(clip, parts) and parts or nil
end

return notes
