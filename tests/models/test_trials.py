"""Models that nothing speaks for are tried before they are chosen; a drive that does not answer holds nobody up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.gguf.header import GgufHeader
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.events import LibraryChanged, ModelEvent, ModelTrouble, TrialBegan, TrialEnded
from desktop.models.library import Candidate, Library
from desktop.models.remembered.checksums import write_note
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.service import ModelService
from desktop.models.trials import PlannedTrial
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.store import SettingsStore
from tests.support.downloads import spec_of
from tests.support.gguf_files import write_gguf
from tests.support.patience import PATIENCE_S

E = TypeVar("E", bound=ModelEvent)
WORKS = Verdict(Outcome.WORKS)
DIED = Verdict.of(Outcome.DIED, UserFacingError("It died.", "own.gguf: SIGABRT.", "Choose another."))
UNDECIDED = Verdict(Outcome.UNDECIDED, "The machine is too busy.")
TOO_BIG = Verdict.of(Outcome.UNTRIED, UserFacingError("It was not tried.", "9 GB.", "Close other programs."))


class Bench:
    """A service whose trials end as the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.own = write_gguf(folder / "own.gguf", name="My own")
        shipped = write_gguf(folder / "shipped.gguf", name="Shipped").read_bytes()
        self.models = folder / "models"
        self.models.mkdir()
        self.by_hand = self.models / "a.gguf"
        self.catalog = Catalog((spec_of(shipped, "http://127.0.0.1/a.gguf", model_id="a", file="a.gguf"),), "a")
        self.shipped = shipped
        self.verdict: Verdict | UserFacingError = WORKS
        self.planned: list[str] = []
        self.needs_room = self.is_planned = True
        self.released = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self.events: list[ModelEvent] = []
        self.happened: asyncio.Event | None = None
        self.store = SettingsStore(folder / "settings.json")
        self.make()

    def make(self, patience: float = PATIENCE_S) -> None:
        """Makes the service, as a start of the program does."""
        self.choice = ModelChoice(self.catalog, self.folder, self.models, self.store, self._hear)
        self.service = ModelService(
            self.catalog, self.choice, lambda folder, _settings: Downloader(folder), self.store, self._hear,
            self._release, self._plan, patience,
        )  # fmt: skip

    def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            self.happened = asyncio.Event()
            async with asyncio.timeout(PATIENCE_S):
                await work()
                self.may_end.set()
                await self.service.shut_down()

        asyncio.run(main())

    async def hear(self, kind: type[E], times: int = 1) -> E:
        """Returns the newest event of a kind once there are so many."""
        assert self.happened is not None
        while len(found := [event for event in self.events if isinstance(event, kind)]) < times:
            self.happened.clear()
            await self.happened.wait()
        return found[-1]

    async def imported(self, path: Path | None = None, times: int = 1) -> Verdict:
        self.service.import_file(path or self.own)
        return (await self.hear(TrialEnded, times)).verdict

    def here(self) -> InstalledModel:
        """Returns the only model that is installed, as a new look sees it."""
        self.choice.outdate()
        (model,) = self.choice.installed()
        return model

    def _plan(self, model: InstalledModel, header: GgufHeader) -> PlannedTrial | Verdict:
        self.planned.append(f"{model.name}, {header.name}")
        verdict = self.verdict
        if isinstance(verdict, Verdict) and verdict.outcome is Outcome.UNTRIED:
            return verdict

        def trial(given_up: threading.Event) -> Verdict:
            while not self.may_end.wait(0.01):
                if given_up.is_set():
                    raise Cancelled
            if isinstance(verdict, UserFacingError):
                raise verdict
            return verdict

        return PlannedTrial(trial, self.needs_room)

    async def _release(self) -> None:
        self.released += 1

    def _hear(self, event: ModelEvent) -> None:
        self.events.append(event)
        if self.happened is not None:
            self.happened.set()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.may_end.set()


# Trials


