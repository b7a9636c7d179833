from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.activity import Activity, ActivityKind, activity_help, activity_words
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.theme.icons import CatState
from desktop.ui.widgets.glyphs import GlyphSign
from tests.rigs.meter import Meter, reading


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def bar(qtbot: QtBot, meter: Meter) -> StatusBar:
    bar = StatusBar(meter)
    qtbot.addWidget(bar)
    bar.resize(1000, 30)
    bar.show()
    return bar


@pytest.mark.parametrize(
    ("activity", "words", "cat"),
    [
        (Activity(ActivityKind.ASLEEP), "Asleep", CatState.ASLEEP),
        (Activity(ActivityKind.DOZING), "Dozing", CatState.DOZING),
        (Activity(ActivityKind.WAKING), "Waking", CatState.WAKING),
        (Activity(ActivityKind.WAKING, fraction=0.409), "Waking 40 %", CatState.WAKING),
        (
            Activity(ActivityKind.READING, tokens_done=120, tokens_total=1800),
            "Reading…",
            CatState.THINKING,
        ),
        (
            Activity(ActivityKind.READING, tokens_done=120, tokens_total=1800, takes_long=True),
            "Reading… 6 %",
            CatState.THINKING,
        ),
        (Activity(ActivityKind.READING), "Reading…", CatState.THINKING),
        (Activity(ActivityKind.THINKING), "Thinking", CatState.THINKING),
        (Activity(ActivityKind.THINKING, tokens_per_second=12.34), "Thinking · 12.3 tokens/s", CatState.THINKING),
        (Activity(ActivityKind.AWAKE), "Awake", CatState.AWAKE),
    ],
)
def test_states_in_words(bar: StatusBar, activity: Activity, words: str, cat: CatState) -> None:
    assert activity_words(activity) == words
    assert activity.cat is cat
    bar.set_activity(activity)
    assert bar._words.text() == words
    assert bar._words.toolTip().startswith(activity_help(activity.kind))
    assert ("120 of 1,800 tokens" in bar._words.toolTip()) is (activity.tokens_total > 0)
    assert bar._progress.isVisible() is (activity.kind in (ActivityKind.WAKING, ActivityKind.READING))


def test_progress() -> None:
    assert Activity(ActivityKind.WAKING, fraction=1.7).progress == 1.0
    assert Activity(ActivityKind.READING, tokens_done=1, tokens_total=4).progress == 0.25
    assert Activity(ActivityKind.READING, tokens_done=1).progress is None
    assert Activity(ActivityKind.THINKING, fraction=0.5).progress is None
    assert [kind.value for kind in ActivityKind if Activity(kind).is_busy] == [
        "waking",
        "reading",
        "thinking",
        "writing",
        "stalled",
    ]


def test_the_cat_changes_with_the_state(bar: StatusBar) -> None:
    bar.set_activity(Activity(ActivityKind.ASLEEP))
    asleep = bar._cat.pixmap().toImage()
    bar.set_activity(Activity(ActivityKind.AWAKE))
    assert not asleep.isNull()
    assert bar._cat.pixmap().toImage() != asleep


def test_measures_only_while_watched(bar: StatusBar, meter: Meter) -> None:
    assert meter.reads == 0
    bar.set_watched(True)
    assert (meter.reads, bar.is_watching) == (1, True)
    bar.set_watched(True)
    assert meter.reads == 1
    bar._timer.timeout.emit()
    assert meter.reads == 2
    assert "Catnap 2 MB" in bar._memory.text()
    bar.set_watched(False)
    assert not bar.is_watching


def test_memory_in_as_many_words_as_fit(bar: StatusBar, qtbot: QtBot) -> None:
    bar.set_memory(reading())
    qtbot.waitUntil(lambda: bar._memory.text() == "Catnap 96.4 MB (48.1 MB its own) · computer 1.23 GB of 4.1 GB free")
    assert "anonymous" in bar._memory.toolTip()
    bar.resize(420, 30)
    qtbot.waitUntil(lambda: bar._memory.text() == "Catnap 96.4 MB · computer 1.23 GB free")
    bar.resize(60, 30)
    qtbot.waitUntil(lambda: bar._memory.text() == "")
    assert bar._memory.accessibleName().startswith("Catnap 96.4 MB (")


def test_the_memory_answers_where_it_says_that_it_is_and_nowhere_else(bar: StatusBar, qtbot: QtBot) -> None:
    """It said that it was as wide as the room left for it, and answered on its words only."""
    bar.resize(1200, 30)
    bar.set_memory(reading())
    qtbot.waitUntil(lambda: bar._memory.text().endswith("4.1 GB free"))
    clicks: list[object] = []
    bar.memoryRequested.connect(clicks.append)
    told = QAccessible.queryAccessibleInterface(bar._memory).rect()
    assert told.width() == bar._memory.sizeHint().width() < bar._memory_room.width()
    # WHEN what it says is clicked, from one end to the other THEN it answers
    for x in (told.left() + 1, told.center().x(), told.right() - 1):
        place = bar.mapFromGlobal(QPoint(x, told.center().y()))
        hit = bar.childAt(place)
        assert hit is bar._memory
        QTest.mouseClick(hit, Qt.MouseButton.LeftButton, pos=hit.mapFrom(bar, place))
    assert len(clicks) == 3
    # AND beside it there is nothing
    assert bar.childAt(bar.mapFromGlobal(QPoint(told.left() - 2, told.center().y()))) is not bar._memory


def test_the_memory_s_tooltip_names_both_processes(bar: StatusBar) -> None:
    bar.set_memory(reading())
    assert "not running" in bar._memory.toolTip()
    bar.set_memory(replace(reading(), engine=30_100_000))
    assert "18 MB for windows and conversations, 30.1 MB in the engine's process" in bar._memory.toolTip()


def test_the_model_is_a_button(bar: StatusBar, qtbot: QtBot) -> None:
    bar.set_model("Qwen2.5 0.5B", True)
    assert bar._model.text() == "Qwen2.5 0.5B"
    bar.set_model("Qwen2.5 0.5B", False)
    assert "not downloaded" in bar._model.text()
    bar.set_model("", False)
    assert bar._model.text() == "Choose a model"
    with qtbot.waitSignal(bar.modelsRequested):
        bar._model.click()


def test_the_battery_sign(bar: StatusBar) -> None:
    sign = bar.findChild(GlyphSign)
    assert isinstance(sign, GlyphSign)
    assert not sign.isVisible()
    bar.set_battery(True, "On battery: fewer threads")
    assert sign.isVisible()
    assert sign.toolTip() == sign.accessibleName() == "On battery: fewer threads"
    assert sign.width() > 0
    bar.set_battery(False, "")
    assert not sign.isVisible()
