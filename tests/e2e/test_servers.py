"""One conversation on a real desktop: answered here, by two real servers of different models, and here again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.servers.addresses import parse_address
from desktop.servers.registry import Server, ServerList
from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import install, wait_answers
from tests.support.llama_server import serve_llama, serve_llama_cpp_python
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import wait_for
from tests.support.weights import smollm2

pytestmark = pytest.mark.e2e

_OTHER_TEXT = "The other one says this."
_LONGEST = 120  # tokens of an answer; a parrot's is shorter


@pytest.fixture
def office() -> Iterator[str]:
    """llama.cpp's own server, with a real model."""
    with serve_llama(smollm2(), n_ctx=2048) as url:
        yield url


@pytest.fixture
def attic(tmp_path: Path) -> Iterator[str]:
    """llama_cpp.server, with a parrot that says something else than the one here."""
    other = make_parrot(tmp_path / "attic.gguf", text=_OTHER_TEXT)
    with serve_llama_cpp_python(other, "--chat_format", "chatml", n_ctx=N_CTX) as url:
        yield url


def choices(driver: CatnapDriver) -> dict[str, object]:
    """Returns what is chosen for the conversation."""
    with closing(sqlite3.connect(f"file:{driver.data / 'history.sqlite3'}?mode=ro", uri=True)) as database:
        ((stored,),) = database.execute("SELECT choices FROM conversations").fetchall()
    found: dict[str, object] = json.loads(stored or "{}")
    return found


def answers(driver: CatnapDriver) -> list[tuple[str, int]]:
    """Returns of each answer who gave it, and how many tokens that had read."""
    with closing(sqlite3.connect(f"file:{driver.data / 'history.sqlite3'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT model, stats FROM messages WHERE role = 'assistant' ORDER BY id").fetchall()
    return [(model, json.loads(stats)["prompt_tokens"]) for model, stats in rows]


def choose_model(
    desktop: DesktopSession, driver: CatnapDriver, place: int, wanted: str | None, picture: Path | None = None
) -> None:
    """Chooses the model in that place of the menu for the conversation, with the keyboard; two of them are here."""
    desktop.focus(driver.main_window())
    desktop.open_menu_with("alt+m")
    desktop.open_menu_with("f")
    desktop.key(*["Down"] * place)
    if picture is not None:
        desktop.screenshot(picture)
    desktop.key("Return")
    wait_for(f"the choice of {wanted}", lambda: choices(driver).get("model") == wanted)


def ask(desktop: DesktopSession, driver: CatnapDriver, question: str, count: int) -> str:
    desktop.focus(driver.main_window())
    desktop.type(question)
    desktop.key("Return")
    return wait_answers(driver, count).text


def test_a_conversation_goes_from_here_to_two_servers_and_back(
    desktop: DesktopSession, offer: Offer, office: str, attic: str, pictures: Path
) -> None:
    # GIVEN a model here, and a server that the command line has added
    settings: dict[str, object] = {"n_ctx": N_CTX, "model": "parrot", "language": "en"}
    settings |= {"temperature": 0.0, "max_tokens": _LONGEST, "stop_loops": False}
    driver = CatnapDriver(desktop, offer.catalog, settings)
    install(driver, offer.parrot)
    ServerList(driver.data / "servers.json").put(Server("attic", parse_address(attic), model="smollm2"))
    driver.start()

    # WHEN another is added in the window, and tried there
    desktop.focus(driver.main_window())
    desktop.open_menu_with("alt+m")
    desktop.key("v")
    desktop.in_front("Servers")
    desktop.key("alt+e")
    desktop.key("alt+n")
    desktop.type("office")
    desktop.key("alt+a")
    desktop.type(office)
    desktop.key("alt+s")
    listed = ServerList(driver.data / "servers.json")
    wait_for("the server to be kept", lambda: [each.name for each in listed.all()] == ["attic", "office"])
    desktop.key("alt+t")
    wait_for("its models", lambda: listed.get("office").found.models)
    desktop.screenshot(pictures / "1-servers.png")
    desktop.key("Escape")
    wait_for("the window of servers to go", lambda: not desktop.has_window("Servers"))

    # WHEN the first question is answered here, and the next ones by these servers
    assert ask(desktop, driver, "Who are you?", 1) == PARROT_TEXT
    (engine,) = driver.children()
    choose_model(desktop, driver, 3, "server:office/smollm2", pictures / "menu.png")
    answer = ask(desktop, driver, "What is the capital of France?", 2)
    assert answer.strip() and PARROT_TEXT not in answer  # what it is, a small model says after a parrot as it likes
    desktop.screenshot(pictures / "2-answered-by-a-server.png")
    choose_model(desktop, driver, 2, "server:attic/smollm2")
    assert ask(desktop, driver, "And what do you say?", 3) == _OTHER_TEXT

    # AND the last one here again
    choose_model(desktop, driver, 0, None)
    assert ask(desktop, driver, "Who are you now?", 4) == PARROT_TEXT
    desktop.screenshot(pictures / "3-here-again.png")

    # THEN nothing is lost: all is in one conversation, and whoever answered had read all that was said before
    rows = driver.messages()
    assert [row.text for row in rows if row.role == "user"] == [
        "Who are you?",
        "What is the capital of France?",
        "And what do you say?",
        "Who are you now?",
    ]
    assert {row.state for row in rows} == {"complete"}
    places = [url.partition("//")[2] for url in (office, attic)]
    given = answers(driver)
    assert [model for model, _tokens in given] == [
        "Parrot", f"smollm2 @ {places[0]}", f"smollm2 @ {places[1]}", "Parrot",
    ]  # fmt: skip
    # llama_cpp.server tells no figures in a stream; what it was sent, tests/app/test_shell_servers.py looks at.
    assert given[1][1] > given[0][1] and given[3][1] > given[0][1] + len(answer) // 2
    # AND the model here was never ended or begun for it
    assert engine in driver.children()
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
