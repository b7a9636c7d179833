"""The whole main job on a real desktop, with mouse and keyboard: from the first start to quitting in mid-answer."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import CatnapDriver, Row
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e


def install(driver: CatnapDriver, file: Path) -> None:
    """Puts a model into the model folder, as a person does who has it on a stick."""
    (driver.data / "models").mkdir(parents=True, exist_ok=True)
    shutil.copy(file, driver.data / "models" / file.name)


def wait_answers(driver: CatnapDriver, count: int) -> Row:
    """Waits until ``count`` answers are stored and returns the last."""

    def probe() -> Row | None:
        answers = [row for row in driver.messages() if row.role == "assistant"]
        return answers[-1] if len(answers) >= count else None

    return wait_for(f"{count} stored answers", probe)


def set_spin_box(desktop: DesktopSession, mnemonic: str, value: str) -> None:
    """Goes to a spin box by its letter, writes a value and leaves it."""
    desktop.key(f"alt+{mnemonic}")
    desktop.key("ctrl+a")
    desktop.type(value)
    desktop.key("Tab")


def on_the_page(window: Box) -> tuple[int, int]:
    """Returns a place on the transcript, where a click gives it the keyboard."""
    return window.x + window.width // 2, window.y + window.height // 3


def test_first_start_to_quit(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX})
    driver.start()

    # GIVEN a first start: the first steps come; they are skipped
    desktop.tray_icon()
    desktop.in_front("Welcome to Catnap")
    desktop.screenshot(pictures / "1-first-start.png")
    desktop.key("Escape")
    wait_for("the first steps to go", lambda: not desktop.has_window("Welcome to Catnap"))
    assert not desktop.has_window("Models"), "nobody insists"

    # WHEN a question is typed anyway THEN the models are shown and the question waits
    desktop.focus(driver.main_window())
    desktop.type("Who are you?")
    desktop.key("Return")
    desktop.in_front("Models")
    desktop.screenshot(pictures / "2-question-waits.png")
    assert driver.messages() == []

    # WHEN Enter presses the obvious button THEN the model arrives, the question is sent, the parrot answers
    desktop.key("Return")
    answer = wait_answers(driver, 1)
    assert answer == Row("assistant", PARROT_TEXT, "complete")
    wait_for("the models dialog to close by itself", lambda: not desktop.has_window("Models"))
    desktop.screenshot(pictures / "3-answer.png")

    # THEN the window shows just that text: taken through the clipboard, as a person would take it
    window = driver.main_window()
    desktop.focus(window)
    desktop.key("ctrl+shift+c")
    wait_for("the answer on the clipboard", lambda: desktop.clipboard() == PARROT_TEXT)

    # WHEN the tray icon is clicked THEN the quick box takes a question and answers it
    desktop.click(*desktop.tray_icon().centre)
    desktop.in_front("Ask Catnap")
    desktop.type("Quickly?")
    desktop.key("Return")

    def copied() -> bool:
        desktop.key("ctrl+shift+c")
        return desktop.clipboard() == PARROT_TEXT

    desktop.empty_clipboard()
    wait_for("the quick answer on the clipboard", copied)
    desktop.screenshot(pictures / "4-quick-ask.png")
    desktop.key("Escape")
    wait_for("the quick box to hide", lambda: not desktop.has_window("Ask Catnap"))
    assert len(driver.messages()) == 2, "a quick ask is not stored"

    # WHEN threads and context size are changed in the dialog THEN they are in force for the next answer
    desktop.focus(driver.main_window())
    desktop.key("ctrl+comma")
    desktop.in_front("Settings")
    set_spin_box(desktop, "t", "1")
    set_spin_box(desktop, "c", "1024")
    wait_for("the settings on disk", lambda: driver.settings().get("threads") == 1)
    wait_for("the settings on disk", lambda: driver.settings().get("n_ctx") == 1024)
    driver.wait_log("asleep: reconfigured")
    desktop.screenshot(pictures / "5-settings.png")
    set_spin_box(desktop, "c", str(N_CTX))
    wait_for("the settings on disk", lambda: driver.settings().get("n_ctx") == N_CTX)
    desktop.key("Escape")
    desktop.focus(driver.main_window())
    desktop.type("And again?")
    desktop.key("Return")
    assert wait_answers(driver, 2).text == PARROT_TEXT

    # WHEN nobody asks for a while THEN it dozes, later it sleeps, and the memory is given back with its process
    (engine,) = driver.children()
    desktop.key("ctrl+comma")
    desktop.in_front("Settings")
    position = len(driver.log())
    set_spin_box(desktop, "d", "0.05")
    set_spin_box(desktop, "s", "0.1")
    desktop.key("Escape")
    driver.wait_log("asleep: idle", after=position)
    wait_for("the engine's process to end", lambda: engine not in driver.children())
    desktop.screenshot(pictures / "6-asleep.png")

    # WHEN it is told to end THEN it ends quietly
    desktop.focus(driver.main_window())
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()


def test_quitting_in_mid_answer_keeps_what_is_there(desktop: DesktopSession, offer: Offer) -> None:
    # GIVEN an answer that does not end
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "endless", "stop_loops": False})
    install(driver, offer.endless)
    driver.start()
    desktop.focus(driver.main_window())
    desktop.type("Never stop")
    desktop.key("Return")
    desktop.click(*on_the_page(driver.main_window()))

    def begun() -> bool:
        desktop.key("ctrl+a")
        desktop.key("ctrl+c")
        return PARROT_TEXT in desktop.clipboard()

    wait_for("the beginning of the answer on the clipboard", begun)

    # WHEN the program is told to end
    driver.terminate()
    assert driver.wait_end() == 0

    # THEN the part of the answer is stored as interrupted, and the next start shows it
    question, answer = driver.messages()
    assert question == Row("user", "Never stop", "complete")
    assert answer.state == "interrupted"
    assert len(answer.text) > 10
    driver.assert_quiet()
    assert "Traceback" not in driver.log()


def test_a_second_start_shows_the_first_one_s_window(desktop: DesktopSession, offer: Offer) -> None:
    driver = CatnapDriver(desktop, offer.catalog)
    install(driver, offer.parrot)
    driver.start("--hidden")
    desktop.tray_icon()
    assert not desktop.has_window("Catnap")
    assert driver.launch("second", []).wait(PATIENCE_S) == 0
    driver.main_window()
    assert driver.launch("ask", ["--quick-ask"]).wait(PATIENCE_S) == 0
    desktop.window("Ask Catnap")
    assert driver.launch("quit", ["--quit"]).wait(PATIENCE_S) == 0
    assert driver.wait_end() == 0
    # nobody is there any more: --quit has nothing to do and starts nothing
    assert driver.launch("quit again", ["--quit"]).wait(PATIENCE_S) == 0
    assert driver.processes() == []
    driver.assert_quiet("catnap", "second", "ask", "quit", "quit again")


def test_two_starts_at_once_end_in_one_program(desktop: DesktopSession, offer: Offer) -> None:
    driver = CatnapDriver(desktop, offer.catalog)
    install(driver, offer.parrot)
    both = [driver.launch(name, []) for name in ("one", "two")]
    ended = wait_for("one of them to give way", lambda: next((p for p in both if p.poll() is not None), None))
    assert ended.returncode == 0
    driver.main_window()
    other = next(process for process in both if process is not ended)
    assert other.poll() is None
    other.send_signal(signal.SIGINT)  # Ctrl+C where it was started
    assert other.wait(PATIENCE_S) == 0
    driver.assert_quiet("one", "two")


def test_without_a_tray_it_is_never_out_of_reach(tmp_path: Path, offer: Offer, pictures: Path) -> None:
    with DesktopSession(tmp_path / "bare", with_tray=False) as desktop:
        driver = CatnapDriver(desktop, offer.catalog)
        install(driver, offer.parrot)
        driver.start()
        window = driver.main_window()
        # WHEN the window is closed THEN it asks what that shall mean
        desktop.focus(window)
        desktop.key("ctrl+w")
        # (what is pressed after it has been dealt with opens the settings)
        desktop.key("ctrl+comma")
        desktop.in_front("Settings")
        desktop.screenshot(pictures / "asked.png")
        assert driver.process.poll() is None
        assert desktop.has_window("Catnap")
        desktop.key("Escape")
        desktop.focus(window)
        # WHEN it is closed again THEN it ends, and is not running unseen
        desktop.key("ctrl+w")
        assert driver.wait_end() == 0
        driver.assert_quiet()


def test_without_a_display_there_is_a_sentence(tmp_path: Path, offer: Offer) -> None:
    with DesktopSession(tmp_path / "bare", with_tray=False) as desktop:
        desktop.environment["DISPLAY"] = ""
        driver = CatnapDriver(desktop, offer.catalog)
        driver.start()
        assert driver.wait_end() == 1
        said = desktop.log_of("catnap")
        assert "no display" in said
        assert "catnap ask" in said
        assert "Traceback" not in said


def test_a_message_waits_for_the_answer_and_the_first_closing_is_explained(
    desktop: DesktopSession, offer: Offer, pictures: Path
) -> None:
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "stop_loops": False})
    install(driver, offer.endless)
    driver.start()
    desktop.tray_icon()
    desktop.focus(driver.main_window())

    # GIVEN an answer without an end
    desktop.type("Who are you?")
    desktop.key("Return")
    wait_for("the question", driver.messages)
    # WHEN another question is sent meanwhile THEN it waits
    desktop.type("And who am I?")
    desktop.screenshot(pictures / "1-being-written.png")
    desktop.key("Return")
    desktop.screenshot(pictures / "2-waits.png")
    assert [row.text for row in driver.messages() if row.role == "user"] == ["Who are you?"]
    # AND Esc ends the answer and gives the words back: Enter sends them
    desktop.key("Escape")

    def sent() -> list[str] | None:
        desktop.key("Return")  # while the answer still ends there is nothing in the field to send
        questions = [row.text for row in driver.messages() if row.role == "user"]
        return questions if len(questions) == 2 else None

    assert wait_for("the second question", sent) == ["Who are you?", "And who am I?"]

    # WHEN the window is closed for the first time THEN it is said that this does not end Catnap, and then it goes
    desktop.key("ctrl+w")
    desktop.screenshot(pictures / "3-first-closing.png")
    assert desktop.has_window("Catnap")
    desktop.key("ctrl+w")
    wait_for("the window to go", lambda: not desktop.has_window("Catnap"))
    assert driver.launch("quit", ["--quit"]).wait(PATIENCE_S) == 0
    assert driver.wait_end() == 0
    driver.assert_quiet("catnap", "quit")
