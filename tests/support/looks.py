"""Counts how often model folders are looked at."""

from __future__ import annotations

import pytest

from desktop.models.library import Library
from desktop.models.types import InstalledModel


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Library]:
    """One entry for each look at a model folder."""
    taken: list[Library] = []
    installed = Library.installed

    def counted(library: Library) -> tuple[InstalledModel, ...]:
        taken.append(library)
        return installed(library)

    monkeypatch.setattr(Library, "installed", counted)
    return taken
