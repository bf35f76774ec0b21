-- A Lua of its own behind two pipes: runs what it is told, and asks for every function of `reaper`.
-- A line is a word and values with blanks between: n, b1, i12, f0x1.8p+1, s68656c6c6f, p7, F3.
local functions, handles = {}, {}

local function hex(text)
  return (text:gsub(".", function(byte) return string.format("%02x", byte:byte()) end))
end

local function unhex(text)
  return (text:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
end

local function encoded(value)
  local kind = math.type(value)
  if value == nil then return "n" end
  if kind == "integer" then return "i" .. value end
  if kind == "float" then return string.format("f%a", value) end
  if type(value) == "boolean" then return value and "b1" or "b0" end
  if type(value) == "string" then return "s" .. hex(value) end
  if type(value) == "table" then return "p" .. value.id end
  functions[#functions + 1] = value
  return "F" .. #functions
end

local function handle(id)
  handles[id] = handles[id] or { id = id } -- one table a thing, so that the same is equal
  return handles[id]
end

local READERS = {
  n = function() return nil end,
  b = function(rest) return rest == "1" end,
  i = function(rest) return math.tointeger(tonumber(rest)) end,
  f = function(rest) return tonumber(rest) + 0.0 end,
  s = unhex,
  p = handle,
}

local function told()
  local line = assert(io.read("l"), "the other end is gone")
  local word, count, values = line:match("^%S+"), 0, {}
  for kind, rest in line:sub(#word + 1):gmatch(" (%a)(%S*)") do
    count = count + 1
    values[count] = READERS[kind](rest)
  end
  return word, values, count
end

local function say(word, ...)
  local parts = { word }
  for i = 1, select("#", ...) do parts[#parts + 1] = encoded((select(i, ...))) end
  io.write(table.concat(parts, " "), "\n")
  io.flush()
end

local function call(name, ...)
  say("call", name, ...)
  local word, values, count = told()
  if word == "error" then error(values[1], 0) end
  return table.unpack(values, 1, count)
end

reaper = setmetatable({}, { __index = function(_, name)
  if not call("has", name) then return nil end
  return function(...) return call(name, ...) end
end })

while true do
  local word, values = told()
  local does = word == "run" and assert(load(values[1])) or functions[math.tointeger(values[1])]
  local is_done, trouble = pcall(does)
  if is_done then say("done") else say("failed", tostring(trouble)) end
end
