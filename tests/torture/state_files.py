"""The files that the program keeps its state in, healthy, and the ways in which they come to harm."""

from __future__ import annotations

import json
import os
import random
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from desktop.documents.library.store import DocumentStore
from desktop.documents.types import Document, DocumentKind, Part, PartKind

CONVERSATION: Final = "a conversation"
_SPECIAL: Final = "special"


@dataclass(frozen=True)
class StateFile:
    """A file of the program's own.

    Attributes:
        path: Below the data folder.
        kept: It cannot be made again, so a bad one is put aside and said; else it may just go.
        make: Writes one that is no JSON but a database; None: it is JSON.
    """

    path: str
    healthy: dict[str, Any]
    kept: bool = True
    version_key: str = "version"
    make: Callable[[Path], object] | None = None

    def content(self) -> bytes:
        """Returns what is in it."""
        return json.dumps(self.healthy).encode() if self.make is None else _made(self.make)


def _library_of_one(path: Path) -> None:
    document = Document("note.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "Meow. 喵。" * 500),))
    with closing(DocumentStore(path)) as store:
        store.index(store.add(document).id)


@cache
def _made(make: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        make(path)
        return path.read_bytes()


FILES: Final = (
    StateFile("settings.json", {"version": 1, "values": {"threads": 1, "system_prompt": "Meow. 喵。"}}),
    StateFile("drafts.json", {"version": 1, "drafts": {"": "half a sentence"}}),
    StateFile("crashes.json", {"format": 1, "files": {"/a.gguf": {"inode": 1, "size": 2, "mtime_ns": 3, "deaths": 1}}},
              version_key="format"),
    StateFile("repacking.json", {"format": 1, "measured": [
        {"file": "a.gguf", "size": 1, "modified": 2, "processor": "x", "threads": 2, "reading": 1.5,
         "generation": 1.1, "memory": 3, "backend": "zen4"}]}, version_key="format"),
    StateFile("cache/pace.json", {"format": 1, "machines": {"here": {"generating": 2, "reading": 2}}},
              version_key="format"),
    StateFile("verdicts.json", {"version": 1, "by": "0", "files": [
        {"device": 1, "inode": 2, "size": 3, "mtime_ns": 4, "outcome": "works", "title": "", "detail": "",
         "remedy": "", "values": []}]}),
    StateFile("imports.json", {"version": 1, "files": [{"path": "/a.gguf", "name": "a", "size": 1, "sha256": ""}]}),
    StateFile("models/model.gguf.part.json",
              {"version": 1, "sha256": "0" * 64, "size": 9, "etags": {"host": "x"}, "safe": 3}, kept=False),
    StateFile("models/.model.gguf.verified", {"version": 1, "sha256": "0" * 64, "size": 9, "mtime_ns": 1}, kept=False),
    StateFile("cache/snapshots/@.json", {"format": 1, "conversation": CONVERSATION, "identity": {}, "tokens": [1, 2],
                                         "size": 2, "crc32": 3}, kept=False, version_key="format"),
    StateFile("additions.json", {"version": 1, "models": [
        {"id": "hf:owner/name/a", "name": "a", "label": "", "repo": "owner/name", "revision": "main", "licence": "mit",
         "languages": ["en"], "kind": "chat", "context": 2048, "kv_bytes_per_token": 9, "mirrors": ["huggingface"],
         "files": [{"file": "a.gguf", "path": "a.gguf", "size": 1, "sha256": "0" * 64}]}]}),
    StateFile("facts.json", {"version": 1, "by": "0", "files": [
        {"device": 1, "inode": 2, "size": 3, "mtime_ns": 4, "facts": {"name": "a", "kind": "chat"}}]}),
    StateFile("told.json", {"version": 1, "told": ["a model is slow", "another"]}),
    StateFile("personas.json", {"version": 1, "personas": [
        {"id": "own-1", "name": "Tom", "prompt": "Meow. 喵。", "temperature": 0.5, "starters": ["Why?"]}]}),
    StateFile("forms.json", {"version": 1, "forms": [
        {"name": "Bills", "fields": [{"name": "due", "kind": "date", "optional": True}]}]}),
    StateFile("quick-actions.json", {"version": 1, "actions": [
        {"id": "explain"}, {"id": "own-1", "name": "Shorter", "prompt": "Make it shorter."}], "removed": ["a"]}),
    StateFile("libraries.json", {"version": 1, "libraries": [{"id": "0" * 32, "name": "Notes", "folder": "/nowhere"}]}),
    StateFile("servers.json", {"version": 1, "servers": [
        {"name": "office", "address": "http://127.0.0.1:9/v1", "agreed": True, "has_key": False, "through_proxy": False,
         "model": "a", "kind": "vllm", "refused": ["seed"], "contexts": {"a": 4096}, "models": ["a", "模型"]}]}),
    StateFile("server-keys.json", {"version": 1, "keys": {"server http://127.0.0.1:9": "sk-1"}}),
    StateFile("checks/0123456789abcdef.json", {"version": 1, "at": "2026-11-29T05:00:00Z", "setup": {
        "model": "a", "fingerprint": "b", "quantisation": "Q4_K_M", "kv_type": "f16", "build": "c", "tasks": "d",
        "task_file": "", "place": "e"}, "results": [
        {"task": "a", "digest": "b", "kind": "facts", "language": "en", "outcome": "right", "answer": "c"}]}),
    StateFile("last-open.json", {"version": 1, "conversation": "0" * 32}, kept=False),
    StateFile("documents.db", {}, make=_library_of_one),
)  # fmt: skip


@dataclass(frozen=True)
class Harm:
    """A way in which a file comes to harm.

    Attributes:
        write: Puts what is left of it in its place, whose folder is there.
        is_used: The file is as good as before, so nothing need be said.
    """

    name: str
    write: Callable[[StateFile, Path, random.Random], object]
    is_used: bool = False


def _bytes(make: Callable[[bytes, random.Random], bytes]) -> Callable[[StateFile, Path, random.Random], object]:
    return lambda file, path, rng: path.write_bytes(make(file.content(), rng))


def _document(change: Callable[[StateFile, dict[str, Any]], Any]) -> Callable[[StateFile, Path, random.Random], object]:
    return lambda file, path, _rng: path.write_text(json.dumps(change(file, json.loads(json.dumps(file.healthy)))))


def _flipped(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def _each_leaf(value: Any, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: _each_leaf(each, new) for key, each in value.items()}
    return [_each_leaf(each, new) for each in value] if isinstance(value, list) else new


def _leaves(new: Any) -> Callable[[StateFile, Path, random.Random], object]:
    """Replaces all values but the version."""
    return _document(lambda file, content: {**_each_leaf(content, new), file.version_key: content[file.version_key]})


def _socket(_file: StateFile, path: Path, _rng: random.Random) -> None:
    here = os.getcwd()  # noqa: PTH109 (a socket's path is short)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _link_elsewhere(file: StateFile, path: Path, _rng: random.Random) -> None:
    (path.parent / "elsewhere").write_bytes(file.content())
    path.symlink_to(path.parent / "elsewhere")


def _sparse(_file: StateFile, path: Path, _rng: random.Random) -> None:
    with path.open("wb") as stream:
        stream.truncate(100_000_000)


def _folder(_file: StateFile, path: Path, _rng: random.Random) -> None:
    path.mkdir()
    (path / "precious").write_text("kept")


def _locked(file: StateFile, path: Path, _rng: random.Random) -> None:
    path.write_bytes(file.content())
    path.chmod(0)


def _harms() -> Iterator[Harm]:
    yield Harm("healthy", _bytes(lambda content, _: content), is_used=True)
    yield Harm("empty", _bytes(lambda _content, _rng: b""))
    yield Harm("half of it", _bytes(lambda content, _: content[: len(content) // 2]))
    yield Harm("cut at random", _bytes(lambda content, rng: content[: rng.randrange(len(content))]))
    for number in range(3):
        yield Harm(f"one byte changed ({number})", _bytes(_flipped), is_used=True)
    yield Harm("zeros of its length", _bytes(lambda content, _: bytes(len(content))))
    yield Harm("random bytes", _bytes(lambda content, rng: rng.randbytes(len(content))))
    yield Harm("more after its end", _bytes(lambda content, _: content + content))
    for value in ("[]", "null", "true", "7", '"text"', "{}"):
        yield Harm(f"only {value}", _bytes(lambda _content, _rng, value=value: value.encode()))  # type: ignore[misc]
    for name, new in (
        *(("text", "x"), ("null", None), ("negative", -1), ("a list", []), ("an object", {}), ("a fraction", 0.5)),
        *(("true", True), ("10^30", 10**30), ("10^400", 10**400), ("half a pair", "\ud800"), ("a NUL", "\0")),
    ):
        yield Harm(f"all values {name}", _leaves(new), is_used=True)
    yield Harm("nested 200,000 deep", _bytes(lambda _content, _rng: b"[" * 200_000))
    yield Harm("objects 100,000 deep", _bytes(lambda _content, _rng: b'{"a":' * 100_000))
    yield Harm("closed, 900 deep", _bytes(lambda _content, _rng: b"[" * 900 + b"]" * 900))
    yield Harm("a number of 6,000 digits", _bytes(lambda content, _: content.replace(b": 1", b": " + b"1" * 6000, 1)))
    yield Harm("NaN", _bytes(lambda content, _: content.replace(b": 1", b": NaN", 1)))
    yield Harm("1e999", _bytes(lambda content, _: content.replace(b": 1", b": 1e999", 1)))
    yield Harm("every key twice", _bytes(lambda content, _: content[:-1] + b", " + content[1:]))
    yield Harm("UTF-8 with a mark", _bytes(lambda content, _: b"\xef\xbb\xbf" + content), is_used=True)
    yield Harm("UTF-16", _bytes(lambda content, _: content.decode().encode("utf-16")), is_used=True)
    yield Harm("Latin-1", _bytes(lambda content, _: content.replace(b'": "', b'": "caf\xe9', 1) + b"\xe9"))
    yield Harm("a page of the web", _bytes(lambda _content, _rng: b"<!DOCTYPE html><html><body>Log in</body></html>"))
    yield Harm("a newer version", _document(lambda file, content: {**content, file.version_key: 2}))
    yield Harm("version 10^400", _document(lambda file, content: {**content, file.version_key: 10**400}))
    yield Harm("version 0", _document(lambda file, content: {**content, file.version_key: 0}))
    yield Harm("version as text", _document(lambda file, content: {**content, file.version_key: "1"}))
    yield Harm(
        "no version", _document(lambda file, content: {k: v for k, v in content.items() if k != file.version_key})
    )
    yield Harm("100 MB", _sparse)
    yield Harm("a folder", _folder)
    if os.name == "posix":
        yield Harm("a pipe", lambda _file, path, _rng: os.mkfifo(path))
        yield Harm("a socket", _socket)
        yield Harm("a dangling link", lambda _file, path, _rng: path.symlink_to("/nowhere/at/all"))
        yield Harm("a link to itself", lambda _file, path, _rng: path.symlink_to(path.name))
        yield Harm("a link to another file", _link_elsewhere, is_used=True)
        yield Harm("a link to /dev/zero", lambda _file, path, _rng: path.symlink_to("/dev/zero"))
        yield Harm("a link to a folder", lambda _file, path, _rng: path.symlink_to("/usr"))
        yield Harm("no permission", _locked, is_used=os.geteuid() == 0)


def _changed(*statements: str) -> Callable[[StateFile, Path, random.Random], object]:
    def change(file: StateFile, path: Path, _rng: random.Random) -> None:
        path.write_bytes(file.content())
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in ("PRAGMA writable_schema = ON", *statements):
                connection.execute(statement)

    return change


def _with_log(what: Callable[[Path], object]) -> Callable[[StateFile, Path, random.Random], object]:
    def put(file: StateFile, path: Path, _rng: random.Random) -> None:
        path.write_bytes(file.content())
        what(path.with_name(f"{path.name}-wal"))

    return put


# All that concerns the text of JSON means nothing to a database, or another thing.
_OF_TEXT: Final = frozenset(
    (
        *("closed, 900 deep", "NaN", "1e999", "every key twice", "a number of 6,000 digits", "UTF-16"),
        "Latin-1",
        # They may lead to a drive that is not there: nothing new is begun then.
        *("a dangling link", "a link to itself"),
    )
)
_FINE_DATABASE: Final = frozenset(("empty", "more after its end", "only 7"))


def _harms_of_databases() -> Iterator[Harm]:
    for harm in _harms():
        if harm.name.startswith(("all values", "version", "no version", "a newer version")) or harm.name in _OF_TEXT:
            continue
        yield replace(harm, is_used=True) if harm.name in _FINE_DATABASE else harm
    yield Harm("a newer version", _changed("PRAGMA user_version = 7", "UPDATE about SET value = '9'"), is_used=True)
    yield Harm("version 10^9, by nobody", _changed("PRAGMA user_version = 1000000000", "DELETE FROM about"))
    yield Harm("version -1", _changed("PRAGMA user_version = -1", "DELETE FROM about"))
    yield Harm("version 0", _changed("PRAGMA user_version = 0"))
    yield Harm("a table is missing", _changed("DROP TABLE parts"))
    yield Harm("a column is missing", _changed("ALTER TABLE documents DROP COLUMN notes"))
    yield Harm("no index of words", _changed("DROP TABLE passage_words"), is_used=True)
    yield Harm("half an index of words", _changed("DROP TABLE passage_words_data"), is_used=True)
    yield Harm("the schema is no SQL", _changed("UPDATE sqlite_schema SET sql = 'CREATE' WHERE name = 'parts'"))
    endless = "WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x FROM n) SELECT x"
    yield Harm(
        "a view without an end",
        _changed(
            "DROP TABLE documents",
            f"CREATE VIEW documents AS {endless} AS id, x AS name, x AS kind, x AS origin, x AS notes, x AS language,"
            " x AS added FROM n",
        ),
    )
    yield Harm(
        "a trigger without an end",
        _changed(f"CREATE TRIGGER strange AFTER INSERT ON documents BEGIN {endless} FROM n; END"),
    )
    for name, value in (("numbers", "7"), ("bytes", "x'ff00'"), ("nothing but NUL", "char(0)"), ("10^300", "1e300")):
        columns = ("name", "kind", "origin", "notes", "language")
        yield Harm(
            f"all values {name}",
            _changed(
                f"UPDATE documents SET {', '.join(f'{column} = {value}' for column in columns)}",
                f"UPDATE parts SET kind = {value}, number = {value}, name = {value}, characters = {value},"
                f" text = {value}",
                f'UPDATE passages SET part = {value}, start = {value}, "end" = {value}, text = {value}',
            ),
            is_used=True,
        )
    yield Harm("its log is noise", _with_log(lambda log: log.write_bytes(b"noise" * 1000)), is_used=True)
    if os.name == "posix":
        yield Harm("its log is a folder", _with_log(lambda log: log.mkdir()), is_used=True)
        yield Harm("its log is a pipe", _with_log(os.mkfifo), is_used=True)
        yield Harm("its log is a dangling link", _with_log(lambda log: log.symlink_to("/nowhere")), is_used=True)


HARMS: Final = tuple(_harms())
HARMS_OF_DATABASES: Final = tuple(_harms_of_databases())


def cases() -> Iterator[tuple[StateFile, Harm]]:
    """Yields every file with everything that can happen to it."""
    for file in FILES:
        for harm in HARMS if file.make is None else HARMS_OF_DATABASES:
            yield file, harm
