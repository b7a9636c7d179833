"""A window that shows what was read of a document, before it is used and afterwards; not modal."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.documents.types import Document
from desktop.ui.documents.finder import DocumentFinder
from desktop.ui.documents.scope import ScopeChooser
from desktop.ui.documents.text_view import DocumentTextView
from desktop.ui.documents.words import WordEstimate, count_of_parts, kind_words, note_words
from desktop.ui.find.bar import FindBar
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.layouts.side_list import fit_side_list
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, sentences

_SIZE_IN_UNITS = QSize(104, 76)
# In units of 8 px: narrower than this there is no list beside the text, and lower no notes above it.
_NARROW, _LOW = 72, 40


class Purpose(Enum):
    """Why a document is looked at."""

    BEGIN = "begin"  # before it is used
    CHANGE = "change"  # it is used in a conversation
    LOOK = "look"  # where an answer was taken from


class DocumentViewer(QDialog):
    """Made once and shown again.

    Signals:
        askRequested: The document shall be asked about, as far as :attr:`scope` says; the window is hidden.

    Attributes:
        text: The text.
        find_bar: Finds words in it.
        chooser: Which parts of it.
    """

    askRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._estimate: WordEstimate | None = None
        self._purpose = Purpose.BEGIN
        self._scope_before = ""
        self.text = DocumentTextView()
        self.find_bar = FindBar(DocumentFinder(self.text), self.tr("Find in this document"))
        self.chooser = ScopeChooser(self)
        self._facts = ElidedLabel()
        self._notes = MutedLabel()
        self._amount = ElidedLabel()
        self._ask = AccentButton()
        self._cancel = QPushButton()
        self._cancel.setAutoDefault(False)
        self._lay_out()
        self.chooser.changed.connect(self._refresh)
        self.chooser.list.partChosen.connect(self.text.go_to_part)
        self.chooser.field.returnPressed.connect(self._on_ask)
        self.text.partInView.connect(self.chooser.list.follow)
        self._ask.clicked.connect(self._on_ask)
        self._cancel.clicked.connect(self.reject)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self, self._on_ask)
        for key in ("Return", "Enter"):  # the text, where nothing is written, has the keyboard at first
            enter = QShortcut(QKeySequence(key), self.text, self._on_ask, context=Qt.ShortcutContext.WidgetShortcut)
            enter.setAutoRepeat(False)  # of the Enter that has chosen the file
        for find_key, act in (
            ("Ctrl+F", self.find_bar.open_bar),
            ("F3", lambda: self.find_bar.step(1)),
            ("Shift+F3", lambda: self.find_bar.step(-1)),
        ):
            QShortcut(QKeySequence(find_key), self, act)
        self.find_bar.left.connect(lambda: self.text.setFocus(Qt.FocusReason.OtherFocusReason))
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    @property
    def document(self) -> Document | None:
        """What is shown."""
        return self._document

    @property
    def scope(self) -> str:
        """Numbers of the parts that are chosen; empty: all."""
        return self.chooser.scope

    @property
    def amount_words(self) -> str:
        """What is said of how long the chosen parts are."""
        return self._amount.accessibleName()

    def show_document(self, document: Document, purpose: Purpose, scope: str = "") -> None:
        """Shows a document from its beginning.

        Args:
            document: The document.
            purpose: Decides what can be done with it.
            scope: The parts that are chosen; empty: all.
        """
        self._document, self._purpose, self._scope_before = document, purpose, scope
        self._estimate = WordEstimate(document)
        name = one_line(document.name)
        self.setWindowTitle(f"{name} — Catnap")
        whole = self._estimate.words(document.characters)
        parts = count_of_parts(document.parts[0].kind, len(document.parts))
        self._facts.say(SEPARATOR.join(part for part in (name, kind_words(document.kind), parts, whole) if part))
        self._notes.setText(sentences(*(note_words(note) for note in document.notes)))
        self.chooser.show_document(document, scope, can_choose=purpose is not Purpose.LOOK)
        self.text.show_document(document)
        self._fit()
        begins = purpose is Purpose.BEGIN
        self._ask.setText(self.tr("&Ask about this") if begins else self.tr("&Ask about these"))
        self._ask.setToolTip(self.tr("The text goes into the conversation (Ctrl+Enter)"))
        self._ask.setVisible(purpose is not Purpose.LOOK)
        self._ask.set_accented(begins)
        self._cancel.setText(self.tr("Cancel") if begins else self.tr("Close"))
        self._cancel.setToolTip(self.tr("Close this window (Esc)"))
        self._refresh()

    def show_passage(self, number: int, start: int, end: int) -> None:
        """Marks a passage of the document that is shown, and brings it into view.

        Args:
            number: Of its part.
            start: Its first character in the text of that part.
            end: What follows its last one.
        """
        assert self._document is not None
        place = next((at for at, part in enumerate(self._document.parts) if part.number == number), None)
        if place is not None:
            self.find_bar.close_bar()  # it would mark other words
            self.text.mark(place, start, end)
            self.chooser.list.follow(place)
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_window(self) -> None:
        """Shows the window in front, with the keyboard in the text."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_cancel"):
            self._fit()

    def _on_ask(self) -> None:
        if self._ask.isEnabled() and not self._ask.isHidden():
            self.hide()
            self.askRequested.emit()

    def _refresh(self) -> None:
        if self._document is None or self._estimate is None:
            return
        can_ask = self.chooser.is_valid
        words = self._estimate.words(self.chooser.characters) if can_ask else ""
        if self._purpose is Purpose.LOOK or not (self.chooser.has_choice or self._facts.isHidden()):
            words = ""  # the head has said it
        elif self.chooser.has_choice and can_ask:
            kind, count = self._document.parts[0].kind, len(self.chooser.list.parts.checked)
            words = SEPARATOR.join((count_of_parts(kind, count), words))
        self._amount.say(words)
        if self._purpose is Purpose.CHANGE:
            can_ask = can_ask and self.chooser.scope != self._scope_before
            self._ask.setVisible(self.chooser.has_choice)
        self._ask.setEnabled(can_ask)

    def _fit(self) -> None:
        """Leaves the room of a small window to the text."""
        step = unit(self)
        has_list = self.chooser.has_choice and self.width() >= _NARROW * step
        self.chooser.list.setVisible(has_list)
        self._facts.setVisible(self.height() >= _LOW * step)  # the name is the window's, the rest can be done without
        self._notes.setVisible(bool(self._notes.text()) and self.height() >= _LOW * step)
        fit_side_list(self.chooser.list, self)

    def _lay_out(self) -> None:
        gap = spacing(self)
        body = QHBoxLayout()
        body.setSpacing(gap.unit)
        body.addWidget(self.chooser.list)
        body.addWidget(self.text, stretch=1)
        scope = QHBoxLayout()
        scope.setSpacing(gap.unit)
        scope.addWidget(self.chooser.label)
        scope.addWidget(self.chooser.field, stretch=1)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        buttons.addWidget(self._amount, stretch=1)
        buttons.addWidget(self._ask)
        buttons.addWidget(self._cancel)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self._facts)
        column.addWidget(self._notes)
        add_layout(column, scope)
        column.addWidget(self.chooser.problem)
        column.addWidget(self.find_bar)
        add_layout(column, body, stretch=1)
        add_layout(column, buttons)
