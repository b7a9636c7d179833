"""Connects what is chosen for one conversation alone with the window: its model and its temperature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.history.choices import ConversationChoices
from desktop.models.types import InstalledModel
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.choices_menu import Offer, OfferedModel
from desktop.ui.widgets.banner import Notice, NoticeAction

_GONE_KEY = "model-of-conversation"  # of the banner that says that the model of a conversation is gone
_HERE_KEY = "answered-here"  # of the banner that says that a server no longer answers in it


class Choosing(QObject):
    """Shows and changes them; what is loaded changes with the next message, and not before.

    Signals:
        changed: Another model may answer in the conversation that is shown.
    """

    changed = Signal()

    def __init__(
        self,
        window: ChatWindow,
        shown: ChatPresenter,
        chat: ChatService,
        models: Callable[[], Sequence[InstalledModel]],
        usual: Callable[[], InstalledModel | None],
        parent: QObject | None = None,
        elsewhere: Callable[[str | None], Iterable[OfferedModel]] = lambda _chosen: (),
    ) -> None:
        """
        Args:
            window: Has the button, the menu and the status bar.
            shown: Shows conversations in it.
            chat: Knows what is chosen.
            models: Returns the models that can be chosen.
            usual: Returns the one that answers where none is chosen.
            parent: Owner.
            elsewhere: Returns the models on servers; is given what is chosen.
        """
        super().__init__(parent)
        self._elsewhere = elsewhere
        self._window, self._shown, self._chat = window, shown, chat
        self._models, self._usual = models, usual
        self._said: set[tuple[str | None, str]] = set()  # of which conversations it was said what is gone
        self._file: str | None = None
        window.choices.modelChosen.connect(self._choose_model)
        window.choices.temperatureChosen.connect(self._choose_temperature)
        window.choices.temperatureWanted.connect(self._ask_for_temperature)
        shown.opened.connect(lambda _conversation: self.refresh())
        shown.changes.undo.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is chosen for the conversation that is shown, as far as it is there."""
        choices, models, usual = self._choices(), self._models(), self._usual()
        found = next((one for one in models if one.path.name == choices.model), None)
        answers = found or usual
        away = list(self._elsewhere(choices.model))
        served = next((one for one in away if one.file == choices.model), None)
        is_served = server_model(choices.model) is not None
        name = served.name if served is not None else answers.name if answers is not None and not is_served else ""
        offer = Offer(
            [*(OfferedModel(one.path.name, one.name) for one in models), *away],
            usual.name if usual is not None else "",
            self._chat.usual_temperature(self._shown.current),
            choices.model,
            choices.temperature,
            name,
            served.place if served is not None else "",
            self._chat.begins_elsewhere,
        )
        self._window.choices_button.show_offer(offer)
        self._window.show_place(offer.place)
        if name:
            self._window.status.set_model(name, True)
        if offer.is_gone and is_served:
            self._say_server_gone(choices.model or "")
        elif offer.is_gone and answers is not None:
            self._say_gone(choices.model or "", answers.name)
        if choices.model != self._file:
            self._file = choices.model
            self.changed.emit()

    def answer_here(self, conversation: str) -> None:
        """Has a conversation that a server answers be answered by this computer, from the next answer on."""
        before = self._choices().model
        if conversation != self._shown.current or server_model(before) is None:
            return
        self._choose_model(None)
        usual, served = self._usual(), server_model(before)
        if usual is None or served is None:
            return
        words = self.tr("{model} on this computer answers here from now on.").format(model=usual.name)
        back = NoticeAction(
            self.tr("Back to {server}").format(server=served.server), partial(self._choose_model, before)
        )
        self._shown.notices.show(conversation, Notice(words, actions=(back,), key=_HERE_KEY))

    def _choices(self) -> ConversationChoices:
        try:
            return self._chat.choices(self._shown.current)
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return ConversationChoices()

    def _choose_model(self, file: str | None) -> None:
        self._choose(replace(self._choices(), model=file))

    def _choose_temperature(self, temperature: float | None) -> None:
        self._choose(replace(self._choices(), temperature=temperature))

    def _ask_for_temperature(self) -> None:
        from desktop.ui.conversations.temperature_dialog import TemperatureDialog

        chosen = self._choices().temperature
        usual = self._chat.usual_temperature(self._shown.current)
        dialog = TemperatureDialog(usual if chosen is None else chosen, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._choose_temperature(dialog.temperature))
        dialog.open()

    def _choose(self, choices: ConversationChoices) -> None:
        current = self._shown.current
        if choices == self._choices():
            return
        for key in (_GONE_KEY, _HERE_KEY):
            self._shown.notices.withdraw(current, key)
        try:
            if current is None:  # of what is not begun there is nothing to undo
                self._chat.choose(None, choices)
            else:
                self._shown.changes.choose(current, choices)
        except UserFacingError as problem:
            self._shown.show_error(problem)
        self.refresh()

    def _say_server_gone(self, choice: str) -> None:
        """Says, once for each conversation, that the server is gone that answers in it; nobody does instead."""
        current, chosen = self._shown.current, server_model(choice)
        if chosen is None or (current, choice) in self._said:
            return
        self._said.add((current, choice))
        words = self.tr("The server that answers in this conversation is no longer listed: {server}.")
        remedy = self.tr("Add it again under this name, or choose another model.")
        stay = NoticeAction(self.tr("Answer on this computer"), lambda: self._choose_model(None))
        add = NoticeAction(self.tr("Servers…"), self._window.choices.serversRequested.emit)
        notice = Notice(words.format(server=chosen.server), remedy=remedy, actions=(stay, add), key=_GONE_KEY)
        self._shown.notices.show(current, notice)

    def _say_gone(self, file: str, answers: str) -> None:
        """Says, once for each conversation, that its model is gone, and which answers instead."""
        current = self._shown.current
        if (current, file) in self._said:
            return
        self._said.add((current, file))
        words = self.tr("The model that was chosen for this conversation is no longer here: {file}.").format(file=file)
        remedy = self.tr("{model} answers instead. If the file comes back, it answers again.").format(model=answers)
        stay = NoticeAction(self.tr("As in the settings"), lambda: self._choose_model(None))
        self._shown.notices.show(current, Notice(words, remedy=remedy, actions=(stay,), key=_GONE_KEY))
