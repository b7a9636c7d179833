"""Reads what a loaded model's file says about it."""

from __future__ import annotations

import ctypes

from desktop.engine.llama.bindings import Native

_BYTES = 1024


def read_text(native: Native, model: int, key: str) -> str:
    """Returns a value of the file's metadata as text, numbers in decimal; empty when it is not there.

    Engine thread only.
    """
    value = ctypes.create_string_buffer(_BYTES)
    length = native.api.llama_model_meta_val_str(model, key.encode(), value, len(value))
    return value.value.decode("utf-8", "replace").strip() if length > 0 else ""


def read_number(native: Native, model: int, key: str) -> int | None:
    """Returns a whole number of the file's metadata; None when it is not there, or one for each layer."""
    text = read_text(native, model, key)
    return int(text) if text.isdecimal() else None
