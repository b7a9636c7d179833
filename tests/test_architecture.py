"""Who may import what, no circles, no hidden state, no crowded folder. A failure names its reason.

The rooms are described in docs/ARCHITECTURE.md; tests/support/layers.py holds the rules.
"""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path

import pytest

from tests.support.layers import (
    LIBRARY_USERS,
    LONG_FUNCTION,
    LONG_MODULE,
    ROOMS,
    circles,
    imports,
    lengths,
    room_of,
    violations,
)

ROOT = Path(__file__).parents[1]
FILES = sorted(ROOT.glob("desktop/**/*.py"))
SCRIPTS = sorted(ROOT.glob("packaging/**/*.py"))
MOST_MODULES = 20
MEAN_MODULES = 9


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = frozenset(module_name(path) for path in FILES)


def test_there_is_something_to_check() -> None:
    assert {"desktop.common.errors", "desktop.engine", "desktop.ui"} <= MODULES


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_module_keeps_the_rules(path: Path) -> None:
    broken = violations(module_name(path), path.read_text(encoding="utf-8"), MODULES)
    assert not broken, "\n" + "\n".join(f"{path.relative_to(ROOT)}:{item.line}: {item.reason}" for item in broken)


def test_no_exception_is_left_of_what_is_gone() -> None:
    rooms = set(ROOMS) | {room for allowed in ROOMS.values() for room in allowed - {"*"}}
    assert rooms | {module for users in LIBRARY_USERS.values() for module in users} <= MODULES
    used = {module.partition(".")[0] for path in FILES for module in _imported(path, for_types=True)}
    assert set(LIBRARY_USERS) - {"llama_cpp"} <= used  # bindings.py imports that past its parent package
    for room, allowed in ROOMS.items():
        if "*" not in allowed:
            inside = [path for path in FILES if room_of(module_name(path)) == room]
            known = {module for path in inside for module in _imported(path, for_types=True)}
            unused = [
                one for one in allowed if not any(module == one or module.startswith(f"{one}.") for module in known)
            ]
            assert not unused, f"{room} is allowed to use {', '.join(unused)} and does not"


def _imported(path: Path, *, for_types: bool) -> set[str]:
    module = module_name(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.module for each in imports(module, tree, MODULES) if for_types or not each.for_types}


def test_nothing_leads_back_to_itself() -> None:
    graph = {module_name(path): _imported(path, for_types=False) & MODULES for path in FILES}
    assert circles(graph) == [], "modules"
    folders: dict[str, set[str]] = {}
    for module, others in graph.items():
        for other in others:
            one, two = (".".join(name.split(".")[:2]) for name in (module, other))
            if one != two and "desktop" not in (one, two):
                folders.setdefault(one, set()).add(two)
    # The border of the engine lies in its folder, below everybody who speaks with it.
    engine = {module: others for module, others in graph.items() if module.startswith("desktop.engine")}
    used_by_engine = {".".join(o.split(".")[:2]) for others in engine.values() for o in others} - {"desktop.engine"}
    folders["desktop.engine"] = used_by_engine - {"desktop"}
    assert circles(folders) == [], "folders"


def test_no_folder_is_crowded() -> None:
    counts = {
        folder: len([file for file in folder.glob("*.py") if file.name != "__init__.py"])
        for folder in {path.parent for path in FILES}
    }
    crowded = {str(folder.relative_to(ROOT)): count for folder, count in counts.items() if count > MOST_MODULES}
    assert not crowded
    assert sum(counts.values()) / len(counts) < MEAN_MODULES


def test_packages_say_nothing_when_they_are_imported() -> None:
    speaking = [path for path in FILES if path.name == "__init__.py" and path.read_text(encoding="utf-8").strip()]
    assert [module_name(path) for path in speaking] == ["desktop"], "the icon must come first"


class LengthWarning(UserWarning):
    """A module or a function is long; nothing fails because of it."""


