"""Connects what a person does to arrange conversations, one or many, with the history: pin, archive, folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.history.records import Conversation
from desktop.ui.chat.changes import ConversationChanges
from desktop.ui.chat.undo import Change
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.folder_dialog import FolderDialog
from desktop.ui.conversations.several_dialog import SeveralDialog
from desktop.ui.conversations.shelf import folders_of
from desktop.ui.widgets.banner import Notice, NoticeAction

_SECONDS = 12.0
_ARCHIVED_KEY = "archived"
_SEVERAL_KEY = "several"


class Arranging(QObject):
    """Arranges, and follows what is arranged with the menu of the window."""

    def __init__(
        self,
        window: ChatWindow,
        changes: ConversationChanges,
        guarded: Callable[[Callable[[], object]], bool],
        current: Callable[[], str | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Has the list, the menu and the banner.
            changes: Arranges, so that it can be undone.
            guarded: Does something, shows why it could not be done, and refreshes the list; returns whether it was.
            current: Returns which conversation is shown.
            parent: Owner.
        """
        super().__init__(parent)
        self._window, self._changes, self._guarded, self._current = window, changes, guarded, current
        self._conversations: tuple[Conversation, ...] = ()
        self._several: SeveralDialog | None = None
        self._offered_back = ""  # the archived conversation that the banner has a button for
        shown, menu = window.list, window.menu
        shown.pinRequested.connect(self._pin)
        shown.archiveRequested.connect(self._archive)
        shown.moveRequested.connect(self._move)
        shown.newFolderRequested.connect(self._move_to_new)
        shown.shelf.renameRequested.connect(self._rename)
        shown.shelf.dissolveRequested.connect(self._dissolve)
        menu.pin.triggered.connect(lambda _checked: self._toggle(self._pin, "pinned"))
        menu.archive.triggered.connect(lambda _checked: self._toggle(self._archive, "archived"))
        menu.move.triggered.connect(lambda _checked: self._open_move_menu())
        menu.tidy.triggered.connect(lambda _checked: self.open_several())

    def follow(self, conversations: tuple[Conversation, ...]) -> None:
        """Takes the conversations that there are now."""
        self._conversations = conversations
        one = self._of(self._current())
        self._window.menu.follow_arrangement(one)
        self._window.menu.tidy.setEnabled(bool(conversations))
        if self._several is not None and self._several.isVisible():
            self._several.set_conversations(conversations)
        back = self._of(self._offered_back)
        if self._offered_back and (back is None or back.archived is None):
            self._offered_back = ""
            self._window.pane.banner.withdraw(_ARCHIVED_KEY)

    def open_several(self) -> SeveralDialog:
        """Brings the window in which many conversations are arranged at once to the front."""
        if self._several is None:
            dialog = self._several = SeveralDialog(self._window)
            dialog.archiveRequested.connect(
                lambda chosen, to: self._do_several(lambda: self._changes.archive_all(chosen, to))
            )
            dialog.moveRequested.connect(self._move_several)
            dialog.newFolderRequested.connect(
                lambda chosen: self._ask("", lambda name: self._move_several(chosen, name), dialog)
            )
            dialog.deleteRequested.connect(lambda chosen: self._do_several(lambda: self._changes.delete_all(chosen)))
        self._several.set_conversations(self._conversations)
        self._several.show()
        self._several.raise_()
        self._several.activateWindow()
        self._several.rows.setFocus()
        return self._several

    def _move_several(self, chosen: Sequence[str], folder: str) -> None:
        self._do_several(lambda: self._changes.move_all(chosen, folder))

    def _do_several(self, change: Callable[[], Change]) -> None:
        """Does something to many conversations, and offers the way back where it was done."""
        done: list[Change] = []
        if not self._guarded(lambda: done.append(change())) or self._several is None:
            return
        words, undo = done[0].words, self._changes.undo

        def take_back() -> None:
            if undo.next_undo is done[0]:
                undo.undo()
            elif self._guarded(done[0].back):  # something else was done since
                undo.forget(lambda change: change is done[0])

        self._several.banner.show_notice(
            Notice(
                self.tr("Done: {change}").format(change=words),
                actions=(NoticeAction(self.tr("Undo"), take_back),),
                key=_SEVERAL_KEY,
                seconds=_SECONDS,
            )
        )

    def _of(self, identity: str | None) -> Conversation | None:
        return next((one for one in self._conversations if one.id == identity), None)

    def _toggle(self, do: Callable[[str, bool], None], what: str) -> None:
        one = self._of(self._current())
        if one is not None:
            do(one.id, getattr(one, what) is None)

    def _pin(self, identity: str, pinned: bool) -> None:
        self._guarded(lambda: self._changes.pin(identity, pinned))

    def _archive(self, identity: str, archived: bool) -> None:
        done: list[Change] = []
        if not self._guarded(lambda: done.append(self._changes.archive(identity, archived))) or not archived:
            return
        self._offered_back = identity
        banner = self._window.pane.banner
        banner.show_notice(
            Notice(
                self.tr("Conversation archived"),
                remedy=self.tr("Archive, above the list, has it; the search finds it too."),
                actions=(NoticeAction(self.tr("Undo"), lambda: self._take_back(done[0])),),
                key=_ARCHIVED_KEY,
                seconds=_SECONDS,
            )
        )

    def _take_back(self, archived: Change) -> None:
        if self._changes.undo.next_undo is archived:
            self._changes.undo.undo()
        else:
            self._archive(archived.conversation, False)

    def _move(self, identity: str, folder: str) -> None:
        one = self._of(identity)
        if one is not None and one.folder != folder:
            self._guarded(lambda: self._changes.move(one, folder))

    def _open_move_menu(self) -> None:
        current = self._current()
        if current is not None:
            self._window.show_list()
            self._window.list.open_move_menu(current)

    def _move_to_new(self, identity: str) -> None:
        self._ask("", lambda name: self._move(identity, name))

    def _rename(self, folder: str) -> None:
        def rename(name: str) -> None:
            if self._guarded(lambda: self._changes.rename_folder(folder, name)):
                self._window.list.shelf.show_folder(name)

        self._ask(folder, rename)

    def _dissolve(self, folder: str) -> None:
        self._guarded(lambda: self._changes.dissolve_folder(folder))

    def _ask(self, renamed: str, take: Callable[[str], None], above: QWidget | None = None) -> None:
        dialog = FolderDialog(folders_of(self._conversations), renamed, above or self._window)
        dialog.accepted.connect(lambda: take(dialog.name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
