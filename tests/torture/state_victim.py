"""Starts the program's services on folders that it is told, one after the other, and says what became of them.

    python -m tests.torture.state_victim

A line of JSON on stdin: ``{"folder", "catalog", "conversation", "hours"}``; one on stdout: ``{"sentences", "again",
"failure"}``. What hangs is for whoever waits for the answer. ``hours`` is how wrong the clock is meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from desktop.app.leftovers import sweep_leftovers, sweep_model_folder
from desktop.app.services import Services, build_services
from desktop.check.store import ResultStore, Setup
from desktop.check.types import Kind, Language, TaskResult
from desktop.check.types import Outcome as AnswerOutcome
from desktop.common.errors import UserFacingError
from desktop.common.events import Publisher
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault
from desktop.common.paths import Paths, resolve_paths
from desktop.documents.library.store import DocumentStore
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import EngineEvent
from desktop.machine.cpu import Processors
from desktop.models.catalog import load_catalog
from desktop.models.download.downloader import Downloader
from desktop.models.remembered.checksums import is_noted
from desktop.models.remembered.verdicts import Outcome, Verdict, VerdictFile
from desktop.personas.persona import Persona
from desktop.servers.addresses import parse_address
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server
from desktop.settings.store import SettingsStore
from desktop.structured.fields import Field, Form
from desktop.structured.library import FormLibrary

BUDGET = 1 << 20
SETUP = Setup("a", "b", "Q4_K_M", "f16", "c", "d")
IDENTITY_FACTS = Identity.__dataclass_fields__


def identity() -> Identity:
    """Returns what the states in the folders belong to."""
    return Identity(**dict.fromkeys(IDENTITY_FACTS, ""))  # type: ignore[arg-type]


async def start(paths: Paths, catalog: Path, conversation: str) -> list[str]:
    """Starts, uses every file once, and ends; returns the sentences that a person would have seen."""
    paths.create()
    sweep_leftovers(paths)
    store = SettingsStore(paths.settings_file)
    services = build_services(paths, store, catalog, lambda _event: None, Publisher[EngineEvent](), try_model=None)
    try:
        sentences = [str(problem) for problem in services.problems]
        sweep_model_folder(services.choice.library.folder)
        Downloader(paths.models_dir).partial(load_catalog(catalog).models[0])
        is_noted(paths.models_dir / load_catalog(catalog).models[0].file, "0" * 64)
        SnapshotStore(paths.snapshots_dir, BUDGET).peek(conversation, identity())
        services.history.conversations()
        sentences += open_what_is_opened_late(services)
        # What is written from now on is found by the next start.
        threads = 2 if store.current.threads != 2 else 3
        store.change(threads=threads)
        services.drafts.save({"": f"draft {threads}"})
        RememberedThreads(paths.threads_file).save(Processors(2, 2), Counts(threads, threads))
        VerdictFile(paths.data / "verdicts.json").remember(
            {FileIdentity.of(paths.settings_file): Verdict(Outcome.WORKS)}
        )
        services.told.tell(f"{threads}")
        services.last_open.save(f"{threads}")
        services.actions.set_uses_portal(not services.actions.uses_portal)
        services.personas.save(Persona("own-2", f"Nobody {threads}", "Be nobody."))
        services.libraries().look_again("none")
        services.servers.all()
        services.servers.list.put(Server("attic", parse_address("127.0.0.1:9"), model=f"{threads}"))
        ServerKeys(paths.server_keys_file).keep(parse_address("127.0.0.1:9"), f"sk-{threads}")  # asks no keyring
        if SettingsStore(paths.settings_file).current.threads != threads:
            raise AssertionError("a setting that was changed is not there again")
    finally:
        await services.models.shut_down()
        services.engine.stop(5)
        services.libraries.end()
        services.documents.shut_down()
        services.journal.close()
        services.history.close()
        services.writer.close()  # its thread: hundreds of starts happen in one process here
    return sentences


def open_what_is_opened_late(services: Services) -> list[str]:
    """Opens and uses what the program opens when somebody wants it; returns the sentences that this brings."""
    faults: list[FileFault | None] = []
    forms = FormLibrary(services.paths.forms_file)
    faults.append(forms.load_problem)
    forms.save(Form("Cats", (Field("name"),)))
    checks = ResultStore(services.paths.checks_dir)
    checks.all()
    checks.open(SETUP).add(TaskResult("a", "b", Kind.FACTS, Language.ENGLISH, AnswerOutcome.RIGHT, "c"))
    faults.append(checks.problem)
    sentences = [str(fault.as_error()) for fault in faults if fault is not None]
    try:
        store = DocumentStore(services.paths.documents_file)
    except UserFacingError as problem:
        return [*sentences, str(problem)]
    with closing(store):
        if store.load_problem is not None:
            sentences.append(str(store.load_problem))
        for identity in store.ids():
            store.get(identity)
            store.document(identity)
            store.index(identity)
        store.find("What does the cat say?", store.ids(), None, 3)
        note = Document("note.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "Another note"),))
        store.index(store.add(note).id)
    return sentences


@contextmanager
def wrong_clock(hours: float) -> Iterator[None]:
    """Puts the clock of this process forward or back."""
    real = time.time
    time.time = lambda: real() + 3600 * hours
    try:
        yield
    finally:
        time.time = real


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    paths, catalog = resolve_paths(Path(order["folder"])), Path(order["catalog"])
    answer: dict[str, Any] = {"sentences": [], "again": [], "failure": "", "refused": ""}
    try:
        with wrong_clock(order["hours"]):
            answer["sentences"] = asyncio.run(start(paths, catalog, order["conversation"]))
        answer["again"] = asyncio.run(start(paths, catalog, order["conversation"]))
    except UserFacingError as problem:
        answer["refused"] = str(problem)
    except BaseException:
        answer["failure"] = traceback.format_exc()
    return answer


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
