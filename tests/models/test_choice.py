"""One look at the model folder answers many questions; the right moments take a new one."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.choice import ModelChoice
from desktop.models.events import LibraryChanged, ModelEvent, ModelTrouble
from desktop.models.library import Library
from desktop.models.remembered.checksums import write_note
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.store import SettingsStore
from tests.support.downloads import model_bytes, spec_of, until
from tests.support.looks import looks
from tests.support.patience import PATIENCE_S

__all__ = ["looks"]

CONTENT = model_bytes(50_000, seed=1)
CATALOG = Catalog((spec_of(CONTENT, "http://127.0.0.1/a.gguf", model_id="a", file="a.gguf"),), "a")


class Bench:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "models" / "a.gguf"
        self.file.parent.mkdir()
        self.events: list[ModelEvent] = []
        self.store = SettingsStore(folder / "settings.json")
        self.choice = ModelChoice(CATALOG, folder, self.file.parent, self.store, self.events.append)

    @property
    def troubles(self) -> list[UserFacingError]:
        return [event.error for event in self.events if isinstance(event, ModelTrouble)]

    def ids(self) -> list[str]:
        return [model.id for model in self.choice.installed()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_many_questions_take_one_look(bench: Bench, looks: list[Library]) -> None:
    bench.file.write_bytes(CONTENT)
    assert [bench.ids() for _ in range(5)] == [["a"]] * 5
    assert len(looks) == 1
    bench.choice.outdate()
    assert len(looks) == 1
    assert [bench.ids() for _ in range(5)] == [["a"]] * 5
    assert len(looks) == 2


def test_a_look_tells_whether_something_has_changed(bench: Bench) -> None:
    assert not bench.choice.rescan(), "it was never asked before"
    bench.file.write_bytes(CONTENT)
    assert bench.ids() == []
    assert bench.choice.rescan()
    assert bench.ids() == ["a"]
    assert not bench.choice.rescan()
    bench.file.unlink()
    assert bench.choice.rescan()


def test_a_folder_that_cannot_be_read_is_told_once(bench: Bench) -> None:
    bench.file.parent.rmdir()
    bench.file.parent.write_text("in the way", encoding="utf-8")
    (problem,) = bench.choice.problems()
    bench.choice.rescan()
    assert bench.ids() == []
    assert bench.troubles == []  # it was returned
    bench.file.parent.unlink()
    assert bench.choice.problems() == ()
    bench.choice.rescan()
    bench.file.parent.write_text("in the way", encoding="utf-8")
    bench.choice.rescan()
    assert [str(trouble) for trouble in bench.troubles] == [str(problem)]


def test_a_dialog_that_opens_tells_everybody_what_has_changed(bench: Bench) -> None:
    bench.choice.installed()
    bench.choice.refresh()
    assert bench.events == []
    bench.file.write_bytes(CONTENT)
    bench.choice.refresh()
    assert bench.events == [LibraryChanged()]
    assert bench.choice.name() == "", "nothing speaks for it, and nobody chose it"
    write_note(bench.file, CATALOG.models[0].sha256)
    bench.choice.refresh()
    assert bench.choice.name() == "A model"


def test_a_look_that_nobody_waits_for_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    may_look, installed = threading.Event(), Library.installed

    def look_when_told(library: Library) -> tuple[InstalledModel, ...]:
        assert may_look.wait(PATIENCE_S)
        return installed(library)

    async def look() -> None:
        assert bench.ids() == []
        bench.file.write_bytes(CONTENT)
        monkeypatch.setattr(Library, "installed", look_when_told)
        bench.choice.look_again()
        assert bench.events == [], "nobody waits for it"
        may_look.set()
        await until(lambda: bench.events == [LibraryChanged()])
        assert bench.ids() == ["a"]

    asyncio.run(look())


def test_another_folder_in_the_settings_is_turned_to(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.gguf").write_bytes(CONTENT)
    assert bench.ids() == []
    bench.store.change(model_folder=str(tmp_path / "other"))
    assert bench.ids() == ["a"]
