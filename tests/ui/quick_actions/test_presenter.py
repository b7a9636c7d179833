"""Quick actions in the real quick box, on the real service; engine and selection are played by the test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.quick_actions.actions import QuickAction
from desktop.chat.quick_actions.selected_text import clean_selection
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.chat.quick_ask import QuickAskService, QuickEvent
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.common.events import Publisher
from desktop.engine.types import Failed, Finished, FinishReason, Role, Stats, Token
from desktop.lifecycle.larger_context import LargerContext
from desktop.settings.options import Settings
from desktop.ui.quick_actions.length import TextLimits
from desktop.ui.quick_actions.paste_back import PasteBack
from desktop.ui.quick_actions.presenter import QuickActionsPresenter
from desktop.ui.quick_actions.selection import Source
from desktop.ui.quick_ask.box import AskLine, QuickAsk
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.widgets.labels import WarningLabel
from tests.support.fake_engine import FakeEngine
from tests.support.widgets import child

TEXT = "The cat sleeps on the warm laptop."


class Texts:
    """What is selected and copied, as the test says."""

    def __init__(self) -> None:
        self.has_selection = True
        self.needs_focus = False
        self.there = {Source.SELECTION: TEXT, Source.CLIPBOARD: ""}

    def read(self, source: Source) -> str:
        return clean_selection(self.there[source])


class Keys:
    """A window of another program, and what is pressed there."""

    def __init__(self) -> None:
        self.front: int | None = 7
        self.refuses = self.deaf = False
        self.pressed: list[int | None] = []

    def window_in_front(self) -> int | None:
        return self.front

    def bring_to_front(self, window: int) -> None:
        if not self.refuses:
            self.front = window

    def is_ready(self, window: int) -> bool:
        return self.front == window

    def press(self) -> bool:
        if not self.deaf:
            self.pressed.append(self.front)
        return not self.deaf

    def close(self) -> None:
        self.front = None


class Bench(QObject):
    def __init__(self, qtbot: QtBot, file: QuickActionsFile) -> None:
        super().__init__()
        self.qtbot, self.file = qtbot, file
        self.engine, self.texts = FakeEngine(), Texts()
        self.keys: Keys | None = Keys()
        self.model_is_there, self.chat_answers = True, False
        self.context, self.larger_to, self.enlarged = 4096, LargerContext(8192, 96_000_000), list[int]()
        self.needed: list[str] = []
        self.said: list[tuple[str, str]] = []
        settings = Settings(system_prompt="Answer like a pirate.")
        relay = Publisher[QuickEvent]()
        self.service = QuickAskService(self.engine, self.engine.forget, lambda: settings, relay, itertools.count(1))
        self.quick = QuickPresenter(
            self._make, self.service, lambda: self.model_is_there, self, lambda: self.chat_answers
        )
        relay.subscribe(self.quick.on_quick_event)
        self.quick.modelNeeded.connect(self.needed.append)
        limits = TextLimits(lambda: self.context, lambda: None, self._larger, self._enlarge)
        self.paste_back = PasteBack(lambda: self.keys, self)
        self.paste_back.said.connect(lambda title, text: self.said.append((title, text)))
        self.presenter = QuickActionsPresenter(
            self.quick, lambda: file.actions, self.texts, limits, self.paste_back, self
        )

        self.quick.opening.connect(self.presenter.remember_window)

    def _make(self) -> QuickAsk:
        box = QuickAsk()
        self.qtbot.addWidget(box)
        return box

    def _larger(self, needed: int) -> LargerContext | None:
        return self.larger_to if needed < self.larger_to.tokens else None

    def _enlarge(self, tokens: int) -> None:
        self.enlarged.append(tokens)
        self.context = tokens

    @property
    def box(self) -> QuickAsk:
        box = self.quick.box
        assert box is not None
        return box

    def run(self, name: str) -> None:
        self.presenter.run(name)
        self._settle()

    def open(self) -> None:
        self.quick.open_at(None)
        self._settle()

    def _settle(self) -> None:
        for _turn in range(5):
            QCoreApplication.sendPostedEvents()
            QCoreApplication.processEvents()

    def type(self, text: str) -> None:
        line = child(self.box, AskLine)
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def say(self, text: str) -> None:
        self.service.on_engine_event(Token(self.engine.last.request_id, text))

    def finish(self, text: str = "Purr.", reason: FinishReason = FinishReason.COMPLETE) -> None:
        self.say(text)
        self.service.on_engine_event(Finished(self.engine.last.request_id, reason, Stats()))

    def fail(self, error: UserFacingError) -> None:
        self.service.on_engine_event(Failed(self.engine.last.request_id, error, Stats()))

    @property
    def error(self) -> str:
        label = child(self.box, WarningLabel)
        return label.text() if label.isVisible() else ""

    def buttons(self) -> list[str]:
        found = cast("list[QPushButton]", self.box.findChildren(QPushButton))
        return [button.text().replace("&", "") for button in found if button.isVisible()]

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.box.findChildren(QPushButton))
        next(each for each in found if each.text().replace("&", "") == text and each.isVisible()).click()
        self._settle()


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, QuickActionsFile(tmp_path / "quick-actions.json"))
    yield made
    made.quick.hide()
    made.paste_back.close()


def test_an_action_is_done_with_what_is_selected(bench: Bench) -> None:
    bench.run("explain")
    # THEN the model is asked with the fenced text, and the settings' own instructions stay out of it
    (message,) = bench.engine.last.messages
    assert message.role is Role.USER
    assert message.text == f"Explain the text below in simple words.\n\n<text>\n{TEXT}\n</text>"
    assert bench.engine.last.sampling.temperature == pytest.approx(0.4)
    assert not bench.engine.last.keep_state
    # AND the box says which text that is
    assert bench.box.text_bar.words == f"Explain · “{TEXT}” · 34 characters"
    bench.finish("<text>\nA cat naps.\n</text>")
    assert bench.box.answer == "A cat naps."
    assert {"Copy", "Paste back", "Continue in chat"} <= set(bench.buttons())
    exchange = bench.service.exchange()
    assert exchange is not None and exchange.answer == "A cat naps."


def test_the_quick_box_offers_what_can_be_done(bench: Bench) -> None:
    bench.open()
    assert bench.box.text_bar.words == f"Selected: “{TEXT}” · 34 characters"
    assert bench.engine.requests == []
    bench.press("Summarise")
    assert bench.engine.last.messages[-1].text.startswith("Summarise")


def test_a_typed_question_is_asked_without_the_text(bench: Bench) -> None:
    bench.open()
    bench.type("Capital of France?")
    assert [message.text for message in bench.engine.last.messages] == ["Answer like a pirate.", "Capital of France?"]
    bench.finish()
    assert "Paste back" not in bench.buttons()


def test_a_question_about_the_text(bench: Bench) -> None:
    bench.run("ask")
    assert bench.engine.requests == []
    assert child(bench.box, AskLine).placeholderText() == "Ask about the text…"
    bench.type("Where does it sleep?")
    assert TEXT in bench.engine.last.messages[-1].text
    assert "\n\nWhere does it sleep?" in bench.engine.last.messages[-1].text
    bench.finish("On the laptop.")
    # AND another one about the same text
    bench.type("Who?")
    assert "\n\nWho?" in bench.engine.last.messages[-1].text
    # WHEN it fails THEN what was typed is in the line again, not the whole prompt
    child(bench.box, AskLine).clear()
    bench.fail(UserFacingError("It is broken."))
    assert bench.box.text == "Who?"


def test_without_the_text_it_is_a_question_like_any_other(bench: Bench) -> None:
    bench.run("ask")
    bench.box.text_bar.dropped.emit()
    bench.type("Who?")
    assert bench.engine.last.messages[-1].text == "Who?"


def test_nothing_is_selected(bench: Bench) -> None:
    bench.texts.there[Source.SELECTION] = " \0\n"
    bench.run("translate")
    assert bench.error == "No text is selected.\nSelect some text in the other program, then try again."
    # AND the box stays although it is idle
    QCoreApplication.sendEvent(bench.box, QEvent(QEvent.Type.WindowDeactivate))
    assert bench.box.isVisible()


def test_what_was_copied_is_offered_where_nothing_is_selected(bench: Bench) -> None:
    bench.texts.there = {Source.SELECTION: "", Source.CLIPBOARD: "明天下午三点的会议改到后天。"}
    bench.run("translate")
    assert "Select some, or take what was copied: “明天下午三点的会议改到后天。”" in bench.error
    assert bench.engine.requests == [], "nothing is taken that was not meant"
    bench.press("Take the copied text")
    assert "英语" in bench.engine.last.messages[-1].text
    assert bench.error == ""


def test_without_a_selection_of_its_own_the_system_has_the_clipboard(bench: Bench) -> None:
    bench.texts.has_selection = False
    bench.run("explain")
    assert bench.error.startswith("The clipboard holds no text.")
    bench.texts.there[Source.CLIPBOARD] = "Copied words"
    bench.box.hide()
    bench.open()
    assert bench.box.text_bar.words == "Copied: “Copied words” · 12 characters"


def test_the_text_is_read_when_the_box_may_read_it(bench: Bench) -> None:
    # GIVEN Wayland, where only the window with the keyboard may
    bench.texts.needs_focus = True
    bench.presenter.run("explain")
    assert not bench.box.isActiveWindow()
    assert not bench.presenter._reading.isActive()
    assert "Click into this box" in bench.box.status_words
    # WHEN it has the keyboard THEN the text is read
    with bench.qtbot.waitActive(bench.box):
        pass
    bench.qtbot.waitUntil(lambda: bool(bench.engine.requests))
    assert TEXT in bench.engine.last.messages[-1].text


def test_an_unknown_action_names_those_there_are(bench: Bench) -> None:
    bench.file.add("变短", "Shorten.")
    bench.run("Exploin")
    assert bench.error == (
        "There is no action of this name. Exploin.\n"
        "There are: Explain, Summarise, Translate, Correct, Rewrite, Ask about it, 变短."
    )


def test_an_own_action_is_offered_and_done(bench: Bench) -> None:
    bench.file.add("变短 & schöner", "Shorten.")
    bench.run("变短 & SCHÖNER")
    assert bench.engine.last.messages[-1].text == f"Shorten.\n\n<text>\n{TEXT}\n</text>"


def test_while_the_chat_answers_it_waits_visibly(bench: Bench) -> None:
    bench.chat_answers = True
    bench.run("explain")
    assert bench.box.status_words.startswith("The chat is being answered first")


def test_a_second_action_waits_for_the_first(bench: Bench) -> None:
    bench.run("explain")
    bench.say("A cat")
    # WHEN the same is asked again, and then something else
    bench.run("explain")
    assert bench.box.text_bar.next_words == ""
    bench.texts.there[Source.SELECTION] = "Another text"
    bench.run("summarise")
    # THEN it waits, visibly, and the answer goes on
    assert bench.box.text_bar.next_words == "Next: Summarise “Another text”"
    assert len(bench.engine.requests) == 1 and bench.engine.cancelled == []
    bench.finish(" naps.")
    assert bench.box.answer == "A cat naps.", "it is still to be read"
    bench.press("Start now")
    assert "Another text" in bench.engine.last.messages[-1].text
    assert bench.box.text_bar.next_words == ""


def test_what_waits_can_be_done_at_once(bench: Bench) -> None:
    bench.run("explain")
    first = bench.engine.last.request_id
    bench.texts.there[Source.SELECTION] = "Another text"
    bench.run("summarise")
    bench.press("Start now")
    assert bench.engine.cancelled == [first]
    bench.finish("It is another.")
    assert bench.box.answer == "It is another."


def test_without_a_model_it_waits_for_one(bench: Bench) -> None:
    bench.model_is_there = False
    bench.run("explain")
    assert bench.needed == [f"Explain: {TEXT}"] == [bench.quick.waiting_question]
    bench.model_is_there = True
    bench.quick.on_model_ready()
    assert TEXT in bench.engine.last.messages[-1].text
    assert bench.quick.waiting_question == ""


def test_a_text_that_does_not_fit_is_said_before_it_is_sent(bench: Bench) -> None:
    bench.context = 1024
    bench.texts.there[Source.SELECTION] = "The cat sleeps. " * 400
    bench.run("explain")
    assert bench.engine.requests == []
    assert bench.error.startswith(
        "This text is too long for the model. It takes about 1,600 tokens; there is room for 768"
    )
    # WHEN only its beginning is wanted
    bench.press("Only the beginning")
    sent = bench.engine.last.messages[-1].text
    assert 1_500 < len(sent) < 3_100
    assert "the first " in bench.box.text_bar.words and "of 6,399 characters" in bench.box.text_bar.words


def test_a_larger_context_is_offered_with_its_price(bench: Bench) -> None:
    bench.context = 1024
    bench.texts.there[Source.SELECTION] = "The cat sleeps. " * 400
    bench.run("explain")
    bench.press("Larger context (+96 MB)")
    assert bench.enlarged == [8192]
    assert len(bench.engine.last.messages[-1].text) > 6_399


def test_a_megabyte_is_shortened_quickly_and_nothing_larger_is_promised(bench: Bench) -> None:
    bench.texts.there[Source.SELECTION] = "猫在睡觉。" * 200_000
    bench.run("summarise")
    assert "a larger context is more than model or memory allow" in bench.error
    assert not any("Larger" in text for text in bench.buttons())
    bench.press("Only the beginning")
    assert 2_000 < len(bench.engine.last.messages[-1].text) < 6_000


def test_what_the_model_counts_as_too_long_has_the_same_ways_out(bench: Bench) -> None:
    bench.texts.there[Source.SELECTION] = "The cat sleeps. " * 400
    bench.run("explain")
    bench.fail(MessageTooLongError(4_000, 3_584))
    assert "It takes 4,000 tokens; there is room for 3,584." in bench.error
    bench.press("Only the beginning")
    assert len(bench.engine.last.messages[-1].text) < 6_000


def test_a_typed_question_that_is_too_long_is_asked_again_with_a_larger_context(bench: Bench) -> None:
    bench.open()
    bench.type("Which cat sleeps? " * 300)
    bench.fail(MessageTooLongError(4_000, 3_584))
    assert "It takes 4,000 tokens; there is room for 3,584." in bench.error
    bench.press("Larger context (+96 MB)")
    assert bench.enlarged == [8192] and bench.error == ""
    assert bench.engine.last.messages[-1].text == ("Which cat sleeps? " * 300).strip()


def test_a_typed_question_that_no_context_has_room_for_is_promised_none(bench: Bench) -> None:
    bench.open()
    bench.type("Which cat sleeps? " * 3000)
    bench.fail(MessageTooLongError(40_000, 3_584))
    assert "too long" in bench.error and not any("Larger" in text for text in bench.buttons())


def test_an_answer_goes_back_to_where_the_text_was(bench: Bench) -> None:
    QGuiApplication.clipboard().setText("what I had copied")
    bench.run("correct")
    bench.finish("The cat sleeps.")
    assert bench.keys is not None
    bench.keys.front = 99  # the box
    bench.press("Paste back")
    assert not bench.box.isVisible()
    bench.qtbot.waitUntil(lambda: bench.keys is not None and bench.keys.pressed == [7])
    assert QGuiApplication.clipboard().text() == "The cat sleeps."
    # AND what the clipboard held is neither lost nor silently replaced
    assert bench.said == [
        ("The answer was pasted.", "What the clipboard held before can be put back from the tray menu.")
    ]
    bench.paste_back.put_clipboard_back()
    assert QGuiApplication.clipboard().text() == "what I had copied"


def test_where_nobody_may_press_keys_the_user_is_told_which(bench: Bench) -> None:
    bench.keys = None
    QGuiApplication.clipboard().clear()
    bench.run("correct")
    bench.finish("The cat sleeps.")
    bench.press("Paste back")
    assert bench.box.isVisible()
    assert bench.box.status_words == "Copied. Press Ctrl+V where it shall go."
    assert QGuiApplication.clipboard().text() == "The cat sleeps."


def test_keys_that_are_not_taken_are_said(bench: Bench) -> None:
    QGuiApplication.clipboard().clear()
    bench.run("correct")
    bench.finish("The cat sleeps.")
    assert bench.keys is not None
    bench.keys.deaf = True
    bench.press("Paste back")
    bench.qtbot.waitUntil(lambda: bool(bench.said))
    assert bench.said == [("The answer was copied.", "Copied. Press Ctrl+V where it shall go.")]


def test_closing_the_box_forgets_the_text(bench: Bench) -> None:
    bench.run("ask")
    bench.box.hide()
    bench.texts.there[Source.SELECTION] = ""
    bench.open()
    assert bench.box.text_bar.words == ""
    bench.type("Who?")
    assert bench.engine.last.messages[-1].text == "Who?"


def test_many_actions_are_in_a_menu(bench: Bench) -> None:
    for number in range(20):
        bench.file.add(f"Mine {number}", "Do it.")
    bench.open()
    assert "More actions" in bench.buttons()
    assert sum(text.startswith("Mine") for text in bench.buttons()) < 5


def test_an_action_that_has_gone_is_said(bench: Bench) -> None:
    action: QuickAction = bench.file.add("Mine", "Do it.")
    bench.file.remove(action.id)
    bench.presenter.run_by_id(action.id)
    bench._settle()
    assert bench.error.startswith("There is no action of this name.")
