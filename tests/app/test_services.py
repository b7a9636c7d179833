"""How the parts are put together, and how the engine is kept in step with settings and models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.common.paths import Paths
from desktop.engine.snapshots.store import SnapshotStore
from desktop.engine.types import (
    Asleep,
    Awake,
    Failed,
    SleepReason,
)
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.store import History
from desktop.models.events import ModelEvent, TrialEnded
from desktop.models.remembered.checksums import write_note
from desktop.models.remembered.verdicts import Outcome
from tests.rigs.services import RunningServices, run
from tests.support.gguf_files import with_number
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT
from tests.torture.state_victim import identity

RELEASED = Asleep(SleepReason.RELEASED)


# All of it, on the real engine


class Built(RunningServices):
    """The services, which can be asked."""

    async def ask(self, question: str) -> str:
        """Asks in a new conversation and returns the answer."""
        chat = self.services.chat
        conversation = chat.send(None, question)
        await self.until(lambda: not chat.answers.is_busy(conversation))
        return self.services.history.transcript(conversation).messages[-1].text

    def failures(self) -> list[str]:
        return [event.error.title for event in self.events if isinstance(event, Failed)]


@pytest.fixture
def empty_catalog(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "models.json"
    file.write_text("{", encoding="utf-8")
    yield file


def test_a_broken_catalogue_leaves_own_files_usable_and_is_said(
    data_dir: Paths, empty_catalog: Path, parrot_model: Path
) -> None:
    async def work() -> None:
        async with Built(data_dir, empty_catalog) as built:
            services = built.services
            assert services.models.catalog.models == ()
            assert len(services.problems) == 1
            assert services.supervisor.fit.recommended() is None
            use_own(services, parrot_model)
            assert await built.ask("Hello") == PARROT_TEXT

    run(work)


def test_an_own_file_is_tried_in_a_process_of_its_own_before_it_is_used(
    data_dir: Paths, empty_catalog: Path, tmp_path: Path, parrot_model: Path
) -> None:
    broken = with_number(parrot_model, tmp_path / "broken.gguf", "qwen2.block_count", 513)

    async def work() -> None:
        async with Built(data_dir, empty_catalog) as built:
            services, ended = built.services, list[TrialEnded]()
            services.model_events.subscribe(
                lambda event: ended.append(event) if isinstance(event, TrialEnded) else None
            )
            # WHEN a file is imported that brings every engine down
            services.models.import_file(broken)
            await built.until(lambda: len(ended) == 1)
            # THEN it did so elsewhere, and it is not used
            assert ended[0].verdict.outcome is Outcome.DIED
            assert services.choice.ready() is None
            assert built.events == []
            # WHEN one is imported that works THEN it answers
            services.models.import_file(parrot_model)
            await built.until(lambda: len(ended) == 2)
            assert await built.ask("Hello") == PARROT_TEXT

    run(work)


def test_what_was_wrong_at_the_start_is_collected(data_dir: Paths) -> None:
    data_dir.settings_file.write_text("[]", encoding="utf-8")
    data_dir.history_file.write_bytes(b"not a database" * 1000)
    (data_dir.data / "imports.json").write_text("[]", encoding="utf-8")

    async def work() -> None:
        async with Built(data_dir, None) as built:
            titles = [problem.title for problem in built.services.problems]
            assert len(titles) == len(set(titles)) == 3, titles

    run(work)


def test_where_several_files_are_damaged_their_folder_is_said_once(data_dir: Paths) -> None:
    for name in ("servers.json", "repacking.json"):
        (data_dir.data / name).write_text("[[", encoding="utf-8")

    async def work() -> None:
        async with Built(data_dir, None) as built:
            (problem,) = [one for one in built.services.problems if "servers" in one.detail]
            assert problem.detail.count(str(data_dir.data)) == 1, problem.detail
            assert all(f"{name}.broken-" in problem.detail for name in ("servers", "repacking")), problem.detail

    run(work)


def test_a_model_folder_that_cannot_be_read_is_said_once(data_dir: Paths) -> None:
    data_dir.models_dir.write_text("not a folder", encoding="utf-8")

    async def work() -> None:
        async with Built(data_dir, None) as built:
            heard: list[ModelEvent] = []
            built.services.model_events.subscribe(heard.append)
            assert [problem.title for problem in built.services.problems] == ["The model folder cannot be read."]
            built.services.store.change(threads=1)
            assert built.services.choice.ready() is None
            assert heard == []

    run(work)


def test_a_model_is_removed_after_the_engine_let_go_of_it(data_dir: Paths, tmp_path: Path, parrot_model: Path) -> None:
    catalog = tmp_path / "models.json"
    catalog.write_text(json.dumps(_catalog_of(parrot_model)), encoding="utf-8")
    data_dir.models_dir.mkdir(parents=True)
    target = data_dir.models_dir / "parrot.gguf"
    target.write_bytes(parrot_model.read_bytes())
    write_note(target, hashlib.sha256(target.read_bytes()).hexdigest())

    async def work() -> None:
        async with Built(data_dir, catalog) as built:
            assert built.services.store.current.model == "parrot"
            assert await built.ask("Hello") == PARROT_TEXT
            await built.until(lambda: isinstance(built.events[-1], Awake))
            built.services.models.remove("parrot")
            await built.until(lambda: not target.exists())
            assert RELEASED in built.events
            # WHEN a question comes all the same THEN there is a sentence
            await built.ask("And now?")
            assert built.failures() == ["No model is chosen."]

    run(work)


def _catalog_of(model: Path) -> dict[str, object]:
    shipped = json.loads((Path(__file__).parents[2] / "models.json").read_text(encoding="utf-8"))
    entry = dict(shipped["models"][0])
    content = model.read_bytes()
    entry |= {
        "id": "parrot",
        "file": "parrot.gguf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return {**shipped, "models": [entry], "default": "parrot"}


def test_a_start_adopts_answers_and_keeps_what_was_deleted_lately(data_dir: Paths, empty_catalog: Path) -> None:
    # GIVEN what a killed program has left: half an answer, and a conversation deleted a moment ago
    data_dir.create()
    with closing(History(data_dir.history_file)) as history:
        asked, deleted = history.create("asked").id, history.create("deleted").id
        question = history.add_user_message(asked, "Why?")
        history.delete(deleted)
    journal = AnswerJournal(data_dir.answers_dir)
    journal.begin(1, AnswerBegun(asked, question.id, "Why?", question.id, "tiny"))
    journal.grow(1, "Because", "hm")
    journal.close()

    async def work() -> None:
        async with Built(data_dir, empty_catalog) as built:
            kept = built.services.history
            last = kept.transcript(asked).messages[-1]
            assert (last.text, last.state, last.model) == ("Because", MessageState.INTERRUPTED, "tiny")
            assert [one.conversation.id for one in kept.deleted()] == [deleted]

    run(work)
    assert list(data_dir.answers_dir.iterdir()) == []


def test_a_start_erases_the_states_of_conversations_that_are_nowhere(data_dir: Paths, empty_catalog: Path) -> None:
    data_dir.create()
    with closing(History(data_dir.history_file)) as history:
        there, deleted, gone = (history.create(name).id for name in ("there", "deleted", "gone"))
        history.delete(deleted)
        history.delete_for_good(gone)
    states = SnapshotStore(data_dir.snapshots_dir, 1 << 20)
    others = ("persona:own-1", "document:d/1", "api/once-1")
    for owner in (there, deleted, gone, "0" * 32, *others):
        states.save(owner, identity(), tuple(range(99)), lambda file, _tokens: bool(file.write_bytes(b"state")))

    async def work() -> None:
        async with Built(data_dir, empty_catalog):
            assert sorted(states.owners()) == sorted((there, deleted, others[0]))
            kept = len(list(data_dir.snapshots_dir.glob("*.state")))
            assert kept == 5  # those that belong to others as well

    run(work)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("documents.db", b"noise" * 1000, "documents was damaged"),
        ("libraries.json", b"[]", "could not be read"),
        ("personas.json", b"[]", "could not be read"),
        ("quick-actions.json", b"[]", "could not be read"),
    ],
)
def test_a_damaged_file_is_said_though_no_window_is_there_yet(
    data_dir: Paths, name: str, content: bytes, word: str
) -> None:
    (data_dir.data / name).write_bytes(content)

    async def work(expected: int) -> None:
        async with Built(data_dir, None) as built:
            said = [str(problem) for problem in built.services.problems if word in problem.title]
            built.services.documents.shut_down()
            assert len(said) == expected and all(str(data_dir.data) in each for each in said)

    run(lambda: work(1))
    run(lambda: work(0))
