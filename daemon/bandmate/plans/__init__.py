"""Plans: an ask over song over preset over defaults, with nothing left open."""
