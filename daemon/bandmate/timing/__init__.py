"""Where we are in beats, and who plays: sources of time, MIDI ports and the player."""
