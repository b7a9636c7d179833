"""A newcomer on an old laptop, whose screen has 1024 x 600 pixels, does everything with the mouse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, spec_of
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import CatnapDriver, Row
from tests.e2e.person import ANYTHING, Person
from tests.e2e.test_scenario import wait_answers
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_SCREEN = Box("", 0, 0, 1024, 600)
_WELCOME = "Welcome to Catnap"
_SAYS = {"sparrow": "The sparrow says this, and nothing else.", "finch": "A finch says it in its own way, every time."}
_SOME = 100_000  # bytes of a model that have come while it is looked at


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    """Three models: the recommended one, and two that answer sooner."""
    folder = tmp_path / "served"
    folder.mkdir()
    make_parrot(folder / "parrot.gguf", layers=12)
    for layers, (name, text) in enumerate(_SAYS.items(), start=1):
        make_parrot(folder / f"{name}.gguf", text, layers=layers)
    with serve(folder) as running:
        yield running


@pytest.fixture
def person(tmp_path: Path, server: FaultServer) -> Iterator[Person]:
    with DesktopSession(tmp_path / "desktop", (_SCREEN.width, _SCREEN.height)) as desktop:
        entries = [
            spec_of(file, file.stem, f"{server.url}/{file.name}")
            for file in sorted((tmp_path / "served").iterdir(), reverse=True)
        ]
        catalog = desktop.folder / "models.json"
        catalog.write_text(json.dumps({"version": 1, "default": "parrot", "models": entries}), encoding="utf-8")
        yield Person(desktop, CatnapDriver(desktop, catalog, {"n_ctx": N_CTX}))


def assert_on_screen(person: Person, window: str) -> None:
    """Nothing of a window that can be pressed is beyond the edges of the screen, also by its frame."""
    for each in person.all(window=window):
        box = each.box
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= _SCREEN.width, each
        assert box.y + box.height <= _SCREEN.height, each


def first_steps(person: Person, server: FaultServer, pictures: Path) -> None:
    """Language, what this computer can run, a model of three, start at login, and the first answer."""
    desktop, driver = person.desktop, person.driver
    driver.start()
    desktop.in_front(_WELCOME)
    # GIVEN what is said of this computer, the recommended model and two others, and how fast they will be
    assert person.find(re.compile(r"This computer has .* of memory, and .* free on its disk\."), "label")
    speeds = person.all(re.compile(r".* Expect .* words a second\.(\s.*)?"), "label", _WELCOME)
    assert len(speeds) == 3
    assert_on_screen(person, _WELCOME)
    desktop.screenshot(pictures / "1-welcome.png")
    # WHEN the language is changed THEN it is taken at once, and so is the way back
    person.choose("Language", "简体中文")
    assert person.find("登录时启动", "check box")
    assert_on_screen(person, "欢迎使用 Catnap")
    person.choose("语言", "English")
    # WHEN Catnap is to start at login
    person.click("Start when I log in", "check box", _WELCOME)
    wait_for("the start at login", (desktop.home / ".config" / "autostart" / "catnap.desktop").exists)
    # AND one of the others is wanted THEN it is seen how far it has come, and that one may go on meanwhile
    server.script("/sparrow.gguf", Fault(hold_after=_SOME))
    person.click(re.compile("Download .* · Sparrow"), "push button")
    person.find("Download progress", "progress bar")
    person.find("Go on in the background", "push button")
    desktop.screenshot(pictures / "2-download.png")
    server.go_on()
    person.click("Begin", "push button")
    desktop.in_front("Catnap")
    person.wait_gone(_WELCOME)
    # AND the first question is answered by it
    person.click("Message", "text")
    desktop.type("Who are you?")
    person.click("Send", "push button")
    assert wait_answers(driver, 1).text == _SAYS["sparrow"]
    assert_on_screen(person, "Who are you? — Catnap")
    desktop.screenshot(pictures / "3-answer.png")


def personas(person: Person, pictures: Path) -> None:
    """Chosen, begun with, written, duplicated and reset."""
    desktop, driver = person.desktop, person.driver
    # WHEN somebody is chosen to answer in a new conversation THEN it offers its own questions, and a click asks one
    person.click("New conversation (Ctrl+N)", "push button")
    person.click_in_menu("Explain to a child", "Persona: General")
    person.find("Persona: Explain to a child")
    desktop.screenshot(pictures / "4-persona.png")
    person.click("Why do cats purr?", "push button")
    assert wait_answers(driver, 2).text == _SAYS["sparrow"]
    assert person.rows("SELECT json_extract(choices, '$.persona') FROM conversations WHERE title LIKE 'Why do%'") == [
        ("child",)
    ]


def test_everything_by_mouse(person: Person, server: FaultServer, pictures: Path) -> None:
    first_steps(person, server, pictures)
    personas(person, pictures)
    person.leave()
