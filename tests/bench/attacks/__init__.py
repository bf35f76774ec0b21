"""Attacks on the daemon, each a module with a `main`: what was tried, and what came of it.

`make attacks` runs them all, `python -m bench.attacks.NAME` one. They use nothing that 0.6.0 lacks,
so that the figures before and after can be compared.
"""
