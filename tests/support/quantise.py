"""Writes a model in another quantisation, in this process: what students are written with, without its walls."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.engine.llama import bindings
from desktop.engine.llama.distillation.quantiser import Rewriting, rewrite


def quantise(source: Path, target: Path, name: str) -> Path:
    """Writes ``source`` as ``target`` and returns that.

    Tensors whose rows do not suit the format get the nearest that does, as llama.cpp decides.

    Args:
        source: A GGUF file.
        target: The new file, overwritten.
        name: "Q4_0", "Q4_K_M" and so on, as in ``enum llama_ftype`` of llama.h behind ``LLAMA_FTYPE_MOSTLY_``.
    """
    rewrite(bindings.load(), Rewriting(source, target, name, threads=os.cpu_count() or 1))
    return target
