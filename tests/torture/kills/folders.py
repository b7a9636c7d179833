"""The data folders that the program is killed in: made, grown old, and given something to import."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.paths import Paths, resolve_paths
from desktop.history.exchange.exporting import ExportFormat, pieces, write_file
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.words import ExportWords
from desktop.history.records import MessageState
from desktop.history.rescue.backups import backups_folder
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from desktop.models.remembered.checksums import write_note
from tests.e2e.conftest import spec_of
from tests.support.parrot import LONG_TEXT, make_parrot
from tests.torture.kills.shown import Conversation, Message, Shown
from tests.torture.kills.user import IMPORTED

# Some 50 to 100 tokens a second on the machines that this runs on: slow enough to be killed in the middle.
_LAYERS: Final = 120
_BATCHES: Final = 3
_IMPORTED: Final = 12
_DAY: Final = re.compile(r"-\d{8}\.")
_HEAD: Final = 16  # bytes by which SQLite knows its files
_WORDS: Final = ExportWords(*(["-"] * 11))


@dataclass(frozen=True)
class Models:
    """Two models, one that ends and one that does not, and the catalogue that vouches for them."""

    catalog: Path
    files: tuple[Path, ...]


def make_models(folder: Path) -> Models:
    """Writes them."""
    folder.mkdir()
    parrot = make_parrot(folder / "parrot.gguf", layers=_LAYERS)
    endless = make_parrot(folder / "endless.gguf", LONG_TEXT, layers=_LAYERS, endless=True)
    entries = [spec_of(file, file.stem, "http://127.0.0.1:9/") for file in (parrot, endless)]
    catalog = folder / "models.json"
    catalog.write_text(json.dumps({"version": 1, "default": "parrot", "models": entries}), encoding="utf-8")
    return Models(catalog, (parrot, endless))


def make_folder(folder: Path, models: Models, rng: random.Random) -> Paths:
    """Makes a data folder in which the models are installed."""
    paths = resolve_paths(folder / "data")
    paths.create()
    paths.models_dir.mkdir()
    for file in models.files:
        shutil.copyfile(file, paths.models_dir / file.name)
        write_note(paths.models_dir / file.name, hashlib.sha256(file.read_bytes()).hexdigest())
    values = {"model": rng.choice(("parrot", "endless")), "n_ctx": 1024, "threads": 1, "language": "en"}
    paths.settings_file.write_text(json.dumps({"version": 1, "values": values}), encoding="utf-8")
    return paths


def make_exchange(folder: Path) -> Path:
    """Writes files to import, as an export writes them, each with a note of what is in it."""
    folder.mkdir()
    for number in range(_BATCHES):
        file = folder / f"import{number}.json"
        count: dict[str, int] = {}
        with closing(History(folder / f"source{number}.sqlite3")) as history:
            for each in range(_IMPORTED):
                words = f"{IMPORTED}{number}-{each} what does a cat do?"
                one = history.create(words).id
                for turn in range(each % 4 + 1):
                    history.add_user_message(one, words if not turn else f"and then? ({turn})")
                    history.add_answer(
                        one, LONG_TEXT * (each % 3 + 1), thinking="", state=MessageState.COMPLETE, model="", stats=None
                    )
                count[words] = 2 * (each % 4 + 1)
            ids = [one.id for one in history.conversations()]
            write_file(file, pieces(history, ids, ExportFormat.JSON, _WORDS, 0.0, Extent()), replace=True)
        file.with_suffix(".count").write_text(json.dumps(count), encoding="utf-8")
    return folder


def make_old(paths: Paths, shown: Shown, rng: random.Random) -> None:
    """Puts a history of an earlier version into a folder, and says what is in it."""
    version = rng.randrange(1, len(MIGRATIONS))
    with closing(sqlite3.connect(paths.history_file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {version}")
        for number in range(30):
            known = shown.conversations[f"{number:032x}"] = Conversation(f"old {number}")
            database.execute(
                "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, 1, 1)",
                (f"{number:032x}", known.title),
            )
            for role, text in _old_messages(rng, number):
                cursor = database.execute(
                    "INSERT INTO messages (conversation_id, role, text, created, state)"
                    " VALUES (?, ?, ?, 1, 'complete')",
                    (f"{number:032x}", role, text),
                )
                assert cursor.lastrowid is not None
                parent = known.path[-1] if known.path else None
                if version > 2:
                    database.execute("UPDATE messages SET parent = ? WHERE id = ?", (parent, cursor.lastrowid))
                known.messages[cursor.lastrowid] = Message(cursor.lastrowid, parent, role, text)
                known.path.append(cursor.lastrowid)


def _old_messages(rng: random.Random, number: int) -> Iterator[tuple[str, str]]:
    for turn in range(rng.randrange(1, 6)):
        yield "user", f"old question {number} {turn}"
        yield "assistant", f"old answer {number} {turn} {LONG_TEXT}"


def age_deleted(paths: Paths, shown: Shown) -> None:
    """Has the days of all that is recently deleted be over; nobody has the file open."""
    aging = {key for key, one in shown.conversations.items() if one.deleted}
    if aging and not shown.doing:
        with closing(sqlite3.connect(paths.history_file, isolation_level=None)) as database:
            database.executemany("UPDATE conversations SET deleted_at = -1e12 WHERE id = ?", [(key,) for key in aging])
        shown.aging |= aging


def damage(paths: Paths, exchange: Path, shown: Shown) -> None:
    """Damages the head of the history, so that the next start has all of it to recover; nobody has it open.

    What was imported cannot be told from then on, and would come twice: those files go.
    """
    if paths.history_file.exists():
        with paths.history_file.open("r+b") as stream:
            stream.write(bytes(_HEAD))
        shown.was_damaged = True
        for name in shown.batches:
            (exchange / name).unlink(missing_ok=True)


def is_damaged(paths: Paths) -> bool:
    """Whether the history is as :func:`damage` has left it, not recovered yet."""
    if not paths.history_file.exists():
        return False
    with paths.history_file.open("rb") as stream:
        return stream.read(_HEAD) == bytes(_HEAD)


def age_copies(paths: Paths) -> None:
    """Has the daily copies be of another day, so that the next one is due."""
    folder = backups_folder(paths.history_file)
    for copy in list(folder.glob("*.sqlite3")) if folder.is_dir() else []:
        copy.rename(copy.with_name(_DAY.sub("-20200101.", copy.name)))
