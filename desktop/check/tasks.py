"""The tasks of the function check: those that come with the program, and files that an expert writes.

The format of both stands in docs/TASKS.md. A file is checked entry by entry before anything is asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desktop.check.scoring.score import ExpectationError, check_expectation
from desktop.check.types import Kind, Language, Task
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import JsonError, read_json, to_json
from desktop.common.paths import shipped
from desktop.documents.question import question_about
from desktop.documents.types import Document, DocumentKind, Part, PartKind

FOLDER: Final = "resources/check"
VERSION: Final = 1
_MOST_TASKS: Final = 2_000
_MOST_TEXT: Final = 200_000
MOST_QUESTION: Final = 20_000
_MOST_TOKENS: Final = 2_000
_ID: Final = re.compile(r"[\w.-]{1,80}")
_KEYS: Final = frozenset({"id", "kind", "language", "question", "text", "max_tokens", "expect"})
_FILE_KEYS: Final = frozenset({"version", "about", "texts", "tasks"})
# Tokens of an answer, where a task says nothing: what a right one needs, with room.
_TOKENS: Final[Mapping[Kind, int]] = {
    Kind.QUESTIONS: 64,
    Kind.ARITHMETIC: 128,
    Kind.PYTHON: 256,
    Kind.TABLES: 200,
    Kind.FACTS: 64,
    Kind.LONG_TEXT: 64,
    Kind.JSON: 128,
    Kind.INSTRUCTIONS: 96,
    Kind.RATED: 200,
}


@dataclass(frozen=True)
class TaskSet:
    """Tasks that are asked together.

    Attributes:
        name: Of the file; empty: those of the program.
    """

    name: str
    tasks: tuple[Task, ...]

    @property
    def digest(self) -> str:
        """Stands for the tasks with all that they say."""
        return _hash("\n".join(digest_of(task) for task in self.tasks))

    def only(self, kinds: Iterable[Kind]) -> TaskSet:
        """Returns the tasks of some kinds."""
        wanted = frozenset(kinds)
        return TaskSet(self.name, tuple(task for task in self.tasks if task.kind in wanted))


def builtin_tasks() -> TaskSet:
    """Returns the tasks that come with the program, each kind's together.

    Raises:
        FileNotFoundError: They did not come with it.
        UserFacingError: They are damaged.
    """
    tasks: list[Task] = []
    for file in sorted(shipped(FOLDER).glob("*.json")):
        tasks += load_tasks(file).tasks
    order = list(Kind)
    return TaskSet("", tuple(sorted(tasks, key=lambda task: (order.index(task.kind), task.language.value))))


def load_tasks(path: Path) -> TaskSet:
    """Reads a file of tasks.

    Raises:
        UserFacingError: It cannot be read, or one of its entries will not do; which one, and why.
    """
    try:
        document = read_json(path)
    except JsonError as problem:
        raise _refused(path, f"it is no JSON: {problem}") from problem
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of tasks cannot be read."),
            f"{path}: {problem.strerror or problem}.",
        ) from problem
    try:
        return TaskSet(path.name, _parse(document))
    except _EntryError as problem:
        raise _refused(path, str(problem)) from problem


def message_of(task: Task) -> str:
    """Returns what a model is asked: a task about a text as the program asks about any document."""
    if not task.text:
        return task.question
    part = Part(PartKind.WHOLE, 1, "", task.text)
    return question_about(Document("text", DocumentKind.TEXT, (part,)), task.question)


def digest_of(task: Task) -> str:
    """Returns what stands for a task with all that it says: a result belongs to exactly this."""
    return _hash(to_json([task.kind.value, task.language.value, message_of(task), task.max_tokens, dict(task.expect)]))


def document_of(tasks: Iterable[Task], about: str) -> dict[str, Any]:
    """Returns tasks in the form that :func:`load_tasks` reads; there is at least one.

    Args:
        tasks: The tasks.
        about: For whoever opens the file.
    """
    entries = []
    for task in tasks:
        entry: dict[str, Any] = {"id": task.id, "kind": task.kind.value, "language": task.language.value}
        if task.text:
            entry["text"] = task.text
        entries.append({**entry, "question": task.question, "max_tokens": task.max_tokens, "expect": dict(task.expect)})
    return {"version": VERSION, "about": about, "tasks": entries}


class _EntryError(ValueError):
    """An entry will not do; the message names it."""


def _parse(document: Any) -> tuple[Task, ...]:
    if not isinstance(document, dict):
        raise _EntryError("it is not an object with tasks")
    if document.get("version") != VERSION or isinstance(document.get("version"), bool):
        raise _EntryError(f'"version" must be {VERSION}')
    if unknown := sorted(document.keys() - _FILE_KEYS):
        raise _EntryError(f'nobody knows "{unknown[0]}"')
    texts, entries = document.get("texts", {}), document.get("tasks")
    if not isinstance(texts, dict) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise _EntryError('"texts" must be an object of texts')
    if not isinstance(entries, list) or not 0 < len(entries) <= _MOST_TASKS:
        raise _EntryError(f'"tasks" must be a list of 1 to {_MOST_TASKS:,} tasks')
    tasks: list[Task] = []
    seen: set[str] = set()
    for number, entry in enumerate(entries, 1):
        name = entry.get("id") if isinstance(entry, dict) else None
        where = f"task {number}" + (f" ({name})" if isinstance(name, str) and name else "")
        try:
            task = _task(entry, texts)
            check_expectation(task)
        except (ValueError, ExpectationError) as problem:
            raise _EntryError(f"{where}: {problem}") from None
        if task.id in seen:
            raise _EntryError(f"{where}: its id comes twice")
        seen.add(task.id)
        tasks.append(task)
    return tuple(tasks)


def _task(entry: Any, texts: Mapping[str, str]) -> Task:
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    if unknown := sorted(entry.keys() - _KEYS):
        raise ValueError(f'nobody knows "{unknown[0]}"')
    name, question, text = entry.get("id"), entry.get("question"), entry.get("text", "")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ValueError('"id" must be letters, digits, "-", "_" and ".", 80 at the most')
    if not isinstance(question, str) or not question.strip() or len(question) > MOST_QUESTION:
        raise ValueError(f'"question" must be a text of up to {MOST_QUESTION:,} characters')
    if not isinstance(text, str):
        raise ValueError('"text" must be a text, or the name of one in "texts"')
    if texts and text and text not in texts and not any(sign.isspace() for sign in text):
        raise ValueError(f'"texts" has no "{text[:80]}"')
    text = texts.get(text, text)
    if len(text) > _MOST_TEXT:
        raise ValueError(f'"text" may have {_MOST_TEXT:,} characters')
    kinds, languages = [each.value for each in Kind], [each.value for each in Language]
    if entry.get("kind") not in kinds:
        raise ValueError(f'"kind" must be one of {", ".join(kinds)}')
    if entry.get("language") not in languages:
        raise ValueError(f'"language" must be one of {", ".join(languages)}')
    kind = Kind(entry["kind"])
    tokens = entry.get("max_tokens", _TOKENS[kind])
    if type(tokens) is not int or not 0 < tokens <= _MOST_TOKENS:
        raise ValueError(f'"max_tokens" must be a number from 1 to {_MOST_TOKENS:,}')
    if not isinstance(entry.get("expect"), dict):
        raise ValueError('"expect" must be an object')
    return Task(name, kind, Language(entry["language"]), question, entry["expect"], text, tokens)


def _refused(path: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This file of tasks will not do."),
        f"{path.name}: {why}.",
        QT_TRANSLATE_NOOP("Errors", "Nothing was asked. What a task looks like stands in docs/TASKS.md."),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
