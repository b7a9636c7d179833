"""One quiet line under the first answer of a small model: it may be wrong, and which one knows more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.chat.events import AnswerStored, ChatEvent, MessageStored
from desktop.settings.told import ToldFile
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.words import short_name

_TOLD = "may be wrong: "  # and the id of the model: what was said once


@dataclass(frozen=True)
class SmallModel:
    """A model that often errs.

    Attributes:
        id: Its id.
        name: Its name.
        better: Name of one that knows more and fits this computer; empty: there is none.
        better_id: Its id.
    """

    id: str
    name: str
    better: str = ""
    better_id: str = ""


class FirstAnswerHint(QWidget):
    """The line.

    Signals:
        lookRequested: The better model shall be shown.
    """

    lookRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = MutedLabel(parent=self)
        self._look = QPushButton(self.tr("Look at it"), self)
        self._look.setAutoDefault(False)
        self._look.clicked.connect(self.hide)
        self._look.clicked.connect(self.lookRequested)
        close = GlyphButton(Glyph.CLOSE, self.tr("Close"), self)
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        gap = spacing(self)
        row.setContentsMargins(gap.unit, 0, gap.half, 0)
        row.setSpacing(gap.unit)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self._look)
        row.addWidget(close)
        self.hide()

    def say(self, model: SmallModel) -> None:
        """Shows the line."""
        if model.better:
            words = self.tr("{model} is small and may be wrong: check what matters. {better} knows more and fits here.")
        else:
            words = self.tr("{model} is small and may be wrong: check what matters.")
        self._words.setText(words.format(model=short_name(model.name), better=short_name(model.better)))
        self._look.setVisible(bool(model.better))
        self.setAccessibleName(self._words.text())
        self.show()


class FirstAnswer(QObject):
    """Has the line shown under the first answer of each small model, once in all.

    Signals:
        modelWanted: (id) A model shall be shown among the others.
    """

    modelWanted = Signal(str)

    def __init__(
        self,
        pane: ConversationPane,
        hint: FirstAnswerHint,
        told: ToldFile,
        small_model: Callable[[], SmallModel | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            pane: Shows the conversation.
            hint: The line below it.
            told: Remembers of which models it was said.
            small_model: Returns the model in use, if it is small.
            parent: Owner.
        """
        super().__init__(parent)
        self._pane, self._hint = pane, hint
        self._told, self._small_model = told, small_model
        self._said: SmallModel | None = None
        hint.lookRequested.connect(self._look)
        pane.draftLeft.connect(hint.hide)  # another conversation is shown

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if isinstance(event, MessageStored):
            self._hint.hide()  # it has been seen
        elif isinstance(event, AnswerStored) and event.message.text:
            is_seen = self._pane.isVisible() and event.message.conversation_id == self._pane.current
            if is_seen:
                self._say()

    def _say(self) -> None:
        model = self._small_model()
        if model is not None and not self._told.was_told(_TOLD + model.id):
            self._told.tell(_TOLD + model.id)
            self._said = model
            self._hint.say(model)

    def _look(self) -> None:
        if self._said is not None:
            self.modelWanted.emit(self._said.better_id)
