"""Who proposes progressions: the shipped model or a general one, under a grammar."""
