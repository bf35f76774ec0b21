-- Talks with the daemon: asks by OSC, hears by the mailbox, since Ardour's Lua can make no folder and
-- the daemon makes one for its answers.

local folder, params = ...

local PATIENCE = 60 -- seconds without a word after which an ask is given up
local AGAIN = 3 -- seconds without a word after which an ask is sent once more: UDP may lose it
local HEARTBEAT = 3 -- seconds: an older sign of life means that no daemon runs
local POLL = 20000 -- microseconds between two looks into the mailbox
local PROTOCOL = 1
local VERSION = "0.6.1"

local api = ARDOUR.LuaAPI
local daemon = {}

local overheard -- sentences that go to somebody else, while something is done for them

function daemon.say (words)
  if overheard then
    overheard[#overheard + 1] = words
  elseif LuaDialog then
    LuaDialog.Message ("bandmate", words, LuaDialog.MessageType.Info, LuaDialog.ButtonType.Close):run ()
  else
    print ("bandmate: " .. words)
  end
end

-- Does something and keeps what is said meanwhile; returns what pcall does of it, and the sentences.
function daemon.overhear (does)
  overheard = {}
  local is_run, result = pcall (does)
  local heard = overheard
  overheard = nil
  return is_run, result, heard
end

local function seconds ()
  return api.monotonic_time () / 1e6
end

-- The daemon's own folder: the same rule as the daemon's.
local function home ()
  local told = os.getenv ("BANDMATE_HOME") or ""
  local person = os.getenv ("HOME") or ""
  if told ~= "" then return (told:gsub ("^~", person)) end
  local windows = os.getenv ("LOCALAPPDATA") or ""
  if windows ~= "" then return windows .. "/bandmate/bandmate" end
  local data = os.getenv ("XDG_DATA_HOME") or ""
  if data:sub (1, 1) == "/" then return data .. "/bandmate" end
  local mac = person .. "/Library/Application Support"
  if api.file_test (mac, api.FileTest.IsDir) then return mac .. "/bandmate" end
  return person .. "/.local/share/bandmate"
end

local mailbox = home () .. "/mailbox/"

function daemon.read_file (path)
  local file = io.open (path, "rb")
  if not file then return nil end
  local text = file:read ("a")
  file:close ()
  return text
end

function daemon.write_file (path, data)
  local file, trouble = io.open (path, "wb")
  if not file then return nil, trouble end
  local is_written, wrong = file:write (data)
  file:close ()
  return is_written and true or nil, wrong
end

-- A file of the bridge's own, in bandmate's folder.
function daemon.own_file (name)
  return home () .. "/" .. name
end

function daemon.is_alive ()
  local beat = tonumber ((daemon.read_file (mailbox .. "alive") or ""):match ("^%s*([%d%.]+)"))
  return beat ~= nil and math.abs (os.time () - beat) <= HEARTBEAT + 1 -- os.time has whole seconds
end

-- The same, and says so where it is not.
function daemon.is_there ()
  if daemon.is_alive () then return true end
  daemon.say ("the daemon is not running; start it with `bandmate serve` in a terminal.")
  return false
end

------------------------------------------------------------------------ sending

local TYPES = { integer = "i", float = "f" }

-- Sends one message; the value that Ardour returns says nothing: it is false also where it went.
function daemon.send (address, id, values)
  local types = { "s" }
  for i, value in ipairs (values) do types[i + 1] = TYPES[math.type (value)] or "s" end
  ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. (tonumber (params.port) or 7770))
    :send (address, table.concat (types), id, table.unpack (values))
end

-- A mailbox for one conversation: answers are numbered from 1 in it.
local function new_client ()
  return string.format ("ardour-%x-%x", os.time (), math.floor (api.monotonic_time ()) % 0xFFFFFF)
end

------------------------------------------------------------------------ hearing

local ESCAPES = { n = "\n", r = "\r", ["\\"] = "\\" }
local READERS = {
  i = function (text) return math.tointeger (tonumber (text)) end,
  f = function (text) return tonumber (text) end,
  s = function (text) return (text:gsub ("\\(.)", ESCAPES)) end,
  b = function (text)
    return (text:gsub ("%x%x", function (byte) return string.char (tonumber (byte, 16)) end))
  end,
}

