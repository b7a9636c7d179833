"""Streaming UTF-8: however bytes are cut into tokens, the text is whole, and nothing waits for ever (hypothesis)."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from hypothesis import example, given
from hypothesis import strategies as st

from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter
from desktop.engine.chat_template.thinking.tags import TOKEN_MARK
from desktop.engine.llama import bindings
from desktop.engine.llama.tokenizer import Tokenizer, TokenStream
from tests.support.opened_session import opened
from tests.support.properties import PROPERTY

_LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=TOKEN_MARK), max_size=20)
_CUTS = st.lists(st.integers(0, 60), max_size=30)


def _stream(tokens: list[bytes]) -> TokenStream:
    """Returns a stream over a vocabulary in which token n stands for the n-th of some bytes."""
    vocabulary = SimpleNamespace(thought_tag=lambda _token: "", piece=lambda token: tokens[token])
    return TokenStream(cast("Tokenizer", vocabulary))


def _cut(content: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut for cut in cuts if cut <= len(content)), len(content)]
    return [content[begin:end] for begin, end in itertools.pairwise(places)]


@PROPERTY
@given(_LETTERS, _CUTS)
@example("\N{CAT FACE}e\u0301\r\n", [1, 2, 3, 3, 5])
def test_any_text_in_any_tokens_is_that_text(text: str, cuts: list[int]) -> None:
    tokens = _cut(text.encode(), cuts)
    stream = _stream(tokens)
    said = ""
    for number in range(len(tokens)):
        said += stream.feed(number)
        # THEN no more than the beginning of one character is held back
        assert text.startswith(said)
        assert len(b"".join(tokens[: number + 1])) - len(said.encode()) < 4
    assert said == text


@PROPERTY
@given(st.lists(st.binary(max_size=5), max_size=20))
@example([b"\xf0\x9f\x98", b"a"])
@example([b"\xe4", b"\xbd", b"\xe4\xbd\xa0"])
def test_any_bytes_are_shown_and_hold_nothing_back_for_ever(tokens: list[bytes]) -> None:
    # GIVEN tokens of any bytes, and letters after them
    tokens = [*tokens, b"end"]
    stream = _stream(tokens)
    said = "".join(stream.feed(number) for number in range(len(tokens)))
    # THEN the letters come at once, and what was no text is marked
    assert said == b"".join(tokens).decode("utf-8", "replace").replace(TOKEN_MARK, "\ufffd")
    assert said.endswith("end")


@PROPERTY
@given(st.lists(st.binary(max_size=5), max_size=20))
def test_no_bytes_of_an_answer_can_pass_for_a_token(tokens: list[bytes]) -> None:
    spelled = [TOKEN_MARK.encode(), *tokens, TOKEN_MARK.encode(), b"[THINK]"]
    stream = _stream(spelled)
    assert TOKEN_MARK not in "".join(stream.feed(number) for number in range(len(spelled)))


@PROPERTY
@given(_LETTERS, _CUTS, st.booleans())
def test_a_text_without_tags_passes_the_splitter_whole(text: str, cuts: list[int], opened_thought: bool) -> None:
    text = "".join(letter for letter in text if letter not in "<[\u25c1")
    splitter = ThoughtSplitter(opened_thought)
    pieces = [piece for token in _cut_text(text, cuts) for piece in splitter.feed(token)]
    pieces += splitter.flush()
    said = "".join(piece for piece, _ in pieces)
    assert said == (text.strip() if opened_thought else text) or (opened_thought and said == text.lstrip().rstrip())
    assert all(thought is opened_thought for _, thought in pieces)


def test_any_text_comes_back_from_a_vocabulary(tiny_model: Path) -> None:
    with opened(bindings.load(), tiny_model, n_ctx=256) as session:
        tokenizer = session.model.tokenizer

        @PROPERTY
        @given(_LETTERS)
        def comes_back(text: str) -> None:
            stream = TokenStream(tokenizer)
            assert "".join(map(stream.feed, tokenizer.tokenize(text, special=False))) == text

        comes_back()


def _cut_text(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(cut for cut in cuts if cut <= len(text)), len(text)]
    return [text[begin:end] for begin, end in itertools.pairwise(places)]
