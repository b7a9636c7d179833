"""Errors reach people: sentences in the window and beside the tray, bugs in a dialog with a report."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.logs import Bug, BugReporter
from desktop.ui.notices import BugDialog, Notices
from desktop.ui.widgets.banner import Notice, Severity
from tests.support.widgets import child

FULL = UserFacingError("The disk is full.", "3 MB left on /home.", "Remove a model.")


class Screen:
    """What is visible, and what was shown."""

    def __init__(self) -> None:
        self.banners: list[Notice] = []
        self.messages: list[tuple[str, str]] = []


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def notices(qapp: QApplication, screen: Screen) -> Iterator[Notices]:
    notices = Notices(lambda: ("Catnap 0.1.0", "Linux"), lambda: ("INFO a line of the log",))
    notices.bannerRequested.connect(screen.banners.append)
    notices.messageRequested.connect(lambda title, text: screen.messages.append((title, text)))
    yield notices
    notices.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_fault_is_none_when_the_program_s_folder_has_gone(
    notices: Notices, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = UserFacingError("The folder was moved.", "/opt/catnap.", "Start again.")
    monkeypatch.setattr("desktop.ui.notices.moved_problem", lambda: gone)
    notices.report_bug(Bug("ModuleNotFoundError: No module named 'x'", "Traceback ..."))
    QCoreApplication.sendPostedEvents()  # by which it would open
    assert [notice.title for notice in screen.banners] == [gone.title]
    assert _dialogs() == []


def test_the_words_of_a_detail_are_translated_before_the_values_stand_in_it(notices: Notices, screen: Screen) -> None:
    notices.report(UserFacingError("Newer.", "That was {0}; this is {1}.", "Update.", values=("1.3", "1.2")))
    assert screen.banners[0].detail == "That was 1.3; this is 1.2."


def _dialogs() -> list[BugDialog]:
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, BugDialog) and widget.isVisible()]


def test_a_sentence_goes_to_the_banner(notices: Notices, screen: Screen) -> None:
    notices.report(FULL)
    (notice,) = screen.banners
    assert (notice.title, notice.detail, notice.remedy) == (FULL.title, FULL.detail, FULL.remedy)
    assert notice.severity is Severity.PROBLEM
    assert _dialogs() == []


def test_it_is_said_for_the_tray_too(notices: Notices, screen: Screen) -> None:
    notices.report(FULL)
    assert screen.messages == [("The disk is full.", "3 MB left on /home.\nRemove a model.")]
    assert len(screen.banners) == 1


def test_a_sentence_from_another_thread_is_shown_on_this_one(qtbot: QtBot, notices: Notices, screen: Screen) -> None:
    threads: list[threading.Thread] = []
    notices.bannerRequested.connect(lambda _notice: threads.append(threading.current_thread()))
    worker = threading.Thread(target=notices.report, args=(FULL,))
    worker.start()
    worker.join()
    assert screen.banners == []
    qtbot.waitUntil(lambda: len(screen.banners) == 1)
    assert threads == [threading.main_thread()]


def test_a_bug_is_one_dialog_for_each_distinct_traceback(qtbot: QtBot, notices: Notices, screen: Screen) -> None:
    reporter = BugReporter(notices.report_bug)

    def fail(kind: type[Exception]) -> None:
        try:
            raise kind("broken")
        except Exception as problem:
            reporter.handle(problem)

    for kind in (KeyError, KeyError, ValueError, KeyError):
        fail(kind)
    assert _dialogs() == []  # never in the middle of what failed
    qtbot.waitUntil(lambda: len(_dialogs()) == 2)
    assert not any(dialog.isModal() for dialog in _dialogs())
    assert screen.banners == []


def test_the_report_is_shown_in_full_and_copied(qtbot: QtBot, notices: Notices) -> None:
    bug = Bug("KeyError: 'model'", "Traceback (most recent call last):\n  ...\nKeyError: 'model'\n")
    worker = threading.Thread(target=notices.report_bug, args=(bug,))
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: len(_dialogs()) == 1)
    (dialog,) = _dialogs()
    (shown,) = cast("list[QPlainTextEdit]", dialog.findChildren(QPlainTextEdit))
    report = shown.toPlainText()
    assert report == f"{bug.traceback}\nCatnap 0.1.0\nLinux\n\nINFO a line of the log\n"
    buttons = cast("list[QPushButton]", dialog.findChildren(QPushButton))
    button = next(button for button in buttons if "Copy" in button.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == report
    assert button.text() == "Copied"


def test_the_log_is_shown_at_its_end_to_be_copied(qtbot: QtBot) -> None:
    notices = Notices(lambda: ("Catnap 0.1.0",), lambda: [f"INFO line {number}" for number in range(400)])
    notices.show_log()
    (dialog,) = _dialogs()
    text = child(dialog, QPlainTextEdit)
    assert text.toPlainText().startswith("Catnap 0.1.0\n\nINFO line 0\n")
    bar = text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    QTest.mouseClick(dialog._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text.toPlainText()
    notices.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_closed_dialog_is_gone(qtbot: QtBot, notices: Notices) -> None:
    notices.report_bug(Bug("ValueError", "trace"))
    qtbot.waitUntil(lambda: len(_dialogs()) == 1)
    gone: list[str] = []
    _dialogs()[0].destroyed.connect(lambda: gone.append("dialog"))
    QTest.keyClick(_dialogs()[0], Qt.Key.Key_Escape)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gone == ["dialog"]
    notices.close()


def test_a_report_about_an_error_is_handed_over_with_the_same_lines(qtbot: QtBot, notices: Notices) -> None:
    notices.show_report(UserFacingError("The engine has died.", "tiny.gguf: SIGSEGV.", "Ask again."))
    (dialog,) = _dialogs()
    text = cast("QPlainTextEdit", dialog.findChild(QPlainTextEdit)).toPlainText()
    assert text.startswith("The engine has died.\ntiny.gguf: SIGSEGV.\n\n")
    assert dialog.windowTitle() == "Report"
    assert "Catnap 0.1.0\nLinux" in text
    assert "INFO a line of the log" in text
    assert not dialog.isModal()
