"""Writes a model anew: with other number formats, without some of its layers."""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from desktop.engine.llama.bindings import Native
from desktop.gguf.tables import TENSOR_TYPES

# Rows of a tensor that are in memory at once, in bytes: of a model of 7 billion weights the embedding has 2 GB.
_BUFFER: Final = 256 * 1024 * 1024
_COPY: Final = "copy"
# Bytes of a text that the library takes: llama_model_kv_override has 128 with the NUL.
_TEXT: Final = 127


class QuantiseError(Exception):
    """The library has refused; the message says why in its words."""


@dataclass(frozen=True)
class Rewriting:
    """How a model is written anew.

    Attributes:
        source: The GGUF file that is read.
        target: The file that is written, replaced if it is there.
        kind: "Q4_0", "Q4_K_M" and so on; "copy": numbers stay as they are.
        without: Layers that are left out, by their numbers; the others move up.
        embedding: Format of the token embedding, such as "Q8_0"; empty: as ``kind`` would have it.
        others: Formats of tensors whose names match a pattern (ECMAScript), in the order in which they are tried.
        threads: That compute; what comes of it is bit by bit the same with any number.
        importance: For each matrix of weights the mean square of what it reads, as floats of 32 bits.
        texts: Values of the header that are set, such as ``general.name``; of 127 bytes at the most.
    """

    source: Path
    target: Path
    kind: str = _COPY
    without: tuple[int, ...] = ()
    embedding: str = ""
    others: tuple[tuple[str, str], ...] = ()
    threads: int = 1
    importance: Mapping[str, bytes] = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()


def rewrite(native: Native, order: Rewriting) -> None:
    """Writes a model anew; 0.4 s for a copy of 100 MB, up to two seconds where formats change.

    Tensors whose rows do not suit a format get the nearest that does, as llama.cpp decides.

    Raises:
        QuantiseError: The library refuses.
        ValueError: There is no such format.
    """
    api = native.api
    params = api.llama_model_quantize_default_params()
    params.nthread = order.threads
    params.max_buf_size = _BUFFER
    params.allow_requantize = True
    if order.kind == _COPY:
        params.only_copy = True
        params.ftype = api.LLAMA_FTYPE_ALL_F32  # ignored, but must be one that it knows
    else:
        params.ftype = file_type(native, order.kind)
    if order.embedding:
        # Where embedding and output are one matrix, llama.cpp looks at the second of these.
        params.token_embedding_type = params.output_tensor_type = tensor_type(order.embedding)
    kept = _fill(api, params, order)
    native.log.take_errors()
    failed = api.llama_model_quantize(_name(order.source), _name(order.target), ctypes.byref(params))
    del kept
    if failed:
        raise QuantiseError("; ".join(native.log.take_errors()) or f"llama_model_quantize: {failed}")


def file_type(native: Native, kind: str) -> int:
    """Returns the number of a mixture of formats.

    Raises:
        ValueError: There is no such mixture.
    """
    for name in (f"LLAMA_FTYPE_MOSTLY_{kind}", f"LLAMA_FTYPE_ALL_{kind}"):
        found = getattr(native.api, name, None)
        if isinstance(found, int):
            return found
    raise ValueError(f"{kind}: no such quantisation")


def tensor_type(name: str) -> int:
    """Returns the number of a format.

    Raises:
        ValueError: There is no such format.
    """
    for number, known in TENSOR_TYPES.items():
        if known.name == name:
            return number
    raise ValueError(f"{name}: no such number format")


def _fill(api: Any, params: Any, order: Rewriting) -> list[Any]:
    """Sets the lists; returns what must live until they are read."""
    kept: list[Any] = []
    if order.without:
        layers = (ctypes.c_int32 * (len(order.without) + 1))(*sorted(order.without), -1)
        params.prune_layers = layers
        kept.append(layers)
    if order.others:
        table = (api.llama_model_tensor_override * (len(order.others) + 1))()
        for place, (pattern, name) in enumerate(order.others):
            table[place].pattern, table[place].type = pattern.encode(), tensor_type(name)
        params.tt_overrides = table
        kept.append(table)
    if order.texts:
        values = (api.llama_model_kv_override * (len(order.texts) + 1))()
        for place, (key, text) in enumerate(order.texts):
            values[place].tag = api.LLAMA_KV_OVERRIDE_TYPE_STR
            values[place].key = key.encode()
            values[place].value.val_str = text.encode()[:_TEXT].decode("utf-8", "ignore").encode()
        params.kv_overrides = values
        kept.append(values)
    if order.importance:
        kept += _set_importance(api, params, order.importance)
    return kept


def _set_importance(api: Any, params: Any, importance: Mapping[str, bytes]) -> Sequence[Any]:
    rows = (api.llama_model_imatrix_data * (len(importance) + 1))()
    arrays = []
    for place, (name, data) in enumerate(importance.items()):
        values = array("f", data)
        numbers = (ctypes.c_float * len(values)).from_buffer(values)
        rows[place].name, rows[place].size = name.encode(), len(values)
        rows[place].data = numbers
        arrays.append(numbers)
    params.imatrix = rows
    return [rows, *arrays]


def _name(path: Path) -> bytes:
    return str(path).encode() if os.name == "nt" else os.fsencode(path)
