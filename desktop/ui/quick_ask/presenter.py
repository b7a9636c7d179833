"""Connects the quick-ask box with the quick-ask service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from desktop.chat.quick_ask import QuickAskService, QuickCalculated, QuickEnded, QuickEvent, QuickExchange, QuickGrew
from desktop.common.errors import UserFacingError
from desktop.ui.activity import Activity, activity_words
from desktop.ui.transcript.figures import person_words
from desktop.ui.ways_out import ways_out
from desktop.ui.widgets.banner import NoticeAction
from desktop.ui.words import error_detail, error_remedy, error_title

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.quick_ask.box import QuickAsk


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
    ) -> None:
        """
        Args:
            make_box: Makes the box.
            service: Asks the engine.
            model_ready: Whether there is a model to ask.
            parent: Owner.
            chat_answers: Whether an answer is on its way in the chat: the question is answered after it.
        """
        super().__init__(parent)
        self._make_box = make_box
        self._service = service
        self._model_ready = model_ready
        self._chat_answers = chat_answers
        self._box: QuickAsk | None = None
        self._waiting = False
        self._task: QuickTask | None = None  # is being answered, or was last, or waits for a model
        self._take_question: Callable[[str], None] | None = None
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
    def task(self) -> QuickTask | None:
        """What was asked last, where it was not typed; None: it was."""
        return self._task

    def open_at(self, point: QPoint | None) -> None:
        """Opens the box near a point; None: near the pointer's screen centre."""
        box = self._box or self._make()
        if not box.isVisible():
            self.opening.emit()
        box.open_at(point)
        self.opened.emit()

    def on_model_ready(self) -> None:
        """Asks the question that waited for a model."""
        question, self._waiting = self.waiting_question, False
        if question and self._task is not None:
            self.perform(self._task)
        elif question:
            self._ask(question, anyway=self._anyway)

    def take_questions(self, take: Callable[[str], None] | None) -> None:
        """Has typed questions go elsewhere from now on; None: they are asked as they are."""
        self._take_question = take

    def perform(self, task: QuickTask) -> None:
        """Asks something that was not typed; an answer still under way is dropped."""
        if self._begin(task, task.words):
            self._service.perform(task.prompt, task.temperature)

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
            self.ended.emit(event)
        elif isinstance(event, QuickCalculated):
            anyway = NoticeAction(self.tr("Ask the &model anyway"), partial(self._ask, event.question, anyway=True))
            box.finish_answer(event.text, self.tr("Calculated"), (anyway,))
        else:
            self._show_error(box, event.error)
            box.put_text_back(event.question if self._task is None else self._task.typed)
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

    def _show_error(self, box: QuickAsk, error: UserFacingError) -> None:
        ways = ways_out(error, self.wayOutChosen.emit)
        box.show_error(error_title(error), error_detail(error), error_remedy(error), ways)

    def _on_asked(self, question: str) -> None:
        (self._take_question or self._ask)(question)

    def _on_composing(self, text: str) -> None:
        if self._take_question is None:  # else only a part of what is asked, which is not read ahead
            self.composing.emit(text)

    def _ask(self, question: str, *, anyway: bool = False) -> None:
        self._anyway = anyway
        if self._begin(None, question, needs_model=anyway or not self._service.computes(question)):
            self._service.ask(question, anyway=anyway)

    def _begin(self, task: QuickTask | None, words: str, *, needs_model: bool = True) -> bool:
        """Shows that something is asked; returns whether it can be answered now."""
        if self._box is None:
            return False
        self._task = task
        if needs_model and not self._model_ready():
            self._waiting = True
            self.modelNeeded.emit(words)
            return False
        self._waiting = False
        if task is None:
            self._box.offer_paste(False)
        self._box.begin_answer()
        if needs_model and self._chat_answers():
            self._box.set_status(self.tr("The chat is being answered first; your question comes next."), None)
        return True

    def _continue(self) -> None:
        exchange: QuickExchange | None = self._service.exchange()
        if exchange is not None:
            self.continued.emit(exchange)

    def _on_hidden(self) -> None:
        self._waiting = False
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
        return " · ".join(word for word in words if word)
