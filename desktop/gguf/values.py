"""Reads the values of a GGUF file's header, the names and numbers before the tensors. Standard library only."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType

from desktop.common.byte_sizes import format_bytes
from desktop.gguf.reader import Damaged, Excessive, MetadataScalar, Reader, check_count

MetadataValue = MetadataScalar | tuple[MetadataScalar, ...]

_ARRAY_KEPT = 512  # entries: per-layer arrays are shorter, vocabularies longer
_STRING_KEPT = 1 << 20  # bytes: chat templates take some 20 kB
_KEY_LIMIT = 65535  # bytes; the format's own limit
# More than all that real models have, see desktop/gguf/header.py.
# Texts in all arrays together, each of which has to be stepped over. Gemma 4: 262,144 tokens and 514,906 merges.
_TEXT_LIMIT = 1 << 21
# Bytes of values that are kept. A chat template takes up to 20 kB, everything else together less.
_KEPT_LIMIT = 8 << 20
_STRING = 8
_ARRAY = 9
_SCALARS: Mapping[int, str] = MappingProxyType(
    {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
)


class Values:
    """The values before the tensors, as they are read; there is a limit to what is kept of them.

    Attributes:
        kept: By their keys.
        lengths: Of arrays, and of texts that are too long to be kept, in entries and bytes.
    """

    def __init__(self, reader: Reader) -> None:
        """
        Args:
            reader: Stands in front of the first value.
        """
        self._reader = reader
        self._texts = 0  # in all arrays so far
        self._kept_bytes = 0
        self.kept: dict[str, MetadataValue] = {}
        self.lengths: dict[str, int] = {}

    def read_next(self) -> None:
        """Reads one value.

        Raises:
            Damaged: It makes no sense.
            EndOfFile: It does not end before the file does.
            Excessive: It is more than any model has.
        """
        reader = self._reader
        key = reader.text(_KEY_LIMIT, "a key")
        self._keep(len(key))
        kind = reader.number("I")
        if kind == _STRING:
            self._read_text(key)
        elif kind == _ARRAY:
            kind, count = reader.number("I"), reader.number("Q")
            self.lengths[key] = count
            self._read_array(key, kind, count)
        elif kind in _SCALARS:
            self.kept[key] = reader.scalar(_SCALARS[kind])
        else:
            raise Damaged(f"value {key!r} of unknown type {kind}")

    def _read_text(self, key: str) -> None:
        length = self._reader.number("Q")
        if length > _STRING_KEPT:
            self.lengths[key] = length
            self._reader.skip(length)
        else:
            self._keep(length)
            self.kept[key] = self._reader.take(length).decode("utf-8", errors="replace")

    def _read_array(self, key: str, kind: int, count: int) -> None:
        reader = self._reader
        if kind == _STRING:
            reader.require(count * 8)
            self._texts += count
            check_count(self._texts, _TEXT_LIMIT, "texts")
            if count > _ARRAY_KEPT:
                reader.skip_texts(count)
            else:
                self.kept[key] = tuple(self._text_of_array() for _ in range(count))
        elif kind in _SCALARS:
            code = _SCALARS[kind]
            if count > _ARRAY_KEPT:
                reader.skip(count * struct.calcsize(code))
            else:
                self.kept[key] = reader.scalars(code, count)
        else:  # arrays of arrays among them: no model has any, and llama.cpp takes none
            raise Damaged(f"array {key!r} of unknown type {kind}")

    def _text_of_array(self) -> str:
        text = self._reader.text(_STRING_KEPT, "a text")
        self._keep(len(text))
        return text

    def _keep(self, count: int) -> None:
        self._kept_bytes += count
        if self._kept_bytes > _KEPT_LIMIT:
            raise Excessive(f"texts of more than {format_bytes(_KEPT_LIMIT)}")
