"""What is shown (FAULTS C1 to C6, C10, C14 to C16) on a real desktop, by mouse and keyboard, as a person meets it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop.history.records import MessageState
from desktop.history.store import History
from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person, Thing
from tests.e2e.test_newcomer import page_of_settings, set_in
from tests.e2e.test_scenario import install, wait_answers
from tests.support.huge_texts import C6
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.pixels import pixels_that_differ
from tests.ui.tray.test_real_tray import PANEL

pytestmark = pytest.mark.e2e

_CODE = "import sys\n\nfor name in sys.argv:\n    print(name)"
_IN_ITEM = "\n".join(f"   {line}" if line else "" for line in _CODE.split("\n"))
_LIST = f"1. Write:\n   ```python\n{_IN_ITEM}\n   ```\n2. Then:\n   ```\n   ./it\n   ```\n3. Look."
# As a person reads it: three items, the code of two of them below them.
_LIST_READ = f"1. Write:\n{_CODE}\n2. Then:\n./it\n3. Look."
_PRODUCTS = "It is 3*d-4*b, and x_1 * x_2 * y_3 of them, 2*3*4 = 24."
_SIMPLE = r"\(a \neq 0\)"
_FORMULAS = "\n\n".join(
    (
        f"Where {_SIMPLE}:",
        r"\[E = mc^2\]",
        r"$$x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$$",
        "$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$",
    )
)
_DRAWN = "\ufffc"  # stands for a drawing in a text
_TABLE = "| Cat | Hours |\n|---|---|\n| Tom | 14 |\n| Kit | 16 |"
_SHOWN = {"List": _LIST, "Products": _PRODUCTS, "Formulas": _FORMULAS, "Table": _TABLE}

_PAIRS = {
    "square": ("[THINK]", "[/THINK]"),
    "channel": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "seed": ("<seed:think>", "</seed:think>"),
    "thought": ("<thought>", "</thought>"),
}
_BEFORE, _THOUGHT, _AFTER = "Good evening. ", "perhaps it wants a number", "It is 42."

_LONG_NAME = "x" * 122
_NO_TRAY = re.compile("There is no tray here.*")
# Of Chinese words that were unclear, mixed or untrue.
_NEVER = re.compile("首词|复用|对话内存|加载|小睡|更新的 Catnap|会用您提问的语言回答|上方向|Ctrl\\+Up")


def furnished(driver: CatnapDriver, talks: dict[str, tuple[str, str]]) -> None:
    """Puts conversations into the history: of each title a question and an answer; the last one is the newest."""
    with closing(History(driver.data / "history.sqlite3")) as history:
        for title, (question, answer) in talks.items():
            one = history.create(title).id
            history.add_user_message(one, question)
            history.add_answer(one, answer, thinking="", state=MessageState.COMPLETE, model="parrot", stats=None)


def start_in_german(person: Person) -> None:
    """Starts Catnap where numbers are German: Qt knows how they look also where the system, and its tools, do not."""
    before = dict(person.desktop.environment)
    person.desktop.environment.pop("LC_ALL", None)
    person.desktop.environment |= {"LC_NUMERIC": "de_DE.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}
    person.driver.start()
    person.desktop.environment = before


def open_talk(person: Person, title: str) -> None:
    person.click(re.compile(f"(.*, )?{title}(, .*)?"), "list item")
    person.find(f"{title} — Catnap", "frame")


def wait_read(person: Person, message: str) -> None:
    """Waits until a message of the conversation is read out as it should be."""
    rows: list[str] = []

    def probe() -> bool:
        rows[:] = [each.name for each in person.all(re.compile("(You|Catnap|您|Catnap)[:：].*"), "list item")]
        return message in rows

    try:
        wait_for(f"{message!r} to be read", probe)
    except AssertionError as late:
        raise AssertionError(f"{message!r} is not in {rows}") from late


def page(person: Person) -> str:
    """Returns the text of the page as a screen reader goes through it by the caret."""
    return person.find("Conversation", "label").text


@pytest.fixture
def person(desktop: DesktopSession, offer: Offer) -> Iterator[Person]:
    """Somebody with a model of their own with a long name, and models that think, each in its own tags."""
    settings: dict[str, object] = {"n_ctx": N_CTX, "model": "parrot", "language": "en", "theme": "light"}
    driver = CatnapDriver(desktop, offer.catalog, settings)
    install(driver, offer.parrot)
    shutil.copy(offer.parrot, driver.data / "models" / f"{_LONG_NAME}.gguf")
    for name, (opening, ending) in _PAIRS.items():
        make_parrot(driver.data / "models" / f"{name}.gguf", f"{_BEFORE}{opening}{_THOUGHT}{ending}{_AFTER}")
    yield Person(desktop, driver)


def read_answers(person: Person, pictures: Path) -> None:
    """C1 to C3: lists with code, products, formulas and a table, as they are read, seen and copied."""
    desktop = person.desktop
    open_talk(person, "List")
    wait_read(person, f"Catnap: {_LIST_READ}")
    desktop.screenshot(pictures / "1-list.png")
    # the second piece of code is copied by its own link, and nothing with it
    for number, code in enumerate((_CODE, "./it")):
        desktop.empty_clipboard()
        click_word(person, "Copy", number)
        wait_for(f"{code!r} on the clipboard", partial(is_copied, desktop, code))
    open_talk(person, "Products")
    wait_read(person, f"Catnap: {_PRODUCTS}")
    desktop.screenshot(pictures / "2-products.png")
    open_talk(person, "Formulas")
    wait_for("the formulas", lambda: "a ≠ 0" in page(person))
    shown = page(person)
    assert shown.count(_DRAWN) == 3 and "\\" not in shown and "$" not in shown, shown
    for number in range(3):
        assert is_inked(person, word(person, _DRAWN, number), pictures / f"3-formula-{number}.png")
    desktop.empty_clipboard()
    desktop.key("ctrl+shift+c")
    wait_for("how it is written", lambda: desktop.clipboard() == _FORMULAS)
    open_talk(person, "Table")
    wait_read(person, "Catnap: Cat\tHours\nTom\t14\nKit\t16")


def word(person: Person, words: str, number: int) -> Box:
    """Returns where words stand on the page, counted from the first of them."""
    return person.places(words, "Conversation", "label")[number]


def click_word(person: Person, words: str, number: int) -> None:
    person.desktop.click(*word(person, words, number).centre)


def is_inked(person: Person, box: Box, file: Path) -> bool:
    """Whether something dark is drawn in a place of the screen."""
    picture = QImage(str(person.desktop.screenshot(file))).copy(box.x, box.y, box.width, box.height)
    lightness = [picture.pixelColor(x, y).lightness() for x in range(picture.width()) for y in range(picture.height())]
    return max(lightness) - min(lightness) > 100


def go_by_keyboard(person: Person, pictures: Path) -> None:
    """C10: where the keyboard is can be seen in the list of conversations, and the arrows go on from there."""
    desktop = person.desktop
    person.click("Message", "text")
    person.wait_state("focused", "Message", "text")
    box = person.find("Conversations", "list").box

    def seen(name: str) -> QImage:
        return QImage(str(desktop.screenshot(pictures / f"{name}.png"))).copy(box.x, box.y, box.width, box.height)

    before = seen("4-without-keyboard")
    person.tab_to("Conversations", "shift+Tab")
    wait_for("a mark in the list", lambda: pixels_that_differ(before, seen("5-with-keyboard")) > box.width)
    desktop.key("Down", "Return")
    person.find("Formulas — Catnap", "frame")


def write_numbers(person: Person) -> None:
    """C14: dot and comma are both a decimal point, on a German system."""
    set_in(person, "Answers")
    person.wheel_to("Imagination", "spin button", "Settings", over=page_of_settings(person))
    for typed, value in (("0.9", 0.9), ("0,4", 0.4)):
        person.write("Imagination", f"{typed}\t", "spin button", "Settings")
        wait_for(f"{typed} to be set", person.has_set(temperature=value))
    # it is shown as Germans write it
    assert person.find("Imagination", "spin button", "Settings").text.startswith("0,4")


def choose_models(person: Person, pictures: Path) -> None:
    """C5: a name of 122 letters leaves everything on the screen, in the settings and among the models."""
    desktop = person.desktop
    screen = QImage(str(desktop.screenshot(pictures / "6-settings.png"))).rect()
    person.click("Model and memory", "list item", "Settings")
    person.find("Model", "combo box", "Settings")
    assert_inside(person, "Settings", screen.width())
    person.click("Close", "push button", "Settings")
    person.click(re.compile("Model: .*"), "push button")
    desktop.in_front("Models")
    assert_inside(person, "Models", screen.width())
    use_model(person, _LONG_NAME)
    desktop.screenshot(pictures / "7-models.png")
    assert_inside(person, "Models", screen.width())
    person.click("Close", "push button", "Models")
    # the button that says which model it is, too
    assert_inside(person, re.compile(".*Catnap"), screen.width())


def use_model(person: Person, name: str) -> None:
    """Turns the wheel over the models until one of them can be seen, and uses it."""
    frame = person.find("Models", "dialog").box
    cards = Box("", frame.x, frame.y + frame.height // 4, frame.width, frame.height // 2)
    person.wheel_to(f"Use this · {name}", "push button", "Models", over=cards)
    person.click(f"Use this · {name}", "push button", "Models")
    wait_for("the choice", lambda: name in str(person.driver.settings().get("model")))


def assert_inside(person: Person, window: str | re.Pattern[str], width: int) -> None:
    frame: Thing = person.find(window=window)
    assert frame.box.x >= 0 and frame.box.x + frame.box.width <= width, frame
    edge = frame.box.x + frame.box.width
    wide = [each for each in person.all(window=window) if each.box.x < 0 or each.box.x + each.box.width > edge]
    assert not wide, wide


def hear_no_thoughts(person: Person) -> None:
    """C4: what a model thinks in the tags of its family is no part of its answer."""
    desktop, driver = person.desktop, person.driver
    for name in _PAIRS:
        person.click(re.compile("Model: .*"), "push button")
        desktop.in_front("Models")
        use_model(person, name)
        person.click("Close", "push button", "Models")
        person.wait_gone("Models", window="Models")
        before = len([row for row in driver.messages() if row.role == "assistant"])
        desktop.focus(driver.main_window())
        desktop.key("ctrl+n")
        person.click("Message", "text")
        desktop.type(f"What is it, {name}?")
        desktop.key("Return")
        assert wait_answers(driver, before + 1).text == f"{_BEFORE}{_AFTER}"
        ((thought,),) = person.rows("SELECT thinking FROM messages ORDER BY id DESC LIMIT 1")
        assert thought == _THOUGHT
        wait_read(person, f"Catnap: {_BEFORE}{_AFTER}")


def test_what_is_said_is_shown_as_it_is_meant(person: Person, pictures: Path) -> None:
    furnished(person.driver, {title: (f"About {title}?", text) for title, text in _SHOWN.items()})
    start_in_german(person)
    person.find("Table — Catnap", "frame")
    read_answers(person, pictures)
    go_by_keyboard(person, pictures)
    write_numbers(person)
    choose_models(person, pictures)
    hear_no_thoughts(person)
    person.leave()


def test_huge_texts_keep_nobody_waiting(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    # GIVEN conversations of huge questions and answers
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot", "language": "en"})
    install(driver, offer.parrot)
    furnished(driver, {f"Huge {at}": (make(), make()) for at, make in enumerate(C6.values())} | {"Small": ("A?", "B.")})
    person = Person(desktop, driver)
    driver.start()
    person.find("Small — Catnap", "frame")
    for at, (name, make) in enumerate(C6.items()):
        # WHEN one is opened THEN a part of it is there, with a way to the rest
        open_talk(person, f"Huge {at}")
        wait_for(f"the rest of {name}", lambda: "Show the rest (" in page(person))
        assert len(page(person)) < len(make())
        # AND what is copied is all of it
        desktop.empty_clipboard()
        desktop.key("ctrl+shift+c")
        wait_for(f"all of {name}", partial(is_copied, desktop, make()))
        desktop.screenshot(pictures / f"{at}.png")
        # WHEN it is pasted into the field and written on THEN all of it is kept
        person.click("Message", "text")
        desktop.key("ctrl+v", "ctrl+End")
        desktop.type("!")
        wait_for("the draft", partial(is_draft, driver, f"{make()}!"))
        desktop.key("ctrl+a", "BackSpace")
    person.leave()


def is_copied(desktop: DesktopSession, text: str) -> bool:
    return desktop.clipboard() == text


def is_draft(driver: CatnapDriver, text: str) -> bool:
    return text in draft(driver)


def draft(driver: CatnapDriver) -> list[str]:
    """Returns what is written and not sent."""
    file = driver.data / "drafts.json"
    return list(strings(json.loads(file.read_text("utf-8")))) if file.exists() else []


def strings(found: object) -> Iterator[str]:
    """Yields every string in a document of JSON."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list | dict):
        for each in found.values() if isinstance(found, dict) else found:
            yield from strings(each)


