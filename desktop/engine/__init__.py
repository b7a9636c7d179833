"""The engine: llama.cpp on a thread of its own. Knows nothing of Qt, settings or conversations on disk."""
