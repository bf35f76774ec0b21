"""How the world talks to bandmate: a wire turns its messages into asks, takes into its messages.

osc          UDP and TCP on one port; packets turns bytes into messages and back
mailbox      files in a folder, for hosts without sockets
messages     messages as values; notes as bytes, takes as pairs, mailbox text; all with a way back
cards        what is told of cards and suggestions, as pairs
clients      who asks, what each was answered, which of them owns the DAW
contract     the shape of the tables, and how a message is read by its row
addresses    the tables: address -> what is done, what it takes, what it answers
verbs        what is done
chord_verbs  what is done for whoever asks for chords
deck         the MIDI port and its player, off the loop
desk         the one way in for every wire: read, remember, do, answer
"""
