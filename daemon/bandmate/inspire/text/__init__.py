"""Texts become keywords."""
