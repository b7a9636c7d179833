"""``catnap libraries meaning``: which embedding model finds passages by what they mean, and how far it has read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from desktop.cli import common
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.documents.library.preparing import prepare
from desktop.documents.library.store import DocumentStore
from desktop.documents.passages.understanding import meaning_of
from desktop.documents.passages.vectors import Meaning
from desktop.engine.embedding.engine import EmbeddingEngine
from desktop.gguf.kind import ModelKind
from desktop.lifecycle.embedding import EmbeddingInUse
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader
from desktop.settings.store import SettingsStore

_OFF = "off"


def choose(places: common.Places, store: DocumentStore, target: str | None, *, as_json: bool) -> int:
    """Chooses a model, or none, or only says which is in force.

    Args:
        places: Where things are.
        store: The documents, which are read by the model at once.
        target: A GGUF file, the id or name of an embedding model that is installed, or "off"; None: nothing changes.
        as_json: Print one JSON object instead of lines.

    Raises:
        UserFacingError: It is no embedding model, or the settings cannot be written.
    """
    if target is not None:
        file = "" if target.strip().lower() == _OFF else _file_of(places, target)
        with _model(places, file) as engine:
            if engine is not None:
                engine.check()
        SettingsStore(places.paths.settings_file).change(embedding_model=file)
        read_by_model(places, store)
    with _model(places) as engine:
        done, total = store.vectors.counts()
        if as_json:
            file_in_force: common.Json = None if engine is None else str(engine.path)
            common.print_json({"embedding_model": file_in_force, "passages": total, "read": done})
        elif engine is None:
            common.say("off: passages are found by their words; catnap libraries meaning FILE")
        else:
            needed = format_bytes(engine.check().rss)
            common.say(f"{engine.path}  {done:,} of {total:,} passages read, {needed} of memory at the most")
    return common.DONE


def _file_of(places: common.Places, target: str) -> str:
    """Returns the file that is meant; one that lies there goes before a model that is called so."""
    path = common.absolute_path(target)
    if not os.path.isfile(path):  # noqa: PTH113 (a name that no system takes is no file, and no error)
        installed = places.library(places.settings(), places.offer()).installed()
        compare = [model for model in installed if model.kind is ModelKind.EMBEDDING and not model.missing]
        named = common.called(target, compare)
        if named is not None:
            return str(named.path)
    return str(path)


def read_by_model(places: common.Places, store: DocumentStore) -> None:
    """Has the model in force read what it has not; where that fails, what is there is found by its words."""
    line = common.ProgressLine()
    with _model(places) as engine:
        if engine is None:
            store.vectors.begin("")
            return
        try:
            prepare(store, engine, lambda done, total: line.show(f"reading passages: {done:,} of {total:,}"))
        except UserFacingError as problem:
            common.warn(str(problem))
        finally:
            line.clear()


def understood(places: common.Places, question: str) -> Meaning | None:
    """Returns what a question means; None: there is no model, or it could not say, which is said on stderr."""
    with _model(places) as engine:
        meaning = meaning_of(question, engine)
        if engine is not None and meaning is None:
            common.warn("the embedding model could not be asked; passages are found by their words")
        return meaning


@contextmanager
def _model(places: common.Places, file: str | None = None) -> Iterator[EmbeddingEngine | None]:
    chosen = places.settings().embedding_model if file is None else file
    model = EmbeddingInUse(lambda: chosen, MemoryReader(), read_processors().physical)
    try:
        yield model()
    finally:
        model.end()
