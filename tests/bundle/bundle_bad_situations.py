"""What can happen to the bundle's own folder, and what the system may lack for it."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver, Row, catnap_command
from tests.e2e.in_read_only_folder import assert_answers, obeying, read_only
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S, wait_for

MOVED = "Catnap's folder was moved, replaced or removed while Catnap was running."


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundle that a test may do anything to; it is what is started."""
    program = Path(catnap_command()[0])
    assert program.name == "catnap", "CATNAP_E2E_COMMAND names no bundle; run `make test-bundle`"
    folder = tmp_path / "My programs" / "catnap"
    shutil.copytree(program.parent, folder, symlinks=True)
    monkeypatch.setenv("CATNAP_E2E_COMMAND", shlex.join([str(folder / "catnap")]))
    return folder


def move(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def replace(folder: Path) -> None:
    """As unpacking another version over it does: the same names, other files."""
    shutil.copytree(folder, folder.with_name("new"), symlinks=True)
    shutil.rmtree(folder)
    folder.with_name("new").rename(folder)


@pytest.mark.parametrize("happens", [move, shutil.rmtree], ids=["moved", "removed"])
def test_its_folder_goes_away_while_it_runs(
    desktop: DesktopSession, offer: Offer, bundle: Path, pictures: Path, happens: Callable[[Path], object]
) -> None:
    # GIVEN a program that has just been started
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot"})
    install(driver, offer.parrot)
    driver.start()
    window = driver.main_window()
    desktop.tray_icon()
    # WHEN its folder goes away, and then something is asked, which needs the engine for the first time
    happens(bundle)
    desktop.focus(window)
    desktop.type("Are you there?")
    desktop.key("Return")
    # THEN that is said, the question is kept, and the program goes on: dialogs open, it quits in order
    driver.wait_log(MOVED)
    assert wait_for("the question", driver.messages) == [Row("user", "Are you there?", "complete")]
    desktop.focus(window)
    desktop.key("ctrl+comma")
    desktop.in_front("Settings")
    desktop.screenshot(pictures / "settings.png")
    desktop.key("Escape")
    desktop.click(*desktop.tray_icon().centre)
    desktop.screenshot(pictures / "quick-ask.png")
    desktop.key("Escape")
    assert not desktop.has_window("A fault in Catnap")
    desktop.focus(driver.main_window())
    desktop.screenshot(pictures / "said.png")
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()


def test_its_folder_is_replaced_in_mid_conversation(desktop: DesktopSession, offer: Offer, bundle: Path) -> None:
    # GIVEN a program whose engine is loaded
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX})
    install(driver, offer.parrot)
    driver.start()
    desktop.focus(driver.main_window())
    desktop.type("Who are you?")
    desktop.key("Return")
    wait_answers(driver, 1)
    # WHEN another version is put in its place
    replace(bundle)
    # THEN the conversation goes on, and the new one can be started afterwards
    desktop.type("And now?")
    desktop.key("Return")
    assert wait_answers(driver, 2).text == PARROT_TEXT
    assert driver.launch("second", []).wait(PATIENCE_S) == 0
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    driver.start()
    driver.main_window()
    driver.terminate()
    assert driver.wait_end() == 0
    assert len(driver.messages()) == 4


def test_its_folder_may_be_read_only(
    desktop: DesktopSession, offer: Offer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_only(bundle):
        assert_answers(desktop, offer, monkeypatch, obeying(Path("/"), [str(bundle / "catnap")]), N_CTX)


@pytest.mark.parametrize("soname", ["libEGL.so.1", "libfontconfig.so.1", "libX11-xcb.so.1"])
def test_a_library_that_the_system_lacks_is_named(
    desktop: DesktopSession, offer: Offer, bundle: Path, tmp_path: Path, soname: str
) -> None:
    # GIVEN a system whose linker finds an empty file where a library should be that the bundle has not got either
    assert not list(bundle.rglob(soname))
    empty = tmp_path / "libraries"
    empty.mkdir()
    (empty / soname).touch()
    desktop.environment["LD_LIBRARY_PATH"] = str(empty)
    driver = CatnapDriver(desktop, offer.catalog)
    driver.start()
    assert driver.wait_end() == 1
    said = desktop.log_of("catnap")
    assert said.startswith("catnap: Catnap cannot show windows, since the system lacks libraries.")
    assert soname in said
    assert "sudo " in said
    assert "Traceback" not in said


def test_no_compositor_and_no_x_server_is_no_abort(desktop: DesktopSession, offer: Offer) -> None:
    for name in ("DISPLAY", "QT_QPA_PLATFORM"):
        del desktop.environment[name]
    desktop.environment["WAYLAND_DISPLAY"] = f"wayland-{os.getpid()}"
    driver = CatnapDriver(desktop, offer.catalog)
    driver.start()
    assert driver.wait_end() == 1
    assert desktop.log_of("catnap").startswith("catnap: The display cannot be reached. WAYLAND_DISPLAY=wayland-")
