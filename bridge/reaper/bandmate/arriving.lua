-- @noindex
-- Clips that are arriving, and what becomes of them once they are whole.

local asks = require("bandmate.asks")
local cards = require("bandmate.cards")
local console = require("bandmate.console")
local inserting = require("bandmate.inserting")
local items = require("bandmate.items")
local mailbox = require("bandmate.mailbox")
local notes = require("bandmate.notes")

local arriving = {}

-- Clips by id and take: {id, place, take, made, is_placed, is_card, chunks, got, count, crc, files,
-- heard}. Their files stay until the clip is in the project, so that a new start finds them.
local clips = {}
local hands = {} -- answers to asks for chords whose cards are arriving, by id: {count, file, heard}
local held = {} -- names of those files

local function hold(name)
  held[name] = true
end

local function let_go(name)
  mailbox.remove_answer(name)
  held[name] = nil
end

function arriving.is_held(name)
  return held[name]
end

local function clip_at(id, take, name)
  local place = id .. "/" .. tostring(take)
  local clip = clips[place]
  if not clip then
    clip = { id = id, place = place, take = take, chunks = {}, got = 0, files = {} }
    clips[place] = clip
  end
  clip.heard = reaper.time_precise()
  clip.files[#clip.files + 1] = name
  hold(name)
  return clip
end

local function forget(clip)
  clips[clip.place] = nil
  for _, name in ipairs(clip.files) do let_go(name) end
end

local function lies_in(clip)
  local file = clip.made and clip.made.file
  return file and file ~= "" and "; it lies in " .. file or ""
end

local function is_whole(clip)
  return clip.made and clip.count and clip.got == clip.count
end

------------------------------------------------------------------ where a clip goes

-- Track and place, or nil and the reason.
local function target_of(clip, ask)
  if clip.is_placed then
    local track = reaper.GetSelectedTrack(0, 0)
    if not track then return nil, "finds no selected track" end
    return track, reaper.TimeMap2_timeToQN(0, reaper.GetCursorPosition())
  end
  if not ask then return nil, "came too late" end
  local track = items.track_by_guid(ask.track)
  if not track then return nil, "finds its track no longer in this project" end
  return track, ask.qn
end

-- The parts that came back changed, gathered by the item they came from, each with its own channel.
local function groups_of(parts, targets)
  local groups, by_item = {}, {}
  for i, target in ipairs(targets) do
    local group = by_item[target.item]
    if not group then
      group = { item = target.item, behind = target.behind, parts = {} }
      by_item[target.item] = group
      groups[#groups + 1] = group
    end
    parts[i].channel = target.channel
    group.parts[#group.parts + 1] = parts[i]
  end
  return groups
end

local function name_of(group, take)
  local names = {}
  for i, part in ipairs(group.parts) do names[i] = part.name end
  return table.concat(names, "+") .. " #" .. take
end

local function entry_of(guid)
  local item = items.by_guid(guid)
  return item and items.entry_of(item)
end

-- What was varied or filled: a take of each item, or a new item where it is gone or is set so.
local function write_changed(track, qn, made, parts, targets, mode)
  local written = {}
  for i, group in ipairs(groups_of(parts, targets)) do
    local entry, name = entry_of(group.item), name_of(group, made.take)
    if entry and mode == "takes" then
      written[i] =
        inserting.add_take(entry, name, group.parts, made, entry.start - group.behind)
    else
      local place = inserting.at(entry and entry.track or track, qn, made.length)
      written[i] = inserting.write_item(place, name, group.parts, made)
    end
  end
  inserting.remember_last(written)
end

-- What continues: behind each item a new one, on its track.
local function write_behind(track, qn, made, parts, targets)
  local written = {}
  for i, group in ipairs(groups_of(parts, targets)) do
    local entry = entry_of(group.item)
    local place = inserting.at(entry and entry.track or track, qn, made.length)
    written[i] = inserting.write_item(place, name_of(group, made.take), group.parts, made)
  end
  inserting.remember_last(written)
end

-- What was added: each new part on a track of its own, unless the layout says otherwise.
local function write_added(track, qn, made, parts, layout)
  local written = {}
  for i, part in ipairs(parts) do
    local own = layout == "tracks" and inserting.new_track(track, i, part.name) or track
    local name = part.name .. " #" .. made.take
    written[i] = inserting.write_item(inserting.at(own, qn, made.length), name, { part }, made)
  end
  inserting.remember_last(written)
end

local function write_loop(track, qn, made, parts, layout, mode)
  inserting.remember_last(inserting.write_clip(track, qn, made, parts, layout, mode))
end

local function without(parts, count)
  return table.move(parts, count + 1, #parts, 1, {})
end

-- Returns what is to be written and all it needs, by the kind of the ask.
local function writing_of(ask, parts)
  local kind = ask and ask.kind or "loop"
  if kind == "vary" or kind == "fill" then
    return write_changed, parts, ask.targets, inserting.mode("takes")
  end
  if kind == "continue" then return write_behind, parts, ask.targets end
  if kind == "add" then
    return write_added, without(parts, ask.given), inserting.layout("tracks")
  end
  local new = without(parts, ask and ask.given or 0)
  return write_loop, new, inserting.layout(), inserting.mode("items")
end

local function finish(clip)
  local ask = not clip.is_placed and asks.of(clip.id) or nil
  local parts = notes.read(clip)
  forget(clip)
  if ask then asks.done(ask) end
  local take = "take " .. clip.take
  if not parts then
    return console.say("the notes of " .. take .. " arrived damaged; ask again" .. lies_in(clip) .. ".")
  end
  local track, place = target_of(clip, ask)
  if not track then return console.say(take .. " " .. place .. lies_in(clip) .. ".") end
  local needed = ask and math.max(ask.given, #ask.targets) or 0
  if #parts < needed then
    return console.say(take .. " has other parts than the items" .. lies_in(clip) .. ".")
  end
  clip.made.take = clip.take
  local write, written, more, mode = writing_of(ask, parts)
  inserting.as_one_step(
    take, "insert " .. take, write, track, place, clip.made, written, more, mode)
end

---------------------------------------------------------------------------- cards

local function forget_hand(id)
  let_go(hands[id].file)
  hands[id] = nil
end

local function cards_of(id)
  local found = {}
  for _, clip in pairs(clips) do
    if clip.is_card and clip.id == id and is_whole(clip) then found[#found + 1] = clip end
  end
  table.sort(found, function(one, other) return one.made.index < other.made.index end)
  return found
end

-- Returns the cards whose notes are as they were sent.
local function read_cards(found)
  local good = {}
  for _, card in ipairs(found) do
    card.parts = notes.read(card)
    if card.parts then
      good[#good + 1] = card
    else
      console.say("the notes of take " .. card.take .. " arrived damaged; ask again" ..
        lies_in(card) .. ".")
    end
    forget(card)
  end
  return good
end

local function finish_hand(id)
  local hand, ask = hands[id], asks.of(id)
  local found = hand and cards_of(id)
  if not hand or #found < hand.count then return end
  forget_hand(id)
  if ask then asks.done(ask) end
  if hand.count == 0 then return console.say("no chords came; ask again.") end
  found = read_cards(found)
  local first = found[1]
  if not first then return end
  local track, place = target_of(first, ask)
  if not track then
    return console.say("take " .. first.take .. " " .. place .. lies_in(first) .. ".")
  end
  cards.insert(track, place, found)
end

local function finish_if_whole(clip)
  if not is_whole(clip) then return end
  if clip.is_card then return finish_hand(clip.id) end
  finish(clip)
end

------------------------------------------------------------------------ what comes

function arriving.take_made(id, made, name, is_placed)
  if not math.type(made.take) or not made.parts then return end
  local clip = clip_at(id, made.take, name)
  clip.made, clip.is_placed = made, is_placed
  clip.count = clip.count or made.chunks
  asks.heard_of(id)
  finish_if_whole(clip)
end

function arriving.take_card(id, take, made, name)
  if not math.type(take) or not math.type(made.index) or not made.parts then return end
  local clip = clip_at(id, take, name)
  clip.made, clip.is_card = made, true
  clip.count = clip.count or made.chunks
  if asks.heard_of(id) then console.show(cards.title_of(clip)) end
  finish_if_whole(clip)
end

function arriving.take_hand(id, count, name)
  hands[id] = { count = count, file = name, heard = reaper.time_precise() }
  hold(name)
  asks.heard_of(id)
  finish_hand(id)
end

function arriving.take_notes(id, take, chunk, count, crc, data, name)
  if type(data) ~= "string" or not math.type(chunk) then return end
  local clip = clip_at(id, take, name)
  clip.got = clip.got + (clip.chunks[chunk + 1] and 0 or 1) -- a retry may send a chunk twice
  clip.chunks[chunk + 1], clip.count, clip.crc = data, count, crc
  asks.heard_of(id)
  finish_if_whole(clip)
end

function arriving.is_any()
  return next(clips) ~= nil or next(hands) ~= nil
end

-- Forgets what has not come whole for too long.
function arriving.drop_overdue(now)
  for _, clip in pairs(clips) do
    if now - clip.heard > asks.PATIENCE then
      forget(clip)
      break -- the table has changed; the others' turn comes in the next tick
    end
  end
  for id, hand in pairs(hands) do
    if now - hand.heard > asks.PATIENCE then
      forget_hand(id)
      break
    end
  end
end

return arriving
