"""Dozing, sleeping and dying, as the windows show it: real services, real engine processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app.reclaim import MemoryReclaimer
from desktop.common.errors import EngineDiedError, WayOut
from desktop.common.paths import Paths
from desktop.engine.types import Asleep, Crashed, EngineEvent, SleepReason, Waking, Work
from desktop.history.records import MessageState
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.notices import BugDialog
from desktop.ui.theme.icons import CatState
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

SOON = 0.002  # minutes


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        yield made


def pid(bench: Bench) -> int:
    found = bench.services.engine.process_id
    assert found is not None
    return found


def wait_for_cat(bench: Bench, state: CatState) -> None:
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is state)


def answer_and_doze(bench: Bench, model: Path) -> None:
    use_own(bench.services, model)
    bench.show()
    bench.send("Hello")
    bench.wait_for_answer()
    bench.services.store.change(idle_minutes=SOON)
    wait_for_cat(bench, CatState.DOZING)


def crash(bench: Bench) -> None:
    os.kill(pid(bench), signal.SIGSEGV)


# Dozing


def test_a_dozing_cat_answers_in_the_same_process_and_was_never_waking(bench: Bench, parrot_model: Path) -> None:
    answer_and_doze(bench, parrot_model)
    assert "dozing" in bench.shell.tray.tooltip
    process = pid(bench)
    bench.services.store.change(idle_minutes=60)
    # GIVEN a wait that is never long enough for a bar, however busy this machine is
    now = time.monotonic()
    bench.shell.activities.tracker._now = lambda: now
    seen: list[ActivityKind] = []
    bench.shell.activities.tracker.subscribe(lambda activity, _request: seen.append(activity.kind))
    bench.send("And again?")
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2)
    assert ActivityKind.WAKING not in seen
    assert pid(bench) == process


@pytest.mark.parametrize("by", ["tray", "menu"])
def test_sleep_now_ends_the_process_of_a_dozing_model(bench: Bench, parrot_model: Path, by: str) -> None:
    answer_and_doze(bench, parrot_model)
    assert bench.services.engine.process_id is not None
    assert bench.window.menu.sleep.isEnabled()
    if by == "tray":
        bench.shell.tray.sleepRequested.emit()
    else:
        bench.window.menu.sleep.trigger()
    wait_for_cat(bench, CatState.ASLEEP)
    assert bench.services.engine.process_id is None
    assert not bench.window.menu.sleep.isEnabled()


def test_the_app_gives_its_own_freed_memory_back_when_the_model_dozes(bench: Bench, parrot_model: Path) -> None:
    # GIVEN an answer is being shown WHEN nothing has rested yet THEN nothing is given back
    use_own(bench.services, parrot_model)
    bench.show()
    reclaimer = bench.shell.findChild(MemoryReclaimer)
    assert isinstance(reclaimer, MemoryReclaimer)
    bench.send("Hello")
    bench.wait_for_answer()
    assert not reclaimer.is_due

    # WHEN it dozes THEN that is about to happen
    bench.services.store.change(idle_minutes=SOON)
    wait_for_cat(bench, CatState.DOZING)
    assert reclaimer.is_due


def test_who_sleeps_sooner_than_it_would_doze_simply_sleeps(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    seen: list[EngineEvent] = []
    bench.services.engine_events.subscribe(seen.append)
    bench.send("Hello")
    bench.wait_for_answer()
    bench.services.store.change(idle_minutes=SOON * 3, sleep_minutes=SOON)
    wait_for_cat(bench, CatState.ASLEEP)
    assert bench.services.engine.process_id is None
    assert Asleep(SleepReason.IDLE) in seen


# Dying


def test_an_answer_that_a_crash_cuts_off_is_kept_and_the_next_one_comes(
    bench: Bench, endless_parrot_model: Path
) -> None:
    use_own(bench.services, endless_parrot_model)
    bench.services.store.change(n_ctx=4096)
    bench.show()
    bench.send("Hello")
    bench.qtbot.waitUntil(lambda: "The cat sleeps" in bench.page())
    crash(bench)
    # THEN the part is there, with a sentence, and the cat sleeps
    bench.qtbot.waitUntil(lambda: "brought the engine down" in bench.banner())
    wait_for_cat(bench, CatState.ASLEEP)
    assert "Interrupted" in bench.page()
    assert bench.window.pane.banner.waiting == 0, "nothing else is to be said"
    # WHEN it is tried again
    bench.press("Try again")
    bench.qtbot.waitUntil(lambda: bench.window.pane.transcript.is_growing and "The cat sleeps" in bench.page())
    bench.window.menu.stop.trigger()
    bench.qtbot.waitUntil(lambda: not bench.window.pane.transcript.is_growing)


def test_the_part_of_an_answer_survives_the_program(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, endless_parrot_model: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        use_own(bench.services, endless_parrot_model)
        bench.services.store.change(n_ctx=4096)
        bench.show()
        bench.send("Hello")
        qtbot.waitUntil(lambda: "The cat sleeps" in bench.page())
        crash(bench)
        qtbot.waitUntil(lambda: "brought the engine down" in bench.banner())
    # WHEN the program is started again
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert "The cat sleeps" in bench.page()
        (conversation,) = bench.services.history.conversations()
        message = bench.services.history.transcript(conversation.id).messages[-1]
        assert message.state is MessageState.INTERRUPTED


def test_the_ways_out_of_a_crash_lead_somewhere(
    bench: Bench, endless_parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_own(bench.services, endless_parrot_model)
    monkeypatch.setattr(bench.services.supervisor.faster_answers, "watch", lambda: None)  # nothing is to be measured
    bench.services.store.change(n_ctx=4096)
    bench.show()
    bench.send("Hello")
    bench.qtbot.waitUntil(lambda: "The cat sleeps" in bench.page())
    crash(bench)
    bench.qtbot.waitUntil(lambda: "brought the engine down" in bench.banner())
    notice = bench.window.pane.banner.current
    assert notice is not None
    ways = {action.text: action.run for action in notice.actions}
    ways["Another model…"]()
    assert bench.shell.models.is_open
    ways["Smaller context…"]()
    assert bench.shell.settings.dialog is not None and bench.shell.settings.dialog.isVisible()
    ways["Report…"]()
    (report,) = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, BugDialog)]
    assert report.isVisible()
    report.close()


def test_a_crash_at_rest_is_said_quietly_and_the_next_question_is_answered(bench: Bench, parrot_model: Path) -> None:
    answer_and_doze(bench, parrot_model)
    bench.services.store.change(idle_minutes=60)
    crash(bench)
    wait_for_cat(bench, CatState.ASLEEP)
    notice = bench.window.pane.banner.current
    assert notice is not None and "while nobody asked" in notice.title
    assert notice.seconds > 0
    assert bench.messages == [], "nobody is called to the tray for it"
    bench.send("And again?")
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2)
    assert bench.banner() == ""


def test_a_marked_model_waits_for_the_question_and_is_tried_with_a_warning(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    for _ in range(2):
        bench.bridge.post(Waking(0, 0.0))
        bench.bridge.post(Crashed(parrot_model, Work.LOADING))
        bench.bridge.post(Asleep(SleepReason.CRASHED))
    marks = bench.services.supervisor.crash_marks
    bench.qtbot.waitUntil(lambda: marks.is_marked(parrot_model))
    wait_for_cat(bench, CatState.ASLEEP)
    QTest.keyClicks(bench.window.pane.composer.edit, "Hello")
    assert not bench.services.supervisor.preloader.is_running
    said: list[str] = []
    bench.shell.health.crashes.noticed.connect(lambda notice: said.append(notice.title))
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    # THEN it is tried, and since it loads, all is well
    bench.wait_for_answer()
    assert len(said) == 1 and "tried once more" in said[0]
    assert not marks.is_marked(parrot_model)
    assert bench.banner() == ""


def test_a_sleeping_window_shows_a_sleeping_cat_after_a_crash(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    bench.bridge.post(Waking(1, 0.5))
    bench.bridge.post(Crashed(None, Work.STARTING))
    bench.bridge.post(Asleep(SleepReason.CRASHED))
    wait_for_cat(bench, CatState.ASLEEP)
    assert bench.shell.activities.tracker.current == Activity(ActivityKind.ASLEEP)


def test_the_ways_out_of_a_crash_in_the_quick_ask_lead_to_the_same_places(bench: Bench) -> None:
    error = EngineDiedError("The engine has died.", "{0}.", "", values=("a.gguf",), ways=tuple(WayOut))
    bench.shell.quick.wayOutChosen.emit(WayOut.ANOTHER_MODEL, error)
    assert bench.shell.models.is_open
    bench.shell.quick.wayOutChosen.emit(WayOut.REPORT, error)
    (report,) = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, BugDialog)]
    assert report.isVisible()
    report.close()
