"""The dialog in which a form is written that the next answer is filled into."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.structured.fields import Field, FieldKind, Form, parse_fields
from desktop.structured.shape import AnswerShape, Look
from desktop.ui.structured.dialog import ShapeDialog
from desktop.ui.structured.field_row import FieldRow
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.widgets.labels import WarningLabel
from tests.rigs.every_window import shape
from tests.support.widgets import children


def test_a_form_is_written_and_used(qtbot: QtBot) -> None:
    dialog = ShapeDialog()
    qtbot.addWidget(dialog)
    chosen: list[AnswerShape] = []
    dialog.chosen.connect(chosen.append)
    rows = children(dialog, FieldRow)
    rows[0].name.setText("amount")
    rows[0].kind.setCurrentIndex(1)
    rows[1].name.setText("state")
    rows[1].kind.setCurrentIndex(5)
    use = next(button for button in children(dialog, QPushButton) if "Use" in button.text())
    # WHEN a choice has no values THEN that is said, and nothing is chosen
    use.click()
    assert not chosen
    # WHEN it has them
    rows[1].choices.setText("open, paid\uff0clate")
    dialog.show_look(Look.FORM)
    use.click()
    # THEN the form is used, without rows that are empty
    assert chosen[0].look is Look.FORM
    assert chosen[0].form.fields == (
        Field("amount", FieldKind.NUMBER), Field("state", FieldKind.CHOICE, ("open", "paid", "late"))
    )  # fmt: skip


def test_tab_goes_from_top_to_bottom_and_it_begins_where_one_writes(qtbot: QtBot) -> None:
    dialog = ShapeDialog()
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
    editor = dialog.editor
    buttons = {button.text().replace("&", ""): button for button in children(dialog, QPushButton)}
    # GIVEN a third field
    buttons["Add a field"].click()
    first, second, third = children(dialog, FieldRow)
    qtbot.waitUntil(third.isVisible)
    qtbot.waitUntil(third.name.hasFocus)
    # WHEN the keyboard goes on from the name of the form THEN it comes to the fields one after the other
    editor.name.setFocus()
    reached: list[QWidget | None] = []
    for _ in range(13):
        QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    fields = [part for row in (first, second, third) for part in (row.name, row.kind, row.optional, row.last)]
    assert reached == [*fields, buttons["Add a field"]]
    # WHEN a form is used in which nothing is written THEN that is said in the words of this window
    buttons["Use for the next answer"].click()
    (said,) = (label.text() for label in children(dialog, WarningLabel))
    assert said == "No field has a name yet. Write at least one, such as: amount."
    assert first.name.hasFocus()
    # AND it is forgotten when the window opens again
    dialog.close()
    with qtbot.waitActive(dialog):
        dialog.show()
    assert children(dialog, WarningLabel)[0].isHidden() and first.name.hasFocus()


def test_saved_forms_are_offered(qtbot: QtBot) -> None:
    dialog = ShapeDialog()
    qtbot.addWidget(dialog)
    form = parse_fields("name, due: date?", "Bills")
    dialog.set_forms([form])
    chosen: list[AnswerShape] = []
    dialog.chosen.connect(chosen.append)
    dialog.editor.saved.setCurrentIndex(1)
    dialog.editor.saved.activated.emit(1)
    next(button for button in children(dialog, QPushButton) if "Use" in button.text()).click()
    assert chosen == [AnswerShape(form, Look.TABLE)]


def test_a_value_with_a_comma_stays_one_and_what_cannot_be_written_stays_as_it_was(qtbot: QtBot) -> None:
    dialog = ShapeDialog()
    qtbot.addWidget(dialog)
    field = Field("state", FieldKind.CHOICE, ("yes, please", "no | never"))
    dialog.show_form(Form("F", (field,)))
    assert dialog.editor.form().fields == (field,)
    (row,) = (one for one in children(dialog, FieldRow) if one.choices.text())
    row.choices.setText("yes, please | no")
    assert dialog.editor.form().fields[0].choices == ("yes, please", "no")
    # WHEN a field has values and no name THEN it is not left out without a word
    row.name.setText("")
    with pytest.raises(UserFacingError, match="needs a name"):
        dialog.editor.form()


@pytest.mark.parametrize("points", [0, 14])
def test_nothing_of_it_lies_beside_what_is_shown(qapp: QApplication, qtbot: QtBot, points: int) -> None:
    apply_text_size(qapp, points)
    dialog = shape()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    # WHEN it is as wide as 1366 pixels at 200 % THEN the form has the width that there is, and no more
    dialog.resize(683, 380)
    area = next(iter(children(dialog, QScrollArea)))
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    apply_text_size(qapp, 0)
