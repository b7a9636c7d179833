"""Reads documents as the app does: in a process of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.documents.reader import read_document
from desktop.documents.types import Document, Limits
from tests.support.documents import written

Read = Callable[..., Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file of a name and returns what is read of it."""

    def read(name: str, content: bytes, limits: Limits | None = None) -> Document:
        return read_document(written(tmp_path, name, content), limits)

    return read
