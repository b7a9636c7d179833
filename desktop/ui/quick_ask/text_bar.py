"""The part of the quick box about a text from elsewhere: its first words, what can be done with it, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import ElidedLabel, small_font
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.mnemonics import with_mnemonics

# More buttons than these would be a wall; the others are in a menu behind the first ones.
_MOST_BUTTONS = 9
_FIRST = 7


@dataclass(frozen=True)
class ActionButton:
    """What can be done with the text.

    Attributes:
        key: Handed back when it is chosen.
        title: The words on it, translated.
    """

    key: str
    title: str


class TextBar(QWidget):
    """Shows nothing until there is a text. GUI thread.

    Attributes:
        chosen: The key of an action.
        dropped: The text is not wanted.
        nextWanted: What waits shall be done now.
        resized: It needs another height.
    """

    chosen = Signal(str)
    dropped = Signal()
    nextWanted = Signal()
    resized = Signal()

    def __init__(self, taken: Sequence[str], parent: QWidget | None = None) -> None:
        """
        Args:
            taken: Letters that are in use around it.
            parent: Owner.
        """
        super().__init__(parent)
        gaps = spacing(self)
        self._taken = tuple(taken)
        self._words = ElidedLabel()
        self._words.setFont(small_font(self._words.font()))
        self._drop = GlyphButton(Glyph.CLOSE, self.tr("Leave this text out"))
        self._drop.clicked.connect(self.dropped)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._words, stretch=1)
        head.addWidget(self._drop)
        self._buttons = QWidget()
        self._row = WrappingRow()
        self._row.setSpacing(gaps.half)
        self._buttons.setLayout(self._row)
        self._next_words = ElidedLabel()
        self._next_words.setFont(small_font(self._next_words.font()))
        self._start = QPushButton(self.tr("Start &now"))
        self._start.setAutoDefault(False)
        self._start.clicked.connect(self.nextWanted)
        self._next = QWidget()
        line = QHBoxLayout(self._next)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(gaps.unit)
        line.addWidget(self._next_words, stretch=1)
        line.addWidget(self._start)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(gaps.unit)
        for part in (self._head, self._buttons, self._next):
            page.addWidget(part)
            part.hide()

    @property
    def words(self) -> str:
        """What is said of the text; empty: there is none."""
        return self._words.accessibleName() if not self._head.isHidden() else ""

    @property
    def next_words(self) -> str:
        """What is said of what waits; empty: nothing waits."""
        return self._next_words.accessibleName() if not self._next.isHidden() else ""

    def show_text(self, words: str, actions: Sequence[ActionButton]) -> None:
        """Says which text it is.

        Args:
            words: Its source and its first words, translated; empty: there is none.
            actions: What can be done with it; none: something is being done.
        """
        self._words.say(words)
        self._head.setVisible(bool(words))
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        first, rest = (actions, ()) if len(actions) <= _MOST_BUTTONS else (actions[:_FIRST], actions[_FIRST:])
        texts = with_mnemonics([(action.title, action.key) for action in first], self._taken)
        for action, text in zip(first, texts, strict=True):
            self._add_button(text).clicked.connect(self._chooser(action.key))
        if rest:
            menu = QMenu(self)
            for action in rest:
                menu.addAction(action.title.replace("&", "&&")).triggered.connect(self._chooser(action.key))
            more = self._add_button(self.tr("More actions"))
            more.setMenu(menu)
            more.destroyed.connect(menu.deleteLater)
        self._buttons.setVisible(bool(words and actions))
        self.resized.emit()

    def show_next(self, words: str) -> None:
        """Says what waits, translated; empty: nothing."""
        self._next_words.say(words)
        self._next.setVisible(bool(words))
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(0, super().sizeHint().height())

    def _add_button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        self._row.addWidget(button)
        button.show()
        return button

    def _chooser(self, key: str) -> Callable[..., None]:
        return lambda *_checked: self.chosen.emit(key)
