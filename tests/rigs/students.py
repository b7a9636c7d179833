"""The app in which smaller models are made: the process that makes them is the real one, and hurries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S


@contextmanager
def making_students(
    qapp: QApplication, qtbot: QtBot, paths: Paths, options: Sequence[str], model: Path
) -> Iterator[Bench]:
    """Runs the interface, and shows its window.

    Args:
        qapp: The application.
        qtbot: Waits.
        paths: Of the test.
        options: For ``catnap student run``, beside those of the window.
        model: Answers questions.
    """
    paths.students_dir.mkdir(parents=True)
    known = {"version": 1, "options": list(options), "students": []}
    (paths.students_dir / "students.json").write_text(json.dumps(known))
    with (
        # At the lowest priority it would hardly come to its end beside other tests.
        patch("desktop.machine.background_work.step_back", lambda _pid: None),
        # What is seen of the model folder too late would be an older list, in which the new one was not tried yet.
        patch("desktop.models.choice.LOOK_SECONDS", PATIENCE_S),
        running(qapp, qtbot, paths) as made,
    ):
        use_own(made.services, model)
        made.show()
        yield made
