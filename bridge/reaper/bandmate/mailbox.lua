-- @noindex
-- Where the mailbox lies, and its files: what is sent, and what is kept until an ask is answered.
--
--   asks/00000012.msg   a message on its way, which the daemon takes
--   asks/.00000012.ask  the same, kept: it is sent again where the daemon was started anew
--   asks/.00000012.mid  the notes that it speaks of
--   asks/report.msg     where the project is now, each in the place of the one before
--
-- The daemon leaves names that begin with a dot alone and removes old ones when it starts.

local messages = require("bandmate.messages")

local mailbox = {}

local SECTION = "bandmate" -- of ExtState
local HEARTBEAT = 3 -- seconds: an older sign of life means that no daemon runs
local REPORT = "report.msg"

local folder, asks = "", ""
mailbox.answers = "" -- the folder, with a slash behind

-- The daemon's own folder: the same rule as the daemon's.
local function home()
  local told = os.getenv("BANDMATE_HOME")
  if told and told ~= "" then return (told:gsub("^~", os.getenv("HOME") or "~")) end
  told = reaper.GetExtState(SECTION, "home") -- REAPER started from a desktop sees no shell settings
  if told ~= "" then return told end
  local system, person = reaper.GetOS(), os.getenv("HOME") or ""
  if system:match("^Win") then
    return (os.getenv("LOCALAPPDATA") or "") .. "/bandmate/bandmate"
  end
  local data = os.getenv("XDG_DATA_HOME") or ""
  if data:sub(1, 1) == "/" then return data .. "/bandmate" end
  if system:match("^OSX") or system:match("^macOS") then
    return person .. "/Library/Application Support/bandmate"
  end
  return person .. "/.local/share/bandmate"
end

-- A name of this REAPER's own, forgotten when it quits: two REAPERs have two mailboxes.
local function client_name()
  local name = reaper.GetExtState(SECTION, "client")
  if name == "" then
    name = "reaper-" .. reaper.genGuid(""):gsub("[^%x]", ""):lower():sub(1, 12)
    reaper.SetExtState(SECTION, "client", name, false)
  end
  return name
end

function mailbox.open()
  folder = home() .. "/mailbox/"
  asks = folder .. client_name() .. "/asks/"
  mailbox.answers = folder .. client_name() .. "/answers/"
end

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- Writes under *draft* first, so that nobody reads half of it. Returns true, or nil and why.
local function write_file(draft, path, data)
  local file, trouble = io.open(draft, "wb")
  if not file then return nil, trouble end
  local is_written, wrong = file:write(data)
  local is_closed, worse = file:close()
  if is_written and is_closed then
    os.remove(path) -- Windows renames no file onto another
    is_written, wrong = os.rename(draft, path)
    if is_written then return true end
  end
  os.remove(draft)
  return nil, wrong or worse
end

-- The daemon writes the time into this file each second; Lua cannot ask when a file was touched.
function mailbox.is_daemon_there()
  local beat = tonumber((read_file(folder .. "alive") or ""):match("^%s*([%d%.]+)"))
  return beat ~= nil and math.abs(os.time() - beat) <= HEARTBEAT + 1 -- os.time() has whole seconds
end

local function names_in(path)
  reaper.EnumerateFiles(path, -1) -- REAPER remembers a folder until it is told to look again
  local names, index = {}, 0
  local name = reaper.EnumerateFiles(path, index)
  while name and name ~= "" do
    names[#names + 1] = name
    index = index + 1
    name = reaper.EnumerateFiles(path, index)
  end
  table.sort(names)
  return names
end

---------------------------------------------------------------------- what is sent

function mailbox.next_number()
  local number = (tonumber(reaper.GetExtState(SECTION, "sequence")) or 0) + 1
  reaper.SetExtState(SECTION, "sequence", string.format("%d", number), false)
  return math.tointeger(number)
end

local function path_of(pattern, number)
  return asks .. string.format(pattern, number)
end

local function make_folders()
  reaper.RecursiveCreateDirectory(asks, 0)
  reaper.RecursiveCreateDirectory(mailbox.answers, 0)
end

-- Sends one message. *number* names its file, a new one where none is given; *id* is what answers
-- bear, the number where none is given. Returns the number, or nil and why.
function mailbox.send(address, values, id, number)
  make_folders()
  number = number or mailbox.next_number()
  local text = messages.to_text(address, id or string.format("%d", number), values)
  local is_sent, trouble =
    write_file(path_of(".%08d.msg", number), path_of("%08d.msg", number), text)
  if not is_sent then return nil, trouble end
  return number, text
end

-- Sends an ask, and keeps it until `forget`.
function mailbox.send_ask(address, values, number)
  local sent, text = mailbox.send(address, values, nil, number)
  if not sent then return nil, text end
  local kept = path_of(".%08d.ask", sent)
  write_file(kept .. ".new", kept, text)
  return sent
end

-- Sends a kept ask again, under its own id: what the daemon has done already is not done twice.
function mailbox.send_again(number)
  local text = read_file(path_of(".%08d.ask", number))
  if text then write_file(path_of(".%08d.msg", number), path_of("%08d.msg", number), text) end
end

-- Tells where the project is; what was told before and is not yet read is replaced.
function mailbox.report(address, id, values)
  write_file(asks .. ".report.new", asks .. REPORT, messages.to_text(address, id, values))
end

-- Puts the notes that an ask speaks of beside it; returns the path, or nil and why.
function mailbox.put_notes(number, data)
  make_folders()
  local path = path_of(".%08d.mid", number)
  local is_written, trouble = write_file(path .. ".new", path, data)
  return is_written and path or nil, trouble
end

function mailbox.forget(first, last)
  for number = first, last do
    for _, pattern in ipairs({ "%08d.msg", ".%08d.ask", ".%08d.mid" }) do
      os.remove(path_of(pattern, number))
    end
  end
end

-- Takes back what no daemon has read and nobody waits for.
function mailbox.take_back(is_wanted)
  for _, name in ipairs(names_in(asks)) do
    local number = math.tointeger(tonumber(name:match("^(%d+)%.msg$")))
    if name == REPORT or number and not is_wanted(number) then os.remove(asks .. name) end
  end
end

--------------------------------------------------------------------- what comes

function mailbox.answer_names()
  return names_in(mailbox.answers)
end

function mailbox.read_answer(name)
  return messages.from_text(read_file(mailbox.answers .. name) or "")
end

function mailbox.remove_answer(name)
  os.remove(mailbox.answers .. name)
end

return mailbox
