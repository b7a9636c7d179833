"""The part of the settings about other programs that is no setting: whether they can ask, the token, examples."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.api.state import ADDRESS, ApiKind, ApiState
from desktop.common.errors import UserFacingError
from desktop.ui.programs.examples import EXAMPLES
from desktop.ui.theme.metrics import mono_font, points_of, spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import error_words

# Lines of an example that are in view: those of the longest.
_LINES = 11


class ProgramsPanel(QWidget):
    """See the module.

    Attributes:
        tokenRequested: Another token is wanted; the receiver answers with :meth:`show_token` or :meth:`show_problem`.
    """

    tokenRequested = Signal()

    def __init__(self, port: int, *, has_token: bool, parent: QWidget | None = None) -> None:
        """
        Args:
            port: That of the settings, for examples while nothing listens.
            has_token: Whether a token was ever made.
            parent: Owner.
        """
        super().__init__(parent)
        self._port, self._token, self._has_token = port, "", has_token
        self._state = ApiState()
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._problem = WarningLabel()
        self._address, self._shown = QLineEdit(), QLineEdit()
        for field in (self._address, self._shown):
            field.setReadOnly(True)
        self._copy_address = self._copy_button(self._address.text)
        self._copy_token = self._copy_button(self._shown.text)
        self._renew = QPushButton()
        self._renew.setAutoDefault(False)
        self._renew.clicked.connect(lambda _checked=False: self.tokenRequested.emit())
        self._note = MutedLabel()
        self._program = ChoiceBox()
        # In large letters on a low screen there is little room beside the button.
        self._program.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._program.setMinimumContentsLength(2)
        for example in EXAMPLES:
            self._program.addItem(example.program)
        self._example = QPlainTextEdit()
        self._example.setReadOnly(True)
        self._example.setTabChangesFocus(True)
        self._example.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._example.setFont(mono_font(points_of(self.font())))
        self._copy_example = self._copy_button(self._example.toPlainText)
        self._program.currentIndexChanged.connect(lambda _index: self._show_example())
        self._lay_out()
        self.set_state(self._state)

    def set_state(self, state: ApiState) -> None:
        """Shows whether programs can ask."""
        self._state = state
        self._said.setText(self._words(state))
        self._problem.say(error_words(state.error) if state.error is not None else "")
        self._show_token()

    def set_port(self, port: int) -> None:
        """Shows another port, for examples while nothing listens."""
        self._port = port
        self._show_token()

    def show_token(self, token: str) -> None:
        """Shows a token that was just made, until the settings are closed."""
        self._token, self._has_token = token, True
        self._problem.say("")
        self._show_token()
        self._shown.setFocus()
        self._shown.setCursorPosition(0)

    def forget_token(self) -> None:
        """Shows it no longer."""
        self._token = ""
        self._show_token()

    def show_problem(self, error: UserFacingError) -> None:
        """Says why there is no other token."""
        self._problem.say(error_words(error))

    def _words(self, state: ApiState) -> str:
        if state.kind is ApiKind.ON:
            if state.is_busy:
                return self.tr("A program is being answered, or waits for its answer.")
            return self.tr("Programs can ask. Without a question this takes neither memory nor power.")
        if state.kind is ApiKind.STARTING:
            return self.tr("Starting…")
        if state.kind is ApiKind.FAILED:
            return self.tr("Programs cannot ask.")
        return self.tr("Switched off: no program can ask.")

    def _show_token(self) -> None:
        self._address.setText(self._state.address or f"http://{ADDRESS}:{self._port}/v1")
        self._address.setCursorPosition(0)
        self._shown.setText(self._token)
        self._shown.setPlaceholderText("" if not self._has_token else "••••••••")
        self._copy_token.setEnabled(bool(self._token))
        if self._token:
            self._note.setText(self.tr("Copy the access token now: it is not shown again."))
        elif self._has_token:
            self._note.setText(
                self.tr("It was shown when it was made. Make another one if it is lost: the one before is void then.")
            )
        else:
            self._note.setText(self.tr("Programs need an access token, like a password. There is none yet."))
        self._renew.setText(self.tr("Make another") if self._has_token else self.tr("Make one"))
        self._show_example()

    def _show_example(self) -> None:
        example = EXAMPLES[self._program.currentIndex()]
        self._example.setPlainText(example.filled(self._address.text(), self._token))

    def _copy_button(self, text: Callable[[], str]) -> QPushButton:
        button = QPushButton(self.tr("Copy"))
        button.setAutoDefault(False)

        def copy() -> None:
            for each in (self._copy_address, self._copy_token, self._copy_example):
                each.setText(self.tr("Copied") if each is button else self.tr("Copy"))
            QGuiApplication.clipboard().setText(text())

        button.clicked.connect(copy)
        return button

    def _lay_out(self) -> None:
        gap = spacing(self)
        grid = QGridLayout()
        grid.setSpacing(gap.unit)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QPushButton, str], ...] = (
            (self.tr("Address"), self._address, self._copy_address, self.tr("Copy the address")),
            (self.tr("Access token"), self._shown, self._copy_token, self.tr("Copy the access token")),
            (self.tr("Example for"), self._program, self._copy_example, self.tr("Copy the example")),
        )
        for at, (name, field, button, told) in enumerate(rows):
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(name)
            button.setAccessibleName(told)
            button.setToolTip(told)
            place = 3 * at
            grid.addWidget(label, place, 0)
            grid.addWidget(field, place, 1)
            grid.addWidget(button, place, 2)
        grid.addWidget(self._note, 4, 0, 1, 3)
        grid.addWidget(self._renew, 5, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
        self._example.setAccessibleName(self.tr("Example"))
        lines = self._example.fontMetrics().lineSpacing() * _LINES
        self._example.setFixedHeight(lines + 2 * self._example.frameWidth() + 2 * gap.unit)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(gap.unit)
        page.addWidget(self._said)
        page.addWidget(self._problem)
        add_layout(page, grid)
        page.addWidget(self._example)
        page.addWidget(
            MutedLabel(
                self.tr(
                    "What programs ask is not among your conversations. What the model has read of it may be kept as "
                    "it is of yours, until Catnap is started again."
                )
            )
        )
