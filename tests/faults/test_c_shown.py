"""Row for row what the table of faults says under C: what is shown."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import translations
from PySide6.QtCore import QEvent, QLocale, QMimeData, Qt, QUrl
from PySide6.QtGui import QAccessible, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot
from translations import SourceText

from desktop.chat.events import AnswerStored
from desktop.chat.quick_ask import QuickEnded
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import name_for
from desktop.lifecycle.memory_fit import Judgement
from desktop.machine.memory import MemoryReading
from desktop.models.remembered.facts import ModelFacts
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.options import option_for
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.composer.composer import Composer
from desktop.ui.conversations.conversation_rows import ROW_MARKS, ROW_TEXT
from desktop.ui.conversations.marked_line import MarkedLine
from desktop.ui.help import HelpDialog
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.quick_ask.box import AskLine
from desktop.ui.quick_ask.floating_panel import FloatingPanel
from desktop.ui.settings.editors import ModelEditor, NumberEditor
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.transcript import accessible
from desktop.ui.transcript.markdown.document import blocks_of
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.banner import Notice
from desktop.ui.widgets.banner_words import BannerWords
from desktop.ui.widgets.file_dialog import FileDialog
from desktop.ui.widgets.mnemonics import plain
from tests.rigs.chat import Bench
from tests.rigs.conversations import answer, question
from tests.rigs.every_window import DIALOGS, WINDOWS, files, name_of
from tests.rigs.looks import alike, controls, cut_off, looks, measures, on_screen, opened, picture_around, settled
from tests.rigs.models import CATALOG, SMALL_HERE, fit, spec
from tests.rigs.shell import running
from tests.rigs.windows import copied, transcript
from tests.support.engine_harness import Harness, config_for, user
from tests.support.huge_texts import C6
from tests.support.longest_turn import longest_turn
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_MS
from tests.support.pixels import pixels_that_differ
from tests.support.widgets import child, children
from tests.support.written import formats, is_inked, shown

_FOOT = ("Import a GGUF file", "Close")

# 0.1 s on the machine of docs/ARCHITECTURE.md; before, 3.7 to 25 s. What is measured is time of the processor, of which
# a busy machine takes more for the same work.
_HELD_S = 0.4


@pytest.mark.usefixtures("qapp")
class TestC1:
    @pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["in a row", "with empty lines"])
    def test_c1_code_in_numbered_items_stays_in_its_item(self, qtbot: QtBot, between: str) -> None:
        # GIVEN a numbered list whose items hold fenced code
        code = "   import sys\n\n   for name in sys.argv:\n       print(name)"
        text = "".join(
            f"{number}. Step {number}:{between}   ```python\n{code}\n   ```{between}" for number in (1, 2, 3)
        )
        view = transcript(qtbot)
        # WHEN it is shown at once, and letter by letter
        view.show_messages([question(1), answer(2, text)], 0)
        at_once = shown(view)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        for letter in text:
            view.grow_answer(letter, "")
            view._flush()
        growing = shown(view)
        # THEN there are three items, each followed by its code, and nothing else
        lines = ["import sys", "", "for name in sys.argv:", "    print(name)"]
        expected = [part for n in (1, 2, 3) for part in (f"{n}. Step {n}:", *(f"    {line}" for line in lines))]
        assert at_once == growing == expected

    def test_c1_copy_copies_exactly_the_code(self, qtbot: QtBot) -> None:
        code = "if x:\n\ty = 1\u00a0\n\n    # three\n  two"
        indented = "\n".join(f"   {line}" if line else "" for line in code.split("\n"))
        view = transcript(qtbot)
        view.show_messages([answer(2, f"1. Do:\n   ```sh\n{indented}\n   ```\n2. Then:\n   ```\n   b\n   ```")], 0)
        for number, expected in enumerate((code, "b")):
            view.anchorClicked.emit(QUrl(f"catnap:code/2/{number}"))
            assert QGuiApplication.clipboard().text() == expected


@pytest.mark.parametrize(
    "text",
    [
        "3*d-4*b", "x_1 * x_2 * y_3", "2*3*4 = 24", "a*b*c", "x**2 + y**2", "f(x)*g(y)*h(z)", "(a+b)*(c-d)*e",
        "5 * 3 * 2", "snake_case_name and other_name_", "__init__ and __name__", "*args, **kwargs",
        "2 ** 3 ** 4", "~5 or ~10",
        # Further ones of the kind.
        "char **argv and int *p, *q;", "2*π*r", "面积=长*宽*高", r"C:\*\*.txt",
        r"copy D:\_old\*.log E:\_new_", r"(C:\.git\#x)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "因此 {}。", "- {}", "# {}", "| {} |\n|---|\n| b |"])
def test_c2_sums_and_names_keep_their_signs(qtbot: QtBot, text: str, around: str) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, around.format(text))], 0)
    assert text in copied(view)
    for block in blocks_of(view.document()):
        assert not any(form.fontItalic() for form in formats(block))


_FORMULAS = (r"\(a \neq 0\)", r"\[E = mc^2\]", r"$$x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$$")


class TestC3:
    def test_c3_formulas_are_readable(self, qtbot: QtBot) -> None:
        # GIVEN the formulas of the table, and a break of a line within one
        view = transcript(qtbot)
        text = "\n\n".join((*_FORMULAS, "$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$"))
        # WHEN they are shown
        view.show_messages([answer(1, text)], 0)
        # THEN the simple one is words, the others are drawn, and no sign of LaTeX is left
        written = view.toPlainText()
        assert "a ≠ 0" in written
        assert written.count("\ufffc") == 3
        assert "\\" not in written and "$" not in written
        for block in blocks_of(view.document()):
            if block.text() == "\ufffc":
                assert is_inked(view, block)
        # AND what is copied is how it was written
        assert copied(view) == "\n".join(text.split("\n\n"))
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == text

    @pytest.mark.parametrize("text", [r"\[ x = \undefinedcommand{a} \]", r"\( \frac{a \)", "$$ \\begin{matrix} a $$"])
    def test_c3_what_cannot_be_understood_is_shown_as_it_is_written(self, qtbot: QtBot, text: str) -> None:
        view = transcript(qtbot)
        view.show_messages([answer(1, f"So {text} holds.")], 0)
        assert f"So {text} holds." in view.toPlainText()

    def test_c3_a_formula_that_is_not_closed_yet_is_shown_as_it_is_written(self, qtbot: QtBot) -> None:
        view = transcript(qtbot)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        for piece in ("So\n\n\\[\n", "x_1 = ", "\\frac{a}{b} ", "- *c*\n"):
            view.grow_answer(piece, "")
            view._flush()
        assert "\\[\u2028x_1 = \\frac{a}{b} - *c*" in view.toPlainText().replace("\n", "\u2028")
        view.grow_answer("\\]\n\nDone", "")
        view._flush()
        assert "\ufffc" in view.toPlainText() and "frac" not in view.toPlainText()

    @pytest.mark.parametrize(
        "text", ["It costs $5 and $6.", "$HOME/$USER", "US$ 5 and A$ 6", "from $5-$10", "I have $20 (or 20$)"]
    )
    def test_c3_prices_are_no_formulas(self, qtbot: QtBot, text: str) -> None:
        view = transcript(qtbot)
        view.show_messages([answer(1, text)], 0)
        assert text in view.toPlainText()


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


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        ("<think>a number?<think>which one?</think>that one.</think>It is 42.", "a number?\n\nwhich one?\n\nthat one."),
        ("<think>a number?\n<think>\nwhich one?</think>\n\nIt is 42.", "a number?\n\nwhich one?"),
        ("<think>a number?</think></think>\n\nIt is 42.", "a number?"),
        ("<think>a number?</think>It is</think> 42.", "a number?"),
    ],
    ids=["nested", "opened twice", "closed twice", "closed later"],
)
def test_c4_tags_that_do_not_match_are_never_seen(tmp_path: Path, said: str, thought: str) -> None:
    with Harness(config_for(make_parrot(tmp_path / "thinker.gguf", said))) as engine:
        request = engine.ask(user("What is it?")).request_id
        assert engine.text(request, thinking=True) == thought
        assert engine.text(request) == "It is 42."


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
                qtbot.waitUntil(lambda: not view._pacing.has_pending and not view._page.is_behind)
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


class TestC12:
    def test_c12_enter_while_it_answers_lets_the_message_wait(self, qtbot: QtBot, tmp_path: Path) -> None:
        # GIVEN an answer on its way
        bench = Bench(qtbot, tmp_path)
        bench.send("When do cats sleep?")
        # WHEN the next question is written and Enter pressed
        bench.window.pane.composer.set_text("And dogs?")
        QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
        # THEN it is seen to wait, and asked when the answer has ended
        assert bench.draft() == "" and bench.banner() == ""
        assert bench.window.pane.queued_messages.isVisible()
        assert "And dogs?" in bench.window.pane.queued_messages.accessibleName()
        bench.say("By day.")
        bench.finish()
        qtbot.waitUntil(lambda: bench.engine.last.messages[-1].text == "And dogs?")
        assert not bench.window.pane.queued_messages.isVisible()
        bench.history.close()

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_the_quick_ask_says_that_the_chat_comes_first_and_is_answered_after_it(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            use_own(bench.services, parrot_model)
            # GIVEN an answer on its way in the chat
            bench.show()
            order: list[str] = []
            bench.services.chat_events.subscribe(
                lambda event: order.append("chat") if isinstance(event, AnswerStored) else None
            )
            bench.services.quick_events.subscribe(
                lambda event: order.append("quick") if isinstance(event, QuickEnded) else None
            )
            bench.send("When do cats sleep?")
            # WHEN something else is asked in the quick box
            bench.ask_quickly("And dogs?")
            box = bench.shell.quick.box
            assert box is not None
            # THEN it says that it comes next
            labels = [label.text() for label in children(box, QLabel, shown=True)]
            assert "The chat is being answered first; your question comes next." in labels
            # AND it does
            qtbot.waitUntil(lambda: order == ["chat", "quick"], timeout=PATIENCE_MS)
            assert box.answer == PARROT_TEXT

    def test_c12_a_banner_belongs_to_its_conversation(self, qtbot: QtBot, tmp_path: Path) -> None:
        # GIVEN a message that was too long in one conversation
        bench = Bench(qtbot, tmp_path)
        other = bench.talk("Other", "Something else")
        conversation = bench.talk("When do cats sleep?", "By day.")
        bench.send("Much too long")
        bench.fail(MessageTooLongError(900, 700))
        assert "too long" in bench.banner()
        # WHEN another is shown THEN it is not said there
        bench.presenter.open(other)
        assert bench.banner() == ""
        # AND it is still there with its conversation, unless it was closed
        bench.presenter.open(conversation)
        assert "too long" in bench.banner()
        bench.window.pane.banner.close_current()
        bench.presenter.open(other)
        bench.presenter.open(conversation)
        assert bench.banner() == ""
        # AND of one that is not shown it is said which, with a way there
        bench.send("Much too long again")
        bench.presenter.open(other)
        bench.fail(MessageTooLongError(900, 700))
        notice = bench.window.pane.banner.current
        assert notice is not None and notice.detail == "In “When do cats sleep?”."
        bench.press("Show it")
        assert bench.presenter.current == conversation
        notice = bench.window.pane.banner.current
        assert notice is not None and "900 tokens" in notice.detail
        assert bench.window.pane.banner.waiting == 0
        bench.history.close()

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_the_first_closing_says_once_that_catnap_goes_on_and_how_to_end_it(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths
    ) -> None:
        # GIVEN a Catnap that was never closed
        with running(qapp, qtbot, data_dir) as bench:
            bench.show()
            # WHEN its window is closed
            bench.window.close()
            # THEN it goes, and it is said where Catnap is and how it ends
            assert not bench.shell.is_window_visible
            assert bench.messages == ["Catnap goes on beside the clock."] and "Quit" in bench.tray.texts[0]
            # AND never again
            bench.shell.show_window()
            bench.window.close()
            assert len(bench.messages) == 1
        with running(qapp, qtbot, data_dir) as bench:
            bench.show()
            bench.window.close()
            assert bench.messages == [] and not bench.shell.is_window_visible

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_where_the_tray_shows_no_messages_the_window_says_it_before_it_goes(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            bench.tray.can_show = False
            bench.show()
            bench.window.pane.banner.show_notice(Notice("Something else"))
            bench.window.close()
            assert bench.banner() == "Catnap goes on beside the clock." and bench.shell.is_window_visible
            bench.press("Close the window")
            assert not bench.shell.is_window_visible and bench.messages == []
            bench.shell.show_window()
            bench.window.close()
            assert not bench.shell.is_window_visible

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_without_a_model_nothing_sleeps(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            # GIVEN no model
            bench.show()

            def shown() -> str:
                return " | ".join(label.text() for label in children(bench.window, QLabel, shown=True))

            # THEN nobody says that it sleeps, in the window or in the tray
            assert "sleep" not in shown().lower()
            assert "No model is here yet." in shown() and "No model yet" in shown()
            assert "asleep" not in bench.tray.tooltip and "no model yet" in bench.tray.tooltip
            (button,) = [
                each for each in children(bench.window.pane.empty_page, QPushButton, shown=True)
                if each.text() == "Choose a model"
            ]  # fmt: skip
            bench.shell.models.close()
            button.click()
            assert bench.shell.models.is_open
            # WHEN one comes THEN it sleeps
            use_own(bench.services, parrot_model)
            assert "The model sleeps until you ask something." in shown() and "Asleep" in shown()
            assert not button.isVisible() and "asleep" in bench.tray.tooltip


@pytest.mark.parametrize(
    ("context", "english", "chinese"),
    [
        ("Readiness", "8-bit conversation memory", "8 位对话记忆"),
        ("Errors", "Choose another model, or a newer Catnap.", "请选择其他模型，或使用较新版本的 Catnap。"),
        (
            *("Options", "The model is loaded again with the next message; the conversation stays."),
            "发送下一条消息时重新载入模型，对话会保留。",
        ),
    ],
)
def test_c16_chinese_words_are_clear(context: str, english: str, chinese: str) -> None:
    assert translations.translated("zh_CN")[SourceText(context, english)] == [chinese]


@pytest.mark.parametrize("never", ["首词", "复用", "对话内存", "加载", "小睡", "更新的 Catnap", "会用您提问的语言回答"])
def test_c16_words_that_were_unclear_mixed_or_untrue_are_gone(never: str) -> None:
    assert [form for forms in translations.translated("zh_CN").values() for form in forms if never in form] == []


def test_c16_a_key_is_spelled_as_the_menus_spell_it(qtbot: QtBot) -> None:
    # GIVEN the help, which names keys in its sentences and in its table
    dialog = HelpDialog([])
    qtbot.addWidget(dialog)
    # THEN it is the spelling of the system both times
    native = QKeySequence("Ctrl+Up").toString(QKeySequence.SequenceFormat.NativeText)
    assert any(f"press {native}." in label.text() for label in children(dialog, QLabel))
    texts = [text.text for text in translations.translated("zh_CN") if text.context == "HelpDialog"]
    assert not [text for text in texts if "Ctrl+" in text], "no translator spells it"


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", WINDOWS, ids=name_of)
def test_c10_focus_is_visible_everywhere(
    qapp: QApplication, qtbot: QtBot, make: Callable[[], QWidget], theme: str
) -> None:
    # GIVEN a window in one of the themes
    with looks(qapp, theme=theme):
        window = opened(qtbot, make)
        wanted = {widget for widget in controls(window) if widget.isVisible() and widget.isEnabled()}
        seen: dict[QWidget, int] = {}
        # WHEN somebody goes through it by Tab
        for _step in range(3 * len(wanted) + 10):  # the links of a page are steps too
            widget = QApplication.focusWidget()
            assert widget is not None
            if widget not in seen:
                with_focus = picture_around(widget)
                widget.clearFocus()
                seen[widget] = pixels_that_differ(with_focus, picture_around(widget))
                widget.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(widget, Qt.Key.Key_Tab)
        # THEN each control looks different while it has the keyboard, along its edge
        assert wanted <= seen.keys() and wanted
        dim = [widget for widget, pixels in seen.items() if pixels < min(widget.width(), widget.height())]
        assert [f"{type(widget).__name__} {widget.accessibleName()!r} {seen[widget]}" for widget in dim] == []


_SCREENS = [(1366, 768), (1024, 600), (683, 384)]  # the last one: 1366 x 768 where the system enlarges to 200 %


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_c7_a_size_of_text_is_that_of_the_whole_interface(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> None:
    # GIVEN the app with its windows open
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        bench.shell.settings.show()
        bench.shell.open_quick_ask()
        box, dialog = bench.shell.quick.box, bench.shell.settings.dialog
        assert box is not None and dialog is not None
        parts: dict[str, QWidget] = {
            "menu bar": bench.window.menuBar(),
            "a menu": children(bench.window.menuBar(), QMenu)[0],
            "list": bench.window.list.rows,
            "message": bench.window.pane.composer.edit,
            "button": bench.window.pane.composer.button,
            "quick ask": child(box, AskLine),
            "a setting": children(dialog, QLabel)[0],
            "the tray's menu": bench.shell.tray._menu,
        }  # fmt: skip
        before = {name: part.fontInfo().pointSizeF() for name, part in parts.items()}
        # WHEN somebody chooses a size of 24 pt THEN everything follows at once, in proportion
        bench.services.store.change(font_size=24)
        page = bench.window.pane.transcript.document()
        qtbot.waitUntil(lambda: page.defaultFont().pointSizeF() == 24)
        grown = {name: part.fontInfo().pointSizeF() / before[name] for name, part in parts.items()}
        assert max(grown.values()) - min(grown.values()) < 0.1, grown
        assert min(grown.values()) > 1.7, grown
        # AND goes back as it was
        bench.services.store.change(font_size=0)
        qtbot.waitUntil(lambda: page.defaultFont().pointSizeF() < 24)
        assert {name: part.fontInfo().pointSizeF() for name, part in parts.items()} == pytest.approx(before)


@pytest.mark.parametrize("screen", _SCREENS, ids=str)
@pytest.mark.parametrize("make", WINDOWS, ids=name_of)
def test_c7_nothing_is_cut_off_at_24_pt(
    qapp: QApplication,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], QWidget],
    screen: tuple[int, int],
) -> None:
    # GIVEN a small screen, and text of 24 pt WHEN a window opens
    room = on_screen(monkeypatch, *screen)
    with looks(qapp, points=24):
        window = opened(qtbot, make)
        window.resize(window.size().boundedTo(room))
        settled(window)
        # THEN it fits, and all words can be read; the quick box has no frame
        room = window.available_area().size() if isinstance(window, FloatingPanel) else room
        assert window.width() <= room.width() and window.height() <= room.height(), (window.size(), room)
        assert not (cut := cut_off(window)), "\n".join(cut)


@pytest.mark.parametrize("make", [make for make in WINDOWS if make is not files], ids=name_of)
def test_c7_a_window_that_is_open_looks_as_one_that_opens_later(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make: Callable[[], QWidget]
) -> None:
    on_screen(monkeypatch, 1366, 768)
    # GIVEN a window WHEN the size of the text changes while it is open, and another one is made after that
    with looks(qapp):
        window = opened(qtbot, make)
        apply_text_size(qapp, 24)
        settled(window)
        later = opened(qtbot, make)
        window.resize(later.size())
        settled(window)

        # THEN everything in them has the same size, but for a pixel, and is where it can be read
        def is_seen(widget: QWidget) -> bool:
            return not isinstance(widget, QLabel) or bool(widget.text()) or not widget.pixmap().isNull()

        def differ() -> list[str]:
            parts = [[each for each in children(one, QWidget, shown=True) if is_seen(each)] for one in (window, later)]
            there = [[f"{type(one).__name__} {one.objectName()}" for one in each] for each in parts]
            if there[0] != there[1]:  # a list may still be making room for a bar
                return [line for line in difflib.unified_diff(there[0], there[1], n=0) if line[1:2].isalpha()]
            told = [(type(one).__name__, measures(one), measures(other)) for one, other in zip(*parts, strict=True)]
            return [f"{name}: {one}, {other}" for name, one, other in told if not alike(one, other)]

        def are_alike() -> None:
            assert not (apart := differ()), "\n".join(apart)

        qtbot.waitUntil(are_alike)
        assert not (cut := cut_off(window)), "\n".join(cut)


@pytest.mark.parametrize("screen", [(1024, 600), (1366 // 2, 768 // 2)], ids=["small", "at 200 %"])
@pytest.mark.parametrize("make", DIALOGS, ids=name_of)
def test_c8_every_dialog_fits_a_small_screen_with_its_buttons(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make: Callable[[], QWidget], screen: tuple[int, int]
) -> None:
    # GIVEN a small screen, or one of 1366x768 at 200 % WHEN a dialog opens
    room = on_screen(monkeypatch, *screen)
    dialog = opened(qtbot, make)
    settled(dialog)
    # THEN it is no larger than the screen, and whoever wants to close it finds the button
    assert dialog.width() <= room.width() and dialog.height() <= room.height(), (dialog.size(), room)
    assert not (cut := cut_off(dialog)), "\n".join(cut)


def test_c8_the_head_and_the_foot_of_the_models_stay(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN 23 models on a screen of 1366x768 at 200 %
    room = on_screen(monkeypatch, 1366 // 2, 768 // 2)
    many = tuple(spec(f"model-{number}", 300_000_000) for number in range(23))
    dialog = ModelsDialog(fit, lambda _address: None, QLocale("en"))
    dialog.set_models(Catalog(many, "model-9"), (), "", "model-20", {})
    # WHEN the dialog opens
    opened(qtbot, lambda: dialog)
    settled(dialog)
    # THEN what is above the list and the buttons below it are in view, wherever the list is
    (area,) = (each for each in children(dialog, QScrollArea) if not isinstance(each, BannerWords))
    bar = area.verticalScrollBar()
    words = [label for label in children(dialog, QLabel) if label.text() == "Choose a model to begin"]
    ways = [button for button in children(dialog, QPushButton) if plain(button.text()) in _FOOT]
    assert len(words) == 1 and len(ways) == 2
    for value in (bar.value(), 0, bar.maximum()):
        bar.setValue(value)
        settled(dialog)
        for part in (*words, *ways):
            place = part.mapTo(dialog, part.rect().bottomRight())
            assert dialog.size().boundedTo(room) == dialog.size() and dialog.rect().contains(place)
            assert part.visibleRegion().boundingRect() == part.rect()
    # AND some models are seen between them
    assert area.viewport().height() > 100


def test_c8_a_file_is_asked_for_in_a_dialog_that_fits(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for width, height, own in ((1366 // 2, 768 // 2, True), (1366, 768, False)):
        room = on_screen(monkeypatch, width, height)
        dialog = FileDialog(None, "Import a model", "")
        qtbot.addWidget(dialog)
        assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog) is own
        assert dialog.size().boundedTo(room) == dialog.size()
        assert not own or dialog.minimumSizeHint().height() <= room.height()


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_c11_a_conversation_can_be_heard(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN somebody with a screen reader; tests/e2e/test_screen_reader.py has a real one
    said: list[str] = []
    monkeypatch.setattr(accessible, "announce", lambda _source, words: said.append(words))
    monkeypatch.setattr(accessible, "_is_heard", lambda: True)
    with running(qapp, qtbot, data_dir) as bench:
        use_own(bench.services, parrot_model)
        bench.show()
        # WHEN a question is asked
        bench.send("What is a nap?")
        bench.wait_for_answer()
        # THEN begin and end of the answer are announced, and not each token
        assert said == ["Catnap is answering.", f"The answer is complete. Catnap: {PARROT_TEXT}"]
        # AND the conversation is a list with a row for each message, which says who speaks
        rows = QAccessible.queryAccessibleInterface(bench.window.pane.transcript.viewport())
        assert rows.role() is QAccessible.Role.List
        names = [rows.child(place).text(QAccessible.Text.Name) for place in range(rows.childCount())]
        assert names == ["You: What is a nap?", f"Catnap: {PARROT_TEXT}"]
        # AND the window names the conversation
        assert bench.window.windowTitle() == "What is a nap? — Catnap"


def _type_over(editor: NumberEditor, text: str) -> None:
    editor.show()
    editor.control.setFocus()
    editor.control.selectAll()  # type: ignore[attr-defined]
    QTest.keyClick(editor.control, Qt.Key.Key_Delete)
    for letter in text:  # keyClicks() knows ASCII only
        press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(editor.control, press)
    QTest.keyClick(editor.control, Qt.Key.Key_Return)
