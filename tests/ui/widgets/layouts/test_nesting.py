"""Nothing in Python holds an item of a layout: Qt deletes it without a word, and something else comes to lie there."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLayout, QLayoutItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.widgets.layouts.item_layout import ItemLayout
from desktop.ui.widgets.layouts.nesting import add_layout
from tests.rigs.every_window import WINDOWS, before_close, name_of
from tests.support.command_line import ROOT


def _held() -> set[int]:
    """Returns the addresses of items that Python takes for there; of those that a layout of ours keeps it is told."""
    wrappers = Shiboken.getAllValidWrappers()
    kept = {id(item) for layout in gc.get_objects() if isinstance(layout, ItemLayout) for item in layout._items}
    return {
        Shiboken.getCppPointer(one)[0]
        for one in wrappers
        if isinstance(one, QLayoutItem) and not isinstance(one, QLayout) and id(one) not in kept
    }


@pytest.mark.parametrize("make", WINDOWS, ids=name_of)
def test_no_window_leaves_an_item_of_a_layout(make: Callable[[], QWidget], qapp: QApplication, qtbot: QtBot) -> None:
    before = _held()
    window = make()
    qtbot.addWidget(window, before_close_func=before_close)
    with qtbot.waitExposed(window):
        window.show()
    apply_text_size(qapp, 20)
    apply_text_size(qapp, 0)
    assert _held() - before == set()


def test_a_layout_within_another_does_what_it_should(qtbot: QtBot) -> None:
    # GIVEN two layouts of which one lies in the other, and in that a third
    before = _held()
    window = QWidget()
    qtbot.addWidget(window)
    outer, inner, innermost = QVBoxLayout(window), QHBoxLayout(), QHBoxLayout()
    labels = [QLabel(str(number), window) for number in range(4)]
    for label in labels[:2]:
        innermost.addWidget(label)
    add_layout(inner, innermost)
    inner.addWidget(labels[2])
    outer.addWidget(labels[3])
    add_layout(outer, inner, stretch=1)
    # THEN all are laid out, and none of the items is held
    assert outer.stretch(1) == 1 and outer.count() == inner.count() == innermost.count() == 2
    assert {label.parentWidget() for label in labels} == {window}
    assert _held() == before
    # WHEN a widget goes THEN nothing remembers its item
    labels[0].deleteLater()
    QApplication.sendPostedEvents(labels[0], QEvent.Type.DeferredDelete)
    assert innermost.count() == 1
    assert _held() == before


def test_nobody_puts_layouts_together_otherwise() -> None:
    files = (ROOT / "desktop" / "ui").rglob("*.py")
    using = [
        file.name for file in files if re.search(r"\.(addLayout|insertLayout|addItem\(Q)", file.read_text("utf-8"))
    ]
    assert using == ["nesting.py"]
