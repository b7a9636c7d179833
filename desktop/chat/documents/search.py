"""What questions and answers about documents are looked up by: passages, and where an answer was taken from.

Every function may be called on any thread: it opens the file of the documents for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from desktop.chat.documents.ground import Asked, Ground, Passages
from desktop.common.errors import Cancelled
from desktop.documents.library.quoting import quoted
from desktop.documents.library.store import DocumentStore
from desktop.documents.passages.index import Found
from desktop.documents.passages.understanding import Embedder, meaning_of
from desktop.documents.question import question_about_passages
from desktop.documents.unsupported import unsupported
from desktop.history.sources import MOST_SOURCES, Source, Support

# For what a question means, which takes 10 ms where the model is ready, as it is once somebody has begun to write.
_PATIENCE_SECONDS: Final = 2.0


def find_passages(
    file: Path, ground: Ground, question: str, embedder: Embedder | None, most: int, given_up: threading.Event
) -> Passages:
    """Returns how a question is put to a model that does not have the whole text, and the passages in it.

    Args:
        file: Of the documents that are kept.
        ground: What it is answered from.
        question: As the person has put it.
        embedder: Finds them by what they mean; None: by their words alone.
        most: How many there may be.
        given_up: Set when nobody wants it any more; a document that is being indexed is still done.

    Raises:
        UserFacingError: The documents cannot be read.
        Cancelled: It was given up.
    """
    with _indexed(file, ground, given_up) as store:
        meaning = meaning_of(question, embedder, _PATIENCE_SECONDS)
        found = store.find(question, ground.document_ids, ground.parts, most, meaning)
        titled = [_titled(store, one, ground) for one in found]
    return Passages(question_about_passages(titled, question), found)


def find_support(
    file: Path, ground: Ground, asked: Asked, answer: str, given: tuple[Found, ...], given_up: threading.Event
) -> Support:
    """Returns what an answer rests on. Raises as :func:`find_passages` does.

    Args:
        file: Of the documents that are kept.
        ground: What it was answered from.
        asked: What it is an answer to.
        answer: What was answered.
        given: Passages that were given to the model; none: it had the whole text.
        given_up: Set when nobody wants it any more.
    """
    with _indexed(file, ground, given_up) as store:
        return Support(
            _sources(store, ground, f"{asked.question}\n{answer}", given), _unsupported(store, ground, asked, answer)
        )


@contextmanager
def _indexed(file: Path, ground: Ground, given_up: threading.Event) -> Iterator[DocumentStore]:
    with closing(DocumentStore(file)) as store:
        for document_id in ground.document_ids:
            if given_up.is_set():
                raise Cancelled
            store.index(document_id)
        yield store


def _titled(store: DocumentStore, found: Found, ground: Ground) -> str:
    stored = store.get(found.document_id)
    return quoted(found, stored, stored.name if stored is not None and len(ground.document_ids) > 1 else "")


def _unsupported(store: DocumentStore, ground: Ground, asked: Asked, answer: str) -> tuple[str, ...]:
    if ground.is_whole:
        return unsupported(answer, ground.text, asked.sent)
    return store.unsupported(answer, asked.sent, ground.document_ids, ground.parts)


def _sources(store: DocumentStore, ground: Ground, words: str, given: tuple[Found, ...]) -> tuple[Source, ...]:
    found = store.support(words, ground.document_ids, ground.parts, MOST_SOURCES)
    if given:
        places = [(one.document_id, one.passage) for one in found]
        found = tuple(sorted(given, key=lambda one: (one.document_id, one.passage) not in places))
    return tuple(
        Source(one.document_id, one.passage.part, one.passage.start, one.passage.end) for one in found[:MOST_SOURCES]
    )
