"""From the card of a model to its check, in the whole app: one's own question is answered all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.widgets import children, words_on

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        made.model = use_own(made.services, parrot_model)  # type: ignore[attr-defined]
        made.show()
        yield made
        if made.shell.models.dialog is not None:
            made.shell.models.dialog.close()


def test_a_check_begins_on_the_card_and_gives_way_to_a_question(bench: Bench) -> None:
    # GIVEN the card of a model
    bench.shell.models.show()
    models = bench.shell.models.dialog
    assert models is not None
    models.select(bench.model.id)  # type: ignore[attr-defined]
    asked = [one for one in children(models, QPushButton, shown=True) if one.text() == "What can it do?"]
    # WHEN it is asked what the model can do, and the check is started
    asked[0].click()
    dialog = bench.shell.rarely_used.checks.dialog
    assert dialog is not None
    bench.shell.rarely_used.checks.run()
    bench.qtbot.waitUntil(lambda: "of 300 tasks" in words_on(dialog))
    # THEN a question of one's own is answered, and the check waits meanwhile
    bench.send("Hello?")
    bench.qtbot.waitUntil(lambda: "Waiting while you use Catnap" in words_on(dialog))
    bench.wait_for_answer()
    # AND what was answered of the check is kept, and known on the card
    bench.qtbot.waitUntil(lambda: bench.shell.rarely_used.checks._check is None)
    kept = list(bench.paths.checks_dir.glob("*.json"))
    assert len(kept) <= 1
    bench.shell.rarely_used.checks.pause()
