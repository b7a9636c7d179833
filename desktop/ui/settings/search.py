"""Which settings a person means by a word: of the interface, of the field, or of the other language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QTranslator, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSizePolicy, QWidget

from desktop.common.text.matching import fold
from desktop.ui.language import every_translation
from desktop.ui.widgets.clear_button import add_clear_button
from desktop.ui.widgets.mnemonics import plain
from desktop.ui.words import option_words

if TYPE_CHECKING:
    from desktop.settings.types import Option


class SearchField(QLineEdit):
    """Where the word is written.

    Signals:
        stepped: (1 or -1) The next page that has it, or the one before, is wanted; the caret stays here.
        entered: What was found first is wanted.
    """

    stepped = Signal(int)
    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(self.tr("Search"))
        self.setAccessibleName(self.tr("Search the settings"))
        self.setToolTip(self.tr("Search the settings (Ctrl+F)"))
        # As wide as the names of the pages below it.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        add_clear_button(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()  # the next one closes the window
        else:
            super().keyPressEvent(event)


class SettingsSearch:
    """Knows the words of settings. Nothing is read before the first search."""

    def __init__(self) -> None:
        self._others: tuple[QTranslator, ...] | None = None
        self._known: dict[str, str] = {}

    def has(self, option: Option, wanted: str) -> bool:
        """Returns whether an option has every word that is looked for, in whatever language and width."""
        if option.key not in self._known:
            self._known[option.key] = fold("\n".join(self._words_of(option)))
        return _has_all(self._known[option.key], wanted)

    def has_name(self, name: str, wanted: str) -> bool:
        """Returns whether the name of a page or an option has every word that is looked for.

        Args:
            name: In English as in the tables, or as it is shown.
            wanted: The words.
        """
        return _has_all(fold("\n".join(self._spoken(name))), wanted)

    def shows(self, part: QWidget, wanted: str) -> bool:
        """Returns whether what can be read on a part of a page, or hides there, has every word that is looked for."""
        return _has_all(fold("\n".join(_written_on(part))), wanted)

    def _words_of(self, option: Option) -> Iterator[str]:
        yield option.key
        yield option.technical
        for text in (option.label, option.help, option.special, *(choice.label for choice in option.choices)):
            yield from self._spoken(text)

    def _spoken(self, text: str) -> Iterator[str]:
        """Yields a text of the tables in English, in the language of the interface, and in the others there are."""
        if self._others is None:
            self._others = every_translation()
        yield text
        yield option_words(text)
        if text:
            yield from (other.translate("Options", text) or "" for other in self._others)


def _has_all(folded: str, wanted: str) -> bool:
    return all(word in folded for word in fold(wanted).split())


def _written_on(part: QWidget) -> Iterator[str]:
    yield part.windowTitle()
    for label in cast("list[QLabel]", part.findChildren(QLabel)):
        yield plain(label.text())
    for button in cast("list[QAbstractButton]", part.findChildren(QAbstractButton)):
        yield plain(button.text())
    for field in cast("list[QLineEdit]", part.findChildren(QLineEdit)):
        yield field.placeholderText()
    for choice in cast("list[QComboBox]", part.findChildren(QComboBox)):
        yield from (choice.itemText(at) for at in range(choice.count()))
