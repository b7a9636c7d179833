"""Finding words in a conversation, also where it is not written on the page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.find.bar import FindBar
from desktop.ui.find.conversation import ConversationFinder
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import transcript
from tests.support.longest_turn import longest_turn


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


@pytest.fixture
def bar(view: TranscriptView, qtbot: QtBot) -> FindBar:
    made = FindBar(ConversationFinder(view), "Find in this conversation")
    qtbot.addWidget(made)
    return made


def settled(view: TranscriptView, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: (
            not (
                view._scroll._slices.isActive()
                or view.found.is_on_its_way
                or view.found._marking.isActive()
                or view._rest.is_under_way
            )
        )
    )


def current(view: TranscriptView) -> tuple[int | None, str]:
    """Returns in which message the strongest mark is that can be seen, and what it covers."""
    strong = view.palette().highlight().color()
    for mark in view.extraSelections():
        cursor = QTextCursor(mark.cursor)  # type: ignore[attr-defined]
        if mark.format.background().color() == strong:  # type: ignore[attr-defined]
            assert view.viewport().rect().intersects(view.cursorRect(cursor))
            message = view._page.message_at(cursor.selectionStart())
            return (message.id if message is not None else None), cursor.selectedText()
    return None, ""


def count(bar: FindBar) -> str:
    return bar._count.text()


def test_all_of_2000_messages_are_found_without_a_stutter(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    # GIVEN a long conversation, and a word that is in three messages far from each other
    messages = dialogue(1000)
    for place in (11, 901, 1801):
        messages[place] = answer(place + 1, f"Some text with a Needle in it, and “{place}”. " * 3)
    view.show_messages(messages, 0)
    settled(view, qtbot)
    bar.open_bar()
    # WHEN the word is typed, letter by letter
    with longest_turn(qtbot, lambda: not view._scroll._slices.isActive()) as typing:
        for letter in "needle":
            bar._field.setText(bar._field.text() + letter)
            qtbot.wait(0)
    # THEN nothing keeps the window, and all are counted
    assert typing.seconds < 0.1
    assert count(bar) == "1 of 9"
    settled(view, qtbot)
    assert current(view) == (12, "Needle"), "the first one behind the end is at the beginning"
    # AND one goes through all of them, round and round
    seen = []
    for _ in range(10):
        bar.step(1)
        settled(view, qtbot)
        seen.append((current(view)[0], count(bar)))
    assert seen[:3] == [(12, "2 of 9"), (12, "3 of 9"), (902, "4 of 9")]
    assert seen[-2:] == [(12, "1 of 9"), (12, "2 of 9")]
    assert len(view._page.written) <= 64
    bar.step(-1)
    bar.step(-1)
    settled(view, qtbot)
    assert (current(view)[0], count(bar)) == (1802, "9 of 9")


def test_a_word_deep_in_a_long_message_is_written_up_to(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    text = "\n\n".join(f"Paragraph {number} of many." for number in range(3_000))
    view.show_messages([question(1), answer(2, f"{text}\n\nThe needle.\n\n{text}")], 0)
    settled(view, qtbot)
    assert "needle" not in view.toPlainText()
    bar.open_bar()
    with longest_turn(qtbot, lambda: not view.found.is_on_its_way) as going:
        bar._field.setText("NEEDLE")
    assert going.seconds < 0.4
    settled(view, qtbot)
    assert current(view) == (2, "needle")


def test_width_and_markdown_do_not_matter(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    view.show_messages([question(1, "什么是ＧＰＴ？"), answer(2, "**GPT** 是一个模型。😀 gpt")], 0)
    bar.open_bar()
    bar._field.setText("gpt")
    settled(view, qtbot)
    assert count(bar) == "1 of 3"
    marked = sorted(QTextCursor(mark.cursor).selectedText() for mark in view.extraSelections())  # type: ignore[attr-defined]
    assert marked == ["GPT", "gpt", "ＧＰＴ"]


def test_links_and_figures_are_not_found(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    view.show_messages([question(1), answer(2, "Yes.")], 0)
    bar.open_bar()
    bar._field.setText("Regenerate")
    settled(view, qtbot)
    assert count(bar) == "Nothing found"
    assert view.extraSelections() == []


def test_what_comes_while_it_is_open_is_counted(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    view.show_messages([question(1, "A needle?")], 0)
    bar.open_bar()
    bar._field.setText("needle")
    assert count(bar) == "1 of 1"
    view.begin_answer(None, "")
    view.grow_answer("No needle.", "")
    view.finish_answer(answer(2, "No needle."))
    assert count(bar) == "1 of 2"
    # AND another conversation is another matter
    view.show_messages(dialogue(2), 0)
    assert count(bar) == "Nothing found"
    settled(view, qtbot)
    assert view.extraSelections() == []


def test_keys_in_the_field(view: TranscriptView, bar: FindBar, qtbot: QtBot) -> None:
    view.show_messages([question(1, "one one one")], 0)
    bar.open_bar()
    bar._field.setText("one")
    QTest.keyClick(bar._field, Qt.Key.Key_Return)
    assert count(bar) == "2 of 3"
    QTest.keyClick(bar._field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(bar._field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert count(bar) == "3 of 3"
    QTest.keyClick(bar._field, Qt.Key.Key_Escape)
    assert bar.isHidden()
    # AND the words are there when it is opened again
    bar.open_bar()
    assert count(bar).endswith("of 3")
