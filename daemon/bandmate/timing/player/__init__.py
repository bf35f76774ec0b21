"""Takes are played: rounds, events and the process that sends them."""
