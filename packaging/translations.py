"""Updates and compiles the translations: ``python packaging translations [--check]``.

``resources/translations/catnap_<language>.ts`` is what translators edit; the ``.qm`` beside it is what the program
loads. Both are kept in the repository, so that a checkout speaks every language without tools.

lupdate finds ``self.tr()``, ``QCoreApplication.translate()`` and ``QT_TRANSLATE_NOOP()`` by itself. The table of
options marks its texts with a short name of its own, ``_t()``, which lupdate cannot know; they are handed to it spelled
out.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("zh_CN",)

# desktop/settings/options.py: what `_t(text)` stands for.
_SHORT_MARK, _SHORT_CONTEXT = "_t", "Options"


@dataclass(frozen=True, order=True)
class SourceText:
    """A text to be translated, under the name of its class or group."""

    context: str
    text: str


def sources() -> list[Path]:
    """Returns the modules that may hold texts."""
    return sorted((ROOT / "desktop").rglob("*.py"))


def texts_of(file: Path) -> set[SourceText]:
    """Returns every text marked for translation in a module, found in its syntax tree.

    Raises:
        ValueError: Something is marked that no tool can find: not a plain string.
    """
    return set(_texts(ast.parse(file.read_text("utf-8")), file, context=""))


def ts_file(language: str) -> Path:
    return FOLDER / f"catnap_{language}.ts"


def qm_file(language: str) -> Path:
    return FOLDER / f"catnap_{language}.qm"


def translated(language: str) -> dict[SourceText, list[str]]:
    """Returns the finished translations of a language: one form each, several for texts with a number."""
    found: dict[SourceText, list[str]] = {}
    for context in ElementTree.parse(ts_file(language)).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") is not None:
                continue
            forms = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            if all(forms):
                found[SourceText(context.findtext("name", ""), message.findtext("source", ""))] = forms
    return found


def missing(language: str) -> list[SourceText]:
    """Returns the texts of the program without a finished translation, sorted."""
    done = translated(language)
    return sorted({text for file in sources() for text in texts_of(file)} - done.keys())


def update(language: str) -> None:
    """Brings the .ts file in step with the sources; translations are kept, texts that have gone are dropped.

    Raises:
        subprocess.CalledProcessError: lupdate failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        spelled_out = Path(folder) / "options_texts.py"
        spelled_out.write_text("\n".join(_spelled_out()) + "\n", "utf-8")
        files = [str(file) for file in [*sources(), spelled_out]]
        options = ["-locations", "none", "-no-obsolete", "-source-language", "en", "-target-language", language]
        _run("pyside6-lupdate", *files, *options, "-ts", str(ts_file(language)))


def compile_to(language: str, target: Path) -> None:
    """Compiles the .ts file of a language.

    Raises:
        subprocess.CalledProcessError: lrelease failed.
    """
    _run("pyside6-lrelease", "-silent", str(ts_file(language)), "-qm", str(target))


def main(arguments: list[str] | None = None) -> int:
    """Updates and compiles everything, or only says what is missing; returns the exit code."""
    parser = argparse.ArgumentParser(description="Update and compile the translations.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a translation is missing")
    only_check = parser.parse_args(arguments).check
    lacking = 0
    for language in LANGUAGES:
        if not only_check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            update(language)
            compile_to(language, qm_file(language))
        for text in missing(language):
            lacking += 1
            print(f"{language}: not translated: {text.context}: {text.text}")
    return 1 if lacking and only_check else 0


def _texts(node: ast.AST, file: Path, context: str) -> Iterator[SourceText]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            marked = _marked(child, context)
            if marked is not None:
                yield _literal(marked, child, file)
        # lupdate and QObject.tr() both go by the name of the class.
        yield from _texts(child, file, child.name if isinstance(child, ast.ClassDef) else context)


def _marked(call: ast.Call, context: str) -> tuple[ast.expr, ast.expr] | None:
    """Returns context and text of a call that marks a text; None for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    match name, call.args:
        case "tr", [text, *_]:
            return ast.Constant(context) if _is_self(call.func) else call.func, text
        case "translate", [ast.Constant(value=str()) as group, text, *_] if not _is_variable(text):
            return group, text  # not QPainter.translate(x, y)
        case "QT_TRANSLATE_NOOP", [group, text] if not _is_variable(text):
            return group, text
        case "_t", [text] if not _is_variable(text):
            return ast.Constant(_SHORT_CONTEXT), text
    return None


def _is_self(function: ast.expr) -> bool:
    """Tells ``self.tr``; of another object's class lupdate knows nothing."""
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self"


def _is_variable(node: ast.expr) -> bool:
    """Tells a text that was marked elsewhere and is only passed on."""
    return isinstance(node, ast.Name | ast.Attribute)


def _literal(marked: tuple[ast.expr, ast.expr], call: ast.Call, file: Path) -> SourceText:
    values = [part.value for part in marked if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if len(values) != len(marked):
        raise ValueError(
            f"{file}:{call.lineno}: only a plain string, with self.tr() or a named context, can be translated"
        )
    return SourceText(*values)


def _spelled_out() -> Iterator[str]:
    for text in sorted(texts_of(ROOT / "desktop" / "settings" / "options.py")):
        if text.context == _SHORT_CONTEXT:
            yield f'QT_TRANSLATE_NOOP("{text.context}", {_quoted(text.text)})'


def _quoted(text: str) -> str:
    """Returns a string literal that lupdate reads: it knows no escape for what is not ASCII."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _run(tool: str, *arguments: str) -> None:
    path = shutil.which(tool, path=str(Path(sys.executable).parent)) or shutil.which(tool)
    if path is None:
        raise SystemExit(f"{tool} is missing; it comes with PySide6-Essentials.")
    subprocess.run([path, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
