"""The layers of DESIGN section 2: who may import what, no hidden state, small modules. A failure names its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.layers import MAX_LINES, violations

ROOT = Path(__file__).parents[1]
MODULES = sorted(ROOT.glob("desktop/**/*.py"))
SCRIPTS = sorted(ROOT.glob("packaging/*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_there_is_something_to_check() -> None:
    assert {"desktop.common.errors", "desktop.engine", "desktop.ui"} <= {module_name(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_module_keeps_the_rules(path: Path) -> None:
    broken = violations(module_name(path), path.read_text(encoding="utf-8"))
    assert not broken, "\n" + "\n".join(f"{path.relative_to(ROOT)}:{item.line}: {item.reason}" for item in broken)


@pytest.mark.parametrize("path", SCRIPTS, ids=module_name)
def test_script_is_small(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MAX_LINES


# One bad source per rule: the rules above can fail.
BAD = [
    ("desktop.common.errors", "import httpx", "library"),
    ("desktop.common.paths", "import numpy", "library"),
    ("desktop.engine.types", "from desktop.engine.llama.session import Session", "layer"),
    ("desktop.engine.worker", "from PySide6.QtCore import QObject", "library"),
    ("desktop.engine.worker", "import llama_cpp.llama_cpp as native", "library"),
    ("desktop.engine.worker", "import importlib\nimportlib.import_module('llama_cpp')", "library"),
    ("desktop.engine.worker", "from desktop.settings.options import Settings", "layer"),
    ("desktop.engine.worker", "from desktop.models.library import Library", "layer"),
    ("desktop.engine.worker", "from ..history import History", "layer"),
    ("desktop.models.library", "import httpx", "library"),
    ("desktop.models.library", "from desktop.engine import session", "layer"),
    ("desktop.models.library", "import qasync", "library"),
    ("desktop.settings.store", "from desktop.history.store import History", "layer"),
    ("desktop.system.login.service", "from desktop.settings.options import Settings", "layer"),
    ("desktop.history.store", "from desktop.ui.chat.status_bar import Status", "layer"),
    ("desktop.chat.service", "from desktop.engine.worker import Engine", "layer"),
    ("desktop.chat.service", "from PySide6 import QtCore", "library"),
    ("desktop.chat.prompt", "from desktop import ui", "layer"),
    ("desktop.chat.prompt", "import desktop.app.run", "layer"),
    ("desktop.cli.doctor", "from PySide6.QtWidgets import QSystemTrayIcon", "library"),
    ("desktop.ui.tray", "import sqlite3", "library"),
    ("desktop.ui.tray", "import httpx", "library"),
    ("desktop.ui.tray", "def f() -> None:\n    import llama_cpp", "library"),
    ("desktop.ui.tray", "import qasync", "library"),
    ("desktop.ui.tray", "from desktop.app.run import Application", "layer"),
    ("desktop.ui.tray", "from desktop import app", "layer"),
    ("desktop.ui.tray", "QtWidgets.QApplication.instance()", "singleton"),
    ("desktop.ui.tray", "from PySide6.QtWidgets import qApp\nqApp.quit()", "singleton"),
    ("desktop.app.run", "QCoreApplication.instance()", "singleton"),
    ("desktop.ui.tray", "class A(QWidget):\n    async def f(self) -> None: ...", "async"),
    ("desktop.ui.tray", "class A(QtWidgets.QDialog): ...\nclass B(A):\n    async def f(self) -> None: ...", "async"),
    ("desktop.ui.tray", "from desktop.ui.x import X\nclass A(X):\n    async def f(self) -> None: ...", "async"),
    ("desktop.chat.service", "cache = {}", "state"),
    ("desktop.chat.service", "cache: list[int] = []", "state"),
    ("desktop.chat.service", "names = [n for n in 'ab']", "state"),
    ("desktop.chat.service", "from threading import Lock\nlock = Lock()", "state"),
    ("desktop.chat.service", "store = SettingsStore(path)", "state"),
    ("desktop.chat.service", "x = 0\ndef f() -> None:\n    global x\n    x = 1", "state"),
    ("desktop.chat.service", "\n" * MAX_LINES, "size"),
]


@pytest.mark.parametrize(("module", "source", "rule"), BAD)
def test_a_broken_rule_is_found(module: str, source: str, rule: str) -> None:
    assert rule in [item.rule for item in violations(module, source)]


GOOD = [
    ("desktop.common.paths", "def f() -> None:\n    import platformdirs"),
    ("desktop.common.errors", "import os, sqlite3"),
    ("desktop.engine.llama.session", "import llama_cpp.llama_cpp as native\nfrom desktop.engine import types"),
    ("desktop.models.library", "from desktop.engine.types import EngineConfig\nfrom desktop import gguf"),
    ("desktop.models.download.downloader", "import httpx\nimport truststore"),
    ("desktop.history.store", "import sqlite3\nfrom desktop.history.records import Conversation"),
    ("desktop.chat.service", "from desktop.history.store import History\nfrom desktop.engine.types import EnginePort"),
    ("desktop.app.run", "from PySide6 import QtCore\nimport qasync\nfrom desktop.ui.tray import Tray"),
    ("desktop.cli.doctor", "def f() -> None:\n    from PySide6.QtWidgets import QSystemTrayIcon"),
    ("desktop.app.engine_bridge", "class A(QObject):\n    async def f(self) -> None: ..."),
    (
        "desktop.chat.service",
        "from typing import Final\nT: Final = {1: 2}\nU = (1, [2])\nV = frozenset({1})\n__all__ = ['T']",
    ),
    ("desktop.ui.x", "@dataclass(frozen=True)\nclass Tones:\n    a: str\nLIGHT = Tones('#fff')"),
    ("desktop.chat.service", "import re, logging\n_log = logging.getLogger(__name__)\n_WORD = re.compile('x')"),
]


@pytest.mark.parametrize(("module", "source"), GOOD)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert violations(module, source) == []
