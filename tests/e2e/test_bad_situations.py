"""Situations in which a program is tempted to crash: each ends in a sentence, seen also by who has no terminal."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from desktop import __version__
from desktop.history.database import open_database
from desktop.history.schema import MIGRATIONS
from tests.e2e.conftest import Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT, CatnapDriver
from tests.e2e.in_read_only_folder import assert_answers, obeying, read_only
from tests.e2e.test_scenario import install, wait_answers

pytestmark = pytest.mark.e2e


def said(desktop: DesktopSession, driver: CatnapDriver, picture: Path) -> str:
    """Waits for the message box, closes it as a person does and returns what was printed."""
    desktop.in_front("Catnap")
    desktop.screenshot(picture)
    desktop.key("Return")
    assert driver.wait_end() == 1
    printed = desktop.log_of("catnap")
    assert printed.startswith("catnap: ")
    assert printed.count("\n") == 1, printed
    return printed


def test_a_folder_that_cannot_be_written_is_shown(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    driver = CatnapDriver(desktop, offer.catalog)
    driver.data.write_text("a file where the folder should be", encoding="utf-8")
    driver.start()
    assert "Catnap cannot write to its folder." in said(desktop, driver, pictures / "folder.png")
    assert driver.data.read_text(encoding="utf-8") == "a file where the folder should be"


def test_a_newer_catnap_s_conversations_are_left_alone(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    # GIVEN a data folder that a Catnap of the future has used
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": 1024})
    settings = driver.data / "settings.json"
    settings.write_text('{"version": 2, "values": {}}', encoding="utf-8")
    file = driver.data / "history.sqlite3"
    open_database(file, (*MIGRATIONS, ("CREATE TABLE voices (id)",)), "17.3").connection.close()
    before = file.read_bytes(), settings.read_bytes()
    # WHEN this one is started
    driver.start()
    # THEN both versions are named and nothing was touched
    printed = said(desktop, driver, pictures / "newer.png")
    assert f"That was Catnap 17.3; this is Catnap {__version__}." in printed
    assert (file.read_bytes(), settings.read_bytes()) == before


def test_a_database_of_the_first_version_goes_on(desktop: DesktopSession, offer: Offer) -> None:
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": 1024})
    with closing(sqlite3.connect(driver.data / "history.sqlite3")) as connection:
        for statement in (*MIGRATIONS[0], "PRAGMA user_version = 1"):
            connection.execute(statement)
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'Old words', 1, 1)")
        connection.commit()
    install(driver, offer.parrot)
    driver.start()
    desktop.focus(driver.main_window())
    desktop.type("Still there?")
    desktop.key("Return")
    wait_answers(driver, 1)
    driver.terminate()
    assert driver.wait_end() == 0
    driver.assert_quiet()
    with closing(sqlite3.connect(driver.data / "history.sqlite3")) as connection:
        titles = {title for (title,) in connection.execute("SELECT title FROM conversations")}
    assert "Old words" in titles


def test_the_program_s_own_folder_may_be_read_only(
    desktop: DesktopSession, offer: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN the program in a folder that nobody may write to, without byte code, as an administrator installs it
    folder = tmp_path / "installed"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "desktop", folder / "desktop", ignore=ignored)
    shutil.copytree(ROOT / "resources", folder / "resources", ignore=ignored)
    shutil.copy(ROOT / "models.json", folder)
    with read_only(folder) as paths:
        writing = obeying(folder, [sys.executable, "-c", "open('desktop/x', 'w')"])
        assert b"PermissionError" in subprocess.run(writing, capture_output=True, check=False).stderr
        # WHEN it does its main job THEN nothing is missing and nothing is said
        assert_answers(desktop, offer, monkeypatch, obeying(folder, [sys.executable, "-P", "-c", _RUN]), 1024)
        assert paths == {folder, *folder.rglob("*")}


# As "python -m desktop" does, with the modules of the folder that it runs in.
_RUN = "import sys; sys.path.insert(0, '.'); from desktop.__main__ import main; sys.exit(main())"
