"""Music as values and pure functions: no clock, no model, nothing of the program above.

    clip        Note, Part, Clip; transposed, windowed, joined
    meter       bars and strong beats            key        tonic and mode; hearing a key in notes
    roles       what a part does in a band       naming     the role that a foreign track plays
    chord       root, degrees, bass              roman      a chord seen from a key
    harte       labels, shorthands, qualities    symbols    what a lead sheet puts behind the root
    midifile    clips to MIDI files and back     miditrack  one track's messages paired into notes

Time is in beats (quarter notes) everywhere but in ``midifile`` and ``miditrack``, which know ticks.
"""