def test_chinese_words_are_clear(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    # GIVEN Catnap in Chinese
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot", "language": "zh_CN"})
    install(driver, offer.parrot)
    person = Person(desktop, driver)
    driver.start()
    desktop.in_front("Catnap")
    # WHEN something is asked THEN what is said below the answer is clear
    desktop.type("Hello?")
    desktop.key("Return")
    assert wait_answers(driver, 1).text == PARROT_TEXT
    wait_for("the figures", lambda: re.search(r"首字等待\s[\d.]+\s秒", page_in_chinese(person)))
    assert_clear(person)
    # AND so is what is said in the settings, on every page
    desktop.key("ctrl+comma")
    desktop.in_front("设置")
    pages = [each.name for each in person.all(role="list item", window="设置")]
    assert len(pages) > 3
    said = ""
    for name in pages:
        person.click(name, "list item", "设置")
        person.wait_state("selected", name, "list item", "设置")
        said += assert_clear(person)
    assert "发送下一条消息时重新载入模型，对话会保留。" in said
    desktop.screenshot(pictures / "settings.png")
    desktop.key("Escape")
    # AND in the help, which spells keys as the menus do
    desktop.focus(driver.main_window())
    desktop.key("F1")
    wait_for("the key", lambda: "或按 Ctrl+↑。" in assert_clear(person))
    desktop.screenshot(pictures / "help.png")
    desktop.key("Escape")
    person.leave()


def page_in_chinese(person: Person) -> str:
    return person.find("对话", "label").text


def assert_clear(person: Person) -> str:
    """None of the words that were unclear can be seen; returns all that can."""
    said = "\n".join(f"{each.name}\n{each.description}\n{each.text}" for each in person.all())
    assert not (found := _NEVER.findall(said)), found
    return said


def test_the_window_comes_back_when_the_panel_dies(tmp_path: Path, offer: Offer, pictures: Path) -> None:
    # GIVEN a panel, and Catnap in it without a window and without anything to do
    with DesktopSession(tmp_path / "frail", with_tray=False) as desktop:
        config = desktop.folder / "tint2rc"
        config.write_text(PANEL, encoding="utf-8")
        panel = desktop.start("panel", ["tint2", "-c", str(config)])
        wait_for("the panel", lambda: "tint2" in desktop.output("xwininfo", "-root", "-tree"))
        driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot", "language": "en"})
        install(driver, offer.parrot)
        person = Person(desktop, driver)
        driver.start("--hidden")
        desktop.tray_icon()
        driver.wait_log("history brought from")
        assert not desktop.has_window("Catnap")
        # WHEN the panel dies THEN the window comes, though nothing else happens
        panel.kill()
        panel.wait(PATIENCE_S)
        desktop.in_front("Catnap")
        # (closing it would be the end, which is asked about)
        desktop.key("ctrl+w")
        person.find(_NO_TRAY, "label")
        desktop.screenshot(pictures / "without-panel.png")
        # WHEN the panel is back THEN the question goes, and the cat is in it again
        panel = desktop.start("panel", ["tint2", "-c", str(config)])
        person.wait_gone(_NO_TRAY, "label")
        desktop.tray_icon()
        # AND a panel that dies once more is noticed once more
        desktop.click(*person.find("Message", "text").box.centre)
        close_to_tray(person)
        panel.kill()
        panel.wait(PATIENCE_S)
        desktop.in_front("Catnap")
        driver.terminate()
        assert driver.wait_end() == 0
        driver.assert_quiet()


def close_to_tray(person: Person) -> None:
    """Closes the window, the first time after it was said that Catnap goes on."""
    person.desktop.key("ctrl+w")
    wait_for(
        "the window to go, or to say that",
        lambda: not person.desktop.has_window("Catnap") or person.sees("Close the window", "push button"),
    )
    if person.sees("Close the window", "push button"):
        person.click("Close the window", "push button")
    wait_for("the window to go", lambda: not person.desktop.has_window("Catnap"))
