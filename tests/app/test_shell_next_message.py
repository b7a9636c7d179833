"""The next message on real services and the real engine: counted before it is sent, and sent after the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_MS

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, parrot_model)
        yield made


def words(bench: Bench) -> str:
    return bench.window.pane.composer.meter.words


def test_what_is_being_written_is_counted_by_the_model_that_wakes_for_it_anyway(bench: Bench) -> None:
    bench.show()
    bench.services.store.change(n_ctx=512)
    assert words(bench) == ""
    # WHEN somebody writes, and pauses
    QTest.keyClicks(bench.window.pane.composer.edit, "When do cats sleep?")
    bench.qtbot.waitUntil(lambda: words(bench).startswith("About"))
    # THEN the estimate gives way to what the model has counted
    bench.qtbot.waitUntil(lambda: " of 512 tokens. This message: " in words(bench) and "About" not in words(bench),
                          timeout=PATIENCE_MS)  # fmt: skip
    counted = int(words(bench).split(" ")[0])
    # AND that is what it takes when it is sent
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.wait_for_answer()
    stats = bench.window.pane.transcript.messages[-1].stats
    assert stats is not None and stats.prompt_tokens == counted


def test_a_context_is_as_large_before_it_is_counted_as_after(bench: Bench) -> None:
    """llama.cpp rounds what is asked for up: 600 tokens were said, and 768 as soon as the model had counted."""
    bench.show()
    bench.services.store.change(n_ctx=600)
    QTest.keyClicks(bench.window.pane.composer.edit, "When do cats sleep?")
    bench.qtbot.waitUntil(lambda: words(bench).startswith("About"))
    assert " of 768 tokens" in words(bench)
    bench.qtbot.waitUntil(lambda: "About" not in words(bench), timeout=PATIENCE_MS)
    assert " of 768 tokens" in words(bench)


def test_a_message_beyond_the_context_is_refused_with_a_larger_one_that_helps(bench: Bench) -> None:
    bench.show()
    bench.services.store.change(n_ctx=512)
    # GIVEN a message that is too long for the context
    text = ("cat " * 400).strip()
    bench.send(text)
    bench.qtbot.waitUntil(lambda: "too long" in bench.banner(), timeout=PATIENCE_MS)
    notice = bench.window.pane.banner.current
    assert notice is not None and not notice.detail.startswith("It takes about")
    assert bench.window.pane.composer.text() == text
    # WHEN the larger context is taken
    (larger,) = [action.text for action in notice.actions if action.text.startswith("Larger context (+")]
    bench.press(larger)
    # THEN it is in force, nothing is said any more, and the message is answered
    assert bench.services.store.current.n_ctx >= 2048
    bench.qtbot.waitUntil(lambda: bench.banner() == "")
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.wait_for_answer()


def test_messages_that_wait_are_answered_although_the_model_is_sent_to_sleep(bench: Bench) -> None:
    bench.show()
    bench.send("When do cats sleep?")
    bench.send("And dogs?")
    bench.send("And birds?")
    bench.services.supervisor.sleep()
    messages = bench.window.pane.transcript
    bench.qtbot.waitUntil(
        lambda: len(messages.messages) == 6 and not bench.window.pane.is_busy, timeout=PATIENCE_MS
    )  # fmt: skip
    assert [message.text for message in messages.messages[::2]] == ["When do cats sleep?", "And dogs?", "And birds?"]
    assert bench.window.pane.composer.text() == "" and not bench.window.pane.queued_messages.isVisible()
