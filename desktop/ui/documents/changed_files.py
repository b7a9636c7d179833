"""Says that the file of a conversation's document was changed since it was read: answers are about what it was."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal

from desktop.chat.documents.events import Attachment
from desktop.chat.documents.service import DocumentService
from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.words import short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.chat.presenter import ChatPresenter

_CHANGED_KEY: Final = "document-changed"


@dataclass(frozen=True)
class _Told:
    """What was said: whoever has closed it is not told again of the same change."""

    conversation: str | None
    document: str
    changed_at: float


class ChangedFiles(QObject):
    """Looks on another thread, since a file may lie on a drive that is gone.

    Signals:
        readAgainRequested: (Path) The file shall be opened again.
    """

    readAgainRequested = Signal(object)
    _looked = Signal(object, object, float)  # emitted by the thread that looks, received by that of the windows

    def __init__(self, shown: ChatPresenter, service: DocumentService, parent: QObject | None = None) -> None:
        """
        Args:
            shown: Knows which conversation is shown, and says things of it.
            service: Knows what conversations are about.
            parent: Owner.
        """
        super().__init__(parent)
        self._shown, self._service = shown, service
        self._told: set[_Told] = set()
        self._under_way: set[Path] = set()  # a drive that is gone holds one thread, not one for each look
        self._looked.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def look(self) -> None:
        """Looks whether the document of the conversation that is shown is still what is in its file."""
        conversation, attachment = self._shown.current, self._attached()
        if attachment is None or attachment.document.origin is None:
            self._shown.notices.withdraw(conversation, _CHANGED_KEY)
        elif (file := attachment.document.origin) not in self._under_way:
            self._under_way.add(file)
            detached.start(partial(_changed_at, file), "document file").add_done_callback(
                partial(self._tell, conversation, file)
            )

    def _tell(self, conversation: str | None, file: Path, look: Future[float]) -> None:
        with suppress(RuntimeError):  # the windows are gone
            self._looked.emit(conversation, file, look.result())

    def _take(self, conversation: str | None, file: Path, changed_at: float) -> None:
        self._under_way.discard(file)
        attachment = self._attached()
        if conversation != self._shown.current or attachment is None or attachment.document.origin != file:
            return  # another one is shown by now, and was looked at as well
        document = attachment.document
        if changed_at <= document.read_at:
            self._shown.notices.withdraw(conversation, _CHANGED_KEY)
            return
        told = _Told(conversation, document.id, changed_at)
        if told in self._told:
            return
        self._told.add(told)
        again = NoticeAction(self.tr("Read it again"), partial(self.readAgainRequested.emit, file))
        title = self.tr("{name} was changed since it was read.").format(name=short_name(file.name))
        remedy = self.tr("Answers are about what was in it then.")
        self._shown.notices.show(conversation, Notice(title, remedy=remedy, actions=(again,), key=_CHANGED_KEY))

    def _attached(self) -> Attachment | None:
        try:
            return self._service.attached(self._shown.current)
        except UserFacingError:  # the history cannot be read, which is said elsewhere
            return None


def _changed_at(file: Path) -> float:
    """Returns when a file was changed, in seconds since 1970; 0.0 where it is gone: its text is kept all the same."""
    try:
        return file.stat().st_mtime
    except (OSError, ValueError):
        return 0.0
