-- @noindex
-- What a person reads: sentences in REAPER's console, news where REAPER shows help.

local console = {}

local told = {} -- sentences that were said already, by what they belong to

local overheard -- sentences that go to somebody else, while something is done for them

function console.say(words)
  if overheard then
    overheard[#overheard + 1] = words
    return
  end
  reaper.ShowConsoleMsg("bandmate: " .. words .. "\n")
end

function console.say_once(topic, words)
  if overheard then return console.say(words) end
  if told[topic .. words] then return end
  told[topic .. words] = true
  console.say(words)
end

function console.show(words)
  reaper.Help_Set("bandmate: " .. words, true)
end

-- Does something and keeps what is said meanwhile from the console; returns what pcall does of it, and
-- the sentences.
function console.overhear(does, ...)
  overheard = {}
  local is_run, result = pcall(does, ...)
  local heard = overheard
  overheard = nil
  return is_run, result, heard
end

return console
