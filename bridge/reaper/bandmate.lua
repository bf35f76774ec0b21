-- @description bandmate: loops and chords for the project you are in
-- @author bandmate contributors
-- @version 0.6.1
-- @changelog
--   Vary, fill, continue and add to selected items, as new items or as takes
--   Next and previous take, accept and reject
--   Tempo and transport are told while the project rolls; settings in a window
-- @provides
--   [nomain] .
--   [nomain] bandmate/*.lua
--   [main] bandmate_*.lua
-- @about
--   # bandmate
--
--   Asks the bandmate daemon for loops, chords and changes of what is there, at the project's tempo,
--   meter and key, and puts what comes into the project. The daemon must run on this computer:
--   `bandmate serve`.
--
--   This file is what the actions beside it share; load those.

local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = folder .. "?.lua;" .. package.path

require("bandmate.watch").VERSION = "0.6.1"

return require("bandmate.actions")
