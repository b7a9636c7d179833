"""Undo, redo and versions in the chat window, on a real history; the engine is played by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import MessageTooLongError
from desktop.engine.types import FinishReason
from tests.rigs.chat import Bench
from tests.support.widgets import children

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.resize(1100, 700)
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.history.close()


def undo_words(bench: Bench) -> str:
    action = bench.window.menu.undo
    return action.text() if action.isEnabled() else ""


def undo_buttons(bench: Bench) -> list[QPushButton]:
    return [one for one in children(bench.window.pane.banner, QPushButton) if one.text() == "Undo"]


def listed(bench: Bench) -> list[str]:
    rows = bench.window.list.rows
    return [rows.item(row).text() for row in range(rows.count())]


class TestUndo:
    def test_nothing_to_undo(self, bench: Bench) -> None:
        assert not bench.window.menu.undo.isEnabled()
        assert not bench.window.menu.redo.isEnabled()
        assert bench.window.menu.undo.text() == "&Undo"

    def test_a_title(self, bench: Bench) -> None:
        conversation = bench.talk("Cats & dogs", "Words")
        bench.window.list.renameRequested.emit(conversation, "Pets")
        assert undo_words(bench) == "&Undo rename “Cats && dogs”"
        bench.window.menu.undo.trigger()
        assert listed(bench) == ["Cats & dogs"]
        bench.window.menu.redo.trigger()
        assert listed(bench) == ["Pets"]

    def test_a_long_title_is_cut_in_the_menu(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Why " * 10, "Words"))
        assert undo_words(bench) == "&Undo delete “Why Why Why Why Why Why Why W…”"

    def test_the_keys_belong_to_what_is_written_first(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Cats", "Words"))
        field = bench.window.pane.composer.edit
        field.setFocus()
        QTest.keyClicks(field, "abc")
        for _time in range(3):
            QTest.keyClick(field, Qt.Key.Key_Z, _CTRL)
            if not bench.draft():
                break
        assert bench.draft() == ""
        assert listed(bench) == [], "that was the text alone"
        QTest.keyClick(field, Qt.Key.Key_Z, _CTRL)
        assert listed(bench) == ["Cats"]

    def test_the_keys_work_in_an_empty_search_field_and_on_the_page(self, bench: Bench) -> None:
        for place in (bench.window.list._search, bench.window.pane.transcript):
            conversation = bench.talk("Cats", "Words")
            bench.window.list.deleteRequested.emit(conversation)
            bench.talk("Dogs", "Words")
            place.setFocus()
            QTest.keyClick(place, Qt.Key.Key_Z, _CTRL)
            assert bench.presenter.current == conversation
            QTest.keyClick(place, Qt.Key.Key_Z, _CTRL | _SHIFT)
            assert conversation not in [one.id for one in bench.history.conversations()]

    def test_it_survives_another_conversation(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Cats", "Words"))
        bench.talk("Dogs", "Words")
        bench.presenter.open(None)
        assert undo_words(bench) == "&Undo delete “Cats”"

    def test_the_button_means_the_deletion_that_it_tells_of(self, bench: Bench) -> None:
        cats, dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        bench.window.list.deleteRequested.emit(cats)
        bench.window.list.renameRequested.emit(dogs, "Hounds")
        bench.press("Undo")
        assert set(listed(bench)) == {"Cats", "Hounds"}
        assert undo_words(bench) == "&Undo rename “Dogs”", "the deletion is undone already"

    def test_after_the_button_the_keyboard_is_in_the_message(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Cats", "Words"))
        (button,) = undo_buttons(bench)
        bench.qtbot.waitUntil(button.isVisible)
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert listed(bench) == ["Cats"]
        assert bench.window.pane.composer.edit.hasFocus()

    def test_the_offer_goes_when_the_conversation_is_back(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Cats", "Words"))
        assert bench.banner() == "Conversation deleted"
        bench.window.menu.undo.trigger()
        assert bench.banner() == ""
        # AND comes again with the deletion of another, which it then means
        dogs = bench.talk("Dogs", "Words")
        bench.window.list.deleteRequested.emit(dogs)
        bench.qtbot.waitUntil(lambda: len(undo_buttons(bench)) == 1)  # the one of before has gone
        bench.press("Undo")
        assert bench.presenter.current == dogs
        assert bench.banner() == ""

    def test_a_deletion_with_the_keyboard_on_the_page_leaves_it_in_the_message(self, bench: Bench) -> None:
        bench.talk("Cats", "Words")
        bench.window.pane.transcript.setFocus()
        bench.window.menu.delete.trigger()
        assert bench.window.pane.composer.edit.hasFocus()

    def test_one_that_cannot_be_undone_now_says_why_and_stays(self, bench: Bench) -> None:
        bench.talk("Cats", "Words")
        bench.window.menu.regenerate.trigger()
        bench.say("Other words")
        bench.finish()
        bench.window.menu.regenerate.trigger()
        bench.window.menu.undo.trigger()
        assert bench.banner() == "Catnap is still answering."
        assert undo_words(bench) == "&Undo regenerate answer"

    def test_an_edit_elsewhere_is_shown_when_it_is_undone(self, bench: Bench) -> None:
        conversation = bench.talk("Cats", "Words")
        bench.edit_last("Dogs")
        bench.say("Other words")
        bench.finish()
        bench.talk("Something else", "Words")
        bench.window.menu.undo.trigger()
        assert bench.presenter.current == conversation
        assert bench.texts(conversation) == ["Cats", "Words"]
        assert "1/2" in bench.page()

    def test_the_help_names_the_commands_without_what_they_mean_just_now(self, bench: Bench) -> None:
        bench.window.list.deleteRequested.emit(bench.talk("Cats", "Words"))
        commands = bench.window.menu.keys()
        names = [name for name, _key in commands]
        assert "Undo" in names
        assert "Redo" in names


class TestEditing:
    def test_one_that_is_refused_goes_on(self, bench: Bench) -> None:
        conversation = bench.talk("Cats", "Words")
        bench.edit_last("Much too long")
        bench.fail(MessageTooLongError(900, 700))
        # THEN the old one is shown with its answer, the new words are still in the edit, and nothing can be undone
        assert bench.texts(conversation) == ["Cats", "Words"]
        assert "Words" in bench.page()
        assert "Much" not in bench.page()
        assert bench.window.pane.composer.is_editing
        assert bench.draft() == "Much too long"
        assert undo_words(bench) == ""

    def test_the_strip_says_what_becomes_of_what_followed(self, bench: Bench) -> None:
        bench.talk("One", "1")
        bench.send("Two")
        bench.say("2")
        bench.finish()
        pane = bench.window.pane
        said = []
        for question in (pane.transcript.messages[0], pane.transcript.messages[2]):
            pane.transcript.requests.editRequested.emit(question.id)
            said.append(pane.composer._note.text())
        assert "The 3 that followed are set aside" in said[0]
        assert "Its answer is set aside" in said[1]

    def test_a_regeneration_stopped_before_its_first_word_leaves_the_old_answer(self, bench: Bench) -> None:
        conversation = bench.talk("Cats", "Words")
        bench.window.menu.regenerate.trigger()
        bench.finish(FinishReason.STOPPED)
        assert bench.texts(conversation) == ["Cats", "Words"]
        assert "Words" in bench.page()
        assert undo_words(bench) == ""


def test_a_hit_in_a_version_that_is_not_shown_brings_it_back(bench: Bench) -> None:
    conversation = bench.talk("Where do giraffes live?", "In Africa.")
    bench.edit_last("Where do penguins live?")
    bench.say("In the south.")
    bench.finish()
    (hit,) = bench.history.search("giraffes")
    bench.window.list.messageSelected.emit(hit.conversation.id, hit.message_id)
    assert bench.texts(conversation) == ["Where do giraffes live?", "In Africa."]
    bench.qtbot.waitUntil(lambda: "In Africa." in bench.page())


def test_the_menu_offers_the_versions_that_there_are(bench: Bench) -> None:
    bench.talk("Cats", "Words")
    menu = bench.window.menu
    assert not menu.version_before.isEnabled()
    menu.regenerate.trigger()
    assert not menu.version_before.isEnabled(), "an answer is on its way"
    bench.say("Other words")
    bench.finish()
    menu._edit.aboutToShow.emit()
    assert (menu.version_before.isEnabled(), menu.version_after.isEnabled()) == (True, False)
    menu._edit.aboutToHide.emit()
    menu.version_before.trigger()
    menu._edit.aboutToShow.emit()
    assert (menu.version_before.isEnabled(), menu.version_after.isEnabled()) == (False, True)
    menu._edit.aboutToHide.emit()
    # WHEN there is none further THEN the key does nothing
    menu.version_before.trigger()
    assert "1/2" in bench.page()
    # AND a conversation without versions offers none
    bench.talk("Dogs", "Words")
    assert not menu.version_before.isEnabled()
    assert not menu.version_after.isEnabled()


def test_a_new_conversation_can_be_written_at_once(bench: Bench) -> None:
    bench.talk("Cats", "Words")
    bench.window.list.rows.setFocus()
    bench.window.list._new.click()
    assert bench.presenter.current is None
    assert bench.window.pane.composer.edit.hasFocus()
