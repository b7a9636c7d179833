"""The models dialog: what can be had and what is here, downloads row by row, and every wish passed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from desktop.engine.footprint import Fit
from desktop.errors import UserFacingError
from desktop.memory_advice import Judgement
from desktop.models.types import (
    Catalog,
    DownloadProgress,
    DownloadState,
    InstalledModel,
    MirrorKind,
    ModelSpec,
    Thinking,
)
from desktop.ui.inline_notice import InlineNotice
from desktop.ui.model_card import ModelCard
from desktop.ui.model_phase import Phase
from desktop.ui.model_words import languages_words
from desktop.ui.models_dialog import ModelsDialog
from tests.support.widgets import child, children

FREE = 1_000_000_000
WISHES = ("download", "pause", "resume", "cancel", "use", "remove", "verify", "import")


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
    ) -> None:
        self.dialog.set_models(CATALOG, installed, in_use, recommended, partial or {})

    def card(self, model_id: str) -> ModelCard:
        return next(card for card in children(self.dialog, ModelCard) if card.entry.id == model_id)

    def shown(self) -> list[str]:
        cards = [card for card in children(self.dialog, ModelCard) if card.isVisible()]
        return [card.entry.id for card in sorted(cards, key=lambda card: card.y())]

    def words(self, model_id: str) -> str:
        return "\n".join(label.text() for label in children(self.card(model_id), QLabel) if label.isVisible())

    def buttons(self, model_id: str) -> list[str]:
        return [found.text() for found in children(self.card(model_id), QPushButton) if found.isVisible()]

    def press(self, model_id: str, text: str) -> None:
        found = next(b for b in children(self.card(model_id), QPushButton) if b.isVisible() and b.text() == text)
        found.click()

    def notices(self) -> list[str]:
        return [notice.text for notice in children(self.dialog, InlineNotice) if notice.isVisible()]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    opened: list[str] = []
    dialog = ModelsDialog(fit, opened.append, QLocale("en"))
    qtbot.addWidget(dialog)
    made = Bench(dialog)
    made.opened = opened
    dialog.show()
    qtbot.waitExposed(dialog)
    yield made
    dialog.close()


def running(done: int, model_id: str = "small", state: DownloadState = DownloadState.RUNNING) -> DownloadProgress:
    return DownloadProgress(model_id, state, done, 398_000_000, 2.3e6, 124, "huggingface.co")


def test_the_first_start_offers_the_recommended_model(bench: Bench) -> None:
    bench.fill()
    assert bench.shown()[0] == "small"
    assert bench.shown()[-1] == "huge"
    assert bench.buttons("small")[0] == "Download 398 MB"
    assert "Recommended for this computer" in bench.words("small")
    assert "Choose a model to begin" in [label.text() for label in children(bench.dialog, QLabel)]
    bench.press("small", "Download 398 MB")
    assert bench.wishes == [("download", "small")]


def test_a_row_says_what_a_person_must_know(bench: Bench) -> None:
    bench.fill()
    words = bench.words("middle")
    for fact in ("Middle", "middle in a sentence.", "800 MB", "English, French", "Apache-2.0", "tight: needs 800 MB"):
        assert fact in words
    assert "Too big for this computer" in bench.words("huge")
    assert "too big: needs 4.68 GB of memory, 1 GB free" in bench.words("huge")


def test_sentences_are_chinese_where_the_interface_is(qtbot: QtBot) -> None:
    dialog = ModelsDialog(fit, locale=QLocale("zh_CN"))
    qtbot.addWidget(dialog)
    dialog.set_models(CATALOG, (), "", "small", {})
    assert "small 一句话。" in [label.text() for label in children(dialog, QLabel)]


def test_a_download_shows_every_figure_there_is(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    assert "Connecting…" in bench.words("small")  # at once, before anything was heard
    bench.dialog.set_progress(running(112_000_000))
    assert "112 MB of 398 MB · 2.3 MB/s · 2 min left · huggingface.co" in bench.words("small")
    bar = child(bench.card("small"), QProgressBar)
    assert bar.isVisible()
    assert bar.value() / bar.maximum() == pytest.approx(112 / 398, abs=0.01)
    bench.dialog.set_progress(running(398_000_000, state=DownloadState.VERIFYING))
    assert "Checking the file… 100%" in bench.words("small")
    bench.dialog.set_progress(running(398_000_000, state=DownloadState.DONE))
    assert "Installed" in bench.words("small")
    bench.fill(SMALL_HERE, in_use="small")
    assert "In use" in bench.words("small")
    assert bench.card("small").phase is Phase.IN_USE


def test_pausing_and_resuming(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_progress(running(100_000_000))
    bench.press("small", "Pause")
    bench.dialog.set_progress(running(101_000_000))  # was on its way when Pause was pressed
    bench.dialog.set_progress(running(102_000_000, state=DownloadState.PAUSED))
    bench.fill(partial={"small": 102_000_000})
    assert "Paused at 102 MB of 398 MB" in bench.words("small")
    bench.press("small", "Resume")
    assert bench.wishes == [("download", "small"), ("pause", "small"), ("resume", "small")]
    bench.dialog.set_progress(running(103_000_000))
    assert bench.card("small").phase is Phase.RUNNING


def test_a_pause_before_the_first_byte_ends_where_it_began(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.press("small", "Pause")
    bench.dialog.set_progress(DownloadProgress("small", DownloadState.WAITING, 0, 398_000_000))
    bench.fill()
    assert bench.buttons("small")[0] == "Download 398 MB"


def test_cancelling_goes_back_to_the_offer_whatever_arrives_late(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_progress(running(100_000_000))
    bench.press("small", "Cancel")
    bench.dialog.set_progress(running(101_000_000))
    bench.fill()
    assert bench.card("small").phase is Phase.AVAILABLE
    assert bench.wishes == [("download", "small"), ("cancel", "small")]


def test_a_download_goes_on_showing_while_the_list_is_filled_again(bench: Bench) -> None:
    bench.fill()
    bench.dialog.set_progress(running(100_000_000))
    bench.fill(OWN, in_use=OWN.id, partial={"small": 100_000_000})
    assert bench.card("small").phase is Phase.RUNNING
    assert "100 MB of 398 MB" in bench.words("small")


def test_what_was_begun_in_another_session_can_be_resumed(bench: Bench) -> None:
    bench.fill(partial={"middle": 300_000_000})
    assert "Paused at 300 MB of 800 MB" in bench.words("middle")
    bench.press("middle", "Resume")
    assert bench.wishes == [("resume", "middle")]


def test_a_failure_is_said_on_its_row_until_another_try(bench: Bench) -> None:
    bench.fill()
    bench.press("small", "Download 398 MB")
    bench.dialog.set_failed("small", UserFacingError("The disk is full.", "12 MB free.", "Free some space."))
    bench.fill()
    assert "The disk is full. 12 MB free. Free some space." in bench.words("small")
    bench.press("small", "Try again")
    assert "The disk is full." not in bench.words("small")
    assert bench.wishes == [("download", "small")] * 2


def test_a_failure_of_an_unknown_model_is_not_lost(bench: Bench) -> None:
    bench.fill()
    bench.dialog.set_failed("gone", UserFacingError("It failed."))
    assert bench.notices() == ["It failed."]


def test_a_licence_is_accepted_before_the_download(bench: Bench) -> None:
    bench.fill()
    bench.press("licensed", "Download")  # picks the row and uncovers the licence
    assert bench.wishes == []
    accept = child(bench.card("licensed"), QCheckBox)
    assert accept.isVisible()
    assert "Gemma Terms of Use" in accept.text()
    bench.press("licensed", "Read the licence")
    assert bench.opened == ["https://ai.google.dev/gemma/terms"]
    bench.press("licensed", "Download 241 MB")
    assert bench.wishes == []
    accept.click()
    bench.press("licensed", "Download 241 MB")
    assert bench.wishes == [("download", "licensed")]


def test_using_and_removing(bench: Bench) -> None:
    bench.fill(SMALL_HERE, MIDDLE_HERE, in_use="small")
    assert bench.shown()[:2] == ["small", "middle"]
    assert "Use this" not in bench.buttons("small")
    bench.press("middle", "Use this")
    bench.press("middle", "Remove")
    assert bench.wishes == [("use", "middle")]
    bench.press("middle", "Remove 800 MB?")
    assert bench.wishes == [("use", "middle"), ("remove", "middle")]


def test_second_thoughts_about_removing(bench: Bench) -> None:
    bench.fill(SMALL_HERE, MIDDLE_HERE, in_use="small")
    bench.press("small", "Remove")
    bench.dialog.select("middle")
    bench.dialog.select("small")
    assert "Remove" in bench.buttons("small")
    assert bench.wishes == []


def test_an_own_file_is_only_taken_off_the_list(bench: Bench) -> None:
    bench.fill(OWN, in_use=OWN.id)
    assert "Your own file: /own.gguf" in bench.words(OWN.id)
    bench.press(OWN.id, "Remove from the list")
    assert bench.wishes == [("remove", OWN.id)]
    bench.fill()
    assert OWN.id not in bench.shown()
    assert bench.card("small").phase is Phase.AVAILABLE


def test_a_missing_file_is_named_and_cannot_be_used(bench: Bench) -> None:
    bench.fill(InstalledModel(OWN.id, OWN.name, OWN.path, OWN.size, missing=True))
    bench.dialog.select(OWN.id)
    assert "The file is missing" in bench.words(OWN.id)
    assert bench.buttons(OWN.id) == ["Remove from the list"]


@pytest.mark.parametrize("intact", [True, False])
def test_checking_a_file_ends_in_a_sentence(bench: Bench, intact: bool) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    bench.press("small", "Check the file")
    assert bench.wishes == [("verify", "small")]
    assert "Reading the whole file once more…" in bench.words("small")
    assert "Cancel" not in bench.buttons("small")
    bench.fill(SMALL_HERE, OWN, in_use="small")  # something else has changed meanwhile
    assert bench.card("small").phase is Phase.CHECKING
    bench.dialog.set_verified("small", intact)
    bench.fill(SMALL_HERE, in_use="small")
    said = "File checked: intact" if intact else "The file is not what was published."
    assert said in bench.words("small")
    assert bench.card("small").phase is Phase.IN_USE


def test_a_check_that_could_not_be_made_is_over(bench: Bench) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    bench.press("small", "Check the file")
    bench.dialog.show_error(UserFacingError("The file cannot be read.", "", "Check the disk."))
    assert bench.notices() == ["The file cannot be read. Check the disk."]
    assert bench.card("small").phase is Phase.IN_USE


def test_the_waiting_question_is_recalled(bench: Bench) -> None:
    bench.fill()
    bench.dialog.set_waiting_question("Why is\nthe sky blue?")
    assert bench.notices() == [
        "Your question is kept and will be asked when the model is ready: “Why is the sky blue?”"
    ]
    bench.dialog.set_waiting_question("x" * 500)
    assert len(bench.notices()[0]) < 220
    bench.dialog.set_waiting_question(None)
    assert bench.notices() == []


def test_filters_hide_what_does_not_match_but_never_what_is_here(bench: Bench) -> None:
    bench.fill(MIDDLE_HERE, in_use="middle")
    chips = {found.text().replace("&", ""): found for found in children(bench.dialog, QPushButton)}
    chips["Fits this computer"].click()
    assert bench.shown() == ["middle", "small", "licensed"]
    chips["Chinese"].click()
    assert bench.shown() == ["middle", "small"]
    chips["Fits this computer"].click()
    assert bench.shown() == ["middle", "small", "huge"]


def test_a_file_of_ones_own(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fill()
    chosen = str(tmp_path / "my model.gguf")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_arguments: (chosen, ""))
    next(b for b in children(bench.dialog, QPushButton) if "Import" in b.text()).click()
    assert bench.wishes == [("import", chosen)]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_arguments: ("", ""))
    next(b for b in children(bench.dialog, QPushButton) if "Import" in b.text()).click()
    assert len(bench.wishes) == 1


def test_the_list_is_walked_with_the_arrows(bench: Bench, qtbot: QtBot) -> None:
    bench.fill()
    first = bench.card("small")
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    second = bench.card(bench.shown()[1])
    assert second.hasFocus()
    assert second.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not first.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(second, Qt.Key.Key_Up)
    QTest.keyClick(first, Qt.Key.Key_Up)  # already the first
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert bench.wishes == [("download", "small")]


def test_the_selection_comes_into_view_and_stays(bench: Bench, qtbot: QtBot) -> None:
    bench.dialog.resize(700, 330)
    bench.fill()
    bench.dialog.select("huge")
    card = bench.card("huge")
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() == card.height())
    bench.fill(MIDDLE_HERE, in_use="middle")
    assert "Download 4.68 GB" in bench.buttons("huge")


def test_a_row_speaks_to_a_screen_reader(bench: Bench) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    assert bench.card("small").accessibleName().startswith("Small · In use · 398 MB")
    assert bench.card("small").accessibleDescription() == "small in a sentence."


def test_languages_are_named_and_counted() -> None:
    assert languages_words(("zh",)) == "Chinese"
    assert languages_words(("en", "cs", "zh-Hant", "fr", "de")) == "English, čeština, Chinese and 2 more"
    assert languages_words(("en", "code")) == "English, code"


def test_the_dialog_fits_a_small_screen(bench: Bench) -> None:
    bench.fill(SMALL_HERE, in_use="small")
    assert bench.dialog.minimumSizeHint().width() <= 1008
    assert bench.dialog.minimumSizeHint().height() <= 552
