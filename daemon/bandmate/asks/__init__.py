"""Asks: what a person can ask for, and how it is read."""
