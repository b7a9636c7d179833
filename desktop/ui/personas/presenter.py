"""Connects personas with the window: who answers, what is offered to begin with, and the dialog of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.chat.choices import ChatChoices
from desktop.chat.context_use import history_of
from desktop.common.errors import UserFacingError
from desktop.history.choices import ConversationChoices
from desktop.models.types import Starters
from desktop.personas.builtin import ENGLISH
from desktop.personas.library import PersonaLibrary
from desktop.personas.persona import GENERAL, Persona
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.words import duration_words

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.personas.dialog import PersonasDialog

_CHANGED_KEY = "persona"  # of the banner that says who answers from now on
_GONE_KEY = "persona-gone"  # of the one that offers a persona back
_UNDO_SECONDS = 12.0
# Reading of fewer tokens says little of how long many take.
_TELLING = 64


class PersonasPresenter(QObject):
    """Shows and changes who answers; opens the dialog, which is made when it is first needed.

    Signals:
        troubled: Something could not be read or written: a UserFacingError.
        chosen: Somebody has chosen who answers in the conversation that is shown.
        changed: Other words may come before that conversation.
        talkRequested: A new conversation shall be shown, in the window.
    """

    troubled = Signal(object)
    chosen = Signal()
    changed = Signal()
    talkRequested = Signal()

    def __init__(
        self,
        make_dialog: Callable[[], PersonasDialog],
        library: PersonaLibrary,
        choices: ChatChoices,
        suiting: Callable[[str | None], Starters | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            library: The personas.
            choices: Knows who answers in which conversation.
            suiting: Returns the questions that suit the model that answers in a conversation, None: nobody has written
                any; asked with the file that is chosen for that alone.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._library = library
        self._chosen = choices
        self._suiting = suiting
        self._window: ChatWindow | None = None
        self._shown: ChatPresenter | None = None
        self._dialog: PersonasDialog | None = None
        library.subscribe(lambda _identity: self._on_library())

    @property
    def dialog(self) -> PersonasDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def follow(self, window: ChatWindow, shown: ChatPresenter) -> None:
        """Shows in a window who answers, and takes what is chosen there."""
        self._window, self._shown = window, shown
        window.persona.offer(self._library.all)
        window.persona.chosen.connect(self.choose)
        window.persona.personasRequested.connect(lambda: self.show(self._current().id))
        window.menu.personas.triggered.connect(lambda _checked: self.show(self._current().id))
        shown.opened.connect(lambda _conversation: self.refresh())
        self.refresh()

    def show(self, identity: str = "") -> None:
        """Opens the dialog.

        Args:
            identity: The persona to look at; empty: the one that was.
        """
        dialog = self._dialog or self._make()
        self._fill(dialog)
        if identity:
            dialog.select(identity)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def refresh(self) -> None:
        """Shows who answers in the conversation that is shown."""
        if self._window is None:
            return
        persona = self._current()
        self._window.persona.show_persona(persona)
        self._window.pane.empty_page.set_starters(self._starters(persona))
        self._window.pane.set_text_scale(persona.text_scale)

    def _starters(self, persona: Persona) -> tuple[str, ...]:
        """Returns what to begin with: the general persona leaves it to the model, unless somebody has written it."""
        choices = self._choices()
        if choices.document is not None or choices.library is not None:
            return ()  # they are about anything else
        if persona.id != GENERAL or self._library.has_own_starters(GENERAL):
            return persona.starters
        suiting = self._suiting(choices.model)
        if suiting is None:
            return persona.starters
        return suiting.en if self._library.language == ENGLISH else suiting.zh

    def choose(self, identity: str) -> None:
        """Has a persona answer in the conversation that is shown, from the next message on."""
        before = self._current()
        if self._shown is None or self._window is None or identity == before.id:
            return
        conversation = self._shown.current
        if not self._set(conversation, identity):
            return
        if conversation is not None and self._window.pane.transcript.messages:
            self._say_price(conversation, before.id)

    def _set(self, conversation: str | None, identity: str) -> bool:
        try:
            chosen = identity
            if conversation is not None and identity == GENERAL:
                chosen = ""  # what nobody has chosen
            choices = replace(self._chosen.of(conversation), persona=chosen or None)
            self._chosen.choose(conversation, choices)
        except UserFacingError as problem:
            self.troubled.emit(problem)
            return False
        self.refresh()
        self.chosen.emit()
        self.changed.emit()
        return True

    def _current(self) -> Persona:
        return self._library.get(self._choices().persona)

    def _choices(self) -> ConversationChoices:
        conversation = self._shown.current if self._shown is not None else None
        try:
            return self._chosen.of(conversation)
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return ConversationChoices()

    def _say_price(self, conversation: str, before: str) -> None:
        """Says from when on it counts, and that the conversation is read again for it."""
        assert self._window is not None and self._shown is not None
        words = self.tr("“{name}” answers from the next message on.").format(name=self._current().name)
        transcript = self._window.pane.transcript
        history = history_of(self._chosen.voice(conversation), transcript.messages, transcript.messages_cut)
        tokens = history.system + sum(history.lengths[history.cut :])
        stats = next((one.stats for one in reversed(transcript.messages) if one.stats is not None), None)
        price = self.tr("The conversation is read again then: about {tokens} tokens.")
        seconds = ""
        if stats is not None and stats.prompt_tokens - stats.reused_tokens >= _TELLING and stats.prompt_tps > 0:
            price = self.tr("The conversation is read again then, which takes about {duration}.")
            seconds = duration_words(tokens / stats.prompt_tps)
        back = NoticeAction(self.tr("Undo"), lambda: self._back_to(conversation, before))
        remedy = price.format(tokens=f"{tokens:,}", duration=seconds)
        notice = Notice(words, remedy=remedy, actions=(back,), key=_CHANGED_KEY, seconds=_UNDO_SECONDS)
        self._shown.notices.show(conversation, notice)

    def _back_to(self, conversation: str, identity: str) -> None:
        self._set(conversation, identity)

    def _on_library(self) -> None:
        self.refresh()
        self.changed.emit()
        if self._dialog is not None:
            self._fill(self._dialog)

    def _make(self) -> PersonasDialog:
        dialog = self._dialog = self._make_dialog()
        dialog.edited.connect(self._on_edited)
        dialog.newRequested.connect(self._on_new)
        dialog.copyRequested.connect(self._on_copy)
        dialog.resetRequested.connect(self._on_reset)
        dialog.deleteRequested.connect(self._on_delete)
        dialog.talkRequested.connect(self._on_talk)
        return dialog

    def _fill(self, dialog: PersonasDialog) -> None:
        library = self._library
        personas = library.all()
        builtin = {persona.id for persona in personas if library.is_builtin(persona.id)}
        dialog.set_personas(personas, builtin, {identity for identity in builtin if library.is_changed(identity)})

    def _on_edited(self, persona: Persona) -> None:
        if self._dialog is None or not self._library.has(persona.id):
            return
        try:
            self._library.save(persona)
        except UserFacingError as problem:
            self._dialog.refuse(problem)
        else:
            self._dialog.form.say(None)

    def _on_new(self) -> None:
        self._begin(lambda: self._library.add(self.tr("New persona")))

    def _on_copy(self, identity: str) -> None:
        self._begin(lambda: self._library.duplicate(identity, self.tr("{name} (copy)")))

    def _begin(self, make: Callable[[], Persona]) -> None:
        persona = self._guarded(make)
        if persona is not None and self._dialog is not None:
            self._dialog.begin(persona.id)

    def _on_reset(self, identity: str) -> None:
        before = self._library.get(identity)
        self._guarded(lambda: self._library.reset(identity))
        words = self.tr("“{name}” is again as it came.").format(name=self._library.get(identity).name)
        self._offer_back(words, lambda: self._library.save(before))

    def _on_delete(self, identity: str) -> None:
        personas = [persona.id for persona in self._library.all()]
        if identity not in personas:
            return
        persona = self._library.get(identity)
        self._guarded(lambda: self._library.delete(identity))
        if not self._library.has(identity):
            words = self.tr("“{name}” was deleted.").format(name=persona.name)
            self._offer_back(words, lambda: self._library.restore(persona, personas.index(identity)), persona.id)

    def _offer_back(self, words: str, undo: Callable[[], object], identity: str = "") -> None:
        assert self._dialog is not None
        dialog = self._dialog

        def go_back() -> None:
            self._guarded(undo)
            if identity:
                dialog.select(identity)

        back = NoticeAction(self.tr("Undo"), go_back)
        dialog.banner.show_notice(Notice(words, actions=(back,), key=_GONE_KEY, seconds=_UNDO_SECONDS))

    def _on_talk(self, identity: str) -> None:
        if self._dialog is not None:
            self._dialog.close()  # it would lie over the conversation
        self.talkRequested.emit()
        self._set(None, identity)

    def _guarded(self, does: Callable[[], Persona | object]) -> Persona | None:
        """Does something with the library and returns what comes of it; what went wrong is said in the dialog."""
        assert self._dialog is not None
        try:
            made = does()
        except UserFacingError as problem:
            self._dialog.refuse(problem)
            return None
        return made if isinstance(made, Persona) else None
