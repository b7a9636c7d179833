"""Connects the chat window with the conversation service and the history."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.chat.events import (
    AnswerBegan,
    AnswerDropped,
    AnswerFailed,
    AnswerGrew,
    AnswerLooked,
    AnswerStalled,
    AnswerStored,
    AnswerUnsaved,
    ChatEvent,
    ConversationsChanged,
    CutMoved,
    DraftCounted,
    HistoryTrouble,
    MessageStored,
    PathChanged,
    TemplateSubstituted,
)
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.history.records import Conversation, StoredMessage
from desktop.history.store import History
from desktop.ui.answer_hints.language_guard import LanguageGuard
from desktop.ui.chat.answer_trouble import AnswerTrouble
from desktop.ui.chat.asking import Asking
from desktop.ui.chat.changes import ConversationChanges
from desktop.ui.chat.deletions import Deletions
from desktop.ui.chat.edits import Edits
from desktop.ui.chat.event_pieces import EventPieces
from desktop.ui.chat.versions import VersionPager
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.arranging import Arranging
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.find.search import ConversationSearch
from desktop.ui.widgets.banner import Notice


class ChatPresenter(QObject):
    """Shows conversations in the window and passes on what the user does.

    Attributes:
        wayOutChosen: (WayOut, EngineDiedError) What the user wants to try against it.
        listChanged: The list of conversations was read again: something may have been deleted, or restored.
        begun: (conversation id) The new page has become a conversation; ``opened`` follows.
        opened: (conversation id; None: none yet) Another one is shown.
        hereRequested: (conversation id) This computer shall answer in it, and no server any more.
        asking: What is asked for here, and waits for a model.
        trouble: What is said of an answer that fails or does not get on.
        changes: Undo and redo.
        language_guard: Says when an answer came in another language.
        notices: What is to be said of one conversation.
    """

    wayOutChosen = Signal(object, object)
    listChanged = Signal()
    begun = Signal(str)
    opened = Signal(object)
    hereRequested = Signal(str)

    def __init__(
        self,
        window: ChatWindow,
        chat: ChatService,
        store: History,
        model_ready: Callable[[], bool],
        parent: QObject | None = None,
        *,
        in_pieces: bool = False,
    ) -> None:
        """
        Args:
            window: The window; shown and hidden by others.
            chat: Sends, stops, regenerates, edits.
            store: The conversations.
            model_ready: Whether there is a model to ask.
            parent: Owner.
            in_pieces: Show what follows from Enter, and from the end of an answer, in several turns of the loop.
        """
        super().__init__(parent)
        self._window = window
        self._pane = window.pane
        self._list = window.list
        self._chat = chat
        self._store = store
        self._current: str | None = None
        self._in_pieces = in_pieces
        self._pieces = EventPieces(self._take, self)
        self._versions = VersionPager(window, chat, store, self.open, lambda: self._current, self)
        self.changes = ConversationChanges(
            window.menu, chat, store, self.open, lambda: self._current, self._versions.show, self
        )
        self.notices = ConversationNotices(window.pane.banner, self._title_of, self.open, self)
        self.trouble = AnswerTrouble(
            window.pane.banner, self.notices, chat, self._guarded, self.wayOutChosen.emit, self
        )
        self._edits = Edits(self.changes, self.notices, self)
        self.asking = Asking(
            window.pane, window.menu, chat, model_ready, lambda: self._current, self._show, self._pieces,
            self._attempt, self._guarded, self.trouble.show_error, self, in_pieces=in_pieces,
        )  # fmt: skip
        self._arranging = Arranging(window, self.changes, self._guarded, lambda: self._current, self)
        self.changes.dropped.connect(self.asking.queue.give_back)
        self.changes.dropped.connect(self.notices.forget)
        self.language_guard = LanguageGuard(
            window.pane.transcript, chat, self._guarded, lambda: self._current, self.asking.regenerate, self
        )
        self._search = ConversationSearch(window, store, self._versions, self.open, self._pieces.show_all, self)
        self._deletions = Deletions(
            window, self.changes, self._versions, self.notices, self.trouble, self._edits, self._guarded,
            self._pieces.show_all, self,
        )  # fmt: skip
        self._connect(window)
        self._refresh_list()

    @property
    def current(self) -> str | None:
        """Id of the conversation shown; None: a new one that has no message yet."""
        return self._current

    def open_newest(self) -> None:
        """Shows the conversation talked in last; where there is none, or one was being begun, an empty page."""
        self.open_last(None)

    def open_last(self, last: str | None) -> None:
        """Shows a conversation again; where it is gone, or None, the one talked in last or was being begun."""
        there: list[str] = []
        self._guarded(lambda: there.extend(one.id for one in self._store.conversations()))
        if last in there:
            self.open(last)
        elif self._pane.draft_of(None).strip():
            self.open(None)
        else:
            self.open(there[0] if there else None)

    def open(self, conversation_id: str | None) -> None:
        """Shows a conversation; None, or one that cannot be read: an empty page for a new one."""
        self._pieces.show_all()
        self.asking.turn_to(conversation_id)
        self._current = conversation_id
        self.notices.turn_to(conversation_id)
        if conversation_id is None or not self._show(conversation_id):
            self._current = None
            self.notices.turn_to(None)
            self._window.set_title("")
            self._pane.show_new()
            self._pane.set_busy(False)
        self._refresh_list()
        self.opened.emit(self._current)

    def refresh(self) -> None:
        """Shows what has come into the history from elsewhere: the list, and the conversation in view if it grew."""
        self._pieces.show_all()
        self._refresh_list()
        current = self._current
        if current is None or self._chat.answers.is_busy(current):
            return
        stored: list[StoredMessage] = []
        self._attempt(lambda: stored.extend(self._store.transcript(current).messages))
        if stored and stored != list(self._pane.transcript.messages):
            self._show(current)

    def _title_of(self, conversation_id: str) -> str:
        try:
            return self._store.conversation(conversation_id).title
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return ""

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if self.asking.begins_conversation and self._current is None and isinstance(event, MessageStored):
            self._current = event.message.conversation_id
            self.notices.begin(self._current)
            self.begun.emit(self._current)
            self.opened.emit(self._current)
        self.asking.queue.on_chat_event(event)  # first: what is put back into the composer comes before what waited
        if self._in_pieces and isinstance(event, AnswerStored) and not self._pieces.is_behind:
            self._pieces.hold()  # to store it took as long as to show it does
        self._pieces.put(event)

    def _take(self, event: ChatEvent) -> None:
        if isinstance(event, ConversationsChanged):
            self._refresh_list()
            return
        if isinstance(event, TemplateSubstituted):
            words = self.tr("The chat template of {model} takes too much time or memory; a common one is used instead.")
            self._pane.banner.show_notice(Notice(words.format(model=event.model_name)))
            return
        if isinstance(event, HistoryTrouble):
            self.trouble.show_error(event.error)
            return
        if isinstance(event, DraftCounted):  # which the meter shows
            return
        if isinstance(event, MessageStored | AnswerStored):
            conversation_id = event.message.conversation_id
        else:
            conversation_id = event.conversation_id
        if isinstance(event, AnswerStalled):
            self.trouble.show_stalled(event)
            return
        if not isinstance(event, AnswerGrew | CutMoved):  # it moves again, or has ended
            self.trouble.stalls_no_more(conversation_id)
        if isinstance(event, AnswerBegan):  # what went wrong before has been left behind
            self.asking.answer_began()
            self.trouble.left_behind(conversation_id)
        self._record(event)
        if conversation_id != self._current:
            self._on_event_elsewhere(event)
        elif isinstance(event, MessageStored):
            self._on_message(event)
        elif isinstance(event, AnswerBegan):
            self._pane.begin_answer(event.replaces, event.text, event.thought)
            self._pane.set_busy(True)
        elif isinstance(event, AnswerLooked):
            self._pane.set_looked_through(event.documents)
        elif isinstance(event, AnswerGrew):
            self._pane.transcript.grow_answer(event.text, event.thought)
        elif isinstance(event, AnswerStored):
            self._pane.finish_answer(event.message)
            self._pane.set_busy(False)
        elif isinstance(event, AnswerDropped):
            self._show(conversation_id)
        elif isinstance(event, PathChanged):
            self._edits.withdraw(conversation_id)
            self._show(conversation_id, self._versions.turning)
        elif isinstance(event, AnswerFailed):
            self._on_failed(event)
        elif isinstance(event, AnswerUnsaved):
            self._pane.set_busy(False)  # what has come stays in view
            self.trouble.show_unsaved(event)
        elif isinstance(event, CutMoved):
            self._pane.transcript.mark_cut(event.cut)

    def _connect(self, window: ChatWindow) -> None:
        conversations, menu = window.list, window.menu
        conversations.conversationSelected.connect(self.open)
        conversations.renameRequested.connect(self._rename)
        conversations.newRequested.connect(self._begin_new)
        menu.new.triggered.connect(lambda _checked: self._begin_new())
        for source in (self._versions, self.changes.undo, self._search):
            source.troubled.connect(self.trouble.show_error)
        self.changes.undo.changed.connect(self._refresh_list)
        self.trouble.againRequested.connect(self._answer_again)
        self.trouble.hereRequested.connect(self._answer_here)

    def _begin_new(self) -> None:
        self.open(None)
        self._pane.focus_composer()

    def _record(self, event: ChatEvent) -> None:
        """Remembers what can be undone later."""
        if isinstance(event, MessageStored):
            self._edits.stored(event)
        elif isinstance(event, AnswerStored) and event.replaced is not None:
            remember = self.changes.went_on if event.goes_on else self.changes.answered_anew
            remember(event.message, event.replaced)

    def _on_message(self, event: MessageStored) -> None:
        aside = 0 if event.instead_of is None else self._pane.transcript.reach.count_after(event.instead_of)
        self._pane.append_message(event.message)
        self._edits.say_set_aside(event.message.conversation_id, aside)

    def _on_event_elsewhere(self, event: ChatEvent) -> None:
        """Says what went wrong in a conversation that is not shown; a message that came back waits there as a draft."""
        if isinstance(event, AnswerUnsaved):
            self.trouble.show_unsaved(event)
        elif isinstance(event, AnswerFailed):
            if event.put_back is not None:
                self._put_back_elsewhere(event.conversation_id, event.put_back, event.conversation_gone)
            self.trouble.show_failed(event)

    def _put_back_elsewhere(self, conversation_id: str, text: str, is_gone: bool) -> None:
        """Keeps a refused message as a draft, with what else was written there; where that is gone, on the new page."""
        parts = [text, self._pane.draft_of(conversation_id)]
        if is_gone:
            self._pane.set_draft(conversation_id, "")
            parts.append(self._pane.draft_of(None))
        where = None if is_gone else conversation_id
        self._pane.set_draft(where, "\n".join(part for part in parts if part))

    def _on_failed(self, event: AnswerFailed) -> None:
        edit = self._edits.take()
        if event.conversation_gone:
            written = self._pane.composer.text()
            self._pane.composer.set_text("")
            self.open(None)
            self._pane.put_text_back(written)
        else:
            self._show(event.conversation_id)
        if event.put_back is None:
            self.asking.answer_failed(event.conversation_id)
            self.trouble.show_failed(event)
            return
        if edit is not None and edit.conversation == event.conversation_id:
            self._edits.refused(edit)
            self._pane.resume_edit(edit.before, event.put_back)
        else:
            self._pane.put_text_back(event.put_back)
        self.trouble.show_failed(event)

    def _answer_again(self, goes_on: bool) -> None:
        (self.asking.go_on if goes_on else self.asking.regenerate)()

    def _answer_here(self, goes_on: bool) -> None:
        """Asks this computer what a server that is away was asked."""
        if self._current is not None:
            self.hereRequested.emit(self._current)
            self._answer_again(goes_on)

    def _rename(self, conversation_id: str, title: str) -> None:
        self._pieces.show_all()
        self._guarded(lambda: self.changes.rename(conversation_id, title))

    def _attempt(self, work: Callable[[], object]) -> bool:
        """Does something that the history may refuse, and shows why it did; returns whether it was done."""
        try:
            work()
        except UserFacingError as problem:
            self.trouble.show_error(problem)
            return False
        return True

    def _guarded(self, work: Callable[[], object]) -> bool:
        """Does the same, and reads the list of conversations again, whatever came of it."""
        try:
            return self._attempt(work)
        finally:
            self._refresh_list()

    def _show(self, conversation_id: str, turned: tuple[int, int] | None = None) -> bool:
        """Shows a conversation from its end; ``turned``: around the version of a message that takes another's place."""

        def show() -> None:
            transcript = self._store.transcript(conversation_id)
            self._window.set_title(self._heading(transcript.conversation))
            if turned is None:
                self._pane.show_transcript(transcript)
            else:
                self._pane.show_version(transcript, *turned)

        if not self._attempt(show):
            return False
        growing = self._chat.answers.growing(conversation_id)
        if growing is not None:
            self._pane.begin_answer(
                self._chat.answers.replaced_message(conversation_id),
                looked_through=self._chat.answers.looked_through(conversation_id),
            )
            self._pane.transcript.grow_answer(*growing)
        self._pane.set_busy(self._chat.answers.is_busy(conversation_id))
        return True

    def _heading(self, conversation: Conversation) -> str:
        """Returns what stands above a conversation: one that is archived is not in the list, and says so here."""
        if conversation.archived is None:
            return conversation.title
        return self.tr("{title} (archived)").format(title=conversation.title or self.tr("New conversation"))

    def _refresh_list(self) -> None:
        def refresh() -> None:
            conversations = self._store.conversations()
            self._list.set_conversations(conversations, self._current)
            self._arranging.follow(conversations)
            for conversation in conversations:
                if conversation.id == self._pane.current:
                    self._window.set_title(self._heading(conversation))

        self._attempt(refresh)
        self.listChanged.emit()
