"""An answer in another language than its question, from the line below it to the answer that is given instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from desktop.history.choices import AttachedDocument, ConversationChoices, PreferredLanguage
from tests.rigs.chat import Bench

LINE = "Answered in English."
AGAIN = QUrl("catnap:language/zh")


@pytest.fixture(params=[False, True], ids=["at once", "in pieces"])
def bench(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path, in_pieces=request.param)
    yield made
    made.history.close()


def ask_again(bench: Bench) -> None:
    bench.window.pane.transcript.anchorClicked.emit(AGAIN)


def said(bench: Bench) -> list[str]:
    return [message.text for message in bench.engine.last.messages]


def test_it_is_said_and_the_answer_given_again_in_the_right_language(bench: Bench) -> None:
    # GIVEN an English answer to a Chinese question
    conversation = bench.talk("猫什么时候睡觉？", "A cat is asleep for most of the day, and it is awake at night.")
    # THEN one line below it says so
    assert LINE in bench.page() and "Answer again in Chinese" in bench.page()
    # WHEN its link is followed
    ask_again(bench)
    # THEN the same question is asked, with one sentence more that is not stored
    assert said(bench) == ["猫什么时候睡觉？\n\n请用中文回答。"]
    bench.say("猫白天睡觉，晚上活动。")
    bench.finish()
    assert bench.texts(conversation) == ["猫什么时候睡觉？", "猫白天睡觉，晚上活动。"]
    assert LINE not in bench.page()
    # AND the answer before is a version, Undo shows it with its line
    answer = bench.history.transcript(conversation).messages[-1]
    assert (answer.version, answer.versions) == (2, 2)
    bench.window.menu.undo.trigger()
    assert LINE in bench.page()
    bench.window.menu.redo.trigger()


def test_what_somebody_prefers_is_kept_for_the_conversation_and_no_other(bench: Bench) -> None:
    # GIVEN a conversation with an answer from before, and one that is wanted in Chinese
    conversation = bench.talk("你好", "你好！有什么可以帮您的吗？")
    bench.send("猫什么时候睡觉？")
    bench.say("It is asleep for most of the day.")
    bench.finish()
    ask_again(bench)
    bench.say("白天。")
    bench.finish()
    # WHEN somebody goes on
    bench.send("那狗呢？")
    # THEN the sentence goes along from that question on, and what was read before stays as it was
    wish = "\n\n请用中文回答。"
    assert said(bench)[::2] == ["你好", f"猫什么时候睡觉？{wish}", f"那狗呢？{wish}"]
    bench.say("晚上。")
    bench.finish()
    # BUT not with a question in another language, or for another one
    for question in ("And birds?", "鸟用英文怎么说？"):
        bench.send(question)
        assert said(bench)[-1] == question
        bench.say("Bird.")
        bench.finish()
    # AND it is still there when the conversation is opened again
    other = bench.talk("你好", "你好！")
    assert said(bench) == ["你好"]
    assert bench.chat.choices.of(other).language is None
    second = bench.history.transcript(conversation).messages[2]
    assert bench.chat.choices.of(conversation).language == PreferredLanguage("zh", second.id)


def test_an_english_question_is_treated_alike(bench: Bench) -> None:
    bench.talk("When do cats sleep?", "猫一天中的大部分时间都在睡觉。")
    assert "Answered in Chinese." in bench.page() and "Answer again in English" in bench.page()
    bench.window.pane.transcript.anchorClicked.emit(QUrl("catnap:language/en"))
    assert said(bench) == ["When do cats sleep?\n\nAnswer in English."]
    bench.say("Кошки спят днём и гуляют ночью.")
    bench.finish()
    assert "Answered in another language." in bench.page() and "Answer again in English" in bench.page()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("把这句话翻译成英文：猫在睡觉", "The cat is asleep, and it is not awake."),
        ("猫在睡觉吗？", "是的，它正在睡觉。"),
        ("用 Python 打印“猫”", "```python\n# this is what the cat is called\nprint('the cat is here')\n```"),
    ],
)
def test_nothing_is_said_where_it_is_no_fault(bench: Bench, question: str, answer: str) -> None:
    bench.talk(question, answer)
    assert "Answered in" not in bench.page() and "Answer again" not in bench.page()


def test_only_the_last_answer_has_the_line(bench: Bench) -> None:
    bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    bench.send("那狗呢？")
    assert LINE not in bench.page()
    bench.say("晚上睡觉。")
    bench.finish()
    assert LINE not in bench.page()


def test_a_document_may_be_in_another_language(bench: Bench) -> None:
    conversation = bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    bench.history.set_choices(conversation, ConversationChoices(document=AttachedDocument("gone")))
    bench.presenter.open(conversation)
    assert LINE not in bench.page()


def test_a_model_without_the_language_is_not_asked_again(bench: Bench) -> None:
    bench.presenter.language_guard.knows = lambda language, _file: language != "zh"
    bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    assert LINE not in bench.page()


def test_without_a_model_it_waits_for_one(bench: Bench) -> None:
    bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    bench.model_is_there = False
    ask_again(bench)
    assert bench.needed == ["猫什么时候睡觉？"]
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert said(bench) == ["猫什么时候睡觉？\n\n请用中文回答。"]


def test_a_history_that_cannot_be_written_says_so(bench: Bench) -> None:
    bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    asked = len(bench.engine.requests)
    bench.forbid_writing()
    ask_again(bench)
    assert bench.banner() and len(bench.engine.requests) == asked


def test_a_screen_reader_reads_the_line(bench: Bench) -> None:
    bench.talk("猫什么时候睡觉？", "It is asleep for most of the day.")
    view = bench.window.pane.transcript
    assert LINE in view.spoken.answer(view.messages[-1].id)
