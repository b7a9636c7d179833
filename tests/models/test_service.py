"""The model service on a real library, real downloads from loopback and real settings."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from desktop.common.detached import DetachedExecutor
from desktop.common.errors import UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    VerifyEnded,
)
from desktop.models.library import Library
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.service import ModelService
from desktop.models.types import Catalog, DownloadState
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from tests.support.command_line import python
from tests.support.downloads import FAST, model_bytes, spec_of, tell_everything
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.patience import PATIENCE_S

E = TypeVar("E", bound=ModelEvent)

# Never whole: whoever waits for its end waits in vain.
PART = Fault(stall_after=200_000)
CONTENT = {"first": model_bytes(400_000, seed=1), "second": model_bytes(300_000, seed=2)}


class Bench:
    """A service with what it stands on, in one folder."""

    def __init__(self, folder: Path, server: FaultServer) -> None:
        self.folder = folder
        self.server = server
        self.default_folder = folder / "models"
        self.catalog = Catalog(
            tuple(
                spec_of(content, f"{server.url}/{name}.gguf", model_id=name, file=f"{name}.gguf")
                for name, content in CONTENT.items()
            ),
            "first",
        )
        self.events: list[ModelEvent] = []
        self.waiting: list[tuple[Callable[[], bool], asyncio.Event]] = []
        self.released: list[str | None] = []
        self.release_problem: UserFacingError | None = None
        self.settings_file = folder / "settings.json"
        self.store = SettingsStore(self.settings_file)
        self.service = self.make()

    def make(self) -> ModelService:
        """Makes the service, as a start of the program does."""

        def downloader(folder: Path, settings: Settings) -> Downloader:
            return Downloader(folder, mirror=settings.mirror, timing=FAST)

        self.choice = ModelChoice(self.catalog, self.folder, self.default_folder, self.store, self._hear)
        self.service = ModelService(self.catalog, self.choice, downloader, self.store, self._hear, self._release)
        return self.service

    def made(self) -> ModelChoice:
        """Makes the service and returns what it chooses from."""
        self.make()
        return self.choice

    def _hear(self, event: ModelEvent) -> None:
        self.events.append(event)
        for condition, reached in self.waiting:
            if condition():
                reached.set()

    async def _release(self) -> None:
        ready = self.choice.ready()
        self.released.append(ready.id if ready else None)
        if self.release_problem is not None:
            raise self.release_problem

    def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a test's coroutine and shuts the service down, as the program does."""

        async def main() -> None:
            async with asyncio.timeout(PATIENCE_S):
                await work()
                await self.service.shut_down()

        asyncio.run(main())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until ``condition`` holds after an event."""
        if not condition():
            reached = asyncio.Event()
            self.waiting.append((condition, reached))
            await reached.wait()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def hear(self, kind: type[E], times: int = 1) -> E:
        """Returns the newest event of a kind once there are ``times``."""
        await self.until(lambda: len(self.of(kind)) >= times)
        return self.of(kind)[-1]

    def states(self, model_id: str) -> list[DownloadState]:
        return [event.progress.state for event in self.of(DownloadMoved) if event.progress.model_id == model_id]

    def place(self, *names: str, folder: Path | None = None) -> None:
        """Puts models into the folder, as if they had been downloaded."""
        target = folder or self.default_folder
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            (target / f"{name}.gguf").write_bytes(CONTENT[name])

    def part(self, name: str) -> Path:
        return self.default_folder / f"{name}.gguf.part"

    def installed(self) -> list[str]:
        return [model.id for model in self.choice.installed()]

    def use_id(self) -> str:
        model = self.choice.in_use()
        return model.id if model else ""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    tell_everything(monkeypatch)
    served = tmp_path / "served"
    served.mkdir()
    for name, content in CONTENT.items():
        (served / f"{name}.gguf").write_bytes(content)
    with serve(served) as server:
        yield Bench(tmp_path, server)


@pytest.fixture
def full_disk(bench: Bench) -> Callable[[], None]:
    """Returns what makes the settings impossible to save from then on."""

    def fill() -> None:
        bench.settings_file.unlink(missing_ok=True)
        (bench.settings_file / "in the way").mkdir(parents=True)

    return fill


# Downloads


def test_the_first_model_that_arrives_is_chosen(bench: Bench) -> None:
    async def work() -> None:
        assert bench.choice.in_use() is None
        bench.service.download("first")
        assert (await bench.hear(ModelArrived)).model_id == "first"

    bench.run(work)
    assert bench.store.current.model == "first"
    assert bench.use_id() == "first"
    assert bench.states("first")[-1] is DownloadState.DONE
    order = [type(event) for event in bench.events if isinstance(event, LibraryChanged | ModelArrived)]
    assert order == [LibraryChanged, ModelArrived], "the engine hears of the model before the question is asked"


def test_a_second_model_does_not_push_the_first_aside(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")

    async def work() -> None:
        bench.service.download("second")
        await bench.hear(ModelArrived)

    bench.run(work)
    assert bench.installed() == ["first", "second"]
    assert bench.use_id() == "first"


def test_a_download_takes_the_place_of_a_choice_that_is_gone(bench: Bench) -> None:
    bench.store.change(model="second")

    async def work() -> None:
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(work)
    assert bench.use_id() == "first"


def test_pause_keeps_the_bytes_and_resume_goes_on_with_them(bench: Bench) -> None:
    bench.server.script("/first.gguf", PART)

    async def work() -> None:
        bench.service.download("first")
        await bench.until(lambda: any(event.progress.done > 0 for event in bench.of(DownloadMoved)))
        bench.service.pause("first")
        await bench.hear(LibraryChanged)
        assert bench.states("first")[-1] is DownloadState.PAUSED
        assert 0 < bench.service.partials()["first"] < len(CONTENT["first"])
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(work)
    ranges = [request.range for request in bench.server.of("/first.gguf")]
    assert ranges[-1] is not None and ranges[-1] != "bytes=0-"
    assert (bench.default_folder / "first.gguf").read_bytes() == CONTENT["first"]


def test_cancel_removes_the_bytes_of_a_running_download(bench: Bench) -> None:
    bench.server.script("/first.gguf", PART)

    async def work() -> None:
        bench.service.download("first")
        await bench.until(lambda: any(event.progress.done > 0 for event in bench.of(DownloadMoved)))
        bench.service.cancel("first")
        await bench.hear(LibraryChanged)

    bench.run(work)
    assert bench.service.partials() == {}
    assert bench.of(ModelArrived) == []


def test_cancel_removes_the_bytes_of_one_that_was_left(bench: Bench) -> None:
    bench.default_folder.mkdir()
    bench.part("first").write_bytes(CONTENT["first"][:1000])
    assert bench.service.partials() == {"first": 1000}

    async def work() -> None:
        bench.service.cancel("first")
        await bench.hear(LibraryChanged)

    bench.run(work)
    assert not bench.part("first").exists()


@pytest.mark.parametrize("stop", ["pause", "cancel"])
def test_asking_again_before_it_has_stopped_begins_anew(bench: Bench, stop: str) -> None:
    bench.server.script("/first.gguf", PART)

    async def work() -> None:
        bench.service.download("first")
        await bench.until(lambda: any(event.progress.done > 0 for event in bench.of(DownloadMoved)))
        getattr(bench.service, stop)("first")
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(work)
    assert bench.use_id() == "first"


def test_asking_twice_downloads_once(bench: Bench) -> None:
    async def work() -> None:
        bench.service.download("first")
        bench.service.download("first")
        bench.service.download("unheard-of")
        await bench.hear(ModelArrived)

    bench.run(work)
    assert bench.states("first").count(DownloadState.DONE) == 1


def test_a_download_that_fails_is_said_and_can_be_tried_again(bench: Bench) -> None:
    bench.server.always("/first.gguf", Fault(status=404))

    async def work() -> None:
        bench.service.download("first")
        broke = await bench.hear(DownloadBroke)
        assert broke.model_id == "first"
        assert broke.error.title
        assert bench.of(ModelArrived) == []
        bench.server.always("/first.gguf", Fault())
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(work)


def test_a_bug_ends_the_download_with_a_sentence_and_is_reported(bench: Bench) -> None:
    def broken(_folder: Path) -> int:
        raise ZeroDivisionError

    bench.service = ModelService(
        bench.catalog,
        bench.choice,
        lambda folder, settings: Downloader(folder, timing=FAST, free_bytes=broken),
        bench.store,
        bench._hear,
        bench._release,
    )
    reported: list[object] = []

    async def work() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["exception"]))
        bench.service.download("first")
        await bench.until(lambda: any(isinstance(event, DownloadBroke) for event in bench.events))

    bench.run(work)
    (broke,) = [event for event in bench.events if isinstance(event, DownloadBroke)]
    assert broke.error.detail == "ZeroDivisionError." and broke.error.remedy
    moved = [event.progress.state for event in bench.events if isinstance(event, DownloadMoved)]
    assert moved[-1] is DownloadState.FAILED
    assert [type(bug) for bug in reported] == [ZeroDivisionError]


def test_a_full_disk_does_not_hide_that_the_model_is_there(bench: Bench, full_disk: Callable[[], None]) -> None:
    full_disk()

    async def work() -> None:
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(work)
    assert "could not be saved" in bench.of(ModelTrouble)[0].error.title
    assert bench.use_id() == "first", "the only one there is in use without having been chosen"


def test_quitting_pauses_and_the_next_start_goes_on(bench: Bench) -> None:
    bench.server.script("/first.gguf", PART)

    async def first_run() -> None:
        bench.service.download("first")
        await bench.until(lambda: any(event.progress.done > 0 for event in bench.of(DownloadMoved)))

    async def second_run() -> None:
        bench.service.download("first")
        await bench.hear(ModelArrived)

    bench.run(first_run)
    assert bench.part("first").stat().st_size > 0
    bench.make()
    bench.run(second_run)
    assert bench.server.of("/first.gguf")[-1].range not in (None, "bytes=0-")


# What is here


def test_an_imported_file_is_used_where_it_lies(bench: Bench, tiny_model: Path) -> None:
    async def work() -> None:
        bench.service.import_file(tiny_model)

    bench.run(work)
    model = bench.choice.in_use()
    assert model is not None
    assert model.path == tiny_model
    assert bench.of(LibraryChanged)


def test_a_file_that_is_no_model_is_refused(bench: Bench) -> None:
    wrong = bench.folder / "wrong.gguf"
    wrong.write_text("<!DOCTYPE html>", encoding="utf-8")

    async def work() -> None:
        bench.service.import_file(wrong)

    bench.run(work)
    assert bench.of(ModelTrouble)
    assert bench.installed() == []
    assert bench.store.current.model == ""


def test_a_model_put_there_by_hand_is_chosen_at_the_start(bench: Bench) -> None:
    bench.place("second")
    bench.service.choose_first()
    assert bench.store.current.model == "second"
    bench.place("first")
    bench.service.choose_first()
    assert bench.store.current.model == "second"


def test_removing_the_model_in_use_releases_it_first_and_uses_another(bench: Bench) -> None:
    bench.place("first", "second")
    bench.service.use("first")

    async def work() -> None:
        bench.service.remove("first")
        await bench.hear(LibraryChanged, times=2)

    bench.run(work)
    assert bench.released == [None], "released once, while there was no model to answer with"
    assert bench.installed() == ["second"]
    assert bench.store.current.model == "second"
    ready = bench.choice.ready()
    assert ready is not None and ready.id == "second"


def test_removing_another_model_lets_the_one_in_use_answer(bench: Bench) -> None:
    bench.place("first", "second")
    bench.service.use("first")

    async def work() -> None:
        bench.service.remove("second")
        await bench.hear(LibraryChanged, times=2)

    bench.run(work)
    assert bench.released == []
    assert bench.use_id() == "first"


def test_removing_the_model_that_answers_in_one_conversation_releases_it_too(bench: Bench) -> None:
    # GIVEN a model in use, and another one that a conversation has turned to
    bench.place("first", "second")
    bench.service.use("first")
    second = next(one for one in bench.choice.installed() if one.id == "second")
    assert bench.choice.of_file(second.path.name) is None, "nothing speaks for it yet"
    bench.choice.library.remember_verdict(FileIdentity.of(second.path), Verdict(Outcome.WORKS))
    bench.choice.outdate()
    bench.choice.turn_to(second.path.name)
    ready = bench.choice.ready()
    assert ready is not None and ready.id == "second"

    async def work() -> None:
        bench.service.remove("second")
        await bench.hear(LibraryChanged, times=2)

    bench.run(work)
    assert bench.released == [None]
    ready = bench.choice.ready()
    assert ready is not None and ready.id == "first", "the usual one answers there now"
    assert bench.choice.name_of(second.path.name) == bench.choice.name()


def test_removing_the_last_model_leaves_nothing_chosen(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")

    async def work() -> None:
        bench.service.remove("first")
        await bench.hear(LibraryChanged, times=2)

    bench.run(work)
    assert bench.store.current.model == ""
    assert bench.choice.lost() is None


def test_a_model_that_is_answering_is_not_removed(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    bench.release_problem = UserFacingError("The model is answering.")

    async def work() -> None:
        bench.service.remove("first")
        assert (await bench.hear(ModelTrouble)).error is bench.release_problem

    bench.run(work)
    assert bench.choice.ready() is not None, "it answers again"
    assert bench.store.current.model == "first"


def test_a_model_that_cannot_be_deleted_goes_on_answering(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.place("first")
    bench.service.use("first")

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    async def work() -> None:
        bench.service.remove("first")
        await bench.hear(ModelTrouble)

    with monkeypatch.context() as patched:  # as on Windows, where another program has it open
        patched.setattr("desktop.models.folder.contents.Path.unlink", refuse)
        bench.run(work)
    assert "cannot be deleted" in bench.of(ModelTrouble)[0].error.title
    assert bench.choice.ready() is not None


def test_a_choice_whose_file_is_gone_is_said(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    assert bench.choice.lost() is None
    (bench.default_folder / "first.gguf").unlink()
    assert bench.choice.rescan()
    problem = bench.choice.lost()
    assert problem is not None
    assert (problem.title, problem.detail) == ("The chosen model is no longer there, or no longer whole.", "A model.")
    assert bench.choice.lost_download() == "first"


def test_a_choice_whose_file_was_cut_off_is_said_and_can_be_downloaded_again(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    assert bench.choice.lost_download() == ""
    file = bench.default_folder / "first.gguf"
    file.write_bytes(file.read_bytes()[:-1])
    assert bench.choice.rescan()
    problem = bench.choice.lost()
    assert problem is not None
    assert "no longer whole" in problem.title
    assert bench.choice.lost_download() == "first"


def test_what_another_program_has_changed_is_seen_at_the_next_look_and_told_when_it_is_shown(bench: Bench) -> None:
    bench.place("first")
    assert bench.installed() == ["first"]
    bench.place("second")
    assert bench.installed() == ["first"]
    bench.choice.refresh()
    assert bench.installed() == ["first", "second"]
    assert len(bench.of(LibraryChanged)) == 1
    bench.choice.refresh()
    assert len(bench.of(LibraryChanged)) == 1
    (bench.default_folder / "first.gguf").unlink()
    assert bench.choice.rescan() and not bench.choice.rescan()
    assert bench.installed() == ["second"]


def test_an_unreadable_folder_is_said_once_and_again_when_it_comes_back(bench: Bench) -> None:
    bench.default_folder.write_text("a file where the folder should be", encoding="utf-8")
    for _ in range(3):
        bench.choice.rescan()
        assert bench.choice.installed() == ()
    assert len(bench.of(ModelTrouble)) == 1
    bench.default_folder.unlink()
    bench.choice.rescan()
    bench.default_folder.write_text("again", encoding="utf-8")
    bench.choice.rescan()
    assert bench.choice.in_use() is None
    assert len(bench.of(ModelTrouble)) == 2


def test_problems_of_the_start_are_collected_and_not_said_twice(bench: Bench) -> None:
    bench.default_folder.write_text("a file where the folder should be", encoding="utf-8")
    (problem,) = bench.made().problems()
    assert str(bench.default_folder) in problem.detail
    assert bench.choice.installed() == ()
    assert bench.of(ModelTrouble) == []


def test_a_broken_list_of_imports_is_said_at_the_start(bench: Bench) -> None:
    (bench.folder / "imports.json").write_text("{", encoding="utf-8")
    (problem,) = bench.made().problems()
    assert problem.title
    assert bench.made().problems() == (), "it was set aside"


def test_verifying_tells_whole_from_damaged(bench: Bench) -> None:
    bench.place("first", "second")
    damaged = bytearray(CONTENT["second"])
    damaged[1000] ^= 1
    (bench.default_folder / "second.gguf").write_bytes(damaged)

    async def work() -> None:
        bench.service.verify("first")
        assert await bench.hear(VerifyEnded) == VerifyEnded("first", True)
        bench.service.verify("second")
        assert await bench.hear(VerifyEnded, times=2) == VerifyEnded("second", False)
        bench.service.verify("unheard-of")
        await bench.hear(ModelTrouble)

    bench.run(work)
    assert bench.installed() == ["first"]


# Moving the folder


def test_the_folder_moves_with_its_models(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    new = bench.folder / "elsewhere"

    async def work() -> None:
        bench.service.move_folder(new)
        await bench.until(lambda: FolderMoving(None) in bench.events)

    bench.run(work)
    assert bench.released == [None]
    assert bench.store.current.model_folder == str(new)
    model = bench.choice.ready()
    assert model is not None and model.path == new / "first.gguf"
    fractions = [event.fraction for event in bench.of(FolderMoving)]
    assert (fractions[0], fractions[-1]) == (0.0, None)
    assert 1.0 in fractions

    async def back() -> None:
        bench.service.move_folder(None)
        await bench.until(lambda: bench.of(FolderMoving).count(FolderMoving(None)) == 2)

    bench.make()
    bench.run(back)
    assert bench.store.current.model_folder == ""
    assert (bench.default_folder / "first.gguf").exists()


def test_nothing_answers_and_nothing_is_touched_while_the_folder_moves(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    seen: list[tuple[bool, bool]] = []

    async def work() -> None:
        bench.service.move_folder(bench.folder / "elsewhere")
        await bench.hear(FolderMoving)
        seen.append((bench.service.is_moving, bench.choice.ready() is None))
        bench.service.download("second")
        bench.service.remove("first")
        bench.service.verify("first")
        bench.service.move_folder(None)
        await bench.until(lambda: FolderMoving(None) in bench.events)
        await bench.hear(ModelTrouble, times=3)

    bench.run(work)
    assert seen == [(True, True)]
    assert bench.choice.lost() is None
    assert [event.error.title for event in bench.of(DownloadBroke)] == ["The model folder is being moved."]
    assert bench.use_id() == "first"
    assert bench.choice.folder == bench.folder / "elsewhere"


def test_a_running_download_keeps_the_folder_where_it_is(bench: Bench) -> None:
    bench.server.script("/first.gguf", Fault(hold_after=200_000))

    async def work() -> None:
        bench.service.download("first")
        await bench.hear(DownloadMoved)
        bench.service.move_folder(bench.folder / "elsewhere")
        await bench.hear(ModelTrouble)
        bench.server.go_on()
        await bench.hear(LibraryChanged)

    bench.run(work)
    assert bench.choice.folder == bench.default_folder


def test_a_folder_that_cannot_be_had_leaves_everything_in_place(bench: Bench) -> None:
    bench.place("first")
    bench.service.use("first")
    taken = bench.folder / "file"
    taken.write_text("no folder", encoding="utf-8")

    async def work() -> None:
        bench.service.move_folder(taken)
        await bench.hear(ModelTrouble)

    bench.run(work)
    assert bench.of(FolderMoving)[-1] == FolderMoving(None)
    assert bench.choice.folder == bench.default_folder
    assert bench.choice.ready() is not None


def test_models_go_back_when_the_new_folder_cannot_be_saved(bench: Bench, full_disk: Callable[[], None]) -> None:
    bench.place("first")
    bench.service.use("first")
    full_disk()

    async def work() -> None:
        bench.service.move_folder(bench.folder / "elsewhere")
        await bench.until(lambda: FolderMoving(None) in bench.events)

    bench.run(work)
    assert "could not be saved" in bench.of(ModelTrouble)[0].error.title
    assert (bench.default_folder / "first.gguf").exists()
    assert bench.choice.folder == bench.default_folder
    ready = bench.choice.ready()
    assert ready is not None and ready.path.exists()


def test_quitting_gives_up_a_move_and_the_old_folder_is_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a folder on another file system, so that files are copied
    monkeypatch.setattr("desktop.models.folder.move._on_one_file_system", lambda _old, _new: False)
    bench.place("first", "second")
    bench.service.use("first")
    new = bench.folder / "elsewhere"
    copied = shutil.copystat

    def copystat(source: Path, target: Path) -> None:  # the first file has arrived
        bench.service._ending = True
        copied(source, target)

    monkeypatch.setattr("desktop.models.folder.move.shutil.copystat", copystat)

    async def work() -> None:
        bench.service.move_folder(new)
        await bench.until(lambda: FolderMoving(None) in bench.events)

    bench.run(work)
    assert sorted(path.name for path in bench.default_folder.glob("*.gguf")) == ["first.gguf", "second.gguf"]
    assert not list(new.glob("*.moving"))
    assert bench.of(ModelTrouble) == []
    assert "model_folder" not in json.loads(bench.settings_file.read_text(encoding="utf-8"))["values"]


# Files that are being read


@contextmanager
def reading_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds every check of a file in its middle until the event is set."""
    go_on = threading.Event()
    verify = Library.verify

    def held(library: Library, *arguments: Any) -> bool:
        assert go_on.wait(PATIENCE_S)
        return verify(library, *arguments)

    monkeypatch.setattr(Library, "verify", held)
    try:
        yield go_on
    finally:
        go_on.set()


