"""Quick actions wherever they can be asked for: the quick box and the tray's menu, with the way back to the text."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication

from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.system.paste.types import PasteKeys
from desktop.ui.quick_actions.length import TextLimits
from desktop.ui.quick_actions.portal_keys import QUICK_ASK, PortalKeys
from desktop.ui.quick_actions.words import action_title
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.mnemonics import with_mnemonics

if TYPE_CHECKING:  # imported when they are wanted
    from desktop.system.global_shortcuts import Bound, PortalShortcuts, Shortcut
    from desktop.ui.quick_actions.paste_back import PasteBack
    from desktop.ui.quick_actions.presenter import QuickActionsPresenter


class TextActions(QObject):
    """Keeps the tray's menu up to date and lets go of what the parts hold.

    Attributes:
        settingsRequested: The user wants to see which actions there are.
        portal: Keys through the desktop; None: there are none here.
    """

    settingsRequested = Signal()

    def __init__(
        self,
        file: QuickActionsFile,
        quick: QuickPresenter,
        tray: Tray,
        limits: TextLimits,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            file: Which actions there are.
            quick: The quick box.
            tray: Has the menu, and says what became of an answer that was pasted.
            limits: What fits into the context.
            parent: Owner.
        """
        super().__init__(parent)
        self._file, self._quick, self._tray, self._limits = file, quick, tray, limits
        self._presenter: QuickActionsPresenter | None = None
        self._paste_back: PasteBack | None = None
        file.changed.subscribe(lambda _actions: self._show_actions())
        quick.opening.connect(self._on_opening)
        tray.actionRequested.connect(self._run)
        tray.actionsRequested.connect(self.settingsRequested)
        self.portal = _make_portal_keys(file, self)
        if self.portal is not None:
            self.portal.pressed.connect(self._on_key)
        self._show_actions()

    def say_again(self) -> None:
        """Writes the menu anew, in the language that is in force now."""
        self._show_actions()

    @property
    def presenter(self) -> QuickActionsPresenter:
        """Does the actions; made when the quick box is first wanted, since the start has no need of it."""
        if self._presenter is None:
            from desktop.ui.quick_actions.paste_back import PasteBack
            from desktop.ui.quick_actions.presenter import QuickActionsPresenter
            from desktop.ui.quick_actions.selection import DesktopTexts

            back = self._paste_back = PasteBack(_make_paste_keys, self)
            back.said.connect(self._tray.show_message)
            back.keptChanged.connect(self._tray.offer_clipboard)
            self._tray.clipboardRequested.connect(back.put_clipboard_back)
            self._presenter = QuickActionsPresenter(
                self._quick, lambda: self._file.actions, DesktopTexts(), self._limits, back, self
            )
            self._presenter.settingsRequested.connect(self.settingsRequested)
        return self._presenter

    def close(self) -> None:
        """Lets go of the display and of keys. May be repeated."""
        if self._paste_back is not None:
            self._paste_back.close()
        if self.portal is not None:
            self.portal.close()

    def _run(self, action_id: str, point: QPoint) -> None:
        self.presenter.run_by_id(action_id, point)

    def _on_opening(self) -> None:
        self.presenter.remember_window()

    def _on_key(self, name: str, activation_token: str) -> None:
        if activation_token:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation_token  # Qt takes it from there for the next activation
        if name == QUICK_ASK:
            self._quick.open_at(None)
        else:
            self.presenter.run_by_id(name)

    def _show_actions(self) -> None:
        actions = self._file.actions
        titles = with_mnemonics([(action_title(action), action.id) for action in actions])
        self._tray.set_actions([(action.id, title) for action, title in zip(actions, titles, strict=True)])
        self._tray.offer_clipboard(self._paste_back is not None and self._paste_back.keeps_clipboard)


def _make_paste_keys() -> PasteKeys | None:
    from desktop.system.paste.system import make_paste_keys  # what it needs is loaded when a text is first asked about

    return make_paste_keys(QGuiApplication.platformName())


def _make_portal_keys(file: QuickActionsFile, parent: QObject) -> PortalKeys | None:
    """Returns keys through the desktop; elsewhere than under Wayland a desktop binds them to commands."""
    if not QGuiApplication.platformName().startswith("wayland"):
        return None

    def probe() -> bool:
        from desktop.system.global_shortcuts import offers_shortcuts

        return offers_shortcuts()

    def make(
        shortcuts: Sequence[Shortcut], pressed: Callable[[str, str], None], told: Callable[[Bound | None], None]
    ) -> PortalShortcuts:
        from desktop.system.global_shortcuts import PortalShortcuts

        return PortalShortcuts(shortcuts, pressed, told, QGuiApplication.desktopFileName())

    return PortalKeys(file, probe, make, parent)
