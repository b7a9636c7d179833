"""What a model is, and how one's own is renamed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.gguf.kind import ModelKind
from desktop.models.remembered.facts import ModelFacts
from desktop.models.students import StudentCard
from desktop.models.types import InstalledModel
from desktop.ui.models.details import DetailsDialog
from tests.rigs.models import SMALL_HERE
from tests.support.widgets import children

LONG = "x" * 122
FACTS = ModelFacts(
    LONG, ModelKind.BASE, "llama", 134_515_008, "Q4_K_M", 8192, ("en",), "apache-2.0", False, 105_000_000, 3
)
OWN = InstalledModel(f"file:/{LONG}.gguf", LONG, Path(f"/{LONG}.gguf"), 105_000_000, facts=FACTS, languages=("en",))


def opened(qtbot: QtBot, model: InstalledModel) -> DetailsDialog:
    dialog = DetailsDialog(model)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_all_that_is_known_is_said(qtbot: QtBot) -> None:
    rows = {row.label: row.value for row in opened(qtbot, OWN).rows()}
    assert rows["Kind"] == "base model: continues text"
    assert (rows["Architecture"], rows["Parameters"], rows["Quantisation"]) == ("llama", "135 million", "Q4_K_M")
    assert (rows["Context"], rows["Chat template"], rows["Licence"]) == ("8,192 tokens", "none", "apache-2.0")
    assert rows["Size"] == "105 MB in 3 files"
    assert "nobody has published a checksum" in rows["Checked"]


def test_a_student_names_its_teacher_and_where_that_is_kept(qtbot: QtBot) -> None:
    card = StudentCard("SmolLM2 135M", "HuggingFaceTB", "apache-2.0", "https://huggingface.co/HuggingFaceTB")
    rows = {row.label: row.value for row in opened(qtbot, replace(OWN, student=card)).rows()}
    assert rows["Student of"] == "SmolLM2 135M · HuggingFaceTB" and rows["Licence"] == "apache-2.0"
    assert rows["From"] == "https://huggingface.co/HuggingFaceTB" and rows["Checked"].startswith("made here")


def test_a_long_name_does_not_widen_the_window_and_can_be_seen_whole(qtbot: QtBot) -> None:
    dialog = opened(qtbot, OWN)
    assert dialog.minimumSizeHint().width() < 400
    assert any(label.toolTip() == LONG for label in children(dialog, QLabel))


def test_it_is_renamed_with_its_languages(qtbot: QtBot) -> None:
    dialog = opened(qtbot, OWN)
    told: list[tuple[str, list[str]]] = []
    dialog.renamed.connect(lambda name, languages: told.append((name, languages)))
    name, languages = children(dialog, QLineEdit)
    name.setText("Nina's model")
    languages.setText("en，zh")
    QTest.keyClick(languages, Qt.Key.Key_Return)
    assert told == [("Nina's model", ["en", "zh"])]
    assert not dialog.isVisible()


def test_nothing_changed_is_nothing_told(qtbot: QtBot) -> None:
    dialog = opened(qtbot, OWN)
    told: list[object] = []
    dialog.renamed.connect(lambda *about: told.append(about))
    next(button for button in children(dialog, QPushButton) if button.text() == "Save").click()
    assert told == []


def test_a_model_of_the_catalogue_keeps_its_name(qtbot: QtBot) -> None:
    assert not any(line.isVisible() for line in children(opened(qtbot, SMALL_HERE), QLineEdit))
