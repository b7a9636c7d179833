"""Models stand below what size they are, with what to expect of their speed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.lifecycle.expected_speed import SpeedRange
from desktop.models.types import Catalog, InstalledModel, Strength
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.entry import ModelEntry
from desktop.ui.models.packs import PackHead, in_packs, pack_words
from tests.rigs.models import fit, spec
from tests.support.widgets import children

BASIC, LIGHT = spec("basic", 105_000_000), spec("light", 229_000_000)
CODER = replace(spec("coder", 491_000_000), strengths=(Strength.CODE,))
LARGE = spec("large", 900_000_000)
STUDENT = InstalledModel("file:/student.gguf", "Student", Path("/student.gguf"), 87_000_000)


def speed(size: int) -> SpeedRange:
    return SpeedRange(5e9 / size, 10e9 / size)


def entry(model: object) -> ModelEntry:
    if isinstance(model, InstalledModel):
        return ModelEntry(model.id, model.name, None, model)
    return ModelEntry(model.id, model.name, model, None)  # type: ignore[attr-defined,arg-type]


@pytest.fixture
def dialog(qapp: QApplication, qtbot: QtBot) -> Iterator[ModelsDialog]:
    del qapp
    made = ModelsDialog(fit, lambda _address: None, QLocale("en"), speed=speed)
    qtbot.addWidget(made)
    made.show()
    yield made


def lines(dialog: ModelsDialog) -> list[str]:
    """Returns headings and names of models from the top."""
    heads = [(one.y(), one.text()) for one in children(dialog, PackHead, shown=True)]
    cards = [(one.y(), one.entry.name) for one in children(dialog, ModelCard, shown=True)]
    return [text for _, text in sorted([*heads, *cards])]


def test_each_class_has_a_heading_with_sizes_and_speed(dialog: ModelsDialog, qtbot: QtBot) -> None:
    # WHEN a list has models of several sizes, one of them made here
    catalog = Catalog((LARGE, LIGHT, CODER, BASIC), "light")
    dialog.set_models(catalog, (STUDENT,), "", "light", {})
    qtbot.waitUntil(lambda: len(lines(dialog)) == 9)
    # THEN each stands below its class, the recommended one's class first
    qtbot.waitUntil(
        lambda: (
            lines(dialog)
            == [
                "Basic · about 87 MB · Expect 45 to 90 words a second.",
                "Student",
                "Everyday, also with code · 229 MB to 491 MB · Expect 8 to 35 words a second.",
                "Light",
                "Coder",
                "Basic · about 105 MB · Expect 40 to 75 words a second.",
                "Basic",
                "Larger · about 900 MB · Expect 4 to 9 words a second.",
                "Large",
            ]
        )
    )
    # WHEN a filter leaves none of a class THEN its heading goes
    dialog.set_models(Catalog((LIGHT,), "light"), (), "", "light", {})
    qtbot.waitUntil(lambda: len(lines(dialog)) == 2)


def test_the_class_of_what_is_first_comes_first() -> None:
    sorted_before = [entry(each) for each in (CODER, LARGE, BASIC, LIGHT)]
    assert [each.id for each in in_packs(sorted_before)] == ["coder", "light", "basic", "large"]
    assert in_packs([]) == []


def test_a_class_says_nothing_that_nobody_knows() -> None:
    assert pack_words([entry(LIGHT)], None, chinese=False) == "Everyday · about 229 MB"
    assert "also with code" in pack_words([entry(LIGHT), entry(CODER)], None, chinese=False)
