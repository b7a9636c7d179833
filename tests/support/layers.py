"""The layer rules of the program, as a function from a module's source to the rules it breaks.

Each rule carries its reason, since whoever breaks one should learn why it is there.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINES = 350

# Values and helpers that every part may use; they know nothing but the standard library and each other.
BASE = frozenset(
    {
        "desktop",
        "desktop.common.byte_sizes",
        "desktop.engine.types",
        "desktop.common.errors",
        "desktop.gguf.other_formats",
        "desktop.gguf.header",
        "desktop.gguf.reader",
        "desktop.gguf.tables",
        "desktop.common.logs",
        "desktop.models.types",
        "desktop.settings.options",
        "desktop.settings.options",
        "desktop.common.install_folder",
        "desktop.common.paths",
        "desktop.history.records",
        "desktop.common.atomic_file",
    }
)

# Each is of use without the others.
_STRANGERS = (
    "desktop.settings.store",
    "desktop.history.store",
    "desktop.models",
    "desktop.engine",
    "desktop.system.login",
)

# Start the program and put it together.
ROOTS = ("desktop.app.run", "desktop.app.start", "desktop.__main__")

# The only modules that may import a library; "desktop.ui" stands for all modules below it.
LIBRARY_USERS = {
    "PySide6": frozenset({"desktop.app.run", "desktop.app.start", "desktop.__main__", "desktop.ui"}),
    "shiboken6": frozenset({"desktop.ui"}),
    "qasync": frozenset({"desktop.app.run", "desktop.__main__"}),
    "llama_cpp": frozenset({"desktop.engine.llama.bindings", "desktop.engine.llama.session"}),
    "httpx": frozenset(
        {"desktop.models.download.downloader", "desktop.models.download.mirrors", "desktop.models.download.http_client"}
    ),
    "truststore": frozenset(
        {"desktop.models.download.downloader", "desktop.models.download.mirrors", "desktop.models.download.http_client"}
    ),
    "jinja2": frozenset({"desktop.engine.chat_template.jinja", "desktop.engine.chat_template.template"}),
    "platformdirs": frozenset({"desktop.common.paths"}),
}
LIBRARY_REASONS = {
    "PySide6": "the core runs without Qt: for the command line, for headless tests, and for any other interface",
    "shiboken6": "the core runs without Qt: for the command line, for headless tests, and for any other interface",
    "qasync": "the event loop is chosen in one place; everything else is plain asyncio or plain signals",
    "llama_cpp": "one place knows the native library, so that a change of its API has one place to go",
    "httpx": "one place talks to the network, so that TLS, proxies and resuming are decided once",
    "truststore": "one place talks to the network, so that TLS, proxies and resuming are decided once",
    "jinja2": "templates come from foreign files; one place sandboxes them",
    "platformdirs": "desktop.common.paths decides where things lie, so that --data-dir moves all of them",
}
# The command line asks Qt about trays and platforms in `catnap doctor` only, so the import stands in the function.
LAZY_QT_USERS = ("desktop.cli.common", "desktop.doctor")

# Makes nothing that can change afterwards.
_FIXED_CALLS = frozenset(
    {
        "CFUNCTYPE", "Decimal", "Fraction", "MappingProxyType", "NewType", "ParamSpec", "Path", "QColor", "QSize",
        "QT_TRANSLATE_NOOP", "Struct", "TypeVar", "bytes", "compile", "float", "frozenset", "getLogger", "getattr",
        "int", "len", "max", "min", "namedtuple", "partition", "str", "timedelta", "tuple",
    }
)  # fmt: skip
_MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_QT_APPLICATIONS = ("QApplication", "QGuiApplication", "QCoreApplication")


@dataclass(frozen=True)
class Violation:
    """A rule that a module breaks.

    Attributes:
        rule: Short name of the rule.
        line: Line in the module; 0 for the module as a whole.
        reason: What is wrong and why it matters.
    """

    rule: str
    line: int
    reason: str


@dataclass(frozen=True)
class Import:
    """One imported module, with where and whether inside a function."""

    module: str
    line: int
    lazy: bool


def violations(module: str, source: str) -> list[Violation]:
    """Returns the rules that ``source`` breaks as the module named ``module``."""
    tree = ast.parse(source)
    found = [item for each in imports(module, tree) for item in _import_violations(module, each)]
    found += _state_violations(tree)
    found += _qt_violations(module, tree)
    lines = source.count("\n") + 1
    if lines > MAX_LINES:
        reason = f"{lines} lines; above {MAX_LINES} a module has more than one reason to exist: split it"
        found.append(Violation("size", 0, reason))
    return found


def imports(module: str, tree: ast.Module) -> Iterator[Import]:
    """Yields what a module imports, by statement or by ``import_module`` with a literal name."""
    lazy = {id(inner) for node in ast.walk(tree) if _is_function(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        inside = id(node) in lazy
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, inside)
        elif isinstance(node, ast.ImportFrom):
            package = _resolve(module, node)
            for alias in node.names:
                # "from desktop import cli" imports desktop.cli.common; "from desktop.common.errors import Cancelled" desktop.common.errors.
                yield Import(f"{package}.{alias.name}" if package in _PACKAGES else package, node.lineno, inside)
        elif isinstance(node, ast.Call) and _called_name(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(first.value, node.lineno, inside)


_PACKAGES = ("desktop", "desktop.engine", "desktop.system.login", "desktop.models", "desktop.ui")


def _resolve(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")[: -node.level]
    return ".".join([*parts, node.module] if node.module else parts)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _called_name(node: ast.Call) -> str:
    function = node.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _within(module: str, packages: frozenset[str] | tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _import_violations(module: str, each: Import) -> Iterator[Violation]:
    top = each.module.partition(".")[0]
    if top == "desktop":
        reason = _forbidden_sibling(module, each.module)
        if reason:
            yield Violation("layer", each.line, f"{module} imports {each.module}: {reason}")
        return
    users = LIBRARY_USERS.get(top)
    if users is not None and not _within(module, users) and not _is_doctor(module, each):
        yield Violation("library", each.line, f"{module} imports {top}: {LIBRARY_REASONS[top]}")
    elif users is None and module in BASE and top not in sys.stdlib_module_names:
        reason = "every part uses this module, so it must cost nothing but the standard library"
        yield Violation("library", each.line, f"{module} imports {top}: {reason}")
    if top == "sqlite3" and _within(module, ("desktop.ui",)):
        reason = "the interface shows what the history service gives it; the schema is nobody else's business"
        yield Violation("library", each.line, f"{module} imports sqlite3: {reason}")


def _is_doctor(module: str, each: Import) -> bool:
    return each.lazy and each.module.startswith("PySide6") and module.startswith(LAZY_QT_USERS)


def _forbidden_sibling(module: str, imported: str) -> str:
    """Returns why ``module`` must not import ``imported``, or an empty string."""
    if _within(imported, ROOTS) and module not in ROOTS:
        return "the composition root knows everybody, nobody knows it"
    if imported in BASE:
        return ""
    if module in BASE:
        return "the values that cross borders know only each other"
    if _within(imported, ("desktop.ui",)) and not _within(module, ("desktop.ui", *ROOTS)):
        return "the core does not know its interface"
    for part in _STRANGERS:
        others = tuple(other for other in _STRANGERS if other != part)
        if _within(module, (part,)) and _within(imported, others):
            return "settings, history, models, engine and login do not know each other; app connects them"
    if module.startswith("desktop.chat.service") and _within(imported, ("desktop.engine", "desktop.models")):
        return "the chat knows types, not engines"
    return ""


def _state_violations(tree: ast.Module) -> Iterator[Violation]:
    reason = "state at module level is a singleton nobody passed in; give it to whoever needs it, or make it Final"
    frozen = _FIXED_CALLS | {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any("frozen=True" in ast.unparse(each) for each in node.decorator_list)
    }
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            final, value = names == ["__all__"], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            final, value = "Final" in ast.unparse(statement.annotation), statement.value
        else:
            continue
        if not final and _may_change(value, frozen):
            yield Violation("state", statement.lineno, f"`{ast.unparse(statement)[:60]}`: {reason}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield Violation("state", node.lineno, f"`global {', '.join(node.names)}`: {reason}")


def _may_change(value: ast.expr, fixed_calls: frozenset[str]) -> bool:
    if isinstance(value, _MUTABLE_DISPLAYS):
        return True
    return isinstance(value, ast.Call) and _called_name(value) not in fixed_calls


def _qt_violations(module: str, tree: ast.Module) -> Iterator[Violation]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "instance":
            if ast.unparse(node.func.value).rpartition(".")[2] in _QT_APPLICATIONS:
                reason = "constructors take what they use; an application fetched from the air hides who uses it"
                yield Violation("singleton", node.lineno, f"`{ast.unparse(node)}`: {reason}")
        elif isinstance(node, ast.Name) and node.id == "qApp":
            yield Violation("singleton", node.lineno, "`qApp`: constructors take what they use")
    if not _within(module, ("desktop.ui",)):
        return
    for widget in _widgets(tree):
        for inner in ast.walk(widget):
            if isinstance(inner, ast.AsyncFunctionDef):
                reason = "a widget that awaits may be gone when it wakes up; emit a signal and let a service do it"
                yield Violation("async", inner.lineno, f"{widget.name}.{inner.name}: {reason}")


def _widgets(tree: ast.Module) -> list[ast.ClassDef]:
    """Returns the classes that derive from a Qt class other than QObject, or from another module of the interface."""
    qt = {"Q"} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("desktop.ui")
        for alias in node.names
    }
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known: set[str] = set()
    for _ in classes:  # a class may derive from one further down the list of walk()
        for each in classes:
            bases = [ast.unparse(base).rpartition(".")[2].partition("[")[0] for base in each.bases]
            if any(base in known or base in qt or (base[:1] == "Q" and base != "QObject") for base in bases):
                known.add(each.name)
    return [each for each in classes if each.name in known]
