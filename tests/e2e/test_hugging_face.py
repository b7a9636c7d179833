"""A model from Hugging Face as a person gets it: a link pasted, a file chosen, a question answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import wait_answers
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import wait_for
from tests.support.split_models import split_model

pytestmark = pytest.mark.e2e

REPO = "owner/Parrot-Instruct-GGUF"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serve_hub(tmp_path / "hub") as running:
        parts = split_model(make_parrot(tmp_path / "parrot.gguf"), tmp_path / "parts", prefix="Parrot-Instruct-Q8_0")
        files = {part.name: part.read_bytes() for part in parts}
        running.publish(REPO, {**files, "mmproj-F16.gguf": b"GGUF" + bytes(1000)})
        yield running


def test_a_link_is_pasted_and_the_model_answers(desktop: DesktopSession, offer: Offer, hub: FakeHub) -> None:
    # GIVEN a fresh program whose mirror is a hub of our own
    driver = CatnapDriver(desktop, offer.catalog, {"mirror": "own", "own_host": hub.url})
    driver.start()
    # WHEN a link is pasted into the dialog that opens from the models dialog, which is a key away from the first steps
    desktop.in_front("Welcome to Catnap")
    desktop.key("alt+m")
    desktop.in_front("Models")
    desktop.key("alt+a")
    desktop.in_front("Add from Hugging Face")
    desktop.type(f"https://huggingface.co/{REPO}/tree/main")
    desktop.key("Return")
    # THEN Enter downloads the file that is proposed, all three parts of it
    wait_for("the repository was asked for", lambda: len(hub.server.of(f"/api/models/{REPO}")) or None)
    first = f"/{REPO}/resolve/0123456789abcdef0123456789abcdef01234567/Parrot-Instruct-Q8_0-00001-of-00003.gguf"
    wait_for("the header of the proposed file was read", lambda: hub.server.of(first) or None)
    desktop.key("Return")
    models = driver.data / "models"
    wait_for("all parts are there", lambda: len(list(models.glob("Parrot-*.gguf"))) == 3 or None)
    # AND the model is tried and chosen, since there is no other, and answers
    wait_for("the model was chosen", lambda: driver.settings().get("model") or None)
    for title in ("Add from Hugging Face", "Models"):
        desktop.in_front(title)
        desktop.key("Escape")
    desktop.focus(driver.main_window())
    desktop.type("Hello?")
    desktop.key("Return")
    assert wait_answers(driver, 1).text == PARROT_TEXT
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
