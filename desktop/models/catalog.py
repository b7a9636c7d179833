"""Reads models.json: every field checked, so that the rest of the program can trust a ModelSpec.

The file: ``{"version": 1, "default": id, "models": [...]}``; the keys of a model are the fields of
:class:`desktop.models.types.ModelSpec`. Unknown keys are errors: a misspelt one would otherwise be a silent default.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import JsonError, read_json
from desktop.models.download.proxy.loopback import LOOPBACK
from desktop.models.file_names import why_unusable
from desktop.models.types import Catalog, MirrorKind, ModelSpec, Starters, Strength, Thinking

VERSION = 1

# What the app works with when models.json is broken: installed and imported models stay usable.
EMPTY_CATALOG: Final = Catalog((), "")

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
REPO: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
REVISION: Final = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][\w.-]*\.gguf", re.ASCII)  # one name, no folder: it becomes a path on this machine
SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# Features that a variant may ask for; all of them are told by every system, see desktop/machine/cpu.py.
FEATURES: Final = ("avx", "avx2", "avx512f", "asimddp")
_SIZE_LIMIT = 1 << 42  # bytes; a larger one is a slip of the keyboard
_CONTEXT_LIMIT = 1 << 26  # tokens
_KV_LIMIT = 1 << 24  # bytes per token
_SAID = 500  # characters said about entries that are left out
_MOST_STARTERS = 6  # there is room for no more of them
_LONGEST_STARTER = 500  # characters
_URL_LIMIT = 4096  # characters; signed addresses behind a redirect have up to two thousand

_Member = TypeVar("_Member", bound=Enum)


def bundled_catalog_path() -> Path:
    """Returns where the models.json shipped with this program lies.

    In a wheel it is inside the package, in a checkout beside it, in a frozen program among its data. When it is nowhere
    the first of these is returned, so that :func:`load_catalog` names a path.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = [package / "models.json", package.parent / "models.json"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        candidates.insert(0, Path(frozen) / "models.json")
    candidates.append(Path(sys.prefix) / "share" / "catnap" / "models.json")
    return next((path for path in candidates if path.is_file()), candidates[0])


def load_catalog(path: Path) -> Catalog:
    """Returns the catalogue in ``path``; models whose file names or addresses are not safe are left out of it.

    Raises:
        UserFacingError: The file cannot be read, is malformed (the field is named), or of a newer version.
    """
    try:
        document = read_json(path)
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The list of models cannot be read."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Install Catnap again; models already downloaded stay usable."),
        ) from problem
    except JsonError as problem:
        raise _malformed(path, str(problem)) from problem
    try:
        return _catalog(document, path)
    except _WrongField as problem:
        raise _malformed(path, str(problem)) from None


def _malformed(path: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The list of models is malformed."),
        f"{path}: {why}.",
        QT_TRANSLATE_NOOP("Errors", "Install Catnap again; models already downloaded stay usable."),
    )


class _WrongField(Exception):  # noqa: N818 (never leaves this module)
    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where} must be {expected}")