def test_an_imported_file_is_tried_and_then_chosen(bench: Bench) -> None:
    async def work() -> None:
        # GIVEN a trial that takes its time
        bench.may_end.clear()
        bench.service.import_file(bench.own)
        await bench.hear(TrialBegan)
        # THEN the model is listed, is being tried, and nobody may use it
        model = bench.here()
        assert bench.service.trying == {model.id}
        assert bench.store.current.model == ""
        assert bench.choice.ready() is None
        # WHEN the trial ends well
        bench.may_end.set()
        assert (await bench.hear(TrialEnded)).verdict == WORKS
        # THEN it is chosen
        assert bench.service.trying == frozenset()
        assert bench.store.current.model == model.id
        assert bench.choice.ready() == bench.here()
        assert isinstance(bench.events[-2], LibraryChanged)

    bench.run(work)
    assert bench.planned == ["own, My own"]


def test_a_file_that_does_not_work_is_listed_and_not_chosen(bench: Bench) -> None:
    bench.verdict = DIED

    async def work() -> None:
        assert await bench.imported() == DIED
        assert bench.store.current.model == ""
        assert bench.choice.ready() is None
        assert bench.here().is_bad
        assert not any(isinstance(event, ModelTrouble) for event in bench.events)

    bench.run(work)
    # AND a restart knows that
    bench.make()
    assert bench.here().verdict == DIED


def test_a_verdict_ends_with_its_file(bench: Bench) -> None:
    bench.verdict = DIED

    async def work() -> None:
        await bench.imported()
        write_gguf(bench.own, name="Mended")
        assert bench.here().verdict is None
        bench.verdict = WORKS
        bench.service.use(bench.here().id)
        await bench.hear(TrialEnded, 2)
        assert bench.choice.ready() == bench.here()

    bench.run(work)


def test_using_a_model_that_does_not_work_tries_it_again(bench: Bench) -> None:
    bench.verdict = DIED

    async def work() -> None:
        await bench.imported()
        bench.service.use(bench.here().id)
        await bench.hear(TrialEnded, 2)
        assert bench.store.current.model == ""
        bench.verdict = WORKS
        bench.service.use(bench.here().id)
        await bench.hear(TrialEnded, 3)
        assert bench.store.current.model == bench.here().id
        # WHEN it is known to work THEN it is used at once
        bench.service.use(bench.here().id)
        assert len(bench.planned) == 3

    bench.run(work)


@pytest.mark.parametrize("verdict", [TOO_BIG, UNDECIDED], ids=["no memory", "no time"])
def test_a_model_that_the_machine_cannot_try_now_is_only_used_if_somebody_says_so(
    bench: Bench, verdict: Verdict
) -> None:
    bench.verdict = verdict

    async def work() -> None:
        assert await bench.imported() == verdict
        assert bench.store.current.model == ""
        model = bench.here()
        assert not model.is_bad and model.verdict == verdict
        bench.service.use(model.id)
        await bench.hear(TrialEnded, 2)
        assert bench.store.current.model == model.id

    bench.run(work)


@pytest.mark.parametrize("verdict", [WORKS, UNDECIDED, DIED], ids=["works", "no time", "died"])
def test_one_wanted_for_a_conversation_is_tried_and_not_chosen_for_all(bench: Bench, verdict: Verdict) -> None:
    async def work() -> None:
        # GIVEN a model in use, and another one that nothing speaks for
        await bench.imported()
        in_use = bench.store.current.model
        write_gguf(bench.by_hand, name="By hand")
        bench.choice.outdate()
        other = next(model for model in bench.choice.offered() if model.path == bench.by_hand)
        assert bench.choice.of_file("a.gguf") is None, "nothing speaks for it yet"
        assert other not in bench.choice.for_conversations()
        # WHEN it is wanted for a conversation THEN it is being tried from then on
        bench.verdict = verdict
        bench.service.try_out(other.id)
        assert bench.service.trying == {other.id}
        await bench.hear(TrialEnded, 2)
        assert bench.service.trying == frozenset()
        # AND it can be had there unless it was found not to work
        assert (bench.choice.of_file("a.gguf") is not None) is (not verdict.is_bad)
        assert (other.id in [model.id for model in bench.choice.offered()]) is (not verdict.is_bad)
        assert bench.store.current.model == in_use
        # AND where none answers it is chosen for all
        bench.choice.library.remove(in_use)
        bench.choice.outdate()
        bench.verdict = UNDECIDED
        if not verdict.is_bad and verdict != WORKS:
            bench.service.try_out(other.id)
            await bench.hear(TrialEnded, 3)
            assert bench.store.current.model == other.id

    bench.run(work)


