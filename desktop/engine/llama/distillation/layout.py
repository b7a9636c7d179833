"""How a question and an answer are laid out in a model's tokens, as its chat template has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from desktop.engine.llama.model import LoadedModel
from desktop.engine.types import Message, Role


def prompt_of(model: LoadedModel, text: str) -> list[int]:
    """Returns the tokens of a question, to which an answer comes next.

    Args:
        model: Whose template and vocabulary are meant.
        text: What is asked.

    Raises:
        UserFacingError: The template takes no such question.
    """
    segments = model.template.segments((Message(Role.USER, text),), thinking=False, add_generation_prompt=True)
    return model.tokenizer.tokenize_prompt(segments)


def lay_out(model: LoadedModel, text: str, answer: str, *, is_whole: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the tokens of a question and of an answer that somebody else gave.

    Args:
        model: Whose template and vocabulary are meant.
        text: The question.
        answer: Its characters; what looks like a control token is none.
        is_whole: It came to its end, which is the last token.

    Raises:
        UserFacingError: The template takes no such question.
    """
    prompt = prompt_of(model, text)
    tokens = model.tokenizer.tokenize_part(answer, special=False)
    if is_whole and (end := _turn_end(model, text, prompt)) is not None:
        tokens.append(end)
    return tuple(prompt), tuple(tokens)


def _turn_end(model: LoadedModel, text: str, prompt: Sequence[int]) -> int | None:
    """Returns the token that the template ends an answer with; None: it has none."""
    turns = (Message(Role.USER, text), Message(Role.ASSISTANT, "-"))
    tokens = model.tokenizer.tokenize_prompt(
        model.template.segments(turns, thinking=False, add_generation_prompt=False)
    )
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(prompt, tokens, strict=False)))
    return next((token for token in tokens[same:] if model.tokenizer.is_end(token)), None)
