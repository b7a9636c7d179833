"""The window of servers, on a real list, real keys and a server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.app.servers import Servers
from desktop.common.paths import Paths
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.discovery import Found
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server
from desktop.ui.servers.dialog import ServersDialog
from desktop.ui.servers.presenter import ServerBook, ServersPresenter
from desktop.ui.widgets.banner import Notice
from tests.support.chat_server import ChatServer, Reply, refused, said, serve_chat
from tests.support.patience import PATIENCE_S


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


@pytest.fixture
def servers(data_dir: Paths) -> Servers:
    data_dir.create()
    made = Servers(data_dir, lambda _event: None, ProxyAccounts())
    made._keys = ServerKeys(data_dir.server_keys_file)  # no keyring of this session is asked
    return made


Open = Callable[..., ServersDialog]


@pytest.fixture
def opened(qtbot: QtBot, servers: Servers) -> Iterator[Open]:
    """Opens the window, with what looks for servers."""
    made: list[ServersDialog] = []

    def open_(discover: Callable[[str], Sequence[Found]] = lambda _computer: ()) -> ServersDialog:
        dialog = ServersDialog()
        made.append(dialog)
        book = ServerBook(
            *(servers.all, lambda: servers.list, lambda: servers.keys, servers.accounts, servers.changed), discover
        )
        presenter = ServersPresenter(lambda: dialog, book, dialog)
        presenter.show()
        return dialog

    yield open_
    for dialog in made:
        dialog.close()
        dialog.deleteLater()


def write(dialog: ServersDialog, name: str, address: str, key: str = "") -> None:
    for field, text in ((dialog.form.name, name), (dialog.form.address, address), (dialog.form.key, key)):
        field.clear()
        QTest.keyClicks(field, text)


def test_a_server_is_written_down_kept_tried_and_removed(
    opened: Open, servers: Servers, server: ChatServer, qtbot: QtBot
) -> None:
    dialog = opened()
    assert not dialog.save.isEnabled() and not dialog.remove.isEnabled()
    # WHEN it is written down
    write(dialog, "office", server.url, "sk-1")
    dialog.save.click()
    assert not dialog.save.isEnabled()  # while that is done
    qtbot.waitUntil(lambda: dialog.current == "office")
    # THEN it is kept, and it is said where its key is
    assert servers.keys.find(parse_address(server.url)) == "sk-1"
    assert "only you can read" in dialog.form.key_note.text() and dialog.form.key.text() == ""
    # WHEN it is tried
    server.offer("small", "large")
    dialog.form.model.clear()
    QTest.keyClicks(dialog.form.model, "large")
    server.script(said("Hello", "!"))
    dialog.test.click()
    qtbot.waitUntil(lambda: "first word after" in dialog.standing.text())
    # THEN it says who, how fast and what, and offers the models
    assert "answers after" in dialog.standing.text() and "2 models" in dialog.standing.text()
    assert [action.text() for action in dialog.form.models.menu().actions()] == ["small", "large"]
    assert server.asked[-1].headers["authorization"] == "Bearer sk-1"
    assert servers.list.get("office").found.models == ("small", "large")
    # AND what was written meanwhile is still there, to be kept
    assert dialog.form.model.text() == "large" and dialog.save.isEnabled()
    dialog.save.click()
    qtbot.waitUntil(lambda: servers.list.get("office").model == "large")
    qtbot.waitUntil(dialog.remove.isEnabled)
    # WHEN it is removed THEN its key goes as well, and the rest can come back
    dialog.remove.click()
    qtbot.waitUntil(lambda: servers.all() == ())
    qtbot.waitUntil(lambda: dialog.banner.current is not None)
    assert servers.keys.find(parse_address(server.url)) is None
    notice = dialog.banner.current
    assert notice is not None and "with its key" in notice.title
    notice.actions[0].run()
    assert servers.list.get("office").model == "large" and not servers.list.get("office").has_key


def test_what_is_wrong_is_said_where_it_is_written(opened: Open, server: ChatServer, qtbot: QtBot) -> None:
    dialog = opened()
    write(dialog, "office", "wss://host")
    for button in (dialog.save, dialog.test):
        button.click()
        qtbot.waitUntil(lambda: "by http or https" in _problem(dialog))
        QTest.keyClicks(dialog.form.name, "s")
        assert _problem(dialog) == ""
    write(dialog, "office", server.url)
    server.at("/v1/models", refused(403, "no"))
    dialog.test.click()
    qtbot.waitUntil(lambda: "does not accept the key" in _problem(dialog))
    # AND it goes with the next letter
    QTest.keyClicks(dialog.form.key, "s")
    assert _problem(dialog) == ""


def test_nothing_moves_from_under_the_mouse_for_a_refusal(opened: Open, qtbot: QtBot) -> None:
    # GIVEN the window as large as it opens
    dialog = opened()
    write(dialog, "office", "wss://host")
    qtbot.waitUntil(dialog.test.isEnabled)
    buttons = (dialog.save, dialog.test, dialog.use, dialog.remove, dialog.add, dialog.search)

    def places() -> list[QPoint]:
        return [button.mapToGlobal(button.rect().topLeft()) for button in buttons]

    before = places()
    # WHEN what is written is refused THEN that is in view, and each button is where it was
    dialog.test.click()
    qtbot.waitUntil(lambda: "by http or https" in _problem(dialog))
    qtbot.waitUntil(lambda: dialog._problem.height() >= dialog._problem.heightForWidth(dialog._problem.width()))
    assert dialog._problem.isVisible() and not dialog._problem.visibleRegion().isEmpty()
    assert places() == before
    assert not any(button.visibleRegion().isEmpty() for button in buttons)


@pytest.mark.parametrize("size", [(667, 336), (667, 300)])  # the second: with the letters of Chinese, which are higher
@pytest.mark.parametrize("notice", [None, Notice("“office” is removed, with its key.")])
def test_all_that_is_pressed_is_in_view_on_a_laptop_at_200_per_cent(
    opened: Open, qtbot: QtBot, size: tuple[int, int], notice: Notice | None
) -> None:
    dialog = opened()
    # WHEN the window is as high as a screen of 768 pixels leaves it, each of two pixels, also with a notice in it
    dialog.resize(*size)
    if notice is not None:
        dialog.banner.show_notice(notice)
    # THEN nobody has to find out that there is more below
    buttons = (dialog.save, dialog.test, dialog.use, dialog.remove, dialog.add, dialog.search)

    def are_seen() -> bool:
        return all(each.visibleRegion().boundingRect().size() == each.size() for each in buttons)

    qtbot.waitUntil(are_seen)


def test_what_came_of_a_test_is_in_view_on_a_low_screen(opened: Open, server: ChatServer, qtbot: QtBot) -> None:
    # GIVEN a window that is too low for all of it, as at 200 % on a laptop
    dialog = opened()
    dialog.resize(dialog.width(), dialog.height() // 2)
    write(dialog, "office", server.url)
    server.offer("small")
    server.script(said("Hello", "!"))
    # WHEN the server is tried by the key of the button THEN nobody has to scroll for the answer
    dialog.test.click()
    qtbot.waitUntil(lambda: "first word after" in dialog.standing.text())
    qtbot.waitUntil(lambda: dialog.standing.visibleRegion().boundingRect().height() == dialog.standing.height())


def _problem(dialog: ServersDialog) -> str:
    return dialog._problem.text()


def test_closing_the_window_gives_a_test_up(opened: Open, server: ChatServer, qtbot: QtBot) -> None:
    dialog = opened()
    write(dialog, "office", server.url)
    server.at("/v1/models", Reply(is_silent=True))
    dialog.test.click()
    assert server.waiting.wait(PATIENCE_S)
    assert not dialog.test.isEnabled() and "Asking" in dialog.standing.text()
    dialog.close()
    assert dialog.test.isEnabled() and dialog.standing.text() == ""


def test_consent_is_taken_back_by_hand(opened: Open, servers: Servers, qtbot: QtBot) -> None:
    servers.list.put(Server("office", parse_address("computer"), agreed=True))
    dialog = opened()
    assert dialog.form.agreed.isChecked()
    dialog.form.agreed.click()
    dialog.save.click()
    qtbot.waitUntil(lambda: not servers.list.get("office").agreed)


def test_what_was_found_in_the_network_is_offered_and_nothing_is_kept(
    opened: Open, servers: Servers, qtbot: QtBot
) -> None:
    servers.list.put(Server("office", parse_address("known")))
    found = (Found("upstairs", parse_address("192.168.1.5:11434")), Found("office", parse_address("known")))
    asked: list[str] = []

    def look(computer: str) -> Sequence[Found]:
        asked.append(computer)
        return found

    dialog = opened(look)
    dialog.search.click()
    qtbot.waitUntil(lambda: dialog.banner.current is not None)
    notice = dialog.banner.current
    assert notice is not None and [action.text for action in notice.actions] == ["upstairs (192.168.1.5:11434)"]
    notice.actions[0].run()
    assert (dialog.form.name.text(), dialog.form.address.text()) == ("upstairs", "http://192.168.1.5:11434/v1")
    assert [each.name for each in servers.all()] == ["office"]
    # WHEN the address of a computer is written THEN that is asked
    dialog.search.click()
    qtbot.waitUntil(lambda: asked == ["", "http://192.168.1.5:11434/v1"])
