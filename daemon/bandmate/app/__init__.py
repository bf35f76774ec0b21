"""The program: the command line, the daemon put together, and what is shown in a terminal."""
