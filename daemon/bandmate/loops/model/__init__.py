"""The loop model: tokens, what is told with them, and the session that runs it."""
