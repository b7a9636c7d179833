"""FAULTS, letter D: files and downloads. One test or more for each row, named after it, with the row's own input."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.events import ModelEvent, ModelTrouble, TrialEnded
from desktop.models.service import ModelService
from desktop.models.trials import PlannedTrial
from desktop.models.types import Catalog
from desktop.models.verdicts import Outcome, Verdict
from desktop.settings.store import SettingsStore
from tests.support.command_line import catnap
from tests.support.engine_harness import Harness, config_for, user
from tests.support.gguf_files import write_gguf
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S
from tests.support.split_models import split_model

_LOOP = "What is the capital of France and its neighbours?\n"


class _App:
    """The models of a running app, whose trials all end well."""

    def __init__(self, folder: Path) -> None:
        self.store = SettingsStore(folder / "settings.json")
        self.events: list[ModelEvent] = []
        self._ended = asyncio.Event()
        self.choice = ModelChoice(Catalog((), ""), folder, folder / "models", self.store, self._hear)

    def imports(self, path: Path) -> None:
        async def main() -> None:
            self.events.clear()
            self._ended = asyncio.Event()
            service = ModelService(
                Catalog((), ""), self.choice, lambda folder, _settings: Downloader(folder), self.store,
                self._hear, self._release, lambda *_: PlannedTrial(lambda _given_up: Verdict(Outcome.WORKS)),
            )  # fmt: skip
            service.import_file(path)
            async with asyncio.timeout(PATIENCE_S):
                await self._ended.wait()
            await service.shut_down()

        asyncio.run(main())

    async def _release(self) -> None:
        pass

    def _hear(self, event: ModelEvent) -> None:
        self.events.append(event)
        if isinstance(event, TrialEnded | ModelTrouble):
            self._ended.set()

    @property
    def trouble(self) -> UserFacingError | None:
        return next((event.error for event in self.events if isinstance(event, ModelTrouble)), None)


@pytest.mark.parametrize(
    ("architecture", "kind", "what"),
    [
        ("bert", "model", "embedding model"),
        ("clip", "mmproj", "projector"),
        ("llama", "adapter", "LoRA adapter"),
        ("", "imatrix", "importance matrix"),
    ],
)
def test_d3_what_cannot_chat_is_refused_by_name(tmp_path: Path, architecture: str, kind: str, what: str) -> None:
    # GIVEN an embedding model, a projector, a LoRA WHEN it is imported
    path = write_gguf(tmp_path / "x.gguf", architecture=architecture, kind=kind, template=False)
    app = _App(tmp_path)
    app.imports(path)
    # THEN what it is, is said, and nothing is switched to it or listed
    assert app.trouble is not None and what in app.trouble.title and app.trouble.remedy
    assert app.store.current.model == "" and app.choice.installed() == ()
    # AND so on the command line
    asked = catnap("ask", "hello", "--model", str(path), "--data-dir", str(tmp_path / "data"))
    assert (asked.code, asked.out) == (1, "") and what in asked.err and "damaged" not in asked.err


def test_d3_a_base_model_is_never_switched_to_unasked(tmp_path: Path) -> None:
    # GIVEN a file without a chat template WHEN it is imported
    app = _App(tmp_path)
    app.imports(write_gguf(tmp_path / "some-1b.gguf", template=False))
    # THEN it is there, with what it is, and was not chosen
    app.choice.outdate()
    (model,) = app.choice.installed()
    assert model.kind is ModelKind.BASE and not model.is_bad
    assert app.trouble is None and app.store.current.model == ""
    # WHEN the same is a chat model THEN it is
    app.imports(write_gguf(tmp_path / "other.gguf"))
    assert app.store.current.model == f"file:{tmp_path / 'other.gguf'}"


def test_d3_a_base_model_does_not_loop_until_the_context_is_full(tmp_path: Path) -> None:
    # GIVEN a base model that says "What is the capital of ..." over and over
    path = make_parrot(tmp_path / "base.gguf", _LOOP, endless=True, chat_template="")
    # WHEN it is asked THEN it ends after three rounds or so, and not after 2,039 tokens
    with Harness(config_for(path)) as engine:
        finished = engine.ask(user("What is the capital of France?"))
    assert finished.stats.generated_tokens < 80
    assert _LOOP.strip() in engine.text(finished.request_id)


@pytest.mark.parametrize("given", [0, 1, 2])
def test_d3_any_part_of_three_is_the_model(tmp_path: Path, parrot_model: Path, given: int) -> None:
    # GIVEN a model in three files WHEN one of them is imported, or asked THEN it works as a whole
    parts = split_model(parrot_model, tmp_path / "parts")
    app = _App(tmp_path)
    app.imports(parts[given])
    assert app.trouble is None and app.store.current.model == f"file:{parts[0]}"
    asked = catnap("ask", "hello", "--model", str(parts[given]), "--data-dir", str(tmp_path / "data"))
    assert (asked.code, asked.out) == (0, PARROT_TEXT + "\n")


def test_d3_part_1_of_3_alone_names_the_others(tmp_path: Path, parrot_model: Path) -> None:
    parts = split_model(parrot_model, tmp_path / "parts")
    parts[1].unlink()
    parts[2].unlink()
    app = _App(tmp_path)
    app.imports(parts[0])
    assert app.trouble is not None and "missing" in app.trouble.title
    assert parts[1].name in app.trouble.detail and parts[2].name in app.trouble.detail
    asked = catnap("ask", "hello", "--model", str(parts[0]), "--data-dir", str(tmp_path / "data"))
    assert asked.code == 1 and parts[1].name in asked.err and "damaged" not in asked.err