@pytest.mark.filterwarnings("default::tests.test_architecture.LengthWarning")
@pytest.mark.parametrize("path", [*FILES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_long_is_said(path: Path) -> None:
    for words in lengths(path.read_text(encoding="utf-8")):
        warnings.warn(f"{path.relative_to(ROOT)}: {words}", LengthWarning, stacklevel=1)


def test_what_is_long_is_seen() -> None:
    assert list(lengths("pass\n" * LONG_MODULE)) == []
    assert len(list(lengths("pass\n" * (LONG_MODULE + 1)))) == 1
    body = "    pass\n" * LONG_FUNCTION
    assert len(list(lengths(f"def f() -> None:\n{body}"))) == 1
    assert list(lengths(f"def f() -> None:\n{body[: -len('    pass' + chr(10))]}")) == []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [("a", "b", "c")]
    assert circles({"a": {"b", "c"}, "b": {"c"}}) == []


def test_every_room_is_described() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in sorted(path.name for path in (ROOT / "desktop").iterdir() if (path / "__init__.py").exists()):
        assert re.search(rf"^\| `{folder}/` \| \S.*\|$", text, re.MULTILINE), f"one line for {folder}/"


# One bad source per rule: the rules above can fail.
BAD = [
    ("desktop.common.errors", "import httpx", "library"),
    ("desktop.common.paths", "import numpy", "library"),
    ("desktop.common.logs", "from desktop.settings.options import Settings", "layer"),
    ("desktop.engine.types", "from desktop.engine.llama.session import Session", "layer"),
    ("desktop.engine.worker", "from PySide6.QtCore import QObject", "library"),
    ("desktop.engine.worker", "import llama_cpp.llama_cpp as native", "library"),
    ("desktop.engine.worker", "import importlib\nimportlib.import_module('llama_cpp')", "library"),
    ("desktop.engine.worker", "import importlib\nimportlib.import_module(name)", "library"),
    ("desktop.engine.worker", "from desktop.settings.options import Settings", "layer"),
    ("desktop.engine.worker", "from desktop.models.library import Library", "layer"),
    ("desktop.engine.worker", "from ..history.store import History", "layer"),
    ("desktop.engine.worker", "import jinja2", "library"),
    ("desktop.models.library", "import httpx", "library"),
    ("desktop.documents.reader", "import pypdfium2", "library"),
    ("desktop.documents.reader", "from desktop.engine.worker import EngineWorker", "layer"),
    ("desktop.documents.reader", "from desktop.settings.options import Settings", "layer"),
    ("desktop.models.library", "from desktop.engine import worker", "layer"),
    ("desktop.models.library", "from desktop.lifecycle.model_state import ModelState", "layer"),
    ("desktop.models.library", "import qasync", "library"),
    ("desktop.settings.store", "from desktop.history.store import History", "layer"),
    ("desktop.settings.for_engine", "from desktop.lifecycle.context_size import ContextSize", "layer"),
    ("desktop.system.login.service", "from desktop.settings.options import Settings", "layer"),
    ("desktop.history.store", "from desktop.ui.chat.status_bar import StatusBar", "layer"),
    ("desktop.chat.service", "from desktop.engine.worker import EngineWorker", "layer"),
    ("desktop.chat.service", "from desktop.lifecycle.supervisor import Supervisor", "layer"),
    ("desktop.chat.service", "from PySide6 import QtCore", "library"),
    ("desktop.chat.prompt", "from desktop import ui", "layer"),
    ("desktop.chat.prompt", "import desktop.app", "layer"),
    ("desktop.cli.doctor", "from PySide6.QtWidgets import QSystemTrayIcon", "library"),
    ("desktop.cli.doctor", "from desktop.ui.tray.tray import Tray", "layer"),
    ("desktop.lifecycle.supervisor", "from desktop.chat.service import ChatService", "layer"),
    ("desktop.ui.tray", "import sqlite3", "library"),
    ("desktop.ui.tray", "import httpx", "library"),
    ("desktop.ui.tray", "def f() -> None:\n    import llama_cpp", "library"),
    ("desktop.ui.tray", "import qasync", "library"),
    ("desktop.ui.tray", "from desktop.app.shell import Shell", "layer"),
    ("desktop.ui.tray", "from desktop import app", "layer"),
    ("desktop.ui.tray", "from desktop.engine.worker import EngineWorker", "layer"),
    ("desktop.ui.tray", "QtWidgets.QApplication.instance()", "singleton"),
    ("desktop.ui.tray", "from PySide6.QtWidgets import qApp\nqApp.quit()", "singleton"),
    ("desktop.app.start", "import qasync", "library"),
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
    ("desktop.attic", "from desktop.common.errors import Cancelled", "layer"),
]


@pytest.mark.parametrize(("module", "source", "rule"), BAD)
def test_a_broken_rule_is_found(module: str, source: str, rule: str) -> None:
    assert rule in [item.rule for item in violations(module, source, MODULES)]


GOOD = [
    ("desktop.common.paths", "def f() -> None:\n    import platformdirs"),
    ("desktop.common.errors", "import os"),
    ("desktop.engine.llama.session", "import llama_cpp.llama_cpp as native\nfrom desktop.engine import types"),
    ("desktop.lifecycle.supervisor", "from desktop.engine.types import EngineConfig\nfrom desktop.gguf import header"),
    ("desktop.models.download.http_client", "import httpx\nimport truststore"),
    ("desktop.history.store", "import sqlite3\nfrom desktop.history.records import Conversation"),
    ("desktop.chat.service", "from desktop.history.store import History\nfrom desktop.engine.ports import AnswerPort"),
    ("desktop.app.run", "from PySide6 import QtCore\nimport qasync\nfrom desktop.ui.tray.tray import Tray"),
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
    assert violations(module, source, MODULES) == []
