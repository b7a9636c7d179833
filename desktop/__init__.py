"""Catnap: a small language model on an old laptop, asleep until somebody asks."""

__version__ = "0.1.0"

# The program's name in reverse-DNS form, as macOS wants it: of the app, and of what starts at login.
IDENTIFIER = "io.github.catnap.Catnap"
