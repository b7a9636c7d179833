"""FAULTS C: what is shown. One test for each row, with the row's own input."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from tests.rigs.shell import running


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_c13_the_conversation_that_was_open_is_open_after_a_restart(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths
) -> None:
    # GIVEN three conversations, and the oldest of them open when Catnap ends
    with running(qapp, qtbot, data_dir) as bench:
        history = bench.services.history
        ids = []
        for number in range(3):
            ids.append(history.create(f"Conversation {number}").id)
            history.add_user_message(ids[-1], f"Question {number}?")
        bench.show()
        assert bench.shell.chat is not None
        bench.shell.chat.open(ids[0])
    # WHEN it starts again THEN that one is shown
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[0]
        assert "Question 0?" in bench.page()
        # AND WHEN it is gone THEN the one talked in last is
        bench.services.history.delete_for_good(ids[0])
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[2]
