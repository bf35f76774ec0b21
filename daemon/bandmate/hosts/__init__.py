"""DAWs: bridges are installed and run, and a client that asks the daemon."""
