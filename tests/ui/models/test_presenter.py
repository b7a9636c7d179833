"""The models dialog on a model service whose answers the test decides on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.engine.types import Crashed, Work
from desktop.lifecycle.crash_marks import CrashMarks
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.choice import ModelChoice
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    LibraryChanged,
    ModelArrived,
    ModelTrouble,
    TrialBegan,
    TrialEnded,
    VerifyEnded,
)
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.service import ModelService
from desktop.models.types import Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.entry import EntryPhase
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.widgets.banner import Banner
from tests.rigs.models import CATALOG, LICENSED, OWN, SMALL_HERE
from tests.support.widgets import children

TROUBLE = UserFacingError("It does not work.", "At all.", "Try another one.")


@dataclass
class Service:
    """Stands in for the model service: notes what it is asked for."""

    catalog: Catalog = CATALOG
    here: tuple[InstalledModel, ...] = ()
    used: InstalledModel | None = None
    begun: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, object]] = field(default_factory=list)
    looks: int = 0
    trying: frozenset[str] = frozenset()
    lost: str = ""

    def lost_download(self) -> str:
        return self.lost

    def refresh(self) -> None:
        self.looks += 1

    def installed(self) -> tuple[InstalledModel, ...]:
        return self.here

    def in_use(self) -> InstalledModel | None:
        return self.used

    def partials(self) -> Mapping[str, int]:
        return self.begun

    def download(self, model_id: str) -> None:
        self.asked.append(("download", model_id))

    def pause(self, model_id: str) -> None:
        self.asked.append(("pause", model_id))

    def cancel(self, model_id: str) -> None:
        self.asked.append(("cancel", model_id))

    def use(self, model_id: str) -> None:
        self.asked.append(("use", model_id))

    def remove(self, model_id: str) -> None:
        self.asked.append(("remove", model_id))

    def verify(self, model_id: str) -> None:
        self.asked.append(("verify", model_id))

    def import_file(self, path: Path) -> None:
        self.asked.append(("import", path))


class Bench:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.service = Service()
        self.recommended: str | None = "small"
        self.made = 0
        self.troubles: list[UserFacingError] = []
        service = cast(ModelService, self.service)  # as much of it as the presenter uses
        self.features: tuple[str, ...] = ()
        self.marks = CrashMarks(folder / "crashes.json")
        self.reports: list[UserFacingError] = []
        self.presenter = ModelsPresenter(
            self._make,
            service,
            cast(ModelChoice, self.service),
            lambda: self.recommended,
            self.marks,
            lambda: self.features,
        )
        self.presenter.reportRequested.connect(self.reports.append)
        self.presenter.troubled.connect(self.troubles.append)

    def _make(self) -> ModelsDialog:
        self.made += 1
        dialog = ModelsDialog(_judge)
        self.qtbot.addWidget(dialog)
        return dialog

    @property
    def dialog(self) -> ModelsDialog:
        dialog = self.presenter.dialog
        assert dialog is not None
        return dialog

    def open(self, problem: UserFacingError | None = None) -> None:
        self.presenter.show(problem)
        with self.qtbot.waitActive(self.dialog):
            pass

    def focused(self) -> str:
        """Returns the words of what has the keyboard."""
        widget = self.dialog.focusWidget()
        return widget.text() if isinstance(widget, QPushButton | QCheckBox) else type(widget).__name__

    def focused_card(self) -> str:
        widget: QWidget | None = self.dialog.focusWidget()
        while widget is not None and not isinstance(widget, ModelCard):
            widget = widget.parentWidget()
        return widget.entry.id if isinstance(widget, ModelCard) else ""

    def enter(self) -> None:
        focused = self.dialog.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Return)

    def notices(self) -> list[str]:
        return [notice.accessibleName() for notice in children(self.dialog, Banner) if notice.isVisible()]


def _judge(spec: ModelSpec) -> Judgement:
    return Judgement(Fit.COMFORTABLE, spec.size, 10**10)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.presenter.close()


def test_the_dialog_is_made_when_it_is_first_opened_and_once(bench: Bench) -> None:
    bench.presenter.set_waiting_question("Hello?")
    bench.presenter.on_event(LibraryChanged())
    assert bench.made == 0
    assert not bench.presenter.is_open
    bench.open()
    assert bench.presenter.is_open
    assert any("Hello?" in text for text in bench.notices())
    bench.presenter.close()
    bench.open()
    assert bench.made == 1
    assert bench.service.looks == 2


def test_enter_downloads_the_recommended_model_every_time_it_opens(bench: Bench) -> None:
    for _ in range(3):
        bench.open()
        assert bench.focused().startswith("Download")
        assert bench.focused_card() == "small"
        bench.presenter.close()
    bench.open()
    bench.enter()
    assert bench.service.asked == [("download", "small")]


def test_opening_it_again_while_it_is_open_brings_the_keyboard_back(bench: Bench) -> None:
    bench.open()
    import_button = next(b for b in children(bench.dialog, QPushButton) if "Import" in b.text())
    import_button.setFocus()
    bench.open()
    assert bench.focused_card() == "small"


def test_enter_does_not_pause_what_is_on_its_way(bench: Bench) -> None:
    bench.open()
    bench.enter()
    bench.presenter.on_event(DownloadMoved(DownloadProgress("small", DownloadState.RUNNING, 1000, 398_000_000)))
    bench.presenter.close()
    bench.open()
    assert bench.focused() == "Close"
    bench.enter()
    assert bench.service.asked == [("download", "small")]


def test_a_download_that_was_begun_comes_before_the_recommendation(bench: Bench) -> None:
    bench.service.begun = {"middle": 1000}
    bench.open()
    assert bench.focused_card() == "middle"
    bench.enter()
    assert bench.service.asked == [("download", "middle")]


def test_the_chosen_model_that_was_lost_comes_before_the_recommendation(bench: Bench) -> None:
    bench.service.lost = "middle"
    bench.open(TROUBLE)
    assert bench.focused_card() == "middle"
    bench.enter()
    assert bench.service.asked == [("download", "middle")]


def test_a_licence_comes_before_the_download(bench: Bench) -> None:
    bench.recommended = LICENSED.id
    bench.open()
    assert "licence" in bench.focused()
    bench.enter()
    assert bench.service.asked == []


def test_with_a_model_in_use_that_one_is_shown(bench: Bench) -> None:
    bench.service.here, bench.service.used = (SMALL_HERE,), SMALL_HERE
    bench.recommended = "middle"
    bench.open()
    assert bench.focused() == "Close"


def test_it_says_why_it_opens_and_forgets_that(bench: Bench) -> None:
    bench.open(TROUBLE)
    assert any("It does not work." in text for text in bench.notices())
    bench.presenter.close()
    bench.open()
    assert bench.notices() == []
    bench.open(TROUBLE)
    assert len(bench.notices()) == 1


def test_wishes_reach_the_service(bench: Bench) -> None:
    bench.open()
    dialog = bench.dialog
    for signal in (
        dialog.pauseRequested, dialog.cancelRequested, dialog.useRequested, dialog.removeRequested,
        dialog.verifyRequested, dialog.downloadRequested, dialog.resumeRequested,
    ):  # fmt: skip
        signal.emit("small")
    dialog.importRequested.emit("/own.gguf")
    names = [name for name, _ in bench.service.asked]
    assert names == ["pause", "cancel", "use", "remove", "verify", "download", "download", "import"]
    assert bench.service.asked[-1] == ("import", Path("/own.gguf"))


def test_trouble_is_said_in_the_dialog_or_else_elsewhere(bench: Bench) -> None:
    bench.presenter.on_event(ModelTrouble(TROUBLE))
    assert bench.troubles == [TROUBLE]
    bench.open()
    bench.presenter.on_event(ModelTrouble(TROUBLE))
    bench.presenter.on_event(DownloadBroke("small", TROUBLE))
    assert bench.troubles == [TROUBLE]
    assert any("It does not work." in text for text in bench.notices())
    bench.presenter.close()
    bench.presenter.on_event(DownloadBroke("small", TROUBLE))
    assert bench.troubles == [TROUBLE, TROUBLE]


@pytest.mark.parametrize(
    "asked",
    ["downloadRequested", "resumeRequested", "useRequested", "removeRequested", "verifyRequested", "importRequested"],
)
def test_trouble_goes_with_the_next_thing_that_is_asked_for(bench: Bench, asked: str) -> None:
    # GIVEN a file that could not be imported
    bench.open()
    bench.presenter.on_event(ModelTrouble(TROUBLE))
    # WHEN something else is asked for THEN the words about the last one go
    getattr(bench.dialog, asked).emit("small")
    assert not any("It does not work." in text for text in bench.notices())


def test_events_change_what_is_shown(bench: Bench) -> None:
    bench.open()
    bench.service.here, bench.service.used = (SMALL_HERE,), SMALL_HERE
    bench.presenter.on_event(LibraryChanged())
    card = next(card for card in children(bench.dialog, ModelCard) if card.entry.id == "small")
    assert card.entry.in_use
    bench.presenter.on_event(VerifyEnded("small", True))
    assert any("File checked: intact" in label.text() for label in children(card, QLabel))


def test_a_model_that_brings_the_engine_down_says_so_while_one_looks_and_can_be_reported(
    bench: Bench, tmp_path: Path
) -> None:
    file = tmp_path / "small.gguf"
    file.write_bytes(b"GGUF")
    bench.service.here = (replace(SMALL_HERE, path=file),)
    bench.open()
    card = next(card for card in children(bench.dialog, ModelCard) if card.entry.id == "small")
    assert not card.entry.marked
    for _ in range(2):
        bench.marks.on_engine_event(Crashed(file, Work.LOADING))
    assert card.entry.marked
    bench.dialog.select("small")
    next(button for button in children(card, QPushButton) if button.text() == "Report…").click()
    (report,) = bench.reports
    assert "twice while loading" in report.title
    assert report.detail == "Small: small.gguf, 398,000,000 bytes."
    # AND the file itself lies where nobody else need know
    assert str(tmp_path) not in str(report)


def test_a_trial_is_shown_where_it_happens(bench: Bench) -> None:
    bench.service.here = (SMALL_HERE, OWN)
    bench.open()
    bench.service.trying = frozenset({OWN.id})
    bench.presenter.on_event(TrialBegan(OWN.id))
    card = next(card for card in children(bench.dialog, ModelCard) if card.entry.id == OWN.id)
    assert card.phase is EntryPhase.TRYING
    assert [button.text() for button in children(card, QPushButton) if button.isVisible()] == ["Cancel"]


def test_what_came_of_a_trial_is_told_elsewhere_only_while_the_dialog_is_not_open(bench: Bench) -> None:
    died = TrialEnded(OWN.id, Verdict.of(Outcome.DIED, TROUBLE))
    bench.presenter.on_event(died)
    assert [str(trouble) for trouble in bench.troubles] == [str(TROUBLE)]
    bench.presenter.on_event(TrialEnded(OWN.id, Verdict(Outcome.WORKS)))
    bench.open()
    bench.presenter.on_event(died)
    assert len(bench.troubles) == 1
    assert bench.notices() == []


@pytest.mark.parametrize(("features", "shown"), [(("avx",), True), (("sse4_2",), False), ((), False)])
def test_another_file_of_a_model_is_shown_where_the_processor_computes_it_faster(
    bench: Bench, features: tuple[str, ...], shown: bool
) -> None:
    small = bench.service.catalog.models[0]
    other = replace(small, id="other-file", file="other.gguf", variant_of=small.id, best_for=("avx",))
    bench.service.catalog = replace(bench.service.catalog, models=(small, other))
    bench.features = features
    bench.open()
    assert ("other-file" in bench.dialog._cards) is shown


def test_whoever_has_fetched_a_first_model_is_led_to_asking_it(bench: Bench) -> None:
    talks: list[bool] = []
    bench.presenter.talkRequested.connect(lambda: talks.append(True))
    bench.open()
    # GIVEN the model has come, and is the one in use
    bench.service.here, bench.service.used = (SMALL_HERE,), SMALL_HERE
    bench.presenter.on_event(LibraryChanged())
    bench.presenter.on_event(ModelArrived(SMALL_HERE.id))
    assert any("is ready." in words for words in bench.notices())
    # WHEN the button in that line is pressed
    button = next(one for one in children(bench.dialog, QPushButton) if "Ask it" in one.text())
    bench.qtbot.waitUntil(button.isVisible)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    # THEN the list goes, and the window of conversations is asked for
    assert talks == [True]
    assert not bench.presenter.is_open
    # AND the next time it says nothing of it
    bench.open()
    assert bench.notices() == []


@pytest.mark.parametrize("waits", [True, False])
def test_a_model_that_is_not_asked_now_leads_nowhere(bench: Bench, waits: bool) -> None:
    # GIVEN a question that will be asked by itself, or another model in use
    bench.presenter.set_waiting_question("Why is the sky blue?" if waits else None)
    bench.open()
    bench.service.here, bench.service.used = (SMALL_HERE,), SMALL_HERE if waits else OWN
    bench.presenter.on_event(ModelArrived(SMALL_HERE.id))
    assert not any("is ready." in words for words in bench.notices())
