"""A conversation that a server answers, in the window: real services, the real engine, a server on loopback."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.engine.routing import ServerModel
from desktop.history.choices import ConversationChoices
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Server
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.servers.consent import CONSENT_KEY
from tests.rigs.servers import THERE, is_engine_untouched, place
from tests.rigs.shell import Bench
from tests.support.chat_server import ChatServer, Reply, delta, refused, said
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S
from tests.support.widgets import children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


def choose(bench: Bench, words: str) -> None:
    menu = bench.window.choices_button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()


def begin_there(bench: Bench, choice: str = THERE) -> None:
    """Shows a new conversation that a server is to answer."""
    bench.services.chat.choices.choose(None, ConversationChoices(model=choice))
    assert bench.shell.chat is not None
    bench.shell.chat.open(None)


def test_a_server_is_chosen_above_the_conversation_and_answers_there(bench: Bench, server: ChatServer) -> None:
    # WHEN its model is chosen as any other is
    choose(bench, "Usual model of office")
    # THEN it is plain where words go, before any is written
    assert bench.window.place.isVisible() and place(server) in bench.window.place.text()
    assert place(server) in bench.window.pane.composer.edit.accessibleName()
    assert place(server) in bench.window.choices_button.toolTip()
    # AND it answers, while nothing wakes here
    bench.send("Who is there?")
    bench.wait_for_answer("Hello there.")
    assert f"From {place(server)}" in bench.page()
    assert [each["content"] for each in server.questions[0]["messages"]][-1] == "Who is there?"
    assert is_engine_untouched(bench)
    # AND a new conversation is answered here again, and says so
    bench.window.menu.new.trigger()
    assert not bench.window.place.isVisible()


def test_what_is_typed_tells_a_server_nothing_and_wakes_nobody(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    QTest.keyClicks(bench.window.pane.composer.edit, "A secret that is never sent")
    preload = bench.shell.findChild(PreloadTriggers)
    assert preload is not None
    pause = preload.findChild(QTimer)
    assert pause is not None and not pause.isActive()  # after which a draft is read ahead
    assert not server.asked and is_engine_untouched(bench)


def test_one_conversation_goes_from_here_to_a_server_and_back(bench: Bench, server: ChatServer) -> None:
    bench.send("One")
    bench.wait_for_answer(PARROT_TEXT)
    choose(bench, "Usual model of office")
    bench.send("Two")
    bench.wait_for_answer("Hello there.")
    assert [each["content"] for each in server.questions[0]["messages"]][-3:] == ["One", PARROT_TEXT, "Two"]
    choose(bench, "As in the settings")
    bench.send("Three")
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2 and not bench.window.pane.transcript.is_growing)
    assert bench.shell.chat is not None and bench.shell.chat.current is not None
    messages = bench.services.history.transcript(bench.shell.chat.current).messages
    assert [one.text for one in messages] == ["One", PARROT_TEXT, "Two", "Hello there.", "Three", PARROT_TEXT]
    assert [one.place for one in messages if one.model] == ["", place(server), ""]
    assert len(server.questions) == 1


@pytest.fixture
def far(bench: Bench, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> ChatServer:
    """The same server, as if it were not on this computer: words leave it."""
    monkeypatch.setattr("desktop.servers.addresses.is_loopback", lambda _host: False)
    begin_there(bench)
    return server


def test_it_is_asked_before_the_first_words_leave_and_refusing_keeps_them(bench: Bench, far: ChatServer) -> None:
    # WHEN somebody asks a server that nobody has agreed to
    bench.send("My secret")
    # THEN it is asked first, the words stay in the field, and nothing is stored or sent
    assert place(far) in bench.banner() and bench.window.pane.banner.holds(CONSENT_KEY)
    assert bench.window.pane.composer.text() == "My secret"
    assert not bench.services.history.conversations() and not far.asked
    # WHEN that is declined THEN they still do
    bench.press("Do not send")
    assert bench.window.pane.composer.text() == "My secret" and not bench.window.pane.banner.holds(CONSENT_KEY)
    assert not bench.services.servers.list.get("office").agreed
    # AND a model that comes here sends them nowhere
    bench.services.choice.refresh()
    bench.shell._waiting.ask()  # what a model that arrives does
    assert bench.window.pane.composer.text() == "My secret" and not bench.services.history.conversations()
    # WHEN it is agreed to THEN they are sent, and that is kept
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.press("Send it there")
    assert bench.services.servers.list.get("office").agreed
    bench.qtbot.waitUntil(lambda: bench.questions() == ["My secret"])
    assert bench.window.pane.composer.text() == ""
    bench.wait_for_answer("Hello there.")
    # AND it is not asked again
    bench.send("And now?")
    bench.qtbot.waitUntil(lambda: len(far.questions) == 2)


def test_a_server_that_is_away_is_said_and_this_computer_offered(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    server.script(Reply((b"{}",), 429, headers=(("Retry-After", "17"),)))
    bench.send("Who is there?")
    bench.qtbot.waitUntil(lambda: "too much to do" in bench.banner())
    notice = bench.window.pane.banner.current
    assert notice is not None and "17 seconds" in notice.detail
    assert is_engine_untouched(bench)  # nobody has asked it yet
    # WHEN this computer shall answer instead
    bench.press("Answer on this computer")
    # THEN it does, says so, and the conversation stays here
    bench.wait_for_answer(PARROT_TEXT)
    assert "on this computer answers here from now on" in bench.banner()
    assert not bench.window.place.isVisible()
    # AND it can go back
    bench.press("Back to office")
    assert bench.window.place.isVisible()


def test_stop_closes_the_stream_and_what_came_is_kept(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    server.script(Reply((delta("Once upon "),), waits=True))
    bench.send("Tell me")
    bench.qtbot.waitUntil(lambda: "Once upon" in bench.page())
    assert server.waiting.wait(PATIENCE_S)
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Escape)
    bench.qtbot.waitUntil(lambda: not bench.window.pane.transcript.is_growing)
    assert server.left.wait(PATIENCE_S)
    assert "Once upon" in bench.page() and "Stopped" in bench.page()


def test_a_broken_stream_is_kept_and_goes_on(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    server.script(Reply((delta("The first half, "),), is_reset=True), said("and the second."))
    bench.send("Tell me")
    bench.qtbot.waitUntil(lambda: "broke off" in bench.banner())
    assert "The first half," in bench.page() and "Interrupted" in bench.page()
    bench.window.menu.go_on.trigger()
    bench.wait_for_answer("The first half, and the second.")


def test_thoughts_and_figures_are_shown_as_for_a_model_here(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    reply = said("Yes", ", it is", ".")
    server.script(replace(reply, chunks=(delta(reasoning="Hm."), *reply.chunks)))
    bench.send("Is it?")
    bench.wait_for_answer("Yes, it is.")
    assert bench.shell.chat is not None and bench.shell.chat.current is not None
    answer = bench.services.history.transcript(bench.shell.chat.current).messages[-1]
    assert answer.thinking == "Hm." and "Thought for one word" in bench.page()
    assert answer.stats is not None and answer.stats.prompt_tokens == 12 and answer.stats.ttft_s > 0
    assert "first word after" in bench.page()


def test_the_quick_ask_stays_here(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    bench.ask_quickly("Hello")
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
    assert not server.asked


def test_a_server_that_is_gone_is_said_and_nobody_answers_instead(bench: Bench, server: ChatServer) -> None:
    begin_there(bench, ServerModel("attic", "x").choice)
    assert "no longer listed: attic" in bench.banner()
    bench.send("Anybody?")
    assert bench.window.pane.composer.text() == "Anybody?"
    assert not bench.services.history.conversations() and not server.asked and is_engine_untouched(bench)
    # WHEN it is listed again THEN it is not said to be gone any more, but asked whether words may go there
    bench.services.servers.list.put(Server("attic", parse_address("http://192.168.7.7:1"), model="x"))
    bench.services.servers.changed()
    bench.qtbot.waitUntil(lambda: "leaves this computer and goes to 192.168.7.7:1" in bench.banner())
    # WHEN this computer shall answer THEN nothing leaves it, and that is not said any more
    bench.window.choices.modelChosen.emit(None)
    bench.qtbot.waitUntil(lambda: bench.banner() == "")
    assert not server.asked


def test_what_a_server_says_about_the_key_is_shown(bench: Bench, server: ChatServer) -> None:
    begin_there(bench)
    server.script(refused(401, "Invalid key"))
    bench.send("Hello?")
    bench.qtbot.waitUntil(lambda: "does not accept the key" in bench.banner())
    assert "Hello?" in bench.page()
    # AND whoever has no other key at hand can have the answer from here
    assert "Answer on this computer" in [one.text() for one in children(bench.window.pane.banner, QPushButton)]
