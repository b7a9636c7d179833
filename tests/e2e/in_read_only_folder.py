"""The main job of a program whose own folder nobody may write to."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT, CatnapDriver
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import PARROT_TEXT

_OBEY = ROOT / "tests" / "support" / "obey_permissions.py"


@contextmanager
def read_only(folder: Path) -> Iterator[frozenset[Path]]:
    """Takes the right to write from all that is in a folder, and gives it back; yields what is in it."""
    paths = frozenset(path for path in (folder, *folder.rglob("*")) if not path.is_symlink())
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        yield paths
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)


def obeying(folder: Path, command: Sequence[str]) -> list[str]:
    """Returns the command that runs ``command`` in ``folder`` so that permissions count, also for the superuser."""
    return [sys.executable, str(_OBEY), str(folder), *command]


def assert_answers(
    desktop: DesktopSession, offer: Offer, monkeypatch: pytest.MonkeyPatch, command: Sequence[str], n_ctx: int
) -> None:
    """Starts a program, asks it and ends it: nothing is missing and nothing is said."""
    monkeypatch.setenv("CATNAP_E2E_COMMAND", shlex.join(command))
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": n_ctx})
    install(driver, offer.parrot)
    driver.start()
    desktop.focus(driver.main_window())
    desktop.type("Who are you?")
    desktop.key("Return")
    assert wait_answers(driver, 1).text == PARROT_TEXT
    driver.terminate()
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
