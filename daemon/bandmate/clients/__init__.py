"""Clients: who is connected, what is remembered of each, and what each may do."""
