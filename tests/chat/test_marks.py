"""Marks of Chinese in answers as they come, are shown, stored, kept over a crash and continued."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.chat.events import AnswerGrew, AnswerStored, ChatEvent
from desktop.chat.quick_ask import QuickAskService, QuickEnded, QuickEvent, QuickGrew
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.history.rescue.answer_journal import AnswerJournal, unfinished_answers
from desktop.history.store import History
from desktop.settings.options import Settings
from tests.support.fake_engine import FakeEngine

PIECES = ("你好", ",", " 世", "界", ".", "用`a", ",b`", "吧", "(", "好", ")")
RIGHT = "你好，世界。用`a,b`吧（好）"
AS_IT_CAME = "".join(PIECES)


class Bench:
    def __init__(self, folder: Path, settings: Callable[[], Settings] = Settings) -> None:
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.events: list[ChatEvent] = []
        self.journal = AnswerJournal(folder / "answers")
        self.chat = ChatService(
            self.engine, self.history, settings, lambda: "tiny", self.events.append, itertools.count(1),
            journal=self.journal,
        )  # fmt: skip

    def say(self, *pieces: str, thinking: bool = False) -> None:
        for piece in pieces:
            self.chat.on_engine_event(Token(self.engine.last.request_id, piece, thinking))

    def finish(self, reason: FinishReason = FinishReason.COMPLETE) -> None:
        self.chat.on_engine_event(Finished(self.engine.last.request_id, reason, Stats(generated_tokens=3)))

    def shown(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, AnswerGrew))

    def answers(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages][1::2]

    def close(self) -> None:
        self.journal.close()
        self.history.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_what_is_shown_while_it_grows_is_what_is_stored(bench: Bench) -> None:
    conversation = bench.chat.send(None, "问,好")
    bench.say("想,想.", thinking=True)
    bench.say(*PIECES)
    bench.finish()
    assert bench.shown() == RIGHT
    assert bench.answers(conversation) == [RIGHT]
    question, answer = bench.history.transcript(conversation).messages
    assert question.text == "问,好"  # people's own words stay
    assert answer.thinking == "想,想."
    # AND the model reads its answer as it is shown
    bench.chat.send(conversation, "再说")
    assert bench.engine.last.messages[1].text == RIGHT


def test_a_mark_at_the_very_end_is_not_lost(bench: Bench) -> None:
    for number, end in enumerate((FinishReason.COMPLETE, FinishReason.STOPPED, None)):
        conversation = bench.chat.send(None, "问")
        bench.say("好", ".")
        if end is None:
            failed = Failed(bench.engine.last.request_id, UserFacingError("The engine died."), Stats())
            bench.chat.on_engine_event(failed)
        else:
            bench.finish(end)
        assert bench.answers(conversation) == ["好。"], number


def test_the_end_of_the_program_keeps_it_too(bench: Bench) -> None:
    conversation = bench.chat.send(None, "问")
    bench.say("好", "!")
    bench.chat.shut_down()
    assert bench.answers(conversation) == ["好！"]


def test_an_answer_of_nothing_but_a_mark(bench: Bench) -> None:
    conversation = bench.chat.send(None, "问")
    bench.say("(")
    bench.finish()
    assert bench.answers(conversation) == ["("]


def test_switched_off_it_stays_as_it_comes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda: Settings(chinese_punctuation=False))
    conversation = bench.chat.send(None, "问")
    bench.say(*PIECES)
    assert bench.shown() == AS_IT_CAME
    bench.finish()
    assert bench.answers(conversation) == [AS_IT_CAME]
    bench.close()


def test_an_answer_that_goes_on_goes_on_in_its_own_text(bench: Bench) -> None:
    conversation = bench.chat.send(None, "问")
    bench.say("```\n好,")
    bench.finish(FinishReason.STOPPED)
    assert bench.answers(conversation) == ["```\n好,"]
    # WHEN it goes on within the code, and behind it
    bench.chat.go_on(conversation)
    bench.say("好.\n", "```\n好,", "好")
    bench.finish()
    (stored,) = [event.message.text for event in bench.events if isinstance(event, AnswerStored)][1:]
    assert stored == "```\n好,好.\n```\n好，好"


def test_the_journal_has_what_is_shown(bench: Bench, tmp_path: Path) -> None:
    bench.chat.send(None, "问")
    bench.say(*PIECES)
    bench.journal.close()  # what waits is written
    (kept,) = unfinished_answers(tmp_path / "answers")
    assert kept.text == RIGHT.removesuffix("）")  # which still waited for what follows


@pytest.mark.parametrize(("is_on", "right"), [(True, RIGHT), (False, AS_IT_CAME)])
def test_the_quick_ask(is_on: bool, right: str) -> None:
    engine, events = FakeEngine(), list[QuickEvent]()
    settings = Settings(chinese_punctuation=is_on)
    service = QuickAskService(engine, engine.forget, lambda: settings, events.append, itertools.count(1))
    service.ask("问")
    for piece in PIECES:
        service.on_engine_event(Token(engine.last.request_id, piece))
    service.on_engine_event(Finished(engine.last.request_id, FinishReason.COMPLETE, Stats()))
    assert "".join(event.text for event in events if isinstance(event, QuickGrew)) == right
    assert [event.text for event in events if isinstance(event, QuickEnded)] == [right]
    exchange = service.exchange()
    assert exchange is not None
    assert exchange.answer == right
