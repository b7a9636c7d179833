"""multilingual-e5-small: what is alike in two languages, and what it takes of the memory."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.engine.embedding.engine import EmbeddingEngine
from desktop.gguf.header import read_header
from desktop.gguf.kind import ModelKind, kind_of
from desktop.machine.memory import MemoryReader
from tests.support.e5 import e5_small

_MB = 1024 * 1024


@pytest.fixture
def engine() -> Iterator[EmbeddingEngine]:
    engine = EmbeddingEngine(e5_small())
    yield engine
    engine.end()


def _likeness(one: bytes, other: bytes) -> float:
    pairs = zip(struct.iter_unpack("=f", one), struct.iter_unpack("=f", other), strict=True)
    return math.fsum(a * b for (a,), (b,) in pairs)


def test_a_question_is_most_like_what_answers_it_in_either_language(engine: EmbeddingEngine) -> None:
    passages = (
        "A broken printer is reported to Ms Tanaka.",
        "Everybody has 28 days of vacation a year.",
        "打印机坏了请联系田中。",
        "每位员工每年有二十八天年假。",
    )
    answers = engine.embed(passages, is_question=False)
    # A passage in the language of the question is the liker one, so each language is one comparison.
    for question, wanted in (("How long is my holiday?", (1, 3)), ("打印机出了问题找谁？", (0, 2))):
        (asked,) = engine.embed([question], is_question=True)
        for place in wanted:
            other = next(each for each in range(4) if each not in wanted and each // 2 == place // 2)
            assert _likeness(asked, answers[place]) > _likeness(asked, answers[other]), (question, passages[place])


def test_signs_of_other_widths_are_the_usual_ones(engine: EmbeddingEngine) -> None:
    # The table of characters that are normalised is one that the maker has written.
    wide, usual = engine.embed(["Ｄｅｂｉａｎ　１２，ｙｅｓ！", "Debian 12,yes!"], is_question=False)
    assert _likeness(wide, usual) > 0.999


def test_it_is_known_as_what_it_is_and_takes_no_more_than_was_said(engine: EmbeddingEngine) -> None:
    assert kind_of(read_header(engine.path), engine.path.name) is ModelKind.EMBEDDING
    long = " ".join(f"Sentence {number} is about cats." for number in range(200))
    (first,) = engine.embed([long], is_question=False)
    if sys.platform == "linux":
        # THEN what was taken for a moment was given back
        memory = MemoryReader(engine=lambda: engine.process_id).read()
        assert memory.engine < 220 * _MB and memory.engine_rss < 320 * _MB
        status = Path(f"/proc/{engine.process_id}/status").read_text(encoding="ascii")
        peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
        assert 0.7 * peak < engine.check().rss < 1.3 * peak
    # AND the same text is the same afterwards
    assert engine.embed([long], is_question=False) == (first,)
