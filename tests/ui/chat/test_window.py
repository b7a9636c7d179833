from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.history.records import Transcript
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.window import ChatWindow
from desktop.ui.widgets.banner import Notice
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.meter import Meter
from tests.rigs.windows import A, B, chat_window
from tests.support.widgets import children, letters_given_twice


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def window(qtbot: QtBot, meter: Meter) -> ChatWindow:
    return chat_window(qtbot, meter)


def type_and_send(window: ChatWindow, qtbot: QtBot, text: str) -> None:
    window.pane.composer.set_text(text)
    QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_Return)


def page(window: ChatWindow) -> str:
    return window.pane.transcript.toPlainText()


def push_button(parent: QWidget, text: str) -> QPushButton:
    found = cast("list[QPushButton]", parent.findChildren(QPushButton))
    return next(button for button in found if button.text() == text)


def commands(window: ChatWindow) -> list[QAction]:
    return cast("list[QAction]", window.menu.findChildren(QAction))


def test_tab_goes_from_the_field_to_what_one_begins_with_then_to_the_list_and_the_head(
    window: ChatWindow, qtbot: QtBot
) -> None:
    window.pane.empty_page.set_starters(["What is a cat?", "What is a dog?"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    starters = [button for button in children(window.pane.empty_page, QPushButton) if button.text().startswith("What")]
    qtbot.waitUntil(lambda: all(button.isVisible() for button in starters))
    window.pane.focus_composer()
    reached: list[QWidget | None] = []
    for _ in range(9):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    search, new, _shelf, rows = window.list.tab_order
    assert reached[:6] == [window.pane.composer.attach, *starters, search, new, rows]
    head = [part for part in (window._list_button, window.persona, window.choices_button) if part.isVisible()]
    assert head and reached[6 : 6 + len(head)] == head


def test_the_sheet_beside_the_field_opens_a_document(window: ChatWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.menu.open_document.triggered):
        QTest.mouseClick(window.pane.composer.attach, Qt.MouseButton.LeftButton)


class TestConversation:
    def test_the_first_message_of_a_new_conversation(self, window: ChatWindow, qtbot: QtBot) -> None:
        assert window.pane.empty_page.isVisible()
        with qtbot.waitSignal(window.pane.sendRequested) as signal:
            type_and_send(window, qtbot, "Hello?")
        assert signal.args == ["Hello?"]
        assert window.pane.composer.text() == ""
        assert window.pane.current is None
        window.pane.append_message(question(1, "Hello?", "new"))
        assert window.pane.current == "new"
        assert window.pane.transcript.isVisible()
        window.pane.set_busy(True)
        window.set_activity(Activity(ActivityKind.WAKING, fraction=0.4))
        window.pane.begin_answer()
        assert "Waking 40 %" in page(window)
        window.set_activity(Activity(ActivityKind.READING, tokens_done=1, tokens_total=9))
        assert "Reading…" in page(window)
        window.pane.transcript.grow_answer("Hi", "")
        qtbot.waitUntil(lambda: page(window).endswith("Hi"))
        window.pane.finish_answer(answer(2, "Hi."))
        window.pane.set_busy(False)
        assert "Hi.\nCopy" in page(window)

    def test_starters_are_sent_and_a_draft_stays(self, window: ChatWindow, qtbot: QtBot) -> None:
        starters = ("Why?", "Salt && pepper & more")
        window.pane.empty_page.set_starters(starters)
        window.pane.composer.set_text("being written")
        shown = children(window.pane.empty_page, QPushButton, shown=True)
        for button, starter in zip(shown, starters, strict=True):
            with qtbot.waitSignal(window.pane.sendRequested) as signal:
                button.click()
            assert signal.args == [starter]
        assert window.pane.composer.text() == "being written"

    def test_a_starter_that_wants_a_text_is_written_on(self, window: ChatWindow) -> None:
        window.pane.empty_page.set_starters(("Summarise this text:",))
        window.pane.composer.set_text("The library is closed.")
        button = push_button(window.pane.empty_page, "Summarise this text:")
        button.click()
        assert window.pane.composer.text() == "Summarise this text:\nThe library is closed."
        assert window.pane.composer.edit.hasFocus()
        button.click()
        assert window.pane.composer.text() == "Summarise this text:\nThe library is closed."

    def test_other_starters_take_the_place_of_those_before(self, window: ChatWindow) -> None:
        for starters in (("One?", "Two?"), ("x" * 400,), ()):
            window.pane.empty_page.set_starters(starters)
            assert len(children(window.pane.empty_page, QPushButton, shown=True)) == len(starters)
            assert window.pane.empty_page.starters == starters
        window.pane.empty_page.set_starters(("x" * 400,))
        (button,) = children(window.pane.empty_page, QPushButton, shown=True)
        assert button.width() < window.pane.empty_page.width()
        assert "x" * 400 in button.toolTip()

    def test_large_type_makes_the_conversation_larger_and_nothing_else(self, window: ChatWindow) -> None:
        window.pane.append_message(question(1, "Hello?", "new"))
        pane, before = window.pane, window.pane.transcript.measure.page_width()
        size = pane.transcript.font().pointSizeF()
        pane.set_text_scale(1.4)
        assert pane.transcript.font().pointSizeF() == pytest.approx(size * 1.4, abs=0.05)
        assert pane.composer.font().pointSizeF() == pytest.approx(size * 1.4, abs=0.05)
        assert pane.transcript.measure.page_width() > before * 1.3
        assert window.list.font().pointSizeF() == size
        pane.set_text_scale(1.0)
        assert pane.transcript.font() == window.list.font()
        assert pane.transcript.measure.page_width() == before

    def test_the_cat_of_the_empty_page_does_what_the_status_says(self, window: ChatWindow) -> None:
        page = window.pane.empty_page
        seen: dict[ActivityKind, tuple[str, str]] = {}
        pictures: dict[ActivityKind, QImage] = {}
        for kind in ActivityKind:
            window.set_activity(Activity(kind))
            cat, sentence = children(page, QLabel)[:2]
            seen[kind] = (cat.accessibleName(), sentence.text())
            pictures[kind] = cat.pixmap().toImage()
        assert seen[ActivityKind.ASLEEP][0] == "A sleeping cat"
        assert "sleeps" in seen[ActivityKind.ASLEEP][1]
        assert seen[ActivityKind.DOZING][0] == "A dozing cat"
        assert "wakes at once" in seen[ActivityKind.DOZING][1]
        assert "waking up" in seen[ActivityKind.WAKING][1]
        assert "awake" in seen[ActivityKind.AWAKE][1]
        assert pictures[ActivityKind.AWAKE] != pictures[ActivityKind.ASLEEP] != pictures[ActivityKind.WAKING]
        window.set_activity(Activity(ActivityKind.ASLEEP))
        assert children(page, QLabel)[0].pixmap().toImage() == pictures[ActivityKind.ASLEEP]

    def test_without_a_model_the_page_says_how_far_one_is_on_its_way(self, window: ChatWindow) -> None:
        page = window.pane.empty_page
        sentence = children(page, QLabel)[1]
        window.set_activity(Activity(ActivityKind.NO_MODEL))
        page.set_arriving(0.349)
        assert sentence.text() == "The model is on its way: 34%. You can ask as soon as it is here."
        assert push_button(page, "Show the download").isVisibleTo(page)
        page.set_arriving(None)
        assert sentence.text().startswith("No model is here yet.")
        assert push_button(page, "Choose a model").isVisibleTo(page)
        # AND with a model nobody cares what else is downloaded
        window.set_activity(Activity(ActivityKind.ASLEEP))
        page.set_arriving(0.5)
        assert "sleeps" in sentence.text()

    def test_the_cat_of_an_empty_page_that_is_not_in_view_is_drawn_when_it_is(self, window: ChatWindow) -> None:
        # GIVEN a conversation in view
        page = window.pane.empty_page
        picture = children(page, QLabel)[0]
        window.pane.append_message(question(1, "Hello?", "new"))
        asleep = picture.pixmap().cacheKey()
        # WHEN the model wakes up
        window.set_activity(Activity(ActivityKind.AWAKE))
        # THEN nothing is drawn for it, until the page comes into view
        assert picture.pixmap().cacheKey() == asleep
        window.pane.show_new()
        assert picture.pixmap().cacheKey() != asleep

    def test_drafts_stay_with_their_conversation(self, window: ChatWindow) -> None:
        window.pane.composer.set_text("new draft")
        window.pane.show_transcript(Transcript(A, ()))
        assert window.pane.composer.text() == ""
        window.pane.composer.set_text("draft of a")
        window.pane.show_transcript(Transcript(B, ()))
        assert window.pane.composer.text() == ""
        window.pane.show_transcript(Transcript(A, ()))
        assert window.pane.composer.text() == "draft of a"
        window.pane.show_new()
        assert window.pane.composer.text() == "new draft"

    def test_a_text_that_was_not_sent_comes_back(self, window: ChatWindow) -> None:
        window.pane.put_text_back("refused")
        assert window.pane.composer.text() == "refused"
        window.pane.put_text_back("refused")
        assert window.pane.composer.text() == "refused"
        window.pane.composer.set_text("newer")
        window.pane.put_text_back("refused")
        assert window.pane.composer.text() == "refused\nnewer"


class TestEditing:
    def test_the_last_message_is_edited_and_enter_replaces_it(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(2))))
        window.pane.edit_last()
        assert window.pane.composer.text() == "Question 3?"
        assert window.pane.composer.is_editing
        window.pane.composer.set_text("Better?")
        with qtbot.assertNotEmitted(window.pane.sendRequested), qtbot.waitSignal(window.pane.editRequested) as signal:
            QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_Return)
        assert signal.args == [3, "Better?"]
        assert not window.pane.composer.is_editing
        assert "Question 3?" in page(window), "it goes only when the new one is stored"
        window.pane.append_message(question(5, "Better?", "a"))
        assert "Question 3?" not in page(window)
        assert "Answer 4." not in page(window)
        assert "Answer 2." in page(window)

    def test_escape_brings_the_draft_back(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(2))))
        window.pane.composer.set_text("draft")
        window.pane.transcript.requests.editRequested.emit(1)
        assert window.pane.composer.text() == "Question 1?"
        QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_Escape)
        assert window.pane.composer.text() == "draft"
        with qtbot.waitSignal(window.pane.sendRequested):
            QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_Return)

    def test_not_while_an_answer_is_on_its_way(self, window: ChatWindow) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(1))))
        window.pane.set_busy(True)
        window.pane.edit_last()
        assert not window.pane.composer.is_editing


