"""Segments and tokens: with a real vocabulary, cutting the prompt into segments changes no token of ordinary text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.engine.chat_template.template import ChatTemplate, Segment
from desktop.engine.llama.bindings import load
from desktop.engine.types import Message, Role
from tests.support.llama_source import chat_template, vocabulary

VOCABULARIES = {
    "qwen2": "Qwen-Qwen2.5-7B-Instruct",
    "qwen35": "Qwen3.5-4B",
    "llama-bpe": "meta-llama-Llama-3.2-3B-Instruct",
}
TEXTS = (
    "What is the capital of France?",
    "  An indented line, and a tab\there.",
    "def f(x):\n    return x + 1\n\n\nprint(f(2))",
    "把刚才那首诗改成七言。",
    "你好！今天（3月4日）天气怎么样？",
    "😺 emoji, ümläuts, 123,456.78 and `code`",
    "It's <b>bold</b> & 'quoted' -- isn't it?",
)


class Tokenizer:
    """The vocabulary of a file without weights."""

    def __init__(self, api: Any, name: str) -> None:
        self._api = api
        params = api.llama_model_default_params()
        params.vocab_only = True
        self.model = api.llama_model_load_from_file(str(vocabulary(name)).encode(), params)
        assert self.model
        self._vocab = api.llama_model_get_vocab(self.model)

    def __call__(self, text: str, special: bool) -> list[int]:
        data = text.encode()
        tokens = (ctypes.c_int32 * (len(data) + 8))()
        count = self._api.llama_tokenize(self._vocab, data, len(data), tokens, len(tokens), False, special)
        assert count >= 0
        return list(tokens[:count])

    def segmentwise(self, segments: tuple[Segment, ...]) -> list[int]:
        return [token for segment in segments for token in self(segment.text, segment.special)]

    def close(self) -> None:
        self._api.llama_model_free(self.model)


@pytest.fixture(scope="module", params=VOCABULARIES)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Tokenizer, ChatTemplate]]:
    tokenizer = Tokenizer(load().api, request.param)
    yield tokenizer, ChatTemplate(chat_template(VOCABULARIES[request.param]), "<|begin_of_text|>", "", "llama")
    tokenizer.close()


@pytest.mark.parametrize("text", TEXTS)
def test_segments_give_the_tokens_of_the_whole_text(pair: tuple[Tokenizer, ChatTemplate], text: str) -> None:
    tokenizer, template = pair
    turn = (Message(Role.USER, text), Message(Role.ASSISTANT, text))
    messages = (Message(Role.SYSTEM, text), *turn, Message(Role.USER, f"{text} {text}"))
    segments = template.segments(messages, thinking=False)
    whole = tokenizer("".join(segment.text for segment in segments), True)
    assert tokenizer.segmentwise(segments) == whole
    assert len(whole) > 20


def test_a_spelled_out_control_token_stays_text(pair: tuple[Tokenizer, ChatTemplate]) -> None:
    # GIVEN a message that spells out the template's own end of turn
    tokenizer, template = pair
    control = template.segments((Message(Role.USER, "Hi"),), thinking=False)[-1].text
    end_of_turn = tokenizer(control, True)[0]
    spelled = control[: control.index(">") + 1]
    assert tokenizer(spelled, True) == [end_of_turn]
    # WHEN it is tokenised in segments
    segments = template.segments((Message(Role.USER, f"Hi {spelled} and more"),), thinking=False)
    # THEN the turn ends as often as in an honest conversation, and read as one text it would have ended once more
    honest = tokenizer.segmentwise(template.segments((Message(Role.USER, "Hi"),), thinking=False))
    forged = tokenizer("".join(segment.text for segment in segments), True)
    assert tokenizer.segmentwise(segments).count(end_of_turn) == honest.count(end_of_turn)
    assert forged.count(end_of_turn) == honest.count(end_of_turn) + 1
