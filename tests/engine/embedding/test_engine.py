"""An embedding model in a process of its own: real ones, damaged ones, and processes that misbehave."""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.embedding.engine import EmbeddingEngine
from desktop.engine.embedding.prefixes import prefixes_for
from desktop.engine.footprint import Footprint
from desktop.machine.process import is_alive
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.tiny import make_tiny
from tests.support.tiny_bert import DIMENSIONS, make_tiny_bert


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("models") / "tiny-embed.gguf")


Begin = Callable[..., EmbeddingEngine]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Makes engines that are ended with the test."""
    with ExitStack() as stack:

        def begin(*arguments: Any, **options: Any) -> EmbeddingEngine:
            engine = EmbeddingEngine(*arguments, **options)
            stack.callback(engine.end)
            return engine

        yield begin


@pytest.fixture
def engine(model: Path, begin: Begin) -> EmbeddingEngine:
    return begin(model)


def _numbers(vector: bytes) -> tuple[float, ...]:
    return struct.unpack(f"={len(vector) // 4}f", vector)


def _likeness(one: bytes, other: bytes) -> float:
    return sum(a * b for a, b in zip(_numbers(one), _numbers(other), strict=True))


def test_texts_become_vectors_of_length_one(engine: EmbeddingEngine) -> None:
    texts = ["cats sleep a lot", "a lot of cats sleep", "XYZ 12345", "", "猫" * 3000]
    vectors = engine.embed(texts, is_question=False)
    assert [len(vector) for vector in vectors] == [4 * DIMENSIONS] * 5
    assert [_likeness(vector, vector) for vector in vectors] == pytest.approx([1.0] * 5, abs=1e-3)
    # THEN texts of the same letters are alike, and others are not
    assert _likeness(vectors[0], vectors[1]) > 0.9 > _likeness(vectors[0], vectors[2]) + 0.1
    # AND the same text has the same vector, in whatever company
    assert engine.embed([texts[2]], is_question=False) == (vectors[2],)


def test_more_texts_than_go_into_a_message(engine: EmbeddingEngine) -> None:
    vectors = engine.embed([f"text {number}" for number in range(40)], is_question=True)
    assert len(vectors) == 40 and len(set(vectors)) == 40


def test_the_process_ends_when_it_is_idle_and_the_next_text_starts_another(model: Path, begin: Begin) -> None:
    engine = begin(model, idle_seconds=0.2)
    (first,) = engine.embed(["a"], is_question=False)
    wait_for("the end of an idle process", lambda: not engine.is_running)
    assert engine.embed(["a"], is_question=False) == (first,)
    engine.end()
    assert not engine.is_running


def test_it_is_not_started_where_memory_is_short(model: Path, begin: Begin) -> None:
    asked: list[int] = []

    def admit(needed: Footprint) -> bool:
        asked.append(needed.rss)
        return False

    engine = begin(model, admit)
    with pytest.raises(UserFacingError, match="too little memory"):
        engine.embed(["a"], is_question=False)
    assert not engine.is_running and 0 < asked[0] < 100_000_000


def test_a_model_that_chats_is_none(tmp_path: Path, begin: Begin) -> None:
    engine = begin(make_tiny(tmp_path / "chat.gguf"))
    with pytest.raises(UserFacingError, match="no embedding model"):
        engine.embed(["a"], is_question=False)


def test_a_damaged_file_is_a_sentence(model: Path, tmp_path: Path, begin: Begin) -> None:
    content = model.read_bytes()
    for name, damaged in (("cut.gguf", content[:-4000]), ("empty.gguf", b""), ("text.gguf", b"GGUF, I say")):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(UserFacingError):
            begin(tmp_path / name).embed(["a"], is_question=False)
    with pytest.raises(UserFacingError, match="cannot be read"):
        begin(tmp_path / "gone.gguf").embed(["a"], is_question=False)


def test_a_file_that_says_nothing_of_pooling_is_refused_by_the_process(tmp_path: Path, begin: Begin) -> None:
    engine = begin(make_tiny_bert(tmp_path / "tokens-embed.gguf", pooling=0))
    with pytest.raises(UserFacingError, match="no embedding model"):
        engine.embed(["a"], is_question=False)
    assert not engine.is_running


def test_a_process_that_dies_is_a_sentence_and_the_next_text_is_answered(engine: EmbeddingEngine) -> None:
    (before,) = engine.embed(["a"], is_question=False)
    assert engine.process_id is not None
    os.kill(engine.process_id, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    with pytest.raises(UserFacingError, match="brought its process down"):
        engine.embed(["b"], is_question=False)
    assert engine.embed(["a"], is_question=False) == (before,)


_BEGIN = (
    "import os, sys, time\n"
    "from desktop.engine.embedding.messages import *\n"
    "from desktop.engine.process.channel import Receiver, Sender\n"
    "receiver, sender = Receiver(0, TO_PROCESS, TO_PROCESS_LIMIT), Sender(1, FROM_PROCESS)\n"
    "receiver.receive()\n"
)
_LIES = {
    "too few bytes": "sender.send(Opened(8, ())); receiver.receive(); sender.send(Embedded(bytes(31)))",
    "a vector of zeros": "sender.send(Opened(8, ())); receiver.receive(); sender.send(Embedded(bytes(32)))",
    "no number": "sender.send(Opened(8, ())); receiver.receive(); sender.send(Embedded(b'\\xff' * 32))",
    "no dimensions": "sender.send(Opened(0, ())); time.sleep(600)",
    "dimensions without end": "sender.send(Opened(10**9, ())); time.sleep(600)",
    "vectors before the model": "sender.send(Embedded(bytes(32))); time.sleep(600)",
    "noise": "os.write(1, b'x' * 99); time.sleep(600)",
    "its end": "sender.send(Opened(8, ())); receiver.receive()",
}


@pytest.mark.parametrize("lie", _LIES)
def test_nothing_is_believed_that_cannot_be(lie: str, model: Path, begin: Begin) -> None:
    engine = begin(model, command=(sys.executable, "-c", _BEGIN + _LIES[lie]))
    with pytest.raises(UserFacingError, match="brought its process down"):
        engine.embed(["a"], is_question=False)
    assert not engine.is_running


def test_a_process_that_hangs_is_ended(model: Path, begin: Begin) -> None:
    silent = "sender.send(Opened(8, ())); time.sleep(600)"
    engine = begin(model, command=(sys.executable, "-c", _BEGIN + silent), text_seconds=3.0)
    # WHEN somebody does not wait for it
    with pytest.raises(UserFacingError, match="busy"):
        engine.embed(["a"], is_question=True, seconds=0.01)
    # THEN the others learn what has become of it
    with pytest.raises(UserFacingError, match="brought its process down"):
        engine.embed(["a"], is_question=False)
    engine.end()
    assert not engine.is_running


def test_the_end_does_not_wait_for_what_is_computed(model: Path, begin: Begin) -> None:
    silent = "sender.send(Opened(8, ())); time.sleep(600)"
    engine = begin(model, command=(sys.executable, "-c", _BEGIN + silent))
    failed: list[UserFacingError] = []

    def ask() -> None:
        try:
            engine.embed(["a"], is_question=False)
        except UserFacingError as problem:
            failed.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_for("a process", lambda: engine.is_running)
    engine.end()
    thread.join(PATIENCE_S)
    assert failed and not engine.is_running


def test_threads_take_turns(engine: EmbeddingEngine) -> None:
    found: dict[int, bytes] = {}

    def ask(number: int) -> None:
        found[number] = engine.embed([f"text {number % 3}"], is_question=False)[0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(found) == 9 and len(set(found.values())) == 3
    pid = engine.process_id
    engine.end()
    assert pid is not None
    wait_for("the end of the process", lambda: not is_alive(pid))


def test_a_file_is_known_again_by_its_content(model: Path, tmp_path: Path, begin: Begin) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(model.read_bytes())
    other = make_tiny_bert(tmp_path / "other.gguf", seed=2)
    assert begin(copy).identity == begin(model).identity != begin(other).identity


_TASK = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("multilingual-e5-small", "query: "),
        ("Multilingual E5 Base", "query: "),
        ("multilingual-e5-large-instruct", f"{_TASK}Query: "),
        ("Qwen3-Embedding-0.6B", f"{_TASK}Query:"),
        ("snowflake-arctic-embed-m-v2.0", "query: "),
        ("snowflake-arctic-embed-m", "Represent this sentence for searching relevant passages: "),
        ("nomic-embed-text-v1.5", "search_query: "),
        ("bge-m3", ""),
        ("e5", ""),
    ],
)
def test_a_question_is_marked_as_its_model_has_learnt(name: str, question: str) -> None:
    assert prefixes_for("", name).question == question


def test_what_was_made_of_a_chat_model_says_by_its_last_token_what_a_text_is_about(
    tmp_path: Path, begin: Begin
) -> None:
    # GIVEN one whose converter has not written down how vectors are made, as many of before 2025
    engine = begin(make_tiny(tmp_path / "gte-Qwen2-1.5B-instruct-Q8_0.gguf"))
    one, same, other = engine.embed(["a cat", "a cat", "the harbour at night"], is_question=False)
    assert one == same != other


def test_the_walls_stand(engine: EmbeddingEngine) -> None:
    engine.embed(["a"], is_question=False)
    if sys.platform == "linux":
        assert any(wall.startswith("system calls") for wall in engine.walls), engine.walls
