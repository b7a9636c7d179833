"""The page of the settings about quick actions: the list, and how a key is given to one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.quick_actions.actions import QuickAction
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.common.printable import one_line
from desktop.system.own_command import KeyDesktop
from desktop.ui.quick_actions.editor import ActionEditor
from desktop.ui.quick_actions.keys import KeyHelp, MakeCommand
from desktop.ui.quick_actions.portal_keys import PortalKeys
from desktop.ui.quick_actions.words import action_title
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import ElidedLabel, MutedLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.list_row import OneLine

_ROWS = 6  # of the list that are in view: those that came
_ID = Qt.ItemDataRole.UserRole


class QuickActionsPage(QScrollArea):
    """Shows the actions in their order; every change applies at once and can be undone."""

    def __init__(
        self,
        file: QuickActionsFile,
        desktop: KeyDesktop,
        command: MakeCommand,
        portal: PortalKeys | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            file: The actions.
            desktop: The one that this is.
            command: See :data:`MakeCommand`.
            portal: Keys through the desktop; None: there are none.
            parent: Owner.
        """
        super().__init__(parent)
        self._file = file
        self._undo_step: Callable[[], None] | None = None
        self.setWindowTitle(self.tr("Quick actions"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list = QListWidget()
        self.setFocusProxy(self._list)
        self._list.setAccessibleName(self.tr("Quick actions"))
        self._list.setItemDelegate(OneLine(self._list))
        self._list.currentRowChanged.connect(lambda _row: self._update())
        self._list.itemDoubleClicked.connect(lambda _item: self._edit())
        self._add_button = self._button(self.tr("&Add…"), self._add)
        self._edit_button = self._button(self.tr("&Edit…"), self._edit)
        self._delete = self._button(self.tr("De&lete"), self._remove)
        self._up = self._button(self.tr("&Up"), partial(self._move, -1))
        self._down = self._button(self.tr("Do&wn"), partial(self._move, 1))
        self._restore = self._button(self.tr("&Built-in ones as they came"), self._restore_built_in)
        self._said = ElidedLabel()
        self._undo = self._button(self.tr("U&ndo"), self._undo_last)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self._list, self._remove)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._keys = KeyHelp(desktop, command, portal)
        self._lay_out()
        self._offer_undo("", None)
        file.changed.subscribe(lambda _actions: self._fill())
        self._fill()
        rows = _ROWS * self._list.sizeHintForRow(0)
        self._list.setFixedHeight(rows + 2 * self._list.frameWidth())

    @property
    def key_help(self) -> KeyHelp:
        """How a key is given to an action."""
        return self._keys

    # --- what the user does

    def _add(self) -> None:
        self._open(ActionEditor(None, self._keep_new, self))

    def _edit(self) -> None:
        action = self._chosen()
        if action is not None:
            keep = partial(self._keep_edited, action)
            self._open(ActionEditor(action, keep, self))

    def _open(self, editor: QDialog) -> None:
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.open()

    def _keep_new(self, name: str, prompt: str) -> None:
        action = self._file.add(name, prompt, self._titles())
        self._offer_undo("", None)
        self._choose(action.id)

    def _keep_edited(self, before: QuickAction, name: str, prompt: str) -> None:
        self._file.edit(before.id, name, prompt, self._titles(but=before.id))
        restore = partial(self._file.set_all, self._with(before), self._file.removed)
        self._offer_undo(self.tr("Changed: {name}.").format(name=one_line(action_title(before))), restore)

    def _with(self, action: QuickAction) -> list[QuickAction]:
        return [action if each.id == action.id else each for each in self._file.actions]

    def _remove(self) -> None:
        action, at = self._chosen(), self._list.currentRow()
        if action is None:
            return
        self._file.remove(action.id)
        self._list.setCurrentRow(min(at, self._list.count() - 1))
        words = self.tr("Deleted: {name}.").format(name=one_line(action_title(action)))
        self._offer_undo(words, partial(self._put_back, action, at))

    def _put_back(self, action: QuickAction, at: int) -> None:
        self._file.put_back(action, at)
        self._choose(action.id)

    def _move(self, by: int) -> None:
        action = self._chosen()
        if action is not None:
            self._file.move(action.id, by)
            self._choose(action.id)

    def _restore_built_in(self) -> None:
        before, removed = self._file.actions, self._file.removed
        self._file.restore()
        words = self.tr("The built-in actions are as they came.")
        self._offer_undo(words, partial(self._file.set_all, before, removed) if self._file.actions != before else None)

    def _undo_last(self) -> None:
        step = self._undo_step
        self._offer_undo("", None)
        if step is not None:
            step()
        self._list.setFocus()

    # --- what is shown

    def _fill(self) -> None:
        chosen = self._chosen_id()
        self._list.clear()
        for action in self._file.actions:
            item = QListWidgetItem(one_line(action_title(action)), self._list)
            item.setData(_ID, action.id)
        self._choose(chosen)
        if self._list.currentRow() < 0 and self._list.count():
            self._list.setCurrentRow(0)
        self._keys.show_actions(self._file.actions)
        self._update()

    def _choose(self, action_id: str) -> None:
        for row in range(self._list.count()):
            if self._list.item(row).data(_ID) == action_id:
                self._list.setCurrentRow(row)

    def _chosen_id(self) -> str:
        row = self._list.currentRow()
        return str(self._list.item(row).data(_ID)) if row >= 0 else ""

    def _chosen(self) -> QuickAction | None:
        action_id = self._chosen_id()
        return next((action for action in self._file.actions if action.id == action_id), None)

    def _titles(self, but: str = "") -> list[str]:
        return [action_title(action) for action in self._file.actions if action.id != but]

    def _update(self) -> None:
        row, count = self._list.currentRow(), self._list.count()
        for button in (self._edit_button, self._delete):
            button.setEnabled(row >= 0)
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
        self._keys.choose(self._chosen_id())

    def _offer_undo(self, words: str, step: Callable[[], None] | None) -> None:
        self._undo_step = step
        self._said.say(words)
        self._said.setVisible(bool(words))
        self._undo.setVisible(step is not None)

    # --- building

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: slot())
        return button

    def _lay_out(self) -> None:
        gap = spacing(self)
        content = QWidget()
        page = QVBoxLayout(content)
        page.setContentsMargins(0, 0, gap.unit, 0)
        page.setSpacing(gap.unit)
        intro = self.tr("With the text selected in another program: in the quick box, from the tray, or by a key.")
        page.addWidget(MutedLabel(intro))
        buttons = QVBoxLayout()
        buttons.setSpacing(gap.half)
        for button in (self._add_button, self._edit_button, self._delete, self._up, self._down):
            buttons.addWidget(button)
        buttons.addStretch()
        beside = QHBoxLayout()
        beside.setSpacing(gap.unit)
        beside.addWidget(self._list, stretch=1)
        add_layout(beside, buttons)
        add_layout(page, beside)
        below = QHBoxLayout()
        below.setSpacing(gap.unit)
        below.addWidget(self._restore)
        below.addWidget(self._said, stretch=1)
        below.addStretch()
        below.addWidget(self._undo)
        add_layout(page, below)
        page.addWidget(Gap(gap.unit))
        head = QLabel(self.tr("On a key of your own"))
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        page.addWidget(head)
        page.addWidget(self._keys)
        page.addStretch(1)
        self.setWidget(content)
