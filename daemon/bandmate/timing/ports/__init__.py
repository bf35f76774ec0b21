"""MIDI ports: what is sent and received."""
