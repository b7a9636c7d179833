"""A student of real weights in the app: chosen, asked in the window, dozing, and gone with its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.engine.distillation.client import rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.history.store import History
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.students import StudentCard
from tests.rigs.shell import running
from tests.support.weights import smollm2

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
# Minutes, so that a nap comes at once.
SOON = 0.005


def test_a_student_is_a_model_like_any_other(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path) -> None:
    # GIVEN a student of the real teacher, without two of its layers, among the models
    source = tmp_path / "small.gguf"
    rewrite_model(Rewrite(smollm2(), source, "copy", 0, (4, 5)))
    card = StudentCard("SmolLM2 135M", "HuggingFaceTB", "apache-2.0")
    with running(qapp, qtbot, data_dir) as bench:
        services = bench.services
        library = services.choice.library
        model = library.add_student(source, "small.gguf", "", card)
        candidate = library.examine(model.path)
        library.remember_verdict(candidate.file, Verdict(Outcome.WORKS))
        services.supervisor.fit.learn(model, candidate.header)
        services.choice.outdate()
        services.models.use(model.id)
        bench.show()
        # WHEN it is asked THEN it answers
        bench.send("What is the opposite of hot?")
        history = services.history
        qtbot.waitUntil(lambda: len(_said(history)) == 2 and not bench.window.pane.transcript.is_growing)
        assert _said(history)[1].strip()
        # WHEN nobody asks for a while THEN it dozes, and the next answer comes in the same process
        services.store.change(idle_minutes=SOON)
        qtbot.waitUntil(lambda: "dozing" in bench.shell.tray.tooltip)
        process = services.engine.process_id
        services.store.change(idle_minutes=60)
        bench.send("And of large?")
        qtbot.waitUntil(lambda: len(_said(history)) == 4 and not bench.window.pane.transcript.is_growing)
        assert services.engine.process_id == process is not None
    # WHEN it is removed THEN its file is gone, and that in the project stays
    library.remove(model.id)
    assert not model.path.exists() and library.installed() == () and source.exists()


def _said(history: History) -> list[str]:
    transcripts = [history.transcript(one.id) for one in history.conversations()]
    return [message.text for transcript in transcripts for message in transcript.messages if message.text]
