"""How a vocabulary writes: what each token stands for, and which tokens a question and an answer have."""

from __future__ import annotations

from desktop.engine.llama.model import LoadedModel
from desktop.engine.types import Message, Role


def spelled(model: LoadedModel) -> tuple[tuple[bytes, ...], int]:
    """Returns the bytes that each token stands for, of control tokens none, and the token that ends an answer.

    Args:
        model: Whose vocabulary it is.
    """
    tokenizer = model.tokenizer
    pieces = tuple(tokenizer.piece(token) for token in range(tokenizer.size))
    ends = [token for token in range(tokenizer.size) if tokenizer.is_end(token)]
    named = [
        token for token in ends if tokenizer.piece(token, special=True).decode("utf-8", "replace") == tokenizer.eos_text
    ]
    return pieces, (*named, *ends, -1)[0]


def written(model: LoadedModel, question: str, answer: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the tokens of a question as the chat template has it, and of an answer to it.

    Args:
        model: Whose template and vocabulary are meant.
        question: What is asked.
        answer: Its characters; what looks like a control token is none.

    Raises:
        UserFacingError: The template takes no such question.
    """
    segments = model.template.segments((Message(Role.USER, question),), thinking=False, add_generation_prompt=True)
    return tuple(model.tokenizer.tokenize_prompt(segments)), tuple(model.tokenizer.tokenize_part(answer, special=False))
