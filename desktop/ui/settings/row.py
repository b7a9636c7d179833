"""One setting in the dialog: label, control, what it costs, what it does, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from desktop.common.errors import UserFacingError
from desktop.models.types import InstalledModel
from desktop.settings.types import Editor, Option, OptionValue
from desktop.ui.settings.editors import (
    CheckEditor,
    ChoiceEditor,
    FolderEditor,
    LineEditor,
    ModelEditor,
    NumberEditor,
    OptionEditor,
    TextEditor,
)
from desktop.ui.settings.persona_editor import PersonaEditor
from desktop.ui.settings.served_editor import ServedEditor
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.words import error_remedy, error_title, error_words, option_words, sentences

# Long enough to type a figure, short enough to feel immediate.
DEBOUNCE_MS = 400

_UNBOUNDED = 16_777_215  # QWIDGETSIZE_MAX
_WIDE = (Editor.LINE, Editor.TEXT, Editor.FOLDER)


class OptionRow(QWidget):
    """Shows one option and decides when a change of it counts.

    Attributes:
        committed: (key, value) A valid value the user has settled on; at once for a tick or a choice, after a pause for
            what is typed.
        candidate_changed: The control holds another value than before, not yet committed.
        is_offered: The value is of use, as far as is known.
    """

    committed = Signal(str, object)
    candidate_changed = Signal()

    def __init__(self, option: Option, editor: OptionEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self.editor = editor
        self.is_offered = True
        self._known: OptionValue = option.default
        self._invalid = self._refused = False
        self._narrow: bool | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._pause.timeout.connect(self._commit)
        self.label = QLabel()
        self.label.setBuddy(editor.control)
        self._cost = MutedLabel()
        self._cost.setForegroundRole(QPalette.ColorRole.Link)
        self._finding = MutedLabel()
        self._finding.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._help = MutedLabel(self._help_text())
        self._complaint = WarningLabel()
        self._line, self._grid, self._label_width = QWidget(), QGridLayout(self), 0
        self._lay_out()
        self._describe()
        editor.edited.connect(self._edited)

    def set_text(self, text: str) -> None:
        """Sets the label, with its mnemonic."""
        if isinstance(self.editor, CheckEditor):
            self.editor.set_text(text)
        else:
            self.label.setText(text)

    def set_label_width(self, width: int) -> None:
        """Aligns the controls of a page: the width of the label's column, in pixels."""
        self._label_width = width
        self._place()

    def set_narrow(self, narrow: bool) -> None:
        """Puts the label above the control instead of beside it."""
        if narrow != self._narrow:
            self._narrow = narrow
            if isinstance(self.editor, CheckEditor | FolderEditor):
                self.editor.set_narrow(narrow)
            self._place()

    @property
    def width_beside(self) -> int:
        """What the label and the control take beside each other, in pixels, while :meth:`set_narrow` is off."""
        # Of the control itself: what a layout knows of a page that was not shown yet may be of another text.
        return self._label_width + self._grid.horizontalSpacing() + self.editor.control.sizeHint().width()

    def candidate(self) -> OptionValue | None:
        """Returns what the control holds, validated; None where that is not allowed."""
        try:
            return self.option.validate(self.editor.value())
        except UserFacingError:
            return None

    def show_setting(self, value: OptionValue) -> None:
        """Shows the value in force, without disturbing somebody who is typing another one."""
        news = value != self._known
        self._known = value
        if not news and (self._pause.isActive() or self._invalid):
            return
        self._pause.stop()
        if news or not self._refused:
            self._complain("")
        if self.editor.value() != value:
            self.editor.set_value(value)
        self.candidate_changed.emit()

    def set_cost(self, sentence: str) -> None:
        """Shows what the value costs in memory; empty: nothing is known."""
        self._cost.setText(sentence[:1].upper() + sentence[1:])
        self._cost.setVisible(bool(sentence))

    def set_finding(self, sentence: str, *, offered: bool) -> None:
        """Shows what the value has been found to bring.

        Args:
            sentence: In words; empty: nothing is known.
            offered: The control may be used; one that is ticked can always be unticked.
        """
        self._finding.setText(sentence)
        self._finding.setVisible(bool(sentence))
        self.is_offered = offered
        self.editor.setEnabled(offered or self.candidate() is True)

    def refuse(self, error: UserFacingError) -> None:
        """Goes back to the value in force and says, until the next change, why the other one was refused."""
        self._pause.stop()
        self.editor.set_value(self._known)
        self._complain(error_words(error))
        self._invalid, self._refused = False, True
        self.candidate_changed.emit()

    def forget_refusal(self) -> None:
        """Takes back what :meth:`refuse` said."""
        if self._refused:
            self._complain("")

    def flush(self) -> None:
        """Commits what was typed and still waits for its pause."""
        if self._pause.isActive():
            self._pause.stop()
            self._commit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_grid"):
            self._fit_label()

    def _fit_label(self) -> None:
        # Beside the first line of whatever is edited, be it a folder with its buttons or a text of five lines.
        self.label.setMinimumHeight(QLineEdit().sizeHint().height())

    def _edited(self) -> None:
        self._judge()
        self.candidate_changed.emit()
        if self.editor.debounced:
            self._pause.start()
        else:
            self._commit()

    def _judge(self) -> None:
        try:
            self.option.validate(self.editor.value())
        except UserFacingError as error:
            # Half a word is no mistake yet: the sentence comes with the pause, but goes as soon as all is well.
            if self._invalid:
                self._complain(sentences(error_title(error), error_remedy(error)))
            return
        self._complain("")

    def _commit(self) -> None:
        try:
            value = self.option.validate(self.editor.value())
        except UserFacingError as error:
            self._complain(sentences(error_title(error), error_remedy(error)))
            return
        self._complain("")
        if value != self._known:
            self.committed.emit(self.option.key, value)

    def _complain(self, sentence: str) -> None:
        self._invalid, self._refused = bool(sentence), False
        self._complaint.say(sentence)

    def _help_text(self) -> str:
        return sentences(option_words(self.option.help), option_words(self.option.apply.value))

    def _describe(self) -> None:
        name = option_words(self.option.label)
        self.editor.control.setAccessibleName(name)
        self.editor.control.setAccessibleDescription(option_words(self.option.help))
        if self.option.technical:
            tip = self.tr("Also known as: {name}").format(name=self.option.technical)
            self.label.setToolTip(tip)
            self.editor.control.setToolTip(tip)

    def _lay_out(self) -> None:
        gap = spacing(self)
        line = QHBoxLayout(self._line)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.editor, stretch=1 if self.option.editor in _WIDE else 0)
        if self.option.editor not in _WIDE:
            line.addStretch(1)
        self._cost.setVisible(False)
        self._finding.setVisible(False)
        grid = self._grid
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(gap.double)
        # A tick box has room around it already.
        grid.setVerticalSpacing(0 if self.option.editor is Editor.CHECK else gap.half)
        grid.setColumnStretch(1, 1)
        self._fit_label()
        self.set_narrow(False)

    def _place(self) -> None:
        grid, across = self._grid, 2 if self._narrow else 1
        parts = (self._line, self._complaint, self._finding, self._cost, self._help)
        for widget in (self.label, *parts):
            grid.removeWidget(widget)
        grid.addWidget(self.label, 0, 0, 1, across, Qt.AlignmentFlag.AlignTop)
        for place, widget in enumerate(parts, start=1 if self._narrow else 0):
            grid.addWidget(widget, place, 2 - across, 1, across)
        self.label.setVisible(bool(self.label.text()) or not self._narrow)
        # Above its control it takes the whole line: the grid reckons with the height that its words have then.
        across_policy = QSizePolicy.Policy.Preferred if self._narrow else QSizePolicy.Policy.Fixed
        self.label.setSizePolicy(across_policy, QSizePolicy.Policy.Preferred)
        if self._narrow:
            self.label.setMinimumWidth(0)
            self.label.setMaximumWidth(_UNBOUNDED)
        else:
            self.label.setFixedWidth(self._label_width)


def make_editor(option: Option, models: Sequence[InstalledModel]) -> OptionEditor:
    """Returns the control for ``option``, holding its default."""
    editor: OptionEditor
    match option.editor:
        case Editor.CHECK:
            editor = CheckEditor()
        case Editor.NUMBER:
            editor = NumberEditor(option)
        case Editor.CHOICE:
            editor = ChoiceEditor(option)
        case Editor.LINE:
            editor = LineEditor()
        case Editor.TEXT:
            editor = TextEditor()
        case Editor.FOLDER:
            editor = FolderEditor()
        case Editor.MODEL:
            editor = ModelEditor(models)
        case Editor.PERSONA:
            editor = PersonaEditor()
        case Editor.SERVED:
            editor = ServedEditor()
    editor.set_value(option.default)
    return editor
