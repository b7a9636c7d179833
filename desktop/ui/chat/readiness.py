"""Whether a question can be asked now, and the ways out where the model does not fit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.lifecycle.admission import AdmissionCheck, Refusal, Relief, Way
from desktop.settings.types import OptionValue
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity

MEMORY_KEY = "memory"  # of the banner that says that the model does not fit


class Readiness(QObject):
    """Looks before a model is loaded.

    Attributes:
        noticed: A Notice for the window: the model does not fit; its buttons are the ways out.
        renewed: A Notice in the place of one that was said and may still be there: the model does not fit all the same.
        outdated: The key of a notice that is no longer true.
        resolved: Questions that waited may be asked now.
        modelsRequested: The user wants another model.
        troubled: A way out could not be gone: a UserFacingError.
    """

    noticed = Signal(object)
    renewed = Signal(object)
    outdated = Signal(str)
    resolved = Signal()
    modelsRequested = Signal()
    troubled = Signal(object)

    def __init__(
        self,
        has_model: Callable[[], bool],
        gate: AdmissionCheck,
        change: Callable[[str, OptionValue], object],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            has_model: Whether there is a model that can answer.
            gate: Knows whether it fits.
            change: Puts a setting in force; raises UserFacingError.
            parent: Owner.
        """
        super().__init__(parent)
        self._has_model = has_model
        self._gate = gate
        self._change = change
        self._obstacle: Refusal | None = None

    def can_ask(self) -> bool:
        """Returns whether a question can be asked now."""
        refusal = self._gate.refusal()  # looks at the machine and at the models first
        self._obstacle = refusal if self._has_model() else None
        if self._obstacle is None:
            self.outdated.emit(MEMORY_KEY)
        return self._obstacle is None and self._has_model()

    def look_again(self) -> None:
        """Other settings are in force: what stood against asking is told as it is with them, or no longer."""
        before = self._obstacle
        if before is not None:
            self.can_ask()
            if self._obstacle is not None and self._obstacle != before:
                self.renewed.emit(self._notice(self._obstacle))

    def say_why_not(self) -> bool:
        """Shows what stood against asking when :meth:`can_ask` was called last; False: it was not the memory."""
        if self._obstacle is None:
            return False
        self.noticed.emit(self._notice(self._obstacle))
        return True

    def _notice(self, refusal: Refusal) -> Notice:
        actions = [self._action(relief) for relief in refusal.reliefs]
        actions.append(NoticeAction(self.tr("Smaller model…"), self.modelsRequested.emit))
        actions.append(NoticeAction(self.tr("Load anyway"), self._load_anyway))
        needed, free = format_bytes(refusal.needed), format_bytes(refusal.free)
        return Notice(
            self.tr("{model} does not fit into the memory that is free now.").format(model=refusal.model),
            self.tr("It takes {needed}, {free} can be had.").format(needed=needed, free=free),
            self.tr("Close other programs, or choose a way out; your question is kept."),
            actions=tuple(actions),
            severity=Severity.PROBLEM,
            key=MEMORY_KEY,
        )

    def _action(self, relief: Relief) -> NoticeAction:
        if relief.way is Way.SHORTER_CONTEXT:
            text = self.tr("Shorter context ({tokens} tokens)").format(tokens=f"{relief.value:,}")
        else:
            text = self.tr("8-bit conversation memory")
        return NoticeAction(text, lambda: self._relieve(relief))

    def _relieve(self, relief: Relief) -> None:
        try:
            self._change(relief.way.value, relief.value)
        except UserFacingError as problem:
            self.troubled.emit(problem)
        else:
            self.resolved.emit()

    def _load_anyway(self) -> None:
        self._gate.accept()
        self.resolved.emit()


def model_is_tried() -> UserFacingError:
    """Returns what to say to a question while the only model is being tried for the first time."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model is being tried for the first time."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Your question is kept; it is asked when that is done."),
    )


def models_are_moving() -> UserFacingError:
    """Returns what to say to a question while no model can be used because all of them are on their way."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model folder is being moved."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Your question is kept; it is asked when that is done."),
    )
