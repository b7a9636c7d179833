"""Leaves out of a vocabulary what a student does not need: words of other scripts, and the rarest pieces.

Only vocabularies of byte pairs (``tokenizer.ggml.model = gpt2``: SmolLM2, Qwen, Llama 3). Their merge rules stand in
the order in which they were learnt, the most frequent pair first, so that the last are the rarest: no text is needed to
tell. A token that goes is written with the two that it was merged of, or theirs, so any text can be written still, with
a few tokens more. Control tokens, single bytes, and whatever a kept token is made of stay.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.copying import Cut, RawValue, copy_with, number_value, read_values, texts_value
from desktop.gguf.header import read_header
from desktop.student.project import check_free

_TOKENS: Final = "tokenizer.ggml.tokens"
_MERGES: Final = "tokenizer.ggml.merges"
_TYPES: Final = "tokenizer.ggml.token_type"
_NORMAL: Final = 1
# Tensors with a row for each token.
_BY_TOKEN: Final = frozenset({"token_embd.weight", "output.weight"})
# Scripts that languages are written in, by the beginning of what Unicode calls their letters; all others: Latin.
_SCRIPTS: Final = {
    "zh": ("CJK", "BOPOMOFO"),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ko": ("HANGUL", "CJK"),
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "el": ("GREEK",),
    "ar": ("ARABIC",),
    "he": ("HEBREW",),
    "hi": ("DEVANAGARI",),
    "th": ("THAI",),
}
# The byte that a letter stands for (llama.cpp, unicode_byte_to_utf8): most are themselves, the others come after 255.
_THEMSELVES: Final = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_LETTERS: Final[Mapping[str, bytes]] = MappingProxyType(
    {chr(byte): bytes([byte]) for byte in _THEMSELVES}
    | {
        chr(256 + place): bytes([byte])
        for place, byte in enumerate(byte for byte in range(256) if byte not in _THEMSELVES)
    }
)
# Letters that formulas and code of any language have.
_EVERYWHERE: Final = ("LATIN", "GREEK")


@dataclass(frozen=True)
class BytePairs:
    """A vocabulary of byte pairs.

    Attributes:
        tokens: Their texts, in the alphabet that stands for bytes.
        types: What they are; 1: an ordinary one.
        merges: Two texts each that become one, the most frequent first.
    """

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, values: Mapping[str, RawValue]) -> BytePairs:
        """Returns the vocabulary of a header.

        Raises:
            UserFacingError: It is of another kind.
        """
        kind = values.get("tokenizer.ggml.model")
        if kind is None or kind.data != b"gpt2" or not {_TOKENS, _MERGES, _TYPES} <= values.keys():
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The vocabulary of this model cannot be made smaller."),
                "It is none of byte pairs.",
                QT_TRANSLATE_NOOP("Errors", "SmolLM2, Qwen and Llama 3 have one."),
            )
        merges = [text.decode("utf-8", "replace").split(" ") for text in values[_MERGES].texts]
        return cls(
            tuple(text.decode("utf-8", "replace") for text in values[_TOKENS].texts),
            tuple(memoryview(values[_TYPES].data).cast("i").tolist()),
            tuple((pair[0], pair[1]) for pair in merges if len(pair) == 2),
        )

    def kept(self, languages: Sequence[str], most: int | None) -> tuple[int, ...]:
        """Returns the tokens that stay, in their order.

        Args:
            languages: That texts are in; empty: all.
            most: Tokens at the most, beside those that must stay; None: any number.
        """
        ids = {text: token for token, text in enumerate(self.tokens)}
        parts = {left + right: (left, right) for left, right in reversed(self.merges)}
        stay = {token for token, text in enumerate(self.tokens) if self.types[token] != _NORMAL or text not in parts}
        scripts = (
            None if not languages else {*_EVERYWHERE, *(name for code in languages for name in _SCRIPTS.get(code, ()))}
        )

        def keep(text: str) -> None:
            if (token := ids.get(text)) is not None and token not in stay:
                stay.add(token)
                for part in parts.get(text, ()):
                    keep(part)

        for left, right in self.merges:
            if most is not None and len(stay) >= most:
                break
            if scripts is None or _is_of(left + right, scripts):
                keep(left + right)
        return tuple(sorted(stay))

    def pieces(self, other: BytePairs) -> list[tuple[int, ...]]:
        """Returns for each token by which tokens of a smaller vocabulary the same text is written.

        Args:
            other: Made of this one.
        """
        ids = {text: token for token, text in enumerate(other.tokens)}
        parts = {left + right: (left, right) for left, right in reversed(self.merges)}

        def write(text: str) -> tuple[int, ...]:
            if (token := ids.get(text)) is not None:
                return (token,)
            return tuple(token for part in parts.get(text, ()) for token in write(part))

        return [write(text) for text in self.tokens]


def pieces_of(teacher: Path, student: Path) -> list[tuple[int, ...]]:
    """Returns for each token of a teacher by which tokens a student of a smaller vocabulary writes the same text.

    Raises:
        UserFacingError: One of them has another kind of vocabulary.
        OSError: One of them cannot be read.
    """
    return BytePairs.of(read_values(teacher)).pieces(BytePairs.of(read_values(student)))


def write_smaller(source: Path, target: Path, languages: Sequence[str], most: int | None) -> tuple[int, int]:
    """Writes a model with a smaller vocabulary; returns how many tokens it had, and has.

    Args:
        source: A GGUF file in one part.
        target: The new file.
        languages: See :meth:`BytePairs.kept`.
        most: See :meth:`BytePairs.kept`.

    Raises:
        UserFacingError: It is there already, or the model is of another kind.
        OSError: It cannot be written.
    """
    check_free(target, QT_TRANSLATE_NOOP("Errors", "Remove it first."))
    header, values = read_header(source), read_values(source)
    vocabulary = BytePairs.of(values)
    count = len(vocabulary.tokens)
    by_token = {tensor.name for tensor in header.tensors if count in tensor.shape}
    if header.parts > 1 or not by_token or not by_token <= _BY_TOKEN:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The vocabulary of this model cannot be made smaller."),
            f"It is in {header.parts} parts." if header.parts > 1 else f"{', '.join(sorted(by_token))}.",
        )
    kept = vocabulary.kept(languages, most)
    copy_with(
        source, target, _values(values, vocabulary, kept, header.architecture), dict.fromkeys(by_token, Cut(kept))
    )
    return count, len(kept)


def _values(
    values: Mapping[str, RawValue], vocabulary: BytePairs, kept: Sequence[int], architecture: str
) -> dict[str, RawValue]:
    count = len(vocabulary.tokens)
    places = {token: place for place, token in enumerate(kept)}
    texts = {vocabulary.tokens[token] for token in kept}
    made: dict[str, RawValue] = {}
    for key, value in values.items():
        if key.startswith("tokenizer.ggml.") and value.entries is not None and value.count == count:
            made[key] = value.picked(kept)
        elif key.endswith("_token_id") and len(value.data) == 4:
            place = places.get(int.from_bytes(value.data, "little"))
            if place is not None:  # one that is not there is none, and need not be named
                made[key] = number_value(place)
        else:
            made[key] = value
    merges = [
        f"{left} {right}".encode()
        for left, right in vocabulary.merges
        if left in texts and right in texts and left + right in texts
    ]
    made[_MERGES] = texts_value(merges)
    if f"{architecture}.vocab_size" in made:
        made[f"{architecture}.vocab_size"] = number_value(len(kept))
    return made


def _is_of(text: str, scripts: set[str]) -> bool:
    """Tells whether a token's text is in some scripts; part of a character is in any."""
    letters = bytes_of(text).decode("utf-8", "ignore")
    return all(not letter.isalpha() or unicodedata.name(letter, "LATIN").split()[0] in scripts for letter in letters)


def bytes_of(text: str) -> bytes:
    """Returns the bytes that a token of byte pairs stands for, whose letters are one for each byte."""
    return b"".join(_LETTERS.get(letter) or letter.encode() for letter in text)
