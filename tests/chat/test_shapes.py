"""An answer as a table, a form or JSON: chosen for one answer, asked for, and stored as it is shown."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.chat.adoption import adopt_unfinished
from desktop.chat.events import ChatEvent
from desktop.chat.service import ChatService
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Failed, Finished, FinishReason, Role, Stats, Token
from desktop.functions.calculator import Calculator
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.sources import Support
from desktop.history.store import History
from desktop.settings.options import Settings
from desktop.structured.fields import parse_fields
from desktop.structured.shape import AnswerShape, Look
from tests.support.fake_engine import FakeEngine

FORM = parse_fields("name, amount: number", "Bills")
ROWS = '[{"name":" Tea","amount":3},{"name":" Milk","amount":1.5}]'


class Bench:
    """A chat with an engine that the test plays."""

    def __init__(self, folder: Path) -> None:
        self.engine = FakeEngine()
        self.history = History(folder / "history.db")
        self.events: list[ChatEvent] = []
        self.chat = self.begun()

    def begun(self, journal: AnswerJournal | None = None) -> ChatService:
        """Returns a chat of a program that has just begun."""
        return ChatService(
            self.engine, self.history, lambda: Settings(thinking=True), lambda: "model", self.events.append,
            itertools.count(1), calculate=Calculator().calculate, journal=journal,
        )  # fmt: skip

    def answer(self, text: str, reason: FinishReason = FinishReason.COMPLETE) -> None:
        request = self.engine.last.request_id
        self.chat.on_engine_event(Token(request, text))
        self.chat.on_engine_event(Finished(request, reason, Stats()))

    def last(self, conversation: str) -> tuple[str, MessageState]:
        message = self.history.transcript(conversation).messages[-1]
        return message.text, message.state


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.history.close()


def test_the_next_answer_keeps_to_it_and_no_other(bench: Bench) -> None:
    # GIVEN a table that is chosen before a conversation has begun
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    # WHEN something is asked, even what could be computed
    conversation = bench.chat.send(None, "2 + 2")
    # THEN the model is asked for it, and told what the fields are; what is stored is what was written
    request = bench.engine.last
    assert json.loads(request.schema or "")["type"] == "array" and not request.thinking
    assert request.messages[-1].text.startswith("2 + 2\n\nAnswer as JSON: a list of (name: text; amount: a number)")
    assert bench.history.transcript(conversation).messages[0].text == "2 + 2"
    # AND the answer is stored as a table
    bench.answer(ROWS)
    text, state = bench.last(conversation)
    assert text.splitlines() == ["| name | amount |", "| --- | --- |", "| Tea | 3 |", "| Milk | 1.5 |"]
    assert state is MessageState.COMPLETE
    finished = bench.chat.shapes.finished(conversation)
    assert finished is not None and finished.value == [{"name": "Tea", "amount": 3}, {"name": "Milk", "amount": 1.5}]
    # AND the one after it is free
    bench.chat.send(conversation, "And why?")
    assert bench.engine.last.schema is None
    assert bench.engine.last.messages[-1].text == "And why?"
    assert bench.chat.shapes.finished(conversation) is None


@pytest.mark.parametrize(("look", "shown"), [(Look.FORM, "- **name**: Tea\n"), (Look.JSON, "```json\n{")])
def test_as_a_form_and_as_json(bench: Bench, look: Look, shown: str) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer("Hi")
    bench.chat.shapes.choose(conversation, AnswerShape(FORM, look))
    bench.chat.regenerate(conversation)
    bench.answer('{"name":" Tea","amount":3}')
    assert bench.last(conversation)[0].startswith(shown)


def test_a_cut_off_answer_stays_json_and_goes_on_with_its_schema(bench: Bench) -> None:
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    conversation = bench.chat.send(None, "Bills?")
    schema = bench.engine.last.schema
    # WHEN it is cut off
    bench.answer(ROWS[:20], FinishReason.LENGTH)
    # THEN nothing makes a table of it
    assert bench.last(conversation)[0] == ROWS[:20]
    assert bench.history.transcript(conversation).messages[-1].is_cut_off
    # WHEN it goes on THEN the whole of it is one
    bench.chat.go_on(conversation)
    assert bench.engine.last.schema == schema
    assert bench.engine.last.begun is not None and bench.engine.last.begun.text == ROWS[:20]
    bench.answer(ROWS[20:])
    assert bench.last(conversation)[0].endswith("| Tea | 3 |\n| Milk | 1.5 |")


@pytest.mark.parametrize("ended", ["cut off", "stopped", "the program ended", "a crash"])
def test_it_goes_on_with_its_schema_after_a_restart(bench: Bench, tmp_path: Path, ended: str) -> None:
    # GIVEN an answer that was cut off, however that came about
    journal = AnswerJournal(tmp_path / "answers", interval=0.0)
    bench.chat = bench.begun(journal)
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    conversation = bench.chat.send(None, "Bills?")
    schema = bench.engine.last.schema
    match ended:
        case "cut off":
            bench.answer(ROWS[:20], FinishReason.LENGTH)
        case "stopped":
            bench.answer(ROWS[:20], FinishReason.STOPPED)
        case _:
            bench.chat.on_engine_event(Token(bench.engine.last.request_id, ROWS[:20]))
            if ended == "the program ended":
                bench.chat.shut_down()
    journal.close()
    # WHEN the program has begun again
    assert adopt_unfinished(bench.history, tmp_path / "answers") == (ended == "a crash")
    bench.chat = bench.begun()
    bench.chat.go_on(conversation)
    # THEN it goes on as it began, and the whole of it is a table
    request = bench.engine.last
    assert request.schema == schema and request.begun is not None and request.begun.text == ROWS[:20]
    assert request.messages[-1].text.startswith("Bills?\n\nAnswer as JSON")
    bench.answer(ROWS[20:])
    assert bench.last(conversation)[0].endswith("| Tea | 3 |\n| Milk | 1.5 |")
    assert bench.chat.shapes.finished(conversation) is not None


def test_an_answer_given_anew_keeps_to_the_shape_unless_another_is_chosen(bench: Bench) -> None:
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    conversation = bench.chat.send(None, "Bills?")
    bench.answer(ROWS)
    bench.chat = bench.begun()
    bench.chat.regenerate(conversation)
    assert json.loads(bench.engine.last.schema or "")["type"] == "array"
    bench.answer(ROWS)
    bench.chat.shapes.choose(conversation, AnswerShape(FORM, Look.JSON))
    bench.chat.regenerate(conversation)
    assert json.loads(bench.engine.last.schema or "")["type"] == "object"
    bench.answer('{"name":" Tea","amount":3}')
    # WHEN something else is asked THEN it is free
    bench.chat.send(conversation, "And why?")
    assert bench.engine.last.schema is None


def test_a_shape_of_another_catnap_lets_the_answer_go_on_freely(bench: Bench) -> None:
    conversation = bench.history.create("Bills").id
    bench.history.add_user_message(conversation, "Bills?")
    bench.history.add_answer(
        conversation, ROWS[:20], thinking="", state=MessageState.STOPPED, model="m", stats=None,
        support=Support(shape='{"look": "sculpture", "name": "x", "fields": []}'),
    )  # fmt: skip
    bench.chat.go_on(conversation)
    assert bench.engine.last.schema is None and bench.engine.last.begun is not None


def test_a_stopped_answer_is_no_table(bench: Bench) -> None:
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    conversation = bench.chat.send(None, "Bills?")
    bench.answer(ROWS[:20], FinishReason.STOPPED)
    assert bench.last(conversation) == (ROWS[:20], MessageState.STOPPED)


def test_a_refused_question_keeps_its_shape(bench: Bench) -> None:
    shape = AnswerShape(FORM, Look.TABLE)
    bench.chat.shapes.choose(None, shape)
    bench.chat.send(None, "long")
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, MessageTooLongError(900, 100), Stats()))
    assert bench.chat.shapes.chosen(None) == shape


def test_it_can_be_taken_back(bench: Bench) -> None:
    bench.chat.shapes.choose(None, AnswerShape(FORM, Look.TABLE))
    bench.chat.shapes.choose(None, None)
    bench.chat.send(None, "Hello")
    assert bench.engine.last.schema is None
    assert bench.engine.last.messages[-1].role is Role.USER
