"""When the model folder is looked at, with everything around it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.app.services import Services, build_services
from desktop.common.events import Publisher
from desktop.common.paths import Paths
from desktop.engine.types import EngineEvent
from desktop.models.library import Library
from desktop.models.types import Catalog
from desktop.settings.store import SettingsStore
from tests.support.downloads import model_bytes, spec_of
from tests.support.looks import looks

__all__ = ["looks"]

CONTENT = model_bytes(50_000, seed=1)
CATALOG = Catalog((spec_of(CONTENT, "http://127.0.0.1/a.gguf", model_id="a", file="a.gguf"),), "a")


def with_services(paths: Paths, catalog: Path, work: Callable[[Services], None]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        engine_events = Publisher[EngineEvent]()
        store = SettingsStore(paths.settings_file)

        def post(event: EngineEvent) -> None:
            loop.call_soon_threadsafe(engine_events, event)

        services = build_services(paths, store, catalog, post, engine_events, try_model=None)
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
        assert services.supervisor.admission.refusal() is None and services.choice.ready() is not None
        (data_dir.models_dir / "a.gguf").unlink()
        assert services.supervisor.admission.refusal() is None
        assert services.choice.ready() is None
        problem = services.choice.lost()
        assert problem is not None and problem.title == "The chosen model is no longer there, or no longer whole."
        # AND it is there again as soon as it is put back
        (data_dir.models_dir / "a.gguf").write_bytes(CONTENT)
        assert services.supervisor.admission.refusal() is None
        assert services.choice.ready() is not None

    with_services(data_dir, catalog, work)


def test_a_question_takes_one_look_and_a_change_of_the_settings_none(
    data_dir: Paths, catalog: Path, looks: list[Library]
) -> None:
    def work(services: Services) -> None:
        looks.clear()
        services.store.change(threads=1)
        services.store.change(n_ctx=512)
        services.choice.in_use()
        assert len(looks) == 0
        services.supervisor.admission.refusal()
        services.chat.send(None, "Hello")
        assert len(looks) == 1
        services.choice.refresh()  # a dialog opens
        services.choice.in_use()
        services.choice.installed()
        assert len(looks) == 2

    with_services(data_dir, catalog, work)
