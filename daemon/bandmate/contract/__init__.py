"""The OSC contract: rows, addresses and messages."""
