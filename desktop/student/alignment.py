"""Tokens of two vocabularies, set side by side by the bytes that they stand for.

A teacher of another family thinks in other tokens (Qwen's are not Phi's). What it gives to a token goes to the
student's token of the same text; what has no such partner is left in the rest, of which only the sum is known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.gguf.copying import RawValue, read_values
from desktop.student.sequences import TaughtSequence
from desktop.student.vocabulary import bytes_of

_TOKENS: Final = "tokenizer.ggml.tokens"
_TYPES: Final = "tokenizer.ggml.token_type"
# llama.h, enum llama_token_type.
_CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 3, 4, 5, 6
_BYTE_TEXT: Final = re.compile(r"<0x([0-9A-F]{2})>")
# SentencePiece's sign for a space.
_SPACE: Final = "\u2581"
# What ends a turn, before what ends a text.
_ENDS: Final = ("tokenizer.ggml.eot_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eom_token_id")


@dataclass(frozen=True)
class TokenTexts:
    """What the tokens of a vocabulary stand for.

    Attributes:
        texts: Their bytes, often a part of a character; of a control token its name.
        controls: Tokens that stand for no text.
        ends: Those that end a turn or a text; the first is the one that this model ends its own with.
    """

    texts: tuple[bytes, ...]
    controls: frozenset[int]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, values: Mapping[str, RawValue]) -> TokenTexts:
        """Returns those of a header.

        Raises:
            UserFacingError: The vocabulary is of a kind whose tokens' bytes are not known.
        """
        model = values.get("tokenizer.ggml.model")
        kind = b"" if model is None else model.data
        if kind not in (b"gpt2", b"llama") or not {_TOKENS, _TYPES} <= values.keys():
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The tokens of this model cannot be told by their text."),
                f"{kind.decode('utf-8', 'replace') or 'none'}.",
                QT_TRANSLATE_NOOP("Errors", "Vocabularies of byte pairs and of SentencePiece can."),
            )
        types = memoryview(values[_TYPES].data).cast("i").tolist()
        texts = [text.decode("utf-8", "replace") for text in values[_TOKENS].texts]
        pairs = zip(texts, types, strict=True)
        ends = [int.from_bytes(values[key].data, "little") for key in _ENDS if key in values]
        return cls(
            tuple(_bytes(text, number, is_pairs=kind == b"gpt2") for text, number in pairs),
            frozenset(token for token, number in enumerate(types) if number in (_CONTROL, _UNUSED)),
            tuple(dict.fromkeys(token for token in ends if token < len(texts))),
        )

    def said(self, token: int) -> bytes:
        """Returns what a token says in an answer: a control token nothing."""
        return b"" if token in self.controls else self.texts[token]

    def ended_by(self, model: AskedModel) -> TokenTexts:
        """Returns the same with what the model's chat template ends an answer with, which a header need not say.

        Raises:
            UserFacingError: The model cannot be asked.
        """
        end = model.lay_out("-", "", is_whole=True)[1][-1:]
        return replace(self, ends=(*end, *self.ends))

    @property
    def by_text(self) -> dict[bytes, int]:
        """The token of each text that is no control token's; of several the last, before which single bytes stand."""
        return {text: token for token, text in enumerate(self.texts) if token not in self.controls}

    @property
    def by_name(self) -> dict[bytes, int]:
        """The control token of each name."""
        return {self.texts[token]: token for token in self.controls}


@dataclass(frozen=True)
class Alignment:
    """Which token of a student says what a token of its teacher says.

    Attributes:
        partners: For each of the teacher's tokens; None: the student has none of that text.
    """

    partners: tuple[int | None, ...]

    @classmethod
    def of(cls, teacher: TokenTexts, student: TokenTexts) -> Alignment:
        """Sets two vocabularies side by side.

        Control tokens are told by their names, and whatever ends a turn of the teacher's ends the student's.
        """
        ordinary, named = student.by_text, student.by_name
        partners = [
            (named if token in teacher.controls else ordinary).get(text) for token, text in enumerate(teacher.texts)
        ]
        if student.ends:
            for token in teacher.ends:
                partners[token] = student.ends[0] if partners[token] not in student.ends else partners[token]
        return cls(tuple(partners))

    @classmethod
    def between(cls, teacher: Path, student: Path) -> Alignment:
        """Sets the vocabularies of two GGUF files side by side; a second for 150,000 tokens each.

        Raises:
            UserFacingError: One of them is of another kind, or cannot be read.
            OSError: One of them cannot be read.
        """
        return cls.of(TokenTexts.of(read_values(teacher)), TokenTexts.of(read_values(student)))

    @property
    def is_same(self) -> bool:
        """Whether each token is its own partner."""
        return all(token == partner for token, partner in enumerate(self.partners))

    @property
    def share(self) -> float:
        """Of the teacher's tokens, those that have a partner."""
        return sum(partner is not None for partner in self.partners) / max(1, len(self.partners))

    def covered(self, sequences: Iterable[TaughtSequence]) -> float:
        """Returns the share of the teacher's probability (at temperature 1) that went to tokens with a partner.

        Only of what is kept of it: the rest counts as without one.

        Args:
            sequences: Answers in the teacher's vocabulary.
        """
        found = count = 0.0
        for sequence in sequences:
            for place in range(sequence.length):
                thought = sequence.thought(place)
                pairs = zip(thought.ids, thought.logits, strict=True)
                found += sum(math.exp(x - thought.totals[0]) for token, x in pairs if self.partners[token] is not None)
                count += 1
        return found / count if count else 0.0


def _bytes(text: str, number: int, *, is_pairs: bool) -> bytes:
    if number in (_CONTROL, _UNUSED):
        return text.encode()
    if is_pairs:
        return text.encode() if number == _USER_DEFINED else bytes_of(text)
    if number == _BYTE and (match := _BYTE_TEXT.fullmatch(text)) is not None:
        return bytes.fromhex(match[1])
    return text.replace(_SPACE, " ").encode()
