"""The healthy models that are mutated: small ones made for tests, and a real one, whole and cut down."""

from __future__ import annotations

import functools
import struct
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.gguf_build import GEMMA
from tests.support.parrot import make_parrot
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2
from tests.torture import document
from tests.torture.document import Document, Entry, Kind

# The real one with its first tokens and layers: the ids of a BPE vocabulary stand in the order of its merges, so what
# is left is a smaller vocabulary of the same kind.
REAL: Final = "real"
WHOLE: Final = "whole"
SMALL: Final = ("tiny", "tiny-llama", "tiny-qwen3", "tiny-gemma3", "tiny-lfm2", "parrot")
_TOKENS, _LAYERS = 8192, 2
_Q8_0_ROW = 32, 34  # values of a block and its bytes
_ALIGNMENT = 32


class Bases:
    """Makes each model when it is asked for first. Any thread, but only one may ask first."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Where small models are written before they are taken apart.
        """
        self._folder = folder
        self.get = functools.cache(self._make)

    def _make(self, name: str) -> Document:
        """Returns a model by its name."""
        path = self._folder / f"base-{name}.gguf"
        match name:
            case "real":
                return cut_down(self.get(WHOLE))
            case "whole":
                return document.read(smollm2().read_bytes())
            case "parrot":
                make_parrot(path)
            case "tiny":
                make_tiny(path)
            case _:
                architecture = name.removeprefix("tiny-")
                if architecture == "gemma3":
                    make_tiny(path, architecture=architecture, control=GEMMA)
                else:
                    make_tiny(path, architecture=architecture)
        made = document.read(path.read_bytes())
        path.unlink()
        return made


def cut_down(whole: Document) -> Document:
    """Returns SmolLM2 with its first 8,192 tokens and 2 layers, some 10 MB."""
    tokens = whole.get("tokenizer.ggml.tokens").texts[:_TOKENS]
    known = frozenset(tokens)
    merges = whole.get("tokenizer.ggml.merges").texts
    kept = [merge for merge in merges if merge.replace(b" ", b"", 1) in known]
    types = [int(kind) for kind in whole.get("tokenizer.ggml.token_type").numbers[:_TOKENS]]
    cut = whole.with_value(document.texts("tokenizer.ggml.tokens", tokens))
    cut = cut.with_value(document.texts("tokenizer.ggml.merges", kept))
    cut = cut.with_value(document.numbers("tokenizer.ggml.token_type", Kind.I32, types))
    cut = cut.with_value(document.scalar("llama.vocab_size", Kind.U32, len(tokens)))
    cut = cut.with_value(document.scalar("llama.block_count", Kind.U32, _LAYERS))
    entries: list[Entry] = []
    data = bytearray()
    for entry, end in zip(whole.tensors, [*(each.offset for each in whole.tensors[1:]), len(whole.data)], strict=True):
        number = entry.name.split(b".")[1]
        if entry.name.startswith(b"blk.") and int(number) >= _LAYERS:
            continue
        if entry.name == b"token_embd.weight":
            width = entry.shape[0]
            end = entry.offset + _TOKENS * width // _Q8_0_ROW[0] * _Q8_0_ROW[1]
            entry = replace(entry, shape=(width, _TOKENS))
        piece = whole.data[entry.offset : end]
        entries.append(replace(entry, offset=len(data)))
        data += piece + bytes(-len(piece) % _ALIGNMENT)
    return replace(cut, tensors=tuple(entries), data=bytes(data))


def float_bytes(number: float) -> bytes:
    """Returns a number as it stands in weights of 32 bits."""
    return struct.pack("<f", number)
