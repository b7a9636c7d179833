"""Makes the windows that are not there from the start; what they need is imported when the first is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.settings.options import Settings
from desktop.ui.words import memory_words

if TYPE_CHECKING:
    from desktop.system.build_info import AboutFacts
    from desktop.ui.models.dialog import ModelsDialog
    from desktop.ui.quick_ask.box import QuickAsk
    from desktop.ui.settings.dialog import SettingsDialog


def make_models_dialog(services: Services, parent: QWidget | None) -> ModelsDialog:
    from desktop.ui.models.dialog import ModelsDialog

    fit = services.supervisor.fit
    return ModelsDialog(fit.judge, parent=parent, read_bytes=fit.read_bytes)


def make_settings_dialog(services: Services, parent: QWidget | None) -> SettingsDialog:
    from desktop.ui.settings.dialog import SettingsDialog

    def cost(settings: Settings) -> str | None:
        footprint = services.supervisor.fit.cost(settings, services.choice.model_of(settings))
        return memory_words(footprint.rss, footprint.kv_bytes) if footprint else None

    return SettingsDialog(services.store.current, services.choice.installed(), cost, parent=parent)


def make_quick_box() -> QuickAsk:
    from desktop.ui.quick_ask.box import QuickAsk

    return QuickAsk()


def show_about(facts: AboutFacts, parent: QWidget | None) -> None:
    """Opens the About dialog, which goes when it is closed."""
    from desktop.ui.about import AboutDialog

    dialog = AboutDialog(facts, parent=parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
