"""How the world talks to bandmate: a wire turns its messages into asks, takes into its messages.

osc          UDP and TCP on one port; packets turns bytes into messages and back, sockets binds
mailbox      files in a folder, for hosts without sockets
panel        the page over HTTP and a WebSocket: panel_files is what is served and to whom,
             panel_frames messages as JSON, panel_uploads what a page gives to be read,
             panel_sound takes as sound on their way there
origins      which requests by HTTP are ours: no page of another site is answered
pending      connections that something is still to come of: so many, for so long
messages     messages as values; notes as bytes, takes as pairs, mailbox text; all with a way back
cards        what is told of cards and suggestions, as pairs
clients      who asks, what each was answered, which of them owns the DAW
contract     the shape of the tables, and how a message is read by its row
addresses    the tables: address -> what is done, what it takes, what it answers
verbs        what is done
chord_verbs  what is done for whoever asks for chords
bridge_verbs what is to be done in the DAW: there and back
subscriptions who is told of changes unasked, and of which
doors        who beyond this machine is let in, and what those may name
catalogue    all that OSCQuery tells; namespace makes its tree, query answers over HTTP
discovery    tells programs that look for OSC where we are, by mDNS
shelf_verbs  takes listed, got whole, starred, named; shelf_contract has the tables
edit_verbs   takes edited by hand, their notes on the way in
choice_verbs what menus show
controller   buttons, pads and foot switches: a client of its own; the rest is captured
controls     how a control is written, and what counts as a press of one
actions      what a press can ask, as messages
mapping      controller.yaml: which control asks what, read with its lines, learned by its text
pads         one note, one chord, for as long as it is held
live_verbs   what is done with what was played: a take, its answer; live_contract has the tables
surface      the table of a tablet's controls, each one number or text both ways
surface_board  what the controls of one surface show, and what a touch of one asks
surfaces     tablets as clients: what they touch, what they are told
time_verbs   what is done for whoever leads the musical time
deck         the player and the musical time, off the loop
streams      a take on its way to the player while it is still being written
desk         the one way in for every wire: read, remember, do, answer
"""
