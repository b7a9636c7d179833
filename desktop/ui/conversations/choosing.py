"""Connects what is chosen for one conversation alone with the window: its model and its temperature."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from desktop.chat.choices import ChatChoices
from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.history.choices import ConversationChoices
from desktop.models.choice import ModelChoice
from desktop.models.service import ModelService
from desktop.models.types import InstalledModel
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.choices_menu import Offer, OfferedModel
from desktop.ui.widgets.banner import Notice, NoticeAction

_GONE_KEY = "model-of-conversation"  # of the banner that says that the model of a conversation is gone
_HERE_KEY = "answered-here"  # of the banner that says that a server no longer answers in it
_TRIAL_KEY = "model-is-tried"  # of the banner that says that its model is being tried


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
        choices: ChatChoices,
        models: ModelChoice,
        trials: ModelService,
        elsewhere: Callable[[str | None], Iterable[OfferedModel]],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Has the button, the menu and the status bar.
            shown: Shows conversations in it.
            choices: Knows what is chosen.
            models: Knows those that can be chosen, and the one that answers where none is.
            trials: Tries one that nothing speaks for yet.
            elsewhere: Returns the models on servers; is given what is chosen.
            parent: Owner.
        """
        super().__init__(parent)
        self._elsewhere = elsewhere
        self._window, self._shown, self._chosen = window, shown, choices
        self._models, self._trials = models, trials
        self._wanted: dict[str | None, InstalledModel] = {}  # being tried, by the conversation that waits for it
        self._said: set[tuple[str | None, str]] = set()  # of which conversations it was said what is gone
        self._retried: set[tuple[str | None, str]] = set()  # in which what was chosen was tried once more
        self._file: str | None = None
        window.choices.modelChosen.connect(self._choose_model)
        window.choices.temperatureChosen.connect(self._choose_temperature)
        window.choices.temperatureWanted.connect(self._ask_for_temperature)
        shown.begun.connect(self._on_begun)
        shown.opened.connect(lambda _conversation: self.refresh())
        shown.changes.undo.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is chosen for the conversation that is shown, as far as it is there."""
        self._take_tried()
        choices, usual = self._choices(), self._models.in_use()
        answers = self._models.of_file(choices.model) or usual
        away = list(self._elsewhere(choices.model))
        served = next((one for one in away if one.file == choices.model), None)
        is_served = server_model(choices.model) is not None
        name = served.name if served is not None else answers.name if answers is not None and not is_served else ""
        offer = Offer(
            [*map(self._offered, self._models.offered()), *away],
            usual.name if usual is not None else "",
            self._chosen.usual_temperature(self._shown.current),
            choices.model,
            choices.temperature,
            name,
            served.place if served is not None else "",
            self._chosen.begins_elsewhere,
        )
        self._window.choices_button.show_offer(offer)
        self._window.show_place(offer.place)
        if name:
            self._window.status.set_model(name, True)
        if not offer.is_gone:
            self._take_back_gone(choices.model)
        if offer.is_gone and is_served:
            self._say_server_gone(choices.model or "")
        elif offer.is_gone and answers is not None:
            self._say_gone(choices.model or "", answers.name)
        elif choices.model is not None and not is_served:
            self._try_again(choices.model)
        if choices.model != self._file:
            self._file = choices.model
            self.changed.emit()

    def answer_here(self, conversation: str) -> None:
        """Has a conversation that a server answers be answered by this computer, from the next answer on."""
        before = self._choices().model
        if conversation != self._shown.current or server_model(before) is None:
            return
        self._choose_model(None)
        usual, served = self._models.in_use(), server_model(before)
        if usual is None or served is None:
            return
        words = self.tr("{model} on this computer answers here from now on.").format(model=usual.name)
        back = NoticeAction(
            self.tr("Back to {server}").format(server=served.server), partial(self._choose_model, before)
        )
        self._shown.notices.show(conversation, Notice(words, actions=(back,), key=_HERE_KEY))

    def _choices(self) -> ConversationChoices:
        return self._choices_of(self._shown.current)

    def _choices_of(self, conversation: str | None) -> ConversationChoices:
        try:
            return self._chosen.of(conversation)
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return ConversationChoices()

    def _choose_model(self, file: str | None) -> None:
        self._expect_no_longer(self._shown.current)
        model = self._untried(file)
        if model is not None and file != self._choices().model:
            self._try_first(model)
        else:
            self._choose(replace(self._choices(), model=file), self._shown.current)

    def _untried(self, file: str | None) -> InstalledModel | None:
        """Returns the model with this file if nothing speaks for it yet."""
        return next(
            (one for one in self._models.offered() if self._models.awaits_trial(one) and one.path.name == file), None
        )

    def _try_first(self, model: InstalledModel) -> None:
        """Has a model tried that is wanted here, and says so; whoever answers so far does so until it has worked."""
        current, usual = self._shown.current, self._models.in_use()
        self._wanted[current] = model
        self._trials.try_out(model.id)
        words = self.tr("{model} is tried first, since nothing is known of it yet.").format(model=model.name)
        remedy = self.tr("If it works, it answers in this conversation from then on.")
        if usual is not None:
            remedy = self.tr("If it works, it answers in this conversation from then on; until then {model} does.")
            remedy = remedy.format(model=usual.name)
        self._shown.notices.show(current, Notice(words, remedy=remedy, key=_TRIAL_KEY))

    def _try_again(self, file: str) -> None:
        """Has a model that was chosen tried, once for each conversation, if its file is another one since."""
        key = (self._shown.current, file)
        model = self._untried(file) if self._models.of_file(file) is None else None
        if model is not None and key not in self._retried:
            self._retried.add(key)
            self._try_first(model)

    def _take_tried(self) -> None:
        """Lets models answer where they were wanted, now that they have been tried; what does not work is said."""
        for conversation, model in tuple(self._wanted.items()):
            if model.id not in self._trials.trying:
                self._expect_no_longer(conversation)
                if self._models.of_file(model.path.name) is not None:
                    self._choose(replace(self._choices_of(conversation), model=model.path.name), conversation)

    def _expect_no_longer(self, conversation: str | None) -> None:
        if self._wanted.pop(conversation, None) is not None:
            self._shown.notices.withdraw(conversation, _TRIAL_KEY)

    def _on_begun(self, conversation: str) -> None:
        if (model := self._wanted.pop(None, None)) is not None:
            self._wanted[conversation] = model

    def _choose_temperature(self, temperature: float | None) -> None:
        self._choose(replace(self._choices(), temperature=temperature), self._shown.current)

    def _ask_for_temperature(self) -> None:
        from desktop.ui.conversations.temperature_dialog import TemperatureDialog

        chosen = self._choices().temperature
        usual = self._chosen.usual_temperature(self._shown.current)
        dialog = TemperatureDialog(usual if chosen is None else chosen, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._choose_temperature(dialog.temperature))
        dialog.open()

    def _choose(self, choices: ConversationChoices, conversation: str | None) -> None:
        if choices == self._choices_of(conversation):
            return
        for key in (_GONE_KEY, _HERE_KEY):
            self._shown.notices.withdraw(conversation, key)
        try:
            if conversation is None:  # of what is not begun there is nothing to undo
                self._chosen.choose(None, choices)
            else:
                self._shown.changes.choose(conversation, choices)
        except UserFacingError as problem:
            self._shown.trouble.show_error(problem)
        self.refresh()

    def _take_back_gone(self, model: str | None) -> None:
        """What was said to be gone is there: that is said no longer, and again if it goes once more."""
        current = self._shown.current
        self._shown.notices.withdraw(current, _GONE_KEY)
        if model is not None:
            self._said.discard((current, model))

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

    def _offered(self, model: InstalledModel) -> OfferedModel:
        return OfferedModel(model.path.name, model.name, is_untried=self._models.awaits_trial(model))