def test_cancelling_an_import_forgets_the_file(bench: Bench) -> None:
    async def work() -> None:
        bench.may_end.clear()
        bench.service.import_file(bench.own)
        began = await bench.hear(TrialBegan)
        before = len(bench.events)
        bench.service.cancel(began.model_id)
        while bench.choice.installed():
            await bench.hear(LibraryChanged, len([e for e in bench.events if isinstance(e, LibraryChanged)]) + 1)
        assert bench.service.trying == frozenset()
        assert not any(isinstance(event, TrialEnded | ModelTrouble) for event in bench.events[before:])

    bench.run(work)
    assert bench.own.exists()
    assert bench.store.current.model == ""


def test_cancelling_the_trial_of_a_file_that_was_known_keeps_it(bench: Bench) -> None:
    bench.verdict = DIED

    async def work() -> None:
        await bench.imported()
        bench.may_end.clear()
        bench.service.import_file(bench.own)
        await bench.hear(TrialBegan, 2)
        bench.service.cancel(bench.here().id)
        while bench.service.trying:
            await bench.hear(LibraryChanged, len([e for e in bench.events if isinstance(e, LibraryChanged)]) + 1)

    bench.run(work)
    assert bench.here().verdict == DIED


def test_the_end_of_the_program_gives_a_trial_up(bench: Bench) -> None:
    async def work() -> None:
        bench.may_end.clear()
        bench.service.import_file(bench.own)
        await bench.hear(TrialBegan)
        await bench.service.shut_down()
        assert not bench.may_end.is_set()
        assert bench.service.trying == frozenset()

    bench.run(work)


def test_an_engine_that_does_not_work_is_said_and_decides_nothing(bench: Bench) -> None:
    bench.verdict = UserFacingError("The engine's process cannot be started.")

    async def work() -> None:
        bench.service.import_file(bench.own)
        trouble = await bench.hear(ModelTrouble)
        assert trouble.error is bench.verdict
        assert bench.here().verdict is None
        assert bench.store.current.model == ""

    bench.run(work)


def test_the_model_in_memory_goes_first_only_where_there_is_no_room_beside_it(bench: Bench) -> None:
    async def work() -> None:
        bench.needs_room = False
        await bench.imported()
        assert bench.released == 0
        bench.needs_room = True
        await bench.imported(write_gguf(bench.folder / "second.gguf"), times=2)
        assert bench.released == 1

    bench.run(work)


def test_a_file_put_into_the_model_folder_is_tried_at_the_start(bench: Bench) -> None:
    bench.by_hand.write_bytes(bench.shipped)

    async def work() -> None:
        bench.service.choose_first()
        assert bench.choice.ready() is None
        await bench.hear(TrialEnded)
        assert bench.store.current.model == "a"

    bench.run(work)
    assert bench.planned == ["A model, Shipped"]


def test_a_file_whose_hash_is_right_needs_no_trial(bench: Bench) -> None:
    bench.by_hand.write_bytes(bench.shipped)
    write_note(bench.by_hand, bench.catalog.models[0].sha256)
    bench.service.choose_first()
    assert bench.store.current.model == "a"

    async def work() -> None:
        bench.store.change(model="")
        bench.service.import_file(bench.by_hand)
        await bench.hear(LibraryChanged, 2)

    bench.run(work)
    assert bench.store.current.model == "a"
    assert bench.planned == []


def test_files_stay_where_they_are_while_one_of_them_is_tried(bench: Bench) -> None:
    bench.by_hand.write_bytes(bench.shipped)
    bench.may_end.clear()

    async def work() -> None:
        bench.service.use("a")
        await bench.hear(TrialBegan)
        bench.service.move_folder(bench.folder / "elsewhere")
        assert "cannot be moved" in (await bench.hear(ModelTrouble)).error.title
        bench.service.remove("a")
        assert "being checked" in (await bench.hear(ModelTrouble, 2)).error.title
        bench.may_end.set()
        await bench.hear(TrialEnded)
        bench.service.remove("a")
        await bench.hear(LibraryChanged, 5)

    bench.run(work)
    assert not bench.by_hand.exists()


