ardour {
  ["type"]    = "EditorAction",
  name        = "Ask bandmate for a loop",
  license     = "MIT",
  author      = "bandmate contributors",
  description = [[Asks the bandmate daemon (bandmate serve) for a loop as long as the selected MIDI region, at the session's tempo and meter, and writes its notes into that region. Notes that were in it are replaced; one undo brings them back.]]
}

-- Ardour keeps only this function's compiled code: what the actions share is read when one runs.
-- Without Ardour's window, params says what the window would: folder, track and the dialog's fields.
function factory (params)
  params = params or {}
  return function ()
    local folder = params.folder or ARDOUR.user_config_directory (-1) .. "/scripts/"
    local read, trouble = loadfile (folder .. "bandmate/actions.lua")
    assert (read, trouble)
    return read (folder, params).ask ()
  end
end
