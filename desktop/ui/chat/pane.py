"""One conversation: its page, the composer below it, notices above. Knows drafts and the message being edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.engine.types import Role
from desktop.history.records import StoredMessage, Transcript
from desktop.ui.activity import Activity, ActivityKind, activity_words
from desktop.ui.chat.empty_page import EmptyPage
from desktop.ui.chat.typing_redirect import TypingRedirect
from desktop.ui.composer.composer import Composer
from desktop.ui.find.bar import FindBar
from desktop.ui.find.conversation import ConversationFinder
from desktop.ui.next_message.queued_messages import QueuedMessages
from desktop.ui.theme.metrics import scaled_font, spacing, unit
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.layouts.giving_way import GivingWay, YieldingPages
from desktop.ui.widgets.layouts.nesting import add_layout

_NO_CONVERSATION = ""
# In units of 8 px: in a pane less high than this the page needs the room of the head; the menus have its commands.
_LOW = 32
# Of the height, for the text that is written, at the most: what it is about stays in view.
_FIELD_SHARE = 0.3


class ConversationPane(QWidget):
    """Shows a conversation and takes what is written in it.

    Attributes:
        typing: Brings into the composer what is typed elsewhere.
        find_bar: Finds words in the conversation.

    Signals:
        sendRequested: A message was entered; the composer is empty again.
        editRequested: (message, text): a message shall be replaced, with all that followed.
        changed: What can be done with the conversation may have changed.
        draftChanged: What is written and not sent has changed, in the conversation shown or in another.
        draftLeft: Another conversation is shown; the draft of the one before stays behind.
    """

    sendRequested = Signal(str)
    editRequested = Signal(int, str)
    changed = Signal()
    draftChanged = Signal()
    draftLeft = Signal()

    def __init__(self, head: QWidget, parent: QWidget | None = None) -> None:
        """Builds it.

        Args:
            head: Goes above everything.
            parent: Owner.
        """
        super().__init__(parent)
        self._current = _NO_CONVERSATION
        self._drafts: dict[str, str] = {}
        self._queues: dict[str, list[str]] = {}  # what waits to be sent, by conversation
        self._before_edit = ""
        self._editing: int | None = None
        self._edited: int | None = None
        self._reveal: tuple[int, Sequence[str]] | None = None
        self._activity = Activity(ActivityKind.ASLEEP)
        self._answered: str | None = None
        self._looked_through = 0
        self._busy = False
        self._text_scale = 1.0
        self._advice: GivingWay | None = None  # between the page and what is written
        self.banner = Banner(self)
        self.transcript = TranscriptView(self)
        self.find_bar = FindBar(ConversationFinder(self.transcript), self.tr("Find in this conversation"), self)
        self.empty_page = EmptyPage(self)
        self.queued_messages = QueuedMessages(self)
        self.composer = Composer(self)
        self._head = head
        self._lay_out()
        self.typing = TypingRedirect(self.composer.edit, self)
        self.typing.watch(self.transcript)
        self.transcript.requests.editRequested.connect(self._begin_edit)
        self.empty_page.starterChosen.connect(self._on_starter)
        self.empty_page.starterBegun.connect(self._on_begun)
        self.composer.submitted.connect(self._on_submit)
        self.composer.recall_from(self._own_messages)
        self.composer.takeBackRequested.connect(lambda: self.take_back(len(self.queued(self.current)) - 1))
        self.queued_messages.takeBackRequested.connect(self.take_back)
        self.composer.editCancelled.connect(self._end_edit)
        self.composer.edit.textChanged.connect(self.draftChanged)
        self.banner.focusLeft.connect(self.focus_composer)
        self.find_bar.left.connect(self.focus_composer)
        self.composer.edit.readingKeyPressed.connect(self.transcript.turn)
        self._refresh()

    @property
    def current(self) -> str | None:
        """The conversation shown; None: one that does not exist yet."""
        return self._current or None

    @property
    def edited_message(self) -> int | None:
        """The message that is being edited in the composer; None: none is."""
        return self._editing

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way in the conversation shown."""
        return self._busy

    @property
    def can_edit(self) -> bool:
        return self.transcript.reach.last_question() is not None and not self._busy

    @property
    def can_regenerate(self) -> bool:
        return bool(self.transcript.messages) and not self._busy

    @property
    def can_go_on(self) -> bool:
        """Whether the last message is an answer that was cut off."""
        answer = self.transcript.reach.last_answer()
        return answer is not None and answer.is_cut_off and not self._busy

    @property
    def has_answer(self) -> bool:
        return self.transcript.reach.last_answer() is not None

    def drafts(self) -> Mapping[str, str]:
        """Returns what is written and not sent, by conversation; the one not begun yet has an empty id.

        Those of conversations that were deleted are among them: these may still come back. What waits for an answer to
        end stands before what is being written.
        """
        drafts = {**self._drafts, self._current: self.draft_of(self._current)}
        return drafts | {key: _joined(*waiting, drafts.get(key, "")) for key, waiting in self._queues.items()}

    def set_drafts(self, drafts: Mapping[str, str]) -> None:
        """Puts drafts of an earlier time in; to be called before anything is shown."""
        self._drafts = dict(drafts)
        self.composer.set_text(self._drafts.pop(self._current, ""))

    def show_transcript(self, transcript: Transcript) -> None:
        """Shows a conversation from its end, with the draft that was left in it."""
        self._switch_to(transcript.conversation.id)
        self.transcript.show_messages(transcript.messages, transcript.conversation.cut)
        if self._reveal is not None:
            self.transcript.reveal(*self._reveal)
            self._reveal = None
        self._refresh()

    def show_version(self, transcript: Transcript, old: int, new: int) -> None:
        """Shows another version of a message in the place of the one that is seen, and what followed that."""
        if self.composer.is_editing:
            self._end_edit()
        self.transcript.show_version(transcript.messages, transcript.conversation.cut, old, new)
        self._refresh()

    def show_new(self) -> None:
        """Shows an empty conversation, which begins to exist with its first message."""
        self._switch_to(_NO_CONVERSATION)
        self.transcript.show_messages((), 0)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.transcript.warm_up()

    def append_message(self, message: StoredMessage) -> None:
        """Adds a message that was stored; the first one gives a new conversation its id."""
        if self._current == _NO_CONVERSATION:
            self._current = message.conversation_id
        if self._edited is not None:
            self.transcript.remove_from(self._edited)
            self._edited = None
        # Before it has a message: one that is laid out while it is out of sight is laid out again at another width.
        self._pages.setCurrentWidget(self.transcript)
        self.transcript.append_message(message)
        self._refresh()

    def begin_answer(
        self, replaces: int | None = None, text: str = "", thought: str = "", *, looked_through: int = 0
    ) -> None:
        """Opens an answer.

        Args:
            replaces: Id of the one it stands in for.
            text: What is there of it already.
            thought: The thoughts before that.
            looked_through: See :meth:`set_looked_through`.
        """
        self._looked_through = looked_through
        waits = self._waiting_words() or self.tr("One moment…")
        self.transcript.begin_answer(replaces, waits, text, thought)
        self._refresh()

    def finish_answer(self, message: StoredMessage) -> None:
        """Shows the stored answer in the place of the growing one."""
        self.transcript.finish_answer(message)
        self._refresh()

    def set_activity(self, activity: Activity, answered: str | None = None) -> None:
        """Says in an answer without text what it waits for, and on a page without anything whether the cat sleeps.

        Args:
            activity: What the engine does.
            answered: For which conversation, or for the quick ask; None: for no answer.
        """
        self.empty_page.set_has_model(activity.kind is not ActivityKind.NO_MODEL)
        if activity.cat is not self._activity.cat:
            self.empty_page.set_cat(activity.cat)
        self._activity, self._answered = activity, answered
        if words := self._waiting_words():
            self.transcript.set_waiting(words)

    def set_looked_through(self, documents: int) -> None:
        """Says in how many documents passages are looked for, before the model is asked; 0: in none any more."""
        self._looked_through = documents
        self.transcript.set_waiting(self._waiting_words() or self.tr("One moment…"))

    def set_busy(self, busy: bool) -> None:
        """Turns Send into Stop while an answer is on its way."""
        self._busy = busy
        self.composer.set_busy(busy)
        self._refresh()

    def reveal(self, conversation: str, message: int, words: Sequence[str] = ()) -> bool:
        """Brings a message into view, now or when its conversation is shown; returns whether it is shown already.

        Args:
            conversation: Its conversation.
            message: Its id.
            words: What is marked in it, and in view.
        """
        if conversation == self._current:
            self.transcript.reveal(message, words)
            return True
        self._reveal = (message, words)
        return False

    def put_text_back(self, text: str) -> None:
        """Puts a text that was not sent back into the composer, before what was written since."""
        written = self.composer.text()
        self.composer.set_text(f"{text}\n{written}" if written and written != text else text)

    def set_text_scale(self, factor: float) -> None:
        """Makes the text of the conversation, and of what is written in it, that much larger than usual."""
        if factor == self._text_scale:
            return
        self._text_scale = factor
        for part in (self.transcript, self.composer, self.empty_page):
            part.setFont(scaled_font(self.font(), factor))
        self._fit_page()

    def put_below(self, line: QWidget) -> None:
        """Puts a line between the page and what is written; it stays away where the field would be squeezed for it."""
        self._advice = GivingWay(line)
        self._advice.changed.connect(self._fit_advice)
        column = self._below.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(0, self._advice)
        self._fit_advice()

    def put_above_composer(self, line: QWidget) -> None:
        """Puts a line directly above the field that is written in."""
        column = self._below.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.indexOf(self.composer), line)
        before = cast("QWidget", self.composer.edit.previousInFocusChain())
        for widget in cast("list[QWidget]", line.findChildren(QWidget)):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                QWidget.setTabOrder(before, widget)
                before = widget

    def focus_composer(self) -> None:
        """Puts the caret where questions are written."""
        self.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def draft_of(self, conversation: str | None) -> str:
        """Returns what is written and not sent in a conversation, shown or not; None: in the one not begun yet."""
        key = conversation or _NO_CONVERSATION
        if key != self._current:
            return self._drafts.get(key, "")
        return self.composer.text() if self._editing is None else self._before_edit

    def set_draft(self, conversation: str | None, text: str) -> None:
        """Replaces what is written and not sent in a conversation, shown or not."""
        key = conversation or _NO_CONVERSATION
        if key != self._current:
            self._put_away(key, text)
            self.draftChanged.emit()
        elif self._editing is None:
            self.composer.set_text(text)
        else:
            self._before_edit = text

    def queued(self, conversation: str | None) -> tuple[str, ...]:
        """Returns what waits to be sent in a conversation, in that order."""
        return tuple(self._queues.get(conversation or _NO_CONVERSATION, ()))

    def queue(self, conversation: str, text: str) -> None:
        """Lets a message wait in a conversation, shown or not, until somebody takes it out to send it."""
        self._queues.setdefault(conversation, []).append(text)
        self._on_queue()

    def drop_queued(self, conversation: str, place: int) -> str:
        """Takes a message out of those that wait and returns it."""
        waiting = self._queues[conversation]
        text = waiting.pop(place)
        if not waiting:
            del self._queues[conversation]
        self._on_queue()
        return text

    def unqueue(self, conversation: str) -> None:
        """Puts all that waits in a conversation before its draft."""
        waiting = self._queues.pop(conversation, None)
        if waiting:
            self.set_draft(conversation, _joined(*waiting, self.draft_of(conversation)))
            self._on_queue()

    def take_back(self, place: int) -> None:
        """Puts one of the waiting messages of the conversation shown back into the field."""
        if 0 <= place < len(self.queued(self.current)):
            text = self.drop_queued(self._current, place)
            self.set_draft(self._current, _joined(text, self.draft_of(self._current)))
            self.focus_composer()

    def resume_edit(self, message_id: int, text: str) -> None:
        """Goes on with the edit of a message that could not be sent anew."""
        self._begin_edit(message_id)
        self.composer.set_text(text)

    def edit_last(self) -> None:
        """Puts the user's newest message into the composer, to be sent anew."""
        question = self.transcript.reach.last_question()
        if question is not None:
            self._begin_edit(question.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._head.setVisible(self.height() >= _LOW * unit(self))
        self._fit_page()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and hasattr(self, "_pages"):
            self._fit_advice()
            self._fit_field()  # a line above it has come or gone
        return done

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_pages"):
            self._fit_page()

    def _lay_out(self) -> None:
        gap = spacing(self)
        self._pages = YieldingPages()
        self._pages.addWidget(self.empty_page)
        self._pages.addWidget(self.transcript)
        # The composer is as wide as the tinted blocks of the page, and as far left of the scroll bar.
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(gap.half)
        below.addWidget(self.queued_messages)
        below.addWidget(self.composer)
        foot = QHBoxLayout()
        right = gap.unit + self.transcript.measure.scroll_bar_width()
        foot.setContentsMargins(gap.unit, gap.half, right, gap.unit)
        foot.addStretch(1)
        foot.addWidget(self._below, stretch=1000)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.banner)
        column.addWidget(self.find_bar)
        column.addWidget(self._pages, stretch=1)
        add_layout(column, foot)

    def _switch_to(self, conversation: str) -> None:
        if self.composer.is_editing:
            self._end_edit()
        self._edited = None
        if conversation != self._current:
            self._put_away(self._current, self.composer.text())
            self._current = conversation
            self.composer.set_text(self._drafts.pop(conversation, ""))
            self._show_queue()
            self.draftLeft.emit()

    def _put_away(self, key: str, text: str) -> None:
        """Keeps the draft of a conversation that is not shown; an empty one is none."""
        if text:
            self._drafts[key] = text
        else:
            self._drafts.pop(key, None)

    def _on_submit(self, text: str) -> None:
        if self._editing is not None:
            message, self._edited = self._editing, self._editing
            self._end_edit()
            self.editRequested.emit(message, text)
        else:
            self.composer.set_text("")
            self.sendRequested.emit(text)

    def _begin_edit(self, message_id: int) -> None:
        message = next((one for one in self.transcript.messages if one.id == message_id), None)
        if message is None or self._busy:
            return
        if self._editing is None:
            self._before_edit = self.composer.text()
        self._editing = message_id
        self.composer.set_editing(self.transcript.reach.count_after(message_id))
        self.composer.set_text(message.text)
        self.focus_composer()

    def _end_edit(self) -> None:
        self._editing = None
        self.composer.set_editing(None)
        self.composer.set_text(self._before_edit)

    def _waiting_words(self) -> str:
        """Returns what an answer here waits for; empty: it is not known yet."""
        if self._looked_through == 1:
            return self.tr("Looking in the document…")
        if self._looked_through:
            return self.tr("Looking in {count} documents…").format(count=f"{self._looked_through:,}")
        if not self._activity.is_busy:
            return ""
        if self._answered not in (None, self.current):
            return self.tr("Another answer is being written first; this one follows it.")
        return activity_words(self._activity, is_answer=self._answered is not None)

    def _own_messages(self) -> list[str]:
        """Returns the user's messages that are shown, the newest first; the same twice in a row counts once."""
        texts = [message.text for message in reversed(self.transcript.messages) if message.role is Role.USER]
        return [text for place, text in enumerate(texts) if place == 0 or text != texts[place - 1]]

    def _on_queue(self) -> None:
        self._show_queue()
        self.draftChanged.emit()

    def _show_queue(self) -> None:
        waiting = self.queued(self.current)
        self.queued_messages.set_messages(waiting)
        self.composer.set_waiting(bool(waiting))

    def _on_starter(self, question: str) -> None:
        self.focus_composer()
        self.sendRequested.emit(question)  # what is being written stays where it is

    def _on_begun(self, beginning: str) -> None:
        written = self.composer.text()
        if not written.startswith(beginning):
            self.composer.set_text(f"{beginning}\n{written}")
        self.focus_composer()

    def _fit_field(self) -> None:
        """Lets the field grow into its share of what the lines above it leave, and what is said above the page."""
        above = self.composer.mapTo(self._below, QPoint()).y()
        # As high as it wants to be: what it is depends on the field.
        said = self.banner.heightForWidth(self.width()) if self.banner.isVisibleTo(self) else 0
        self.composer.edit.set_room(round((self.height() - above - said) * _FIELD_SHARE))

    def _fit_advice(self) -> None:
        column = self.layout()
        if self._advice is not None and column is not None:
            self._advice.fit(column, self.size(), self._below.width(), spacing(self).half)

    def _fit_page(self) -> None:
        self._fit_advice()
        self._fit_field()
        self._below.setMaximumWidth(self.transcript.measure.page_width() - spacing(self).double)

    def _refresh(self) -> None:
        has_page = bool(self.transcript.messages) or self.transcript.is_growing
        had_focus = self.transcript.hasFocus()
        if not has_page:
            self.find_bar.close_bar()
        # Of two pages the one that is not seen must not need any room.
        across, down, none = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored
        self.empty_page.setSizePolicy(across, none if has_page else down)
        self._pages.setCurrentWidget(self.transcript if has_page else self.empty_page)
        if had_focus and not has_page:
            self.focus_composer()  # else Qt gives the keyboard to an example
        self.changed.emit()


def _joined(*texts: str) -> str:
    """Returns texts as one, each on lines of its own; an empty one is none."""
    return "\n".join(text for text in texts if text)
