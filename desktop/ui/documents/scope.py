"""Which parts of a document are asked about: a field for their numbers, and a list with checkmarks beside the text."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QLineEdit

from desktop.common.text.number_ranges import numbers_in, write_numbers
from desktop.documents.types import Document
from desktop.ui.documents.parts_list import PartsList
from desktop.ui.documents.words import label_of_parts, there_are
from desktop.ui.widgets.labels import WarningLabel


class ScopeChooser(QObject):
    """Keeps field and list in step; whoever makes it puts its widgets where they belong.

    Attributes:
        label: Stands before the field.
        field: Takes "1-3, 7"; empty: all.
        list: The parts.
        problem: Says why what is written counts for nothing.

    Signals:
        changed: Another set of parts is chosen, or what is written is none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._is_valid = True
        self.label = QLabel()
        self.field = QLineEdit()
        self.label.setBuddy(self.field)
        self.field.setClearButtonEnabled(False)
        self.list = PartsList()
        self.problem = WarningLabel()
        self.field.textEdited.connect(self._on_edited)
        self.list.parts.changed.connect(self._on_checked)

    @property
    def has_choice(self) -> bool:
        """Whether the document has several parts."""
        return self._document is not None and len(self._document.parts) > 1

    @property
    def is_valid(self) -> bool:
        """Whether at least one part is chosen."""
        return self._is_valid

    @property
    def scope(self) -> str:
        """The numbers of the parts that are chosen: "1-3, 7"; empty: all of them."""
        chosen = self.list.parts.checked
        assert self._document is not None
        return "" if len(chosen) == len(self._document.parts) else write_numbers(chosen)

    @property
    def characters(self) -> int:
        """Of the parts that are chosen."""
        assert self._document is not None
        chosen = self.list.parts.checked
        return sum(part.characters for part in self._document.parts if part.number in chosen)

    def show_document(self, document: Document, scope: str) -> None:
        """Offers the parts of a document.

        Args:
            document: The document.
            scope: Those that are chosen; empty: all.
        """
        self._document, self._is_valid = document, True
        self.list.parts.set_parts(document.parts)
        self.problem.say("")
        self.label.setText(label_of_parts(document.parts[0].kind))
        self.field.setPlaceholderText(self.tr("all, or for example 1-3, 7"))
        self.field.setAccessibleDescription(self.field.placeholderText())
        self.field.setText(scope)
        try:
            self.list.parts.check(numbers_in(scope, (part.number for part in document.parts)))
        except ValueError:
            self.field.clear()
        for widget in (self.label, self.field, self.list):
            widget.setVisible(self.has_choice)
        self.changed.emit()

    def _on_edited(self, text: str) -> None:
        assert self._document is not None
        try:
            chosen = numbers_in(text, (part.number for part in self._document.parts))
        except ValueError:
            chosen = ()
        self._is_valid = bool(chosen)
        self.problem.say("" if chosen else there_are(self._document))
        if chosen:
            self.list.parts.check(chosen)
        self.changed.emit()

    def _on_checked(self) -> None:
        assert self._document is not None
        self._is_valid = bool(self.list.parts.checked)
        self.field.setText(self.scope)
        self.problem.say("" if self._is_valid else self.tr("Nothing is chosen. Check what you want to ask about."))
        self.changed.emit()
