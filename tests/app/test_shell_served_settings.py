"""Settings that send the quick ask, or new conversations, to a server: real services, a server on loopback."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.engine.routing import ServerModel
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.quick_ask.box import AskLine, QuickAsk
from tests.rigs.servers import THERE, is_engine_untouched, place
from tests.rigs.shell import Bench
from tests.support.chat_server import ChatServer, Reply, delta, refused, said
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S
from tests.support.widgets import child

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def far(bench: Bench, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> ChatServer:
    """The server as if it were not on this computer, and the quick ask goes there."""
    monkeypatch.setattr("desktop.servers.addresses.is_loopback", lambda _host: False)
    bench.services.store.change(quick_ask_model=THERE)
    return server


def box_of(bench: Bench) -> QuickAsk:
    box = bench.shell.quick.box
    assert box is not None
    return box


def press(box: QuickAsk, text: str) -> None:
    found = cast("list[QPushButton]", box.findChildren(QPushButton))
    next(button for button in found if button.text().replace("&", "") == text and button.isVisible()).click()


def wait_for(bench: Bench, text: str) -> None:
    box = box_of(bench)
    bench.qtbot.waitUntil(lambda: box.answer == text and not box.is_busy)


def test_a_quick_ask_that_is_sent_to_a_server_says_so_and_wakes_nobody(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=THERE)
    # WHEN the box opens and something is typed
    bench.shell.open_quick_ask()
    box = box_of(bench)
    QTest.keyClicks(child(box, AskLine), "Who is")
    # THEN it is plain where it will go, and nothing was woken, read ahead or told for it
    assert box.place == place(server)
    assert place(server) in child(box, AskLine).accessibleName()
    preload = bench.shell.findChild(PreloadTriggers)
    assert preload is not None
    pause = preload.findChild(QTimer)
    assert pause is not None and not pause.isActive()
    assert not server.asked and is_engine_untouched(bench)
    # WHEN it is asked THEN the server answers, and nothing here has woken
    bench.ask_quickly("Who is there?")
    wait_for(bench, "Hello there.")
    assert server.questions[0]["messages"][-1]["content"] == "Who is there?"
    assert server.questions[0]["model"] == "parrot"
    assert is_engine_untouched(bench)
    # AND it goes on in the chat with whom it was begun
    press(box, "Continue in chat")
    bench.wait_for_answer("Hello there.")
    assert bench.window.place.isVisible() and place(server) in bench.window.place.text()
    assert f"From {place(server)}" in bench.page()


def test_it_is_asked_once_in_the_box_before_words_leave(bench: Bench, far: ChatServer) -> None:
    # WHEN something is asked quickly that a server is to answer, to which nobody has agreed
    bench.ask_quickly("My secret")
    box = box_of(bench)
    # THEN it is asked first, in the box, and nothing has gone anywhere
    words = box._first.text()
    assert box._first.isVisible() and place(far) in words and "asked once for office" in words
    assert not far.asked and not box.is_busy and box.text == "My secret"
    # AND a model that arrives here does not answer it instead
    bench.shell._waiting.ask()
    assert is_engine_untouched(bench) and bench.shell.quick.waits_for_server
    # WHEN it is agreed to THEN it is sent, and not asked again
    press(box, "Send it there")
    wait_for(bench, "Hello there.")
    assert bench.services.servers.list.get("office").agreed and not box._first.isVisible()
    bench.ask_quickly("And this?")
    bench.qtbot.waitUntil(lambda: len(far.questions) == 2)


def test_who_does_not_want_it_sent_is_answered_here(bench: Bench, far: ChatServer) -> None:
    bench.ask_quickly("My secret")
    press(box_of(bench), "Answer on this computer")
    wait_for(bench, PARROT_TEXT)
    assert not far.asked and not bench.services.servers.list.get("office").agreed
    # AND the conversation that is made of it stays here
    press(box_of(bench), "Continue in chat")
    bench.wait_for_answer(PARROT_TEXT)
    assert not bench.window.place.isVisible()


def test_a_server_that_is_away_is_said_and_this_computer_answers(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=THERE)
    server.script(Reply((b"{}",), 429, headers=(("Retry-After", "17"),)))
    bench.ask_quickly("Who is there?")
    wait_for(bench, PARROT_TEXT)
    box = box_of(bench)
    words = box._first.text()
    assert box._first.isVisible() and "too much to do" in words and "This computer answers instead." in words
    assert len(server.questions) == 1
    # AND the next question goes to the server again, as it says
    assert box.place == place(server)
    bench.ask_quickly("And now?")
    wait_for(bench, "Hello there.")
    assert not box._first.isVisible()


def test_an_answer_that_broke_off_is_kept_and_this_computer_offered(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=THERE)
    server.script(Reply((delta("The first half, "),), is_reset=True))
    bench.ask_quickly("Tell me")
    box = box_of(bench)
    bench.qtbot.waitUntil(lambda: "broke off" in box._error.text())
    assert box.answer == "The first half, " and is_engine_untouched(bench)
    press(box, "Answer on this computer")
    wait_for(bench, PARROT_TEXT)


def test_what_is_no_fault_of_the_way_is_not_answered_here(bench: Bench, server: ChatServer) -> None:
    """A wrong key is to be mended, and not to be passed over."""
    bench.services.store.change(quick_ask_model=THERE)
    server.script(refused(401, "Invalid key"))
    bench.ask_quickly("Hello?")
    box = box_of(bench)
    bench.qtbot.waitUntil(lambda: "does not accept the key" in box._error.text())
    assert is_engine_untouched(bench) and box.text == "Hello?"
    press(box, "Answer on this computer")  # only whoever wants that
    wait_for(bench, PARROT_TEXT)


def test_a_server_that_is_gone_is_said_in_the_box(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=ServerModel("attic", "x").choice)
    bench.ask_quickly("Anybody?")
    box = box_of(bench)
    assert "no longer listed: attic" in box._first.text() and box.place == ""
    assert not server.asked and is_engine_untouched(bench)
    press(box, "Answer on this computer")
    wait_for(bench, PARROT_TEXT)


def test_stop_and_escape_close_the_stream_of_a_quick_ask(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=THERE)
    server.script(Reply((delta("Once upon "),), waits=True))
    bench.ask_quickly("Tell me")
    box = box_of(bench)
    bench.qtbot.waitUntil(lambda: box.answer == "Once upon ")
    assert place(server) in box.status_words  # who writes
    assert server.waiting.wait(PATIENCE_S)
    press(box, "Stop")
    assert server.left.wait(PATIENCE_S)
    bench.qtbot.waitUntil(lambda: not box.is_busy)
    assert box.answer == "Once upon "


def test_new_conversations_begin_on_a_server_and_the_quick_ask_stays_here(bench: Bench, server: ChatServer) -> None:
    server.offer("parrot", "large")
    # WHEN new conversations are to begin on a model of a server
    bench.services.store.change(new_conversations=ServerModel("office", "large").choice)
    # THEN the one that is not begun says so at once, and nothing wakes for what is typed
    assert bench.window.place.isVisible() and place(server) in bench.window.place.text()
    QTest.keyClicks(bench.window.pane.composer.edit, "Who")
    assert is_engine_untouched(bench)
    bench.send("Who is there?")
    bench.wait_for_answer("Hello there.")
    assert server.questions[0]["model"] == "large" and is_engine_untouched(bench)
    # AND so is the next, while the quick ask is answered here
    bench.window.menu.new.trigger()
    assert bench.window.place.isVisible()
    bench.ask_quickly("Hello")
    wait_for(bench, PARROT_TEXT)
    assert len(server.questions) == 1
    # AND one of them can stay here, by the menu that says what that is
    bench.services.choice.refresh()
    menu = bench.window.choices_button.menu()
    menu.aboutToShow.emit()
    here = next(action for action in menu.actions() if action.text().startswith("On this computer"))
    here.trigger()
    assert not bench.window.place.isVisible()
    bench.send("And you?")
    bench.wait_for_answer(PARROT_TEXT)
    assert len(server.questions) == 1
    # WHEN the setting is taken back THEN new ones begin here, and those that have begun there stay there
    bench.services.store.change(new_conversations="")
    bench.window.menu.new.trigger()
    assert not bench.window.place.isVisible()


def test_the_settings_offer_the_models_of_servers_and_say_that_words_leave(
    bench: Bench, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.services.supervisor.faster_answers, "watch", lambda: None)  # wants an asyncio loop
    bench.shell.settings.show("quick_ask_model")
    dialog = bench.shell.settings.dialog
    assert dialog is not None
    row = dialog._rows["quick_ask_model"]
    combo = row.editor.control
    offered = [combo.itemText(place) for place in range(combo.count())]  # type: ignore[attr-defined]
    assert offered[0] == "This computer" and any(place(server) in words for words in offered)
    found = next(number for number, words in enumerate(offered) if place(server) in words)
    combo.setCurrentIndex(found)  # type: ignore[attr-defined]
    combo.activated.emit(found)  # type: ignore[attr-defined]
    assert bench.services.quick.choice == ServerModel("office").choice
    assert place(server) in row._finding.text() and row._finding.isVisible()


def test_the_window_of_servers_sets_and_clears_what_goes_there(bench: Bench, server: ChatServer, qtbot: QtBot) -> None:
    bench.shell.servers.show("office")
    dialog = bench.shell.servers.dialog
    assert dialog is not None
    new, quick = dialog.use.menu().actions()
    # WHEN a server is to have new conversations and the quick ask
    new.trigger()
    quick.trigger()
    now = bench.services.store.current
    assert (now.new_conversations, now.quick_ask_model) == (ServerModel("office").choice,) * 2
    assert bench.window.place.isVisible() and quick.isChecked()
    assert dialog._used.text() == "Used for: New conversations · The quick ask and quick actions"
    # WHEN it is removed THEN this computer answers, and Undo puts both back
    dialog.remove.click()
    qtbot.waitUntil(lambda: bench.services.store.current.quick_ask_model == "")
    assert bench.services.store.current.new_conversations == "" and not bench.window.place.isVisible()
    found = cast("list[QPushButton]", dialog.banner.findChildren(QPushButton))
    next(button for button in found if button.text() == "Undo").click()
    assert bench.services.store.current.quick_ask_model == ServerModel("office").choice
    # AND it can be taken back there as well
    dialog.select("office")
    quick.trigger()
    assert bench.services.store.current.quick_ask_model == ""
    new.trigger()
    assert dialog._used.isHidden()


def test_an_answer_of_a_server_in_the_box_has_its_words_and_figures(bench: Bench, server: ChatServer) -> None:
    bench.services.store.change(quick_ask_model=THERE)
    server.script(said("Yes", ", it is", "."))
    bench.ask_quickly("Is it?")
    wait_for(bench, "Yes, it is.")
    exchange = bench.services.quick.exchange()
    assert exchange is not None and exchange.model_file == THERE and exchange.stats is not None
    assert exchange.stats.prompt_tokens == 12
