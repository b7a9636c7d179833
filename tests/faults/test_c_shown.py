"""Row for row what the table of faults says under C: what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, QMimeData, Qt, QUrl
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import name_for
from desktop.lifecycle.memory_fit import Judgement
from desktop.machine.memory import MemoryReading
from desktop.models.remembered.facts import ModelFacts
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import InstalledModel
from desktop.settings.options import option_for
from desktop.ui.chat.composer import Composer
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.conversations.conversation_rows import ROW_MARKS, ROW_TEXT
from desktop.ui.conversations.marked_line import MarkedLine
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.settings.editors import ModelEditor, NumberEditor
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.chat import Bench
from tests.rigs.conversations import answer, question
from tests.rigs.models import CATALOG, SMALL_HERE, fit
from tests.rigs.shell import running
from tests.rigs.windows import transcript
from tests.support.engine_harness import Harness, config_for, user
from tests.support.huge_texts import C6
from tests.support.longest_turn import longest_turn
from tests.support.parrot import make_parrot
from tests.support.widgets import child, children

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


def test_c9_a_search_is_followed_with_the_keyboard_alone(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN two conversations that speak of pandas, far down in a long answer, among two hundred other messages
    bench = Bench(qtbot, tmp_path)
    long = "\n\n".join(f"Paragraph {number} about something else." for number in range(150))
    first = bench.talk("About animals?", f"{long}\n\nThe giant panda eats bamboo.\n\n{long}")
    for number in range(100):
        bench.send(f"Question {number}?")
        bench.say(f"Answer {number}.")
        bench.finish()
    second = bench.talk("Which bears are there?", "The **panda**, and others.")
    bench.presenter.open(None)
    # WHEN somebody searches, without the mouse
    window, page = bench.window, bench.window.pane.transcript
    window.menu.search.trigger()
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "PANDA")
    qtbot.waitUntil(lambda: window.list.rows.count() == 2 and window.list.rows.marked is not None)
    # THEN each excerpt has the hit, marked, and so has what can be seen of it in a narrow list
    rows = window.list.rows
    for place in range(2):
        text, marks = rows.item(place).data(ROW_TEXT), rows.item(place).data(ROW_MARKS)
        assert [text[begin:end].lower() for begin, end in marks] == ["panda"]
        metrics = QFontMetricsF(rows.font())
        line = MarkedLine(text, marks).fitted(metrics, 180)
        assert [line.text[begin:end].lower() for begin, end in line.marks] == ["panda"]
        assert metrics.horizontalAdvance(line.text) <= 180
    # AND WHEN Down is pressed, and Enter
    assert rows.marked is rows.item(0)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert rows.marked is rows.item(1)
    assert bench.presenter.current is None, "nothing opens by going through the hits"
    QTest.keyClick(field, Qt.Key.Key_Return)
    # THEN the conversation is open, and the hit marked in the middle of the page
    assert bench.presenter.current == first
    qtbot.waitUntil(lambda: _marked_in_view(page) == ["panda"])
    assert "panda" in page.textCursor().block().text()
    # AND WHEN the one above is opened THEN that is marked
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.presenter.current == second
    qtbot.waitUntil(lambda: _marked_in_view(page) == ["panda"])
    # AND WHEN the search is over THEN nothing is
    assert QApplication.focusWidget() is field
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: _marked_in_view(page) == [])
    bench.history.close()


def test_c9_words_are_found_in_this_conversation(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN a conversation with three pandas
    bench = Bench(qtbot, tmp_path)
    bench.talk("About pandas?", "A **panda** is not a panda car.")
    # WHEN Ctrl+F is pressed and a word is typed
    QTest.keyClick(bench.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "Panda")
    # THEN all are counted and marked
    page = bench.window.pane.transcript
    assert _find_count(bench) == "1 of 3"
    qtbot.waitUntil(lambda: _marked_in_view(page) == ["panda"] * 3)
    # AND the keys go through them
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert _find_count(bench) == "2 of 3"
    QTest.keyClick(bench.window, Qt.Key.Key_F3)
    QTest.keyClick(bench.window, Qt.Key.Key_F3)
    assert _find_count(bench) == "1 of 3"
    QTest.keyClick(bench.window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert _find_count(bench) == "3 of 3"
    # AND Esc gives the keyboard back
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert bench.window.pane.find_bar.isHidden()
    assert QApplication.focusWidget() is bench.window.pane.composer.edit
    qtbot.waitUntil(lambda: _marked_in_view(page) == [])
    bench.history.close()


def _find_count(bench: Bench) -> str:
    return bench.window.pane.find_bar._count.text()


def _marked_in_view(page: TranscriptView) -> list[str]:
    """Returns the words that are marked and can be seen, in small letters."""
    view = page.viewport().rect()
    words = []
    for mark in page.extraSelections():
        cursor = QTextCursor(mark.cursor)  # type: ignore[attr-defined]
        if view.intersects(page.cursorRect(cursor)):
            words.append(cursor.selectedText().lower())
    return words


_NAME = "x" * 122
_FOLDER = Path("/home/anna/Downloads") / ("y" * 90)
_FACTS = ModelFacts(_NAME, ModelKind.CHAT, "llama", 1_000_000, "Q4_K_M", 2048, ("en",), "mit", True, 105_000_000, 1)
_OWN = InstalledModel(
    f"file:{_FOLDER / _NAME}.gguf", _NAME, _FOLDER / f"{_NAME}.gguf", 105_000_000, facts=_FACTS, languages=("en",),
    verdict=Verdict.of(Outcome.REFUSED, UserFacingError("No.", f"{_FOLDER / _NAME}.gguf.", "Do this.")),
)  # fmt: skip
_WIDTH = 640


def test_c5_a_name_of_122_letters_leaves_every_button_on_the_screen(qtbot: QtBot) -> None:
    # GIVEN an own file whose name has 122 letters, which does not work, beside other models
    judgement = Judgement(Fit.COMFORTABLE, 116_000_000, 2_000_000_000)
    dialog = ModelsDialog(fit, locale=QLocale("en"), judge_own=lambda _model: judgement)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    # WHEN it is shown and selected in a small window
    dialog.set_models(CATALOG, (_OWN, SMALL_HERE), "small", "small", {})
    dialog.select(_OWN.id)
    dialog.resize(_WIDTH, 480)
    # THEN nothing asks for a wider window, and the buttons of every model can be seen
    assert dialog.minimumSizeHint().width() <= _WIDTH
    for card in children(dialog, ModelCard):
        assert card.width() <= _WIDTH
        for button in children(card, QPushButton):
            if button.isVisible():
                assert button.mapTo(dialog, button.rect().topRight()).x() <= _WIDTH
    # AND the name is cut, with the whole of it at hand, and it says whether it fits
    card = next(card for card in children(dialog, ModelCard) if card.entry.id == _OWN.id)
    (name,) = [label for label in children(card, QLabel) if label.toolTip() == _NAME]
    assert name.text().endswith("…")
    assert any("fits comfortably" in label.text() for label in children(card, QLabel))


def test_c5_the_settings_page_is_not_cut(qtbot: QtBot) -> None:
    editor = ModelEditor((_OWN, SMALL_HERE))
    qtbot.addWidget(editor)
    editor.set_value(_OWN.id)
    combo = child(editor, QComboBox)
    assert combo.minimumSizeHint().width() < 500
    assert combo.itemData(0, Qt.ItemDataRole.ToolTipRole) == _NAME
    assert len(combo.itemText(0)) < 60


def test_c5_the_status_bar_is_not_widened(qtbot: QtBot) -> None:
    bar = StatusBar(lambda: MemoryReading(0, 0, 8_000_000_000, 4_000_000_000))
    qtbot.addWidget(bar)
    bar.set_model("R&D " + _NAME, installed=True)
    button = next(button for button in children(bar, QAbstractButton) if "…" in button.text())
    assert len(button.text()) < 40 and "R&&D" in button.text()
    assert _NAME in button.toolTip()


def test_c5_the_name_of_the_file_is_preferred_to_a_worse_one_inside() -> None:
    inside = "Smollm2 135M 8k Lc100K Mix1 Ep2"
    assert name_for(inside, "SmolLM2-135M-Instruct-Q4_K_M.gguf") == "SmolLM2-135M-Instruct-Q4_K_M"


@pytest.mark.parametrize("language", ["de_DE", "en_US", "zh_CN", "ar_EG", "fr_FR", "de_CH", "fa_IR"])
@pytest.mark.parametrize("typed", ["0.9", "0,9"])
def test_c14_dot_and_comma_are_both_a_decimal_point(qtbot: QtBot, language: str, typed: str) -> None:
    # GIVEN the field of "Imagination" on a system of that language
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.setLocale(QLocale(language))
    editor.control.setLocale(QLocale(language))
    editor.set_value(0.0)
    # WHEN somebody types over what stands there
    _type_over(editor, typed)
    # THEN it is what he meant, and typed again as it is shown it is still that
    assert editor.value() == 0.9
    shown = editor.control.text()  # type: ignore[attr-defined]
    editor.set_value(0.0)
    _type_over(editor, shown)
    assert editor.value() == 0.9


@pytest.mark.parametrize(
    ("key", "language", "typed", "value"),
    [
        ("n_ctx", "de_DE", "4.096", 4096),
        ("n_ctx", "en_US", "4,096", 4096),
        ("n_ctx", "en_US", "4.096", 4096),
        ("n_ctx", "ar_EG", "٤٠٩٦", 4096),
        ("temperature", "de_DE", "1.234", 1.234),
        ("temperature", "en_US", "1,25", 1.25),
        ("temperature", "ar_EG", "٠٫٩", 0.9),
        ("threads", "de_DE", "3", 3),
    ],
)
def test_c14_thousands_are_taken_for_thousands_only_where_they_can_be(
    qtbot: QtBot, key: str, language: str, typed: str, value: float
) -> None:
    editor = NumberEditor(option_for(key))
    qtbot.addWidget(editor)
    editor.control.setLocale(QLocale(language))
    _type_over(editor, typed)
    assert editor.value() == value


def test_c14_letters_are_not_taken(qtbot: QtBot) -> None:
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.set_value(0.5)
    _type_over(editor, "1x")
    assert editor.value() == 1.0
    _type_over(editor, "99")
    assert editor.value() in (0.0, 1.0, 9.0), "what cannot be is not taken"


def _type_over(editor: NumberEditor, text: str) -> None:
    editor.show()
    editor.control.setFocus()
    editor.control.selectAll()  # type: ignore[attr-defined]
    QTest.keyClick(editor.control, Qt.Key.Key_Delete)
    for letter in text:  # keyClicks() knows ASCII only
        press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(editor.control, press)
    QTest.keyClick(editor.control, Qt.Key.Key_Return)
