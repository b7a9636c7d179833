"""A history of a test's own, and what is said in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from desktop.engine.types import Stats
from desktop.history.exchange.exporting import ExportFormat, pieces
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.words import ExportWords
from desktop.history.records import Conversation, MessageState, StoredMessage
from desktop.history.store import History

NOW = 1_790_000_000.0
STATS = Stats(load_s=0.5, prompt_tokens=40, reused_tokens=10, read_s=1.5, generated_tokens=20, generate_s=2, threads=2)


class Clock:
    """A second passes with each look at it."""

    def __init__(self, begins: int = 1_700_000_000) -> None:
        self._seconds = count(begins)

    def __call__(self) -> float:
        return float(next(self._seconds))


@pytest.fixture
def clock() -> Callable[[], float]:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def history(file: Path, clock: Callable[[], float]) -> Iterator[History]:
    made = History(file, clock)
    yield made
    made.close()


def answer(history: History, conversation: Conversation, text: str = "It is 4.") -> StoredMessage:
    return history.add_answer(
        conversation.id, text, thinking="2+2", state=MessageState.COMPLETE, model="Qwen", stats=STATS
    )


def turn(history: History, conversation: Conversation, question: str = "What is 2+2?") -> tuple[StoredMessage, ...]:
    return history.add_user_message(conversation.id, question), answer(history, conversation)


def exported(history: History) -> bytes:
    """Returns all of a history as JSON, as of ``NOW``."""
    ids = [conversation.id for conversation in history.conversations()]
    return "".join(pieces(history, ids, ExportFormat.JSON, ExportWords(), NOW, Extent())).encode()


def words_in(file: Path, *words: str) -> list[str]:
    """Returns the words of which something stands in the file or in the log beside it.

    The index holds their trigrams, and a row that was removed is only marked there: the bytes must be looked at.
    """
    content = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*")).lower()
    return [word for word in words if word.lower()[:3].encode() in content]
