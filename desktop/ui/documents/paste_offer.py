"""A long text that was pasted can be asked about: it leaves the field then, and becomes a document."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.ui.composer.edit import ComposerEdit
from desktop.ui.composer.long_lines import text_between
from desktop.ui.documents.incoming import is_long
from desktop.ui.documents.words import words_of
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import announce
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import MutedLabel


class PasteOffer(QWidget):
    """The line above the field; hidden while there is nothing to offer. Until it is taken the text stays in the field.

    Signals:
        taken: (text) It shall be asked about; it is out of the field, and Undo in there brings it back.
    """

    taken = Signal(str)

    def __init__(self, field: ComposerEdit, parent: QWidget | None = None) -> None:
        """
        Args:
            field: Where texts are pasted.
            parent: Owner.
        """
        super().__init__(parent)
        self._field = field
        self._pasted = QTextCursor()
        self._words = MutedLabel(parent=self)
        self._ask = QPushButton(self.tr("Ask about this text"), self)
        self._ask.setAutoDefault(False)
        self._ask.setToolTip(self.tr("It leaves the field and becomes a document that your questions are about"))
        self._ask.clicked.connect(self._take)
        close = GlyphButton(Glyph.CLOSE, self.tr("Leave it in the message"), self)
        close.clicked.connect(self._close)
        gap = spacing(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap.unit, 0, gap.half, 0)
        row.setSpacing(gap.unit)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self._ask)
        row.addWidget(close)
        field.pasted.connect(self._on_pasted)
        field.textChanged.connect(self._on_text)
        self.hide()

    def _on_pasted(self, cursor: QTextCursor) -> None:
        text = self._text(cursor)
        if not is_long(text):
            return
        self._pasted = cursor
        self._words.setText(self.tr("A long text was pasted: {amount}.").format(amount=words_of(text)))
        self.show()
        announce(self, f"{self._words.text()} {self._ask.text()}")

    def _on_text(self) -> None:
        # Sent, deleted, undone, or shortened until nobody would offer it any more.
        if not self.isHidden() and not is_long(self._text(self._pasted)):
            self.hide()

    def _take(self) -> None:
        text = self._text(self._pasted)
        self.hide()
        if text.strip():
            self._pasted.removeSelectedText()
            self._field.setFocus()
            self.taken.emit(text)

    def _close(self) -> None:
        self.hide()
        self._field.setFocus()

    def _text(self, cursor: QTextCursor) -> str:
        if cursor.isNull() or not cursor.hasSelection():
            return ""
        return text_between(self._field.document(), cursor.selectionStart(), cursor.selectionEnd())
