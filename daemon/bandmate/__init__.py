"""bandmate co-writes MIDI with a person in a DAW; this is the map of its rooms, from the door in.

    cli, serve          a command line, and the daemon: start in order, run, stop in reverse
    process             the daemon's limits, what its log may grow by, how it ends in time
    wires/              how the world talks to us: OSC, mailboxes, the panel; a message is an ask
    asks, chord_asks    what can be asked, by tables of ranges: checked at the door, frozen inside
    capture             what was played in the last minutes, and its last bars as a clip
    song                what is known of the project now, for each client
    plans, chord_plans  ask, song, preset or inspiration, and defaults become one plan
    presets, keywords   how a musician likes it, and what words ask of music
    config              how the daemon is set
    compose, cowriter   the one path from an ask to takes: loops, and chord cards; both wait in line
    line, forecast      asks wait in a line; how long bars take here
    worker, workshop    the process in which a model works: from outside, from inside
    guest               a worker that goes when nobody asks
    rendering           takes as sound, rendered in such a worker
    measuring           learning the habits of a proposer of one's own
    takes, clip_files   what was made is kept: rows, and files with names that tell
    weights, runtime    what is loaded is checked; onnxruntime, opened in one place
    loops/              the loop generator: a plan becomes bars, blocking, in the worker
    chords/             the chord co-writer: proposals, the prior, acceptance; cards become music
    inspire/            texts, pictures and recordings become keywords; chords are heard
    timing/             where we are in beats, the player and its MIDI port
    music/              plain values and pure functions: notes, chords, keys, meters
    bridges, bridging   which DAWs there are, and putting bridges into their folders
    setup/              bridges and a start at login, step by step, and back
    shelf/              a small window whose clips can be dragged into any DAW; a process of its own
    abletonosc, osclink  Ableton Live through AbletonOSC, in a process of its own
    doctor/, handshakes  what is broken and its cure; when each bridge was heard last
    telling, roll, chart  what the command line shows
    errors, places      what can go wrong, in words; where things lie

Calls go down this list and values come back up; nothing imports upward.
"""

import os

__version__ = "0.6.1"

SWITCHES = {
    # onnxruntime, from 1.29 on: looks up its vendor's host and keeps a device id and a queue of
    # events in the cache folder. It reads this once, when it is imported.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub, which miditok and tokenizers bring: usage reports, version checks, downloads.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_OFFLINE": "1",
    # What everything else that reports its use has agreed on.
    "DO_NOT_TRACK": "1",
}
"""Environment variables that stop our dependencies from calling out and from keeping files.

They are set here because every process of bandmate imports this file before any other, and its
child processes inherit them. A value that would switch something on is replaced.
"""

os.environ.update(SWITCHES)