class TestCommands:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("Ctrl+N", "new"),
            ("Ctrl+R", "regenerate"),
            ("Ctrl+,", "settings"),
            ("Ctrl+M", "models"),
            ("Ctrl+Q", "quit"),
            ("Ctrl+Shift+S", "sleep"),
            ("Ctrl+Shift+A", "ask"),
            ("Esc", "stop"),
        ],
    )
    def test_shortcuts(self, window: ChatWindow, qtbot: QtBot, key: str, name: str) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(1))))
        window.pane.set_busy(name == "stop")
        action = next(action for action in commands(window) if QKeySequence(key) in action.shortcuts())
        assert action is getattr(window.menu, name)
        assert action.isEnabled()

    def test_the_key_that_closes_the_window(self, window: ChatWindow, qtbot: QtBot) -> None:
        assert window.menu.close.shortcut() == QKeySequence("Ctrl+W")
        with qtbot.waitSignal(window.closeRequested):
            window.menu.close.trigger()

    def test_the_button_for_a_new_conversation(self, window: ChatWindow, qtbot: QtBot) -> None:
        with qtbot.waitSignal(window.menu.new.triggered):
            window._new_button.click()

    def test_a_shortcut_works_from_the_composer(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.activateWindow()
        window.pane.focus_composer()
        qtbot.waitUntil(window.pane.composer.edit.hasFocus)
        with qtbot.waitSignal(window.menu.new.triggered):
            QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        window.pane.set_busy(True)
        with qtbot.waitSignal(window.menu.stop.triggered):
            QTest.keyClick(window.pane.composer.edit, Qt.Key.Key_Escape)

    def test_no_shortcut_is_given_twice(self, window: ChatWindow) -> None:
        keys = [key.toString() for action in commands(window) for key in action.shortcuts()]
        assert len(keys) == len(set(keys))

    def test_no_letter_leads_to_two_entries_of_a_menu(self, window: ChatWindow) -> None:
        assert letters_given_twice(window.menuBar()) == []

    def test_what_cannot_be_done_is_greyed(self, window: ChatWindow) -> None:
        menu = window.menu
        assert not any(action.isEnabled() for action in (menu.regenerate, menu.copy_answer, menu.edit_last, menu.stop))
        window.pane.show_transcript(Transcript(A, tuple(dialogue(1))))
        assert all(action.isEnabled() for action in (menu.regenerate, menu.copy_answer, menu.edit_last))
        window.pane.set_busy(True)
        assert menu.stop.isEnabled()
        assert not menu.regenerate.isEnabled()

    def test_without_a_conversation_there_is_none_to_rename_or_delete(self, window: ChatWindow) -> None:
        menu = window.menu
        assert not menu.rename.isEnabled() and not menu.delete.isEnabled()
        window.pane.show_transcript(Transcript(A, (question(1), answer(2))))
        assert menu.rename.isEnabled() and menu.delete.isEnabled()
        window.pane.show_new()
        assert not menu.rename.isEnabled() and not menu.delete.isEnabled()

    def test_who_sleeps_cannot_be_sent_to_sleep(self, window: ChatWindow) -> None:
        window.set_activity(Activity(ActivityKind.ASLEEP))
        assert not window.menu.sleep.isEnabled()
        for kind in (ActivityKind.AWAKE, ActivityKind.DOZING):
            window.set_activity(Activity(kind))
            assert window.menu.sleep.isEnabled()

    def test_text_size(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.set_font_size(12)
        with qtbot.waitSignal(window.fontSizeChanged) as signal:
            window.menu.larger.trigger()
        assert signal.args == [13]
        window.set_font_size(13)
        with qtbot.waitSignal(window.fontSizeChanged) as signal:
            window.menu.smaller.trigger()
        assert signal.args == [12]
        with qtbot.waitSignal(window.fontSizeChanged) as signal:
            window.menu.normal.trigger()
        assert signal.args == [0]

    def test_find_opens_the_list(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.menu.list.trigger()
        assert window.list.isHidden()
        window.activateWindow()
        window.menu.search.trigger()
        assert window.list.isVisible()
        search = window.list.findChild(QLineEdit)
        assert isinstance(search, QLineEdit)
        qtbot.waitUntil(search.hasFocus)


class TestWindow:
    def test_closing_is_a_request_until_the_end(self, window: ChatWindow, qtbot: QtBot) -> None:
        with qtbot.waitSignal(window.closeRequested):
            window.close()
        assert window.isVisible()
        with qtbot.assertNotEmitted(window.closeRequested):
            window.end()
        assert not window.isVisible()

    def test_memory_is_measured_only_while_the_window_can_be_seen(
        self, window: ChatWindow, meter: Meter, qtbot: QtBot
    ) -> None:
        assert meter.reads == 1
        assert window.status.is_watching
        window.hide()
        assert not window.status.is_watching
        window.show()
        assert window.status.is_watching
        window.showMinimized()
        qtbot.waitUntil(lambda: not window.status.is_watching)
        window.showNormal()
        qtbot.waitUntil(lambda: window.status.is_watching)

    def test_the_list_makes_room_in_a_narrow_window(self, window: ChatWindow, qtbot: QtBot) -> None:
        assert window.list.isVisible()
        window.resize(640, 480)
        qtbot.waitUntil(window.list.isHidden)
        assert window._new_button.isVisible()
        window.menu.list.trigger()
        assert window.list.isVisible()
        window.resize(1024, 600)
        qtbot.waitUntil(window.list.isVisible)

    def test_everything_that_can_be_pressed_has_a_name(self, window: ChatWindow) -> None:
        window.pane.banner.show_notice(Notice("x"))
        buttons = cast("list[QAbstractButton]", window.findChildren(QAbstractButton))
        # Qt's own button that clears a text field has none.
        ours = [button for button in buttons if button.isVisible() and not isinstance(button.parent(), QLineEdit)]
        assert len(ours) >= 4
        assert all(button.accessibleName() or button.text() for button in ours)
        for widget in (window.pane.transcript, window.pane.composer.edit, window.list._items, window.list._search):
            assert widget.accessibleName()

    def test_a_notice_takes_no_focus(self, window: ChatWindow, qtbot: QtBot, qapp: QApplication) -> None:
        window.activateWindow()
        window.pane.focus_composer()
        qtbot.waitUntil(window.pane.composer.edit.hasFocus)
        window.pane.banner.show_notice(Notice("Something."))
        assert window.pane.banner.isVisible()
        assert window.pane.composer.edit.hasFocus()
        window.pane.banner.withdraw("Something.\n")
        assert window.pane.banner.isHidden()

    def test_fits_a_small_screen(self, window: ChatWindow) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(3))))
        window.pane.banner.show_notice(Notice("A long title that has to be wrapped " * 3, "and a detail " * 10))
        assert window.minimumSizeHint().width() <= 1024
        assert window.minimumSizeHint().height() <= 600
        assert window.size().height() == 600

    def test_what_is_typed_is_told(self, window: ChatWindow, qtbot: QtBot) -> None:
        with qtbot.waitSignal(window.pane.composer.composed) as signal:
            QTest.keyClicks(window.pane.composer.edit, "W")
        assert signal.args == ["W"]
