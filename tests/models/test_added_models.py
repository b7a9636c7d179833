"""Models added from Hugging Face in the running service: downloaded, tried, chosen where there is no other, let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import ModelKind
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.download.mirrors import hub_hosts
from desktop.models.events import DownloadBroke, LibraryChanged, ModelArrived, ModelEvent, ModelTrouble, TrialEnded
from desktop.models.hub.client import HubClient
from desktop.models.hub.links import parse_reference
from desktop.models.hub.places import spec_for, taken_for
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.service import ModelService
from desktop.models.trials import PlannedTrial
from desktop.models.types import AddedSpec, Catalog, InstalledModel
from desktop.settings.store import SettingsStore
from tests.support.downloads import FAST
from tests.support.fault_server import Fault
from tests.support.gguf_files import write_gguf
from tests.support.hub_server import COMMIT, FakeHub, serve_hub
from tests.support.patience import PATIENCE_S, wait_for

REPO = "owner/Some-1B-GGUF"
FILE = "Some-1B-Q4_K_M.gguf"
PATH = f"/{REPO}/resolve/{COMMIT}/{FILE}"


class Bench:
    """A service with a hub of its own."""

    def __init__(self, folder: Path, hub: FakeHub) -> None:
        self.folder, self.hub = folder, hub
        self.store = SettingsStore(folder / "settings.json")
        self.events: list[ModelEvent] = []
        self.happened = asyncio.Event()
        self.choice = ModelChoice(Catalog((), ""), folder, folder / "models", self.store, self._hear)
        self.outcome = Outcome.WORKS
        self.service = ModelService(
            Catalog((), ""), self.choice, self._downloader, self.store, self._hear, self._release, self._plan,
        )  # fmt: skip

    def found(self, **write: Any) -> AddedSpec:
        """Publishes a model and returns its entry."""
        content = write_gguf(self.folder / "source.gguf", name="", filler=320_000, **write).read_bytes()
        self.hub.publish(REPO, {FILE: content})
        asked = parse_reference(REPO)
        hosts = hub_hosts("own", self.hub.url)
        repo = asyncio.run(HubClient(lambda: hosts, FAST).look(asked))
        return spec_for(repo, repo.models[0], taken_for(self.choice.library, repo, repo.models[0]))

    def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            self.happened = asyncio.Event()
            async with asyncio.timeout(PATIENCE_S):
                await work()
                await self.service.shut_down()

        asyncio.run(main())

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.happened.clear()
            await self.happened.wait()

    def has(self, kind: type[ModelEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.events)

    def _downloader(self, folder: Path, _settings: object) -> Downloader:
        return Downloader(folder, mirror="own", own_host=self.hub.url, timing=FAST)

    def _hear(self, event: ModelEvent) -> None:
        self.events.append(event)
        self.happened.set()

    async def _release(self) -> None:
        pass

    def _plan(self, _model: InstalledModel, _header: GgufHeader) -> PlannedTrial:
        return PlannedTrial(lambda _given_up: Verdict(self.outcome))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serve_hub(tmp_path / "hub") as hub:
        yield Bench(tmp_path, hub)


def test_an_added_model_is_downloaded_tried_and_chosen(bench: Bench) -> None:
    spec = bench.found()

    async def scenario() -> None:
        bench.service.add(spec)
        assert bench.service.catalog.get(spec.id) == spec
        await bench.until(lambda: bench.has(ModelArrived))

    bench.run(scenario)
    (model,) = bench.choice.installed()
    assert (model.id, model.is_vouched, model.needs_trial) == (spec.id, True, False)
    assert bench.store.current.model == spec.id
    # It was tried before it was said to be ready.
    kinds = [type(event) for event in bench.events if isinstance(event, TrialEnded | ModelArrived)]
    assert kinds == [TrialEnded, ModelArrived]


def test_one_that_does_not_work_is_not_chosen_and_says_so(bench: Bench) -> None:
    spec, bench.outcome = bench.found(), Outcome.DIED

    async def scenario() -> None:
        bench.service.add(spec)
        await bench.until(lambda: bench.has(TrialEnded))

    bench.run(scenario)
    assert bench.store.current.model == "" and not bench.has(ModelArrived)


@pytest.mark.parametrize(("write", "said"), [({"template": False}, ""), ({"architecture": "clip"}, "projector")])
def test_what_turns_out_to_be_something_else_is_not_chosen(bench: Bench, write: dict[str, Any], said: str) -> None:
    spec = bench.found(**write)

    async def scenario() -> None:
        bench.service.add(spec)
        await bench.until(lambda: bench.has(TrialEnded) or bench.has(ModelTrouble))

    bench.run(scenario)
    assert bench.store.current.model == ""
    titles = [event.error.title for event in bench.events if isinstance(event, ModelTrouble)]
    assert said in "".join(titles) and bool(titles) is bool(said)


def test_an_embedding_model_is_kept_for_finding_by_meaning_and_never_for_chats(bench: Bench) -> None:
    spec = bench.found(architecture="bert", template=False)

    async def scenario() -> None:
        # WHEN it has come
        bench.service.add(spec)
        await bench.until(lambda: bool(bench.choice.for_meaning()))
        # THEN nothing chats with it, also if it is asked for
        (model,) = bench.choice.installed()
        assert model.is_vouched and model.kind is ModelKind.EMBEDDING and not model.is_bad
        bench.service.use(spec.id)
        bench.service.choose_first()
        assert bench.choice.for_conversations() == () and bench.choice.in_use() is None
        assert bench.store.current.model == "" and not bench.has(ModelArrived) and not bench.has(TrialEnded)
        # WHEN it finds by meaning and the models move
        bench.store.change(embedding_model=str(model.path))
        bench.service.move_folder(bench.folder / "elsewhere")
        await bench.until(lambda: bench.store.current.model_folder != "" and not bench.service.is_moving)
        # THEN it goes on where it is now
        moved = bench.folder / "elsewhere" / FILE
        assert Path(bench.store.current.embedding_model) == moved and moved.exists()
        # WHEN it is removed THEN nothing looks for it
        bench.service.remove(spec.id)
        await bench.until(lambda: not moved.exists())
        await bench.until(lambda: bench.choice.installed() == ())
        assert bench.store.current.embedding_model == ""

    bench.run(scenario)
    titles = [event.error.title for event in bench.events if isinstance(event, ModelTrouble)]
    assert len(titles) == 1 and "embedding model" in titles[0]


def test_a_failed_download_stays_listed_until_it_is_let_go(bench: Bench) -> None:
    spec = bench.found()
    bench.hub.server.always(PATH, Fault(status=404))

    async def scenario() -> None:
        bench.service.add(spec)
        await bench.until(lambda: bench.has(DownloadBroke))
        assert bench.service.catalog.get(spec.id) is not None
        bench.events.clear()
        bench.service.cancel(spec.id)
        await bench.until(lambda: bench.has(LibraryChanged))

    bench.run(scenario)
    assert bench.service.catalog.models == ()


def test_cancelled_on_its_way_nothing_is_left(bench: Bench) -> None:
    spec = bench.found()
    bench.hub.server.always(PATH, Fault(stall_after=100_000))

    async def scenario() -> None:
        bench.service.add(spec)
        await asyncio.to_thread(wait_for, "a server that says no more", lambda: bench.hub.server.silent)
        bench.service.cancel(spec.id)
        await bench.until(lambda: spec.id not in bench.service._downloads.under_way)
        await bench.until(lambda: bench.service.catalog.get(spec.id) is None)

    bench.run(scenario)
    assert list((bench.folder / "models").iterdir()) == []


def test_renamed_it_is_shown_so_at_once(bench: Bench) -> None:
    spec = bench.found()

    async def scenario() -> None:
        bench.service.add(spec)
        await bench.until(lambda: bench.has(ModelArrived))
        bench.service.rename(bench.choice.installed()[0], "Mine", ["zh"])
        assert bench.choice.name() == "Mine"
        bench.service.rename(bench.choice.installed()[0], "Other", ["chinese"])
        assert bench.has(ModelTrouble) and bench.choice.name() == "Mine"

    bench.run(scenario)
