-- @noindex
-- Messages as the mailbox writes them: the address, then one line an argument.

local messages = {}

local KINDS = { integer = "i", float = "f" }
local ESCAPES = { n = "\n", r = "\r", ["\\"] = "\\" }

local function line_of(value)
  local kind = KINDS[math.type(value)]
  if kind == "i" then return "i " .. value end
  if kind == "f" then return string.format("f %.17g", value) end
  return "s " .. value:gsub("\\", "\\\\"):gsub("\n", "\\n"):gsub("\r", "\\r")
end

function messages.to_text(address, id, values)
  local lines = { address, line_of(id) }
  for _, value in ipairs(values) do lines[#lines + 1] = line_of(value) end
  return table.concat(lines, "\n") .. "\n"
end

local READERS = {
  i = function(text) return math.tointeger(tonumber(text)) end,
  f = function(text) return tonumber(text) end,
  s = function(text) return (text:gsub("\\(.)", ESCAPES)) end,
  b = function(text)
    if #text % 2 == 1 or text:find("%X") then return nil end
    return (text:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
  end,
}

-- Returns {address, argument...}, or nil where the text is no whole message.
function messages.from_text(text)
  if text:sub(-1) ~= "\n" then return nil end
  local message
  for line in text:gmatch("([^\n]*)\n") do
    if not message then
      message = { line:gsub("\r$", ""), n = 1 }
    else
      local kind, rest = line:match("^(%a) ?(.-)\r?$")
      local value = READERS[kind] and READERS[kind](rest)
      if value == nil then return nil end
      message.n = message.n + 1
      message[message.n] = value
    end
  end
  return message
end

-- The names and values of a message from an argument on.
function messages.pairs_of(message, first)
  local said = {}
  for i = first, message.n - 1, 2 do
    said[message[i]] = message[i + 1]
  end
  return said
end

return messages
