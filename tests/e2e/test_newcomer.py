"""A newcomer on an old laptop, whose screen has 1024 x 600 pixels, does everything with the mouse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.e2e.conftest import N_CTX, spec_of
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person
from tests.e2e.test_scenario import wait_answers
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.parrot import make_parrot
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_SCREEN = Box("", 0, 0, 1024, 600)
_WELCOME = "Welcome to Catnap"
_SAYS = {"sparrow": "The sparrow says this, and nothing else.", "finch": "A finch says it in its own way, every time."}
_IN_WORDS = 40  # pixels from the right end of what the status bar says of the memory
_BESIDE = 20  # pixels between the parts of the settings
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
    """Skipped once; then language, what this computer can run, a model of three, start at login, the first answer."""
    desktop, driver = person.desktop, person.driver
    driver.start()
    desktop.in_front(_WELCOME)
    # GIVEN what is said of this computer, the recommended model and two others, and how fast they will be
    person.find(re.compile(r"This computer has .* of memory, and .* free on its disk\."), "label")
    speeds = person.all(re.compile(r".* Expect .* words a second\.(\s.*)?"), "label", _WELCOME)
    assert len(speeds) == 3
    assert_on_screen(person, _WELCOME)
    desktop.screenshot(pictures / "1-welcome.png")
    # WHEN the language is changed THEN it is taken at once, and so is the way back
    person.choose("Language", "简体中文")
    person.find("登录时启动", "check box")
    assert_on_screen(person, "欢迎使用 Catnap")
    person.choose("语言", "English")
    # WHEN Catnap is to start at login
    person.click("Start when I log in", "check box", _WELCOME)
    wait_for("the start at login", (desktop.home / ".config" / "autostart" / "catnap.desktop").exists)
    # AND one of the others is wanted THEN it is seen that it comes, and nobody has to wait here for it
    server.script("/sparrow.gguf", Fault(hold_after=_SOME))
    person.click(re.compile("Download .* · Sparrow"), "push button")
    person.find("Download progress", "progress bar")
    person.find("Go on in the background", "push button")
    desktop.screenshot(pictures / "2-download.png")
    server.go_on()
    person.click("Begin", "push button")
    desktop.in_front("Catnap")
    person.wait_gone(_WELCOME)
    # AND the first question is answered by it, and the next words go into the field again
    person.click("Message", "text")
    desktop.type("Who are you?")
    person.click("Send", "push button")
    assert wait_answers(driver, 1).text == _SAYS["sparrow"]
    person.wait_state("focused", "Message", "text")
    assert_on_screen(person, "Who are you? — Catnap")
    desktop.screenshot(pictures / "3-answer.png")


def choose_persona(person: Person, pictures: Path) -> None:
    """Somebody is chosen to answer, offers own questions, and a click asks one."""
    desktop, driver = person.desktop, person.driver
    person.click("New conversation (Ctrl+N)", "push button")
    person.click_in_menu("Explain to a child", "Persona: General")
    person.find("Persona: Explain to a child")
    desktop.screenshot(pictures / "4-persona.png")
    person.click("Why do cats purr?", "push button")
    assert wait_answers(driver, 2).text == _SAYS["sparrow"]
    assert person_of(person, "Why do cats purr?") == "child"


def person_of(person: Person, title: str) -> object:
    """Returns the id of who answers in a conversation; None: as usual."""
    statement = f"SELECT json_extract(choices, '$.persona') FROM conversations WHERE title = '{title}'"
    ((found,),) = person.rows(statement)
    return found


def write_personas(person: Person, pictures: Path) -> None:
    """One is duplicated and written anew, one is changed and is reset, and the new one talks."""
    desktop, driver = person.desktop, person.driver
    person.click_in_menu("Personas…", "Model", "menu item")
    desktop.in_front("Personas")
    person.click("Explain to a child", "list item", "Personas")
    person.click("Duplicate", "push button", "Personas")
    person.wait_state("selected", "Explain to a child (copy)", "list item")
    person.write("Name", "Pirate", "text", "Personas")
    person.write("Instructions to the model", "You are a pirate. Answer in one short sentence.", "text", "Personas")
    person.write("Questions to begin with", "Where is the treasure?", "text", "Personas")
    person.find("Pirate", "list item", "Personas")
    # WHEN one that came is changed, and reset THEN it is as it came, and the change can come back
    person.click("Summary", "list item", "Personas")
    person.write("Name", "Very short", "text", "Personas")
    person.find("Very short", "list item", "Personas")
    person.click("Reset", "push button", "Personas")
    person.find("Summary", "list item", "Personas")
    person.click("Undo", "push button", "Personas")
    person.find("Very short", "list item", "Personas")
    person.click("Reset", "push button", "Personas")
    person.find("Summary", "list item", "Personas")
    desktop.screenshot(pictures / "5-personas.png")
    # WHEN the new one is talked with THEN a conversation with it begins, and offers its question
    person.click("Pirate", "list item", "Personas")
    person.click("Talk with it", "push button", "Personas")
    person.wait_gone("Talk with it")
    person.click("Where is the treasure?", "push button")
    assert wait_answers(driver, 3).text == _SAYS["sparrow"]
    written = json.loads((driver.data / "personas.json").read_text("utf-8"))
    assert "You are a pirate." in json.dumps(written)


def look_at_memory(person: Person, pictures: Path) -> None:
    """The panel above the status bar: its parts, a nap, and what that gave back; and the file for spreadsheets."""
    desktop, driver = person.desktop, person.driver
    set_in(person, "Downloads and files")
    person.click("More options", "check box", "Settings")
    person.wheel_to("Write the use of memory to a file", "check box", "Settings", over=page_of_settings(person))
    person.click("Write the use of memory to a file", "check box", "Settings")
    wait_for("the setting", person.has_set(record_memory=True))
    person.click("Close", "push button", "Settings")
    for round_ in range(2):
        status = person.find(re.compile("Catnap .* · computer .* free"), "push button")
        box = status.box
        desktop.click(box.x + box.width - _IN_WORDS, box.centre[1])
        desktop.window("Memory")
        desktop.screenshot(pictures / f"6-memory-{round_}.png")
        if round_:
            break
        asleep = person.wait_focus("Sleep now", described="No nap yet since Catnap started.")
        desktop.click(*asleep.box.centre)
        driver.wait_log("asleep: asked")
        desktop.key("Escape")
        wait_for("the panel to go", lambda: not desktop.has_window("Memory"))
    person.wait_focus("Memory", described="Sent to sleep: gave")
    desktop.key("Escape")


def set_in(person: Person, page: str) -> None:
    """Opens a page of the settings."""
    person.click_in_menu("Settings…", "View", "menu item")
    person.desktop.in_front("Settings")
    person.click(page, "list item", "Settings")


def page_of_settings(person: Person) -> Box:
    """Returns where the page is seen, beside the list of pages."""
    pages, close = (person.find(name, window="Settings").box for name in ("Pages", "Close"))
    left = pages.x + pages.width + _BESIDE
    return Box("", left, pages.y, close.x - left, close.y - pages.y - _BESIDE)


def change_settings(person: Person, pictures: Path) -> None:
    """Colours, size of the text, threads and context, while the window is open."""
    desktop, driver = person.desktop, person.driver
    set_in(person, "Window")
    light, small = brightness(person, pictures / "light.png"), person.find("Send", "push button").box.height
    person.choose("Colours", "Dark", "Settings")
    wait_for("the dark", lambda: brightness(person, pictures / "dark.png") < light / 2)
    person.choose("Colours", "Like the system", "Settings")
    wait_for("the light", lambda: brightness(person, pictures / "light.png") == light)
    person.write("Text size", "16\t", "spin button", "Settings")
    wait_for("larger buttons", lambda: person.find("Send", "push button").box.height > small * 1.2)
    desktop.screenshot(pictures / "7-16pt.png")
    person.write("Text size", "0\t", "spin button", "Settings")
    wait_for("buttons as they were", lambda: person.find("Send", "push button").box.height == small)
    # the language is changed for the next start, which is said
    person.find(re.compile(".* Takes effect when Catnap starts again\\."), "label", "Settings")
    person.click("Model and memory", "list item", "Settings")
    for name, key, value in (("Threads", "threads", 1), ("Context size", "n_ctx", 2048)):
        person.wheel_to(name, "spin button", "Settings", over=page_of_settings(person))
        person.write(name, f"{value}\t", "spin button", "Settings")
        wait_for(f"the setting {key}", person.has_set(**{key: value}))
    person.click("Close", "push button", "Settings")
    person.click("Message", "text")
    desktop.type("And now?")
    person.click("Send", "push button")
    assert wait_answers(driver, 4).text == _SAYS["sparrow"]
    assert re.search(r"of 2,048 tokens", person.find("Message", "text").description)


def brightness(person: Person, file: Path) -> int:
    """Returns how light the middle of the settings' edge is, from 0 to 255."""
    box = person.find("Settings", "dialog").box
    picture = QImage(str(person.desktop.screenshot(file)))
    return picture.pixelColor(box.x + box.width - 4, box.centre[1]).lightness()


