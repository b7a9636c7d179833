"""A page of tips and every key, for somebody who has never used such a program."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.page_dialog import PageDialog

_SIZE_IN_UNITS = QSize(64, 66)


class HelpDialog(PageDialog):
    """The page."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """
        Args:
            keys: (words, key) of every command, translated.
            parent: Owner.
        """
        super().__init__(self.tr("Tips and keys"), _SIZE_IN_UNITS, parent)
        gap, column = spacing(self), self.column
        column.setSpacing(gap.unit)
        for tip in self._tips():
            label = QLabel(tip)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(Gap(gap.unit))
        grid = QGridLayout()
        grid.setHorizontalSpacing(gap.triple)
        grid.setVerticalSpacing(gap.half)
        grid.setColumnStretch(1, 1)
        for row, (words, key) in enumerate([*self._typing_keys(), *keys]):
            name = QLabel(key)
            name.setForegroundRole(QPalette.ColorRole.Link)
            grid.addWidget(name, row, 0)
            what = QLabel(words)
            what.setWordWrap(True)
            grid.addWidget(what, row, 1)
        add_layout(column, grid)
        column.addStretch()

    def _tips(self) -> tuple[str, ...]:
        return (
            self.tr(
                "Write a question at the bottom and press Enter. A small model on this computer answers; it can be "
                "wrong, so check what matters."
            ),
            self.tr(
                "While nobody asks, the model dozes first and wakes at once; later it sleeps and takes no memory. The "
                "first words after that take a moment; the line at the bottom says what it waits for."
            ),
            self.tr(
                "An answer is not what you wanted? Press Regenerate below it, or change your question: click on it "
                "with the right button, or press {key}."
            ).format(key=_native("Ctrl+Up")),
            self.tr(
                "You need not wait for an answer: what you send meanwhile waits below it and follows by itself. In the "
                "empty field, {key} brings your last messages back."
            ).format(key=_native("Up")),
            self.tr("A quick question without a conversation: click the cat beside the clock."),
            self.tr("Everything you write stays on this computer."),
        )

    def _typing_keys(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Send the message"), _native("Return")),
            (self.tr("Break the line"), _native("Shift+Return")),
            (self.tr("Your last messages"), _native("Up")),
        ]


def _native(keys: str) -> str:
    """Returns a key as this platform and language write it, as the menus do."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
