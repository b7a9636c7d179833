"""What goes into the bundle and what stays out; read by ``packaging/bundle/catnap.spec``.

PyInstaller collects every plugin of a Qt module and whatever these plugins link to. Catnap names the plugins it uses,
and a library stays only if something that stays links to it: so a plugin left out takes its libraries along, and no
list of library names has to be kept up to date.
"""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeAlias

# (name in the bundle, file on this machine, PyInstaller's type code)
Entry: TypeAlias = tuple[str, str, str]

EXTENSION = "EXTENSION"
BINARY = "BINARY"
SYMLINK = "SYMLINK"
DATA = "DATA"

# Modules that something imports but nothing here uses.
EXCLUDED_MODULES: tuple[str, ...] = (
    # llama_cpp/__init__.py would import these; desktop/engine/llama/bindings.py never lets it run.
    "diskcache",
    "numpy",
    "torch",
    *(
        f"llama_cpp.{name}"
        for name in (
            "_internals",
            "_logger",
            "_utils",
            "llama",
            "llama_cache",
            "llama_chat_format",
            "llama_cpp_ext",
            "llama_speculative",
            "llama_tokenizer",
            "llama_types",
            "llava_cpp",
            "mtmd_cpp",
            "server",
        )
    ),
    # httpx's command line, the loops and protocols that its users may choose instead
    "click",
    "rich",
    "httpx._main",
    "h2",
    "hpack",
    "trio",
    "outcome",
    "sniffio._impl",
    "uvloop",
    "anyio._backends._trio",
    "anyio.pytest_plugin",
    "brotli",
    "brotlicffi",
    "zstandard",
    # what markdown-it-py has for people who type
    "markdown_it.cli",
    "linkify_it",
    # Pygments is asked for colours, not for pages; of its languages LEXERS stay
    "pygments.cmdline",
    "pygments.formatters",
    "pygments.sphinxext",
    "pygments.styles",
    # pdfium is asked for text, not for pictures of pages; neither it nor charset-normalizer on a command line
    "PIL",
    "pypdfium2_cli",
    "charset_normalizer.cli",
    # the other loops of jeepney, and its tests
    "jeepney.io.asyncio",
    "jeepney.io.threading",
    "jeepney.io.trio",
    "jeepney.io.tests",
    "jeepney.tests",
    # tools of Python that libraries import on behalf of developers
    "requests",
    "urllib3",
    "_pytest",
    "pytest",
    "doctest",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pdb",
    "pip",
    "pydoc",
    "pydoc_data",
    "setuptools",
    "pkg_resources",
    "_distutils_hack",
    "distutils",
    "test",
    "tkinter",
    "_tkinter",
    "turtle",
    "unittest",
    "xmlrpc",
    "curses",
    "readline",
    "multiprocessing",
    # PySide6 brings these for tools and for QML
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.scripts",
    # QtTextToSpeech links to the library of Qt Multimedia, which stays; nothing asks for sounds and films by Python
    "PySide6.QtMultimedia",
)

# What the Python imports that trains students: another one, which cannot look into the archive of this program. None of
# it is imported here (torch and numpy are not in the bundle).
TRAINING_SOURCE: tuple[str, ...] = (
    "desktop/__init__.py",
    "desktop/common/*.py",
    "desktop/gguf/*.py",
    "desktop/student/__init__.py",
    "desktop/student/sequences.py",
    "desktop/student/training/*.py",
    "desktop/student/training/inside/*.py",
)

# Modules of pygments.lexers with the languages that people ask about, and what these import. All of them would be 2 MB.
LEXERS: frozenset[str] = frozenset(
    {
        *("_cocoa_builtins", "_css_builtins", "_googlesql_builtins", "_julia_builtins", "_lilypond_builtins"),
        *("_lua_builtins", "_mapping", "_mql_builtins", "_mysql_builtins", "_php_builtins", "_postgres_builtins"),
        *("_scheme_builtins", "_scilab_builtins", "_sql_builtins", "_tsql_builtins", "asm", "c_cpp", "c_like"),
        *("configs", "css", "d", "data", "diff", "dotnet", "erlang", "functional", "go", "graphql", "haskell", "html"),
        *("javascript", "jsx", "julia", "jvm", "lean", "lilypond", "lisp", "make", "markup", "matlab", "ml"),
        *("objective", "perl", "php", "python", "r", "ruby", "rust", "scripting", "shell", "special", "sql"),
        *("theorem", "webmisc", "zig"),
    }
)

# desktop/engine/llama/bindings.py imports the first by name, past its parent package, and the grammar.py beside it the
# second; the first imports the next two. The last is imported by msgspec from C.
HIDDEN_MODULES: tuple[str, ...] = (
    "llama_cpp.llama_cpp",
    "llama_cpp.llama_grammar",
    "llama_cpp._ctypes_extensions",
    "typing_extensions",
    "msgspec._utils",
)

# Packages of which modules are compiled, so that nobody sees from outside what they import.
_COMPILED_PACKAGES: tuple[str, ...] = ("zeroconf",)