# Drives that do not answer


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A drive that answers only once this is set."""
    answers = threading.Event()

    def slow(method: str) -> None:
        real: Callable[..., Any] = getattr(Library, method)

        def read(library: Library, *arguments: Any) -> Any:
            assert answers.wait(PATIENCE_S)
            return real(library, *arguments)

        monkeypatch.setattr(Library, method, read)

    for method in ("installed", "examine"):
        slow(method)
    yield answers
    answers.set()


def test_an_import_from_a_drive_that_does_not_answer_is_given_up_and_said(
    bench: Bench, drive: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[Candidate] = []
    monkeypatch.setattr(Library, "add", lambda _library, candidate: added.append(candidate))
    bench.make(patience=0.0)

    async def work() -> None:
        bench.service.import_file(bench.own)
        trouble = await bench.hear(ModelTrouble)
        assert trouble.error.title == "The drive does not answer."
        assert str(bench.own) in trouble.error.detail
        # WHEN it answers at last THEN that changes nothing any more
        drive.set()

    bench.run(work)
    assert added == []


def test_a_model_folder_that_does_not_answer_holds_nobody_up(
    bench: Bench, drive: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a folder that does not answer, and somebody without any patience
    bench.by_hand.write_bytes(bench.shipped)
    write_note(bench.by_hand, bench.catalog.models[0].sha256)
    bench.store.change(model="a")
    monkeypatch.setattr("desktop.models.choice.LOOK_SECONDS", 0.0)
    monkeypatch.setattr("desktop.models.choice._SILENCE_SECONDS", 0.0)
    bench.make()

    async def work() -> None:
        # WHEN it is asked THEN nothing is known yet: not that the model is lost either
        assert bench.choice.installed() == ()
        assert bench.choice.is_unknown
        assert bench.choice.lost() is None
        assert not bench.choice.rescan()
        # AND that it does not answer is said
        assert (await bench.hear(ModelTrouble)).error.title == "The drive does not answer."
        # WHEN it answers at last
        drive.set()
        await bench.hear(LibraryChanged)
        # THEN everybody is told what is there
        assert [model.id for model in bench.choice.installed()] == ["a"]
        assert bench.choice.ready() is not None
        assert not bench.choice.is_unknown

    bench.run(work)


def test_a_folder_that_stops_answering_is_as_it_was(
    bench: Bench, drive: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.by_hand.write_bytes(bench.shipped)
    drive.set()

    async def work() -> None:
        assert [model.id for model in bench.choice.installed()] == ["a"]
        # WHEN it stops answering, and something changes
        drive.clear()
        monkeypatch.setattr(bench.choice._look, "_seconds", 0.0)
        bench.choice.outdate()
        assert [model.id for model in bench.choice.installed()] == ["a"]
        bench.by_hand.unlink()
        bench.choice.outdate()
        assert [model.id for model in bench.choice.installed()] == ["a"]
        # THEN the change is seen when it answers again
        monkeypatch.setattr(bench.choice._look, "_seconds", PATIENCE_S)
        drive.set()
        await bench.hear(LibraryChanged)
        assert bench.choice.installed() == ()

    bench.run(work)


def test_another_folder_is_looked_at_while_the_old_one_is_silent(
    bench: Bench, drive: threading.Event, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("desktop.models.choice.LOOK_SECONDS", 0.0)
    bench.make()

    async def work() -> None:
        assert bench.choice.installed() == ()
        other = tmp_path / "other"
        other.mkdir()
        (other / "a.gguf").write_bytes(bench.shipped)
        drive.set()
        bench.store.change(model_folder=str(other))
        monkeypatch.setattr(bench.choice._look, "_seconds", PATIENCE_S)
        bench.choice.open_folder()
        assert [model.path.parent for model in bench.choice.installed()] == [other]

    bench.run(work)
