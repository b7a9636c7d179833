"""The quick ask: keys, states, place and size, and that nothing is sent while somebody composes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.labels import ElidedLabel, WarningLabel
from desktop.ui.quick_ask import AskLine, QuickAsk
from desktop.ui.transcript import TranscriptView

T = TypeVar("T", bound=QObject)
LONG = "\n\n".join(f"Paragraph {number} 段落：猫在睡觉。" for number in range(60))


def only(parent: QObject, kind: type[T]) -> T:
    (found,) = cast("list[T]", parent.findChildren(kind))
    return found


class Box:
    """A quick ask with its parts at hand and its signals written down."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.widget = QuickAsk()
        qtbot.addWidget(self.widget)
        self.heard: list[tuple[object, ...]] = []
        signals: list[tuple[str, Callable[..., object]]] = [
            ("asked", self.widget.asked.connect),
            ("stop", self.widget.stopRequested.connect),
            ("continue", self.widget.continueRequested.connect),
            ("hidden", self.widget.hidden.connect),
        ]
        for name, connect in signals:
            connect(lambda *values, name=name: self.heard.append((name, *values)))

    def open(self, point: QPoint | None = None) -> None:
        self.widget.open_at(point)
        with self.qtbot.waitActive(self.widget):
            pass

    @property
    def line(self) -> AskLine:
        return only(self.widget, AskLine)

    @property
    def view(self) -> TranscriptView:
        return only(self.widget, TranscriptView)

    @property
    def status(self) -> str:
        label = only(self.widget, ElidedLabel)
        return label.accessibleName() if label.isVisible() else ""

    @property
    def progress(self) -> QProgressBar:
        return only(self.widget, QProgressBar)

    @property
    def error(self) -> str:
        label = only(self.widget, WarningLabel)
        return label.text() if label.isVisible() else ""

    def buttons(self) -> dict[str, QPushButton]:
        """The buttons that can be pressed now, by their words."""
        found = cast("list[QPushButton]", self.widget.findChildren(QPushButton))
        return {button.text().replace("&", ""): button for button in found if button.isVisible()}

    def ask(self, question: str) -> None:
        self.line.setText(question)
        self.key(Qt.Key.Key_Return)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.line, key, modifiers)

    def shown(self, text: str) -> bool:
        return text in self.view.toPlainText()

    def leave(self) -> None:
        """Lets another window have the keyboard."""
        QCoreApplication.sendEvent(self.widget, QEvent(QEvent.Type.WindowDeactivate))


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[Box]:
    box = Box(qtbot)
    yield box
    box.widget.hide()


def test_it_opens_as_one_empty_line_with_the_keyboard_in_it(box: Box) -> None:
    box.open()
    assert box.line.hasFocus()
    assert box.line.placeholderText() == "Ask anything…"
    assert not box.view.isVisible()
    assert box.buttons() == {}
    assert box.widget.height() < 4 * box.line.fontMetrics().height()


def test_enter_asks_once_with_the_text_trimmed(box: Box) -> None:
    box.open()
    box.ask("  猫是什么?  ")
    assert box.heard == [("asked", "猫是什么?")]


@pytest.mark.parametrize("nothing", ["", "   "])
def test_enter_without_a_question_asks_nothing(box: Box, nothing: str) -> None:
    box.open()
    box.ask(nothing)
    assert box.heard == []


def test_enter_never_sends_while_an_input_method_composes(box: Box) -> None:
    box.open()
    box.line.setText("你")
    QCoreApplication.sendEvent(box.line, QInputMethodEvent("hao", []))
    assert box.line.is_composing
    box.key(Qt.Key.Key_Return)
    assert box.heard == []
    chosen = QInputMethodEvent()
    chosen.setCommitString("好")
    QCoreApplication.sendEvent(box.line, chosen)
    box.key(Qt.Key.Key_Return)
    assert box.heard == [("asked", "你好")]


def test_what_stands_in_the_line_is_told(qtbot: QtBot, box: Box) -> None:
    box.open()
    with qtbot.waitSignal(box.widget.composingChanged) as told:
        QTest.keyClicks(box.line, "a")
    assert told.args == ["a"]


