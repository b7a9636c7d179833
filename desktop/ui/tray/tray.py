"""The cat in the tray: shows what the engine does, opens the menu, and says whether there is a tray at all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from shiboken6 import isValid

from desktop.common.byte_sizes import format_bytes
from desktop.common.printable import one_line, printable
from desktop.ui.theme.icons import CatState, app_icon
from desktop.ui.tray.menu import TrayCommands, TrayMenu
from desktop.ui.tray.poses import CatPoses

if TYPE_CHECKING:
    from concurrent.futures import Future

    from PySide6.QtCore import QEvent

_FRAME_MS = 500  # of the tail
_IN_PANEL = "QSystemTrayIconSys"  # Qt's name of the window that it puts into an X11 panel
_AHEAD_MS = 100  # between two poses that are drawn before they are needed
# Memory is measured at most this often while something goes on; asleep it is not measured at all until somebody looks.
_MEMORY_S = 3.0
# A session starts its programs and its panel at the same time; the waits add up to a minute.
_RETRIES_MS = (500, 1000, 2000, 4000, 8000, 15000, 29500)


class Tray(QObject):
    """The tray icon with its menu. GUI thread.

    The tray may come later than the program, or come back after the panel was restarted: the icon is shown as soon as
    there is one, looked for at the start and whenever the state changes, for a minute at the most each time.

    Attributes:
        askRequested: Left click or "Ask…"; with the place to open at, a null point where the platform hides it.
        actionRequested: The id of a quick action, with the place as in ``askRequested``.
        actionsRequested: "Actions…".
        clipboardRequested: What the clipboard held before shall come back.
        openRequested: Middle or double click, "Open Catnap", or a click on a message.
        sleepRequested: "Sleep now".
        workRequested: The line about work in the background.
        modelsRequested: "Models…".
        settingsRequested: "Settings…".
        quitRequested: "Quit".
        availabilityChanged: There is a tray now, or there is none any more.
    """

    askRequested = Signal(QPoint)
    actionRequested = Signal(str, QPoint)
    actionsRequested = Signal()
    clipboardRequested = Signal()
    openRequested = Signal()
    sleepRequested = Signal()
    workRequested = Signal()
    modelsRequested = Signal()
    settingsRequested = Signal()
    quitRequested = Signal()
    availabilityChanged = Signal(bool)

    def __init__(
        self,
        memory: Callable[[], int | None],
        parent: QObject | None = None,
        probe: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        stillness: Callable[[], bool] | None = None,
    ) -> None:
        """Makes the icon asleep and not yet shown; call :meth:`start`.

        Args:
            memory: Returns the memory of the program in bytes, None when unknown; called on the GUI thread, rarely.
            parent: Owner.
            probe: Returns whether there is a tray now.
            stillness: Returns whether nothing shall move, called once, on a thread of its own; None: the system's wish.
        """
        super().__init__(parent)
        self._probe = probe
        self._stillness = stillness
        self._is_still: Future[bool] | None = None  # asked for once the icon is there
        self._memory = memory
        self._measured: int | None = None
        self._measured_at = 0.0
        self._state = CatState.ASLEEP
        self._note = self._work = ""
        self._frame = 0
        self._poses = CatPoses()
        self._icon: QSystemTrayIcon | None = None
        self._in_panel: QWidget | None = None
        self._known_available = False
        self._closed = False
        self._tries = 0
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self._look_for_tray)
        self._animation = QTimer(self)
        self._animation.setInterval(_FRAME_MS)
        self._animation.timeout.connect(self._next_frame)
        self._menu = TrayMenu(
            TrayCommands(
                ask=self._ask,
                act=self._run_action,
                edit_actions=self.actionsRequested.emit,
                put_back=self.clipboardRequested.emit,
                open_window=self.openRequested.emit,
                sleep=self.sleepRequested.emit,
                show_work=self.workRequested.emit,
                show_models=self.modelsRequested.emit,
                show_settings=self.settingsRequested.emit,
                leave=self.quitRequested.emit,
            )
        )
        self._menu.aboutToShow.connect(self._update_menu)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._show_icon)

    @property
    def available(self) -> bool:
        """Whether there is a tray now. Asked of the system each time."""
        return self._probe()

    @property
    def is_shown(self) -> bool:
        """Whether the icon was handed to a tray."""
        return self._icon is not None

    @property
    def state(self) -> CatState:
        return self._state

    @property
    def tooltip(self) -> str:
        """The text the panel shows: name, state, memory, and what is worked at in the background."""
        text = self.tr("Catnap: {state}").format(state=self._state_text())
        return f"{text}\n{self._work}" if self._work else text

    def start(self) -> None:
        """Shows the icon, or begins to look for a tray."""
        self._tries = 0
        self._look_for_tray()

    def measure_with(self, memory: Callable[[], int | None]) -> None:
        """Takes the memory from somewhere else from now on; see the constructor."""
        self._memory = memory

    def say_again(self) -> None:
        """Writes menu and tooltip anew, in the language that is in force now; what is in the note is the caller's."""
        self._menu.say_again()
        self._show_text()

    def set_state(self, state: CatState, note: str = "") -> None:
        """Shows what the engine does.

        Args:
            state: The cat's pose.
            note: Replaces the state's own word in tooltip and menu, already translated: "waking 40 %".
        """
        if self._closed or (state, note) == (self._state, self._note):
            return
        changed = state is not self._state
        self._state, self._note = state, note
        if not changed:
            self._show_text()
            return
        self._frame = 0
        self._measure(force=True)
        self._look_for_tray()
        self._show_icon()
        self._show_text()
        self._animate()

    def set_work(self, words: str) -> None:
        """Says what is worked at in the background, already translated; empty: nothing is."""
        words = one_line(words)
        if self._closed or words == self._work:
            return
        self._work = words
        self._menu.show_work(words)
        self._show_text()

    def set_actions(self, actions: Sequence[tuple[str, str]]) -> None:
        """Lists what can be done with the selected text.

        Args:
            actions: Id and title of each, translated; the title has its letter marked.
        """
        if self._closed:
            return
        self._menu.set_actions(actions)

    def offer_clipboard(self, offered: bool) -> None:
        """Shows whether there is an earlier clipboard to be put back."""
        if not self._closed:
            self._menu.offer_clipboard(offered)

    @property
    def shows_messages(self) -> bool:
        """Whether what :meth:`show_message` says is sure to be seen here."""
        # Elsewhere Qt says that it can where there is nobody to show it: in the tray of tint2, without a notification
        # service, nothing appeared (Qt 6.8).
        return sys.platform in ("win32", "darwin") and self._icon is not None and QSystemTrayIcon.supportsMessages()

    def show_message(self, title: str, text: str) -> None:
        """Shows a message beside the tray; without a tray it does nothing."""
        if self._icon is not None:
            self._icon.showMessage(one_line(title), printable(text), app_icon())

    def close(self) -> None:
        """Takes the icon away for good. May be repeated."""
        if self._closed:
            return
        self._closed = True
        if self._in_panel is not None and isValid(self._in_panel):
            self._in_panel.removeEventFilter(self)
        self._in_panel = None
        self._retry.stop()
        self._animation.stop()
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None
        self._menu.deleteLater()

    # --- menu

    def _run_action(self, key: str) -> None:
        self.actionRequested.emit(key, self._place())

    @Slot()
    def _update_menu(self) -> None:
        self._measure()
        self._write_line()

    def _write_line(self) -> None:
        self._menu.show_state(self._state_text(), can_sleep=self._state is not CatState.ASLEEP)

    # --- icon and text

    @Slot()
    def _show_icon(self) -> None:
        if self._icon is None:
            return
        pose = self._pose()
        if pose is not None:
            self._icon.setIcon(pose)

    def _pose(self) -> QIcon | None:
        return self._poses.pose(self._state, self._frame)

    @Slot()
    def _draw_ahead(self) -> None:
        if not self._closed and self._poses.draw_ahead():
            QTimer.singleShot(_AHEAD_MS, self, self._draw_ahead)

    def _show_text(self) -> None:
        if self._icon is not None and self._icon.toolTip() != self.tooltip:
            self._icon.setToolTip(self.tooltip)
        self._update_menu()

    def _state_text(self) -> str:
        words = {
            CatState.ASLEEP: self.tr("asleep"),
            CatState.DOZING: self.tr("dozing"),
            CatState.WAKING: self.tr("waking"),
            CatState.THINKING: self.tr("thinking"),
            CatState.AWAKE: self.tr("awake"),
        }
        text = one_line(self._note) or words[self._state]
        return text if self._measured is None else f"{text} · {format_bytes(self._measured)}"

    def _measure(self, force: bool = False) -> None:
        now = time.monotonic()
        if force or self._measured_at == 0.0 or now - self._measured_at >= _MEMORY_S:
            self._measured, self._measured_at = self._memory(), now

    @property
    def _keeps_still(self) -> bool:
        return self._is_still is not None and self._is_still.done() and self._is_still.result()

    def _animate(self) -> None:
        if (
            not self._keeps_still
            and self._state is CatState.THINKING
            and self._icon is not None
            and self._icon.isVisible()
        ):
            self._animation.start()
        else:
            self._animation.stop()

    @Slot()
    def _next_frame(self) -> None:
        if self._keeps_still:  # it has become known
            self._animation.stop()
            return
        self._frame += 1
        self._show_icon()
        self._measure()
        self._show_text()

    @Slot()
    def _complete(self) -> None:
        """Finds out what would have kept the icon waiting."""
        self._poses.complete()
        if self._is_still is None:
            # What this needs takes its time to import; the icon is there now.
            from desktop.common import detached
            from desktop.system.motion import prefers_stillness

            self._is_still = detached.start(self._stillness or prefers_stillness, "stillness")
        if self._icon is not None:
            self._icon.installEventFilter(self)
            self._show_icon()
            self._measure()
            self._show_text()
            QTimer.singleShot(_AHEAD_MS, self, self._draw_ahead)

    # --- clicks

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # On macOS a click opens the menu and is reported as well; the menu is enough.
        if reason is QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self._ask()
        elif reason in (QSystemTrayIcon.ActivationReason.MiddleClick, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.openRequested.emit()

    def _ask(self) -> None:
        self.askRequested.emit(self._place())

    def _place(self) -> QPoint:
        # Wayland tells a program neither where its icon is nor where the pointer is outside of its windows.
        unknown = QGuiApplication.platformName().startswith("wayland")
        return QPoint() if unknown else QCursor.pos()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Measures the memory when the pointer rests on the icon, where the platform reports that."""
        from PySide6.QtCore import QEvent

        if watched is self._icon and event.type() is QEvent.Type.ToolTip:
            self._measure()
            self._show_text()
        elif watched is not self._icon and event.type() in (QEvent.Type.Hide, QEvent.Type.Show):
            QTimer.singleShot(0, self, self._look_for_tray)  # the panel has gone, or has come back
        return super().eventFilter(watched, event)

    # --- availability

    @Slot()
    def _look_for_tray(self) -> None:
        available = self.available
        if available and self._icon is None:
            # Only now: what kind of tray an icon goes to is decided when it is made.
            self._icon = self._make_icon()
        if available:
            self._tries = 0
            self._retry.stop()
        elif not self._retry.isActive() and self._tries < len(_RETRIES_MS):
            self._retry.start(_RETRIES_MS[self._tries])
            self._tries += 1
        if available != self._known_available:
            self._known_available = available
            if available:
                self._watch_panel()
            self._animate()
            self.availabilityChanged.emit(available)

    def _make_icon(self) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(self)
        icon.setContextMenu(self._menu)
        icon.activated.connect(self._activated)
        icon.messageClicked.connect(self.openRequested)
        icon.setIcon(self._pose() or QIcon())
        self._write_line()
        icon.setToolTip(self.tooltip)
        icon.show()
        QTimer.singleShot(0, self, self._complete)
        return icon

    def _watch_panel(self) -> None:
        """Has the end of an X11 panel noticed at once, without looking for it ever so often.

        WORKAROUND(Qt 6.8): no signal tells of it, but the window that Qt keeps in the panel is hidden then.
        """
        for widget in QApplication.topLevelWidgets():
            if widget.inherits(_IN_PANEL):  # another one for each panel
                widget.installEventFilter(self)
                self._in_panel = widget
