"""What the engine is asked to read before a message is sent."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.types import Failed, Role, Stats
from desktop.history.store import History
from desktop.settings.options import Settings
from tests.chat.bench import Bench
from tests.support.fake_engine import FakeEngine


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.history.close()


def test_what_is_known_before_the_next_message(bench: Bench) -> None:
    conversation = bench.chat.send(None, "A poem please")
    assert bench.chat.answers.is_busy(conversation)
    assert bench.chat.preparation.request(conversation) is None, "the engine is busy with it"
    bench.answer("Roses")
    assert not bench.chat.answers.is_busy(conversation)
    made = bench.chat.preparation.request(conversation)
    assert made is not None
    assert made.conversation_id == conversation
    assert [(m.role, m.text) for m in made.messages] == [(Role.USER, "A poem please"), (Role.ASSISTANT, "Roses")]
    # WHEN the next question comes THEN its prompt begins with exactly that
    bench.chat.send(conversation, "And now?")
    assert bench.engine.last.messages[:2] == made.messages
    assert bench.engine.last.request_id != made.request_id


def test_a_question_without_an_answer_is_not_read_ahead(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello?")
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, UserFacingError("It is broken."), Stats()))
    made = bench.chat.preparation.request(conversation)
    assert made is not None
    assert made.messages == ()


def test_before_the_first_message_there_is_the_system_prompt(tmp_path: Path) -> None:
    history, engine = History(tmp_path / "history.sqlite3"), FakeEngine()
    settings = replace(Settings(), system_prompt="Be brief.")
    chat = ChatService(engine, history, lambda: settings, lambda: "", lambda _event: None, itertools.count(1))
    made = chat.preparation.request(None)
    assert made is not None
    assert [(m.role, m.text) for m in made.messages] == [(Role.SYSTEM, "Be brief.")]
    chat.shut_down()
    assert chat.preparation.request(None) is None
    history.close()
