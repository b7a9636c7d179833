"""Tensors out of a GGUF file with 16 or 32 bits, and back into a copy of it. No pickle, nothing that runs.

The header is checked by :func:`desktop.gguf.header.read_header`, which refuses what points beyond the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from desktop.common.atomic_file import replaced_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.regular_file import open_regular
from desktop.gguf.header import GgufHeader, TensorInfo, read_header

_KINDS: Final = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_CHUNK: Final = 1 << 22


def load(path: Path) -> tuple[GgufHeader, dict[str, Tensor]]:
    """Returns a model's header and its tensors, of 32 bits each, by their names in the file.

    Raises:
        UserFacingError: It cannot be read, or has tensors of other formats.
        OSError: It cannot be read.
    """
    header = read_header(path)
    found = {}
    with open_regular(path) as stream:
        for info in header.tensors:
            if info.type not in _KINDS:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "A student is trained in 16 or 32 bits."),
                    f"{path.name}: {info.name} is {info.type}.",
                )
            stream.seek(header.data_offset + info.offset)
            data = bytearray(stream.read(info.size))
            if len(data) != info.size:
                raise OSError(f"{info.name} ends too early")
            values = torch.frombuffer(data, dtype=_KINDS[info.type])
            found[info.name] = values.float().reshape(tuple(reversed(info.shape)))
    return header, found


def save(template: Path, target: Path, changed: Mapping[str, Tensor]) -> None:
    """Writes a copy of a file with other values in some of its tensors; it is whole or not there.

    Args:
        template: What :func:`load` has read.
        target: The new file, replaced.
        changed: By name, of the same shape.

    Raises:
        UserFacingError: A value is none, or too large for 16 bits.
        OSError: It cannot be written.
    """
    header = read_header(template)
    with open_regular(template) as stream, replaced_atomically(target, durable=False) as out:
        while piece := stream.read(_CHUNK):
            out.write(piece)
        for info in header.tensors:
            if info.name in changed:
                out.seek(header.data_offset + info.offset)
                out.write(_packed(info, changed[info.name]))


def _packed(info: TensorInfo, values: Tensor) -> bytes:
    if tuple(values.shape) != tuple(reversed(info.shape)):
        raise ValueError(f"{info.name}: {tuple(values.shape)} for {tuple(info.shape)}")
    made = values.detach().to("cpu", _KINDS[info.type]).contiguous()
    if not bool(torch.isfinite(made).all()):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The training has gone astray: weights are no numbers any more."),
            f"{info.name}.",
            QT_TRANSLATE_NOOP("Errors", "Begin again with a lower --rate."),
        )
    return np.asarray(made.view(torch.uint8).flatten()).tobytes()
