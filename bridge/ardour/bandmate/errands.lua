-- What somebody else wants done here, a panel or a surface: it comes to the hook as a line such as
-- `loop genre=funk`, and each is answered, whether it is done or not. No dialog opens.

local folder, params, daemon, actions = ...

local NAMES = { "key", "parts", "preset", "genre", "chords", "seed", "text", "keywords", "rhythm",
  "voicing", "vary" } -- what can be said with it

-- What it is called, what does it and what is told then; each returns the take that it brought or marked.
local VERBS = {
  { "loop", actions.ask, "take %d fills the region" },
  { "chords", actions.chords, "the chords of take %d fill the region" },
  { "vary", actions.vary, "take %d varies the region" },
  { "continue", actions.continue, "take %d follows the region" },
  { "accept", actions.accept, "take %d is accepted" },
  { "reject", actions.reject, "take %d is rejected, and what was there before is back" },
}
for _, name in ipairs { "drums", "bass", "keys" } do
  local function add () return actions.add (name) end
  VERBS[#VERBS + 1] = { "add " .. name, add, "take %d stands on a new track" }
end

local errands = {}

local function verb_of (words)
  local names = {}
  for i, verb in ipairs (VERBS) do
    if verb[1] == words then return verb end
    names[i] = verb[1]
  end
  return nil, "what is to be done in Ardour must be one of " .. table.concat (names, ", ") ..
    ", not '" .. words .. "'"
end

-- "loop genre='hip hop'" -> its verb and {genre = "hip hop"}, or nil and what makes no sense.
local function read (wish)
  local said = {}
  local function take (name, value)
    said[name] = value
    return " "
  end
  local rest = (" " .. wish .. " "):gsub ("%s([%a_]+)='([^']*)'", take)
    :gsub ('%s([%a_]+)="([^"]*)"', take):gsub ("%s([%a_]+)=([^%s'\"]+)", take)
  local verb, trouble = verb_of (rest:gsub ("%s+", " "):match ("^ ?(.-) ?$"))
  if not verb then return nil, trouble end
  local known = {}
  for _, name in ipairs (NAMES) do known[name] = true end
  for name in pairs (said) do
    if not known[name] then return nil, name .. " cannot be said to Ardour" end
  end
  return verb, said
end

-- Does what a message wants and answers it; what is said meanwhile is part of the answer.
function errands.take (message)
  local id, verb, said = message[2], read (tostring (message[3] or ""))
  if not verb then return daemon.send ("/bandmate/error", id, { "ask", said }) end
  actions.stand_in (said)
  local is_run, take, heard = daemon.overhear (verb[2])
  actions.stand_in (nil)
  if is_run and take then
    table.insert (heard, 1, verb[3]:format (take))
    return daemon.send ("/bandmate/bridge/done", id, { table.concat (heard, " ") })
  end
  if not is_run then heard[#heard + 1] = "something went wrong (" .. tostring (take) .. ")." end
  if #heard == 0 then heard[1] = "nothing was done" end
  daemon.send ("/bandmate/error", id, { "unavailable", table.concat (heard, " ") })
end

return errands
