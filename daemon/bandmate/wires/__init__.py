"""How the world talks to bandmate: bytes become messages, and messages become bytes.

osc          UDP and TCP on one port; ``packets`` turns bytes into messages and back
mailbox      files in a folder, for hosts without sockets; ``mailbox_names`` says who may have one
page/        the page over HTTP and a WebSocket: its files, frames, uploads and sounds
oscquery     OSCQuery over HTTP; ``catalogue`` collects what it tells, ``namespace`` makes the tree
discovery    tells programs that look for OSC where we are, by mDNS
access       who beyond this machine is let in, and what those may name
origins      which requests by HTTP are ours: no page of another site is answered
pending      connections that something is still to come of: so many, for so long
controller   buttons, pads and foot switches: a client of its own; the rest is captured
surfaces     tablets as clients: what they touch, what they are told
"""
