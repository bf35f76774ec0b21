-- @noindex
-- The key in which notes are, heard by how long each pitch class sounds. After C. L. Krumhansl,
-- Cognitive Foundations of Musical Pitch (1990), chapter 4.

local hearing = {}

local MAJOR = { 6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88 }
local MINOR = { 6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17 }
local NAMES = { [0] = "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B" }
local DRUM_CHANNEL = 9 -- from 0
local FEWEST = 3 -- pitch classes, below which no key is heard

-- Scales as REAPER's MIDI editor tells them: a bit for each semitone above the tonic.
local MODES = {
  [0xAB5] = "maj", [0x5AD] = "min", [0x6AD] = "dor", [0x5AB] = "phr", [0xAD5] = "lyd",
  [0x6B5] = "mix", [0x56B] = "loc", [0x9AD] = "hmin",
}

function hearing.key_of_scale(root, scale)
  local mode = MODES[scale & 0xFFF]
  return mode and NAMES[root % 12] and NAMES[root % 12] .. ":" .. mode or nil
end

local function correlation(weights, profile, tonic)
  local mean, usual = 0, 0
  for i = 1, 12 do mean, usual = mean + weights[i] / 12, usual + profile[i] / 12 end
  local both, one, other = 0, 0, 0
  for i = 1, 12 do
    local a, b = weights[(tonic + i - 1) % 12 + 1] - mean, profile[i] - usual
    both, one, other = both + a * b, one + a * a, other + b * b
  end
  return one > 0 and both / math.sqrt(one * other) or 0
end

-- Returns the key of notes {start, finish, channel, pitch}, such as "A:min", or nil for too few.
function hearing.key_of(notes)
  local weights, classes = {}, 0
  for i = 1, 12 do weights[i] = 0 end
  for _, note in ipairs(notes) do
    if note.channel ~= DRUM_CHANNEL then
      local i = note.pitch % 12 + 1
      if weights[i] == 0 then classes = classes + 1 end
      weights[i] = weights[i] + note.finish - note.start
    end
  end
  if classes < FEWEST then return nil end
  local best, key = -2, nil
  for tonic = 0, 11 do
    local major, minor = correlation(weights, MAJOR, tonic), correlation(weights, MINOR, tonic)
    if major > best then best, key = major, NAMES[tonic] .. ":maj" end
    if minor > best then best, key = minor, NAMES[tonic] .. ":min" end
  end
  return key
end

return hearing
