-- Which take a region holds, and what it held before: kept in bandmate's folder, a line a region, so
-- that every action knows and a session that is opened again, too.

local folder, params, daemon = ...

local MOST = 64 -- regions that are remembered

local takes = {}

local function path ()
  return daemon.own_file ("ardour-takes.txt")
end

local function text_of (parts)
  local notes = {}
  for _, part in ipairs (parts) do
    for _, note in ipairs (part.notes) do
      notes[#notes + 1] = string.format ("%d/%.17g/%.17g/%d/%d",
        part.channel, note.start, note.duration, note.pitch, note.velocity)
    end
  end
  return table.concat (notes, ",")
end

local function parts_of (text)
  local parts = {}
  for channel, start, duration, pitch, velocity in
    text:gmatch ("(%d+)/([^/]+)/([^/]+)/(%d+)/(%d+)") do
    parts[#parts + 1] = { channel = math.tointeger (tonumber (channel)), notes = { {
      start = tonumber (start), duration = tonumber (duration),
      pitch = math.tointeger (tonumber (pitch)), velocity = math.tointeger (tonumber (velocity)),
    } } }
  end
  return parts
end

local function lines ()
  local found = {}
  for line in (daemon.read_file (path ()) or ""):gmatch ("[^\n]+") do found[#found + 1] = line end
  return found
end

-- Remembers that a region holds a take now, and what it held before; *is_new* where it was made for it.
function takes.remember (id, take, before, is_new)
  local kept = lines ()
  kept[#kept + 1] =
    string.format ("%s %d %s %s", id, take, is_new and "new" or "old", text_of (before))
  while #kept > MOST do table.remove (kept, 1) end
  daemon.write_file (path (), table.concat (kept, "\n") .. "\n")
end

-- The take that a region holds: its number, what was before, and whether the region was made for it.
function takes.of (id)
  local kept = lines ()
  for i = #kept, 1, -1 do
    local own, take, age, notes = kept[i]:match ("^(%S+) (%d+) (%a+) ?(.*)$")
    if own == id then
      return math.tointeger (tonumber (take)), parts_of (notes), age == "new", i
    end
  end
end

-- Forgets the take that a region holds, so that the one before it counts.
function takes.forget (id)
  local kept = lines ()
  local _, _, _, index = takes.of (id)
  if not index then return end
  table.remove (kept, index)
  daemon.write_file (path (), table.concat (kept, "\n") .. "\n")
end

return takes