def test_a_file_that_is_being_checked_is_neither_removed_nor_moved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.place("first", "second")

    async def work() -> None:
        with reading_held(monkeypatch) as go_on:
            bench.service.verify("first")
            bench.service.verify("second")  # waits for its turn
            bench.service.remove("first")
            bench.service.move_folder(bench.folder / "elsewhere")
            await bench.hear(ModelTrouble, times=2)
            go_on.set()
            await bench.hear(VerifyEnded, times=2)
        bench.service.remove("first")
        await bench.until(lambda: bench.installed() == ["second"])

    bench.run(work)
    titles = [event.error.title for event in bench.of(ModelTrouble)]
    assert titles == ["Model files are being checked.", "The model folder cannot be moved now."]
    assert bench.of(VerifyEnded) == [VerifyEnded("first", True), VerifyEnded("second", True)]


def test_checks_do_not_keep_a_download_from_writing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.place("first")

    async def work() -> None:
        asyncio.get_running_loop().set_default_executor(DetachedExecutor())  # as the program does
        with reading_held(monkeypatch) as go_on:
            for _ in range(3):
                bench.service.verify("first")
            bench.service.download("second")
            await bench.hear(ModelArrived)
            assert bench.of(VerifyEnded) == []
            go_on.set()
            await bench.hear(VerifyEnded, times=3)

    bench.run(work)


