"""Asks are served: loops and chords, one at a time, from plan to take."""
