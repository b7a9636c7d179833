"""The next answer as a form, in a conversation that a server answers: llama.cpp's own, and one that knows no schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.engine.routing import ServerModel
from desktop.history.choices import ConversationChoices
from desktop.history.records import MessageState, StoredMessage
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Server, ServerList
from desktop.structured.fields import parse_fields
from desktop.structured.shape import AnswerShape, Look
from tests.rigs.shell import Bench, running
from tests.support.chat_server import ChatServer, refused, said, serve_chat
from tests.support.llama_server import serve_llama
from tests.support.own_models import use_own
from tests.support.weights import smollm2

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

_FORM = parse_fields("name, paid: yes/no", "Bills")
_KNOWS_NONE = [refused(400, "response_format: unknown field")] * 2
_WHOLE = '{"name": "Ada", "paid": true}'


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path) -> Iterator[Bench]:
    data_dir.create()
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, parrot_model)
        made.services.store.change(temperature=0.0, max_tokens=200)
        made.show()
        yield made


def answered(bench: Bench, url: str, look: Look = Look.FORM) -> StoredMessage:
    """Asks a server for the form in the window, and returns the answer."""
    ServerList(bench.paths.servers_file).put(Server("office", parse_address(url)))
    chat, shell = bench.services.chat, bench.shell
    chat.choices.choose(None, ConversationChoices(model=ServerModel("office").choice))
    assert shell.chat is not None
    shell.chat.open(None)
    chat.shapes.choose(None, AnswerShape(_FORM, look))
    bench.send("Ada has paid her bill.")
    bench.qtbot.waitUntil(lambda: bool(bench.window.pane.transcript.messages[1:]))
    return bench.window.pane.transcript.messages[-1]


@pytest.mark.parametrize("look", [Look.FORM, Look.TABLE])
def test_llama_server_fills_a_form_in(bench: Bench, look: Look) -> None:
    with serve_llama(smollm2(), n_ctx=2048) as url:
        answer = answered(bench, url, look)
        assert bench.services.servers.list.get("office").found.refused == ()  # it was asked as such servers are
    assert answer.state is MessageState.COMPLETE and answer.place == url.partition("//")[2]
    wanted = ("- **name**: ", "- **paid**: ") if look is Look.FORM else ("| name | paid |",)
    assert all(words in answer.text for words in wanted)
    assert bench.window.pane.banner.holds("answer-shape-done")  # it can be saved
    assert bench.services.engine.process_id is None


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


def test_the_schema_that_a_server_is_sent_is_one_that_others_know(bench: Bench, server: ChatServer) -> None:
    server.script(said(_WHOLE))
    answer = answered(bench, server.url)
    assert answer.text == "- **name**: Ada\n- **paid**: ✓"
    sent = json.dumps(server.questions[0]["response_format"])
    assert '"required": ["name", "paid"]' in sent and "catnap" not in sent


def test_a_server_that_knows_no_schema_is_asked_in_words_and_again(bench: Bench, server: ChatServer) -> None:
    server.script(
        *[refused(400, "response_format: unknown field")] * 2, said("Ada has paid."), said(f"```json\n{_WHOLE}\n```")
    )
    answer = answered(bench, server.url)
    assert answer.state is MessageState.COMPLETE and answer.text == "- **name**: Ada\n- **paid**: ✓"
    assert "Ada has paid." not in bench.page().replace("Ada has paid her bill.", "")
    assert len(server.questions) == 4


def test_what_never_fits_the_form_is_said_in_a_sentence(bench: Bench, server: ChatServer) -> None:
    server.script(*_KNOWS_NONE, *[said("Ada has paid.")] * 3)
    ServerList(bench.paths.servers_file).put(Server("office", parse_address(server.url)))
    bench.services.chat.choices.choose(None, ConversationChoices(model=ServerModel("office").choice))
    assert bench.shell.chat is not None
    bench.shell.chat.open(None)
    bench.services.chat.shapes.choose(None, AnswerShape(_FORM, Look.FORM))
    bench.send("Ada has paid her bill.")
    bench.qtbot.waitUntil(lambda: "does not keep to the JSON Schema" in bench.banner())
    assert "Ada has paid her bill." in bench.page()
