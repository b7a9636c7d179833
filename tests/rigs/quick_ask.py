"""A quick ask for the tests, with its parts at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.quick_ask.box import AskLine, QuickAsk
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.labels import WarningLabel

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
        return self.widget.status_words

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