local function message_of (text)
  local message = {}
  for line in text:gmatch ("([^\n]*)\n") do
    local kind, rest = line:match ("^(%a) ?(.*)$")
    message[#message + 1] = #message == 0 and line or READERS[kind] (rest)
  end
  return message
end

function daemon.pairs_of (message, first)
  local said = {}
  for i = first, #message - 1, 2 do said[message[i]] = message[i + 1] end
  return said
end

local function read_answer (answers, number)
  local path = string.format ("%s%08d.msg", answers, number)
  local text = daemon.read_file (path)
  if not text then return nil end
  os.remove (path)
  return message_of (text)
end

local function remove_mailbox (client)
  os.remove (mailbox .. client .. "/answers")
  os.remove (mailbox .. client .. "/asks")
  os.remove (mailbox .. client)
end

local function check_protocol (message)
  local said = daemon.pairs_of (message, 3)
  if said.protocol and said.protocol ~= PROTOCOL then
    daemon.say (string.format (
      "bandmate %s speaks protocol %s, this bridge %d: run `bandmate bridge install ardour` again.",
      said.version or "?", said.protocol, PROTOCOL))
  end
end

-- Hands each answer to *take* until that returns true; returns nil and words where that never is.
local function hear (client, take, send)
  local answers, number = mailbox .. client .. "/answers/", 1
  local heard, sent = seconds (), seconds ()
  while true do
    local message = read_answer (answers, number)
    if message then
      number, heard = number + 1, seconds ()
      -- What answers the hello or the song is no end: the ask's own answer is still to come.
      if message[1] == "/bandmate/error" and message[2] == client then return nil, message[4] end
      if message[1] == "/bandmate/hello" then check_protocol (message) end
      if take (message) then return true end
    elseif seconds () - heard > PATIENCE then
      return nil, "no answer came within " .. PATIENCE .. " seconds; ask again."
    else
      if seconds () - math.max (heard, sent) > AGAIN then
        sent = seconds ()
        send ()
      end
      api.usleep (POLL)
    end
  end
end

-- Says hello and asks; *take* is given each answer until it returns true. Returns true, or nil after
-- saying why there is no answer. *song* is told before, where there is one.
function daemon.converse (address, values, take, song)
  local client = new_client ()
  local reply = { "reply", "mailbox:" .. client }
  local function sent_with (more)
    return table.move (more, 1, #more, #reply + 1, { table.unpack (reply) })
  end
  local function send ()
    daemon.send ("/bandmate/hello", client .. " hello",
      sent_with ({ "client", "ardour", "version", VERSION }))
    if song then daemon.send ("/bandmate/song/set", client .. " song", sent_with (song)) end
    local first = type (values[1]) == "number" and table.remove (values, 1)
    local said = sent_with (values)
    if first then
      table.insert (values, 1, first)
      table.insert (said, 1, first)
    end
    daemon.send (address, client, said)
  end
  send ()
  local is_heard, mistake = hear (client, take, send)
  remove_mailbox (client)
  if not is_heard then daemon.say (mistake) end
  return is_heard
end

-- Says that takes which are inserted come here. Returns what reads the next message, nil where there is
-- none, and what ends it.
function daemon.ear ()
  local client, number = new_client (), 1
  daemon.send ("/bandmate/hello", client, {
    "client", "ardour", "version", VERSION, "owns", "daw", "reply", "mailbox:" .. client,
  })
  local function next_message ()
    local message = read_answer (mailbox .. client .. "/answers/", number)
    if message then number = number + 1 end
    if message and message[1] == "/bandmate/hello" then check_protocol (message) end
    return message
  end
  return next_message, function () remove_mailbox (client) end
end

-- The path of a file that an ask speaks of, beside the mailboxes.
function daemon.path_for_notes ()
  return mailbox .. "." .. new_client () .. ".mid"
end

return daemon
