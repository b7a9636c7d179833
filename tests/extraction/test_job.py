"""A table that is made in the background: it can be paused at any moment, and nothing that is done is lost."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.extraction.job import EngineTroubleError, JobPhase, TableJob
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source
from desktop.structured.fields import parse_fields
from tests.support.patience import PATIENCE_S

ORDER = TableOrder(parse_fields("n: number"), tuple(Source(Path(f"{at}.txt"), f"{at}.txt") for at in range(4)))


def read(path: Path, _show: object, _given_up: threading.Event) -> Document:
    return Document(path.name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", f"n is {path.stem}"),))


class Bench:
    def __init__(self, tmp_path: Path) -> None:
        self.kept = KeptTable(tmp_path / "table.jsonl")
        self.kept.begin(ORDER)
        self.asked: list[str] = []

    def done(self, answer: Callable[[str], str], rows: dict[str, Row] | None = None) -> TableJob:
        def ask(question: str, _schema: str) -> str:
            self.asked.append(question[-1])
            return answer(question[-1])

        job = TableJob(ORDER, rows or {}, self.kept, ask, lambda: None, read)
        job.begin()
        assert job.wait(PATIENCE_S) and job.has_ended
        return job

    def names(self) -> list[str]:
        found = self.kept.read()
        assert found is not None
        return list(found[1])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def said(number: str) -> str:
    return f'{{"n": " {number}"}}'


def test_a_row_for_each(bench: Bench) -> None:
    job = bench.done(said)
    assert job.state.phase is JobPhase.DONE
    assert [row.found["n"].value for row in job.rows.values()] == [0, 1, 2, 3]
    assert bench.names() == ["0.txt", "1.txt", "2.txt", "3.txt"]


def test_a_pause_keeps_what_is_done_and_the_next_does_the_rest(bench: Bench) -> None:
    def answer(number: str) -> str:
        if number == "2":
            raise Cancelled
        return said(number)

    job = bench.done(answer)
    assert job.state.phase is JobPhase.PAUSED and job.state.place == 2
    found = bench.kept.read()
    assert found is not None and list(found[1]) == ["0.txt", "1.txt"]
    bench.asked.clear()
    assert bench.done(said, found[1]).state.phase is JobPhase.DONE
    assert bench.asked == ["2", "3"]


def test_a_document_that_is_being_read_is_given_up(bench: Bench) -> None:
    begun: queue.SimpleQueue[None] = queue.SimpleQueue()

    def slow(path: Path, _show: object, given_up: threading.Event) -> Document:
        begun.put(None)
        assert given_up.wait(PATIENCE_S)
        raise Cancelled

    job = TableJob(ORDER, {}, bench.kept, lambda _q, _s: "", lambda: None, slow)
    job.begin()
    begun.get(timeout=PATIENCE_S)
    job.pause()
    assert job.wait(PATIENCE_S) and job.state.phase is JobPhase.PAUSED


def test_one_document_that_brings_the_engine_down_stops_none_of_the_others(bench: Bench) -> None:
    def answer(number: str) -> str:
        if number == "1":
            raise EngineTroubleError("It died.")
        return said(number)

    job = bench.done(answer)
    assert job.state.phase is JobPhase.DONE
    assert [bool(row.error) for row in job.rows.values()] == [False, True, False, False]
    # WHEN it is gone on with THEN that one is tried again, and no other
    bench.asked.clear()
    again = bench.done(said, dict(job.rows))
    assert bench.asked == ["1"] and not any(row.error for row in again.rows.values())


def test_an_engine_that_does_not_answer_ends_it_with_its_sentence(bench: Bench) -> None:
    def answer(_number: str) -> str:
        raise EngineTroubleError("There is no model.")

    job = bench.done(answer)
    assert job.state.phase is JobPhase.FAILED
    assert job.state.error is not None and job.state.error.title == "There is no model."
    assert len(job.rows) == 2


def test_a_full_disk_ends_it_and_so_does_a_mistake(bench: Bench, tmp_path: Path) -> None:
    bench.kept = KeptTable(tmp_path / "no" / "table.jsonl")
    job = bench.done(said)
    assert job.state.phase is JobPhase.FAILED and "cannot be kept" in str(job.state.error)

    def mistake(_number: str) -> str:
        raise ZeroDivisionError

    job = bench.done(mistake)
    assert job.state.phase is JobPhase.FAILED and isinstance(job.state.error, UserFacingError)
