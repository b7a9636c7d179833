from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.context_budget import answer_reserve, expected_message
from desktop.engine.context_window import fit_known_part, fit_prompt
from desktop.engine.llama import bindings
from desktop.engine.llama.session import Session
from desktop.engine.types import Generation, Message, Role, Sampling
from tests.support.engine_harness import assistant, user
from tests.support.gguf_build import CHATML_TEMPLATE
from tests.support.opened_session import opened
from tests.support.tiny import make_tiny

N_CTX = 512


@pytest.fixture
def session(tiny_model: Path) -> Iterator[Session]:
    with opened(bindings.load(), tiny_model, n_ctx=N_CTX) as session:
        yield session


def request(*messages: Message, cut: int = 0, max_tokens: int | None = None) -> Generation:
    return Generation(1, "c", messages, Sampling(max_tokens=max_tokens), cut=cut)


def turns(count: int, size: int) -> list[Message]:
    return [message for number in range(count) for message in (user(f"{number:03} " * size), assistant("a" * 4 * size))]


def text_of(session: Session, tokens: tuple[int, ...]) -> str:
    return b"".join(session.model.tokenizer.piece(token, special=True) for token in tokens).decode()


def test_what_fits_is_read_as_it_is(session: Session) -> None:
    prompt = fit_prompt(session, request(Message(Role.SYSTEM, "Be kind."), user("Hi"), assistant("Ho"), user("Hm")))

    assert prompt.cut == 0
    assert text_of(session, prompt.tokens) == (
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"
        "<|im_start|>user\nHm<|im_end|>\n<|im_start|>assistant\n"
    )


def test_an_earlier_cut_stays(session: Session) -> None:
    messages = (Message(Role.SYSTEM, "S"), *turns(3, 1), user("last"))
    prompt = fit_prompt(session, request(*messages, cut=4))

    assert prompt.cut == 4
    text = text_of(session, prompt.tokens)
    assert "001" not in text and "002" in text and "S<|im_end|>" in text


@pytest.mark.parametrize("size", [1, 3, 8, 20])
@pytest.mark.parametrize("system", [(), (Message(Role.SYSTEM, "Be very kind, always."),)])
def test_a_long_conversation_is_cut_to_half_the_context(
    session: Session, size: int, system: tuple[Message, ...]
) -> None:
    messages = (*system, *turns(40, size), user("The last question."))
    prompt = fit_prompt(session, request(*messages))
    text = text_of(session, prompt.tokens)

    assert len(prompt.tokens) <= N_CTX // 2
    assert prompt.cut % 2 == 0
    # AND one turn more would not have fitted into that half, with as long a question as is to be expected
    longest = user("q" * expected_message(N_CTX))
    one_more = (*system, *messages[len(system) + prompt.cut - 2 : -1], longest)
    tokens = session.model.tokenizer.tokenize_prompt(session.model.template.segments(one_more, thinking=False))
    rounded = len(one_more)  # what the template adds is shared out, and each share rounded up
    assert len(tokens) > N_CTX // 2 - rounded
    # AND the next prompt with this cut begins the same way, so that the cache serves it
    assert fit_prompt(session, request(*messages, cut=prompt.cut)) == prompt
    assert text.endswith("The last question.<|im_end|>\n<|im_start|>assistant\n")
    assert text.startswith("<|im_start|>system" if system else f"<|im_start|>user\n{prompt.cut // 2:03}")


@pytest.mark.parametrize("size", [1, 3, 8, 20])
def test_what_is_read_ahead_is_the_beginning_of_what_is_asked(session: Session, size: int) -> None:
    """Whatever the question is, unless it is a long one: models that cannot go back would have read for nothing."""
    cuts = set()
    for count in range(1, 25):
        history = (Message(Role.SYSTEM, "Be kind."), *turns(count, size))
        known = fit_known_part(session, request(*history))
        assert known is not None
        cuts.add(known.cut)
        for length in (1, 10, expected_message(N_CTX) - 1, expected_message(N_CTX)):
            prompt = fit_prompt(session, request(*history, user("q" * length)))
            assert prompt.cut == known.cut
            assert prompt.tokens[: len(known.tokens)] == known.tokens
    assert len(cuts) > 1


def test_the_whole_context_but_the_reserve_is_used_before_anything_is_cut(session: Session) -> None:
    room = N_CTX - answer_reserve(N_CTX)
    around = len(fit_prompt(session, request(user("a"), assistant("b"), user(""))).tokens)
    fitting = fit_prompt(session, request(user("a"), assistant("b"), user("x" * (room - around))))
    beyond = fit_prompt(session, request(user("a"), assistant("b"), user("x" * (room - around + 1))))

    assert (len(fitting.tokens), fitting.cut) == (room, 0)
    assert beyond.cut == 2


def test_a_short_answer_leaves_more_room(session: Session) -> None:
    question = user("x" * (N_CTX - 100))
    with pytest.raises(MessageTooLongError):
        fit_prompt(session, request(question))
    assert len(fit_prompt(session, request(question, max_tokens=16)).tokens) > N_CTX - 100


def test_the_length_of_a_message_that_cannot_fit_is_exact(session: Session) -> None:
    around = len(fit_prompt(session, request(user(""))).tokens)
    messages = (*turns(5, 5), user("x" * 600))
    with pytest.raises(MessageTooLongError) as caught:
        fit_prompt(session, request(*messages))

    assert caught.value.tokens == 600 + around
    assert caught.value.room == N_CTX - answer_reserve(N_CTX)


def test_no_message_is_a_bug(session: Session) -> None:
    with pytest.raises(ValueError, match="message"):
        fit_prompt(session, request(Message(Role.SYSTEM, "S")))


def test_a_template_that_fills_the_context_is_the_models_fault_and_not_the_messages(tmp_path: Path) -> None:
    # GIVEN a model whose template says more than its context holds
    path = make_tiny(tmp_path / "talkative.gguf", chat_template="word " * N_CTX + CHATML_TEMPLATE)
    with opened(bindings.load(), path, n_ctx=N_CTX) as session, pytest.raises(UserFacingError) as caught:
        fit_prompt(session, request(user("hi")))

    # THEN the sentence names it, instead of asking for a shorter message
    assert not isinstance(caught.value, MessageTooLongError)
    assert str(path) in caught.value.detail


def test_a_long_system_message_is_not_the_models_fault(session: Session) -> None:
    with pytest.raises(MessageTooLongError):
        fit_prompt(session, request(Message(Role.SYSTEM, "word " * N_CTX), user("hi")))
