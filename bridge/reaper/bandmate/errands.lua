-- @noindex
-- What somebody else wants done here, a panel or a surface: it comes through the daemon as a line such
-- as `loop bars=8`, and each is answered, whether it is done or not.

local console = require("bandmate.console")
local mailbox = require("bandmate.mailbox")
local settings = require("bandmate.settings")

local errands = {}

local verbs = {} -- {does, done} by the words that mean them
local names = {} -- the same words, in the order in which they are told
local OURS = { text = true, keywords = true } -- names that are no settings, of chords alone

-- Lets *words* mean what *does* does, which returns true where it is done; *done* says so to a person.
-- It is given {text, keywords} where those were said.
function errands.can(words, does, done)
  verbs[words] = { does = does, done = done }
  names[#names + 1] = words
end

local function is_name(name)
  if OURS[name] then return true end
  for _, row in ipairs(settings.ROWS) do
    if row.name == name then return true end
  end
  return false
end

-- "loop bars=8 form='A B'" -> "loop", {bars = "8", form = "A B"}, or nil and what makes no sense.
local function read(wish)
  local said = {}
  local function take(name, value)
    said[name] = value
    return " "
  end
  local rest = (" " .. wish .. " "):gsub("%s([%a_]+)='([^']*)'", take)
    :gsub('%s([%a_]+)="([^"]*)"', take):gsub("%s([%a_]+)=([^%s'\"]+)", take)
  local words = rest:gsub("%s+", " "):match("^ ?(.-) ?$")
  if not verbs[words] then
    return nil, "what is to be done must be one of " .. table.concat(names, ", ") .. ", not '" ..
      words .. "'"
  end
  for name in pairs(said) do
    if not is_name(name) then return nil, "REAPER has no setting '" .. name .. "'" end
    if OURS[name] and words ~= "chords" then return nil, name .. " is for chords alone" end
  end
  return words, said
end

local function answer(id, is_done, code, words)
  if is_done then return mailbox.send("/bandmate/bridge/done", { words }, id) end
  mailbox.send("/bandmate/error", { code, words }, id)
end

-- Does what a message wants and answers. What the actions say goes to whoever wanted it, and what it
-- names counts for this once.
function errands.take(message)
  local id, wish = message[2], tostring(message[3] or "")
  local words, said = read(wish)
  if not words then return answer(id, false, "ask", said) end
  local verb = verbs[words]
  settings.stand_in(said)
  local is_run, is_done, heard = console.overhear(verb.does, said)
  settings.stand_in({})
  if not is_run then
    return answer(id, false, "unavailable", "something went wrong (" .. tostring(is_done) .. ").")
  end
  if is_done then table.insert(heard, 1, verb.done) end
  if #heard == 0 then heard[1] = "nothing was done" end
  answer(id, is_done, "unavailable", table.concat(heard, " "))
end

-- Answers what was wanted while nothing waited here: whoever wanted it has been told that nobody answers.
function errands.refuse(message)
  answer(message[2], false, "unavailable", "REAPER was not waiting then; say it again")
end

return errands
