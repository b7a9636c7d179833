"""Fixtures that tests share; tests/conftest.py registers this module as a plugin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from tests.support.parrot import LONG_TEXT, make_parrot
from tests.support.patience import PATIENCE_MS
from tests.support.tiny import make_tiny


class PatientQtBot(QtBot):
    """pytest-qt's own, but it waits as long as all tests do: a second or five are not enough on a busy machine."""


for _name in ("waitActive", "waitCallback", "waitExposed", "waitSignal", "waitSignals", "waitUntil"):
    setattr(PatientQtBot, _name, functools.partialmethod(getattr(QtBot, _name), timeout=PATIENCE_MS))


@pytest.fixture
def qtbot(qapp: QCoreApplication, request: pytest.FixtureRequest) -> QtBot:
    """Takes the place of pytest-qt's fixture of this name."""
    return PatientQtBot(request)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[Path], Path]) -> Path:
    """A model of random weights. Read only: tests that damage it copy it first."""
    return shared(make_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf"))


@pytest.fixture(scope="session")
def parrot_model(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[Path], Path]) -> Path:
    """A model that says ``PARROT_TEXT``. Read only."""
    return shared(make_parrot(tmp_path_factory.mktemp("parrot") / "parrot.gguf"))


@pytest.fixture(scope="session")
def long_parrot_model(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[Path], Path]) -> Path:
    """A model that says ``LONG_TEXT``, some 200 tokens. Read only."""
    return shared(make_parrot(tmp_path_factory.mktemp("long-parrot") / "long-parrot.gguf", LONG_TEXT))


@pytest.fixture(scope="session")
def endless_parrot_model(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[Path], Path]) -> Path:
    """A slow model that says ``LONG_TEXT`` over and over until it is stopped or the context is full. Read only."""
    path = tmp_path_factory.mktemp("endless-parrot") / "endless-parrot.gguf"
    return shared(make_parrot(path, LONG_TEXT, endless=True, layers=100))


@pytest.fixture(scope="session")
def speechless_model(tmp_path_factory: pytest.TempPathFactory, shared: Callable[[Path], Path]) -> Path:
    """A model that makes tokens until the context is full, none of which is text. Read only."""
    path = tmp_path_factory.mktemp("speechless") / "speechless.gguf"
    return shared(make_parrot(path, speechless=True, layers=30))
