"""Row for row what the table of faults says under C: what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.ui.chat.composer import Composer
from tests.rigs.conversations import answer, question
from tests.rigs.shell import running
from tests.rigs.windows import transcript
from tests.support.engine_harness import Harness, config_for, user
from tests.support.huge_texts import C6
from tests.support.longest_turn import longest_turn
from tests.support.parrot import make_parrot

# 0.1 s on the machine of docs/ARCHITECTURE.md; before, 3.7 to 25 s. What is measured is time of the processor, of which
# a busy machine takes more for the same work.
_HELD_S = 0.4


@pytest.mark.parametrize("before", ["", "Good evening. "], ids=["at the beginning", "in the middle"])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("[THINK]", "[/THINK]"),
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
        ("<seed:think>", "</seed:think>"),
        ("<thought>", "</thought>"),
    ],
)
def test_c4_thoughts_are_told_by_the_tags_of_any_family(
    tmp_path: Path, opening: str, closing: str, before: str
) -> None:
    # GIVEN a model that thinks in the tags of its family
    said = f"{before}{opening}perhaps it wants a number{closing}It is 42."
    with Harness(config_for(make_parrot(tmp_path / "thinker.gguf", said))) as engine:
        # WHEN it answers
        request = engine.ask(user("What is it?")).request_id
        # THEN its thoughts are thoughts, and its answer is what remains
        assert engine.text(request, thinking=True) == "perhaps it wants a number"
        assert engine.text(request) == f"{before}It is 42."


def test_c4_an_answer_about_the_tags_stays_whole(tmp_path: Path) -> None:
    said = "Models write <think> or [THINK] first; in code `<thought>x`."
    with Harness(config_for(make_parrot(tmp_path / "teacher.gguf", said))) as engine:
        assert engine.text(engine.ask(user("How do models think?")).request_id) == said


@pytest.mark.parametrize("text", [pytest.param(make, id=name) for name, make in C6.items()])
class TestC6:
    def test_c6_a_huge_text_is_pasted_and_sent_whole(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN a composer
        composer, sent = Composer(), list[str]()
        qtbot.addWidget(composer)
        with qtbot.waitExposed(composer):
            composer.show()
        composer.submitted.connect(sent.append)
        data = QMimeData()
        data.setText(text())
        # WHEN it is pasted, edited at its end, and sent
        with longest_turn(qtbot) as pasting:
            composer.edit.insertFromMimeData(data)
        with longest_turn(qtbot) as typing:
            composer.edit.insertPlainText("!")
        composer.submit()
        # THEN nothing waits for it, and all of it is sent
        assert max(pasting.seconds, typing.seconds) < _HELD_S
        assert sent == [f"{text()}!"]

    def test_c6_a_huge_text_is_shown_bit_by_bit(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN a page that has shown something
        view = transcript(qtbot)
        view.show_messages([question(1), answer(2)], 0)
        # WHEN a conversation with such a question and such an answer is opened, and read on
        with longest_turn(qtbot) as opening:
            view.show_messages([question(1, text()), answer(2, text())], 0)
        length = view.document().characterCount()
        with longest_turn(qtbot) as reading:
            view.anchorClicked.emit(QUrl("catnap:rest/2"))
            qtbot.waitUntil(lambda: view.document().characterCount() > 2 * length)
            view.show_messages([question(1)], 0)
        # THEN the page comes at once, says that there is more, and shows it without keeping anybody waiting
        assert max(opening.seconds, reading.seconds) < _HELD_S
        # AND what is copied is all of it
        view.show_messages([question(1, text()), answer(2, text())], 0)
        assert "Show the rest (" in view.toPlainText()
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == text()

    def test_c6_a_huge_answer_comes_in(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN an answer that has begun
        view = transcript(qtbot)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        # WHEN it grows by a token, by a piece, and by all that follows
        whole = text()
        with longest_turn(qtbot) as growing:
            for piece in (whole[:10], whole[10:20_000], whole[20_000:40_000]):
                view.grow_answer(piece, "")
                qtbot.waitUntil(lambda: not view._pending_text and not view._page.is_behind)
            view.grow_answer(whole[40_000:], "")
            view.finish_answer(answer(2, whole))
        # THEN nothing waits for it
        assert growing.seconds < _HELD_S
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == whole


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_c13_the_conversation_that_was_open_is_open_after_a_restart(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths
) -> None:
    # GIVEN three conversations, and the oldest of them open when Catnap ends
    with running(qapp, qtbot, data_dir) as bench:
        history = bench.services.history
        ids = []
        for number in range(3):
            ids.append(history.create(f"Conversation {number}").id)
            history.add_user_message(ids[-1], f"Question {number}?")
        bench.show()
        assert bench.shell.chat is not None
        bench.shell.chat.open(ids[0])
    # WHEN it starts again THEN that one is shown
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[0]
        assert "Question 0?" in bench.page()
        # AND WHEN it is gone THEN the one talked in last is
        bench.services.history.delete_for_good(ids[0])
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[2]
