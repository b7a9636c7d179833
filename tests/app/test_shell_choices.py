"""A model and a temperature for one conversation, on real services and the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.history.choices import ConversationChoices
from desktop.ui.conversations.temperature_dialog import TemperatureDialog
from desktop.ui.widgets.banner import Severity
from tests.rigs.shell import Bench, loop_of, running
from tests.support.gguf_files import with_number
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.widgets import child, children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

OTHER_TEXT = "The other one says this."


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path, tmp_path: Path) -> Iterator[Bench]:
    """Two models: "other", which is in use, and the parrot."""
    other = make_parrot(tmp_path / "other.gguf", text=OTHER_TEXT)
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, parrot_model)
        use_own(made.services, other)
        made.show()
        yield made


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[None]:
    with loop_of(qapp):
        yield


def entries(menu: QMenu) -> dict[str, QAction]:
    """Opens a menu as far as what it offers; returns that."""
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if not action.isSeparator()}


def choose(bench: Bench, words: str) -> None:
    found = entries(bench.window.choices_button.menu())
    next(action for text, action in found.items() if text.startswith(words)).trigger()


def checked(bench: Bench) -> list[str]:
    return [text for text, action in entries(bench.window.menu.choices).items() if action.isChecked()]


def loaded(bench: Bench) -> str:
    config = bench.services.supervisor.state.loaded_with
    return config.model_path.name if config is not None and config.model_path is not None else ""


def test_a_conversation_keeps_its_model_and_another_one_the_usual(bench: Bench, parrot_model: Path) -> None:
    # GIVEN a conversation that is answered by the model of the settings
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    assert bench.shell.chat is not None
    first = bench.shell.chat.current
    assert bench.window.choices_button.text() == bench.services.choice.name()
    # WHEN another model is chosen for it THEN that is said, and nothing is loaded yet
    parrot = next(one for one in bench.services.choice.for_conversations() if one.path == parrot_model)
    choose(bench, parrot.name)
    assert bench.window.choices_button.text() == parrot.name
    assert parrot.name in bench.window.choices_button.accessibleName()
    assert loaded(bench) == "other.gguf"
    # AND the next message is answered by it, and the answer says so
    bench.send("And now?")
    bench.wait_for_answer(PARROT_TEXT)
    assert loaded(bench) == parrot_model.name
    transcript = bench.services.history.transcript(first or "")
    assert [message.model for message in transcript.messages if message.model] == ["other", parrot.name]
    # WHEN a new conversation is begun THEN the usual one answers there, loaded with its first message
    bench.window.menu.new.trigger()
    assert bench.window.choices_button.text() == "other"
    assert loaded(bench) == parrot_model.name
    bench.send("Who is there?")
    bench.wait_for_answer(OTHER_TEXT)
    assert loaded(bench) == "other.gguf"
    # AND going back shows what answers there, and loads nothing
    bench.shell.chat.open(first)
    assert bench.window.choices_button.text() == parrot.name
    QApplication.processEvents()
    assert loaded(bench) == "other.gguf"


def test_choices_can_be_undone_and_are_made_before_the_first_message_too(bench: Bench, parrot_model: Path) -> None:
    parrot = next(one for one in bench.services.choice.for_conversations() if one.path == parrot_model)
    # GIVEN a new page for which model and temperature are chosen
    choose(bench, parrot.name)
    choose(bench, "Little")
    assert bench.window.choices_button.text() == f"{parrot.name} · 0.3"
    bench.send("Hello")
    bench.wait_for_answer(PARROT_TEXT)
    assert bench.shell.chat is not None
    current = bench.shell.chat.current
    assert current is not None
    choices = bench.services.history.conversation(current).choices
    assert (choices.model, choices.temperature) == (parrot_model.name, 0.3)
    # WHEN it is answered as in the settings again THEN that can be undone
    choose(bench, "As in the settings")
    assert bench.services.history.conversation(current).choices.model is None
    bench.window.menu.undo.trigger()
    assert bench.services.history.conversation(current).choices.model == parrot_model.name
    assert bench.window.choices_button.text() == f"{parrot.name} · 0.3"
    assert "Little (0.3)" in checked(bench)


@pytest.mark.parametrize("typed", ["0.85", "0,85"])
def test_a_temperature_of_ones_own_can_be_written(bench: Bench, typed: str) -> None:
    # GIVEN a conversation, and the menu of what can be chosen for it
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    choose(bench, "Another value")
    (dialog,) = children(bench.window, TemperatureDialog)
    # WHEN somebody writes a number, with a dot or a comma, and presses Enter
    field = child(dialog, QLineEdit)
    assert field.text() == "0.7", "what applies so far"
    field.selectAll()
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    # THEN it is chosen for this conversation, stands in the menu, and can be undone
    assert bench.shell.chat is not None and bench.shell.chat.current is not None
    assert bench.services.history.conversation(bench.shell.chat.current).choices.temperature == 0.85
    assert "0.85" in checked(bench)
    bench.window.menu.undo.trigger()
    assert "0.85" not in checked(bench)


def test_a_model_that_is_gone_is_said_once_and_the_usual_one_answers(bench: Bench) -> None:
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    assert bench.shell.chat is not None
    first = bench.shell.chat.current
    assert first is not None
    bench.services.history.set_choices(first, ConversationChoices(model="gone.gguf", temperature=0.55))
    # WHEN the conversation is opened
    bench.window.menu.new.trigger()
    bench.shell.chat.open(first)
    # THEN a sentence says which is gone and which answers, and the menu shows both
    notice = bench.window.pane.banner.current
    assert notice is not None and "gone.gguf" in notice.title and "other answers instead" in notice.remedy
    assert checked(bench) == ["gone.gguf (no longer here)", "0.55"]
    bench.send("Who is there?")
    bench.qtbot.waitUntil(lambda: bench.page().count(OTHER_TEXT) == 2 and not bench.window.pane.transcript.is_growing)
    # AND it is not said at each visit
    bench.window.pane.banner.withdraw(notice.key)
    bench.window.menu.new.trigger()
    bench.shell.chat.open(first)
    assert bench.banner() != notice.title


def test_a_model_that_is_back_is_no_longer_said_to_be_gone(
    loop: None, bench: Bench, data_dir: Paths, tmp_path: Path
) -> None:
    # GIVEN a conversation whose model has gone from the folder, which is said
    file = make_parrot(data_dir.models_dir / "mine.gguf", text="It is mine.")
    bench.services.choice.refresh()
    choose(bench, "mine")
    bench.qtbot.waitUntil(lambda: bench.window.choices_button.text() == "mine")
    file.rename(tmp_path / "mine.gguf")
    bench.services.choice.refresh()
    bench.qtbot.waitUntil(lambda: "mine.gguf" in bench.banner())
    # WHEN it comes back THEN that is no longer said
    (tmp_path / "mine.gguf").rename(file)
    bench.services.choice.refresh()
    bench.qtbot.waitUntil(lambda: bench.banner() == "")
    # AND it is said again if it goes again
    file.unlink()
    bench.services.choice.refresh()
    bench.qtbot.waitUntil(lambda: "mine.gguf" in bench.banner())


def test_the_quick_ask_is_answered_by_the_usual_model(bench: Bench, parrot_model: Path) -> None:
    parrot = next(one for one in bench.services.choice.for_conversations() if one.path == parrot_model)
    choose(bench, parrot.name)
    bench.send("Hello")
    bench.wait_for_answer(PARROT_TEXT)
    bench.ask_quickly("Hello")
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == OTHER_TEXT and not box.is_busy)


def test_a_file_put_into_the_folder_by_hand_is_offered_and_tried_before_it_answers_in_one(
    loop: None, bench: Bench, data_dir: Paths
) -> None:
    """Only what had been tried was listed, though the models dialog offered to use all of them."""
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    assert bench.shell.chat is not None
    first = bench.shell.chat.current or ""
    # GIVEN a file that was put into the folder of models
    make_parrot(data_dir.models_dir / "by hand.gguf", text="By hand.")
    bench.services.choice.refresh()
    # WHEN it is chosen for the conversation THEN it is said that it is tried first, and by whom it is answered so far
    choose(bench, "by hand (is tried first)")
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.title.startswith("by hand is tried first")
    assert "until then other does" in notice.remedy
    assert bench.services.history.conversation(first).choices.model is None
    # AND when it has worked it answers there, and not in others
    bench.qtbot.waitUntil(lambda: bench.services.history.conversation(first).choices.model == "by hand.gguf")
    assert bench.banner() == "" and bench.window.choices_button.text() == "by hand"
    assert bench.services.choice.name() == "other"
    bench.send("And now?")
    bench.wait_for_answer("By hand.")
    assert "by hand" in checked(bench)


def test_one_that_does_not_work_is_said_and_offered_no_more(
    loop: None, bench: Bench, data_dir: Paths, parrot_model: Path
) -> None:
    data_dir.models_dir.mkdir(exist_ok=True)
    with_number(parrot_model, data_dir.models_dir / "broken.gguf", "qwen2.block_count", 513)
    bench.services.choice.refresh()
    choose(bench, "broken")
    # A question that is asked meanwhile is answered by the usual one, and begins the conversation.
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    bench.qtbot.waitUntil(lambda: not bench.services.models.trying)
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.severity is Severity.PROBLEM
    assert not any(text.startswith("broken") for text in entries(bench.window.menu.choices))
    assert bench.window.choices_button.text() == "other"


def test_one_wanted_on_a_new_page_answers_in_what_that_has_become(loop: None, bench: Bench, data_dir: Paths) -> None:
    make_parrot(data_dir.models_dir / "by hand.gguf", text="By hand.")
    bench.services.choice.refresh()
    choose(bench, "by hand (is tried first)")
    bench.send("Hello")
    assert bench.shell.chat is not None
    bench.qtbot.waitUntil(lambda: bench.window.choices_button.text() == "by hand")
    bench.qtbot.waitUntil(lambda: bench.shell.chat is not None and bench.shell.chat.current is not None)
    assert bench.services.history.conversation(bench.shell.chat.current or "").choices.model == "by hand.gguf"
    bench.window.menu.new.trigger()
    assert bench.window.choices_button.text() == "other"


def test_one_whose_file_is_another_since_is_tried_again_before_it_answers(
    loop: None, bench: Bench, tmp_path: Path
) -> None:
    path = make_parrot(tmp_path / "mine.gguf", text="My parrot.")
    use_own(bench.services, path)
    use_own(bench.services, tmp_path / "other.gguf")
    parrot = next(one for one in bench.services.choice.for_conversations() if one.path == path)
    bench.send("Hello")
    bench.wait_for_answer(OTHER_TEXT)
    choose(bench, parrot.name)
    assert bench.window.choices_button.text() == parrot.name
    # WHEN another file lies in its place THEN the usual one answers until that has been tried, and then it does
    make_parrot(path, text="Another parrot.")
    bench.services.choice.refresh()
    assert "is tried first" in bench.banner() and bench.window.choices_button.text() == "other"
    bench.qtbot.waitUntil(lambda: bench.window.choices_button.text() == parrot.name)
    assert bench.banner() == ""
    bench.send("And now?")
    bench.wait_for_answer("Another parrot.")


def test_one_that_answers_already_is_not_tried_first_where_it_is_chosen(
    loop: None, bench: Bench, data_dir: Paths
) -> None:
    # GIVEN a file that somebody has put into the folder, and named in the settings: it answers
    make_parrot(data_dir.models_dir / "by hand.gguf", text="By hand.")
    bench.services.choice.refresh()
    (mine,) = (one for one in bench.services.choice.offered() if one.path.name == "by hand.gguf")
    bench.services.store.change(model=mine.id)
    bench.send("Hello")
    bench.wait_for_answer("By hand.")
    # WHEN it is chosen for the conversation THEN it is in force at once
    assert "by hand (is tried first)" not in entries(bench.window.choices_button.menu())
    choose(bench, "by hand")
    assert bench.banner() == "" and bench.window.choices_button.text() == "by hand"
    assert bench.shell.chat is not None
    assert bench.services.history.conversation(bench.shell.chat.current or "").choices.model == "by hand.gguf"
