"""Text to tokens and back, and the whole characters of a stream of tokens."""

from __future__ import annotations

import codecs
import ctypes
from collections.abc import Sequence

from desktop.engine.chat_template.template import Segment
from desktop.engine.chat_template.thinking.tags import TOKEN_MARK, tag_tokens
from desktop.engine.llama.bindings import Native

# Bytes of the longest usual token; longer ones are asked for again.
_PIECE_BYTES = 64


class Tokenizer:
    """The vocabulary of a loaded model; valid until that model is freed. Engine thread only."""

    def __init__(self, native: Native, model: int) -> None:
        self._api = native.api
        self._vocab = self._api.llama_model_get_vocab(model)
        # SentencePiece puts a space before all it is given: text in parts would gain spaces, so it goes in whole.
        self._spaces_segments = self._api.llama_vocab_type(self._vocab) == self._api.LLAMA_VOCAB_TYPE_SPM
        self._is_end = native.function("llama_vocab_is_eog", ctypes.c_bool, ctypes.c_void_p, ctypes.c_int32)
        self._to_piece = native.function(
            "llama_token_to_piece",
            ctypes.c_int32,
            *(ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32, ctypes.c_bool),
        )
        self._piece = ctypes.create_string_buffer(_PIECE_BYTES)
        self._recent: dict[Segment, list[int]] = {}
        self.pointer: int = self._vocab
        self.size: int = self._api.llama_vocab_n_tokens(self._vocab)
        self._bos: int = self._api.llama_vocab_bos(self._vocab)
        self._add_bos = bool(self._api.llama_vocab_get_add_bos(self._vocab)) and self._bos >= 0
        self.bos_text = self._special_text(self._bos)
        # A thought's tag that is a control token is no mere mention of it, and is not seen otherwise.
        self._tags: dict[int, str] = {}
        for tag in tag_tokens():
            tokens = self.tokenize(tag, special=True)
            if len(tokens) == 1 and not self.piece(tokens[0]) and self._special_text(tokens[0]) == tag:
                self._tags[tokens[0]] = tag
        self.eos_text = self._special_text(self._api.llama_vocab_eos(self._vocab))

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Returns the tokens of a text; nothing is added.

        Args:
            text: Any text.
            special: Control tokens spelled out in the text are meant; otherwise they are just characters.
        """
        data = text.encode("utf-8", "replace")
        capacity = len(data) + 8  # a token stands for a byte at least; some vocabularies add a leading space
        count, tokens = self._tokenize(data, capacity, special)
        if count < 0:
            count, tokens = self._tokenize(data, -count, special)
        return tokens

    def tokenize_prompt(self, segments: Sequence[Segment]) -> list[int]:
        """Returns the tokens of a rendered chat, with the beginning-of-text token once where the model wants it.

        Many templates write that token themselves; llama.cpp's ``add_special`` would add a second one.
        """
        if self._spaces_segments and not any(self._forges(part) for part in segments):
            tokens = self.tokenize("".join(part.text for part in segments), special=True)
        else:
            # A conversation is cut into tokens several times over, and only its last part is ever another.
            recent, self._recent = self._recent, {}
            for part in segments:
                self._recent[part] = recent.get(part) or self.tokenize(part.text, special=part.special)
            tokens = [token for part in segments for token in self._recent[part]]
        if self._add_bos and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens

    @property
    def joins_parts(self) -> bool:
        """Whether the tokens of two texts in a row are those of the one and of the other."""
        return not self._spaces_segments

    def tokenize_part(self, text: str, *, special: bool) -> list[int]:
        """Returns the tokens of a text that goes on within a line; as :meth:`tokenize`, but for a space before it."""
        if not self._spaces_segments or not text:
            return self.tokenize(text, special=special)
        before = self.tokenize("\n", special=False)
        tokens = self.tokenize(f"\n{text}", special=special)
        return tokens[len(before) :] if tokens[: len(before)] == before else self.tokenize(text, special=special)

    def _forges(self, segment: Segment) -> bool:
        """Tells whether a message's text spells a control token."""
        return not segment.special and any(
            self._api.llama_vocab_is_control(self._vocab, token) for token in self.tokenize(segment.text, special=True)
        )

    def is_end(self, token: int) -> bool:
        """Tells whether the token ends a turn or the text."""
        return bool(self._is_end(self._vocab, token))

    def thought_tag(self, token: int) -> str:
        """Returns the tag of thoughts, or the part of one, that a control token is; empty: it is none."""
        return self._tags.get(token, "")

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Returns the bytes a token stands for, often a part of a character only.

        Args:
            token: Id in this vocabulary.
            special: Spell control tokens out instead of leaving them empty.
        """
        length = self._to_piece(self._vocab, token, self._piece, len(self._piece), 0, special)
        if length < 0:
            self._piece = ctypes.create_string_buffer(-length)
            length = self._to_piece(self._vocab, token, self._piece, len(self._piece), 0, special)
        return self._piece.raw[:length]

    def _special_text(self, token: int) -> str:
        return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def _tokenize(self, data: bytes, capacity: int, parse_special: bool) -> tuple[int, list[int]]:
        tokens = (ctypes.c_int32 * capacity)()
        add_special = False
        count = self._api.llama_tokenize(self._vocab, data, len(data), tokens, capacity, add_special, parse_special)
        return count, tokens[: max(count, 0)]


class TokenStream:
    """Joins the bytes of tokens to whole characters.

    Tokens cut characters anywhere, so bytes are held back until their character is complete; a character that is never
    completed, since the answer was stopped within it, is left out. Bytes that can belong to none become U+FFFD.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_within(self) -> bool:
        """Whether a character has begun that is not complete."""
        return bool(self._decoder.getstate()[0])

    def feed(self, token: int) -> str:
        """Returns the characters that this token completes; often none.

        A tag of thoughts that is a control token is spelled out, with ``TOKEN_MARK`` before it.
        """
        tag = self._tokenizer.thought_tag(token)
        if tag:
            return TOKEN_MARK + tag
        return self._decoder.decode(self._tokenizer.piece(token)).replace(TOKEN_MARK, "\ufffd")
