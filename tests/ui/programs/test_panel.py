"""The part of the settings about other programs: what it says, and what can be copied."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.api.state import ApiKind, ApiState
from desktop.common.errors import UserFacingError
from desktop.ui.programs.examples import EXAMPLES, NO_TOKEN
from desktop.ui.programs.panel import ProgramsPanel
from desktop.ui.widgets.labels import WarningLabel
from tests.support.widgets import child

_PROBLEM = UserFacingError("Another program uses this port.", "127.0.0.1:11811.", "Choose another port.")


@pytest.fixture
def panel(qtbot: QtBot) -> ProgramsPanel:
    made = ProgramsPanel(11811, has_token=False)
    qtbot.addWidget(made)
    made.show()
    return made


def _named(panel: ProgramsPanel, kind: type[QWidget], name: str) -> QWidget:
    found = cast("list[QWidget]", panel.findChildren(kind))
    return next(each for each in found if each.accessibleName() == name)


def _said(panel: ProgramsPanel) -> str:
    return " ".join(label.text() for label in cast("list[QLabel]", panel.findChildren(QLabel)) if label.isVisible())


def _press(panel: ProgramsPanel, name: str) -> None:
    buttons = cast("list[QPushButton]", panel.findChildren(QPushButton))
    next(each for each in buttons if name in (each.accessibleName(), each.text())).click()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ApiState(), "no program can ask"),
        (ApiState(ApiKind.STARTING), "Starting"),
        (ApiState(ApiKind.ON, 4711), "Programs can ask"),
        (ApiState(ApiKind.ON, 4711, is_busy=True), "is being answered"),
        (
            ApiState(ApiKind.FAILED, error=_PROBLEM),
            "Another program uses this port. 127.0.0.1:11811. Choose another port.",
        ),
    ],
)
def test_it_says_how_things_are(panel: ProgramsPanel, state: ApiState, words: str) -> None:
    panel.set_state(state)
    assert words in _said(panel)


def test_the_address_is_where_it_listens(panel: ProgramsPanel) -> None:
    address = cast("QLineEdit", _named(panel, QLineEdit, "Address"))
    assert address.text() == "http://127.0.0.1:11811/v1"
    panel.set_port(5000)
    assert address.text() == "http://127.0.0.1:5000/v1"
    panel.set_state(ApiState(ApiKind.ON, 4711))
    _press(panel, "Copy the address")
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4711/v1"


def test_a_token_is_shown_once(panel: ProgramsPanel, qtbot: QtBot) -> None:
    shown = cast("QLineEdit", _named(panel, QLineEdit, "Token"))
    copy = cast("QPushButton", _named(panel, QPushButton, "Copy the token"))
    assert "There is none yet" in _said(panel) and not copy.isEnabled()
    with qtbot.waitSignal(panel.tokenRequested):
        _press(panel, "Make one")
    panel.show_token("catnap-secret")
    assert shown.text() == "catnap-secret" and "not shown again" in _said(panel)
    copy.click()
    assert QGuiApplication.clipboard().text() == "catnap-secret"
    assert "catnap-secret" in child(panel, QPlainTextEdit).toPlainText()
    # WHEN the settings are closed THEN it stands nowhere any more
    panel.forget_token()
    assert not shown.text() and not copy.isEnabled() and "Make another one if it is lost" in _said(panel)
    assert NO_TOKEN in child(panel, QPlainTextEdit).toPlainText()
    panel.show_problem(UserFacingError("The token could not be kept."))
    assert child(panel, WarningLabel).text() == "The token could not be kept."


def test_each_example_can_be_copied_as_it_is(panel: ProgramsPanel) -> None:
    panel.set_state(ApiState(ApiKind.ON, 4711))
    panel.show_token("catnap-secret")
    for at, example in enumerate(EXAMPLES):
        child(panel, QComboBox).setCurrentIndex(at)
        _press(panel, "Copy the example")
        copied = QGuiApplication.clipboard().text()
        assert copied == example.filled("http://127.0.0.1:4711/v1", "catnap-secret")
        assert "{" not in copied.replace('{"', "").replace("[{", "")
    compile(EXAMPLES[1].filled("http://127.0.0.1:1/v1", ""), "example", "exec")
