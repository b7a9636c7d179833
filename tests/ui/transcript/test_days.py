"""When messages were written: quietly beside their signs, and a line where another day begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import cast

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.history.records import StoredMessage
from desktop.ui.conversations.moments import day_words, moment_words, whole_moment_words
from desktop.ui.language import install_translator
from desktop.ui.transcript.accessible import make_accessible
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.labels import MutedLabel
from tests.rigs.conversations import answer, question
from tests.rigs.windows import transcript, whole
from tests.support.widgets import child


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def at(message: StoredMessage, moment: datetime) -> StoredMessage:
    return replace(message, created=moment.timestamp())


def days_on(view: TranscriptView, *days: date) -> list[int]:
    """Returns how often each day is written on the page."""
    return [view.toPlainText().count(day_words(day)) for day in days]


_FRIDAY = datetime(2026, 11, 27, 14, 5)
_SUNDAY = datetime(2026, 11, 29, 9, 30)
_TALK = [
    *(at(question(1), _FRIDAY), at(answer(2), _FRIDAY)),
    *(at(question(3), _SUNDAY), at(answer(4), _SUNDAY), at(question(5), _SUNDAY), at(answer(6), _SUNDAY)),
]


def test_each_day_is_written_once_above_what_was_asked_on_it(view: TranscriptView) -> None:
    view.show_messages(_TALK, 0)
    assert days_on(view, _FRIDAY.date(), _SUNDAY.date()) == [1, 1]
    lines = view.toPlainText().split("\n")
    sunday = lines.index(day_words(_SUNDAY.date()))
    assert lines[sunday + 1] == "Question 3?"
    assert lines.index(day_words(_FRIDAY.date())) < lines.index("Question 1?")


def test_a_conversation_of_one_day_has_no_such_line(view: TranscriptView) -> None:
    view.show_messages(_TALK[2:], 0)
    assert days_on(view, _SUNDAY.date()) == [0]


def test_an_answer_after_midnight_belongs_to_its_question(view: TranscriptView) -> None:
    late = _FRIDAY.replace(hour=23, minute=59)
    view.show_messages([at(question(1), late), at(answer(2), late + timedelta(minutes=2))], 0)
    assert days_on(view, late.date(), late.date() + timedelta(days=1)) == [0, 0]


def test_a_question_on_another_day_brings_both_lines(view: TranscriptView) -> None:
    view.show_messages(_TALK[:2], 0)
    view.append_message(_TALK[2])
    assert days_on(view, _FRIDAY.date(), _SUNDAY.date()) == [1, 1]
    view.begin_answer(None, "")
    view.finish_answer(_TALK[3])
    view.append_message(_TALK[4])
    assert days_on(view, _FRIDAY.date(), _SUNDAY.date()) == [1, 1]


def test_what_came_without_its_times_has_none(view: TranscriptView) -> None:
    view.show_messages([question(1), answer(2), at(question(3), _SUNDAY)], 0)
    assert days_on(view, date(1970, 1, 1), _SUNDAY.date()) == [0, 0]
    assert moment_words(0.0) == whole_moment_words(-1e30) == ""


def test_the_lines_are_not_copied(view: TranscriptView) -> None:
    view.show_messages(_TALK, 0)
    assert day_words(_SUNDAY.date()) not in whole(view)


def test_the_signs_of_a_message_say_when_it_was_written(view: TranscriptView) -> None:
    now = datetime.now().replace(second=0)
    view.show_messages([at(question(1), now), at(answer(2), now)], 0)
    bar = child(view, MessageBar)
    bar.show_for(view.messages[0])
    said = child(bar, MutedLabel)
    assert said.isVisible()
    assert said.text().startswith("Today ")
    assert day_words(now.date()) in said.toolTip()
    # WHEN there is no room for that THEN the signs stay
    view.resize(170, 400)
    bar.show_for(view.messages[0])
    assert not said.isVisible()
    assert bar.width() <= view.viewport().width()


def test_words_are_relative_for_a_week_and_follow_the_locale() -> None:
    now = datetime.now().replace(hour=12, minute=0)
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("en_GB"))
        assert moment_words(now.timestamp()) == "Today 12:00"
        assert moment_words((now - timedelta(days=1)).timestamp()) == "Yesterday 12:00"
        day = now - timedelta(days=3)
        assert moment_words(day.timestamp()) == f"{QLocale().standaloneDayName(day.isoweekday())} 12:00"
        assert moment_words(_FRIDAY.replace(year=2024).timestamp()) == "27/11/2024 14:05"
        assert whole_moment_words(_SUNDAY.timestamp()) == "Sunday, 29 November 2026, 09:30"
    finally:
        QLocale.setDefault(before)


def test_a_screen_reader_is_told_when_a_message_came(qapp: QApplication, qtbot: QtBot) -> None:
    make_accessible(qapp)
    view = transcript(qtbot)
    view.show_messages([at(question(1), datetime.now()), answer(2)], 0)
    found = QAccessible.queryAccessibleInterface(view.viewport())
    told = [found.child(place).text(QAccessible.Text.Description) for place in range(found.childCount())]
    assert told[0].startswith("Today ")
    assert told[1] == ""


@pytest.mark.parametrize(
    ("interface", "system", "expected"),
    [
        ("en", "en_US", "Sunday, November 29, 2026"),
        ("en", "de_DE", "Sunday, 29 November 2026"),
        ("en", "zh_CN", "Sunday, 29 November 2026"),
        ("zh_CN", "C", "2026年11月29日星期日"),
        ("zh_CN", "en_GB", "2026年11月29日星期日"),
        ("zh_CN", "zh_TW", "2026年11月29日 星期日"),
    ],
)
def test_days_are_in_the_language_of_the_interface(
    qapp: QApplication, interface: str, system: str, expected: str
) -> None:
    before, there = QLocale(), set(_translators(qapp))
    install_translator(qapp, interface)
    try:
        QLocale.setDefault(QLocale(system) if system != "C" else QLocale.c())
        assert day_words(_SUNDAY.date()) == expected
    finally:
        QLocale.setDefault(before)
        for translator in set(_translators(qapp)) - there:
            qapp.removeTranslator(translator)
            translator.setParent(None)  # at once: the next test asks for all that there are
            translator.deleteLater()


def _translators(app: QApplication) -> list[QTranslator]:
    return cast("list[QTranslator]", app.findChildren(QTranslator))
