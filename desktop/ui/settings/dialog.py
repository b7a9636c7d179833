"""The settings dialog, generated from the tables of options. Changes apply as they are made; nothing to confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.models.types import InstalledModel
from desktop.personas.persona import Persona
from desktop.settings.options import OPTIONS, SYSTEM_OPTIONS, Settings
from desktop.settings.types import Editor, Group, Option, OptionValue
from desktop.ui.conversations.choices_menu import OfferedModel
from desktop.ui.settings.editors import FolderEditor, ModelEditor, NumberEditor
from desktop.ui.settings.found_pages import FoundPages
from desktop.ui.settings.page import SettingsPage
from desktop.ui.settings.persona_editor import PersonaEditor
from desktop.ui.settings.row import OptionRow, make_editor
from desktop.ui.settings.search import SearchField
from desktop.ui.settings.served_editor import ServedEditor
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.list_row import OneLine
from desktop.ui.widgets.mnemonics import mnemonic_of
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import listed, option_words

MemoryCost = Callable[[Settings], str | None]

# What a person has chosen among their own things is no default to go back to by a button for a whole page.
_NOT_RESTORED = (Editor.MODEL, Editor.FOLDER, Editor.PERSONA, Editor.SERVED)

_TRIED = "reading_speed"  # beside it is the button that tries the voice

_SIZE_IN_UNITS = QSize(100, 68)
_LEAST_LIST = 16  # units: a word that is looked for can be read
# A dialog less wide than this, in units, has narrow margins.
_NARROW = 60


class SettingsDialog(QDialog):
    """Shows and edits all settings. Made once and shown again.

    Attributes:
        changed: (key, value) The user has settled on a valid value; the receiver answers with ``set_settings`` or
            ``set_system_value``, also when it refuses the value.
        modelsRequested: The user wants to see the models that can be had.
        personasRequested: The user wants to see the personas.
        serversRequested: The user wants to see the servers.
        trialRequested: The user wants to hear how answers are read.
        shown: Settings have changed, or the dialog comes into view: what is found out elsewhere may be another now.
    """

    changed = Signal(str, object)
    modelsRequested = Signal()
    personasRequested = Signal()
    serversRequested = Signal()
    trialRequested = Signal()
    shown = Signal()

    def __init__(
        self,
        current: Settings,
        models: Sequence[InstalledModel],
        memory_cost: MemoryCost,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            current: The settings in force.
            models: What is installed.
            memory_cost: Says in words what given settings take in RAM; None while that is unknown. Called often, must
                be quick.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = current
        self._system: dict[str, OptionValue] = {option.key: option.default for option in SYSTEM_OPTIONS}
        self._memory_cost = memory_cost
        self._before_restore: dict[str, OptionValue] = {}
        self._restoring = False
        self._added: dict[str, QWidget] = {}
        self._make_footer()
        self._rows = {option.key: self._make_row(option, models) for option in (*OPTIONS, *SYSTEM_OPTIONS)}
        self._field = SearchField()
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Pages"))
        self._list.setItemDelegate(OneLine(self._list))
        self._stack = QStackedWidget()
        self._pages = {
            group: SettingsPage([row for row in self._rows.values() if row.option.group is group]) for group in Group
        }
        for group, page in self._pages.items():
            QListWidgetItem(option_words(group.value), self._list)
            self._stack.addWidget(page)
            page.set_texts(taken=self._footer_letters())
        for page in self._pages.values():
            page.align_with(tuple(self._rows.values()))
        self._list.currentRowChanged.connect(self._turn_to)
        self._list.setCurrentRow(0)
        self._lay_out()
        self.set_settings(current)
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def add_page(self, key: str, page: QWidget) -> None:
        """Adds a page that is not made of options behind those that are; it sees to its defaults itself.

        Args:
            key: For :meth:`turn_to_page`.
            page: Its window title stands in the list of pages.
        """
        self._added[key] = page
        QListWidgetItem(page.windowTitle(), self._list)
        self._stack.addWidget(page)
        self._fit()

    def extend_page(self, group: Group, panel: QWidget) -> None:
        """Puts what is no option below those of a page."""
        self._pages[group].extend(panel)

    def turn_to_page(self, key: str) -> None:
        """Shows a page that was added, and puts the keyboard on it.

        Raises:
            KeyError: There is none.
        """
        self._field.clear()
        page = self._added[key]
        self._list.setCurrentRow(self._stack.indexOf(page))
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_settings(self, settings: Settings) -> None:
        """Shows the settings in force: after every change, wherever it came from, and after a refused one."""
        self._settings = settings
        for key, value in asdict(settings).items():
            self._rows[key].show_setting(value)
        self._show_places()
        self._show_costs()
        self.shown.emit()

    def set_system_value(self, key: str, value: OptionValue) -> None:
        """Shows what the system says of one of ``SYSTEM_OPTIONS``: when the dialog opens, and after every change.

        Raises:
            KeyError: There is no such option.
        """
        self._rows[key].show_setting(value)
        self._system[key] = value

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Shows what is installed now."""
        editor = self._rows["model"].editor
        if isinstance(editor, ModelEditor):
            editor.set_models(models)

    def set_personas(self, personas: Sequence[Persona]) -> None:
        """Shows which personas there are now."""
        editor = self._rows["persona"].editor
        if isinstance(editor, PersonaEditor):
            editor.set_personas(personas)

    def set_served(self, offered: Callable[[str], Sequence[OfferedModel]]) -> None:
        """Shows which models there are on servers now.

        Args:
            offered: Returns them, with the one that is chosen, which it is given.
        """
        for row in self._rows.values():
            if isinstance(row.editor, ServedEditor):
                row.editor.set_served(offered(str(row.editor.value())))
        self._show_places()

    def set_auto_threads(self, threads: int) -> None:
        """Sets the number of threads that "Automatic" stands for on this machine."""
        editor = self._rows["threads"].editor
        if isinstance(editor, NumberEditor):
            editor.set_special(self.tr("Automatic ({threads})").format(threads=threads))

    def set_auto_context(self, tokens: int) -> None:
        """Sets the context, in tokens, that "Automatic" stands for on this machine now."""
        editor = self._rows["n_ctx"].editor
        if isinstance(editor, NumberEditor):
            editor.set_special(self.tr("Automatic ({tokens} tokens)").format(tokens=f"{tokens:,}"))

    def set_gain(self, sentence: str, *, offered: bool) -> None:
        """Shows what "faster answers" brings with the model in use, and whether it is offered."""
        self._rows["faster_answers"].set_finding(sentence, offered=offered)
        self._show_costs()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def set_finding(self, key: str, sentence: str) -> None:
        """Shows what was found out about an option, which stays what it is.

        Raises:
            KeyError: There is no such option.
        """
        self._rows[key].set_finding(sentence, offered=True)

    def add_button(self, key: str, button: QPushButton) -> None:
        """Puts a button beside the control of an option.

        Raises:
            KeyError: There is no such option.
        """
        self._rows[key].editor.row.addWidget(button)

    def set_trial_finding(self, sentence: str) -> None:
        """Says why nothing is heard; empty: nothing speaks against it."""
        self._rows[_TRIED].set_finding(sentence, offered=True)

    def set_folder_progress(self, fraction: float | None) -> None:
        """Shows how far moving the models has got, from 0 to 1; None: nothing is being moved."""
        editor = self._rows["model_folder"].editor
        if isinstance(editor, FolderEditor):
            editor.set_progress(fraction)

    def show_refusal(self, key: str, error: UserFacingError) -> None:
        """Says beside an option why the value chosen last is not in force; gone with the next change or the dialog.

        Raises:
            KeyError: There is no such option.
        """
        row = self._rows[key]
        row.refuse(error)
        page = self._pages[row.option.group]
        if page is self._stack.currentWidget():
            page.reveal(row)

    def reveal(self, key: str) -> None:
        """Turns to an option and puts the keyboard on it.

        Raises:
            KeyError: There is no such option.
        """
        self._field.clear()
        row = self._rows[key]
        self._list.setCurrentRow(list(Group).index(row.option.group))
        self._pages[row.option.group].reveal(row)
        row.editor.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self._rows.values():
            row.flush()
            row.forget_refusal()
        self._offer_undo({})
        self._field.clear()
        super().hideEvent(event)

    def _show_places(self) -> None:
        """Says of what is sent to a server that it leaves this computer."""
        for row in self._rows.values():
            if isinstance(row.editor, ServedEditor):
                words = self.tr("What you write there leaves this computer and goes to {host}.")
                place = row.editor.place
                row.set_finding(words.format(host=place) if place else "", offered=True)

    def _make_row(self, option: Option, models: Sequence[InstalledModel]) -> OptionRow:
        editor = make_editor(option, models)
        if isinstance(editor, ModelEditor):
            editor.more_requested.connect(self.modelsRequested)
        elif isinstance(editor, PersonaEditor):
            editor.more_requested.connect(self.personasRequested)
        elif isinstance(editor, ServedEditor):
            editor.more_requested.connect(self.serversRequested)
        if option.key == _TRIED:
            editor.row.addWidget(self._make_trial())
        row = OptionRow(option, editor)
        row.committed.connect(self._commit)
        if option.costs_memory:
            row.candidate_changed.connect(self._show_costs)
        return row

    def _make_trial(self) -> QPushButton:
        button = QPushButton(self.tr("Try"))
        button.setAutoDefault(False)
        button.setToolTip(self.tr("Hear how answers are read; press again to stop"))

        def pressed() -> None:
            for row in self._rows.values():
                row.flush()
            self.set_trial_finding("")
            self.trialRequested.emit()

        button.clicked.connect(pressed)
        return button

    def _commit(self, key: str, value: OptionValue) -> None:
        if not self._restoring:
            self._offer_undo({})
        self.changed.emit(key, value)

    def _candidate(self) -> Settings:
        """Returns the settings as the controls show them; what is not allowed stays as it is."""
        candidates = {key: row.candidate() for key, row in self._rows.items() if key not in self._system}
        valid: dict[str, Any] = {key: value for key, value in candidates.items() if value is not None}
        return replace(self._settings, **valid)

    def _show_costs(self) -> None:
        candidate = self._candidate()
        cost = self._memory_cost(candidate) or ""
        for row in self._rows.values():
            if not row.option.costs_memory:
                continue
            if not row.is_offered:
                row.set_cost("")
            elif row.option.editor is Editor.CHECK and row.candidate() is False:
                # The price is wanted before the tick.
                ticked: dict[str, Any] = {row.option.key: True}
                dearer = self._memory_cost(replace(candidate, **ticked))
                row.set_cost(self.tr("If switched on: {cost}").format(cost=dearer) if dearer else "")
            else:
                row.set_cost(cost)

    def _turn_to(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        # While only some of a page is seen, nobody knows what all would be put back.
        self._restore.setVisible(0 <= index < len(self._pages) and not self._field.text().strip())
        self._offer_undo({})

    def _look_for(self, text: str) -> None:
        """Shows the pages that have a word, and of them what has it; all of them for none."""
        is_found = self._found.look_for(text.strip())
        self._stack.setVisible(is_found)
        self._nothing.setVisible(not is_found)
        self._turn_to(self._list.currentRow())

    def _go_to_found(self) -> None:
        """Puts the keyboard on the first option of the page that is shown."""
        if not self._stack.isHidden():
            first = self._found.first()
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _restore_page(self) -> None:
        before: dict[str, OptionValue] = {}
        values = asdict(self._settings) | self._system
        for row in self._pages[list(Group)[self._stack.currentIndex()]].rows:
            option = row.option
            if option.editor not in _NOT_RESTORED and values[option.key] != option.default:
                before[option.key] = values[option.key]
        self._set_all({key: self._rows[key].option.default for key in before})
        self._offer_undo(before)
        if not before:
            self._undo_text.setText(self.tr("Nothing on this page differs from its default."))
            self._undo_text.show()

    def _undo_restore(self) -> None:
        before = self._before_restore
        self._set_all(before)
        self._offer_undo({})
        self._restore.setFocus()

    def _set_all(self, values: dict[str, OptionValue]) -> None:
        self._restoring = True
        try:
            for key, value in values.items():
                self.changed.emit(key, value)
        finally:
            self._restoring = False

    def _offer_undo(self, before: dict[str, OptionValue]) -> None:
        self._before_restore = before
        names = listed(option_words(self._rows[key].option.label) for key in before)
        self._undo_text.setText(self.tr("Restored: {names}.").format(names=names) if before else "")
        self._undo_text.setToolTip(names)
        self._undo_text.setVisible(bool(before))
        self._undo.setVisible(bool(before))

    def _make_footer(self) -> None:
        self._restore = QPushButton(self.tr("&Restore defaults"))
        self._restore.setToolTip(self.tr("Puts this page back as it came; models and folders stay"))
        self._restore.clicked.connect(self._restore_page)
        self._undo_text = QLabel()
        self._undo_text.setTextFormat(Qt.TextFormat.PlainText)
        self._undo_text.setMinimumWidth(1)
        self._undo = QPushButton(self.tr("&Undo"))
        self._undo.clicked.connect(self._undo_restore)
        self._close = QPushButton(self.tr("Close"))
        self._close.setToolTip(self.tr("Close this window (Esc)"))
        self._close.clicked.connect(self.close)
        for button in (self._restore, self._undo, self._close):
            button.setAutoDefault(False)

    def _footer_letters(self) -> list[str]:
        letters = (mnemonic_of(button.text()) for button in (self._restore, self._undo))
        return [letter for letter in letters if letter]

    def _lay_out(self) -> None:
        gap = spacing(self)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.installEventFilter(self)
        self._found = FoundPages(self._list, self._stack, self._pages)
        self._field.textChanged.connect(self._look_for)
        self._field.stepped.connect(self._found.step)
        self._field.entered.connect(self._go_to_found)
        QShortcut(QKeySequence.StandardKey.Find, self, self._focus_search)
        self._nothing = MutedLabel(self.tr("No setting has these words."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.hide()
        pages = self._side = QVBoxLayout()
        pages.addWidget(self._field)
        pages.addWidget(self._list, stretch=1)
        body = self._body = QHBoxLayout()
        add_layout(body, pages)
        body.addWidget(self._stack, stretch=1)
        body.addWidget(self._nothing, stretch=1)
        footer = QHBoxLayout()
        footer.setSpacing(gap.unit)
        footer.addWidget(self._restore)
        footer.addWidget(self._undo_text, stretch=1)
        footer.addWidget(self._undo)
        footer.addStretch()
        footer.addWidget(self._close)
        whole = self._whole = QVBoxLayout(self)
        add_layout(whole, body, stretch=1)
        add_layout(whole, footer)
        self._fit()

    def _focus_search(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fits the names of the pages as soon as they, and not only the dialog, have a font of another size."""
        if event.type() is QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Leaves the settings as much room as can be in a small window, and the names of the pages theirs."""
        gap = spacing(self)
        edge = gap.unit if self.width() < _NARROW * gap.unit else gap.double
        self._whole.setContentsMargins(edge, edge, edge, edge)
        self._whole.setSpacing(edge)
        self._body.setSpacing(edge)
        self._side.setSpacing(gap.unit)
        wide = max(_LEAST_LIST * gap.unit, self._list.sizeHintForColumn(0) + 2 * self._list.frameWidth())
        room = self.height() - 4 * edge - self._field.sizeHint().height()
        rows = self._list.sizeHintForRow(0) * self._list.count() + self._close.sizeHint().height()
        self._list.setFixedWidth(wide + (self._list.verticalScrollBar().sizeHint().width() if rows > room else 0))
