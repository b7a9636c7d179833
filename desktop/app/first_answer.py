"""Puts the line under a small model's first answer together: which models are small, and which one is better here."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.app.services import Services
from desktop.ui.chat.first_answer import FirstAnswer, FirstAnswerHint, SmallModel
from desktop.ui.chat.window import ChatWindow

# A file of that size holds some four thousand million weights in four bits. Smaller models often err in facts and in
# sums, and all that run well on the computers that Catnap is for are smaller.
_SMALL_BYTES = 2_500_000_000


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
    return SmallModel(model.id, model.name, best.name, best.id) if is_better else SmallModel(model.id, model.name)


def watch_first_answer(services: Services, window: ChatWindow, parent: QObject) -> FirstAnswer:
    """Returns what shows the line in a window, connected to what happens.

    Args:
        services: Know the models and what was said.
        window: Gets the line.
        parent: Owner.
    """
    hint = FirstAnswerHint()
    window.pane.put_below(hint)
    first = FirstAnswer(window.pane, hint, services.told, lambda: small_model(services), parent)
    services.chat_events.subscribe(first.on_chat_event)
    return first
