"""A box of choices on a page that is scrolled."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.accessible import ChoiceBox


def test_the_wheel_chooses_only_where_the_keyboard_is(qtbot: QtBot) -> None:
    page, box, field = QWidget(), ChoiceBox(), QLineEdit()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for part in (field, box):
        column.addWidget(part)
    box.addItems(["one", "two", "three"])
    page.show()
    page.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)

    def turn() -> bool:
        wheel = QWheelEvent(
            QPointF(3, 3), QPointF(box.mapToGlobal(QPoint(3, 3))), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(box, wheel)
        return wheel.isAccepted()

    assert not turn() and box.currentIndex() == 0 and field.hasFocus()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    assert turn() and box.currentIndex() == 1
