"""Writes a model in another quantisation, as llama.cpp's own program does."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from desktop.engine.llama import bindings


def quantise(source: Path, target: Path, name: str) -> Path:
    """Writes ``source``, whose weights are f16 or f32, as ``target`` and returns that.

    Tensors whose rows do not suit the format get the nearest that does, as llama.cpp decides.

    Args:
        source: A GGUF file.
        target: The new file, overwritten.
        name: "Q4_0", "Q4_K_M" and so on, as in ``enum llama_ftype`` of llama.h behind ``LLAMA_FTYPE_MOSTLY_``.
    """
    api = bindings.load().api
    params = api.llama_model_quantize_default_params()
    params.ftype = getattr(api, f"LLAMA_FTYPE_MOSTLY_{name}")
    params.nthread = os.cpu_count() or 1
    failed = api.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params))
    if failed:
        raise RuntimeError(f"llama_model_quantize failed with {failed}")
    return target
