"""Questions asked in window and quick box, on real services and the real engine: where they wait, and for what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import Judgement, MemoryFit
from desktop.models.events import FolderMoving, LibraryChanged, TrialEnded
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings
from desktop.ui.widgets.banner import Banner
from tests.rigs.shell import Bench, running
from tests.support.gguf_files import with_number
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT
from tests.support.widgets import children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        yield made


# Questions


def test_a_question_is_answered(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    bench.send("Hello")
    bench.wait_for_answer()
    assert bench.questions() == ["Hello"]


def test_a_question_waits_for_a_model_and_the_answer_is_seen(bench: Bench, parrot_model: Path) -> None:
    bench.show()
    bench.shell.models.close()
    bench.send("Hello")
    # THEN the models come, with the keyboard on what to do, and say that the question is kept
    dialog = bench.shell.models.dialog
    assert dialog is not None and dialog.isVisible()
    assert any("Hello" in notice.accessibleName() for notice in children(dialog, Banner) if notice.isVisible())
    focused = dialog.focusWidget()
    assert isinstance(focused, QPushButton) and focused.text().startswith("Download")
    # WHEN a model comes, in whatever way
    use_own(bench.services, parrot_model)
    # THEN the dialog goes and the question is asked
    assert not dialog.isVisible()
    bench.wait_for_answer()
    assert bench.window.pane.composer.text() == ""
    assert all(notice.current is None for notice in children(dialog, Banner))


def test_a_quick_question_waits_and_is_answered_in_the_box(bench: Bench, parrot_model: Path) -> None:
    bench.shell.start(hidden=True)
    bench.ask_quickly("Hello")
    assert bench.shell.models.is_open
    use_own(bench.services, parrot_model)
    assert not bench.shell.models.is_open
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
    assert bench.shell.window is None


def test_the_same_question_in_both_places_is_asked_once(bench: Bench, parrot_model: Path) -> None:
    bench.show()
    bench.send("Hello")
    bench.ask_quickly("Hello")
    use_own(bench.services, parrot_model)
    box = bench.shell.quick.box
    assert box is not None and not box.isVisible()
    bench.wait_for_answer()
    assert bench.services.quick.exchange() is None
    assert bench.questions() == ["Hello"]


def test_different_questions_in_both_places_are_both_asked(bench: Bench, parrot_model: Path) -> None:
    bench.show()
    bench.send("Hello")
    bench.ask_quickly("Who are you?")
    use_own(bench.services, parrot_model)
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
    bench.wait_for_answer()


def test_a_quick_answer_is_continued_in_the_window(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.shell.start(hidden=True)
    bench.ask_quickly("Hello")
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
    box.continueRequested.emit()
    assert bench.shell.is_window_visible
    assert PARROT_TEXT in bench.page()
    bench.send("And again?")
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2)


def test_a_quick_answer_stays_where_the_history_cannot_take_it(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.ask_quickly("Hello")
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
    bench.services.history._connection.execute("PRAGMA query_only = ON")
    buttons = cast("list[QPushButton]", box.findChildren(QPushButton))
    next(button for button in buttons if "Continue" in button.text()).click()
    assert box.isVisible()
    assert box.answer == PARROT_TEXT


def test_a_chosen_model_whose_file_is_gone_is_named(bench: Bench, parrot_model: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(parrot_model.read_bytes())
    use_own(bench.services, own)
    bench.show()
    own.unlink()
    bench.send("Hello")
    dialog = bench.shell.models.dialog
    assert dialog is not None and dialog.isVisible()
    texts = [notice.accessibleName() for notice in children(dialog, Banner) if notice.isVisible()]
    assert any(
        "The chosen model is no longer there, or no longer whole." in text and "own.gguf" in text for text in texts
    )
    assert any("Hello" in text for text in texts)
    assert bench.window.pane.composer.text() == "Hello"
    # WHEN it is put back and chosen THEN the question is asked
    own.write_bytes(parrot_model.read_bytes())
    use_own(bench.services, own)
    bench.wait_for_answer()


def test_a_question_while_the_models_are_moved_waits_for_the_end(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    models = bench.services.models
    models._moving = bench.services.choice.is_withheld = True
    bench.send("Hello")
    assert bench.banner() == "The model folder is being moved."
    assert not bench.shell.models.is_open
    assert bench.window.pane.composer.text() == "Hello"
    bench.services.model_events(FolderMoving(0.5))
    assert bench.questions() == []
    models._moving = bench.services.choice.is_withheld = False
    bench.services.model_events(LibraryChanged())
    bench.services.model_events(FolderMoving(None))
    bench.wait_for_answer()
    assert bench.questions() == ["Hello"]


def test_a_question_while_the_first_model_is_tried_waits_for_the_end(bench: Bench, parrot_model: Path) -> None:
    # GIVEN a first start with a file that somebody has put into the folder
    bench.services.models._planned.add("file:parrot")
    bench.show()
    assert not bench.shell.models.is_open
    # WHEN something is asked while it is tried
    bench.send("Hello")
    assert bench.banner() == "The model is being tried for the first time."
    assert not bench.shell.models.is_open
    assert bench.window.pane.composer.text() == "Hello"
    # THEN it is asked when that is done
    bench.services.models._planned.clear()
    use_own(bench.services, parrot_model)
    bench.wait_for_answer()
    assert bench.questions() == ["Hello"]


def test_a_question_while_another_model_is_tried_in_the_place_of_one_that_is_gone_waits_for_the_end(
    bench: Bench, parrot_model: Path, tmp_path: Path
) -> None:
    """The models were opened over it, as if nothing had been chosen, though one had been, in the settings."""
    # GIVEN a model in use whose file has gone
    own = tmp_path / "own.gguf"
    own.write_bytes(parrot_model.read_bytes())
    use_own(bench.services, own)
    bench.show()
    own.unlink()
    # WHEN another one has just been chosen, and something is asked while it is tried
    bench.services.models._planned.add("file:parrot")
    bench.send("Hello")
    # THEN that is said, and the question is asked when it is done
    assert bench.banner() == "The model is being tried for the first time."
    assert not bench.shell.models.is_open
    bench.services.models._planned.clear()
    use_own(bench.services, parrot_model)
    bench.wait_for_answer()
    assert bench.questions() == ["Hello"]


def test_a_question_is_shown_where_there_are_models_when_the_first_one_does_not_work(bench: Bench) -> None:
    bench.services.models._planned.add("file:bad")
    bench.show()
    bench.send("Hello")
    bench.services.models._planned.clear()
    bench.services.model_events(TrialEnded("file:bad", Verdict.of(Outcome.DIED, UserFacingError("It died."))))
    assert bench.shell.models.is_open
    assert bench.window.pane.composer.text() == "Hello"


# A model that brings the engine down


def die_over(bench: Bench, deadly: Path, question: str) -> None:
    """Asks a model over which the engine dies, and waits until that is said."""
    use_own(bench.services, deadly)
    bench.show()
    bench.send(question)
    bench.qtbot.waitUntil(lambda: bench.banner() == "This model has brought the engine down while loading.")


def is_answering(bench: Bench) -> bool:
    return any(bench.services.chat.answers.is_busy(one.id) for one in bench.services.history.conversations())


def go_way_out(bench: Bench, text: str) -> None:
    banner = bench.window.pane.banner
    assert banner.current is not None
    action = next(action for action in banner.current.actions if action.text == text)
    banner.close_current()
    action.run()


@pytest.fixture
def deadly_model(parrot_model: Path, tmp_path: Path) -> Path:
    return with_number(parrot_model, tmp_path / "deadly.gguf", "qwen2.block_count", 513)


def test_another_model_answers_the_question_over_which_the_engine_died(
    bench: Bench, parrot_model: Path, deadly_model: Path
) -> None:
    # GIVEN a question over which the engine has died
    die_over(bench, deadly_model, "Hello")

    # WHEN another model is wanted THEN there are the models, and it is said that the question is kept
    go_way_out(bench, "Another model…")
    dialog = bench.shell.models.dialog
    assert dialog is not None and dialog.isVisible()
    assert any("Hello" in notice.accessibleName() for notice in children(dialog, Banner) if notice.isVisible())

    # AND what else happens to the library does not ask the one that failed again
    bench.services.model_events(LibraryChanged())
    assert dialog.isVisible()
    assert not is_answering(bench)

    # WHEN another one is chosen THEN it answers that very question
    use_own(bench.services, parrot_model)
    assert not dialog.isVisible()
    bench.wait_for_answer()
    assert bench.questions() == ["Hello"]
    assert all(notice.current is None for notice in children(dialog, Banner))


def test_a_question_that_was_asked_again_otherwise_does_not_wait_for_another_model(
    bench: Bench, parrot_model: Path, deadly_model: Path
) -> None:
    # GIVEN the models in view, for a question over which the engine died
    die_over(bench, deadly_model, "Hello")
    go_way_out(bench, "Another model…")
    dialog = bench.shell.models.dialog
    assert dialog is not None

    # WHEN something else is asked of the same model meanwhile
    dialog.close()
    bench.send("And now?")
    bench.qtbot.waitUntil(lambda: "brought the engine down while loading" in bench.banner())

    # THEN another model, chosen later for its own sake, is not made to answer what nobody waits for any more
    use_own(bench.services, parrot_model)
    assert not is_answering(bench)
    bench.shell.models.show()
    assert all(notice.current is None for notice in children(dialog, Banner))


# A model that does not fit


def make_short_of_memory(bench: Bench, monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    """From now on a model fits only with a context of at most ``least`` tokens."""

    def judge(_advice: MemoryFit, settings: Settings, _model: InstalledModel) -> Judgement:
        fits = bench.services.supervisor.fit.context_of(settings) <= least
        return Judgement(Fit.TIGHT if fits else Fit.TOO_BIG, 3_000_000_000, 1_000_000_000)

    monkeypatch.setattr(MemoryFit, "judge_load", judge)


def ask_without_room(bench: Bench, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks with a context of 2,048 tokens, where there is memory for 512."""
    use_own(bench.services, model)
    bench.services.store.change(n_ctx=2048)
    make_short_of_memory(bench, monkeypatch, 512)
    bench.show()
    bench.send("Hello")


