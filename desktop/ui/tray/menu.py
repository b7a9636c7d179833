"""The menu of the icon in the tray."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


@dataclass(frozen=True)
class TrayCommands:
    """What each line of the menu does.

    Attributes:
        act: Takes the id of what is to be done with the selected text.
        edit_actions: Shows which of these there are.
        put_back: Brings back what the clipboard held before.
        show_work: Shows what is worked at in the background.
    """

    ask: Callable[[], None]
    act: Callable[[str], None]
    edit_actions: Callable[[], None]
    put_back: Callable[[], None]
    open_window: Callable[[], None]
    sleep: Callable[[], None]
    show_work: Callable[[], None]
    show_models: Callable[[], None]
    show_settings: Callable[[], None]
    leave: Callable[[], None]


class TrayMenu(QMenu):
    """Its actions live as long as it does and are brought up to date when it opens.

    Panels that show the menu themselves (over D-Bus) lose track of one that is emptied while it opens.
    """

    def __init__(self, commands: TrayCommands) -> None:
        """
        Args:
            commands: What the lines do.
        """
        super().__init__()
        self._commands = commands
        self._clipboard: QAction | None = None
        self._lines: list[QAction] = []  # in the order of their words
        self._state = QAction(self)
        self._state.setEnabled(False)
        self.addAction(self._state)
        self._work = self._add("", commands.show_work)
        self._work.setVisible(False)
        self.addSeparator()
        ask, with_text, show, sleep, models, settings, leave = self._words()
        self.setDefaultAction(self._add_line(ask, commands.ask))
        self._actions = QMenu(with_text, self)
        self._actions.menuAction().setEnabled(False)  # until it is known which there are
        self._lines.append(self.addMenu(self._actions))
        self._add_line(show, commands.open_window)
        self._sleep = self._add_line(sleep, commands.sleep)
        self.addSeparator()
        self._add_line(models, commands.show_models)
        self._add_line(settings, commands.show_settings)
        self.addSeparator()
        self._add_line(leave, commands.leave)

    def say_again(self) -> None:
        """Writes the lines anew, in the language that is in force now."""
        for action, words in zip(self._lines, self._words(), strict=True):
            action.setText(words)

    def show_state(self, words: str, *, can_sleep: bool) -> None:
        """Says what the engine does, in the first line."""
        self._state.setText(words[:1].upper() + words[1:])
        self._sleep.setEnabled(can_sleep)

    def show_work(self, words: str) -> None:
        """Says what is worked at in the background; empty: nothing is."""
        self._work.setText(words.replace("&", "&&"))
        self._work.setVisible(bool(words))

    def set_actions(self, actions: Sequence[tuple[str, str]]) -> None:
        """Lists what can be done with the selected text.

        Args:
            actions: Id and title of each, translated; the title has its letter marked.
        """
        self._actions.clear()
        for key, title in actions:
            self._add(title, partial(self._commands.act, key), self._actions)
        self._actions.addSeparator()
        self._clipboard = self._add(self.tr("Put the earlier clipboard back"), self._commands.put_back, self._actions)
        self._clipboard.setVisible(False)
        self._add(self.tr("Actions…"), self._commands.edit_actions, self._actions)
        self._actions.menuAction().setEnabled(True)

    def offer_clipboard(self, offered: bool) -> None:
        """Shows whether there is an earlier clipboard to be put back."""
        if self._clipboard is not None:
            self._clipboard.setVisible(offered)

    def _add(self, text: str, slot: Callable[[], None], menu: QMenu | None = None) -> QAction:
        menu = menu or self
        action = QAction(text, menu)
        action.triggered.connect(lambda _checked=False: slot())
        menu.addAction(action)
        return action

    def _add_line(self, text: str, slot: Callable[[], None]) -> QAction:
        self._lines.append(self._add(text, slot))
        return self._lines[-1]

    def _words(self) -> tuple[str, str, str, str, str, str, str]:
        return (
            self.tr("&Ask…"),
            self.tr("With the selected &text"),
            self.tr("&Open Catnap"),
            self.tr("&Sleep now"),
            self.tr("&Models…"),
            self.tr("S&ettings…"),
            self.tr("&Quit"),
        )
