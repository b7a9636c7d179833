"""Puts the line under a small model's first answer together: which models are small, and which one is better here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.app.services import Services, chosen_file
from desktop.engine.footprint import Fit
from desktop.engine.routing import server_model
from desktop.lifecycle.expected_speed import expected_speed
from desktop.machine.cpu import read_features, read_processors
from desktop.ui.answer_hints.first_answer import FirstAnswer, FirstAnswerHint, SmallModel

if TYPE_CHECKING:
    from desktop.ui.chat.window import ChatWindow

# A file of that size holds some four thousand million weights in four bits. Smaller models often err in facts and in
# sums, and all that run well on the computers that Catnap is for are smaller.
_SMALL_BYTES = 2_500_000_000
_CHINESE = "zh"


def small_model(services: Services) -> SmallModel | None:
    """Returns the model in use, with the best that this computer takes; None: there is none, or it is not small."""
    model = services.choice.in_use()
    if model is None or model.size >= _SMALL_BYTES:
        return None
    catalog = services.models.catalog
    own, best = catalog.get(model.id), catalog.get(services.supervisor.fit.recommended() or "")
    if best is None or best.id == model.id:
        return SmallModel(model.id, model.name)
    is_better = best.quality > own.quality if own is not None else best.size > model.size
    if not is_better:
        return SmallModel(model.id, model.name)
    speed = expected_speed(best.size, read_processors().physical, read_features())
    return SmallModel(model.id, model.name, best.name, best.id, speed)


def knows_language(services: Services, language: str, file: str | None = None) -> bool:
    """Returns whether a model may know a language: it is said to, or nobody has said which ones it knows.

    Args:
        services: Know the models.
        language: Its code.
        file: Chosen for a conversation alone; None, and that of one that is gone: the one in use.
    """
    if server_model(file) is not None:
        return True
    model = services.choice.of_file(file) or services.choice.in_use()
    if model is None:
        return True
    own = services.models.catalog.get(model.id)
    languages = own.languages if own is not None else model.languages
    return not languages or language in languages


def without_chinese(services: Services) -> SmallModel | None:
    """Returns the model in use if it is said to know languages, and not Chinese; with one that does, if any fits.

    One that is here already is better than one that has to be downloaded.
    """
    model = services.choice.in_use()
    if model is None:
        return None
    catalog = services.models.catalog
    if knows_language(services, _CHINESE):
        return None
    here = [
        other
        for other in services.choice.installed()
        if _CHINESE in (other.languages or (other.spec.languages if other.spec is not None else ()))
        and not other.missing
        and not other.is_bad
        and services.supervisor.fit.judge_own(other).fit is not Fit.TOO_BIG
    ]
    if here:
        best = max(here, key=lambda other: other.size)
        return SmallModel(model.id, model.name, best.name, best.id)
    knowing = [spec.id for spec in catalog.models if _CHINESE in spec.languages]
    found = catalog.get(services.supervisor.fit.recommended(knowing) or "") if knowing else None
    return SmallModel(model.id, model.name, *((found.name, found.id) if found is not None else ()))


def watch_first_answer(services: Services, window: ChatWindow, parent: QObject) -> FirstAnswer:
    """Returns what shows the line in a window, connected to what happens.

    Args:
        services: Know the models and what was said.
        window: Gets the line.
        parent: Owner.
    """
    hint = FirstAnswerHint()
    window.pane.put_below(hint)

    def shown_is_served() -> bool:
        return server_model(chosen_file(services, window.pane.current)) is not None

    first = FirstAnswer(
        window.pane,
        hint,
        services.told,
        lambda: None if shown_is_served() else small_model(services),
        lambda: None if shown_is_served() else without_chinese(services),
        parent,
    )
    services.chat_events.subscribe(first.on_chat_event)
    return first
