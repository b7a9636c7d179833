"""The layer rules of the program, as functions from sources to the rules they break.

Each rule carries its reason, since whoever breaks one should learn why it is there. What the rooms are for stands in
docs/ARCHITECTURE.md.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Above these a module, or a function, probably has more than one subject; a warning, since placement comes before size.
LONG_MODULE = 500
LONG_FUNCTION = 60

_OWN_PROCESSES = frozenset(
    {
        *("desktop.engine.cage", "desktop.engine.process.channel", "desktop.engine.process.environment"),
    }
)
# A room may use those named here, and what lies within itself; the order is from the ground floor up, and no room is
# above one that it is below. The longest name that fits decides: "desktop.engine.types" is a room of its own.
ROOMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "desktop": frozenset(),  # the version, the identifier
        "desktop.common": frozenset({"desktop"}),
        "desktop.gguf": frozenset({"desktop", "desktop.common"}),
        "desktop.machine": frozenset({"desktop", "desktop.common"}),
        "desktop.system": frozenset({"desktop", "desktop.common"}),
        # What computes: the configuration names it, and so does whoever has tried it.
        "desktop.engine.backends": frozenset(),
        "desktop.engine.types": frozenset({"desktop.common", "desktop.engine.backends"}),
        # Who answers, as those see it who ask.
        "desktop.engine.ports": frozenset({"desktop.engine.types"}),
        "desktop.engine.context_budget": frozenset({"desktop.common"}),
        # Who answers, here or on a server: chosen in windows, asked by the chat, obeyed by whoever has both.
        "desktop.engine.routing": frozenset({"desktop.engine.ports", "desktop.engine.types"}),
        # What may be asked of an answer in JSON: read before it is sent, used where the answer is made, checked after.
        "desktop.engine.schema": frozenset({"desktop.common"}),
        # How a process of our own is started, spoken to and shut in: the engine's, and the one that reads documents.
        "desktop.engine.process.channel": frozenset(),
        "desktop.engine.process.environment": frozenset({"desktop.common"}),
        "desktop.engine.process.pipes": frozenset(),
        "desktop.engine.process.errand": frozenset(
            {"desktop.engine.process.channel", "desktop.engine.process.pipes", "desktop.machine"}
        ),
        "desktop.engine.cage": frozenset({"desktop.engine.types", "desktop.gguf", "desktop.machine"}),
        "desktop.documents": frozenset(
            {
                *("desktop", "desktop.common", "desktop.documents.library.stored", "desktop.documents.types"),
                "desktop.documents.library.libraries",
                *("desktop.machine", "desktop.engine.process.errand", *_OWN_PROCESSES),
            }
        ),
        # What a document is once it was read, or is kept: windows show it, and know nothing of how.
        "desktop.documents.types": frozenset({"desktop.common"}),
        "desktop.documents.library.stored": frozenset({"desktop.common", "desktop.documents.types"}),
        "desktop.documents.library.libraries": frozenset({"desktop.common"}),
        # Hands out what reads folders, which is imported with the first library only.
        "desktop.documents.library.lazy": frozenset({"desktop.common", "desktop.documents"}),
        "desktop.check": frozenset(
            {
                *("desktop.common", "desktop.documents", "desktop.engine.process.errand", "desktop.engine.types"),
                *_OWN_PROCESSES,
            }
        ),
        "desktop.settings": frozenset(
            {"desktop.common", "desktop.engine.backends", "desktop.engine.routing", "desktop.engine.types"}
        ),
        "desktop.functions": frozenset(),
        # What models write before an answer, a question of text: a chat that is imported has it as well.
        "desktop.engine.chat_template.thinking": frozenset(),
        "desktop.history": frozenset(
            {"desktop", "desktop.common", "desktop.engine.chat_template.thinking", "desktop.engine.types"}
        ),
        "desktop.engine": frozenset(
            {
                *("desktop", "desktop.common", "desktop.engine.backends", "desktop.engine.chat_template.thinking"),
                *("desktop.engine.context_budget", "desktop.engine.schema", "desktop.engine.types"),
                *("desktop.gguf", "desktop.machine"),
                *("desktop.engine.process.errand", "desktop.engine.process.pipes"),
                *_OWN_PROCESSES,
            }
        ),
        "desktop.structured": frozenset({"desktop.common", "desktop.engine.schema", "desktop.functions"}),
        # Documents become rows of a table: read, asked about, put together. Who asks the model is not its business.
        "desktop.extraction": frozenset(
            {
                *("desktop.common", "desktop.documents", "desktop.documents.types", "desktop.engine.schema"),
                "desktop.structured",
            }
        ),
        # The way out of a network, for downloads and for questions to servers: which proxy, and whom to trust.
        "desktop.models.download.proxy": frozenset({"desktop.common", "desktop.system"}),
        "desktop.models.download.certificates": frozenset({"desktop.common"}),
        "desktop.models.download.connection_errors": frozenset({"desktop.common"}),
        "desktop.models.download.ways": frozenset({"desktop.common", "desktop.models.download.proxy"}),
        # What a file may be called anywhere: whoever names one asks.
        "desktop.models.file_names": frozenset(),
        "desktop.models": frozenset(
            {
                *("desktop", "desktop.common", "desktop.gguf", "desktop.models.file_names", "desktop.settings"),
                *("desktop.models.download.certificates", "desktop.models.download.connection_errors"),
                *("desktop.models.download.proxy", "desktop.models.download.ways"),
            }
        ),
        "desktop.servers": frozenset(
            {
                *(
                    "desktop",
                    "desktop.common",
                    "desktop.engine.chat_template.thinking",
                    "desktop.engine.context_budget",
                ),
                *("desktop.engine.routing", "desktop.engine.schema", "desktop.engine.types"),
                "desktop.models.download.certificates",
                *("desktop.models.download.connection_errors", "desktop.models.download.proxy"),
                *("desktop.models.download.ways", "desktop.system"),
            }
        ),
        "desktop.personas": frozenset({"desktop.common", "desktop.settings"}),
        "desktop.chat": frozenset(
            {
                *("desktop.common", "desktop.engine.types", "desktop.engine.context_budget", "desktop.engine.schema"),
                *("desktop.engine.ports", "desktop.engine.routing"),
                *("desktop.documents", "desktop.documents.library.stored", "desktop.documents.types"),
                *("desktop.functions", "desktop.history", "desktop.personas", "desktop.settings"),
                "desktop.structured",
            }
        ),
        "desktop.speech": frozenset({"desktop.common", "desktop.system"}),
        # How far a student is, in lines from one process to another: whoever waits for it reads them.
        "desktop.student.steps": frozenset({"desktop.common"}),
        # A smaller model is made of one: files and figures; whoever shows them asks for them. A teacher may be served.
        "desktop.student": frozenset(
            {
                *("desktop.check", "desktop.common", "desktop.engine", "desktop.gguf", "desktop.servers"),
                *(
                    "desktop.models.file_names",
                    "desktop.student.sequences",
                    "desktop.student.steps",
                    "desktop.student.training.curve",
                    "desktop.student.training.questions",
                    "desktop.student.training.settings",
                ),
            }
        ),
        # Runs in another environment, with PyTorch and nothing of this one: it knows what needs the standard library.
        "desktop.student.sequences": frozenset({"desktop.common"}),
        "desktop.student.training.curve": frozenset({"desktop.common"}),
        "desktop.student.training.questions": frozenset({"desktop.common"}),
        "desktop.student.training.settings": frozenset({"desktop.common"}),
        "desktop.student.training.inside": frozenset(
            {
                *("desktop.common", "desktop.gguf", "desktop.student.sequences"),
                *("desktop.student.training.curve", "desktop.student.training.questions"),
                "desktop.student.training.settings",
            }
        ),
        "desktop.lifecycle": frozenset(
            {
                *(
                    "desktop",
                    "desktop.check",
                    "desktop.common",
                    "desktop.engine",
                    "desktop.engine.backends",
                    "desktop.engine.ports",
                    "desktop.engine.types",
                    "desktop.gguf",
                    "desktop.machine",
                ),
                *("desktop.models", "desktop.settings", "desktop.student.steps"),
            }
        ),
        # Whether other programs can ask: windows show it, and know nothing of how.
        "desktop.api.state": frozenset({"desktop.common"}),
        # What other programs on this computer ask the model: a protocol in front of the engine that people use.
        "desktop.api": frozenset(
            {
                *("desktop.api.state", "desktop.common", "desktop.engine", "desktop.engine.schema"),
                *("desktop.engine.types", "desktop.lifecycle", "desktop.models", "desktop.settings"),
            }
        ),
        "desktop.cli": frozenset(
            {
                *(
                    "desktop",
                    "desktop.api",
                    "desktop.api.state",
                    "desktop.check",
                    "desktop.common",
                    "desktop.documents",
                    "desktop.engine",
                    "desktop.engine.backends",
                    "desktop.engine.ports",
                ),
                *("desktop.documents.library.stored", "desktop.documents.types", "desktop.functions", "desktop.gguf"),
                *("desktop.documents.library.libraries", "desktop.engine.types", "desktop.history"),
                *("desktop.engine.schema", "desktop.extraction", "desktop.structured"),
                *("desktop.lifecycle", "desktop.machine", "desktop.models", "desktop.settings", "desktop.system"),
                *("desktop.servers", "desktop.student", "desktop.student.steps"),
            }
        ),
        "desktop.ui": frozenset(
            {
                *("desktop", "desktop.api.state", "desktop.chat", "desktop.check", "desktop.common"),
                "desktop.engine.types",
                *(
                    "desktop.documents.library.lazy",
                    "desktop.documents.library.libraries",
                    "desktop.documents.types",
                    "desktop.engine.footprint",
                    "desktop.engine.gpu.verdict",
                    "desktop.engine.routing",
                    "desktop.extraction",
                    "desktop.gguf",
                    "desktop.history",
                    "desktop.lifecycle",
                ),
                *("desktop.machine", "desktop.models"),
                *("desktop.personas", "desktop.servers", "desktop.settings", "desktop.speech", "desktop.system"),
                *("desktop.structured", "desktop.student.steps"),
            }
        ),
        "desktop.arguments": frozenset({"desktop", "desktop.common", "desktop.settings"}),
        "desktop.app": frozenset({"*"}),
        "desktop.__main__": frozenset({"*"}),
    }
)
_EVERYTHING = "*"

# Why a room knows only those.
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "desktop": "everybody knows these facts, so they know nobody",
        "desktop.common": "every part uses it, so it uses none of them",
        "desktop.engine.backends": "what computes is named where it is chosen, tried and used",
        "desktop.engine.ports": "who asks sees of whoever answers what it needs, and not who that is",
        "desktop.engine.context_budget": "arithmetic that both sides of the border use knows only errors",
        "desktop.engine.schema": "what is asked of an answer knows neither models nor who asks",
        "desktop.engine.types": "the values that cross the border of the engine know only errors",
        "desktop.engine": "the engine is told what to do; it does not know settings, history or models",
        "desktop.speech": "sentences are made of text alone; who says them, and when, is the interface's business",
        "desktop.chat": "the chat knows requests and events, not who answers them: a server elsewhere may",
        "desktop.personas": "personas are words and a temperature; who talks with them asks for them",
        "desktop.functions": "what is computed knows no model, no history and no interface: all may use it",
        "desktop.history": "what people wrote outlives every model and setting",
        "desktop.documents": "a document becomes text without anybody knowing of models, chats or windows",
        "desktop.api": "other programs ask the engine that people use, and know nothing of its windows",
        "desktop.check": "what is asked and how it is marked knows no model and no window: whoever has one asks",
        "desktop.student.steps": "lines between two processes know neither who writes nor who reads them",
        "desktop.student": "a student is made of files and a model in a process, whoever has asked for it",
        "desktop.student.training.inside": "it runs where PyTorch is, and there is nothing else of Catnap's libraries",
        "desktop.structured": "fields, tables and forms know neither the model that fills them nor the window",
        "desktop.extraction": "rows are made of documents and answers, whoever gives the answers and shows the rows",
        "desktop.servers": "an answer from elsewhere knows the engine's border and the way out, and nobody who asks",
        "desktop.settings": "settings are data; who acts on them asks for them",
        "desktop.models": "models are files; whether one is in memory is the lifecycle's business",
        "desktop.ui": "the interface shows what services give it, and the core does not know its interface",
        "desktop.cli": "the command line works without a window, so it knows none",
    }
)

# The only rooms or modules that may import a library.
LIBRARY_USERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "PySide6": frozenset({"desktop.app", "desktop.ui"}),
        "qasync": frozenset({"desktop.app.run"}),
        "llama_cpp": frozenset({"desktop.engine.llama"}),
        "h11": frozenset({"desktop.api.http"}),
        "httpx": frozenset({"desktop.models.download", "desktop.servers"}),
        "truststore": frozenset({"desktop.models.download"}),
        "zeroconf": frozenset({"desktop.servers.discovery"}),
        "keyring": frozenset({"desktop.system.keyring"}),
        "jeepney": frozenset({"desktop.system.global_shortcuts", "desktop.system.keyring"}),
        "msgspec": frozenset({"desktop.engine.process.channel"}),
        "jinja2": frozenset({"desktop.engine.chat_template"}),
        "pypdfium2": frozenset({"desktop.documents.formats.pdf"}),
        "python_calamine": frozenset({"desktop.documents.formats.office.binary_workbook"}),
        "charset_normalizer": frozenset({"desktop.documents.formats.encodings"}),
        "markdown_it": frozenset({"desktop.ui.transcript"}),
        "latex2mathml": frozenset({"desktop.ui.transcript.maths"}),
        "pygments": frozenset({"desktop.ui.transcript.highlighting"}),
        "sqlite3": frozenset({"desktop.common.sqlite", "desktop.documents", "desktop.history"}),
        "platformdirs": frozenset({"desktop.common.paths"}),
        "psutil": frozenset({"desktop.app.start", "desktop.engine.threads", "desktop.machine"}),
        "torch": frozenset({"desktop.student.training.inside"}),
        "numpy": frozenset({"desktop.student.training.inside"}),
    }
)
LIBRARY_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "PySide6": "the core runs without Qt: for the command line, for headless tests, and for any other interface",
        "qasync": "the event loop is chosen in one place; everything else is plain asyncio or plain signals",
        "llama_cpp": "one place knows the native library, so that a change of its API has one place to go",
        "h11": "what comes from other programs is read in one place, more strictly than the library does",
        "httpx": "two rooms talk to the network: downloads, and servers, who go the same way through proxies and TLS",
        "truststore": "one place talks to the network, so that TLS, proxies and resuming are decided once",
        "zeroconf": "it is imported when somebody looks for servers, and what it hears is cleaned in one place",
        "keyring": "secrets of the system are read and written in one place",
        "jeepney": "what is asked of the session's bus is asked in few places, and only when it is wanted",
        "msgspec": "what another process sends is checked in one place before anybody believes it",
        "jinja2": "templates come from foreign files; one place sandboxes them",
        "pypdfium2": "it is imported behind the walls, in the process that reads a document, and nowhere else",
        "python_calamine": "it is imported behind the walls, in the process that reads a document, and nowhere else",
        "charset_normalizer": "it is imported behind the walls, in the process that reads a document, and nowhere else",
        "markdown_it": "how Markdown is read is decided in one place, and costs nothing before an answer is shown",
        "latex2mathml": "it is imported with the first formula, and its errors are met in one place",
        "pygments": "it is imported with the first code, and only where nothing waits for it",
        "sqlite3": "a schema is the business of one room: conversations, and documents with their passages",
        "platformdirs": "desktop.common.paths decides where things lie, so that --data-dir moves all of them",
        "psutil": "what the machine is like is found out in one place",
        "torch": "it lies in an environment of its own, larger than Catnap, and only what runs there may want it",
        "numpy": "it lies in an environment of its own, with PyTorch, and only what runs there may want it",
    }
)
# Rooms that stay as light as the standard library: every start and every verb imports them.
_STANDARD_LIBRARY_ONLY = (
    "desktop.common",
    "desktop.gguf",
    "desktop.engine.backends",
    "desktop.engine.ports",
    "desktop.engine.types",
    "desktop.settings",
    "desktop.personas",
    "desktop.arguments",
)

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
    """One imported module.

    Attributes:
        for_types: Only type checkers see it.
    """

    module: str
    line: int
    for_types: bool


def room_of(module: str) -> str:
    """Returns the room that a module lies in; an empty string: none knows it."""
    fitting = [room for room in ROOMS if _within(module, (room,))]
    room = max(fitting, key=len, default="")
    return room if room != "desktop" or module == "desktop" else ""


def violations(module: str, source: str, modules: frozenset[str] = frozenset()) -> list[Violation]:
    """Returns the rules that a module breaks.

    Args:
        module: Its dotted name.
        source: Its text.
        modules: All modules of the program, so that ``from desktop.engine import types`` is understood.
    """
    tree = ast.parse(source)
    found = [item for each in imports(module, tree, modules) for item in _import_violations(module, each)]
    found += _unseen_imports(module, tree)
    found += _state_violations(tree)
    found += _qt_violations(module, tree)
    return found


def imports(module: str, tree: ast.Module, modules: frozenset[str] = frozenset()) -> Iterator[Import]:
    """Yields what a module imports, by statement or by ``import_module`` with a literal name."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        only = id(node) in for_types
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, only)
        elif isinstance(node, ast.ImportFrom):
            package = _resolve(module, node)
            for alias in node.names:
                # "from desktop.cli import ask" imports desktop.cli.ask, "from desktop.common.errors import Cancelled"
                # desktop.common.errors. What is no module of ours is a room if its name is one.
                inner = f"{package}.{alias.name}"
                yield Import(inner if inner in modules or inner in ROOMS else package, node.lineno, only)
        elif isinstance(node, ast.Call) and _called_name(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(first.value, node.lineno, only)


def circles(graph: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Returns the groups of nodes that lead back to themselves (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in order:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], order[other])
        if lowest[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(tuple(sorted(group)))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found


def lengths(source: str) -> Iterator[str]:
    """Yields what is long in a module, as words."""
    lines = source.count("\n")
    if lines > LONG_MODULE:
        yield f"{lines} lines; above {LONG_MODULE} a module may have more than one subject"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONG_FUNCTION:
                yield f"{node.name}: {length} lines; above {LONG_FUNCTION} a function may do more than one thing"


def _resolve(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")[: -node.level]
    return ".".join([*parts, node.module] if node.module else parts)


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
        reason = _forbidden_room(module, each.module)
        if reason:
            yield Violation("layer", each.line, f"{module} imports {each.module}: {reason}")
        return
    users = LIBRARY_USERS.get(top)
    if users is not None and not _within(module, users):
        yield Violation("library", each.line, f"{module} imports {top}: {LIBRARY_REASONS[top]}")
    elif users is None and _within(module, _STANDARD_LIBRARY_ONLY) and top not in sys.stdlib_module_names:
        reason = "every start imports this room, so it must cost nothing but the standard library"
        yield Violation("library", each.line, f"{module} imports {top}: {reason}")


def _forbidden_room(module: str, imported: str) -> str:
    """Returns why ``module`` must not import ``imported``, or an empty string."""
    room, other = room_of(module), room_of(imported)
    if not room:
        return f"{module} lies in no room; give it one in tests/support/layers.py and docs/ARCHITECTURE.md"
    allowed = ROOMS[room]
    if room == other or _EVERYTHING in allowed or _within(imported, allowed - {"desktop"}) or imported in allowed:
        return ""
    reason = _REASONS.get(room, "")
    if other in ("desktop.app", "desktop.__main__"):
        reason = "the composition root knows everybody, nobody knows it"
    return f"{room} may use {', '.join(sorted(allowed)) or 'nothing'}" + (f": {reason}" if reason else "")


def _unseen_imports(module: str, tree: ast.Module) -> Iterator[Violation]:
    """Finds imports by a name that is only known when the program runs: they get past the rules."""
    if _within(module, ("desktop.engine.llama.bindings",)):
        return  # it imports the ctypes module past its parent package
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called_name(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                reason = "imports by a computed name, which no rule can see: write the name"
                yield Violation("library", node.lineno, f"{module} {reason}")


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
    if not _within(module, ("desktop.ui", "desktop.app")):
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
