"""One look at the model folder answers many questions; the right moments take a new one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.app.services import Services, build_services
from desktop.common.errors import UserFacingError
from desktop.common.events import Relay
from desktop.common.paths import Paths
from desktop.engine.types import EngineEvent
from desktop.model_ports import LibraryPort
from desktop.model_shelf import ModelShelf
from desktop.models.library import Library
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.store import SettingsStore
from tests.support.downloads import model_bytes, spec_of

CONTENT = model_bytes(50_000, seed=1)
CATALOG = Catalog((spec_of(CONTENT, "http://127.0.0.1/a.gguf", model_id="a", file="a.gguf"),), "a")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Library]:
    """One entry for each look at a model folder."""
    taken: list[Library] = []
    installed = Library.installed

    def counted(library: Library) -> tuple[InstalledModel, ...]:
        taken.append(library)
        return installed(library)

    monkeypatch.setattr(Library, "installed", counted)
    return taken


class Bench:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "models" / "a.gguf"
        self.file.parent.mkdir()
        self.troubles: list[UserFacingError] = []
        library: LibraryPort = Library(self.file.parent, folder, CATALOG)
        self.shelf = ModelShelf(library, self.troubles.append)

    def ids(self) -> list[str]:
        return [model.id for model in self.shelf.models()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_many_questions_take_one_look(bench: Bench, looks: list[Library]) -> None:
    bench.file.write_bytes(CONTENT)
    assert [bench.ids() for _ in range(5)] == [["a"]] * 5
    assert len(looks) == 1
    bench.shelf.outdate()
    assert len(looks) == 1
    assert [bench.ids() for _ in range(5)] == [["a"]] * 5
    assert len(looks) == 2


def test_a_look_tells_whether_something_has_changed(bench: Bench) -> None:
    assert not bench.shelf.look(), "it was never asked before"
    bench.file.write_bytes(CONTENT)
    assert bench.ids() == []
    assert bench.shelf.look()
    assert bench.ids() == ["a"]
    assert not bench.shelf.look()
    bench.file.unlink()
    assert bench.shelf.look()


def test_a_folder_that_cannot_be_read_is_told_once(bench: Bench) -> None:
    bench.file.parent.rmdir()
    bench.file.parent.write_text("in the way", encoding="utf-8")
    (problem,) = bench.shelf.problems()
    bench.shelf.look()
    assert bench.ids() == []
    assert bench.troubles == []  # it was returned
    bench.file.parent.unlink()
    assert bench.shelf.problems() == ()
    bench.shelf.look()
    bench.file.parent.write_text("in the way", encoding="utf-8")
    bench.shelf.look()
    assert [str(trouble) for trouble in bench.troubles] == [str(problem)]


# With everything around it


def with_services(paths: Paths, catalog: Path, work: Callable[[Services], None]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        relay = Relay[EngineEvent]()
        store = SettingsStore(paths.settings_file)

        def post(event: EngineEvent) -> None:
            loop.call_soon_threadsafe(relay, event)

        services = build_services(paths, store, catalog, post, relay)
        try:
            work(services)
        finally:
            services.chat.shut_down()
            await services.models.shut_down()
            assert await asyncio.to_thread(services.engine.stop)
            services.history.close()

    asyncio.run(main())


@pytest.fixture
def catalog(tmp_path: Path, data_dir: Paths) -> Path:
    """A catalogue of one small model, which lies in the model folder."""
    shipped = json.loads((Path(__file__).parents[2] / "models.json").read_text(encoding="utf-8"))
    (spec,) = CATALOG.models
    entry = {**shipped["models"][0], "id": "a", "file": "a.gguf", "size": spec.size, "sha256": spec.sha256}
    file = tmp_path / "models.json"
    file.write_text(json.dumps({**shipped, "models": [entry], "default": "a"}), encoding="utf-8")
    data_dir.models_dir.mkdir(parents=True, exist_ok=True)
    (data_dir.models_dir / "a.gguf").write_bytes(CONTENT)
    return file


def test_a_file_that_was_removed_by_hand_is_missed_before_it_is_loaded(data_dir: Paths, catalog: Path) -> None:
    def work(services: Services) -> None:
        assert services.gate.refusal() is None and services.models.ready() is not None
        (data_dir.models_dir / "a.gguf").unlink()
        assert services.gate.refusal() is None
        assert services.models.ready() is None
        problem = services.models.lost_choice()
        assert problem is not None and problem.title == "The chosen model is no longer there."
        # AND it is there again as soon as it is put back
        (data_dir.models_dir / "a.gguf").write_bytes(CONTENT)
        assert services.gate.refusal() is None
        assert services.models.ready() is not None

    with_services(data_dir, catalog, work)


def test_a_question_takes_one_look_and_a_change_of_the_settings_none(
    data_dir: Paths, catalog: Path, looks: list[Library]
) -> None:
    def work(services: Services) -> None:
        looks.clear()
        services.store.change(threads=1)
        services.store.change(n_ctx=512)
        services.models.in_use()
        assert len(looks) == 0
        services.gate.refusal()
        services.chat.send(None, "Hello")
        assert len(looks) == 1
        services.models.refresh()  # a dialog opens
        services.models.in_use()
        services.models.installed()
        assert len(looks) == 2

    with_services(data_dir, catalog, work)
