"""bandmate co-writes MIDI with a person in a DAW; this is the map of its rooms, from the door in.

    cli, serve          a command line, and the daemon: start in order, run, stop in reverse
    wires/              how the world talks to us: OSC, mailboxes; a message becomes an ask
    asks, ranges        what can be asked: checked at the door, frozen inside
    song                what is known of the project now, for each client
    plans               ask, song, preset and defaults become one plan
    presets, config     how a musician likes it, and how the daemon is set
    compose             the one path from an ask to takes
    worker, workshop    the process in which a model works: from outside, from inside
    takes, weights      what was made is kept; what is loaded is checked
    loops/              the loop generator: a plan becomes bars, blocking, in the worker
    timing/             where we are in beats, the player and its MIDI port
    music/              plain values and pure functions: notes, chords, keys, meters
    errors, places      what can go wrong, in words; where things lie

Calls go down this list and values come back up; nothing imports upward.
"""

__version__ = "0.1.0"
