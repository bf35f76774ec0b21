ardour {
  ["type"]    = "EditorAction",
  name        = "Ask bandmate for chords",
  license     = "MIT",
  author      = "bandmate contributors",
  description = [[Asks the bandmate daemon for chords as long as the selected MIDI region, inspired by words of yours, and writes them into that region, which is named after them.]]
}

-- Ardour keeps only this function's compiled code: what the actions share is read when one runs.
-- Without Ardour's window, params says what the window would: folder, track and the dialog's fields.
function factory (params)
  params = params or {}
  return function ()
    local folder = params.folder or ARDOUR.user_config_directory (-1) .. "/scripts/"
    local read, trouble = loadfile (folder .. "bandmate/actions.lua")
    assert (read, trouble)
    return read (folder, params).chords ()
  end
end
