-- @noindex
-- What a person has set: kept in the project, and where it lasts also for new projects.

local console = require("bandmate.console")

local settings = {}

local SECTION = "bandmate" -- of ExtState and of the project's state

-- name; whether it is told in an ask for a loop, for chords, for a change of what is there; whether a
-- new project starts with the last answer; caption; the choices, where there are few
settings.ROWS = {
  { name = "key", loop = true, chords = true, change = true, caption = "Key (A:min, or heard)" },
  { name = "chords", loop = true, change = true, caption = "Chords (A:min D:min,G:7)" },
  { name = "parts", loop = true, lasts = true, caption = "Parts (drums,bass,keys:4)" },
  { name = "preset", loop = true, change = true, lasts = true, caption = "Preset" },
  { name = "genre", loop = true, change = true, lasts = true, caption = "Genre" },
  { name = "section", loop = true, change = true, lasts = true, caption = "Section (verse)" },
  { name = "energy", loop = true, change = true, lasts = true, caption = "Energy (1..5)" },
  { name = "density", loop = true, change = true, lasts = true, caption = "Density (onsets a bar)" },
  { name = "feel", loop = true, change = true, lasts = true, caption = "Feel (0..1)" },
  { name = "seed", loop = true, change = true, caption = "Seed" },
  { name = "bars", lasts = true, caption = "Bars without a time selection" },
  { name = "vary", lasts = true, caption = "Vary how far (0..1)" },
  { name = "context", lasts = true, choices = { "on", "off" },
    caption = "Loops play to selected items" },
  { name = "insert", lasts = true, choices = { "", "items", "takes" },
    caption = "Insert as new items or as takes" },
  { name = "layout", lasts = true, choices = { "", "items", "tracks", "one" },
    caption = "Layout of parts" },
  { name = "voicing", chords = true, lasts = true, choices = { "", "smooth", "close", "open", "guitar" },
    caption = "Voicing of chords" },
  { name = "rhythm", chords = true, lasts = true, caption = "Rhythm of chords (held)" },
  { name = "markers", lasts = true, choices = { "off", "on", "regions" },
    caption = "Chord names as markers" },
  { name = "report", lasts = true, choices = { "on", "off" },
    caption = "Tell bandmate where the project is" },
}

local YES = { on = true, yes = true, ["1"] = true, ["true"] = true }
local NO = { off = true, no = true, ["0"] = true, ["false"] = true }

function settings.of_project(name)
  local _, value = reaper.GetProjExtState(0, SECTION, name)
  return value or ""
end

function settings.set_of_project(name, value)
  reaper.SetProjExtState(0, SECTION, name, value)
end

local for_once = {} -- what counts while something is done for somebody else, by name

-- From now on what is *said* (values by name) stands for the settings of those names; {} ends it.
function settings.stand_in(said)
  for_once = said
end

function settings.get(name)
  if for_once[name] then return for_once[name] end
  local here = settings.of_project(name)
  if here ~= "" then return here end
  return reaper.GetExtState(SECTION, name)
end

function settings.change(row, value)
  settings.set_of_project(row.name, value)
  if row.lasts then reaper.SetExtState(SECTION, row.name, value, true) end
end

-- One of some words, the first where nothing is set; what is none of them is told.
function settings.choice(name, choices, usual)
  local value = settings.get(name):lower()
  if value == "" then return usual end
  for _, choice in ipairs(choices) do
    if choice == value then return value end
  end
  local last = table.remove(choices)
  console.say(name .. " must be " .. table.concat(choices, ", ") .. " or " .. last .. ", not '" ..
    value .. "'; " .. usual .. " is used.")
  return usual
end

-- On or off.
function settings.is_on(name, usual)
  local value = settings.get(name):lower()
  if YES[value] or NO[value] then return YES[value] or false end
  if value ~= "" then
    console.say_once("setting", name .. " must be on or off, not '" .. value .. "'; " ..
      (usual and "on" or "off") .. " is used.")
  end
  return usual
end

-- Returns what the person wrote into the fields, or nil. A dialog opens only where one was asked for.
function settings.filled_in(title, captions, values, width)
  for i, caption in ipairs(captions) do captions[i] = caption:gsub(",", " ") end
  local caption = table.concat(captions, ",") .. ",extrawidth=" .. width .. ",separator=\n"
  local is_kept, text = reaper.GetUserInputs(title, #values, caption, table.concat(values, "\n"))
  if not is_kept then return nil end
  local written = {}
  for value in (text .. "\n"):gmatch("(.-)\n") do
    written[#written + 1] = value:match("^%s*(.-)%s*$")
  end
  return written
end

-- The same without a dialog, of what is *said*, else of what was there before.
function settings.inspiration_of(said)
  local phrase, keywords = settings.of_project("phrase"), settings.of_project("keywords")
  if said.text or said.keywords then
    return { text = said.text or "", keywords = said.keywords or "" }
  end
  return { text = keywords == "" and phrase or "", keywords = keywords }
end

-- Returns {text, keywords}: a phrase that was there before is not read again, because the keywords
-- beside it are what it became, as the person left them.
function settings.what_inspires()
  local phrase, keywords = settings.of_project("phrase"), settings.of_project("keywords")
  local captions = { "What inspires you?", "Keywords (warm:0.8 slow!)" }
  local written = settings.filled_in("bandmate: chords", captions, { phrase, keywords }, 300)
  if not written then return nil end
  settings.set_of_project("phrase", written[1])
  settings.set_of_project("keywords", written[2] or "")
  local is_read = written[1] == phrase and written[2] ~= ""
  return { text = is_read and "" or written[1], keywords = written[2] or "" }
end

return settings
