"""``catnap libraries`` and ``catnap ask --library``: folders of documents, and what is found in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from desktop.cli import common
from desktop.cli.documents import meaning
from desktop.cli.documents.files import Asked, instructed
from desktop.common.errors import UserFacingError
from desktop.documents.library.files import LibraryFiles
from desktop.documents.library.folders import LibraryList
from desktop.documents.library.libraries import DocumentLibrary, LibraryProgress
from desktop.documents.library.quoting import quoted, where
from desktop.documents.library.store import DocumentStore
from desktop.documents.library.updating import update
from desktop.documents.passages.index import Found
from desktop.documents.question import question_about_passages


@dataclass(frozen=True)
class FoundPassages:
    """What a library has about a question.

    Attributes:
        library: That was asked.
        passages: What was found, the best first.
        texts: The same as a model gets it, each below a line that says where it stands.
        places: The same for people: file, page, heading.
        paths: Files by the ids of their documents, from the folder on.
        documents: Ids of all that were looked through.
    """

    library: DocumentLibrary
    passages: tuple[Found, ...]
    texts: tuple[str, ...]
    places: tuple[str, ...]
    paths: Mapping[str, str]
    documents: tuple[str, ...]

    def asked(self, system: str, question: str, task: str | None) -> Asked:
        """Returns what a model is asked about them.

        Args:
            system: What it is told otherwise.
            question: As the person has put it.
            task: How it is put below them; None: as questions about texts are.
        """
        return Asked(instructed(system, question_about_passages(self.texts, question, task)), given=self.passages)

    def without_last(self) -> Self:
        """Returns the same without what fits least."""
        return replace(self, passages=self.passages[:-1], texts=self.texts[:-1], places=self.places[:-1])

    def about(self) -> dict[str, common.Json]:
        """Returns what to say of them in JSON."""
        return {"library": self.library.name, "sources": self._sources()}

    def _sources(self) -> list[common.Json]:
        return [
            {
                "file": self.paths[each.document_id],
                "part": each.passage.part,
                "heading": each.passage.heading,
                "start": each.passage.start,
                "end": each.passage.end,
                "text": each.passage.text,
            }
            for each in self.passages
        ]


def run(places: common.Places, action: str, target: str | None, name: str, *, as_json: bool) -> int:
    """Runs one action; see :mod:`desktop.cli.common` for what it raises.

    Args:
        places: Where things are.
        action: list, add, rename, remove, update or meaning.
        target: The folder to add, a library by its name, or a model's file.
        name: New one of a library, or of one that is added; empty: that of the folder.
        as_json: Print one JSON object instead of lines.
    """
    places.paths.create()
    libraries = _list_of(places)
    with _opened(places) as store:
        match action:
            case "add":
                there: tuple[DocumentLibrary, ...] = (_added(libraries, common.absolute_path(target or ""), name),)
            case "remove":
                removed = _named(libraries, target or "")
                libraries.remove(removed.id)
                LibraryFiles(store.connection).forget(removed.id)
                return _say(store, (), f"{removed.name} is no library any more; its folder stays.", as_json=as_json)
            case "rename":
                libraries.rename(_named(libraries, target or "").id, name)
                there = (_named(libraries, name),)
            case "meaning":
                return meaning.choose(places, store, target, as_json=as_json)
            case "update" if target:
                there = (_named(libraries, target),)
            case _:
                there = libraries.all()
        if action in ("add", "update"):
            for each in there:
                _bring_up_to_date(each, store, again=True)
            meaning.read_by_model(places, store)
        return _say(store, there, "" if there else "no libraries; catnap libraries add FOLDER", as_json=as_json)


def _added(libraries: LibraryList, folder: Path, name: str) -> DocumentLibrary:
    """Returns the library of a folder, made if need be: the same command goes on where reading it was stopped."""
    known = libraries.at(folder)
    if known is None or (name and libraries.get(name) != known):
        return libraries.add(folder, name)
    common.warn(f"{known.name} is a library already; what is new in its folder is read")
    return known


def _list_of(places: common.Places) -> LibraryList:
    libraries = LibraryList(places.paths.libraries_file)
    if (fault := libraries.look()) is not None:
        common.warn(str(fault.as_error()))
    return libraries


def find_in_library(places: common.Places, name: str, question: str) -> FoundPassages:
    """Returns what a library has about a question; what has changed in its folder is read first.

    Args:
        places: Where things are.
        name: Of the library, or its id.
        question: As a person asks.

    Raises:
        UserFacingError: There is no such library, it has no documents, or they cannot be read.
    """
    library = _named(_list_of(places), name)
    with _opened(places) as store:
        try:
            _bring_up_to_date(library, store)
        except UserFacingError as problem:  # a disk that is not connected: what was read before is still known
            common.warn(str(problem))
        files = LibraryFiles(store.connection)
        documents = files.documents(library.id)
        if not documents:
            raise UserFacingError(
                "The library has no documents.",
                f"{library.folder}.",
                "Put some into its folder; see catnap libraries list.",
            )
        found = store.passages.find(question, documents, meaning=meaning.understood(places, question))
        paths = {each.document_id: files.path_of(library.id, each.document_id) for each in found}
        stored = {each: store.get(each) for each in paths}
        texts = tuple(quoted(each, stored[each.document_id], paths[each.document_id]) for each in found)
        titles = tuple(where(each, stored[each.document_id], paths[each.document_id]) for each in found)
        return FoundPassages(library, found, texts, titles, paths, tuple(documents))


def unsupported_in_library(places: common.Places, found: FoundPassages, answer: str, sent: str) -> tuple[str, ...]:
    """Returns the figures and names in an answer that stand nowhere in a library.

    Args:
        places: Where things are.
        found: What the model was given of it.
        answer: What it has said.
        sent: What it was asked, with the passages.

    Raises:
        UserFacingError: The documents cannot be read.
    """
    with _opened(places) as store:
        return store.unsupported(answer, sent, found.documents)


def say_sources(found: FoundPassages) -> None:
    """Says on stderr where what was found stands."""
    for place in found.places:
        print(f"from {place}", file=sys.stderr)


@contextmanager
def _opened(places: common.Places) -> Iterator[DocumentStore]:
    store = DocumentStore(places.paths.documents_file)
    try:
        if store.load_problem is not None:
            common.warn(str(store.load_problem))
        yield store
    finally:
        store.close()


def _named(libraries: LibraryList, name: str) -> DocumentLibrary:
    library = libraries.get(name)
    if library is None:
        there = ", ".join(each.name for each in libraries.all())
        raise UserFacingError(
            "There is no such library.",
            f"{name}; there are: {there}." if there else f"{name}.",
            "See catnap libraries list." if there else "Make one of a folder: catnap libraries add FOLDER",
        )
    return library


def _bring_up_to_date(library: DocumentLibrary, store: DocumentStore, *, again: bool = False) -> None:
    line = common.ProgressLine()

    def show(progress: LibraryProgress) -> None:
        line.show(f"{library.name}: {progress.done + 1:,} of {progress.total:,}: {progress.file}")

    try:
        updated = update(library, store, progress=show, again=again)
    finally:
        line.clear()
    if not updated.is_whole:
        common.warn(f"{library.name}: there are more documents than are read of one folder; the others are left out")


def _say(store: DocumentStore, libraries: tuple[DocumentLibrary, ...], note: str, *, as_json: bool) -> int:
    files = LibraryFiles(store.connection)
    records: list[common.Json] = []
    for library in libraries:
        known = files.of(library.id)
        documents = [stored for each in files.documents(library.id) if (stored := store.get(each)) is not None]
        refused = {path: each.problem for path, each in known.items() if each.problem is not None}
        characters = sum(each.characters for each in documents)
        records.append(
            {
                "id": library.id,
                "name": library.name,
                "folder": str(library.folder),
                "documents": len(documents),
                "characters": characters,
                "refused": [{"file": path, "why": str(problem)} for path, problem in refused.items()],
            }
        )
        if not as_json:
            what = f"{len(documents):,} documents, {characters:,} characters"
            common.say(f"{library.name}  {library.folder}  {what}")
            for path, problem in refused.items():
                common.warn(f"{path}: {problem.title}")
    if as_json:
        common.print_json({"libraries": records})
    elif note:
        common.say(note)
    return common.DONE
