"""Reading aloud in the chat window: when it begins, and all that ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.types import FinishReason, Token
from desktop.settings.options import Settings
from desktop.speech.sentences import Sentence
from desktop.ui.speech.engine import SpeechProcess
from desktop.ui.speech.presenter import ReadAloud
from tests.rigs.chat import Bench
from tests.support.event_loop import let_run


class Voice(SpeechProcess):
    """A fake of the voice: says nothing, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(command=[])
        self.sentences: list[Sentence] = []
        self.number = self.stops = 0
        self.manner = (0.0, 0.0)

    def set_manner(self, rate: float, volume: float) -> None:
        self.manner = rate, volume

    def say(self, number: int, sentence: Sentence) -> None:
        self.sentences.append(sentence)
        self.number = number

    def stop(self) -> None:
        self.stops += 1

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.sentences]

    def done(self) -> None:
        self.said.emit(self.number)


class Room:
    """A window with a voice."""

    def __init__(self, qtbot: QtBot, folder: Path, *, in_pieces: bool) -> None:
        self.bench = Bench(qtbot, folder, in_pieces=in_pieces)
        self.settings = Settings(read_answers=True)
        self.voice = Voice()
        self.aloud = ReadAloud(self.voice, lambda: self.settings)
        self.aloud.follow(self.bench.window)
        self.bench.presenter.opened.connect(self.aloud.turn_to)
        self.bench.chat._notify.subscribe(self.aloud.on_chat_event)  # type: ignore[attr-defined]
        self.troubles: list[tuple[UserFacingError, bool]] = []
        self.aloud.troubled.connect(lambda error, is_trial: self.troubles.append((error, is_trial)))

    def change(self, **values: object) -> None:
        old, self.settings = self.settings, replace(self.settings, **values)  # type: ignore[arg-type]
        self.aloud.on_settings(old, self.settings)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.bench.window.pane.composer.edit, key)

    def page(self) -> str:
        return self.bench.page()


