"""Control surfaces and pads: what is pressed and shown."""
