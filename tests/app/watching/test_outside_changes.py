"""What another program changes in the data folder while the window is open, seen on real services and a real loop."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.models.library import Library
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import Catalog
from tests.rigs.shell import Bench, running
from tests.support.command_line import ROOT, catnap
from tests.support.downloads import until
from tests.support.widgets import children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

CHATS = ROOT / "tests" / "history" / "exchange" / "examples" / "chatgpt.json"


class OpenWindow:
    """A Catnap with its window open, and no model."""

    def __init__(self, bench: Bench, loop: asyncio.AbstractEventLoop) -> None:
        self.bench, self._loop = bench, loop
        self._loop.run_until_complete(self._show())

    async def _show(self) -> None:
        self.bench.services.store.change(first_steps=False)
        self.bench.shell.start(hidden=False)
        await until(self.bench.window.isActiveWindow)
        await until(lambda: self.bench.services.writer.flush(0.0))

    def wait(self, condition: Callable[[], bool]) -> None:
        self._loop.run_until_complete(until(condition))

    def focus(self) -> None:
        """Does what Qt does when the window gets the focus back."""
        self._loop.call_soon(
            lambda: self.bench.shell._app.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        )

    @property
    def model(self) -> str:
        (button,) = (
            one for one in children(self.bench.window.status, QToolButton) if one.accessibleName().startswith("Model:")
        )
        return "" if button.text() == "Choose a model" else button.text()

    @property
    def titles(self) -> list[str]:
        rows = self.bench.window.list.rows
        return [rows.item(place).text() for place in range(rows.count())]

    def library(self) -> Library:
        """The models as another program has them."""
        return Library(self.bench.paths.models_dir, self.bench.paths.data, Catalog((), ""))


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[OpenWindow]:
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    with running(qapp, qtbot, data_dir) as bench:
        yield OpenWindow(bench, loop)
        loop.run_until_complete(bench.services.models.shut_down())
    asyncio.set_event_loop(None)
    loop.close()
    del loop
    gc.collect()  # here: a loop that is collected in another thread takes timers of Qt with it


def test_a_model_that_the_command_line_imports_stands_in_the_status_bar(
    open_window: OpenWindow, parrot_model: Path
) -> None:
    # GIVEN an open window without a model
    assert open_window.model == ""
    # WHEN the command line imports one, and has tried it
    library = open_window.library()
    candidate = library.examine(parrot_model)
    model = library.add(candidate)
    library.remember_verdict(candidate.file, Verdict(Outcome.WORKS))
    # THEN the window says so by itself
    open_window.wait(lambda: open_window.model == model.name)
    # WHEN it is renamed there THEN that is seen as well
    library.rename(model, "Polly")
    open_window.wait(lambda: open_window.model == "Polly")
    # AND when it is removed
    library.remove(model.id)
    open_window.wait(lambda: open_window.model == "")


def test_what_changes_where_nobody_watches_is_seen_with_the_focus(
    open_window: OpenWindow, parrot_model: Path, tmp_path: Path
) -> None:
    # GIVEN a model folder on a drive of its own, whose model is in use
    elsewhere = tmp_path / "drive"
    elsewhere.mkdir()
    file = elsewhere / "own.gguf"
    file.write_bytes(parrot_model.read_bytes())
    library = Library(elsewhere, open_window.bench.paths.data, Catalog((), ""))
    library.remember_verdict(library.examine(file).file, Verdict(Outcome.WORKS))
    # WHEN somebody writes it into the settings THEN its model is there
    settings = open_window.bench.paths.settings_file
    settings.write_text(json.dumps({"version": 1, "values": {"model_folder": str(elsewhere), "first_steps": False}}))
    open_window.wait(lambda: open_window.model != "")
    # WHEN the file goes, and the window gets the focus THEN it is not there any more
    file.unlink()
    open_window.focus()
    open_window.wait(lambda: open_window.model == "")


def test_conversations_that_the_command_line_imports_are_in_the_list(open_window: OpenWindow) -> None:
    bench = open_window.bench
    assert open_window.titles == []
    assert catnap("chats", "import", str(CHATS), "--data-dir", str(bench.paths.data)).code == 0
    open_window.wait(lambda: {"Weight of a cat", "猫为什么打呼噜？"} <= set(open_window.titles))


def test_settings_written_by_hand_are_in_force(open_window: OpenWindow) -> None:
    bench, file = open_window.bench, open_window.bench.paths.settings_file
    # WHEN somebody writes the file in place, as most editors do
    file.write_text(json.dumps({"version": 1, "values": {"temperature": 1.3, "idle_minutes": 7.0}}))
    open_window.wait(lambda: bench.services.store.current.temperature == 1.3)
    assert bench.services.store.current.idle_minutes == 7.0
    # WHEN it is replaced, as others do
    other = file.with_suffix(".new")
    other.write_text(json.dumps({"version": 1, "values": {"temperature": 0.2}}))
    other.replace(file)
    open_window.wait(lambda: bench.services.store.current.temperature == 0.2)
    # WHEN it is no JSON THEN that is said, what is in force stays, and the file lies where it is edited
    file.write_text('{"version": 1, "values": {"temperature": 0.3,,}}')
    open_window.wait(lambda: bench.banner() == "The file of the settings was changed and cannot be read.")
    assert bench.services.store.current.temperature == 0.2
    assert file.exists()


def test_hidden_nothing_is_watched(open_window: OpenWindow) -> None:
    watching = open_window.bench.main.outside
    assert watching.is_watching
    open_window.bench.window.hide()
    open_window.focus()
    open_window.wait(lambda: not watching.is_watching)


def test_at_the_end_nobody_looks_at_a_history_that_is_closed(open_window: OpenWindow) -> None:
    # GIVEN an open window WHEN the program ends, and the window gets the focus once more
    bench = open_window.bench
    outside = bench.main.outside
    assert outside.is_watching
    bench.shell.close()
    bench.services.history.close()
    # THEN nothing is looked at, which would be a bug that is told
    outside.look(thoroughly=True)
    assert not outside.is_watching


def test_personas_and_quick_actions_that_an_editor_writes_are_in_force(open_window: OpenWindow) -> None:
    # GIVEN an open window
    services, paths = open_window.bench.services, open_window.bench.paths
    changed: list[str] = []
    services.personas.subscribe(changed.append)
    # WHEN both files are written by hand
    persona = {"id": "own-cook", "name": "Cook", "prompt": "You cook."}
    paths.personas_file.write_text(json.dumps({"version": 1, "personas": [persona]}), encoding="utf-8")
    action = {"id": "own-1", "name": "Shorten", "prompt": "Make it short."}
    paths.quick_actions_file.write_text(json.dumps({"version": 1, "actions": [action]}), encoding="utf-8")
    # THEN they are seen
    open_window.wait(lambda: services.personas.has("own-cook"))
    open_window.wait(lambda: "Shorten" in [action.name for action in services.actions.actions])
    assert changed == ["own-cook"]
    # WHEN one of them is broken THEN that is said, and what is in force stays so
    paths.personas_file.write_text('{"version": 1, "personas": [', encoding="utf-8")
    open_window.wait(lambda: open_window.bench.window.pane.banner.current is not None)
    notice = open_window.bench.window.pane.banner.current
    assert notice is not None and "personas was changed and cannot be read" in notice.title
    assert services.personas.has("own-cook")
    # WHEN it is mended THEN it is read
    paths.personas_file.write_text(json.dumps({"version": 1, "personas": []}), encoding="utf-8")
    open_window.wait(lambda: not services.personas.has("own-cook"))


@pytest.mark.parametrize("name", ["settings.json", "personas.json", "quick-actions.json"])
def test_that_a_file_cannot_be_read_is_taken_back_when_it_can(open_window: OpenWindow, name: str) -> None:
    banner = open_window.bench.window.pane.banner
    # GIVEN a file that somebody has broken by hand
    file = next(
        one
        for one in (
            open_window.bench.services.store.file,
            open_window.bench.paths.personas_file,
            open_window.bench.paths.quick_actions_file,
        )
        if one.name == name
    )
    before = file.read_bytes() if file.exists() else None
    file.write_text("{", encoding="utf-8")
    open_window.focus()
    open_window.wait(lambda: banner.current is not None and "cannot be read" in banner.current.title)
    # WHEN it is mended, or gone THEN the notice goes as well
    if before is not None:
        file.write_bytes(before)
    else:
        file.unlink()
    open_window.focus()
    open_window.wait(lambda: banner.current is None)
