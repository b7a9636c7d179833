"""Connects the chat window with the conversation service and the history."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

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
from desktop.common.errors import MessageTooLongError, ServerAwayError, ServerKeyError, UserFacingError
from desktop.engine.types import Role
from desktop.history.records import Conversation, StoredMessage
from desktop.history.store import History
from desktop.ui.answer_hints.language_guard import LanguageGuard
from desktop.ui.chat.changes import ConversationChanges
from desktop.ui.chat.event_pieces import EventPieces
from desktop.ui.chat.versions import VersionPager
from desktop.ui.chat.waiting import Act, WaitingWish, Wish
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.arranging import Arranging
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.find.search import ConversationSearch
from desktop.ui.next_message.queue import MessageQueue
from desktop.ui.ways_out import ways_out
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import duration_words, error_detail, error_remedy, error_title

_UNDO_SECONDS = 12.0
_FAILED_KEY = "failed"  # of the banner that says that an answer of the conversation failed
_STALLED_KEY = "stalled-"  # and the conversation: of the banner that says that the engine does not move
_ASIDE_KEY = "set-aside"  # of the banner that says what an edit has put out of view
_UNDO_KEY = "undo-delete"  # of the banner that offers a deleted conversation back
_UNDO_MESSAGE_KEY = "undo-delete-message"


class ChatPresenter(QObject):
    """Shows conversations in the window and passes on what the user does.

    Attributes:
        modelNeeded: A question shall be answered, and no model can do it now. It waits for :meth:`on_model_ready`.
        wayOutChosen: (WayOut, EngineDiedError) What the user wants to try against it.
        listChanged: The list of conversations was read again: something may have been deleted, or restored.
        begun: (conversation id) The new page has become a conversation; ``opened`` follows.
        opened: (conversation id; None: none yet) Another one is shown.
        hereRequested: (conversation id) This computer shall answer in it, and no server any more.
        changes: Undo and redo.
        language_guard: Says when an answer came in another language.
        notices: What is to be said of one conversation.
    """

    modelNeeded = Signal(str)
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
        self._model_ready = model_ready
        self._current: str | None = None
        self._starting = False  # a new conversation is getting its first message
        self._waiting = WaitingWish(window.pane, lambda: self._current)  # for a model
        self._failed: str | None = None  # the conversation whose last answer failed
        self._offered_back = ""  # the deleted conversation that the banner has a button for
        self._edit_under_way: tuple[str, int, int] | None = None  # conversation, the message before, the one now
        self._versions = VersionPager(window, chat, store, self.open, lambda: self._current, self)
        self.changes = ConversationChanges(
            window.menu, chat, store, self.open, lambda: self._current, self._versions.show, self
        )
        self._describe: Callable[[MessageTooLongError], Notice] | None = None
        self.notices = ConversationNotices(window.pane.banner, self._title_of, self.open, self)
        self._queue = MessageQueue(window.pane, chat, model_ready, self._wait_to_send, self.show_error, self)
        self._arranging = Arranging(window, self.changes, self._guarded, lambda: self._current, self)
        self.changes.dropped.connect(self._queue.give_back)
        self.changes.dropped.connect(self.notices.forget)
        self._pieces = EventPieces(self._take, self)
        self.language_guard = LanguageGuard(
            window.pane.transcript, chat, self._guarded, lambda: self._current, self._regenerate, self
        )
        self._search = ConversationSearch(window, store, self._versions, self.open, self._pieces.show_all, self)
        self._in_pieces = in_pieces
        self._connect(window)
        self._refresh_list()

    @property
    def current(self) -> str | None:
        """Id of the conversation shown; None: a new one that has no message yet."""
        return self._current

    @property
    def waiting_question(self) -> str:
        """The question that is answered when there is a model, as it reads now; empty: none waits."""
        return self._waiting.question

    @property
    def waiting_conversation(self) -> str | None:
        """Where that is asked; None: in the conversation that is not begun yet, or none waits."""
        return self._waiting.conversation

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
        self._waiting.turn_to(conversation_id)
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
        if current is None or self._chat.is_busy(current):
            return
        stored: list[StoredMessage] = []
        self._guarded(lambda: stored.extend(self._store.transcript(current).messages), refresh=False)
        if stored and stored != list(self._pane.transcript.messages):
            self._show(current)

    def describe_too_long(self, describe: Callable[[MessageTooLongError], Notice]) -> None:
        """Takes who knows the ways out of a message that was too long."""
        self._describe = describe

    def on_model_ready(self) -> None:
        """Does what waited for a model, if it is still wanted, in the conversation it was asked for in."""
        waiting = self._waiting.take()
        if waiting is None:
            return
        wish, text = waiting
        where = wish.conversation
        if where is not None and self._chat.is_busy(where):
            return
        if wish.act is Act.REGENERATE:
            self._regenerate()
        elif wish.act is Act.GO_ON:
            self._go_on()
        elif wish.act is Act.EDIT:
            self._pane.composer.submit()
        else:
            self._send_draft(where, text)

    def drop_waiting(self) -> None:
        """Forgets that a question waits; its text stays where it was written."""
        self._waiting.drop()

    def wait_for_another_model(self) -> None:
        """The answer that failed is wanted of another model: it waits for that, if the question is still in view."""
        if self._failed is not None and self._failed == self._current and not self._chat.is_busy(self._failed):
            self._waiting.keep(Wish(Act.REGENERATE, self._failed))

    def show_error(self, error: UserFacingError, action: NoticeAction | None = None) -> None:
        """Shows an error in the window's banner, whatever conversation is shown.

        Args:
            error: The ways out that it names become buttons.
            action: A button before these.
        """
        self._pane.banner.show_notice(self._notice(error, action))

    def _notice(
        self,
        error: UserFacingError,
        action: NoticeAction | None = None,
        key: str = "",
        other: NoticeAction | None = None,
    ) -> Notice:
        actions = (*(each for each in (action, other) if each), *ways_out(error, self.wayOutChosen.emit))
        words = error_title(error), error_detail(error), error_remedy(error)
        return Notice(*words, actions=actions, severity=Severity.PROBLEM, key=key)

    def _title_of(self, conversation_id: str) -> str:
        try:
            return self._store.conversation(conversation_id).title
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return ""

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if self._starting and self._current is None and isinstance(event, MessageStored):
            self._current = event.message.conversation_id
            self.notices.begin(self._current)
            self.begun.emit(self._current)
            self.opened.emit(self._current)
        self._queue.on_chat_event(event)  # first: what is put back into the composer comes before what waited
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
            self.show_error(event.error)
            return
        if isinstance(event, DraftCounted):  # which the meter shows
            return
        if isinstance(event, MessageStored | AnswerStored):
            conversation_id = event.message.conversation_id
        else:
            conversation_id = event.conversation_id
        if isinstance(event, AnswerStalled):
            self._show_stalled(event)
            return
        if not isinstance(event, AnswerGrew | CutMoved):  # it moves again, or has ended
            self._pane.banner.withdraw(_STALLED_KEY + conversation_id)
        if isinstance(event, AnswerBegan):  # what went wrong before has been left behind
            self._failed = None
            self.notices.withdraw(conversation_id, _FAILED_KEY)
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
            self.notices.withdraw(conversation_id, _ASIDE_KEY)
            self._show(conversation_id, self._versions.turning)
        elif isinstance(event, AnswerFailed):
            self._on_failed(event)
        elif isinstance(event, AnswerUnsaved):
            self._pane.set_busy(False)  # what has come stays in view
            self._show_unsaved(event)
        elif isinstance(event, CutMoved):
            self._pane.transcript.mark_cut(event.cut)

    def _connect(self, window: ChatWindow) -> None:
        pane, conversations, menu = window.pane, window.list, window.menu
        pane.sendRequested.connect(self._send)
        pane.editRequested.connect(self._edit)
        pane.composer.stopRequested.connect(self._stop)
        pane.transcript.regenerateRequested.connect(self._regenerate)
        pane.transcript.continueRequested.connect(self._go_on)
        pane.transcript.deleteRequested.connect(self._delete_message)
        menu.delete_message.triggered.connect(lambda _checked: self._delete_in_reach())
        conversations.conversationSelected.connect(self.open)
        conversations.renameRequested.connect(self._rename)
        conversations.deleteRequested.connect(self._delete)
        conversations.newRequested.connect(self._begin_new)
        menu.new.triggered.connect(lambda _checked: self._begin_new())
        menu.regenerate.triggered.connect(lambda _checked: self._regenerate())
        menu.go_on.triggered.connect(lambda _checked: self._go_on())
        menu.stop.triggered.connect(lambda _checked: self._stop())
        for source in (self._versions, self.changes.undo, self._search):
            source.troubled.connect(self.show_error)
        self.changes.undo.changed.connect(self._refresh_list)
        self.changes.deletionOver.connect(self._on_deletion_over)
        self.changes.messagesRestored.connect(self._on_messages_restored)

    def _begin_new(self) -> None:
        self.open(None)
        self._pane.focus_composer()

    def _record(self, event: ChatEvent) -> None:
        """Remembers what can be undone later."""
        if isinstance(event, MessageStored):
            message = event.message
            self._edit_under_way = None
            if event.instead_of is not None:
                self._edit_under_way = (message.conversation_id, event.instead_of, message.id)
                self.changes.edited(message, event.instead_of)
        elif isinstance(event, AnswerStored) and event.replaced is not None:
            remember = self.changes.went_on if event.goes_on else self.changes.answered_anew
            remember(event.message, event.replaced)

    def _on_message(self, event: MessageStored) -> None:
        aside = 0 if event.instead_of is None else self._pane.transcript.count_after(event.instead_of)
        self._pane.append_message(event.message)
        if aside > 1:  # of one alone, the answer, the line that says so while editing is enough
            words = self.tr("{count} messages set aside")
            self.notices.show(
                event.message.conversation_id,
                Notice(
                    words.format(count=f"{aside:,}"),
                    remedy=self.tr("Page back to them with ‹ › below your message."),
                    key=_ASIDE_KEY,
                    seconds=_UNDO_SECONDS,
                ),
            )

    def _on_event_elsewhere(self, event: ChatEvent) -> None:
        """Says what went wrong in a conversation that is not shown; a message that came back waits there as a draft."""
        if isinstance(event, AnswerUnsaved):
            self._show_unsaved(event)
        elif isinstance(event, AnswerFailed):
            if event.put_back is not None:
                self._put_back_elsewhere(event.conversation_id, event.put_back, event.conversation_gone)
            self._say_failed(event)

    def _put_back_elsewhere(self, conversation_id: str, text: str, is_gone: bool) -> None:
        """Keeps a refused message as a draft, with what else was written there; where that is gone, on the new page."""
        parts = [text, self._pane.draft_of(conversation_id)]
        if is_gone:
            self._pane.set_draft(conversation_id, "")
            parts.append(self._pane.draft_of(None))
        where = None if is_gone else conversation_id
        self._pane.set_draft(where, "\n".join(part for part in parts if part))

    def _show_stalled(self, event: AnswerStalled) -> None:
        if event.is_server:
            words = self.tr("The server has sent nothing for {duration}.")
            remedy = self.tr("It may have much to do, or a long text to read. What was said so far is kept.")
        elif event.computes:
            words = self.tr("The engine has computed for {duration} without getting any further.")
            remedy = self.tr("It may have got stuck. What was said so far is kept.")
        else:
            words = self.tr("The engine has not moved for {duration}.")
            remedy = self.tr("The disk with the model may be slow, or gone. What was said so far is kept.")
        end = NoticeAction(self.tr("End the answer"), partial(self._chat.stop, event.conversation_id))
        self._pane.banner.show_notice(
            Notice(
                words.format(duration=duration_words(event.seconds)),
                remedy=remedy,
                actions=(end, NoticeAction(self.tr("Wait"), lambda: None)),
                severity=Severity.PROBLEM,
                key=_STALLED_KEY + event.conversation_id,
            )
        )

    def _show_unsaved(self, event: AnswerUnsaved) -> None:
        def save() -> None:
            self._guarded(lambda: self._chat.save_again(event.conversation_id))

        self.show_error(event.error, NoticeAction(self.tr("Save again"), save))

    def _on_failed(self, event: AnswerFailed) -> None:
        edit, self._edit_under_way = self._edit_under_way, None
        if event.conversation_gone:
            written = self._pane.composer.text()
            self._pane.composer.set_text("")
            self.open(None)
            self._pane.put_text_back(written)
        else:
            self._show(event.conversation_id)
        if event.put_back is None:
            self._failed = event.conversation_id
            self._say_failed(event)
            return
        if edit is not None and edit[0] == event.conversation_id:
            self.notices.withdraw(event.conversation_id, _ASIDE_KEY)
            self.changes.refused(edit[0], edit[2])
            self._pane.resume_edit(edit[1], event.put_back)
        else:
            self._pane.put_text_back(event.put_back)
        self._say_failed(event)

    def _say_failed(self, event: AnswerFailed) -> None:
        # Only shown with its conversation, which then is the one that is answered again.
        again = (
            None
            if event.put_back is not None
            else NoticeAction(self.tr("Try again"), self._go_on if event.goes_on else self._regenerate)
        )
        where = None if event.conversation_gone else event.conversation_id
        here = None
        if isinstance(event.error, ServerAwayError | ServerKeyError) and again is not None:
            here = NoticeAction(self.tr("Answer on this computer"), partial(self._answer_here, event.goes_on))
        notice = self._notice(event.error, again, _FAILED_KEY, here)
        if isinstance(event.error, MessageTooLongError) and event.put_back is not None and self._describe is not None:
            notice = self._describe(event.error)
        self.notices.show(where, notice)

    def _send_draft(self, where: str | None, text: str) -> None:
        self._pane.set_draft(where, "")
        if where == self._current:
            self._send(text)
        elif not self._guarded(lambda: self._chat.send(where, text)):
            self._pane.set_draft(where, text)

    def _send(self, text: str) -> None:
        self._pieces.show_all()
        if self._current is not None and self._queue.takes(self._current):
            self._queue.add(self._current, text)
            return
        self._waiting.drop()
        if not self._chat.computes(text, self._current) and not self._model_ready():
            self._pane.put_text_back(text)
            self._wait(Wish(Act.SEND, self._current))
            return
        self._starting = self._current is None
        self._show_in_pieces()
        if not self._guarded(lambda: self._chat.send(self._current, text), refresh=False):  # it tells of the list
            self._pane.put_text_back(text)
        self._starting = False

    def _edit(self, message_id: int, text: str) -> None:
        self._pieces.show_all()
        current = self._current
        self._waiting.drop()
        if current is None:
            return
        ready = self._chat.computes(text, current) or self._model_ready()
        self._show_in_pieces()
        if not ready or not self._guarded(lambda: self._chat.edit(current, message_id, text), refresh=False):
            self._show(current)
            self._pane.resume_edit(message_id, text)
        if not ready:
            self._wait(Wish(Act.EDIT, current, message_id))

    def _wait_to_send(self, conversation_id: str) -> None:
        self._wait(Wish(Act.SEND, conversation_id))

    def _show_in_pieces(self) -> None:
        """Lets what is asked for next be shown in the turns of the loop that follow."""
        self._pieces.show_all()
        if self._in_pieces:
            self._pieces.hold()

    def _wait(self, wish: Wish) -> None:
        self._waiting.keep(wish)
        self.modelNeeded.emit(self.waiting_question)

    def _stop(self) -> None:
        if self._current is not None:
            self._chat.stop(self._current)

    def _regenerate(self) -> None:
        self._pieces.show_all()
        current = self._current
        if current is None or self._chat.is_busy(current):
            return
        self._waiting.drop()
        if not self._model_ready():
            self._wait(Wish(Act.REGENERATE, current))
            return
        self._show_in_pieces()
        self._guarded(lambda: self._chat.regenerate(current), refresh=False)

    def _go_on(self) -> None:
        self._pieces.show_all()
        current = self._current
        if current is None or self._chat.is_busy(current):
            return
        self._waiting.drop()
        if not self._model_ready():
            self._wait(Wish(Act.GO_ON, current))
            return
        self._show_in_pieces()
        self._guarded(lambda: self._chat.go_on(current), refresh=False)

    def _answer_here(self, goes_on: bool) -> None:
        """Asks this computer what a server that is away was asked."""
        if self._current is not None:
            self.hereRequested.emit(self._current)
            (self._go_on if goes_on else self._regenerate)()

    def _rename(self, conversation_id: str, title: str) -> None:
        self._pieces.show_all()
        self._guarded(lambda: self.changes.rename(conversation_id, title))

    def _delete(self, conversation_id: str) -> None:
        self._pieces.show_all()
        self._pane.banner.withdraw(_STALLED_KEY + conversation_id)
        if not self._guarded(lambda: self.changes.delete(conversation_id)):
            return
        self._offered_back = conversation_id
        self.notices.withdraw(conversation_id, _ASIDE_KEY)  # the way back shall be seen at once
        undo = NoticeAction(self.tr("Undo"), partial(self._undo_delete, conversation_id))
        self._pane.banner.show_notice(
            Notice(
                self.tr("Conversation deleted"),
                remedy=self.tr("Recently deleted, in the Chat menu, keeps it for a while."),
                actions=(undo,),
                key=_UNDO_KEY,
                seconds=_UNDO_SECONDS,
            )
        )

    def _delete_in_reach(self) -> None:
        message = self._pane.transcript.message_in_reach()
        if message is not None:
            self._delete_message(message.id)

    def _delete_message(self, message_id: int) -> None:
        self._pieces.show_all()
        messages = list(self._pane.transcript.messages)
        place = next((at for at, one in enumerate(messages) if one.id == message_id), None)
        if place is None:
            return
        message = messages[place]
        stays = messages[place - 1].id if place else None
        with self._versions.staying_at(stays):
            if not self._guarded(lambda: self.changes.delete_message(message)):
                return
        undo = NoticeAction(self.tr("Undo"), partial(self._undo_delete_message, message))
        is_alone = message.role is Role.ASSISTANT or place + 1 == len(messages)
        words = self.tr("Message deleted") if is_alone else self.tr("Message and answer deleted")
        remedy = self.tr("Recently deleted, in the Chat menu, keeps it for a while.")
        self.notices.show(
            message.conversation_id,
            Notice(words, remedy=remedy, actions=(undo,), key=_UNDO_MESSAGE_KEY, seconds=_UNDO_SECONDS),
        )

    def _undo_delete_message(self, message: StoredMessage) -> None:
        self._guarded(lambda: self.changes.take_message_back(message.conversation_id, message.id))

    def _on_messages_restored(self, conversation_id: str, message_id: int) -> None:
        self.notices.withdraw(conversation_id, _UNDO_MESSAGE_KEY)
        self._pane.reveal(conversation_id, message_id)

    def _undo_delete(self, conversation_id: str) -> None:
        self._guarded(lambda: self.changes.take_deletion_back(conversation_id))

    def _on_deletion_over(self, conversations: Collection[str]) -> None:
        if self._offered_back in conversations:
            self._pane.banner.withdraw(_UNDO_KEY)

    def _guarded(self, work: Callable[[], object], *, refresh: bool = True) -> bool:
        """Does something that the history may refuse, and shows why it did; returns whether it was done."""
        try:
            work()
        except UserFacingError as problem:
            self.show_error(problem)
            return False
        finally:
            if refresh:
                self._refresh_list()
        return True

    def _show(self, conversation_id: str, turned: tuple[int, int] | None = None) -> bool:
        """Shows a conversation from its end; ``turned``: around the version of a message that takes another's place."""

        def show() -> None:
            transcript = self._store.transcript(conversation_id)
            self._window.set_title(self._heading(transcript.conversation))
            if turned is None:
                self._pane.show_transcript(transcript)
            else:
                self._pane.show_version(transcript, *turned)

        if not self._guarded(show, refresh=False):
            return False
        growing = self._chat.growing(conversation_id)
        if growing is not None:
            self._pane.begin_answer(
                self._chat.replaced_message(conversation_id),
                looked_through=self._chat.looked_through(conversation_id),
            )
            self._pane.transcript.grow_answer(*growing)
        self._pane.set_busy(self._chat.is_busy(conversation_id))
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

        self._guarded(refresh, refresh=False)
        self.listChanged.emit()
