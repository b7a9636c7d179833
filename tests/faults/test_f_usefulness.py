"""Row for row what the table of faults says under F: whether it is of use."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.events import AnswerBegan
from desktop.common.paths import Paths
from desktop.documents.reader import read_document
from desktop.ui.answer_hints.first_answer import FirstAnswerHint
from tests.rigs.chat import Bench as ChatBench
from tests.rigs.documents_chat import DocumentsChat
from tests.rigs.shell import Bench, running
from tests.support.command_line import catnap
from tests.support.own_models import use_own
from tests.support.parrot import make_parrot
from tests.support.proven_starters import CALCULATED, SPOKEN
from tests.support.weights import smollm2
from tests.support.widgets import child, children
from tests.ui.documents.test_drops import drop, enter, file_data

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


def test_f3_what_the_smallest_model_is_offered_with_is_proven_or_calculated(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        # GIVEN the real model, tests/models/test_starters.py has it answer
        use_own(bench.services, smollm2())
        # WHEN a new conversation is shown
        bench.show()
        # THEN all that is offered was judged
        offered = bench.window.pane.empty_page.starters
        assert len(offered) == 5 and set(offered) <= {*SPOKEN, *CALCULATED}
        assert sum(question in SPOKEN for question in offered) == 3


def test_f4_a_file_that_is_dropped_is_attached(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN note.txt, and a draft
    chat = DocumentsChat(qtbot, tmp_path)
    chat.reader = lambda path, progress, given_up: read_document(path, progress=progress, given_up=given_up)
    note = tmp_path / "note.txt"
    note.write_text("The meeting is on Tuesday at half past six.", "utf-8")
    field = chat.window.pane.composer.edit
    chat.window.pane.composer.set_text("When is it?")

    async def work() -> None:
        # WHEN it is dropped on the field, and taken
        data = file_data(note)
        assert enter(field.viewport(), data).isAccepted()
        drop(field.viewport(), data)
        await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
        next(each for each in children(chat.viewer, QPushButton) if "sk about" in each.text()).click()
        # THEN its text is attached, and the draft is what it was
        attached = chat.documents.attached(None)
        assert attached is not None and chat.presenter.chip.name == "note.txt"
        document = chat.documents.document(attached.document.id)
        assert document is not None and document.parts[0].text == "The meeting is on Tuesday at half past six."
        assert chat.window.pane.composer.text() == "When is it?"

    chat.run(work())
    chat.close()


def test_f6_a_click_on_a_starter_sends_it(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN an empty conversation, and a draft in it
    bench = ChatBench(qtbot, tmp_path)
    bench.window.pane.composer.set_text("something else")
    question = "Why is the sky blue?"
    bench.window.pane.empty_page.set_starters((question,))
    (button,) = [each for each in children(bench.window, QPushButton) if each.text() == question]
    # WHEN a starter is clicked
    button.click()
    # THEN it is asked, and the draft stays
    assert [message.text for message in bench.engine.last.messages] == [question]
    assert bench.busy() and bench.draft() == "something else"
    bench.history.close()


def test_f6_without_a_model_the_starter_waits_for_one(qtbot: QtBot, tmp_path: Path) -> None:
    bench = ChatBench(qtbot, tmp_path)
    bench.model_is_there = False
    question = "Why is the sky blue?"
    bench.window.pane.empty_page.set_starters((question,))
    next(each for each in children(bench.window, QPushButton) if each.text() == question).click()
    assert bench.needed == [question] and bench.engine.requests == []
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert [message.text for message in bench.engine.last.messages] == [question]
    bench.history.close()


def line(bench: Bench) -> str:
    """Returns what the line below the answer says."""
    hint = child(bench.window, FirstAnswerHint)
    return children(hint, QLabel)[0].text() if hint.isVisible() else ""


def test_f7_the_first_answer_of_a_small_model_says_once_that_it_may_be_wrong(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path, tmp_path: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        # GIVEN a small model that has not answered yet
        use_own(bench.services, parrot_model)
        recommended = bench.services.supervisor.fit.recommended()
        best = bench.services.models.catalog.get(recommended or "")
        assert best is not None
        bench.show()
        assert line(bench) == ""
        # WHEN it answers
        bench.send("When do cats sleep?")
        bench.wait_for_answer()
        # THEN one quiet line says that it may be wrong, and names the better model that fits
        assert "is small and may be wrong: check what matters." in line(bench)
        assert best.name in line(bench)
        # AND its button leads there
        (look,) = [each for each in children(bench.window, QPushButton, shown=True) if each.text() == "Look at it"]
        look.click()
        assert bench.shell.models.is_open and line(bench) == ""
        dialog = bench.shell.models.dialog
        assert dialog is not None and dialog._selected == best.id
        bench.shell.models.close()
        # AND it is never said again of this model
        bench.send("And dogs?")
        qtbot.waitUntil(lambda: not bench.window.pane.is_busy and len(bench.window.pane.transcript.messages) == 4)
        assert line(bench) == ""
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        bench.send("And birds?")
        qtbot.waitUntil(lambda: not bench.window.pane.is_busy and len(bench.window.pane.transcript.messages) == 6)
        assert line(bench) == ""
        # BUT of another one, once
        use_own(bench.services, make_parrot(tmp_path / "other.gguf", "At night."))
        bench.send("And fish?")
        qtbot.waitUntil(lambda: not bench.window.pane.is_busy and len(bench.window.pane.transcript.messages) == 8)
        assert "may be wrong" in line(bench)
        # AND the next question takes it away
        bench.send("And owls?")
        assert line(bench) == ""
        qtbot.waitUntil(lambda: not bench.window.pane.is_busy)


def test_f1_a_model_that_repeats_itself_is_stopped_and_that_is_said(tmp_path: Path) -> None:
    # GIVEN a model that says the same for ever
    said = "The sea is deep and blue and full of fish that swim in it all day long. "
    model = make_parrot(tmp_path / "loops.gguf", said, endless=True)
    common = ["--data-dir", str(tmp_path / "data"), "--model", str(model), "--ctx", "2048"]
    # WHEN it is asked
    done = catnap("ask", "Tell me about the sea", "--json", *common)
    # THEN it ends after some three times, and what is kept is there once
    assert (done.code, done.json["finish_reason"]) == (0, "repeated")
    assert done.json["answer"] == said.strip()
    assert done.json["generated_tokens"] < 5 * len(said)
    # WHEN a person reads it, or wants it so
    told = catnap("ask", "Tell me about the sea", *common)
    wanted = catnap("ask", f"Say this 100 times: {said}", "--json", "--max-tokens", "600", *common)
    anyway = catnap("ask", "Tell me about the sea", "--allow-loops", "--json", "--max-tokens", "600", *common)
    assert "it began to repeat itself and was stopped; go on anyway: --allow-loops" in told.err
    assert wanted.json["finish_reason"] == anyway.json["finish_reason"] == "length"


def test_f2_chinese_typed_to_a_model_without_it_is_told_before_it_answers(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        # GIVEN a model that knows English only
        use_own(bench.services, parrot_model)
        model = bench.services.choice.in_use()
        assert model is not None
        bench.services.models.rename(model, "Parrot", ("en",))
        bench.show()
        seen: list[str] = []
        bench.services.chat_events.subscribe(
            lambda event: seen.append(line(bench)) if isinstance(event, AnswerBegan) else None
        )
        # WHEN somebody asks in Chinese
        bench.send("猫什么时候睡觉？")
        bench.wait_for_answer()
        # THEN that was said when the answer began, with a model that knows it
        assert "hardly knows Chinese" in seen[0]
        assert "does, and fits here" in seen[0]
        # BUT not for a translation, nor in English
        seen.clear()
        for text in ("把“cat”翻译成中文", "What does 猫 mean in English, and how is it written?"):
            bench.send(text)
            qtbot.waitUntil(lambda: not bench.window.pane.is_busy)
        assert not any("hardly knows Chinese" in words for words in seen)