# Distributions whose version `catnap doctor` and About tell.
TOLD_DISTRIBUTIONS: tuple[str, ...] = ("llama-cpp-python", "PySide6-Essentials", "qasync", "httpx")

# And those that ask for their own version when they are imported.
_ASKING_DISTRIBUTIONS: tuple[str, ...] = ("latex2mathml",)

_TOLD_FOLDERS = frozenset(name.replace("-", "_").lower() for name in (*TOLD_DISTRIBUTIONS, *_ASKING_DISTRIBUTIONS))

# Qt's plugins by folder, without "lib" and suffix, for all systems.
QT_PLUGINS: dict[str, frozenset[str]] = {
    # qwayland-generic draws into shared memory as widgets do; offscreen is for the tests of the bundle
    "platforms": frozenset({"qxcb", "qwayland-generic", "qoffscreen", "qwindows", "qcocoa"}),
    "wayland-shell-integration": frozenset({"xdg-shell"}),
    "wayland-decoration-client": frozenset({"adwaita", "bradient"}),
    # Chinese is typed through ibus (fcitx 5 speaks its protocol too), accents through compose
    "platforminputcontexts": frozenset({"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"}),
    # file dialogs of the desktop without GTK
    "platformthemes": frozenset({"qxdgdesktopportal"}),
    "iconengines": frozenset({"qsvgicon"}),
    "imageformats": frozenset({"qsvg"}),
    # printers of Linux and macOS; Windows' own are in Qt's library
    "printsupport": frozenset({"cupsprintersupport"}),
    # what speaks on each system; without "multimedia" no FFmpeg comes along
    "texttospeech": frozenset(
        {"qtexttospeech_speechd", "qtexttospeech_sapi", "qtexttospeech_winrt", "qtexttospeech_darwin"}
    ),
    "styles": frozenset({"qmodernwindowsstyle", "qwindowsvistastyle", "qmacstyle"}),
}

# Qt's own words ("Cancel"), in the languages that Catnap speaks. English is in the code.
QT_TRANSLATIONS: frozenset[str] = frozenset({"qtbase_zh_CN.qm"})

# Libraries of Linux that are better taken from the system. Each takes what only it links to along.
SYSTEM_LIBRARIES: tuple[str, ...] = (
    # A fontconfig of another release does not read the system's cache and would look through every font at the first
    # start; freetype belongs to it.
    "libfontconfig.",
    "libfreetype.",
    # Speaks to the system's own libxcb, which PyInstaller leaves out as well.
    "libX11.",
    "libX11-xcb.",
    # Every desktop has it; Debian's would bring libsystemd and libgcrypt along.
    "libdbus-1.",
    # They have to fit the sound server and the speech service of the system, and would bring codecs along. Where one is
    # missing Catnap says what to install, when something is to be read aloud.
    "libpulse.",
    "libspeechd.",
    # Whoever has a printer has it. Without it the plugin is not loaded, and Qt prints into a PDF.
    "libcups.",
)

# Parts of resources/ that only people who work on Catnap need.
_NOT_SHIPPED = (".md", ".ts", ".png")


def excluded_modules() -> list[str]:
    """Returns the modules that stay out: those named above, and the languages of Pygments that nobody asks about."""
    spec = importlib.util.find_spec("pygments.lexers")
    folders = spec.submodule_search_locations if spec is not None else None
    lexers = {module.name for module in pkgutil.iter_modules(folders)} - LEXERS
    return [*EXCLUDED_MODULES, *(f"pygments.lexers.{name}" for name in sorted(lexers))]


def hidden_modules() -> list[str]:
    """Returns the modules that must be named: those above, and all of the packages that are partly compiled."""
    return [*HIDDEN_MODULES, *(name for package in _COMPILED_PACKAGES for name in _modules_of(package))]


def _modules_of(package: str) -> Iterator[str]:
    spec = importlib.util.find_spec(package)
    for folder in map(Path, (spec.submodule_search_locations or ()) if spec is not None else ()):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield ".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts)))


def data_files(root: Path) -> Iterator[tuple[str, str]]:
    """Yields (file, folder in the bundle) for everything that is not code.

    Args:
        root: The checkout.

    Raises:
        FileNotFoundError: Something that ``desktop.common.paths.shipped`` looks for is not there.
        importlib.metadata.PackageNotFoundError: A distribution whose version is told is not installed.
    """
    for name in ("models.json", "LICENSE"):
        if not (root / name).is_file():
            raise FileNotFoundError(root / name)
        yield str(root / name), "."
    for file in sorted((root / "resources").rglob("*")):
        if file.is_file() and file.suffix not in _NOT_SHIPPED:
            yield str(file), str(file.parent.relative_to(root))
    for pattern in TRAINING_SOURCE:
        for file in sorted(root.glob(pattern)):
            yield str(file), str(PurePosixPath("training-source", *file.parent.relative_to(root).parts))
    # The signs of LaTeX; the module reads them from beside itself.
    files = metadata.distribution("latex2mathml").files or ()
    signs = next(file for file in files if file.suffix == ".txt" and file.parent.name == "latex2mathml")
    yield str(signs.locate()), "latex2mathml"
    yield from gpu_list()
    for name in (*TOLD_DISTRIBUTIONS, *_ASKING_DISTRIBUTIONS):
        files = metadata.distribution(name).files or ()
        file = next(Path(str(file.locate())) for file in files if file.name == "METADATA")
        yield str(file), file.parent.name


