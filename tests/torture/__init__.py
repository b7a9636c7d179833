"""Torture: what the program survives, see __main__.py."""
