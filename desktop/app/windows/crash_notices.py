"""What is said of the engine's deaths beside the error of an answer: quietly, since nobody waits for anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.chat.events import AnswerBegan, ChatEvent
from desktop.engine.types import Awake, Crashed, EngineEvent, GpuGivenUp
from desktop.lifecycle.crash_marks import CrashMarks
from desktop.models.types import InstalledModel
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.words import error_detail, error_remedy, error_title, short_name

CRASH_KEY = "crash"  # of the banner; there is one thing to say at a time
_GPU_KEY = "gpu"  # stays while the processor answers
# In view: long enough to be read twice.
_SECONDS = 15.0


class CrashNotices(QObject):
    """Follows the engine and the chat.

    Attributes:
        noticed: A Notice for the window; it opens nothing and interrupts nobody.
        outdated: The key of a notice that is no longer true.
        modelsRequested: The user wants another model.
    """

    noticed = Signal(object)
    outdated = Signal(str)
    modelsRequested = Signal()

    def __init__(
        self, marks: CrashMarks, model: Callable[[], InstalledModel | None], parent: QObject | None = None
    ) -> None:
        """
        Args:
            marks: Know which models have brought the engine down.
            model: Returns the model that answers; None: there is none.
            parent: Owner.
        """
        super().__init__(parent)
        self._marks = marks
        self._model = model

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine, after the error of an answer has been shown."""
        if isinstance(event, GpuGivenUp):
            if not event.was_told:
                self.noticed.emit(_given_up(event))
        elif isinstance(event, Crashed) and not event.was_asked:
            self.noticed.emit(self._unasked(event))
        elif isinstance(event, Crashed | Awake):
            self.outdated.emit(CRASH_KEY)

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service: a marked model that is asked is tried again, with a warning."""
        model = self._model() if isinstance(event, AnswerBegan) else None
        if model is not None and self._marks.is_marked(model.path):
            self.noticed.emit(
                Notice(
                    self.tr("This model has brought the engine down twice while loading. It is tried once more."),
                    f"{short_name(model.name)}.",
                    actions=(self._another(),),
                    key=CRASH_KEY,
                )
            )

    def _unasked(self, event: Crashed) -> Notice:
        name = event.model_path.name if event.model_path is not None else ""
        if event.out_of_memory:
            title = self.tr("The engine was ended while nobody asked, since memory was short.")
        elif event.from_outside:
            title = self.tr("Another program, or the system, has ended the engine while nobody asked.")
        else:
            title = self.tr("The engine ended by itself while nobody asked.")
        return Notice(
            title,
            f"{name}." if name else "",
            self.tr("Nothing is lost: it starts again with your next message."),
            key=CRASH_KEY,
            seconds=_SECONDS,
        )

    def _another(self) -> NoticeAction:
        return NoticeAction(self.tr("Another model…"), self.modelsRequested.emit)


def _given_up(event: GpuGivenUp) -> Notice:
    problem = event.problem
    return Notice(error_title(problem), error_detail(problem), error_remedy(problem), key=_GPU_KEY)
