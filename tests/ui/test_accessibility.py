"""Every control of every window has a name for a screen reader, and can be reached by Tab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListView,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.models.row import ModelRow
from desktop.ui.transcript.accessible import make_accessible
from desktop.ui.widgets.banner import Banner
from tests.rigs.every_window import WINDOWS, before_close, name_of
from tests.rigs.looks import controls


@pytest.fixture(params=WINDOWS, ids=name_of)
def window(request: pytest.FixtureRequest, qapp: QApplication, qtbot: QtBot) -> QWidget:
    make_accessible(qapp)
    make: Callable[[], QWidget] = request.param
    made = make()
    qtbot.addWidget(made, before_close_func=before_close)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def test_every_control_has_a_name(window: QWidget) -> None:
    found = controls(window)
    assert len(found) >= 2
    assert [f"{type(widget).__name__} {widget.toolTip()!r}" for widget in found if not _name(widget)] == []


def test_every_box_of_choices_says_what_it_is_for(window: QWidget) -> None:
    # On Linux a screen reader takes that from the label: the name of a box is what is chosen in it.
    if not isinstance(window, QFileDialog):
        boxes = [widget for widget in controls(window) if isinstance(widget, QComboBox)]
        assert [f"{box.toolTip()} {box.currentText()}" for box in boxes if not _label(box)] == []


def _label(widget: QWidget) -> str:
    for other, relation in QAccessible.queryAccessibleInterface(widget).relations(QAccessible.RelationFlag.Label):
        assert relation & QAccessible.RelationFlag.Label
        return other.text(QAccessible.Text.Name).strip()
    return ""


def test_tab_reaches_every_control_and_comes_back(window: QWidget, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    wanted = {widget for widget in controls(window) if widget.isVisible() and widget.isEnabled()}
    reached: set[QWidget] = set()
    for _step in range(3 * len(wanted) + 10):
        focus = QApplication.focusWidget()
        if focus is None:
            break
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [f"{type(widget).__name__} {_name(widget)!r}" for widget in wanted - reached]
    assert missed == []


_Role = QAccessible.Role
# What somebody can do something with has to say what it is: a mere frame or area does not.
_SAYS_NOTHING = frozenset({_Role.NoRole, _Role.Client, _Role.Border, _Role.Pane, _Role.Canvas, _Role.Whitespace})
_PRESSED_OR_WRITTEN = frozenset(
    {
        *(_Role.Button, _Role.ButtonMenu, _Role.ButtonDropDown, _Role.CheckBox, _Role.RadioButton, _Role.ComboBox),
        *(_Role.EditableText, _Role.SpinBox, _Role.Slider, _Role.ProgressBar, _Role.Graphic, _Role.Link),
        *(_Role.List, _Role.ListItem, _Role.MenuItem, _Role.Document, _Role.Dialog, _Role.Window, _Role.AlertMessage),
    }
)
_ROLES: tuple[tuple[type[QWidget], frozenset[QAccessible.Role]], ...] = (
    (QCheckBox, frozenset({_Role.CheckBox})),
    (QAbstractButton, frozenset({_Role.Button, _Role.ButtonMenu, _Role.ButtonDropDown, _Role.CheckBox})),
    (QComboBox, frozenset({_Role.ComboBox})),
    (QAbstractSpinBox, frozenset({_Role.SpinBox})),
    (QLineEdit, frozenset({_Role.EditableText})),
    (QListView, frozenset({_Role.List})),
    (QProgressBar, frozenset({_Role.ProgressBar})),
    (QDialog, frozenset({_Role.Dialog})),
    (Banner, frozenset({_Role.AlertMessage})),
    (ModelRow, frozenset({_Role.ListItem})),
)


@dataclass(frozen=True)
class _Item:
    """What a screen reader finds. Qt's own object for it is not kept: it goes when the widget does."""

    role: QAccessible.Role
    name: str
    widget: QWidget | None

    def __str__(self) -> str:
        chain, widget = list[str](), self.widget
        while widget is not None:
            chain.append(type(widget).__name__)
            widget = widget.parentWidget()
        return f"{self.role.name} {self.name!r} {'<'.join(chain)}"


def test_the_tree_for_screen_readers_is_whole(window: QWidget) -> None:
    if isinstance(window, QFileDialog):
        return  # Qt's own
    # GIVEN what a screen reader finds in a window
    found = list(_walk(QAccessible.queryAccessibleInterface(window)))
    # THEN whatever can be used has a name
    unnamed = [str(item) for item in found if item.role in _PRESSED_OR_WRITTEN and not item.name.strip()]
    assert not unnamed, "\n".join(unnamed)
    # AND says what it is
    can_have_keyboard = set(controls(window))
    wrong = [str(item) for item in found if not _is_right(item, item.widget in can_have_keyboard)]
    assert not wrong, "\n".join(wrong)
    # AND nothing that can have the keyboard is missing
    there = {item.widget for item in found}
    missing = [type(widget).__name__ for widget in can_have_keyboard - there if widget.isVisible()]
    assert missing == []


def _is_right(item: _Item, can_have_keyboard: bool) -> bool:
    if item.widget is None or item.widget.objectName().startswith("qt_"):
        return True
    wanted = next((roles for kind, roles in _ROLES if isinstance(item.widget, kind)), None)
    return item.role in wanted if wanted is not None else not (can_have_keyboard and item.role in _SAYS_NOTHING)


def _walk(found: QAccessibleInterface) -> Iterator[_Item]:
    widget = found.object()
    if isinstance(widget, QWidget) and not widget.isVisible():
        return
    yield _Item(found.role(), found.text(QAccessible.Text.Name), widget if isinstance(widget, QWidget) else None)
    for place in range(found.childCount()):
        child = cast("QAccessibleInterface | None", found.child(place))
        if child is not None:
            yield from _walk(child)