# A program whose disk does not answer: a pipe that nobody writes to holds its readers as a dead drive does.
_ENDING = """
import asyncio, logging, pathlib, sys
from desktop.common.detached import DetachedExecutor
from desktop.models.download.downloader import Downloader
from desktop.models.library import Library
from tests.models.test_service import Bench

folder, how = pathlib.Path(sys.argv[1]), sys.argv[2]
held = asyncio.Event()

class Server:
    url = "http://127.0.0.1:1"

def hold(*_arguments):
    loop.call_soon_threadsafe(held.set)
    (folder / "drive").open("rb")

bench = Bench(folder, Server())
bench.place("first", "second")
loop = asyncio.new_event_loop()
loop.set_default_executor(DetachedExecutor())

async def work():
    if how == "check":
        Library.verify = hold
        bench.service.verify("first")
        bench.service.verify("second")
    else:
        Downloader.discard = hold
        bench.service.cancel("first")
    await held.wait()
    await bench.service.shut_down()

loop.run_until_complete(work())
print("ended in order")
"""


@pytest.mark.skipif(os.name != "posix", reason="pipes have no path there")
@pytest.mark.parametrize("how", ["check", "discard"])
def test_the_end_of_the_program_never_waits_for_a_dead_drive(tmp_path: Path, how: str) -> None:
    # GIVEN a program in which a drive holds a check, or the removal of half a download
    os.mkfifo(tmp_path / "drive")
    # WHEN it ends
    ended = python(_ENDING, str(tmp_path), how)
    # THEN it is gone, though the drive has not answered
    assert (ended.code, ended.out.strip()) == (0, "ended in order"), ended.err
