"""The doctor: looks at all that bandmate stands on, and names the cure of what is broken.

findings  what is found: a line, and its cure; and the patient, whose every organ a test can change
kept      settings, folders, disk, takes, the controller's mapping
kept_takes  the takes: the database, each row, each file; what lies in their way; mailboxes
network   the daemon, its ports and who holds them, the bridges and when each was heard last
playing   MIDI, the virtual port on Windows, priority, who tells the time
shipped   the shipped models, their libraries, and whether they open in a process of their own
leftovers what the telemetry of a library left under earlier versions, and what removes it
visit     all checks in their order; none of them can keep the others from being made
"""