def change_models(person: Person, pictures: Path) -> None:
    """Another model is downloaded, used and removed again; the first one is used after it."""
    desktop, driver = person.desktop, person.driver
    person.click("Model: Sparrow", "push button")
    desktop.in_front("Models")
    person.click(re.compile("Download.* · Finch"), "push button", "Models")
    person.click("Use this · Finch", "push button", "Models")
    wait_for("the choice", person.has_set(model="finch"))
    desktop.screenshot(pictures / "8-models.png")
    person.click("Use this · Sparrow", "push button", "Models")
    wait_for("the choice", person.has_set(model="sparrow"))
    person.click("Finch", "label", "Models")  # which unfolds what can be done with it
    person.click("Remove · Finch", "push button", "Models")
    person.click(re.compile(r"Remove .*\? · Finch"), "push button", "Models")
    wait_for("the file to go", lambda: not (driver.data / "models" / "finch.gguf").exists())
    person.find(re.compile("Download.* · Finch"), "push button", "Models")
    person.click("Close", "push button", "Models")


def test_skipped_first_steps_never_come_again(person: Person) -> None:
    desktop, driver = person.desktop, person.driver
    driver.start()
    desktop.in_front(_WELCOME)
    person.click("Skip", "push button", _WELCOME)
    person.wait_gone(_WELCOME)
    person.leave()
    driver.start()
    person.find("Choose a model", "push button", "Catnap")
    assert not person.sees(window=_WELCOME) and not person.sees(window="Models")
    person.leave()


def test_everything_by_mouse(person: Person, server: FaultServer, pictures: Path) -> None:
    first_steps(person, server, pictures)
    choose_persona(person, pictures)
    write_personas(person, pictures)
    look_at_memory(person, pictures)
    change_settings(person, pictures)
    change_models(person, pictures)
    table = person.driver.data / "logs" / "memory.csv"
    wait_for("a line of the use of memory", lambda: table.exists() and len(table.read_text("utf-8").splitlines()) > 1)
    person.leave()
