"""The bar that finds words in a conversation or a document: quiet, above the page, gone with Esc."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from desktop.ui.find.finder import Finder
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.clear_button import add_clear_button
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import small_font

_FIELD = 40  # in units of 8 px: a few words


class FindBar(QWidget):
    """A field, how many there are, the way to the next one and to the one before.

    Signals:
        left: It was closed while it had the keyboard.
    """

    left = Signal()

    def __init__(self, finder: Finder, task: str, parent: QWidget | None = None) -> None:
        """
        Args:
            finder: Finds them.
            task: What the bar is for, such as "Find in this conversation".
            parent: Owner.
        """
        super().__init__(parent)
        self._finder = finder
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(task)
        self._field.setAccessibleName(task)
        add_clear_button(self._field)
        self._field.setMaximumWidth(_FIELD * spacing(self).unit)
        self._count = QLabel(self)
        self._count.setFont(small_font(self.font()))
        self._before = GlyphButton(Glyph.UP, self.tr("The one before (Shift+F3)"), self)
        self._next = GlyphButton(Glyph.DOWN, self.tr("The next one (F3)"), self)
        close = GlyphButton(Glyph.CLOSE, self.tr("Close (Esc)"), self)
        gap = spacing(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap.unit, gap.half, gap.unit, gap.half)
        row.setSpacing(gap.half)
        row.addStretch(1)
        row.addWidget(self._field, stretch=1000)
        row.addWidget(self._count)
        for button in (self._before, self._next, close):
            row.addWidget(button)
        self._field.textChanged.connect(self._on_text)
        self._field.installEventFilter(self)
        self._before.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        close.clicked.connect(self.close_bar)
        self._finder.counted.connect(self._say)
        self._say(0, 0)
        self.hide()

    def open_bar(self) -> None:
        """Shows it, with what was looked for last, and puts the caret into it."""
        if self.isHidden():
            self.show()
            self._finder.begin()
            self._finder.look_for(self._field.text())
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def close_bar(self) -> None:
        """Hides it; nothing is marked any more."""
        # Qt's declaration says that there always is one.
        focus = cast("QWidget | None", self.window().focusWidget())
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.hide()
        self._finder.end()
        if had_focus:
            self.left.emit()

    def step(self, by: int) -> None:
        """Goes to the next place, or the one before; where the bar is not shown, it comes first."""
        if self.isHidden():
            self.open_bar()
        elif self._field.text():
            self._finder.step(by)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and watched is self._field:
            if event.type() is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()  # else it would stop an answer that is on its way
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def _on_text(self, text: str) -> None:
        if not self.isHidden():
            self._finder.look_for(text)

    def _say(self, number: int, total: int) -> None:
        if total:
            words = self.tr("{number} of {total}").format(number=f"{number:,}", total=f"{total:,}")
        else:
            words = self.tr("Nothing found") if self._field.text().strip() else ""
        self._count.setText(words)
        for button in (self._before, self._next):
            button.setEnabled(total > 0)
