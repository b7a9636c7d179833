"""The models dialog: what can be had and what is here, and every wish passed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.types import Catalog, InstalledModel
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.entry import languages_words
from desktop.ui.models.head import ModelsHead
from desktop.ui.widgets.banner_words import BannerWords
from tests.rigs.looks import settled
from tests.rigs.models import (
    CATALOG,
    FREE,
    MIDDLE_HERE,
    SMALL_HERE,
    Bench,
    fit,
    opened,
)
from tests.support.longest_turn import longest_turn
from tests.support.widgets import child, children


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with opened(qtbot) as made:
        yield made


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


def test_the_price_of_a_drive_that_may_go_is_said_for_own_files_too(qtbot: QtBot) -> None:
    own = InstalledModel("file:own", "own", Path("/stick/own.gguf"), 700_000_000)
    dialog = ModelsDialog(fit, locale=QLocale("en"), read_bytes=lambda model: 700_000_000 if model is own else 0)
    qtbot.addWidget(dialog)
    dialog.set_models(CATALOG, (own,), "", "small", {})
    words = [label.text() for label in children(dialog, QLabel) if "network drive" in label.text()]
    assert len(words) == 1
    assert "read into memory whole, 700 MB that the system cannot take back" in words[0]


def test_sentences_are_chinese_where_the_interface_is(qtbot: QtBot) -> None:
    dialog = ModelsDialog(fit, locale=QLocale("zh_CN"))
    qtbot.addWidget(dialog)
    dialog.set_models(CATALOG, (), "", "small", {})
    assert "small 一句话。" in [label.text() for label in children(dialog, QLabel)]


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
    monkeypatch.setattr("desktop.ui.models.model_file.choose_file", lambda *_arguments: chosen)
    next(b for b in children(bench.dialog, QPushButton) if "Import" in b.text()).click()
    assert bench.wishes == [("import", chosen)]
    # AND the next one is looked for where that one was
    folders: list[str] = []

    def look_around(_parent: object, _title: str, folder: str, _kinds: list[str]) -> str:
        folders.append(folder)
        return ""

    monkeypatch.setattr("desktop.ui.models.model_file.choose_file", look_around)
    next(b for b in children(bench.dialog, QPushButton) if "Import" in b.text()).click()
    assert len(bench.wishes) == 1
    assert folders == [str(tmp_path)]


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


def test_the_arrows_walk_the_list_from_a_button_too(bench: Bench) -> None:
    bench.fill()
    assert bench.card("small").focus_main()
    button = bench.dialog.focusWidget()
    assert isinstance(button, QPushButton)
    QTest.keyClick(button, Qt.Key.Key_Down)
    assert bench.card(bench.shown()[1]).hasFocus()


def test_the_selection_comes_into_view_and_stays(bench: Bench, qtbot: QtBot) -> None:
    bench.dialog.resize(700, 330)
    bench.fill()
    bench.dialog.select("huge")
    card = bench.card("huge")
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() == card.height())
    bench.fill(MIDDLE_HERE, in_use="middle")
    assert "Download 4.68 GB" in bench.buttons("huge")


def test_the_selection_is_still_in_view_when_all_models_of_the_catalogue_are_there(bench: Bench, qtbot: QtBot) -> None:
    # GIVEN more models than are made at once
    catalog = load_catalog(bundled_catalog_path())
    bench.dialog.set_models(catalog, (), "", None, {})
    last = catalog.models[-1].id

    def is_seen() -> bool:
        card = bench.card(last)
        return not bench.dialog._late and card.visibleRegion().boundingRect().height() == card.height()

    # WHEN one of those is selected that are made later THEN what is made above it does not push it out of view
    bench.dialog.select(last)
    qtbot.waitUntil(is_seen)
    # WHEN it was scrolled away, and is led to again THEN it comes back
    scrolled(bench).verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: bench.card(last).visibleRegion().isEmpty())
    bench.dialog.select(last)
    qtbot.waitUntil(is_seen)


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


def scrolled(bench: Bench) -> QScrollArea:
    """Returns what the models are scrolled in."""
    return next(area for area in children(bench.dialog, QScrollArea) if not isinstance(area, BannerWords))


def test_two_models_are_in_view_on_a_very_small_screen(bench: Bench, qtbot: QtBot) -> None:
    bench.fill()
    bench.dialog.set_waiting_question("What is the capital of France?")
    bench.dialog.resize(496, 252)  # 1024 x 600 at 200 %, without frame and panel
    bench.dialog.select("middle")
    bench.dialog.select("small")

    def in_view() -> int:
        area = scrolled(bench)
        visible = QRect(QPoint(), area.viewport().size())
        cards = [bench.card(model_id) for model_id in bench.shown()]
        names = [QRect(card.mapTo(area.viewport(), QPoint()), QSize(1, card.height() // 2)) for card in cards]
        return sum(visible.contains(name) for name in names)

    qtbot.waitUntil(lambda: in_view() >= 2)
    buttons = {found.text().replace("&", "") for found in children(bench.dialog, QPushButton) if found.isVisible()}
    assert {"Import a GGUF file…", "Close", "Fits this computer"} <= buttons
    # AND what stands above and below them stays where it is
    for part in (
        child(bench.dialog, ModelsHead),
        *(b for b in children(bench.dialog, QPushButton) if "Close" in b.text()),
    ):
        assert not scrolled(bench).isAncestorOf(part)
        assert part.visibleRegion().boundingRect() == part.rect()


def test_an_error_is_seen_on_a_very_small_screen(bench: Bench, qtbot: QtBot) -> None:
    bench.fill()
    bench.dialog.resize(496, 252)
    bench.dialog.select("middle")
    bench.dialog.show_error(UserFacingError("This is no model file."))
    (error,) = [label for label in children(bench.dialog, QLabel) if label.text() == "This is no model file."]
    qtbot.waitUntil(lambda: error.visibleRegion().boundingRect() == error.rect())


def test_without_any_model_to_offer_it_says_what_can_be_done(bench: Bench) -> None:
    bench.dialog.set_models(Catalog((), ""), (), "", None, {})
    bench.dialog.focus_selected()
    words = [label.text() for label in children(bench.dialog, QLabel) if label.isVisible()]
    assert any("could not be read" in text and "import it" in text for text in words)
    focused = next(found for found in children(bench.dialog, QPushButton) if found.hasFocus())
    assert focused.text() == "&Import a GGUF file…"


def test_a_long_list_is_made_piece_by_piece(qtbot: QtBot) -> None:
    # GIVEN the catalogue that comes with the program
    catalog = load_catalog(bundled_catalog_path())
    dialog = ModelsDialog(fit, locale=QLocale("en"))
    qtbot.addWidget(dialog)
    assert len(catalog.models) > 20
    last = catalog.models[-1].id
    # WHEN it is shown THEN no more is made at once than a window has room for
    dialog.set_models(catalog, (), "", "", {})
    assert len(children(dialog, ModelCard)) < 8
    # AND what is said of a model whose turn has not come is not lost
    dialog.set_failed(last, UserFacingError("It broke."))
    (card,) = (card for card in children(dialog, ModelCard) if card.entry.id == last)
    assert any("It broke." in label.text() for label in children(card, QLabel))
    with qtbot.waitExposed(dialog):
        dialog.show()
    # AND all are there a moment later, each in its place
    qtbot.waitUntil(lambda: len(children(dialog, ModelCard)) == len(catalog.models))
    settled(dialog)
    shown = sorted((card for card in children(dialog, ModelCard) if card.isVisible()), key=lambda card: card.y())
    wanted = [model.id for model in catalog.models if model.size <= FREE]
    assert [card.entry.id for card in shown if card.entry.size <= FREE] == wanted


def test_the_keyboard_goes_through_models_whose_turn_has_not_come(qtbot: QtBot) -> None:
    catalog = load_catalog(bundled_catalog_path())
    dialog = ModelsDialog(fit, locale=QLocale("en"))
    qtbot.addWidget(dialog)
    dialog.set_models(catalog, (), "", catalog.models[0].id, {})
    dialog.show()
    dialog.select(catalog.models[0].id)
    (card,) = (card for card in children(dialog, ModelCard) if card.entry.id == catalog.models[0].id)
    for _ in range(3):
        card.moved.emit(5)
        (card,) = (card for card in children(dialog, ModelCard) if card.hasFocus() or card._selected)
    assert card.entry.id != catalog.models[0].id


def test_the_window_is_not_held_up_while_the_list_is_filled(qtbot: QtBot) -> None:
    # GIVEN a dialog that was filled before: what Python and Qt do once for the first of a kind is theirs
    _filled(qtbot)
    # WHEN one is filled with the catalogue that comes with the program, and shown
    # THEN nobody waits for it (it was 110 ms, all cards at once)
    assert _filled(qtbot) < 0.05


def _filled(qtbot: QtBot) -> float:
    """Returns for how many seconds at a stretch a dialog held up the event loop while it was filled and shown."""
    catalog = load_catalog(bundled_catalog_path())
    dialog = ModelsDialog(fit, locale=QLocale("en"))
    qtbot.addWidget(dialog)
    with longest_turn(qtbot, lambda: len(children(dialog, ModelCard)) == len(catalog.models)) as longest:
        dialog.set_models(catalog, (), "", "", {})
        dialog.show()
    return longest.seconds
