"""More of what the program writes: files that people keep, such as tables, and lists of what is theirs."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from unittest.mock import patch

from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.check.store import ResultStore
from desktop.check.types import Kind, Language, TaskResult
from desktop.check.types import Outcome as Answered
from desktop.cli.documents.extract import Table
from desktop.common.errors import UserFacingError
from desktop.documents.library.store import DocumentStore
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source
from desktop.history.rescue.backups import back_up_if_due, backups, remove_from_copies
from desktop.history.store import History
from desktop.lifecycle.memory_history import Rest, Sample
from desktop.lifecycle.memory_table import MemoryTable
from desktop.machine.memory import MemoryReading
from desktop.personas.library import PersonaLibrary
from desktop.personas.persona import Persona
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Server, ServerList
from desktop.settings.store import SettingsStore
from desktop.settings.told import ToldFile
from desktop.structured.extraction import Finding
from desktop.structured.fields import parse_fields
from desktop.structured.library import FormLibrary
from tests.torture.full_histories import history_text
from tests.torture.full_writers import LONG, Writer, read_copy
from tests.torture.state_victim import SETUP

_FORM: Final = parse_fields("name: text, total: number")


def _row(number: int) -> Row:
    values: dict[str, Finding] = {"name": Finding(f"{number}\n{LONG[:9000]}", True), "total": Finding(number, True)}
    return Row(f"{number}.txt", values)


class ExtractedRow(Writer):
    """A row of the table of ``catnap extract --csv``: the rows before it stay, and are not asked for again."""

    name = "table: a row"

    def prepare(self) -> None:
        self._table = Table(self.folder / "out.csv", _FORM)
        self._table.begin(anew=False)
        self._table.add(_row(1))

    def act(self) -> None:
        self._table.add(_row(2))

    def state(self) -> str:
        def read(copy: Path) -> str:
            return " ".join(sorted(Table(copy / "out.csv", _FORM).begin(anew=False)))

        return read_copy(self.folder, read)


class ExtractedAgain(ExtractedRow):
    """The same command goes on with a table, which it writes anew first."""

    name = "table: gone on with"

    def prepare(self) -> None:
        super().prepare()
        self._table.add(_row(2))
        with (self.folder / "out.csv").open("ab") as file:
            file.write(b"3.txt,half")  # of a run that was killed

    def act(self) -> None:
        Table(self.folder / "out.csv", _FORM).begin(anew=False)

    def state(self) -> str:
        content = (self.folder / "out.csv").read_text("utf-8-sig")
        names = [row[0] for row in csv.reader(io.StringIO(content, newline=""))]
        return f"{' '.join(names[1:3])} {'half' if content.endswith('half') else 'whole'}"


class KeptRow(Writer):
    name = "table in the window: a row"

    def prepare(self) -> None:
        self._table = KeptTable(self.folder / "table.jsonl")
        self._table.begin(TableOrder(_FORM, tuple(Source(Path(f"/{n}.txt"), f"{n}.txt") for n in (1, 2))))
        self._table.add(_row(1))

    def act(self) -> None:
        self._table.add(_row(2))

    def state(self) -> str:
        kept = KeptTable(self.folder / "table.jsonl").read()
        return "nothing" if kept is None else " ".join(sorted(kept[1]))


class MemoryLines(Writer):
    """The table of the use of memory, which people open in a spreadsheet: every line of it is whole."""

    name = "table of the use of memory"
    speaks = False

    def prepare(self) -> None:
        self._table = MemoryTable(self.folder / "memory.csv", lambda _file, write: write(), lambda: 0.0)
        self._add()

    def act(self) -> None:
        for _ in range(200):
            self._add()

    def again(self) -> None:
        self._add()

    def state(self) -> str:
        text = read_copy(self.folder, lambda copy: (copy / "memory.csv").read_text())
        rows = list(csv.reader(io.StringIO(text, newline="")))
        whole = all(len(row) == len(rows[0]) for row in rows) and rows[0][0] == "time"
        return f"{'old' if len(rows) == 2 else 'new'}, {'whole' if whole else 'damaged'}"

    def may_be(self, state: str) -> bool:
        # A line that a kill has left unfinished is taken away by the next that is written.
        return state == "new, damaged" and self._goes_on()

    def _goes_on(self) -> bool:
        def read(copy: Path) -> str:
            table = MemoryTable(copy / "memory.csv", lambda _file, write: write(), lambda: 0.0)
            table.add(_sample())
            rows = list(csv.reader(io.StringIO((copy / "memory.csv").read_text(), newline="")))
            return "whole" if all(len(row) == len(rows[0]) for row in rows) else "damaged"

        return read_copy(self.folder, read) == "whole"

    def _add(self) -> None:
        self._table.add(_sample())


def _sample() -> Sample:
    return Sample(0.0, MemoryReading(4, 3, 2, 1, 1, 1), Rest.ASLEEP)


class _List(Writer):
    """A list that a library of the program's writes: of one thing, then of two."""

    def add(self, folder: Path, name: str) -> object:
        """Writes one more."""
        raise NotImplementedError

    def names(self, folder: Path) -> list[str]:
        """Returns what there is."""
        raise NotImplementedError

    def prepare(self) -> None:
        self._put("old")

    def act(self) -> None:
        self._put("new")

    def state(self) -> str:
        return read_copy(self.folder, lambda copy: " ".join(sorted(self.names(copy))))

    def _put(self, name: str) -> None:
        self.add(self.folder, name)