class _Unusable(Exception):  # noqa: N818 (never leaves this module)
    """A name or an address that must not be used, in an entry that is well otherwise: the others are none the worse."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} {why}")


def _catalog(document: Any, path: Path) -> Catalog:
    if not isinstance(document, dict):
        raise _WrongField("the file", "an object")
    version = _number(document, "", "version", 1, 1 << 31)
    if version > VERSION:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The list of models was written for a newer Catnap."),
            f"{path}: version {version}.",
            QT_TRANSLATE_NOOP("Errors", "Update Catnap; models already downloaded stay usable."),
        )
    _only_known(document, "", {"version", "default", "models"})
    entries = document.get("models")
    if not isinstance(entries, list):
        raise _WrongField("models", "a list")
    models, skipped = _usable(entries, path)
    _unique([spec.id for spec in models], "id")
    # Two systems out of three do not tell upper from lower case in file names.
    _unique([spec.file.lower() for spec in models], "file")
    for spec in models:
        _check_variant(spec, models)
    default, whole = document.get("default"), [spec.id for spec in models if spec.variant_of is None]
    if skipped and isinstance(default, str) and default not in whole:
        default = whole[0] if whole else ""
    if default not in whole and (models or default != ""):
        raise _WrongField("default", "the id of a model that is no variant")
    return Catalog(models, str(default), skipped)


def _usable(entries: list[Any], path: Path) -> tuple[tuple[ModelSpec, ...], tuple[UserFacingError, ...]]:
    """Returns the models, and what is to be said about those that are left out for their names and addresses."""
    models: list[ModelSpec] = []
    problems: list[str] = []
    gone: set[str] = set()
    for index, entry in enumerate(entries):
        try:
            models.append(_spec(entry, f"models[{index}]"))
        except _Unusable as problem:
            problems.append(str(problem))
            gone.add(str(entry.get("id")))
    kept = tuple(spec for spec in models if spec.variant_of not in gone)
    if not problems:
        return kept, ()
    if not kept:
        raise _malformed(path, "; ".join(problems)[:_SAID])
    error = UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "A model in the list is left out, since its file name or address is not safe."),
        f"{path}: {'; '.join(problems)[:_SAID]}.",
        QT_TRANSLATE_NOOP("Errors", "Get the list from somebody you trust, or install Catnap again."),
    )
    return kept, (error,)


def _spec(entry: Any, where: str) -> ModelSpec:
    if not isinstance(entry, dict):
        raise _WrongField(where, "an object")
    if isinstance(entry.get("id"), str):
        where = f"models[{entry['id']!r}]"
    _only_known(entry, where, {field.name for field in fields(ModelSpec)})
    for field in fields(ModelSpec):
        if field.name not in entry and field.default is MISSING:
            raise _WrongField(f"{where}.{field.name}", "there")
    spec = ModelSpec(
        id=_matching(entry, where, "id", _ID, "short, of lower-case letters, digits, dots and dashes"),
        name=_text(entry, where, "name"),
        summary_en=_text(entry, where, "summary_en"),
        summary_zh=_text(entry, where, "summary_zh"),
        languages=tuple(_list(entry, where, "languages", _language)),
        licence=_text(entry, where, "licence"),
        licence_must_be_shown=_truth(entry, where, "licence_must_be_shown"),
        repo=_matching(entry, where, "repo", REPO, "owner/name"),
        revision=_matching(entry, where, "revision", REVISION, "a commit or the name of a branch"),
        file=_file(entry, where),
        size=_number(entry, where, "size", 1, _SIZE_LIMIT),
        sha256=_matching(entry, where, "sha256", SHA256, "64 lower-case hexadecimal digits"),
        kv_bytes_per_token=_number(entry, where, "kv_bytes_per_token", 0, _KV_LIMIT),
        context_trained=_number(entry, where, "context_trained", 1, _CONTEXT_LIMIT),
        thinking=_member(entry.get("thinking"), f"{where}.thinking", Thinking),
        quality=_number(entry, where, "quality", 0, 1000),
        mirrors=tuple(_list(entry, where, "mirrors", lambda value, at: _member(value, at, MirrorKind))),
        url=_url(entry, where),
        variant_of=_matching(entry, where, "variant_of", _ID, "the id of a model") if "variant_of" in entry else None,
        best_for=tuple(_list(entry, where, "best_for", _feature)) if "best_for" in entry else (),
        starters=_starters(entry, where) if "starters" in entry else None,
        strengths=tuple(_list(entry, where, "strengths", lambda value, at: _member(value, at, Strength)))
        if "strengths" in entry
        else (),
    )
    if not spec.mirrors and spec.url is None:
        raise _WrongField(f"{where}.mirrors", "one at least where there is no url")
    return spec


def _check_variant(spec: ModelSpec, models: tuple[ModelSpec, ...]) -> None:
    where = f"models[{spec.id!r}]"
    if spec.variant_of is None:
        if spec.best_for:
            raise _WrongField(f"{where}.best_for", "left out where there is no variant_of")
        return
    if not spec.best_for:
        raise _WrongField(f"{where}.best_for", "there, with one feature at least, where there is variant_of")
    if spec.variant_of not in [other.id for other in models if other.variant_of is None]:
        raise _WrongField(f"{where}.variant_of", "the id of a model that is no variant itself")


def _only_known(entry: Mapping[str, Any], where: str, known: set[str]) -> None:
    for key in entry:
        if key not in known:
            raise _WrongField(_at(where, key), "known to this version")


def _unique(values: list[str], field: str) -> None:
    for value in values:
        if values.count(value) > 1:
            raise _WrongField(f"{field} {value!r}", "used by one model only")


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _text(entry: Mapping[str, Any], where: str, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _WrongField(_at(where, key), "text")
    return value


def _matching(entry: Mapping[str, Any], where: str, key: str, pattern: re.Pattern[str], expected: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _WrongField(_at(where, key), expected)
    return value


def _number(entry: Mapping[str, Any], where: str, key: str, least: int, most: int) -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _WrongField(_at(where, key), f"a whole number from {least} to {most}")
    return value


def _truth(entry: Mapping[str, Any], where: str, key: str) -> bool:
    value = entry.get(key)
    if not isinstance(value, bool):
        raise _WrongField(_at(where, key), "true or false")
    return value


_Item = TypeVar("_Item")


def _list(entry: Mapping[str, Any], where: str, key: str, read: Callable[[object, str], _Item]) -> list[_Item]:
    value = entry.get(key)
    if not isinstance(value, list):
        raise _WrongField(_at(where, key), "a list")
    return [read(item, f"{_at(where, key)}[{index}]") for index, item in enumerate(value)]


def _language(value: object, where: str) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise _WrongField(where, "a language code such as zh")
    return value


def _starters(entry: Mapping[str, Any], where: str) -> Starters:
    value, where = entry["starters"], f"{where}.starters"
    if not isinstance(value, dict):
        raise _WrongField(where, "an object")
    _only_known(value, where, {field.name for field in fields(Starters)})
    said = {key: tuple(_list(value, where, key, _starter)) for key in ("en", "zh")}
    for key, lines in said.items():
        if not 1 <= len(lines) <= _MOST_STARTERS or len(set(lines)) < len(lines):
            raise _WrongField(f"{where}.{key}", f"one to {_MOST_STARTERS} different questions")
    file = "the name of a GGUF file"
    proven_with = _matching(value, where, "proven_with", _FILE, file) if "proven_with" in value else None
    return Starters(said["en"], said["zh"], proven_with)


def _starter(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value:
        raise _WrongField(where, "one line of text")
    if not 1 <= len(value) <= _LONGEST_STARTER:
        raise _WrongField(where, f"of one to {_LONGEST_STARTER} characters")
    return value


def _feature(value: object, where: str) -> str:
    if value not in FEATURES:
        raise _WrongField(where, "one of " + ", ".join(FEATURES))
    return str(value)


def _member(value: object, where: str, kind: type[_Member]) -> _Member:
    try:
        return kind(value)
    except ValueError:
        raise _WrongField(where, "one of " + ", ".join(str(member.value) for member in kind)) from None


def _url(entry: Mapping[str, Any], where: str) -> str | None:
    value = entry.get("url")
    if value is None:
        return None
    if not isinstance(value, str):
        raise _WrongField(_at(where, "url"), "an address")
    if not is_safe_url(value):
        raise _Unusable(
            _at(where, "url"), "must be an https address (http only towards this computer), without a password"
        )
    return value


def _file(entry: Mapping[str, Any], where: str) -> str:
    value = entry.get("file")
    if not isinstance(value, str):
        raise _WrongField(_at(where, "file"), "a file name")
    if why := why_unusable(value):
        raise _Unusable(_at(where, "file"), why)
    if not _FILE.fullmatch(value):
        raise _Unusable(_at(where, "file"), "must be of letters, digits, dots and dashes and end in .gguf")
    return value


def is_safe_url(url: str) -> bool:
    """True for https, and for plain http towards this very machine, where nobody can change the bytes on their way.

    Never for one with a name or password in it, or with characters that do not belong into an address.
    """
    if len(url) > _URL_LIMIT or not url.isprintable() or any(letter.isspace() or letter in '\\"<>' for letter in url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