def test_the_way_of_an_answer(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.ask("why?")
    box.widget.begin_answer()
    assert list(box.buttons()) == ["Stop"]
    assert not box.view.isVisible()

    box.widget.set_status("waking 40%", 0.4)
    assert box.status == "waking 40%"
    assert box.progress.isVisible()
    assert box.progress.value() / box.progress.maximum() == pytest.approx(0.4)

    box.widget.grow_answer("**Be", "")
    box.widget.set_status("8 tok/s", None)
    box.widget.grow_answer("cause** 因为🐱", "")
    assert not box.progress.isVisible()
    qtbot.waitUntil(lambda: box.shown("Because 因为🐱"))
    assert box.view.isVisible()

    box.widget.finish_answer("**Because** 因为🐱", "3 words")
    assert not box.widget.is_busy
    assert box.status == "3 words"
    assert list(box.buttons()) == ["Copy", "Continue in chat"]
    assert box.line.text() == "why?"
    assert box.line.selectedText() == "why?"  # the next question takes its place


def test_a_final_text_that_differs_replaces_what_was_shown(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("half a", "")
    box.widget.finish_answer("something else", "")
    qtbot.waitUntil(lambda: box.shown("something else"))
    assert not box.shown("half a")
    assert box.widget.answer == "something else"


def test_a_second_question_starts_with_an_empty_answer(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("first", "")
    box.widget.finish_answer("first", "")
    box.ask("another")
    box.widget.begin_answer()
    box.widget.grow_answer("second", "")
    qtbot.waitUntil(lambda: box.shown("second"))
    assert not box.shown("first")


def test_copy_takes_the_markdown(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("**bold** 粗", "")
    box.buttons()["Copy"].click()
    assert QGuiApplication.clipboard().text() == "**bold** 粗"


def test_the_buttons_have_keys_that_their_tooltips_name(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("x", "")
    for name, key in [("Copy", "Ctrl+Shift+C"), ("Continue in chat", "Ctrl+Return")]:
        assert box.buttons()[name].toolTip() == key
    box.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == "x"


def test_stop_stops_and_stays(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.heard.clear()
    box.buttons()["Stop"].click()
    assert box.heard == [("stop",)]
    assert box.widget.isVisible()


def test_continue_is_told_before_everything_is_forgotten(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("an answer", "")
    box.buttons()["Continue in chat"].click()
    assert box.heard == [("continue",), ("hidden",)]
    assert not box.widget.isVisible()


def test_escape_stops_hides_and_forgets(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.widget.grow_answer("part", "")
    box.heard.clear()
    box.key(Qt.Key.Key_Escape)
    assert box.heard == [("stop",), ("hidden",)]
    assert not box.widget.isVisible()

    box.open()
    assert box.widget.text == ""
    assert box.widget.answer == ""
    assert not box.view.isVisible()
    assert not box.widget.is_busy


def test_escape_on_an_idle_box_only_hides(box: Box) -> None:
    box.open()
    box.key(Qt.Key.Key_Escape)
    assert box.heard == [("hidden",)]


def test_closing_the_window_hides_it(box: Box) -> None:
    box.open()
    box.widget.close()
    assert box.heard == [("hidden",)]
    box.open()
    assert box.widget.isVisible()


def test_turning_elsewhere_hides_only_an_idle_empty_box(box: Box) -> None:
    box.open()
    box.line.setText("half a question")
    box.leave()
    assert box.widget.isVisible()
    box.line.clear()
    box.widget.begin_answer()
    box.leave()
    assert box.widget.isVisible()
    box.widget.finish_answer("answer", "")
    box.leave()
    assert box.widget.isVisible()
    box.key(Qt.Key.Key_Escape)
    box.open()
    box.leave()
    assert not box.widget.isVisible()


def test_an_error_says_what_to_do_and_the_question_comes_back(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.line.clear()
    box.widget.show_error("No model is installed.", "", "Choose one.")
    box.widget.put_text_back("q")
    assert box.error == "No model is installed.\nChoose one."
    assert box.line.text() == "q"
    assert not box.widget.is_busy
    assert box.buttons() == {}
    box.widget.begin_answer()
    assert box.error == ""


def test_an_error_leaves_what_has_been_answered(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("half an answer", "")
    qtbot.waitUntil(lambda: box.shown("half an answer"))
    box.widget.show_error("It failed.", "detail", "")
    assert box.error == "It failed. detail"
    assert box.view.isVisible()
    assert "Copy" in box.buttons()


def test_a_question_typed_meanwhile_is_not_overwritten(box: Box) -> None:
    box.open()
    box.line.setText("new")
    box.widget.put_text_back("old")
    assert box.line.text() == "new"


def _area() -> QRect:
    return QGuiApplication.primaryScreen().availableGeometry()


@pytest.mark.parametrize("across", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("down", [0.0, 0.3, 0.7, 1.0])
def test_it_opens_near_the_pointer_and_grows_inside_the_screen(
    qtbot: QtBot, box: Box, across: float, down: float
) -> None:
    area = _area()
    point = area.topLeft() + QPoint(1 + round((area.width() - 2) * across), round((area.height() - 1) * down))
    box.open(point)
    assert area.contains(box.widget.frameGeometry())
    near = box.widget.frameGeometry().adjusted(-40, -40, 40, 40)
    assert near.contains(point)

    box.widget.begin_answer()
    box.widget.grow_answer(LONG, "")
    qtbot.waitUntil(lambda: box.shown("Paragraph 59"))
    qtbot.waitUntil(lambda: box.view.height() == round(area.height() * 0.4))
    assert area.contains(box.widget.frameGeometry())
    if down == 0.7:
        assert box.widget.frameGeometry().bottom() < point.y()  # it grew upwards
    if down == 0.3:
        assert box.widget.frameGeometry().top() > point.y()


@pytest.mark.parametrize("point", [None, QPoint()])
def test_without_a_place_it_opens_in_the_middle(box: Box, point: QPoint | None) -> None:
    box.open(point)
    assert abs(box.widget.frameGeometry().center().x() - _area().center().x()) <= 1
    assert _area().contains(box.widget.frameGeometry())


def test_opening_it_again_leaves_it_where_it_is_and_keeps_the_answer(qtbot: QtBot, box: Box) -> None:
    box.open(QPoint(100, 100))
    box.widget.begin_answer()
    box.widget.finish_answer("kept", "")
    place = box.widget.pos()
    box.open(QPoint(500, 500))
    assert box.widget.pos() == place
    assert box.widget.answer == "kept"


def test_a_short_answer_makes_a_small_box(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("Yes.", "")
    qtbot.waitUntil(lambda: box.shown("Yes."))
    qtbot.waitUntil(lambda: box.view.height() < _area().height() * 0.2)
    assert box.view.verticalScrollBar().maximum() == 0
