"""What a conversation about a document is answered from: the whole text where it fits, else passages of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from desktop.chat.context_use import estimate_tokens
from desktop.chat.documents.ground import Asked, Ground, Passages, TooLong
from desktop.chat.documents.search import find_passages, find_support
from desktop.chat.voice import Voice
from desktop.common.errors import UserFacingError
from desktop.common.sqlite import suspect_marker
from desktop.common.text.number_ranges import numbers_in
from desktop.documents.library.states import state_id, states_of
from desktop.documents.library.store import DocumentStore
from desktop.documents.library.stored import StoredDocument
from desktop.documents.passages.index import Found
from desktop.documents.passages.understanding import Embedder
from desktop.documents.question import SHORT_ANSWER, opening_with, text_of
from desktop.documents.types import Document
from desktop.engine.routing import server_model
from desktop.history.choices import ConversationChoices
from desktop.history.sources import Support
from desktop.settings.options import option_for

_log = logging.getLogger(__name__)

# A token of any vocabulary is shorter on average, in any text that says something.
_MOST_PER_TOKEN: Final = 16


class Grounds:
    """Finds out what conversations are about. GUI thread.

    Methods may raise UserFacingError: the documents cannot be read.
    """

    def __init__(
        self,
        file: Path,
        documents_of: Callable[[str], Collection[str]],
        embedder: Callable[[], Embedder | None],
        forget: Callable[[str], None],
        tell_too_long: Callable[[str, TooLong], None],
        tell_trouble: Callable[[UserFacingError], None],
    ) -> None:
        """See :class:`desktop.chat.documents.lazy.LazyGrounds`, which makes it."""
        self.file = file
        self._documents_of = documents_of
        self._embedder = embedder
        self._forget = forget
        self._tell_too_long = tell_too_long
        self._tell_trouble = tell_trouble
        self._opened: DocumentStore | None = None
        self._held: set[str] = set()
        self._last: tuple[str, str, Ground] | None = None  # a document, its parts, and what came of them
        # By the ids of their states, and the model on a server that has said so; empty: it was the one here.
        self._too_long: dict[tuple[str, str], TooLong] = {}

    @property
    def store(self) -> DocumentStore:
        """The documents that are kept; opened when they are needed first, and again where their file was damaged."""
        if self._opened is not None and suspect_marker(self.file).exists():
            self.close()
        if self._opened is None:
            self._opened = DocumentStore(self.file)
            if self._opened.load_problem is not None:
                self._tell_trouble(self._opened.load_problem)
        return self._opened

    def close(self) -> None:
        """Closes the file, if it is open."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def keep(self, document: Document, origin: Path | None) -> StoredDocument:
        """Keeps a document; until it is let go of, also where no conversation is about it."""
        stored = self.store.add(document, origin)
        self.hold(stored.id)
        return stored

    def hold(self, document_id: str) -> None:
        """Keeps a document although no conversation is about it yet."""
        self._held.add(document_id)

    def let_go(self, document_id: str) -> None:
        """Keeps a document only as long as a conversation is about it."""
        self._held.discard(document_id)

    def sweep(self, wanted: Collection[str]) -> None:
        """Erases all documents but those that are wanted and those that are held, with what the model has read."""
        for document_id in self.store.keep_only({*wanted, *self._held}):
            self._forget(states_of(document_id))

    def make_up(self, erase: Callable[[str], object]) -> None:
        """Erases what the model has read of documents that are gone: an earlier run was perhaps killed before.

        Args:
            erase: Erases states by what their ids begin with.
        """
        gone = self.store.removed()
        for document_id in gone:
            erase(states_of(document_id))
        self.store.settle(*gone)

    def of(self, choices: ConversationChoices) -> Ground | None:
        """Returns what a conversation is answered from; None: from what the model knows, or the document is gone."""
        if choices.document is not None:
            ground = self._of_document(choices.document.id, choices.document.parts)
            if ground is not None:
                return replace(ground, since=choices.document.since)
        if choices.library is not None:
            documents = tuple(self._documents_of(choices.library))
            return Ground(documents) if documents else None
        return None

    def grounded(self, voice: Voice, choices: ConversationChoices, *, passages: bool = False) -> Voice:
        """Returns how a conversation is answered that may be about a document.

        Args:
            voice: How it would be answered if it were about none.
            choices: What is chosen for it.
            passages: Give passages even where the whole text is thought to fit.
        """
        ground = self.of(choices)
        if ground is None:
            return voice
        temperature = 0.0 if choices.temperature is None else choices.temperature
        longest = min(voice.sampling.max_tokens or SHORT_ANSWER, SHORT_ANSWER)
        # A penalty changes a figure that is said a second time.
        sampling = replace(voice.sampling, temperature=temperature, max_tokens=longest, repeat_penalty=1.0)
        voice = replace(voice, sampling=sampling, examples=(), prefix_id=None, ground=ground)
        if not ground.is_whole:
            return voice
        opening = opening_with(ground.text)
        identity = state_id(ground.document_ids[0], voice.system_prompt, opening)
        too_long = self._too_long.get((identity, _elsewhere(voice)))
        if passages or too_long is not None:
            return replace(voice, ground=replace(ground, text="", too_long=too_long))
        return replace(voice, opening=opening, prefix_id=identity)

    def note_too_long(self, voice: Voice, found: TooLong) -> None:
        """Remembers that a whole document does not fit, until another model or context is in force.

        Args:
            voice: What :meth:`grounded` has returned.
            found: By how much.
        """
        if voice.prefix_id is not None and voice.ground is not None:
            self._too_long[voice.prefix_id, _elsewhere(voice)] = found
            self._tell_too_long(voice.ground.document_ids[0], found)

    def forget_lengths(self) -> None:
        """Another model or context is in force on this computer: what did not fit may fit now."""
        self._too_long = {key: found for key, found in self._too_long.items() if key[1]}

    def passages(self, ground: Ground, question: str, most: int) -> Callable[[threading.Event], Passages]:
        """Returns what finds the passages that a question is about; see :func:`find_passages`. For any thread."""
        # Opened here, so that what is wrong with the file is found, and said, here.
        return partial(find_passages, self.store.file, ground, question, self._embedder(), most)

    def expect_question(self) -> None:
        """Somebody writes one about passages: what finds them by their meaning is made ready."""
        embedder = self._embedder()
        if embedder is not None:
            embedder.prepare()

    def support(
        self, ground: Ground, asked: Asked, answer: str, given: tuple[Found, ...]
    ) -> Callable[[threading.Event], Support] | None:
        """Returns what finds out what an answer rests on; see :func:`find_support`. For any thread.

        None: on nothing, since nothing was found for its question.
        """
        if not given and not ground.is_whole:
            return None
        return partial(find_support, self.store.file, ground, asked, answer, given)

    def _of_document(self, document_id: str, parts: str) -> Ground | None:
        if self._last is not None and self._last[:2] == (document_id, parts):
            return self._last[2]
        document = self.store.document(document_id)
        if document is None:
            return None
        numbers = {part.number for part in document.parts}
        try:
            wanted = frozenset(numbers_in(parts, numbers)) or frozenset(numbers)
        except ValueError:  # written by another Catnap
            wanted = frozenset(numbers)
        scope = None if wanted == numbers else wanted
        if scope is not None:
            document = replace(document, parts=tuple(part for part in document.parts if part.number in scope))
        text = text_of(document)
        largest = int(option_for("n_ctx").maximum)
        if len(text) <= _MOST_PER_TOKEN * largest:
            ground = Ground((document_id,), scope, text)
        else:  # not even given to the model to count
            ground = Ground((document_id,), scope, too_long=TooLong(estimate_tokens(text), largest))
        self._last = document_id, parts, ground
        return self._last[2]


def _elsewhere(voice: Voice) -> str:
    """Returns the model on a server that answers; empty: it is one of this computer, whichever is in force."""
    return voice.model_file or "" if server_model(voice.model_file) is not None else ""


def keep_beside(file: Path, document: Document, origin: Path | None) -> StoredDocument:
    """Keeps a document with its passages, on any thread.

    Args:
        file: Of the documents that are kept; open elsewhere.
        document: What was read.
        origin: The file it was read from.
    """
    with closing(DocumentStore(file)) as store:
        stored = store.add(document, origin)
        store.index(stored.id)
        return stored
