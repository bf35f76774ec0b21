"""Recordings become keywords, chords and tempo."""