@pytest.fixture(params=[False, True], ids=["at once", "in pieces"])
def room(request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    made = Room(qtbot, tmp_path, in_pieces=request.param)
    yield made
    made.aloud.close()
    made.bench.history.close()


def test_an_answer_is_read_while_it_is_written_and_its_thoughts_are_not(room: Room) -> None:
    bench = room.bench
    bench.send("How tall is a giraffe?")
    bench.chat.on_engine_event(Token(bench.engine.last.request_id, "I think. Long. ", thinking=True))
    bench.say("Five metres. An")
    assert room.voice.texts == ["Five metres."]
    room.voice.done()
    bench.say("d more.")
    bench.finish()
    assert room.voice.texts == ["Five metres.", "And more."]
    assert room.aloud.is_reading
    assert "Stop reading" in room.page()
    room.voice.done()
    assert not room.aloud.is_reading
    assert "Read aloud" in room.page()


def test_nothing_is_read_by_itself_unless_it_is_wished(room: Room) -> None:
    room.change(read_answers=False)
    room.bench.talk("Hello", "Good day. Well.")
    assert room.voice.texts == []
    # WHEN somebody asks for it
    room.bench.window.menu.read_aloud.trigger()
    assert room.voice.texts == ["Good day."]
    assert room.bench.window.menu.read_aloud.text() == "Stop read&ing"
    # THEN asking again stops it
    room.bench.window.menu.read_aloud.trigger()
    assert (room.voice.stops, room.aloud.is_reading) == (1, False)


def test_escape_makes_it_silent(room: Room) -> None:
    room.change(read_answers=False)
    room.bench.talk("Hello", "Good day. Well.")
    room.bench.window.menu.read_aloud.trigger()
    room.key(Qt.Key.Key_Escape)
    assert not room.aloud.is_reading
    # and while an answer comes it stops both
    room.change(read_answers=True)
    room.bench.send("More")
    room.bench.say("One! Two! ")
    assert room.aloud.is_reading
    room.key(Qt.Key.Key_Escape)
    assert not room.aloud.is_reading
    assert room.bench.engine.cancelled == [room.bench.engine.last.request_id]
    room.bench.say("Three! Four! ")
    room.bench.finish(FinishReason.STOPPED)
    assert room.voice.texts == ["Good day.", "One!"]


def test_a_new_question_another_conversation_and_quitting_end_it(room: Room) -> None:
    other = room.bench.talk("Other", "Words. More. ")
    room.bench.talk("Hello", "Good day. Well.")
    assert room.aloud.is_reading
    room.bench.presenter.open(other)
    assert not room.aloud.is_reading
    room.bench.window.menu.read_aloud.trigger()
    assert room.aloud.is_reading
    room.bench.send("Another question")
    assert not [one for one in room.voice.texts if one == "More."]
    room.bench.say("New! And ")
    assert room.voice.texts[-1] == "New!"
    room.aloud.close()
    room.bench.say("more! Or ")
    room.voice.done()
    assert room.voice.texts[-1] == "New!"


def test_an_answer_elsewhere_is_not_read(room: Room) -> None:
    other = room.bench.talk("Other", "Words.")
    room.bench.presenter.open(None)
    room.bench.send("Hello")
    room.bench.presenter.open(other)
    room.bench.say("One! Two! ")
    room.bench.finish()
    assert room.voice.texts == ["Words."]


def test_given_anew_an_answer_is_read_anew_and_gone_on_with_only_its_rest(room: Room) -> None:
    room.bench.talk("Hello", "Old one. Old two.")
    room.bench.window.menu.regenerate.trigger()
    assert not room.aloud.is_reading or room.voice.texts == ["Old one."]
    room.bench.say("New one. And it goes ")
    room.bench.finish(FinishReason.LENGTH)
    assert room.voice.texts == ["Old one.", "New one."]
    # WHEN the answer that was cut off goes on
    room.bench.window.menu.go_on.trigger()
    room.bench.say("on. The end.")
    room.bench.finish()
    room.voice.done()
    assert room.voice.texts == ["Old one.", "New one.", "on.", "The end."]


def test_an_edit_ends_it_and_its_answer_is_read(room: Room) -> None:
    room.bench.talk("Hello", "Old one. Old two.")
    room.bench.edit_last("Hello again")
    room.bench.say("New one! And ")
    assert room.voice.texts == ["Old one.", "New one!"]


def test_a_message_in_the_middle_can_be_read_by_its_sign_and_no_further(room: Room) -> None:
    room.change(read_answers=False)
    room.bench.talk("Hello", "First. Second.")
    room.bench.send("And?")
    room.bench.say("Third.")
    room.bench.finish()
    page = room.bench.window.pane.transcript
    first = page.messages[1]
    page.requests.readRequested.emit(first.id)
    assert room.voice.texts == ["First."]
    page.requests.readRequested.emit(first.id)
    assert not room.aloud.is_reading
    # and one takes the place of the other
    page.requests.readRequested.emit(first.id)
    page.requests.readRequested.emit(page.messages[-1].id)
    assert room.voice.texts[-1] == "Third."


def test_what_cannot_be_read_is_said_once_and_whenever_somebody_asks(room: Room) -> None:
    bench = room.bench
    for _ in range(2):
        bench.send("Hello")
        bench.say("Good day! ")
        room.voice.failed.emit(UserFacingError("There is no voice."))
        bench.finish()
    assert [(error.title, is_trial) for error, is_trial in room.troubles] == [("There is no voice.", False)]
    bench.window.menu.read_aloud.trigger()
    room.voice.failed.emit(UserFacingError("There is no voice."))
    assert len(room.troubles) == 2
    room.aloud.try_out()
    room.voice.failed.emit(UserFacingError("There is no voice."))
    assert room.troubles[-1][1]
    # WHEN reading is switched on anew, it is said again
    room.change(read_answers=False)
    room.change(read_answers=True)
    bench.send("Hello")
    bench.say("Good day! ")
    room.voice.failed.emit(UserFacingError("There is no voice."))
    assert len(room.troubles) == 4


def test_it_is_told_when_something_was_heard(room: Room, qtbot: QtBot) -> None:
    room.aloud.try_out()
    with qtbot.waitSignal(room.aloud.heard):
        room.voice.done()


def test_speed_volume_and_the_sentence_that_tries_them(room: Room) -> None:
    room.change(reading_speed=50, reading_volume=40)
    room.aloud.try_out()
    assert room.voice.manner == (-1.0, 0.4)
    assert len(room.voice.texts) == 1
    room.aloud.try_out()
    assert (room.voice.stops, room.aloud.is_reading) == (1, False)


def test_a_deleted_message_is_not_read_on(room: Room, qtbot: QtBot) -> None:
    room.change(read_answers=False)
    room.bench.talk("Hello", "First. Second.")
    page = room.bench.window.pane.transcript
    page.requests.readRequested.emit(page.messages[1].id)
    page.requests.deleteRequested.emit(page.messages[1].id)
    let_run(qtbot)
    assert not room.aloud.is_reading
    assert room.voice.stops == 1
