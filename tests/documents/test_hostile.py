"""Documents that are made to do harm: no hang, no memory over the limit, and a sentence with what to do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.problems import Reason, problem
from desktop.documents.reader import read_document
from desktop.documents.types import Limits
from tests.support.documents import written
from tests.support.hostile_documents import Hostile, hostile_documents

_MB = 1024 * 1024
LIMITS = Limits(
    memory=256 * _MB, seconds=90, cpu_seconds=20, silent_seconds=60, file_bytes=16 * _MB, cells=20_000, pages=500,
    characters=1_000_000,
)  # fmt: skip
# What the process has before it looks at the file.
_BARE = 128 * _MB
TITLES = {problem(reason, "").title: reason for reason in Reason}


@pytest.mark.parametrize("hostile", tuple(hostile_documents()), ids=str)
def test_a_hostile_document_is_survived(tmp_path: Path, hostile: Hostile) -> None:
    path = written(tmp_path, hostile.name, hostile.make())
    before = _most_of_children()
    began = time.monotonic()
    outcome: Reason | None = None
    try:
        document = read_document(path, LIMITS)
        assert document.characters <= LIMITS.characters
        assert "root:" not in document.parts[0].text
    except UserFacingError as refused:
        outcome = TITLES[refused.title]
        assert hostile.name in refused.detail
        assert refused.remedy
    after = _most_of_children()

    assert outcome in hostile.reasons
    assert time.monotonic() - began < LIMITS.seconds + 10
    assert after <= max(before, _most_of_us(), LIMITS.memory + _BARE)


def _most_of_children() -> int:
    """The most memory that any process of ours ever had; Linux."""
    return _most_memory("RUSAGE_CHILDREN")


def _most_of_us() -> int:
    """What this very process had: a process that it starts has as much for a moment, and Linux counts that."""
    return _most_memory("RUSAGE_SELF")


def _most_memory(whose: str) -> int:
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(getattr(resource, whose)).ru_maxrss * 1024