def test_a_question_waits_for_a_way_out_of_too_little_memory(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_without_room(bench, parrot_model, monkeypatch)
    assert "does not fit into the memory" in bench.banner()
    assert bench.window.pane.composer.text() == "Hello"
    assert bench.questions() == []
    bench.press("Shorter context (512 tokens)")
    assert bench.banner() == ""
    bench.wait_for_answer()
    assert bench.services.store.current.n_ctx == 512
    assert bench.window.pane.composer.text() == ""


def test_what_was_said_of_the_memory_follows_the_settings(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shorter context was offered that was longer than the one that somebody had set meanwhile."""
    ask_without_room(bench, parrot_model, monkeypatch)
    assert buttons(bench)[0] == "Shorter context (512 tokens)"
    # WHEN the settings ask for less, which is too much all the same THEN what helps is told of that
    make_short_of_memory(bench, monkeypatch, 400)
    bench.services.store.change(n_ctx=512)
    assert "does not fit into the memory" in bench.banner() and "Shorter" not in "".join(buttons(bench))
    # WHEN it fits by now THEN nothing is said any more, and the question can be sent
    bench.services.store.change(n_ctx=384)
    assert bench.banner() == "" and bench.window.pane.composer.text() == "Hello"
    # AND what was closed does not come back for a setting
    make_short_of_memory(bench, monkeypatch, 0)
    bench.send("Hello")
    bench.window.pane.banner.close_current()
    bench.services.store.change(n_ctx=512)
    assert bench.banner() == ""


def buttons(bench: Bench) -> list[str]:
    notice = bench.window.pane.banner.current
    return [action.text for action in notice.actions] if notice is not None else []


def test_it_can_be_loaded_anyway_and_is_not_asked_again(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_own(bench.services, parrot_model)
    make_short_of_memory(bench, monkeypatch, 0)
    bench.show()
    bench.send("Hello")
    bench.press("Smaller model…")
    assert bench.shell.models.is_open
    bench.send("Hello")
    bench.press("Load anyway")
    bench.wait_for_answer()
    bench.services.engine.sleep()
    bench.send("And now?")
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2)


def test_a_quick_question_that_does_not_fit_is_answered_in_its_box_after_all(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_own(bench.services, parrot_model)
    bench.services.store.change(n_ctx=2048)
    make_short_of_memory(bench, monkeypatch, 1024)
    bench.shell.start(hidden=True)
    bench.ask_quickly("Hello")
    assert "does not fit into the memory" in bench.banner()
    bench.press("Shorter context (1,024 tokens)")
    box = bench.shell.quick.box
    assert box is not None
    bench.qtbot.waitUntil(lambda: box.answer == PARROT_TEXT and not box.is_busy)
