"""Puts the meter of the context together: what it is, what a larger one costs, and how it is put in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.app.services import Services, chosen_file, model_for
from desktop.chat.voice import Voice
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import context_made
from desktop.engine.routing import server_model
from desktop.lifecycle.larger_context import LargerContext, larger_context
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings
from desktop.ui.quick_actions.length import TextLimits

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.next_message.context_watch import ContextWatch


def watch_context(
    services: Services,
    window: ChatWindow,
    chat: ChatPresenter,
    enlarge: Callable[[int], None],
    parent: QObject,
) -> ContextWatch:
    """Returns what keeps the meter of a window up to date, connected to whatever changes it.

    Args:
        services: Know model, settings and memory.
        window: Has the meter.
        chat: Shows conversations in it.
        enlarge: Puts a context of so many tokens in force, or says why it could not.
        parent: Owner.
    """
    from desktop.ui.next_message.context_watch import ContextWatch

    limits, store = context_limits(services, enlarge, lambda: chat.current), services.store

    def on_settings(old: Settings, new: Settings) -> None:
        if old.model != new.model:
            watch.model_changed()
        else:
            watch.refresh()

    def voice() -> Voice:
        try:
            return services.chat.choices.voice(chat.current)
        except UserFacingError:  # the history cannot be read, which is said elsewhere
            return services.chat.choices.voice(None)

    def context() -> int:
        choice = chosen_file(services, chat.current)
        return services.servers.context_of(choice) if server_model(choice) is not None else limits.context()

    def larger(needed: int) -> LargerContext | None:
        # That of a server is its owner's business.
        return None if server_model(chosen_file(services, chat.current)) is not None else limits.larger(needed)

    watch = ContextWatch(window.pane, chat.notices, lambda: store.current, voice, context, larger, enlarge, parent)
    services.chat_events.subscribe(watch.on_chat_event)
    services.model_events.subscribe(lambda _event: watch.refresh())
    store.subscribe(on_settings)
    chat.trouble.describe_too_long(watch.describe)
    return watch


def context_limits(
    services: Services, enlarge: Callable[[int], None], conversation: Callable[[], str | None] = lambda: None
) -> TextLimits:
    """Returns what is known of the context of the next answer, asked each time.

    Args:
        services: Know model, settings and memory.
        enlarge: Puts a context of so many tokens in force, or says why it could not.
        conversation: Returns the id of the one that the answer belongs to, which may have a model of its own.
    """
    fit, store = services.supervisor.fit, services.store

    def context() -> int:
        model = model_for(services, conversation())
        if model is None:
            return 0
        return context_made(fit.context_of(store.current), _trained(services, model))

    def larger(needed: int) -> LargerContext | None:
        model = model_for(services, conversation())
        return larger_context(fit, store.current, model, needed, _trained(services, model)) if model else None

    return TextLimits(context, lambda: store.current.max_tokens or None, larger, enlarge)


def quick_limits(services: Services, enlarge: Callable[[int], None]) -> TextLimits:
    """Returns the same for the quick box, where the model in use answers, or a server that the settings name."""
    here = context_limits(services, enlarge, lambda: None)

    def context() -> int:
        choice = services.quick.choice
        return services.servers.context_of(choice) if choice is not None else here.context()

    def larger(needed: int) -> LargerContext | None:
        return here.larger(needed) if services.quick.choice is None else None

    return TextLimits(context, here.longest_answer, larger, enlarge)


def _trained(services: Services, model: InstalledModel) -> int:
    """Returns the longest context that a model was trained for; 0: unknown."""
    spec = services.models.catalog.get(model.id)
    if spec is not None:
        return spec.context_trained
    return model.facts.context if model.facts is not None else 0
