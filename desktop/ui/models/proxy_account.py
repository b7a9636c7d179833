"""Asks for the name and password that a proxy wants: above the list, never modal."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import error_title

_FIELD_UNITS = 36


class ProxyAccountPanel(QFrame):
    """Asks; hidden while nothing is asked.

    Attributes:
        entered: (proxy, user, password, keep) What was typed.
    """

    entered = Signal(str, str, str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proxy = ""
        self._question = QLabel()
        self._user, self._password = QLineEdit(), QLineEdit()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._keep = QCheckBox(self.tr("&Keep in this system's keyring"))
        self._enter, self._cancel = QPushButton(self.tr("Sign in")), QPushButton(self.tr("Cancel"))
        self._enter.clicked.connect(self._accept)
        self._cancel.clicked.connect(self._dismiss)
        self._user.textChanged.connect(lambda: self._enter.setEnabled(bool(self._user.text().strip())))
        self._user.returnPressed.connect(self._password.setFocus)
        self._password.returnPressed.connect(self._accept)
        self._lay_out()
        self.hide()

    def ask(self, error: ProxyAccountNeededError) -> None:
        """Asks for the account of a proxy; what was typed for another one is forgotten."""
        if error.proxy != self._proxy:
            self._user.clear()
        self._proxy = error.proxy
        self._password.clear()
        self._question.setText(f"{error_title(error)}\n{error.proxy}")
        self._enter.setEnabled(bool(self._user.text().strip()))
        self.show()
        (self._password if self._user.text() else self._user).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._dismiss()
        else:
            super().keyPressEvent(event)

    def _accept(self) -> None:
        user = self._user.text().strip()
        if not user:
            self._user.setFocus()
            return
        password = self._password.text()
        self._password.clear()
        self.hide()
        self.entered.emit(self._proxy, user, password, self._keep.isChecked())

    def _dismiss(self) -> None:
        self._password.clear()
        self.hide()

    def _lay_out(self) -> None:
        gap = spacing(self)
        self.setFrameShape(QFrame.Shape.NoFrame)  # the list has one, and it stands out by its colour
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._question.setTextFormat(Qt.TextFormat.PlainText)
        self._question.setWordWrap(True)
        form = QGridLayout()
        form.setSpacing(gap.unit)
        form.setColumnStretch(2, 1)
        rows = ((self.tr("&User name"), self._user), (self.tr("&Password"), self._password))
        for place, (text, field) in enumerate(rows):
            field.setMinimumWidth(_FIELD_UNITS * unit(self))
            label = QLabel(text)
            label.setBuddy(field)
            form.addWidget(label, place, 0)
            form.addWidget(field, place, 1)
        form.addWidget(self._keep, len(rows), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        buttons.addStretch()
        for button in (self._cancel, self._enter):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        whole.setSpacing(gap.unit)
        whole.addWidget(self._question)
        add_layout(whole, form)
        add_layout(whole, buttons)
