"""Catnap: a small language model on an old laptop, asleep until somebody asks."""

__version__ = "0.1.0"
