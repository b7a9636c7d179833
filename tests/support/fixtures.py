"""Fixtures that tests share; tests/conftest.py registers this module as a plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.parrot import LONG_TEXT, make_parrot
from tests.support.tiny import make_tiny


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights. Read only: tests that damage it copy it first."""
    return make_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def parrot_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says ``PARROT_TEXT``. Read only."""
    return make_parrot(tmp_path_factory.mktemp("parrot") / "parrot.gguf")


@pytest.fixture(scope="session")
def long_parrot_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says ``LONG_TEXT``, some 200 tokens. Read only."""
    return make_parrot(tmp_path_factory.mktemp("long-parrot") / "long-parrot.gguf", LONG_TEXT)


@pytest.fixture(scope="session")
def endless_parrot_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slow model that says ``LONG_TEXT`` over and over until it is stopped or the context is full. Read only."""
    path = tmp_path_factory.mktemp("endless-parrot") / "endless-parrot.gguf"
    return make_parrot(path, LONG_TEXT, endless=True, layers=100)
