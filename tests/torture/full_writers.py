"""What the program writes, each part of it by itself: the old, the new, and how to tell which is on the disk."""

from __future__ import annotations

import itertools
import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final
from unittest.mock import patch

from desktop.common.errors import UserFacingError
from desktop.common.logs import set_up_logging
from desktop.engine.snapshots.store import SnapshotStore
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.gguf.kind import ModelKind
from desktop.gguf.parts import model_identity
from desktop.history.drafts import DraftFile
from desktop.history.last_open import LastOpenFile
from desktop.history.rescue import answer_journal
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.machine.cpu import Processors
from desktop.models.additions import Additions, added_spec
from desktop.models.folder.move import move_models
from desktop.models.imports import ImportedFile, Imports
from desktop.models.remembered.checksums import is_noted, write_note
from desktop.models.remembered.verdicts import Outcome, Verdict, VerdictFile
from desktop.models.types import ModelPiece
from desktop.settings.store import SettingsStore
from desktop.system.login.service import LoginStart
from desktop.system.login.system import make_login_start
from tests.support.patience import wait_for
from tests.torture.state_victim import identity

# More than a page of anything.
LONG: Final = "many words about a full disk, and none of them may be lost. " * 400
_TOKENS: Final = tuple(range(100))


class Writer:
    """Something that the program writes.

    Attributes:
        name: Of the row in the table.
        speaks: Whoever waits for it is told when it cannot be written. Otherwise nobody waits for it.
        by_itself: It is written when there is room again, without being asked for once more.
        later: What is not done yet, and allowed, is done at the next start: it may be said to be done.
    """

    name: ClassVar[str]
    speaks: ClassVar[bool] = True
    by_itself: ClassVar[bool] = False
    later: ClassVar[bool] = False

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: An empty one on the disk that will be full.
        """
        self.folder = folder

    def prepare(self) -> None:
        """Writes the old, while there is room."""

    def act(self) -> None:
        """Writes the new; raises UserFacingError where the person would be told."""
        raise NotImplementedError

    def again(self) -> None:
        """What a person does when there is room again."""
        if self.by_itself:
            self.wait_written()
        else:
            self.act()

    def wait_written(self) -> None:
        """Waits for what writes by itself."""

    def state(self) -> str:
        """Returns what another program, or the next start, would find; writes nothing to the disk."""
        raise NotImplementedError

    def may_be(self, state: str) -> bool:
        """Tells whether something between the old and the new is all right as well."""
        del state
        return False

    def close(self) -> None:
        """Ends it, as quitting does."""


def read_copy(folder: Path, read: Callable[[Path], str]) -> str:
    """Reads a copy of a folder, since readers may write too: they set aside what is damaged."""
    with tempfile.TemporaryDirectory(prefix="catnap-looked-at-") as copy:
        target = Path(copy) / "copy"
        if folder.exists():
            # By another process: whoever closes a file gives up all locks that his process has on it, also SQLite's.
            subprocess.run(["cp", "-a", str(folder), str(target)], check=True)
        return read(target)


class Settings(Writer):
    name = "settings"

    def prepare(self) -> None:
        self._store = SettingsStore(self.folder / "settings.json")
        self._store.change(system_prompt="old", threads=2)

    def act(self) -> None:
        self._store.change(system_prompt=LONG[:8000], threads=3)

    def state(self) -> str:
        now = SettingsStore(self.folder / "settings.json")
        assert now.load_problem is None
        return f"{now.current.threads} {len(now.current.system_prompt)}"


class NewerSettings(Settings):
    """What a newer Catnap has written is put aside, when there is something to write in its place."""

    name = "settings of a newer Catnap"

    def prepare(self) -> None:
        (self.folder / "settings.json").write_text(json.dumps({"version": 9, "values": {"new": LONG}}))
        self._store = SettingsStore(self.folder / "settings.json")

    def state(self) -> str:
        file = self.folder / "settings.json"
        version = json.loads(file.read_text())["version"] if file.exists() else "none"
        kept = any(LONG in each.read_text() for each in self.folder.iterdir() if not each.name.endswith(".tmp"))
        return f"version {version}, kept: {kept}"


class Drafts(Writer):
    name = "drafts"
    speaks = False

    def prepare(self) -> None:
        self._file = DraftFile(self.folder / "drafts.json")
        self._file.save({"": "old"})

    def act(self) -> None:
        self._file.save({"": LONG})

    def state(self) -> str:
        return read_copy(self.folder, lambda copy: str(len(DraftFile(copy / "drafts.json").load().get("", ""))))


class LastOpen(Writer):
    name = "the conversation shown last"
    speaks = False

    def prepare(self) -> None:
        self._file = LastOpenFile(self.folder / "last-open.json")
        self._file.save("old")

    def act(self) -> None:
        self._file.save("new")

    def state(self) -> str:
        return str(LastOpenFile(self.folder / "last-open.json").load())


class Pace(Writer):
    name = "pace of the machine"
    speaks = False

    def prepare(self) -> None:
        self._file = RememberedThreads(self.folder / "cache" / "pace.json")
        self._file.save(Processors(2, 2), Counts(1, 1))

    def act(self) -> None:
        self._file.save(Processors(2, 2), Counts(2, 2))

    def state(self) -> str:
        return str(RememberedThreads(self.folder / "cache" / "pace.json").load(Processors(2, 2)))


class Verdicts(Writer):
    name = "verdicts on models"
    speaks = False

    def prepare(self) -> None:
        self._model.write_bytes(bytes(9))
        self._file = VerdictFile(self.folder / "verdicts.json")

    def act(self) -> None:
        self._file.remember({model_identity(self._model): Verdict(Outcome.WORKS)})

    def state(self) -> str:
        found = VerdictFile(self.folder / "verdicts.json").lookup()(self._model)
        return "unknown" if found is None else found.outcome.value

    @property
    def _model(self) -> Path:
        return self.folder / "model.gguf"


class ImportedModels(Writer):
    name = "list of imported models"

    def prepare(self) -> None:
        self._list = Imports(self.folder / "imports.json")
        self._list.add(ImportedFile("/old.gguf", "old", 1))

    def act(self) -> None:
        self._list.add(ImportedFile("/new.gguf", LONG[:6000], 2))

    def state(self) -> str:
        return " ".join(one.path for one in Imports(self.folder / "imports.json").files())


class AddedModels(Writer):
    name = "list of added models"

    def prepare(self) -> None:
        self._list = Additions(self.folder / "added.json")
        self._add("old")

    def act(self) -> None:
        self._add("new")

    def state(self) -> str:
        return " ".join(spec.id for spec in Additions(self.folder / "added.json").specs())

    def _add(self, name: str) -> None:
        piece = ModelPiece(f"{name}.gguf", f"{name}.gguf", 9, "0" * 64)
        self._list.add(
            added_spec(
                name, name=name, repo=f"owner/{name}", revision="0" * 40, licence="", languages=(), kind=ModelKind.CHAT,
                context=2048, kv_bytes_per_token=1, mirrors=(), pieces=(piece,),
            )
        )  # fmt: skip


class Checksum(Writer):
    name = "checksum of a model"

    def prepare(self) -> None:
        (self.folder / "model.gguf").write_bytes(bytes(99))

    def act(self) -> None:
        try:
            write_note(self.folder / "model.gguf", "0" * 64)
        except OSError as problem:  # of those who call it one says so, and for the others it is no harm
            raise UserFacingError("The disk is full.", str(problem), "Free some space.") from problem

    def state(self) -> str:
        return str(is_noted(self.folder / "model.gguf", "0" * 64))


class Autostart(Writer):
    name = "entry for the start at login"

    def prepare(self) -> None:
        (self.folder / "config").mkdir()
        with patch.dict(os.environ, {"XDG_CONFIG_HOME": str(self.folder / "config")}):
            self._login: LoginStart = make_login_start(None)

    def act(self) -> None:
        self._login.turn(True)

    def state(self) -> str:
        entries = list((self.folder / "config").rglob("*.desktop"))
        return " ".join(str("Exec=" in entry.read_text()) for entry in entries)


class Log(Writer):
    name = "log"
    speaks = False

    def prepare(self) -> None:
        self._tail = set_up_logging(self.folder / "catnap.log")
        self._log = logging.getLogger("desktop.torture")
        self._log.setLevel(logging.INFO)
        self._log.info("old")

    def act(self) -> None:
        for _ in range(200):
            self._log.info("%s", LONG[:200])
        self._log.info("new")

    def state(self) -> str:
        lines = (self.folder / "catnap.log").read_text(errors="replace").splitlines()
        return "new" if any(line.endswith(": new") for line in lines) else "old" if "old" in lines[0] else "lost"

    def close(self) -> None:
        self._tail.close()


class FullLogAtTheEnd(Log):
    """The disk is still full when the program ends."""

    name = "log, closed"

    def act(self) -> None:
        super().act()
        self._tail.close()

    def again(self) -> None:
        self._tail = set_up_logging(self.folder / "catnap.log")
        super().act()


class Journal(Writer):
    """The answer that grows: what was safe stays safe, and what comes is safe soon after there is room."""

    name = "answer under way"
    speaks = False
    by_itself = True

    def prepare(self) -> None:
        self._journal = AnswerJournal(self.folder / "answers", interval=0.01)
        self._journal.begin(1, AnswerBegun("c", 1, "question", 1, "model"))
        self._journal.grow(1, "old", "")
        wait_for("the first piece", lambda: self.state() == "3")

    def act(self) -> None:
        tried: list[object] = []
        append = answer_journal._append

        def counted(*given: object) -> object:
            tried.append(given)
            return append(*given)  # type: ignore[arg-type]

        with patch.object(answer_journal, "_append", counted):
            self._journal.grow(1, LONG, "")
            wait_for("a try to write it", lambda: tried)
        self._journal.grow(1, "", "")

    def wait_written(self) -> None:
        with suppress(AssertionError):
            wait_for("what was missing", lambda: self.state() == str(len(LONG) + 3), 10)

    def state(self) -> str:
        def read(copy: Path) -> str:
            answers = list(answer_journal.unfinished_answers(copy))
            return " ".join(str(len(one.text)) for one in answers)

        return read_copy(self.folder / "answers", read)

    def may_be(self, state: str) -> bool:
        return state.isdigit() and int(state) >= len("old")

    def close(self) -> None:
        self._journal.close()


class States(Writer):
    name = "state of a conversation"
    speaks = False

    def prepare(self) -> None:
        self._store = SnapshotStore(self.folder / "states", 1 << 20)
        self._store.save("old", identity(), _TOKENS, self._write)

    def act(self) -> None:
        self._store.save("new", identity(), _TOKENS, self._write)

    def state(self) -> str:
        def read(copy: Path) -> str:
            store = SnapshotStore(copy / "states", 1 << 20)
            return " ".join(
                name for name in ("old", "new") if store.restore(name, identity(), lambda _file, _tokens: True)
            )

        return read_copy(self.folder, read)

    @staticmethod
    def _write(file: Path, _tokens: object) -> bool:
        """As llama.cpp does: a failure is told, and half of a file is left."""
        try:
            file.write_bytes(bytes(50_000))
        except OSError:
            return False
        return True


class ModelFolder(Writer):
    name = "move of the model folder"

    def prepare(self) -> None:
        self._elsewhere = Path(tempfile.mkdtemp(prefix="catnap-models-"))
        for name in ("a.gguf", "b.gguf"):
            (self._elsewhere / name).write_bytes(name.encode() * 40_000)
        (self.folder / "models").mkdir()

    def act(self) -> None:
        enough = shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)
        names = ("a.gguf", "b.gguf")
        with patch.object(shutil, "disk_usage", lambda _folder: enough):
            move_models(self._elsewhere, self.folder / "models", names, names, None)

    def state(self) -> str:
        found = []
        for name, place in itertools.product(("a.gguf", "b.gguf"), (self._elsewhere, self.folder / "models")):
            if (place / name).exists() and (place / name).read_bytes() == name.encode() * 40_000:
                found.append(f"{name} {'old' if place == self._elsewhere else 'new'}")
        return ", ".join(found)

    def may_be(self, state: str) -> bool:
        return "a.gguf old" in state and "b.gguf old" in state

    def close(self) -> None:
        shutil.rmtree(self._elsewhere, ignore_errors=True)


WRITERS: Final[tuple[type[Writer], ...]] = (
    Settings, NewerSettings, Drafts, LastOpen, Pace, Verdicts, ImportedModels, AddedModels, Checksum, Autostart, Log,
    FullLogAtTheEnd, Journal, States, ModelFolder,
)  # fmt: skip
