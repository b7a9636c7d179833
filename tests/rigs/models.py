"""A models dialog for the tests, with models to fill it and its parts at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.types import (
    Catalog,
    DownloadProgress,
    DownloadState,
    InstalledModel,
    MirrorKind,
    ModelSpec,
    Thinking,
)
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.widgets.banner import Banner
from tests.support.widgets import children, words_on

FREE = 1_000_000_000
WISHES = ("download", "pause", "resume", "cancel", "use", "remove", "verify", "report", "import")


def spec(model_id: str, size: int, languages: tuple[str, ...] = ("en", "zh"), must_show: bool = False) -> ModelSpec:
    return ModelSpec(
        id=model_id, name=model_id.title(), summary_en=f"{model_id} in a sentence.", summary_zh=f"{model_id} 一句话。",
        languages=languages, licence="Gemma Terms of Use" if must_show else "Apache-2.0",
        licence_must_be_shown=must_show, repo=f"maker/{model_id}", revision="1" * 40, file=f"{model_id}.gguf",
        size=size, sha256="0" * 64, kv_bytes_per_token=12288, context_trained=4096, thinking=Thinking.NO, quality=1,
        mirrors=(MirrorKind.HUGGING_FACE,),
    )  # fmt: skip


SMALL, MIDDLE = spec("small", 398_000_000), spec("middle", 800_000_000, ("en", "fr"))
LICENSED, HUGE = spec("licensed", 241_000_000, ("en",), must_show=True), spec("huge", 4_680_000_000)
CATALOG = Catalog((HUGE, SMALL, MIDDLE, LICENSED), "small")
SMALL_HERE = InstalledModel("small", "Small", Path("/models/small.gguf"), 398_000_000, SMALL)
MIDDLE_HERE = InstalledModel("middle", "Middle", Path("/models/middle.gguf"), 800_000_000, MIDDLE)
OWN = InstalledModel("file:/own.gguf", "own.gguf", Path("/own.gguf"), 986_000_000)


def fit(model: ModelSpec) -> Judgement:
    level = Fit.TOO_BIG if model.size > FREE else Fit.TIGHT if model.size > FREE * 0.7 else Fit.COMFORTABLE
    return Judgement(level, model.size, FREE)


class Bench:
    """A dialog with ears: notes every wish as (what, about which)."""

    def __init__(self, dialog: ModelsDialog) -> None:
        self.dialog = dialog
        self.wishes: list[tuple[str, str]] = []
        self.opened: list[str] = []
        for name in WISHES:
            getattr(dialog, f"{name}Requested").connect(lambda about, name=name: self.wishes.append((name, about)))

    def fill(
        self,
        *installed: InstalledModel,
        in_use: str = "",
        recommended: str | None = "small",
        partial: dict[str, int] | None = None,
        marked: tuple[str, ...] = (),
        trying: tuple[str, ...] = (),
    ) -> None:
        self.dialog.set_models(CATALOG, installed, in_use, recommended, partial or {}, marked, trying)

    def card(self, model_id: str) -> ModelCard:
        return next(card for card in children(self.dialog, ModelCard) if card.entry.id == model_id)

    def shown(self) -> list[str]:
        cards = [card for card in children(self.dialog, ModelCard) if card.isVisible()]
        return [card.entry.id for card in sorted(cards, key=lambda card: card.y())]

    def words(self, model_id: str) -> str:
        return words_on(self.card(model_id))

    def buttons(self, model_id: str) -> list[str]:
        return [found.text() for found in children(self.card(model_id), QPushButton) if found.isVisible()]

    def press(self, model_id: str, text: str) -> None:
        found = next(b for b in children(self.card(model_id), QPushButton) if b.isVisible() and b.text() == text)
        found.click()

    def notices(self) -> list[str]:
        return [notice.accessibleName() for notice in children(self.dialog, Banner) if notice.isVisible()]


@contextmanager
def opened(qtbot: QtBot) -> Iterator[Bench]:
    """Opens an English dialog for the time of a test."""
    addresses: list[str] = []
    dialog = ModelsDialog(fit, addresses.append, QLocale("en"))
    qtbot.addWidget(dialog)
    made = Bench(dialog)
    made.opened = addresses
    with qtbot.waitExposed(dialog):
        dialog.show()
    yield made
    dialog.close()


def running(done: int, model_id: str = "small", state: DownloadState = DownloadState.RUNNING) -> DownloadProgress:
    return DownloadProgress(model_id, state, done, 398_000_000, 2.3e6, 124, "huggingface.co")
