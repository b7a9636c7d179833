"""One model in the models dialog: what it is, how far its download is, what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.models.types import DownloadProgress
from desktop.ui.models.entry import (
    PHASES,
    UNDER_WAY,
    CardAction,
    EntryPhase,
    ModelEntry,
    action_text,
    facts_words,
    mark_words,
    paused_text,
    phase_here,
    progress_text,
    status_text,
    summary_words,
)
from desktop.ui.models.kind_words import base_words
from desktop.ui.models.row import ModelRow
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import add_layout, holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.words import SEPARATOR, error_words, sentences

# A question asked by a button is taken back when nobody answers it.
_SECOND_THOUGHTS_MS = 6000
_STEPS = 1000
# The main button leads to a model that answers.
_HERE = (
    *(EntryPhase.INSTALLED, EntryPhase.IN_USE, EntryPhase.MISSING, EntryPhase.UNUSABLE, EntryPhase.NO_CHAT),
    *(EntryPhase.COMPARES, EntryPhase.FINDS),
)
_INVITING = (EntryPhase.AVAILABLE, EntryPhase.PAUSED, EntryPhase.FAILED, EntryPhase.INSTALLED)


class ModelCard(ModelRow):
    """A row of the list.

    Attributes:
        acted: (CardAction) A button was pressed.
    """

    acted = Signal(CardAction)

    def __init__(self, entry: ModelEntry, chinese: bool, parent: QWidget | None = None) -> None:
        """
        Args:
            entry: What to show.
            chinese: Show the Chinese sentence about the model.
        """
        super().__init__(parent)
        self._chinese = chinese
        self._stopping = False  # events of a download that was stopped may still be on their way
        self._phase = EntryPhase.AVAILABLE
        self._checked = ""
        self.entry = entry
        self._name, self._badge, self._status = ElidedLabel(fills=False), ElidedLabel(), MutedLabel()
        self._why, self._summary, self._path, self._facts = QLabel(), QLabel(), ElidedLabel(), MutedLabel()
        self._advice, self._ability = MutedLabel(), QLabel()
        self._bar, self._figures, self._trouble = QProgressBar(), MutedLabel(), WarningLabel()
        self._mark, self._report = WarningLabel(), QPushButton(self.tr("Report…"))
        self._accept = QCheckBox()
        self._main = AccentButton()
        self._cancel, self._licence = QPushButton(self.tr("Cancel")), QPushButton(self.tr("Read the licence"))
        self._details = QPushButton(self.tr("Details…"))
        self._abilities = QPushButton(self.tr("What can it do?"))
        self._smaller = QPushButton(self.tr("A smaller one…"))
        self._verify, self._remove = QPushButton(self.tr("Check the file")), QPushButton()
        self._second_thoughts = QTimer(self)
        self._lay_out()
        self._connect()
        self.show_entry(entry)

    @property
    def phase(self) -> EntryPhase:
        return self._phase

    @property
    def under_way(self) -> bool:
        """Whether bytes are being fetched or read."""
        return self._phase in UNDER_WAY

    def show_entry(self, entry: ModelEntry) -> None:
        """Shows what the library says now; a download under way and an error stay."""
        before, was_here, trouble = self.entry, self.entry.installed is not None, self.entry.trouble
        self.entry = entry
        if was_here is not (entry.installed is not None) or before.file_stays is not entry.file_stays:
            self._ask_nothing()  # what would be removed is another thing now
        self._name.say(entry.name)
        words = summary_words(entry, self._chinese)
        self._why.setText(entry.why)
        is_place = entry.is_own and not entry.is_student
        self._summary.setText("" if is_place else words)
        self._path.say(words if is_place else "")
        self._path.setVisible(is_place)
        self._advice.setText(base_words() if entry.kind is ModelKind.BASE else "")
        self._advice.setVisible(entry.kind is ModelKind.BASE)
        self._facts.setText(facts_words(entry))
        self._ability.setText(entry.ability)
        self._mark.say(mark_words(entry))
        too_big = entry.fit is not None and entry.fit.fit is Fit.TOO_BIG
        if too_big:
            self._badge.say(self.tr("Too big for this computer"), self.tr("Too big"))
        else:
            self._badge.say(self.tr("Recommended for this computer"), self.tr("Recommended"))
        self._badge.setForegroundRole(QPalette.ColorRole.PlaceholderText if too_big else QPalette.ColorRole.Link)
        self._badge.setVisible(entry.recommended or too_big)
        phase = self._phase
        if entry.installed is not None and not (was_here and phase is EntryPhase.CHECKING):
            phase = phase_here(entry, entry.installed)
            if entry.trouble is not None and not entry.trying:
                self._trouble.say(error_words(entry.trouble))
            elif not was_here or trouble is not None:
                self._trouble.say("")
        elif entry.installed is not None:
            pass  # its file is being read again
        elif self._stopping or phase not in (*UNDER_WAY, EntryPhase.FAILED):
            phase = EntryPhase.PAUSED if entry.partial else EntryPhase.AVAILABLE
            self._stopping = False
        elif phase is EntryPhase.CHECKING and not entry.partial:
            phase = EntryPhase.AVAILABLE
        self._enter(phase)
        if phase is EntryPhase.PAUSED:
            self._show_amount(entry.partial, entry.size)
        elif phase is EntryPhase.TRYING:
            self._bar.setRange(0, 0)
            self._figures.setText(self.tr("Trying it…"))

    def show_progress(self, progress: DownloadProgress) -> None:
        """Shows how far the download has got."""
        phase = PHASES[progress.state]
        if self._stopping and phase in UNDER_WAY:
            return
        self._stopping = False
        if phase is not EntryPhase.FAILED:
            self._trouble.say("")
        if phase is not self._phase:
            self._enter(phase)
        self._show_amount(progress.done, progress.total)
        self._figures.setText(progress_text(phase, progress))

    def show_failure(self, error: UserFacingError) -> None:
        """Says why the download failed and offers another try."""
        self._stopping = False
        self._trouble.say(error_words(error))
        self._enter(EntryPhase.FAILED)

    def show_verified(self, intact: bool) -> None:
        """Says what reading the file again has shown."""
        self._checked = self.tr("File checked: intact") if intact else ""
        if not intact:
            self._trouble.say(self._damage_words())
        self._leave_check()

    def _damage_words(self) -> str:
        if self.entry.is_student:
            return self.tr("The file is not what was installed. Remove it and install it again from its project.")
        return self.tr("The file is not what was published. Remove it and download it again.")

    def forget_check(self) -> None:
        """Takes back "checking" where reading the file has failed."""
        if self._phase is EntryPhase.CHECKING and self.entry.installed is not None:
            self._leave_check()

    def set_selected(self, selected: bool) -> None:
        """Unfolds the card; only the selected one can be reached by Tab."""
        self._selected = selected
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if selected else Qt.FocusPolicy.ClickFocus)
        for button in (*self._buttons(), self._accept):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if selected else Qt.FocusPolicy.NoFocus)
        self._ask_nothing()
        self._enter(self._phase)
        self.update()

    def focus_main(self) -> bool:
        """Puts the keyboard on the button that gets or uses the model, or on what it asks first.

        Returns:
            False where there is no such button: the model is in use, or on its way.
        """
        if self._phase not in _INVITING or not self._main.isVisibleTo(self):
            return False
        target = self._main if self._main.isEnabled() else self._accept
        target.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        return True

    def press(self) -> None:
        """Does the obvious thing, as pressing the main button does."""
        if self._main.isVisibleTo(self):
            self._main.click()

    def _show_amount(self, done: int, total: int) -> None:
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(done * _STEPS // total if total else 0)
        if self._phase is EntryPhase.PAUSED:
            self._figures.setText(paused_text(done, total))

    def _enter(self, phase: EntryPhase) -> None:
        """Shows what belongs to a phase and hides the rest."""
        had_keyboard = self._main.hasFocus() or self._cancel.hasFocus()
        self._phase = phase
        entry = self.entry
        here = phase in _HERE
        loading = phase in (*UNDER_WAY, EntryPhase.PAUSED)
        own_check = phase is EntryPhase.CHECKING and entry.installed is not None
        is_short = bool(entry.why)
        self._why.setVisible(is_short)
        self._summary.setVisible((not entry.is_own or entry.is_student) and (self._selected or not is_short))
        self._facts.setVisible(self._selected or not is_short)
        self._bar.setVisible(loading)
        self._figures.setVisible(loading)
        self._status.setText(status_text(phase, self._checked))
        self._status.setVisible(bool(self._status.text()))
        # Of a few models to choose from it is seen at once how much each would be.
        self._main.setText(action_text(phase, entry.size if self._selected or is_short else None))
        self._main.setVisible(bool(self._main.text()))
        too_big = entry.fit is not None and entry.fit.fit is Fit.TOO_BIG
        inviting = phase in _INVITING and not too_big
        self._main.set_accented(self._selected and inviting)
        self._cancel.setVisible(loading and not own_check)
        self._cancel.setEnabled(True)
        if had_keyboard and not (self._main.hasFocus() or self._cancel.hasFocus()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # and not on what comes next, such as the licence
        can_manage = self._selected and not is_short
        is_known = entry.spec is not None or entry.is_student
        self._verify.setVisible(can_manage and here and phase is not EntryPhase.MISSING and is_known)
        self._remove.setVisible(can_manage and (here or self._is_only_listed()))
        has_licence = entry.spec is not None and (not is_short or entry.spec.licence_must_be_shown)
        self._licence.setVisible(self._selected and has_licence)
        self._details.setVisible(can_manage and here and phase is not EntryPhase.MISSING)
        answers = phase in (EntryPhase.INSTALLED, EntryPhase.IN_USE)
        self._abilities.setVisible(can_manage and answers)
        self._smaller.setVisible(can_manage and answers and entry.kind is ModelKind.CHAT)
        self._ability.setVisible(answers and bool(entry.ability))
        self._report.setVisible(self._selected and entry.marked)
        must_accept = entry.spec is not None and entry.spec.licence_must_be_shown and phase is EntryPhase.AVAILABLE
        self._accept.setVisible(self._selected and must_accept)
        self._foot.setVisible(not all(way.isHidden() for way in self._ways()))
        self._main.setEnabled(not (self._selected and must_accept) or self._accept.isChecked())
        self.setAccessibleName(SEPARATOR.join(filter(None, (entry.name, self._status.text(), self._facts.text()))))
        about = self._summary.text() or self._path.accessibleName()
        self.setAccessibleDescription(
            sentences(entry.why, about, self._advice.text(), entry.ability, mark_words(entry))
        )
        self._name_buttons()

    def _name_buttons(self) -> None:
        """Tells a screen reader's user which of many models a button is about."""
        for button in self._buttons():
            button.setAccessibleName(SEPARATOR.join(filter(None, (button.text(), self.entry.name))))

    def _ways(self) -> tuple[QWidget, ...]:
        """Returns what only a selected entry offers, in its order."""
        return (
            *(self._accept, self._report, self._licence, self._details, self._abilities, self._smaller),
            *(self._verify, self._remove),
        )

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (
            *(self._main, self._cancel, self._report, self._licence, self._details, self._abilities),
            *(self._smaller, self._verify, self._remove),
        )

    def _pressed(self) -> None:
        self.picked.emit()
        match self._phase:
            case EntryPhase.AVAILABLE | EntryPhase.FAILED | EntryPhase.PAUSED:
                self._start()
            case EntryPhase.WAITING | EntryPhase.RUNNING:
                self._stopping = True
                self.acted.emit(CardAction.PAUSE)
            case EntryPhase.INSTALLED | EntryPhase.UNUSABLE:
                self.acted.emit(CardAction.USE)
            case EntryPhase.COMPARES:
                self.acted.emit(CardAction.FIND)

    def _start(self) -> None:
        if not self._main.isEnabled():
            return  # picking the card has just uncovered a licence to accept
        action = CardAction.RESUME if self._phase is EntryPhase.PAUSED else CardAction.DOWNLOAD
        self._stopping = False
        self._trouble.say("")
        self._figures.setText(self.tr("Connecting…"))
        self._enter(EntryPhase.WAITING)
        self.acted.emit(action)

    def _stop(self) -> None:
        if self._phase is EntryPhase.TRYING:
            self._cancel.setEnabled(False)  # it ends within a moment, and the library says so
            self.acted.emit(CardAction.CANCEL)
            return
        self._stopping = True
        self._trouble.say("")
        self._enter(EntryPhase.AVAILABLE)
        self.acted.emit(CardAction.CANCEL)

    def _check(self) -> None:
        self._checked = ""
        self._trouble.say("")
        self._bar.setRange(0, 0)
        self._figures.setText(self.tr("Reading the whole file once more…"))
        self._enter(EntryPhase.CHECKING)
        self.acted.emit(CardAction.VERIFY)

    def _leave_check(self) -> None:
        here = self.entry.installed
        self._enter(phase_here(self.entry, here) if here is not None else EntryPhase.INSTALLED)

    def _is_only_listed(self) -> bool:
        """Whether it was added, and is neither here nor on its way."""
        return self.entry.is_own and self._phase in (EntryPhase.AVAILABLE, EntryPhase.FAILED)

    def _remove_pressed(self) -> None:
        if self._is_only_listed():
            self.acted.emit(CardAction.CANCEL)
            return
        if self._second_thoughts.isActive():
            self._ask_nothing()
            self.acted.emit(CardAction.REMOVE)
            return
        if self.entry.file_stays:
            self._remove.setText(self.tr("Take it off the list?"))
        else:
            self._remove.setText(self.tr("Remove {size}?").format(size=format_bytes(self.entry.size)))
        self._name_buttons()
        self._second_thoughts.start()

    def _ask_nothing(self) -> None:
        self._second_thoughts.stop()
        stays = self.entry.file_stays or self.entry.installed is None
        self._remove.setText(self.tr("Remove from the list") if stays else self.tr("Remove"))
        self._name_buttons()

    def _connect(self) -> None:
        self._second_thoughts.setSingleShot(True)
        self._second_thoughts.setInterval(_SECOND_THOUGHTS_MS)
        self._second_thoughts.timeout.connect(self._ask_nothing)
        self._main.clicked.connect(self._pressed)
        self._cancel.clicked.connect(self._stop)
        self._verify.clicked.connect(self._check)
        self._remove.clicked.connect(self._remove_pressed)
        self._licence.clicked.connect(lambda: self.acted.emit(CardAction.LICENCE))
        self._details.clicked.connect(lambda: self.acted.emit(CardAction.DETAILS))
        self._abilities.clicked.connect(lambda: self.acted.emit(CardAction.ABILITIES))
        self._smaller.clicked.connect(lambda: self.acted.emit(CardAction.SMALLER))
        self._report.clicked.connect(lambda: self.acted.emit(CardAction.REPORT))
        for button in (*self._buttons(), self._accept):
            button.installEventFilter(self)
        self._accept.toggled.connect(lambda _on: self._enter(self._phase))

    def _lay_out(self) -> None:
        gap = spacing(self)
        bold = self._name.font()
        bold.setBold(True)
        self._name.setFont(bold)
        for sentence in (self._why, self._summary, self._ability):
            sentence.setTextFormat(Qt.TextFormat.PlainText)
            sentence.setWordWrap(True)
        self._status.setWordWrap(False)
        self._smaller.setToolTip(self.tr("Make a smaller and quicker one of this model, on this computer"))
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(gap.unit)
        self._bar.setAccessibleName(self.tr("Download progress"))
        licence = self.entry.spec.licence if self.entry.spec is not None else ""
        self._accept.setText(self.tr("I have read and accept the licence: {licence}").format(licence=licence))
        for button in self._buttons()[1:]:
            button.setAutoDefault(False)
        head = QHBoxLayout()
        head.setSpacing(gap.unit)
        head.addWidget(self._name)
        head.addWidget(self._badge, stretch=1)
        head.addStretch()
        head.addWidget(self._status)
        head.addWidget(self._cancel)
        head.addWidget(self._main)
        self._foot = holding(WrappingRow(to_right=True), *self._ways(), gap=gap.unit)
        self._foot.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        column.setSpacing(gap.half)
        add_layout(column, head)
        for row in (
            self._why,
            self._summary,
            self._path,
            self._facts,
            self._ability,
            self._advice,
            self._mark,
            self._bar,
            self._figures,
            self._trouble,
        ):
            column.addWidget(row)
        column.addWidget(self._foot)
