-- @noindex
-- Cards of chords: the takes of one item, their names as markers or regions, and the one chosen.

local inserting = require("bandmate.inserting")
local items = require("bandmate.items")
local settings = require("bandmate.settings")

local cards = {}

-- "F Dm7,G7" -> {{"F"}, {"Dm7", "G7"}}; a symbol holds no comma.
local function bars_of(text)
  local bars = {}
  for word in tostring(text):gmatch("%S+") do
    local bar = {}
    for symbol in word:gmatch("[^,]+") do bar[#bar + 1] = symbol end
    bars[#bars + 1] = bar
  end
  return bars
end

function cards.title_of(card)
  local bars = {}
  for i, bar in ipairs(bars_of(card.made.symbols)) do bars[i] = table.concat(bar, " ") end
  return table.concat(bars, " | ") .. " #" .. card.take
end

-- One item that holds every card as a take, the first one active.
local function write_takes(track, qn, dealt, parts)
  local written = {}
  for i, card in ipairs(dealt) do
    local made = { take = card.take, file = card.made.file }
    local place = inserting.at(track, qn, card.made.length)
    local item, take = inserting.write_item(place, cards.title_of(card), parts[i], made)
    items.mark_card(take, card.take, card.made.file)
    written[i] = item
  end
  return inserting.join(written, dealt[1].take)
end

-- The chords of a card: {symbol, start, finish}, in beats; one that goes on is one.
local function spans_of(card)
  local bars, spans = bars_of(card.made.symbols), {}
  for i, bar in ipairs(bars) do
    for j, symbol in ipairs(bar) do
      local start = card.made.length * (i - 1 + (j - 1) / #bar) / #bars
      local last = spans[#spans]
      if last and last.symbol ~= symbol then last.finish = start end
      if not last or last.symbol ~= symbol then
        spans[#spans + 1] = { symbol = symbol, start = start, finish = card.made.length }
      end
    end
  end
  return spans
end

local function write_markers(qn, card, kind)
  for _, span in ipairs(spans_of(card)) do
    local from = reaper.TimeMap2_QNToTime(0, qn + span.start)
    local to = kind == "regions" and reaper.TimeMap2_QNToTime(0, qn + span.finish) or 0
    reaper.AddProjectMarker(0, kind == "regions", from, to, span.symbol, -1)
  end
end

-- In the layout "tracks" each part has an item of its own, on a track of its own.
local function write(track, qn, dealt, layout, markers)
  local written = {}
  for i, part in ipairs(layout == "tracks" and dealt[1].parts or { false }) do
    local parts = {}
    for j, card in ipairs(dealt) do parts[j] = part and { card.parts[i] } or card.parts end
    local own = part and inserting.track_for(track, i, part, layout) or track
    written[i] = write_takes(own, qn, dealt, parts)
  end
  for _, item in ipairs(written) do reaper.SetMediaItemSelected(item, true) end
  if markers ~= "off" then write_markers(qn, dealt[1], markers) end
  settings.set_of_project("card_item", items.guid_of(written[1]))
  inserting.remember_last(written)
end

function cards.insert(track, qn, dealt)
  local numbers = {}
  for i, card in ipairs(dealt) do numbers[i] = "#" .. card.take end
  local what = "chords " .. table.concat(numbers, " ")
  local layout = inserting.layout()
  local markers = settings.choice("markers", { "on", "off", "regions" }, "off")
  inserting.as_one_step(what, "insert " .. what, write, track, qn, dealt, layout, markers)
end

-- The card that is chosen among the takes of the item that was inserted last, or nil.
function cards.chosen()
  local guid = settings.of_project("card_item")
  local item = guid ~= "" and items.by_guid(guid)
  local take = item and reaper.GetActiveTake(item)
  return take and items.card_of(take) or nil
end

return cards
