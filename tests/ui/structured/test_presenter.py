"""A table for an answer, chosen in the window, with everything but the desktop: real services, the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.history.records import MessageState
from desktop.structured.fields import parse_fields
from desktop.structured.library import FormLibrary
from desktop.structured.shape import AnswerShape, Look
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tiny_model: Path) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, tiny_model)
        made.show()
        yield made
        if made.main.shapes.dialog is not None:
            made.main.shapes.dialog.deleteLater()


def test_the_next_answer_is_a_table_and_can_be_saved(bench: Bench, tmp_path: Path) -> None:
    window = bench.window
    # GIVEN a form that was written in the dialog
    window.menu.answer_as.trigger()
    dialog = bench.main.shapes.dialog
    assert dialog is not None and dialog.isVisible()
    form = parse_fields("name, paid: yes/no", "Bills")
    dialog.show_form(form)
    dialog.show_look(Look.FORM)
    dialog._use.click()
    # THEN it is kept, and the window says what comes next
    assert not dialog.isVisible()
    assert bench.services.writer.flush(30)
    assert FormLibrary(bench.services.paths.forms_file).all() == (form,)
    assert bench.services.chat.shapes.chosen(None) == AnswerShape(form, Look.FORM)
    assert window.pane.banner.holds("answer-shape")
    # WHEN something is asked
    window.pane.composer.set_text("Who?")
    window.pane.composer.submit()
    bench.qtbot.waitUntil(lambda: bool(window.pane.transcript.messages[1:]))
    # THEN the answer is a form, and it can be saved as a table
    answer = window.pane.transcript.messages[-1]
    assert answer.state is MessageState.COMPLETE
    assert answer.text.startswith("- **name**: ") and "- **paid**: " in answer.text
    assert window.pane.banner.holds("answer-shape-done") and not window.pane.banner.holds("answer-shape")
    conversation = answer.conversation_id
    finished = bench.services.chat.shapes.finished(conversation)
    assert finished is not None
    file = tmp_path / "out.csv"
    bench.main.shapes.save(finished, file)
    bench.qtbot.waitUntil(file.exists)
    assert file.read_text("utf-8-sig").startswith("name,paid")


def test_saved_forms_that_cannot_be_read_are_said_once(bench: Bench) -> None:
    file = bench.services.paths.forms_file
    file.write_text("[]")
    shapes = bench.main.shapes
    told: list[UserFacingError] = []
    shapes.troubled.connect(told.append)
    for _time in range(2):
        bench.window.menu.answer_as.trigger()
    assert len(told) == 1 and str(file.parent) in str(told[0])
    assert shapes.dialog is not None and shapes.dialog.isVisible()
