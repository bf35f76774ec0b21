"""The page: its files, its socket, its sounds and what is uploaded."""
