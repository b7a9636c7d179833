"""What knows the documents of conversations, made when the first one is there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.chat.documents.ground import TooLong
from desktop.common.errors import UserFacingError

if TYPE_CHECKING:
    from desktop.chat.documents.grounds import Grounds
    from desktop.documents.passages.understanding import Embedder

_log = logging.getLogger(__name__)


class LazyGrounds:
    """Makes a :class:`~desktop.chat.documents.grounds.Grounds` when it is called first.

    What keeps documents and finds passages in them is imported by then, so that nobody who has no documents pays for it
    with memory or time.
    """

    def __init__(
        self,
        file: Path,
        *,
        documents_of: Callable[[str], Collection[str]] = lambda _library: (),
        embedder: Callable[[], Embedder | None] = lambda: None,
        forget: Callable[[str], None] = lambda _states: None,
        tell_too_long: Callable[[str, TooLong], None] = lambda _document, _found: None,
        tell_trouble: Callable[[UserFacingError], None] = lambda _problem: None,
    ) -> None:
        """
        Args:
            file: Of the documents that are kept.
            documents_of: Returns the documents of a library by its id.
            embedder: Returns the model that finds passages by what they mean; None: there is none.
            forget: Erases what the engine has read of a document, by what the ids of these states begin with.
            tell_too_long: Told of a document that was found not to fit as a whole.
            tell_trouble: Told what was wrong with the file when it was opened.
        """
        self._file = file
        self._documents_of = documents_of
        self._embedder = embedder
        self._forget = forget
        self._tell_too_long = tell_too_long
        self._tell_trouble = tell_trouble
        self._made: Grounds | None = None

    def __call__(self) -> Grounds:
        if self._made is None:
            from desktop.chat.documents.grounds import Grounds

            self._made = Grounds(
                self._file, self._documents_of, self._embedder, self._forget, self._tell_too_long, self._tell_trouble
            )
        return self._made

    def sweep(self, wanted: Callable[[], Collection[str]]) -> None:
        """Erases the documents that nobody wants any more, where there are any; what fails is done another time."""
        try:
            if self._made is not None or self._file.exists():
                self().sweep(wanted())
        except UserFacingError as problem:
            _log.warning("documents not erased: %s", problem.title)

    def make_up(self, erase: Callable[[str], object]) -> None:
        """Erases what is left of documents that were erased, where there are any; before there is an engine.

        Args:
            erase: Erases states by what their ids begin with.
        """
        try:
            if self._made is not None or self._file.exists():
                self().make_up(erase)
        except UserFacingError as problem:
            _log.warning("states of documents not erased: %s", problem.title)

    def forget_lengths(self) -> None:
        """Another model or context is in force."""
        if self._made is not None:
            self._made.forget_lengths()

    def close(self) -> None:
        """Closes the file, if it is open."""
        if self._made is not None:
            self._made.close()
