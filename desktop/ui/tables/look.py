"""Looks at a document of a table: it is read again, and shown where it says what stands in the row."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal

from desktop.common.errors import Cancelled, UserFacingError, from_system
from desktop.documents.types import Document
from desktop.extraction.filling import Read
from desktop.extraction.places import place_of
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source
from desktop.structured.fields import Field

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.documents.viewer import DocumentViewer

_END_SECONDS: Final = 2.0


@dataclass(frozen=True)
class _Wanted:
    """What is to be shown.

    Attributes:
        row: What was found in it; None: it was not come to yet.
        fields: Those whose values are looked for, in this order.
        given_up: Set when something else is wanted.
    """

    row: Row | None
    fields: tuple[Field, ...]
    given_up: threading.Event


class DocumentLook(QObject):
    """Shows one document at a time, in a viewer of its own.

    Signals:
        troubled: A document cannot be read: a UserFacingError.
    """

    troubled = Signal(object)
    _read_again = Signal(object, object)  # emitted by the thread that reads, received by that of the windows

    def __init__(self, make_viewer: Callable[[], DocumentViewer], read: Read, parent: QObject | None = None) -> None:
        """
        Args:
            make_viewer: Makes the viewer.
            read: Reads a document, on any thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_viewer, self._read = make_viewer, read
        self._wanted: _Wanted | None = None
        self._threads: list[threading.Thread] = []
        self.viewer: DocumentViewer | None = None
        self._read_again.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def show(self, source: Source, row: Row | None, fields: tuple[Field, ...]) -> None:
        """Reads a document, and shows it with the first of some values marked that it says.

        Args:
            source: The document.
            row: What was found in it; None: nothing yet.
            fields: Those whose values are looked for, in this order.
        """
        if self._wanted is not None:
            self._wanted.given_up.set()
        wanted = self._wanted = _Wanted(row, fields, threading.Event())

        def read() -> None:
            found: Document | UserFacingError
            try:
                found = self._read(source.path, lambda _progress: None, wanted.given_up)
            except Cancelled:
                return
            except UserFacingError as problem:
                found = problem
            except OSError as problem:
                found = from_system(problem)
            self._read_again.emit(wanted, found)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=read, name="table-document", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """Gives up what is being read, and takes the viewer off the screen."""
        if self._wanted is not None:
            self._wanted.given_up.set()
            self._wanted = None
        for thread in self._threads:
            thread.join(_END_SECONDS)
        if self.viewer is not None:
            self.viewer.hide()

    def _show(self, wanted: _Wanted, found: Document | UserFacingError) -> None:
        if wanted is not self._wanted:
            return
        self._wanted = None
        if isinstance(found, UserFacingError):
            self.troubled.emit(found)
            return
        from desktop.ui.documents.viewer import Purpose

        viewer = self.viewer = self.viewer or self._make_viewer()
        viewer.show_document(found, Purpose.LOOK)
        viewer.open_window()
        place = place_of(wanted.row, wanted.fields, found) if wanted.row is not None else None
        if place is not None:
            viewer.show_passage(place.part, place.start, place.end)
