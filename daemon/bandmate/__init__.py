"""bandmate co-writes MIDI with a person in a DAW; this is the map of its packages, top down.

    app/        the command line, the daemon put together, the demo, what a terminal shows
    doctor/     what is broken, and its cure
    setup/      bridges and a start at login, step by step, and back
    shelf/      a small window whose clips can be dragged into any DAW; a process of its own
    panel/      the page: files that the daemon serves
    hosts/      DAWs: bridges are installed and run; a client that asks the daemon
    wires/      how the world talks to us: OSC, mailboxes, the page, OSCQuery, control surfaces
    handlers/   who answers: the dispatcher, the routes, one module a noun
    surfaces/   what is pressed and shown on control surfaces and pads
    clients/    who is connected, what is remembered of each, and what each may do
    contract/   the OSC contract as tables: rows, addresses, messages
    compose/    asks are served: loops and chords, one at a time, from plan to take
    takes/      what was made: database, files, capture, sound
    plans/      an ask over song over preset over defaults: nothing is left open
    asks/       what a person can ask for, and how it is read
    inspire/    texts, pictures and recordings become keywords; chords are heard
    chords/     the chord co-writer: proposals, the prior, acceptance, cards
    loops/      the loop generator: a plan becomes bars
    style/      keywords and genres: the words that asks, loops and chords share
    workers/    child processes that hold the models; weights are checked
    config      how the daemon is set
    timing/     where we are in beats, the player and its MIDI ports
    music/      plain values and pure functions: notes, chords, keys, meters, MIDI files
    fields      ranges: how a value is read, or refused in words
    system/     files, locks, limits and processes
    paths       where things lie
    errors      what can go wrong, in words

Calls go down this list and values come back up; nothing imports upward (``tests/test_layers.py``).
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
