"""Puts the quick actions together: the quick box, the tray's menu, the selected text, and the way back to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop.app.context import context_limits
from desktop.app.services import Services
from desktop.system.paste.types import PasteKeys
from desktop.ui.quick_actions.paste_back import PasteBack
from desktop.ui.quick_actions.presenter import QuickActionsPresenter
from desktop.ui.quick_actions.selection import DesktopTexts
from desktop.ui.quick_actions.words import action_title
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.tray import Tray
from desktop.ui.widgets.mnemonics import with_mnemonics


class TextActions(QObject):
    """Keeps the tray's menu up to date and lets go of what the parts hold.

    Attributes:
        settingsRequested: The user wants to see which actions there are.
    """

    settingsRequested = Signal()

    def __init__(
        self,
        services: Services,
        quick: QuickPresenter,
        tray: Tray,
        enlarge: Callable[[int], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            services: Know the actions and the context.
            quick: The quick box.
            tray: Has the menu, and says what became of an answer that was pasted.
            enlarge: Puts a context of so many tokens in force.
            parent: Owner.
        """
        super().__init__(parent)
        self._file, self._tray = services.actions, tray
        self._paste_back = PasteBack(_make_paste_keys, self)
        self.presenter = QuickActionsPresenter(
            *(quick, lambda: services.actions.actions, DesktopTexts(), context_limits(services, enlarge)),
            *(self._paste_back, self),
        )
        services.actions.changed.subscribe(lambda _actions: self._show_actions())
        self.presenter.settingsRequested.connect(self.settingsRequested)
        self._paste_back.said.connect(tray.show_message)
        self._paste_back.keptChanged.connect(tray.offer_clipboard)
        tray.clipboardRequested.connect(self._paste_back.put_clipboard_back)
        tray.actionRequested.connect(self.presenter.run_by_id)
        tray.actionsRequested.connect(self.settingsRequested)
        self._show_actions()

    def close(self) -> None:
        """Lets go of the display. May be repeated."""
        self._paste_back.close()

    def _show_actions(self) -> None:
        actions = self._file.actions
        titles = with_mnemonics([(action_title(action), action.id) for action in actions])
        self._tray.set_actions([(action.id, title) for action, title in zip(actions, titles, strict=True)])
        self._tray.offer_clipboard(self._paste_back.keeps_clipboard)


def _make_paste_keys() -> PasteKeys | None:
    from desktop.system.paste.system import make_paste_keys  # what it needs is loaded when a text is first asked about

    return make_paste_keys(QGuiApplication.platformName())
