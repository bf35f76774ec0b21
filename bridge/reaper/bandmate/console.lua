-- @noindex
-- What a person reads: sentences in REAPER's console, news where REAPER shows help.

local console = {}

local told = {} -- sentences that were said already, by what they belong to

function console.say(words)
  reaper.ShowConsoleMsg("bandmate: " .. words .. "\n")
end

function console.say_once(topic, words)
  if told[topic .. words] then return end
  told[topic .. words] = true
  console.say(words)
end

function console.show(words)
  reaper.Help_Set("bandmate: " .. words, true)
end

return console
