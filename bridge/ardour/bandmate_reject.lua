ardour {
  ["type"]    = "EditorAction",
  name        = "bandmate: reject the take",
  license     = "MIT",
  author      = "bandmate contributors",
  description = [[Notes that you did not take it; the region holds again what it held before.]]
}

-- Ardour keeps only this function's compiled code: what the actions share is read when one runs.
-- Without Ardour's window, params says what the window would: folder, track and the dialog's fields.
function factory (params)
  params = params or {}
  return function ()
    local folder = params.folder or ARDOUR.user_config_directory (-1) .. "/scripts/"
    local read, trouble = loadfile (folder .. "bandmate/actions.lua")
    assert (read, trouble)
    return read (folder, params).reject ()
  end
end