def _say(problem: UserFacingError) -> None:
    raise problem


class Personas(_List):
    name = "personas"

    def add(self, folder: Path, name: str) -> object:
        return _personas(folder).save(Persona(f"own-{name}", name, LONG[:3000]))

    def names(self, folder: Path) -> list[str]:
        return [one.name for one in _personas(folder).all() if one.id.startswith("own-")]


def _personas(folder: Path) -> PersonaLibrary:
    return PersonaLibrary(folder / "personas.json", SettingsStore(folder / "settings.json"), "en")


class QuickActions(_List):
    name = "quick actions"

    def add(self, folder: Path, name: str) -> object:
        actions = QuickActionsFile(folder / "quick-actions.json")
        actions.tell_with(_say)
        return actions.add(name, f"{LONG[:3000]} {{text}}")

    def names(self, folder: Path) -> list[str]:
        return [
            one.name for one in QuickActionsFile(folder / "quick-actions.json").actions if one.name in ("old", "new")
        ]


class Forms(_List):
    name = "forms"

    def add(self, folder: Path, name: str) -> object:
        return FormLibrary(folder / "forms.json", tell=_say).save(parse_fields("name: text, total: number", name))

    def names(self, folder: Path) -> list[str]:
        return [one.name for one in FormLibrary(folder / "forms.json").all()]


class Servers(_List):
    name = "servers"

    def add(self, folder: Path, name: str) -> object:
        return ServerList(folder / "servers.json").put(Server(name, parse_address(f"http://{name}.example:8080")))

    def names(self, folder: Path) -> list[str]:
        return [one.name for one in ServerList(folder / "servers.json").all()]


class Told(_List):
    name = "what was said once"
    speaks = False

    def add(self, folder: Path, name: str) -> object:
        return ToldFile(folder / "told.json").tell(name)

    def names(self, folder: Path) -> list[str]:
        told = ToldFile(folder / "told.json")
        return [name for name in ("old", "new") if told.was_told(name)]


class CheckResults(_List):
    """What came of asking a model one task; who checks it hears of a disk that is full."""

    name = "results of a check"
    speaks = False

    def add(self, folder: Path, name: str) -> object:
        result = TaskResult(name, "digest", Kind.FACTS, Language.ENGLISH, Answered.RIGHT, LONG[:9000])
        try:
            return ResultStore(folder).open(SETUP).add(result)
        except OSError as problem:  # whoever checks says it
            raise UserFacingError("The results could not be saved.", str(problem), "Make room.") from problem

    def names(self, folder: Path) -> list[str]:
        return [result.task_id for record in ResultStore(folder).all() for result in record.results]


class Documents(_List):
    """A document that is kept, with its passages."""

    name = "documents"

    def add(self, folder: Path, name: str) -> object:
        with closing(DocumentStore(folder / "documents.db")) as store:
            part = Part(PartKind.WHOLE, 1, "", f"{name} {LONG}")
            stored = store.add(Document(f"{name}.txt", DocumentKind.TEXT, (part,)))
            store.index(stored.id)
            return stored

    def names(self, folder: Path) -> list[str]:
        if not (folder / "documents.db").exists():
            return []
        with closing(DocumentStore(folder / "documents.db")) as store:
            assert store.load_problem is None
            found = [store.document(identity) for identity in store.ids()]
            return [one.parts[0].text[:3] for one in found if one is not None]


class CopiesErased(Writer):
    """A conversation that was removed for good goes out of the daily copy, which is whole all the while."""

    name = "history: removed from a copy"

    def prepare(self) -> None:
        file = self.folder / "history.sqlite3"
        history = History(file)
        self._ids = [history.create(name).id for name in ("stays", "goes")]
        for one in self._ids:
            for number in range(8):
                history.add_user_message(one, f"{number} {LONG}")
        enough = shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)
        with (
            patch.object(shutil, "disk_usage", lambda _folder: enough),
            closing(sqlite3.connect(file)) as connection,
        ):
            back_up_if_due(connection, file, 1e9)
        history.close()
        assert len(backups(file)) == 1

    def act(self) -> None:
        try:
            remove_from_copies(self.folder / "history.sqlite3", [self._ids[1]])
        except sqlite3.Error as problem:  # whoever calls it goes on at the next start
            raise UserFacingError("The disk is full.", str(problem), "Make room.") from problem

    def state(self) -> str:
        copies = backups(self.folder / "history.sqlite3")
        text = "".join(history_text(copy) for copy in copies)
        return f"{len(copies)} {'damaged' if 'damaged' in text else ''} {text.count('stays')} {text.count('goes')}"


KEPT_WRITERS: Final[tuple[type[Writer], ...]] = (
    ExtractedRow, ExtractedAgain, KeptRow, MemoryLines, Personas, QuickActions, Forms, Servers, Told, CheckResults,
    Documents, CopiesErased,
)  # fmt: skip
