"""Files and long texts in the quick box go to a conversation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.quick_ask import QuickAskService, QuickEvent
from desktop.common.events import Publisher
from desktop.settings.options import Settings
from desktop.ui.documents.incoming import Incoming
from desktop.ui.documents.quick_box import QuickBoxDocuments
from desktop.ui.quick_ask.box import AskLine, QuickAsk
from desktop.ui.quick_ask.presenter import QuickPresenter
from tests.support.fake_engine import FakeEngine
from tests.support.widgets import child, children
from tests.ui.documents.test_drops import drop, enter, file_data

_LONG = "\n".join(f"{number}. The boiler is in the cellar." for number in range(40))


class Bench:
    """The quick box, and what it has handed over."""

    def __init__(self, qtbot: QtBot) -> None:
        engine = FakeEngine()
        self._qtbot = qtbot
        service = QuickAskService(engine, engine.forget, Settings, Publisher[QuickEvent](), itertools.count(1))
        self.quick = QuickPresenter(self._make, service, lambda: True)
        self.documents = QuickBoxDocuments(self.quick)
        self.brought: list[tuple[Incoming, str]] = []
        self.documents.brought.connect(lambda incoming, question: self.brought.append((incoming, question)))
        self.quick.open_at(None)

    @property
    def box(self) -> QuickAsk:
        assert self.quick.box is not None
        return self.quick.box

    @property
    def line(self) -> AskLine:
        return child(self.box, AskLine)

    def _make(self) -> QuickAsk:
        box = QuickAsk()
        self._qtbot.addWidget(box)
        return box


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    yield Bench(qtbot)
    qapp.clipboard().clear()


def test_a_pasted_file_goes_to_a_conversation_with_the_question(bench: Bench, tmp_path: Path) -> None:
    bench.line.setText("When is the meeting? ")
    QApplication.clipboard().setMimeData(file_data(tmp_path / "note.txt"))
    bench.line.end(False)
    bench.line.paste()
    assert bench.brought == [(Incoming((tmp_path / "note.txt",)), "When is the meeting? ")]
    assert not bench.box.isVisible()


def test_a_dropped_file_does_too(bench: Bench, tmp_path: Path) -> None:
    data = file_data(tmp_path / "note.txt")
    assert enter(bench.box, data).isAccepted()
    drop(bench.box, data)
    assert bench.brought == [(Incoming((tmp_path / "note.txt",)), "")]


def test_a_long_text_is_offered_and_goes_as_it_was(bench: Bench) -> None:
    QApplication.clipboard().setText(_LONG)
    bench.line.paste()
    # THEN it is in the line, as before, and can be asked about in the window
    assert "boiler" in bench.line.text() and bench.brought == [] and "long text" in bench.box.status_words
    next(one for one in children(bench.box, QPushButton) if "window" in one.text()).click()
    assert bench.brought == [(Incoming(text=_LONG), "")]


def test_what_is_typed_or_short_is_a_question(bench: Bench) -> None:
    QApplication.clipboard().setText("What is a cat nap?")
    bench.line.paste()
    assert bench.brought == [] and "long text" not in bench.box.status_words
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a")])
    data.setText("https://example.org/a")
    QApplication.clipboard().setMimeData(data)
    bench.line.paste()
    assert bench.brought == []
