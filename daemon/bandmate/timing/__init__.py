"""Where we are in beats, and who plays: the transport, the ports and the player."""
