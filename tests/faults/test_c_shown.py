"""FAULTS, letter C: what is shown. One test or more for each row, named after it, with the row's own input."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import name_for
from desktop.lifecycle.memory_fit import Judgement
from desktop.machine.memory import MemoryReading
from desktop.models.facts import ModelFacts
from desktop.models.types import InstalledModel
from desktop.models.verdicts import Outcome, Verdict
from desktop.settings.options import option_for
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.settings.editors import ModelEditor, NumberEditor
from tests.rigs.models import CATALOG, SMALL_HERE, fit
from tests.support.widgets import child, children

_NAME = "x" * 122
_FOLDER = Path("/home/anna/Downloads") / ("y" * 90)
_FACTS = ModelFacts(_NAME, ModelKind.CHAT, "llama", 1_000_000, "Q4_K_M", 2048, ("en",), "mit", True, 105_000_000, 1)
_OWN = InstalledModel(
    f"file:{_FOLDER / _NAME}.gguf", _NAME, _FOLDER / f"{_NAME}.gguf", 105_000_000, facts=_FACTS, languages=("en",),
    verdict=Verdict.of(Outcome.REFUSED, UserFacingError("No.", f"{_FOLDER / _NAME}.gguf.", "Do this.")),
)  # fmt: skip
_WIDTH = 640


def test_c5_a_name_of_122_letters_leaves_every_button_on_the_screen(qtbot: QtBot) -> None:
    # GIVEN an own file whose name has 122 letters, which does not work, beside other models
    judgement = Judgement(Fit.COMFORTABLE, 116_000_000, 2_000_000_000)
    dialog = ModelsDialog(fit, locale=QLocale("en"), judge_own=lambda _model: judgement)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    # WHEN it is shown and selected in a small window
    dialog.set_models(CATALOG, (_OWN, SMALL_HERE), "small", "small", {})
    dialog.select(_OWN.id)
    dialog.resize(_WIDTH, 480)
    # THEN nothing asks for a wider window, and the buttons of every model can be seen
    assert dialog.minimumSizeHint().width() <= _WIDTH
    for card in children(dialog, ModelCard):
        assert card.width() <= _WIDTH
        for button in children(card, QPushButton):
            if button.isVisible():
                assert button.mapTo(dialog, button.rect().topRight()).x() <= _WIDTH
    # AND the name is cut, with the whole of it at hand, and it says whether it fits
    card = next(card for card in children(dialog, ModelCard) if card.entry.id == _OWN.id)
    (name,) = [label for label in children(card, QLabel) if label.toolTip() == _NAME]
    assert name.text().endswith("…")
    assert any("fits comfortably" in label.text() for label in children(card, QLabel))


def test_c5_the_settings_page_is_not_cut(qtbot: QtBot) -> None:
    editor = ModelEditor((_OWN, SMALL_HERE))
    qtbot.addWidget(editor)
    editor.set_value(_OWN.id)
    combo = child(editor, QComboBox)
    assert combo.minimumSizeHint().width() < 500
    assert combo.itemData(0, Qt.ItemDataRole.ToolTipRole) == _NAME
    assert len(combo.itemText(0)) < 60


def test_c5_the_status_bar_is_not_widened(qtbot: QtBot) -> None:
    bar = StatusBar(lambda: MemoryReading(0, 0, 8_000_000_000, 4_000_000_000))
    qtbot.addWidget(bar)
    bar.set_model("R&D " + _NAME, installed=True)
    button = next(button for button in children(bar, QAbstractButton) if "…" in button.text())
    assert len(button.text()) < 40 and "R&&D" in button.text()
    assert _NAME in button.toolTip()


def test_c5_the_name_of_the_file_is_preferred_to_a_worse_one_inside() -> None:
    inside = "Smollm2 135M 8k Lc100K Mix1 Ep2"
    assert name_for(inside, "SmolLM2-135M-Instruct-Q4_K_M.gguf") == "SmolLM2-135M-Instruct-Q4_K_M"


@pytest.mark.parametrize("language", ["de_DE", "en_US", "zh_CN", "ar_EG", "fr_FR", "de_CH", "fa_IR"])
@pytest.mark.parametrize("typed", ["0.9", "0,9"])
def test_c14_dot_and_comma_are_both_a_decimal_point(qtbot: QtBot, language: str, typed: str) -> None:
    # GIVEN the field of "Imagination" on a system of that language
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.setLocale(QLocale(language))
    editor.control.setLocale(QLocale(language))
    editor.set_value(0.0)
    # WHEN somebody types over what stands there
    _type_over(editor, typed)
    # THEN it is what he meant, and typed again as it is shown it is still that
    assert editor.value() == 0.9
    shown = editor.control.text()  # type: ignore[attr-defined]
    editor.set_value(0.0)
    _type_over(editor, shown)
    assert editor.value() == 0.9


@pytest.mark.parametrize(
    ("key", "language", "typed", "value"),
    [
        ("n_ctx", "de_DE", "4.096", 4096),
        ("n_ctx", "en_US", "4,096", 4096),
        ("n_ctx", "en_US", "4.096", 4096),
        ("n_ctx", "ar_EG", "٤٠٩٦", 4096),
        ("temperature", "de_DE", "1.234", 1.234),
        ("temperature", "en_US", "1,25", 1.25),
        ("temperature", "ar_EG", "٠٫٩", 0.9),
        ("threads", "de_DE", "3", 3),
    ],
)
def test_c14_thousands_are_taken_for_thousands_only_where_they_can_be(
    qtbot: QtBot, key: str, language: str, typed: str, value: float
) -> None:
    editor = NumberEditor(option_for(key))
    qtbot.addWidget(editor)
    editor.control.setLocale(QLocale(language))
    _type_over(editor, typed)
    assert editor.value() == value


def test_c14_letters_are_not_taken(qtbot: QtBot) -> None:
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.set_value(0.5)
    _type_over(editor, "1x")
    assert editor.value() == 1.0
    _type_over(editor, "99")
    assert editor.value() in (0.0, 1.0, 9.0), "what cannot be is not taken"


def _type_over(editor: NumberEditor, text: str) -> None:
    editor.show()
    editor.control.setFocus()
    editor.control.selectAll()  # type: ignore[attr-defined]
    QTest.keyClick(editor.control, Qt.Key.Key_Delete)
    for letter in text:  # keyClicks() knows ASCII only
        press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(editor.control, press)
    QTest.keyClick(editor.control, Qt.Key.Key_Return)
