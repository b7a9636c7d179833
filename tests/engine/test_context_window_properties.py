"""What of any conversation is read: whole turns, the system prompt, the last message, and never too much (hypothesis).

With the vocabularies and templates of generated models, by the code that the engine uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop.common.errors import MessageTooLongError
from desktop.engine.context_budget import answer_reserve, drop_turns
from desktop.engine.context_window import fit_draft, fit_known_part, fit_prompt
from desktop.engine.llama import bindings
from desktop.engine.llama.session import Session
from desktop.engine.types import Generation, Message, Role, Sampling
from tests.support.engine_harness import assistant, user
from tests.support.opened_session import opened
from tests.support.properties import PROPERTY

N_CTX = 256
_PROPERTY = settings(PROPERTY, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
_SIZES = st.integers(0, 12) | st.integers(0, 90) | st.integers(0, 400)
_WORDS = st.sampled_from(["a", "猫", "\U0001f600", "word ", "\n", "e\u0301", "<|im_end|>", "\u202e", "\x00", " "])


@pytest.fixture(scope="module")
def session(tiny_model: Path) -> Iterator[Session]:
    with opened(bindings.load(), tiny_model, n_ctx=N_CTX) as session:
        yield session


def _text_of(session: Session, tokens: tuple[int, ...]) -> str:
    pieces = (session.model.tokenizer.piece(token, special=True) for token in tokens)
    return b"".join(pieces).decode("utf-8", "replace")


def _message(role: Role, number: int, word: str, size: int) -> Message:
    return Message(role, f"[{number}:{word * size}]")


@st.composite
def _requests(draw: st.DrawFn) -> Generation:
    turns = []
    for number in range(draw(st.integers(0, 8))):
        word = draw(_WORDS)
        turns.append(_message(Role.USER, 2 * number, word, draw(_SIZES)))
        turns.append(_message(Role.ASSISTANT, 2 * number + 1, word, draw(_SIZES)))
    turns.append(_message(Role.USER, len(turns), draw(_WORDS), draw(_SIZES)))
    if draw(st.booleans()):
        turns.insert(0, Message(Role.SYSTEM, f"[system:{draw(_WORDS) * draw(_SIZES)}]"))
    sampling = Sampling(max_tokens=draw(st.none() | st.integers(1, 600)))
    return Generation(1, "c", tuple(turns), sampling, cut=draw(st.integers(0, 20)))


@_PROPERTY
@given(_requests())
@example(Generation(1, "c", (user("x" * 200),), Sampling()))
@example(Generation(1, "c", (user("a"), assistant("猫" * 90), user("x" * 150)), Sampling(), cut=1))
def test_any_conversation_fits_in_whole_turns_or_is_refused_with_a_sentence(
    session: Session, asked: Generation
) -> None:
    reserve = answer_reserve(N_CTX, asked.sampling.max_tokens)
    system = [each for each in asked.messages if each.role is Role.SYSTEM]
    turns = [each for each in asked.messages if each.role is not Role.SYSTEM]
    try:
        prompt = fit_prompt(session, asked)
    except MessageTooLongError as problem:
        # THEN that is true: not even alone does the last message leave room
        alone = session.model.tokenizer.tokenize_prompt(
            session.model.template.segments((*system, turns[-1]), thinking=False)
        )
        assert len(alone) > N_CTX - reserve
        assert problem.title and problem.remedy and problem.tokens > problem.room >= 0
        return
    # THEN it leaves room for an answer
    assert len(prompt.tokens) <= N_CTX - reserve
    # AND is what the template makes of the system message and of whole turns up to the last
    assert prompt.cut % 2 == 0 and 0 <= prompt.cut < len(turns)
    kept = (*system, *turns[prompt.cut :])
    assert kept[len(system)].role is Role.USER and kept[-1] == turns[-1]
    expected = session.model.tokenizer.tokenize_prompt(session.model.template.segments(kept, thinking=False))
    assert list(prompt.tokens) == expected
    # AND nothing comes back that was dropped, and what is known is a part of it
    assert prompt.cut >= min(asked.cut + asked.cut % 2, len(turns) - 1)
    assert 0 <= prompt.known <= len(prompt.tokens) and prompt.lasting <= len(prompt.tokens)
    # AND the words are there, as text; the byte 0 stands for nothing in these vocabularies
    text = _text_of(session, prompt.tokens)
    for message in kept:
        assert message.text.replace("\0", "") in text.replace("\0", "")


@_PROPERTY
@given(_requests())
def test_what_is_read_ahead_never_exceeds_the_context(session: Session, asked: Generation) -> None:
    for fit in (fit_known_part, fit_draft):
        try:
            ahead = fit(session, asked)
        except MessageTooLongError:
            continue
        if ahead is not None:
            assert len(ahead.tokens) <= N_CTX - answer_reserve(N_CTX, asked.sampling.max_tokens)
            assert ahead.cut % 2 == 0


@_PROPERTY
@given(_requests(), st.lists(st.tuples(_WORDS, _SIZES, _SIZES), max_size=6))
def test_a_conversation_that_goes_on_never_gets_a_turn_back(
    session: Session, asked: Generation, later: list[tuple[str, int, int]]
) -> None:
    # GIVEN a conversation in which each answer has what the context left for it WHEN it goes on
    messages, cut = asked.messages, 0
    for word, size, answered in later:
        try:
            prompt = fit_prompt(session, Generation(1, "c", messages, asked.sampling, cut=cut))
        except MessageTooLongError:
            return
        # THEN only further turns are dropped
        assert prompt.cut >= cut
        cut = prompt.cut
        number = len(messages)
        messages = (
            *messages,
            _message(Role.ASSISTANT, number, word, answered),
            _message(Role.USER, number + 1, word, size),
        )


@PROPERTY
@given(
    st.integers(0, 600),
    st.lists(st.integers(0, 600), min_size=1, max_size=20).filter(lambda lengths: len(lengths) % 2 == 1),
    st.integers(-3, 30),
    st.integers(1, 600),
    st.integers(0, 700),
    st.integers(0, 300),
)
def test_lengths_of_any_kind(
    system: int, lengths: list[int], cut: int, n_ctx: int, reserve: int, expected: int
) -> None:
    if system + lengths[-1] > n_ctx - reserve:
        with pytest.raises(MessageTooLongError):
            drop_turns(system, lengths, cut=cut, n_ctx=n_ctx, reserve=reserve, expected=expected)
        return
    kept = drop_turns(system, lengths, cut=cut, n_ctx=n_ctx, reserve=reserve, expected=expected)
    assert kept.tokens == system + sum(lengths[kept.cut :]) <= n_ctx - reserve
    assert kept.cut % 2 == 0 and kept.cut < len(lengths)
    assert kept.cut >= min(cut, len(lengths) - 1)
