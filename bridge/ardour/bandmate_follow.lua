ardour {
  ["type"]    = "EditorHook",
  name        = "bandmate: follow the session",
  license     = "MIT",
  author      = "bandmate contributors",
  description = [[Tells the bandmate daemon ten times a second where the session is while it rolls, and writes takes that are chosen elsewhere into the selected MIDI region.]]
}

function signals ()
  return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerDS] = true })
end

function factory (params)
  params = params or {}
  local actions
  return function ()
    local folder = params.folder or ARDOUR.user_config_directory (-1) .. "/scripts/"
    actions = actions or assert (loadfile (folder .. "bandmate/actions.lua")) (folder, params)
    actions.follow ()
  end
end
