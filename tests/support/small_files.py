"""Files that may not grow beyond a size: the system itself refuses, in the middle of whatever is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_larger_files(size: int) -> Iterator[None]:
    """Has every file of this process end at so many bytes; skips the test where the system knows no such limit."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
