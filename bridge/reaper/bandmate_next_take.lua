-- @noindex
local _, path = reaper.get_action_context()
dofile(path:match("^(.*[/\\])") .. "bandmate.lua").run("next_take")
