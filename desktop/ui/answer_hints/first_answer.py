"""One quiet line below the conversation: a small model may be wrong, or hardly knows Chinese; which one is better."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.chat.events import AnswerBegan, AnswerStored, ChatEvent, MessageStored
from desktop.engine.types import Role
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.settings.told import ToldFile
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.first_run.words import expected_words
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.banner_layout import BannerLayout
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.words import sentences, short_name

# Whoever wants a translation writes in a language that the answer is not to be in.
_TRANSLATION: Final = re.compile(r"translat|翻译|翻譯|译成|译为|譯成|英文怎么说|用英[文语]", re.IGNORECASE)
# Width of the words below which the button does not stay beside them.
_COMFORTABLE_IN_UNITS: Final = 30
_TOLD = "may be wrong: "  # and the id of the model: what was said once


@dataclass(frozen=True)
class SmallModel:
    """A model that often errs.

    Attributes:
        id: Its id.
        name: Its name.
        better: Name of one that knows more and fits this computer; empty: there is none.
        better_id: Its id.
        speed: How fast that one will probably answer here; None: nobody can tell.
    """

    id: str
    name: str
    better: str = ""
    better_id: str = ""
    speed: SpeedRange | None = None


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
        gap = spacing(self)
        row = BannerLayout(
            self._words,
            holding(WrappingRow(), self._look, gap=gap.unit),
            holding(QHBoxLayout(), close, gap=gap.unit),
            lambda: _COMFORTABLE_IN_UNITS * unit(self),
        )
        row.setContentsMargins(gap.unit, 0, gap.half, 0)
        row.setSpacing(gap.unit)
        self.setLayout(row)
        self.hide()

    def say(self, model: SmallModel) -> None:
        """Shows the line."""
        if model.better:
            words = self.tr("{model} is small and may be wrong: check what matters. {better} knows more and fits here.")
        else:
            words = self.tr("{model} is small and may be wrong: check what matters.")
        words = words.format(model=short_name(model.name), better=short_name(model.better))
        self._show(words, model)

    def say_language(self, model: SmallModel) -> None:
        """Says that a question is in Chinese, which the model hardly knows."""
        if model.better:
            words = self.tr("{model} hardly knows Chinese. {better} does, and fits here.")
        else:
            words = self.tr("{model} hardly knows Chinese: it will understand more in English.")
        self._show(words.format(model=short_name(model.name), better=short_name(model.better)), model)

    def _show(self, words: str, model: SmallModel) -> None:
        self._words.setText(words)
        self._look.setVisible(bool(model.better))
        speed = expected_words(model.speed, chinese=False) if model.better and model.speed is not None else ""
        self._look.setToolTip(speed)
        self.setAccessibleName(sentences(words, speed))
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
        without_chinese: Callable[[], SmallModel | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            pane: Shows the conversation.
            hint: The line below it.
            told: Remembers of which models it was said.
            small_model: Returns the model in use, if it is small.
            without_chinese: Returns the model in use, if it is known not to know Chinese, with one that does.
            parent: Owner.
        """
        super().__init__(parent)
        self._pane, self._hint = pane, hint
        self._told, self._small_model, self._without_chinese = told, small_model, without_chinese
        self._asked = ("", "")  # where, and what was asked last
        self._warned: tuple[str, str] | None = None  # the conversation and the model of which it was said last
        self._said: SmallModel | None = None
        hint.lookRequested.connect(self._look)
        pane.draftLeft.connect(hint.hide)  # another conversation is shown

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if isinstance(event, MessageStored):
            self._hint.hide()  # it has been seen
            if event.message.role is Role.USER:
                self._asked = (event.message.conversation_id, event.message.text)
        elif isinstance(event, AnswerBegan) and event.conversation_id == self._asked[0]:
            if self._pane.current in (None, event.conversation_id):  # a new one is shown a moment later
                self._look_at_language(*self._asked)
        elif isinstance(event, AnswerStored) and event.message.text:
            is_seen = self._pane.isVisible() and event.message.conversation_id == self._pane.current
            if is_seen:
                self._say()

    def _look_at_language(self, conversation: str, text: str) -> None:
        if text.isascii():
            return
        from desktop.common.text.language import is_chinese  # some milliseconds, which few starts need

        model = self._without_chinese() if is_chinese(text) and not _TRANSLATION.search(text) else None
        if model is not None and self._warned != (conversation, model.id):
            self._warned, self._said = (conversation, model.id), model
            self._hint.say_language(model)

    def _say(self) -> None:
        model = self._small_model()
        if model is not None and not self._told.was_told(_TOLD + model.id):
            self._told.tell(_TOLD + model.id)
            self._said = model
            self._hint.say(model)

    def _look(self) -> None:
        if self._said is not None:
            self.modelWanted.emit(self._said.better_id)
