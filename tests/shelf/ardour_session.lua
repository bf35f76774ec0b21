-- Makes an empty session, for an Ardour with windows to open.
-- Environment: FOLDER (of the session, not there yet), NAME.
assert (create_session (os.getenv ("FOLDER"), os.getenv ("NAME"), 48000)):save_state ("")
close_session ()
print ("MADE")
quit ()
