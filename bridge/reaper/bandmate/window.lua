-- @noindex
-- The settings as a small window of REAPER's own drawing: no extension is needed. A click on a row
-- changes it: to the next of a few choices, else by a field to write into.

local settings = require("bandmate.settings")

local window = {}

local WIDTH, ROW, LEFT, MIDDLE = 520, 22, 12, 270
local ESCAPE = 27
local shown, was_down -- what the window shows now, and whether the button was down

local function text_at(x, y, text, light)
  gfx.set(light, light, light, 1)
  gfx.x, gfx.y = x, y
  gfx.drawstr(text)
end

local function draw()
  gfx.set(0.16, 0.16, 0.18, 1)
  gfx.rect(0, 0, gfx.w, gfx.h, 1)
  for i, row in ipairs(settings.ROWS) do
    local y = (i - 1) * ROW + 6
    text_at(LEFT, y, row.caption, 0.7)
    local value = settings.get(row.name)
    text_at(MIDDLE, y, value ~= "" and value or "-", value ~= "" and 1 or 0.4)
  end
  gfx.update()
end

local function next_choice(row)
  local value, place = settings.get(row.name), 1
  for i, choice in ipairs(row.choices) do
    if choice == value then place = i end
  end
  return row.choices[place % #row.choices + 1]
end

local function change(row)
  if row.choices then return settings.change(row, next_choice(row)) end
  local value = settings.get(row.name):gsub("\n", " ")
  local written = settings.filled_in("bandmate settings", { row.caption }, { value }, 160)
  if written then settings.change(row, written[1] or "") end
end

local function clicked_row()
  local is_down = gfx.mouse_cap & 1 == 1
  local is_click = is_down and not was_down
  was_down = is_down
  return is_click and settings.ROWS[gfx.mouse_y // ROW + 1] or nil
end

local function all_values()
  local values = {}
  for i, row in ipairs(settings.ROWS) do values[i] = settings.get(row.name) end
  return table.concat(values, "\n") .. gfx.w .. gfx.h
end

local function tick()
  local key = gfx.getchar()
  if key < 0 or key == ESCAPE then return gfx.quit() end
  local row = clicked_row()
  if row then change(row) end
  local now = all_values()
  if now ~= shown then
    shown = now
    draw()
  end
  reaper.defer(tick)
end

function window.open()
  gfx.init("bandmate settings", WIDTH, #settings.ROWS * ROW + 12)
  gfx.setfont(1, "Arial", 15)
  tick()
end

return window