def gpu_list() -> Iterator[tuple[str, str]]:
    """Yields the list of the libraries for graphics processors that belong to this llama.cpp, where there are any.

    The libraries themselves are downloads of their own, see ``release.gpu``.
    """
    spec = importlib.util.find_spec("llama_cpp")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        listed = Path(folder) / "lib" / "gpu-libraries.json"
        if listed.is_file():
            yield str(listed), "llama_cpp/lib"


def qt_plugin(name: str) -> tuple[str, str] | None:
    """Returns (folder, plain name) of a Qt plugin, None for anything else.

    Args:
        name: Path in the bundle: ``PySide6/Qt/plugins/tls/libqopensslbackend.so``, ``PySide6/plugins/tls/...dll``.
    """
    parts = PurePosixPath(PurePath(name).as_posix()).parts
    if "PySide6" not in parts or "plugins" not in parts or len(parts) < 3:
        return None
    folder, file = parts[-2], parts[-1]
    return folder, file.removeprefix("lib").split(".")[0]


def is_wanted(name: str) -> bool:
    """True unless ``name``, a path in the bundle, is of no use there.

    That is a library of the system, or a Qt plugin, translation or QML file that Catnap does not use, or what pip notes
    about an installed package: from which folder it came, for one.
    """
    plugin = qt_plugin(name)
    if plugin is not None:
        folder, plain = plugin
        return plain in QT_PLUGINS.get(folder, frozenset())
    parts = PurePosixPath(PurePath(name).as_posix()).parts
    if parts[0].endswith(".dist-info"):
        return parts[1:] == ("METADATA",) and parts[0].partition("-")[0].lower() in _TOLD_FOLDERS
    if parts[0] != "PySide6":
        return not parts[-1].startswith(SYSTEM_LIBRARIES)
    if "translations" in parts:
        return parts[-1] in QT_TRANSLATIONS
    return "qml" not in parts


def without_unused(entries: Iterable[Entry], imports_of: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Drops what :func:`is_wanted` refuses, and then every library that nothing in the bundle links to.

    Args:
        entries: PyInstaller's table of binaries.
        imports_of: Returns the names of the libraries that a file links to.

    Returns:
        The entries that stay, in the order they came.
    """
    wanted = [entry for entry in entries if is_wanted(entry[0])]
    by_file_name = {PurePath(name).name.lower(): source for name, source, kind in wanted if kind == BINARY}
    waiting = [source for name, source, kind in wanted if kind == EXTENSION or is_loaded_by_name(name)]
    needed: set[str] = set()
    while waiting:
        source = waiting.pop()
        if source not in needed:
            needed.add(source)
            names = (PurePath(library).name.lower() for library in imports_of(source))
            waiting.extend(by_file_name[name] for name in names if name in by_file_name)
    return [entry for entry in wanted if entry[1] in needed]


def useful_data(entries: Iterable[Entry], binaries: Iterable[Entry]) -> list[Entry]:
    """Drops what :func:`is_wanted` refuses, and links to what is not there.

    PyInstaller makes a link beside the program for each library that lies deeper. Those to llama.cpp's are dropped too:
    nothing but libllama looks for them, and it looks in its own folder.

    Args:
        entries: PyInstaller's table of data files and links.
        binaries: What :func:`without_unused` left.
    """
    there = {PurePath(name).as_posix() for name, _, _ in binaries}
    wanted = (entry for entry in entries if is_wanted(entry[0]))
    return [entry for entry in wanted if entry[2] != SYMLINK or _is_useful_link(entry, there)]


def _is_useful_link(entry: Entry, there: set[str]) -> bool:
    target = PurePosixPath(PurePath(entry[1]).as_posix())
    return str(target) in there and target.parts[:2] != ("llama_cpp", "lib")


def linked_names(path: str) -> list[str]:
    """Returns the names of the libraries that a file of Linux itself links to; needs objdump."""
    done = subprocess.run(["objdump", "--private-headers", path], capture_output=True, text=True, check=True)
    return re.findall(r"^\s+NEEDED\s+(\S+)", done.stdout, re.MULTILINE)


def is_loaded_by_name(name: str) -> bool:
    """True for a library that is loaded while the program runs, by its name: nothing links to it."""
    path = PurePosixPath(PurePath(name).as_posix())
    file = path.name.lower()
    is_python = file.startswith(("libpython", "python3")) or file == "python"
    is_ours = path.parts[:2] == ("llama_cpp", "lib") or path.parts[0] == "pypdfium2_raw"
    return qt_plugin(name) is not None or is_ours or is_python
