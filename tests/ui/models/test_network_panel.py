"""The dialog's panels about the network: what was found out, and the account that a proxy wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.models.download.network_check import HostReport, NetworkReport
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.ui.models.network_panel import NetworkPanel
from desktop.ui.models.proxy_account import ProxyAccountPanel
from tests.rigs.models import Bench, opened
from tests.support.widgets import child, children, words_on

_PROXY = "http://proxy.example:3128"
_SILENT = UserFacingError("The download server cannot be reached.", "{0}: no answer.", values=("huggingface.co",))
_BEGUN = NetworkReport((HostReport("huggingface.co", _PROXY), HostReport("hf-mirror.com", _PROXY)), "environment")
_MIXED = NetworkReport(
    (HostReport("huggingface.co", _PROXY, problem=_SILENT), HostReport("hf-mirror.com", _PROXY, 0.42, 2.3e6)),
    "environment", (("all_proxy", "socks4 proxies are not supported"),), is_done=True,
)  # fmt: skip


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with opened(qtbot) as made:
        made.fill()
        yield made


def _button(panel: NetworkPanel | ProxyAccountPanel, text: str) -> QPushButton:
    return next(button for button in children(panel, QPushButton) if button.text() == text)


def test_the_check_is_asked_for_and_shows_more_and_more(bench: Bench) -> None:
    asked: list[None] = []
    bench.dialog.networkCheckRequested.connect(lambda: asked.append(None))
    panel = child(bench.dialog, NetworkPanel)
    assert not panel.isVisible()
    next(b for b in children(bench.dialog, QPushButton) if b.text() == "Check my &network").click()
    assert len(asked) == 1
    bench.dialog.show_network(_BEGUN)
    assert panel.isVisible() and "Checking your network" in words_on(panel)
    assert f"huggingface.co (through {_PROXY}): asking…" in words_on(panel)
    assert not _button(panel, "Copy").isEnabled()
    bench.dialog.show_network(_MIXED)
    assert "huggingface.co (through http://proxy.example:3128): no answer." in words_on(panel)
    assert "answers after 0.4 s · 2.3 MB/s" in words_on(panel)
    assert "environment variables" in words_on(panel) and "all_proxy" in words_on(panel)
    _button(panel, "Copy").click()
    assert "hf-mirror.com" in QGuiApplication.clipboard().text()
    _button(panel, "Check again").click()
    assert len(asked) == 2
    _button(panel, "Hide").click()
    assert not panel.isVisible()


def test_where_nobody_answers_the_networks_page_is_offered(bench: Bench) -> None:
    panel = child(bench.dialog, NetworkPanel)
    bench.dialog.show_network(NetworkReport((HostReport("huggingface.co", problem=_SILENT),), is_done=True))
    assert "sign in first" in words_on(panel)
    _button(panel, "Open the network's page").click()
    assert bench.opened == ["http://neverssl.com"]
    bench.dialog.show_network(_MIXED)
    assert not _button(panel, "Open the network's page").isVisible()


def test_an_account_is_asked_for_and_handed_on(bench: Bench) -> None:
    entered: list[tuple[str, str, str, bool]] = []
    bench.dialog.proxyAccountEntered.connect(lambda *account: entered.append(account))
    panel = child(bench.dialog, ProxyAccountPanel)
    bench.dialog.ask_proxy_account(ProxyAccountNeededError(_PROXY, refused=False))
    user, password = children(panel, QLineEdit)
    assert panel.isVisible() and user.hasFocus()
    assert password.echoMode() is QLineEdit.EchoMode.Password
    # Without a name there is nothing to hand on
    assert not _button(panel, "Sign in").isEnabled()
    QTest.keyClicks(user, "anna")
    QTest.keyClick(user, Qt.Key.Key_Return)
    assert password.hasFocus()
    QTest.keyClicks(password, "p@ss")
    child(panel, QCheckBox).setChecked(True)
    QTest.keyClick(password, Qt.Key.Key_Return)
    assert entered == [(_PROXY, "anna", "p@ss", True)]
    assert not panel.isVisible() and bench.dialog.isVisible()
    # A refusal asks again, the name is still there and the password is not
    bench.dialog.ask_proxy_account(ProxyAccountNeededError(_PROXY, refused=True))
    assert user.text() == "anna" and password.text() == "" and password.hasFocus()
    # Esc puts the question away, and not the dialog
    QTest.keyClick(password, Qt.Key.Key_Escape)
    assert not panel.isVisible() and bench.dialog.isVisible()
