"""Connects the quick-ask box with the quick-ask service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from desktop.chat.quick_ask import (
    QuickAskService,
    QuickCalculated,
    QuickEnded,
    QuickEvent,
    QuickExchange,
    QuickFailed,
    QuickGrew,
)
from desktop.common.errors import (
    AnswerInterruptedError,
    MessageTooLongError,
    ServerAwayError,
    ServerKeyError,
    UserFacingError,
)
from desktop.ui.activity import Activity, activity_words
from desktop.ui.transcript.figures import person_words
from desktop.ui.ways_out import ways_out
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.words import SEPARATOR, error_detail, error_remedy, error_title, sentences

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.quick_ask.box import QuickAsk


@dataclass(frozen=True)
class QuickPlaces:
    """Where the quick ask is answered: here, or by a server that the settings name.

    Attributes:
        place_of: Returns the host of the server that a choice names; empty: it is gone.
        can_answer_here: Whether this computer's model can be asked now.
    """

    place_of: Callable[[str], str] = lambda _choice: ""
    can_answer_here: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class QuickTask:
    """Something to ask that was not typed as it is asked.

    Attributes:
        prompt: What the model is asked.
        temperature: How freely it answers.
        words: What it is, for people, translated.
        typed: What of it was typed; belongs back into the line where there is no answer.
    """

    prompt: str
    temperature: float
    words: str
    typed: str = ""


class QuickPresenter(QObject):
    """Opens the box and streams answers into it; the box is made when it is first needed.

    Attributes:
        modelNeeded: A question was asked and there is no model; it stays in the box.
        continued: A QuickExchange shall become a conversation; :meth:`keep_open` when it could not.
        wayOutChosen: (WayOut, EngineDiedError) What the user wants to try against it.
        composing: What stands in the line, whenever that changes.
        opening: The box is about to come; whatever was in front still is.
        opened: The box is there, or was brought to the front again.
        ended: A QuickEnded or QuickFailed was shown.
        closed: The box is gone.
    """

    modelNeeded = Signal(str)
    continued = Signal(object)
    wayOutChosen = Signal(object, object)
    composing = Signal(str)
    opening = Signal()
    opened = Signal()
    ended = Signal(object)
    closed = Signal()

    def __init__(
        self,
        make_box: Callable[[], QuickAsk],
        service: QuickAskService,
        model_ready: Callable[[], bool],
        parent: QObject | None = None,
        chat_answers: Callable[[], bool] = lambda: False,
        places: QuickPlaces | None = None,
    ) -> None:
        """
        Args:
            make_box: Makes the box.
            service: Asks the engine.
            model_ready: Whether there is somebody to ask: a model, or a server that words may go to.
            parent: Owner.
            chat_answers: Whether an answer is on its way in the chat: the question is answered after it.
            places: Where it is answered; None: here, always.
        """
        super().__init__(parent)
        self._make_box = make_box
        self._service = service
        self._model_ready = model_ready
        self._chat_answers = chat_answers
        self._places = places or QuickPlaces()
        self._here = False  # what was asked last is this computer's, whatever the settings say
        self._box: QuickAsk | None = None
        self._waiting = False
        self._task: QuickTask | None = None  # is being answered, or was last, or waits for a model
        self._take_question: Callable[[str], None] | None = None
        self._too_long = ""  # the question that was refused for its length, as long as that is said
        self._anyway = False  # the model is wanted for a question that could be computed

    @property
    def box(self) -> QuickAsk | None:
        """The box, once it has been opened."""
        return self._box

    @property
    def waiting_question(self) -> str:
        """The question that is asked when there is a model, as it stands in the line now; empty: none waits."""
        if self._waiting and self._task is not None:
            return self._task.words
        return self._box.text.strip() if self._waiting and self._box is not None else ""

    @property
    def waits_for_server(self) -> bool:
        """Whether that is for a server: no model of this computer is waited for."""
        return self._waiting and not self._here and self._service.choice is not None

    @property
    def task(self) -> QuickTask | None:
        """What was asked last, where it was not typed; None: it was."""
        return self._task

    def open_at(self, point: QPoint | None) -> None:
        """Opens the box near a point; None: near the pointer's screen centre."""
        box = self._box or self._make()
        if not box.isVisible():
            self.opening.emit()
            self.show_place()
        box.open_at(point)
        self.opened.emit()

    def on_model_ready(self) -> None:
        """Asks the question that waited for a model."""
        question, self._waiting = self.waiting_question, False
        if question and self._task is not None:
            self.perform(self._task, here=self._here)
        elif question:
            self._ask(question, anyway=self._anyway, here=self._here)

    def show_place(self) -> None:
        """Shows where the next question is answered, as the settings have it now."""
        if self._box is not None and not self._box.is_busy:
            self._box.show_place(self._place)

    def ask_first(self, notice: Notice) -> None:
        """Shows what must be decided before the question that waits is asked."""
        if self._box is not None:
            words = "\n".join(part for part in (notice.title, notice.detail, notice.remedy) if part)
            self._box.ask_first(words, notice.actions)

    def answer_here(self) -> None:
        """Has this computer answer what waits, or what a server did not answer; this once."""
        question = self.waiting_question or (self._box.text.strip() if self._box is not None else "")
        if self._task is not None:
            self.perform(self._task, here=True)
        elif question:
            self._ask(question, anyway=self._anyway, here=True)

    def ask_again(self, question: str) -> None:
        """Asks a typed question where it was asked before: what stood in its way does so no more."""
        self._ask(question, anyway=self._anyway, here=self._here)

    def take_questions(self, take: Callable[[str], None] | None) -> None:
        """Has typed questions go elsewhere from now on; None: they are asked as they are."""
        self._take_question = take

    def perform(self, task: QuickTask, *, here: bool = False) -> None:
        """Asks something that was not typed; an answer still under way is dropped.

        Args:
            task: What to ask.
            here: This computer, whatever the settings say.
        """
        if self._begin(task, task.words, here=here):
            self._service.perform(task.prompt, task.temperature, here=here)

    def hide(self) -> None:
        """Closes the box and forgets what it shows."""
        if self._box is not None:
            self._box.hide()

    def keep_open(self, error: UserFacingError) -> None:
        """Called in answer to ``continued``: the answer stays where it is, with the reason below it."""
        if self._box is not None:
            self._box.stay()
            self._show_error(self._box, error)

    def on_quick_event(self, event: QuickEvent) -> None:
        """Takes an event of the service."""
        box = self._box
        if box is None or not box.isVisible():
            return
        if isinstance(event, QuickGrew):
            box.grow_answer(event.text, event.thought)
        elif isinstance(event, QuickEnded):
            box.finish_answer(event.text, self._note(event))
            self.show_place()
            self.ended.emit(event)
        elif isinstance(event, QuickCalculated):
            anyway = NoticeAction(self.tr("Ask the &model anyway"), partial(self._ask, event.question, anyway=True))
            box.finish_answer(event.text, self.tr("Calculated"), (anyway,))
        elif not self._falls_back(event):
            self._show_error(box, event.error, may_answer_here=event.model_file is not None)
            if self._task is None and isinstance(event.error, MessageTooLongError):
                self._too_long = event.question
            box.put_text_back(event.question if self._task is None else self._task.typed)
            self.show_place()
            self.ended.emit(event)

    def on_activity(self, activity: Activity, request_id: int | None) -> None:
        """Shows what the engine does for the question in the box."""
        box = self._box
        if box is not None and box.is_busy and request_id is not None and self._service.owns(request_id):
            box.set_status(activity_words(activity, is_answer=True), activity.progress)

    def _make(self) -> QuickAsk:
        box = self._box = self._make_box()
        box.asked.connect(self._on_asked)
        box.stopRequested.connect(self._service.stop)
        box.continueRequested.connect(self._continue)
        box.composingChanged.connect(self._on_composing)
        box.hidden.connect(self._on_hidden)
        return box

    @property
    def _place(self) -> str:
        choice = self._service.choice
        return self._places.place_of(choice) if choice is not None else ""

    def _falls_back(self, event: QuickFailed) -> bool:
        """Has this computer answer for a server that is away, if it can, and says so; returns whether it does."""
        if event.model_file is None or not event.is_empty or not isinstance(event.error, ServerAwayError):
            return False
        box = self._box
        if box is None or not self._places.can_answer_here():
            return False
        if self._task is not None:
            self.perform(self._task, here=True)
        else:
            self._ask(event.question, anyway=True, here=True)
        words = sentences(error_title(event.error), error_detail(event.error))
        box.say_first(sentences(words, self.tr("This computer answers instead.")))
        return True

    def _show_error(self, box: QuickAsk, error: UserFacingError, *, may_answer_here: bool = False) -> None:
        ways = ways_out(error, self.wayOutChosen.emit)
        if may_answer_here and isinstance(error, ServerAwayError | ServerKeyError | AnswerInterruptedError):
            ways = (NoticeAction(self.tr("Answer on this computer"), self.answer_here), *ways)
        box.show_error(error_title(error), error_detail(error), error_remedy(error), ways)

    def _on_asked(self, question: str) -> None:
        (self._take_question or self._ask)(question)

    def _on_composing(self, text: str) -> None:
        if self._too_long and self._box is not None and text.strip() not in ("", self._too_long.strip()):
            self._too_long = ""
            self._box.show_error("", "", "")  # it is another question
        if self._take_question is None:  # else only a part of what is asked, which is not read ahead
            self.composing.emit(text)

    def _ask(self, question: str, *, anyway: bool = False, here: bool = False) -> None:
        self._anyway = anyway
        if self._begin(None, question, needs_model=anyway or not self._service.computes(question), here=here):
            self._service.ask(question, anyway=anyway, here=here)

    def _begin(self, task: QuickTask | None, words: str, *, needs_model: bool = True, here: bool = False) -> bool:
        """Shows that something is asked; returns whether it can be answered now."""
        if self._box is None:
            return False
        self._task, self._here, self._too_long = task, here, ""
        is_ready = self._places.can_answer_here if here else self._model_ready
        if needs_model and not is_ready():
            self._waiting = True
            self.modelNeeded.emit(words)
            return False
        self._waiting = False
        if task is None:
            self._box.offer_paste(False)
        is_away = needs_model and not here and self._service.choice is not None
        self._box.show_place(self._place if is_away else "")
        self._box.begin_answer()
        if needs_model and not is_away and self._chat_answers():
            self._box.set_status(self.tr("The chat is being answered first; your question comes next."), None)
        return True

    def _continue(self) -> None:
        exchange: QuickExchange | None = self._service.exchange()
        if exchange is not None:
            self.continued.emit(exchange)

    def _on_hidden(self) -> None:
        self._waiting, self._too_long = False, ""
        self._task = None
        self._service.clear()
        self.closed.emit()

    def _note(self, event: QuickEnded) -> str:
        words = [self.tr("Stopped")] if event.stopped else []
        if event.repeated:
            words = [self.tr("It began to repeat itself and was stopped")]
        exchange = self._service.exchange()
        if exchange is not None:
            words.append(person_words(event.stats, exchange.thought, exchange.answer))
        return SEPARATOR.join(word for word in words if word)
