"""What the running app writes, with its real services and engine, and a window that nobody sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, cast

from PySide6.QtWidgets import QApplication, QPushButton
from qasync import QEventLoop

from desktop.app.run import Program, build, shut_down
from desktop.arguments.parsing import AppOptions
from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.common.logs import LogTail
from desktop.common.paths import resolve_paths
from desktop.history.drafts import DraftFile
from desktop.history.exchange.extent import Extent
from desktop.history.store import History
from desktop.settings.store import SettingsStore
from desktop.ui.chat.window import ChatWindow
from desktop.ui.exchange.presenter import ExchangePresenter
from desktop.ui.widgets.banner import Notice, Severity
from tests.support.own_models import use_own
from tests.support.parrot import make_parrot
from tests.torture.full_histories import history_text
from tests.torture.full_writers import LONG, Writer, read_copy

# Until what must come of a click has come; the engine may have to be started for it.
_MOST_S: Final = 25.0
_LOOK_AGAIN_S: Final = 0.01
_SAVE_AGAIN: Final = "Save again"
_QUESTION: Final = "What is left when the disk is full?"


@cache
def _application() -> QApplication:
    app = QApplication(["catnap"])
    app.setQuitOnLastWindowClosed(False)
    return app


class _Window(Writer):
    """The app with a conversation in its window."""

    needs_model: ClassVar[bool] = False

    def prepare(self) -> None:
        self._paths = resolve_paths(self.folder / "data")
        self._paths.create()
        history = History(self._paths.history_file)
        self._conversation = history.create("old").id
        history.add_user_message(self._conversation, "old question")
        history.close()
        self._program: Program | None = None
        self._begin()

    def close(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            self._loop.run_until_complete(shut_down(program))
            self._loop.close()

    def _begin(self) -> None:
        store = SettingsStore(self._paths.settings_file)

        async def make() -> Program:
            return build(self._paths, store, AppOptions(), _application(), LogTail())

        self._loop = QEventLoop(_application())  # one for each: what a program has put off ends with its loop
        self._loop.set_default_executor(detached.DetachedExecutor())
        program = self._program = self._loop.run_until_complete(make())
        if self.needs_model:
            use_own(program.services, make_parrot(self.folder / "parrot.gguf"))
        program.shell.show_window()
        assert program.shell.chat is not None
        program.shell.chat.open(self._conversation)

    @property
    def _app(self) -> Program:
        assert self._program is not None
        return self._program

    @property
    def _window(self) -> ChatWindow:
        window = self._app.shell.window
        assert window is not None
        return window

    @property
    def _exchange(self) -> ExchangePresenter:
        main = self._app.shell.main
        assert main is not None
        return main.exchange

    def _problem(self) -> Notice | None:
        """Returns what the banner says has gone wrong."""
        notices = [notice for notice in self._window.pane.banner._queue if notice.severity is Severity.PROBLEM]
        return notices[0] if notices else None

    def _until(self, probe: Callable[[], object]) -> None:
        """Waits until something has come to pass, or the banner says why not, which is raised."""

        async def wait() -> None:
            async with asyncio.timeout(_MOST_S):
                while not probe() and self._problem() is None:  # noqa: ASYNC110 (nobody tells of a banner)
                    await asyncio.sleep(_LOOK_AGAIN_S)

        self._loop.run_until_complete(wait())
        notice = self._problem()
        if notice is not None:
            raise UserFacingError(notice.title, notice.detail, notice.remedy)

    def _forget_problems(self) -> None:
        while self._window.pane.banner.current is not None:
            self._window.pane.banner.close_current()

    def again(self) -> None:
        self._forget_problems()
        self.act()

    def state(self) -> str:
        return history_text(self._paths.history_file)


class WindowQuestion(_Window):
    """A question that cannot be stored is in the composer again; an answer stays in view until it can be saved."""

    name = "window: question and answer"
    needs_model = True

    def act(self) -> None:
        pane = self._window.pane
        if not pane.composer.text():
            pane.composer.set_text(_QUESTION)
        pane.composer.submit()
        try:
            self._until(lambda: "assistant complete" in self.state())
        except UserFacingError:
            if pane.composer.text() != _QUESTION and _QUESTION[:20] not in self.state():
                raise AssertionError("the question is neither stored nor in the composer") from None
            raise

    def again(self) -> None:
        buttons = cast("list[QPushButton]", self._window.pane.banner.findChildren(QPushButton))
        save = next((button for button in buttons if button.text() == _SAVE_AGAIN), None)
        if save is None:
            super().again()
            return
        save.click()
        self._until(lambda: "assistant complete" in self.state())

    def may_be(self, state: str) -> bool:
        return "old question" in state and _QUESTION[:20] in state  # the answer is in view, and waits


class WindowSettings(_Window):
    name = "window: size of the letters"

    def act(self) -> None:
        self._window.fontSizeChanged.emit(17)
        self._until(lambda: self._stored() == 17)

    def state(self) -> str:
        return str(self._stored())

    def _stored(self) -> int:
        return SettingsStore(self._paths.settings_file).current.font_size


class WindowRename(_Window):
    name = "window: another title"

    def act(self) -> None:
        self._window.list.renameRequested.emit(self._conversation, "a new name")
        self._until(lambda: "a new name" in self.state())


class WindowDelete(_Window):
    name = "window: delete"

    def act(self) -> None:
        self._window.list.deleteRequested.emit(self._conversation)
        self._until(lambda: "deleted" in self.state())


class WindowExport(_Window):
    name = "window: export"

    def prepare(self) -> None:
        super().prepare()
        self._target.write_text("old")

    def act(self) -> None:
        exchange = self._exchange
        exchange._export(self._target, None, Extent())
        self._until(lambda: not exchange.is_busy)

    def state(self) -> str:
        text = self._target.read_text()
        return text if text == "old" else f"{len(json.loads(text)['conversations'])} conversations"

    @property
    def _target(self) -> Path:
        return self.folder / "exported.json"


class WindowPdf(WindowExport):
    name = "window: PDF"

    def act(self) -> None:
        exchange = self._exchange
        exchange._paper.write_pdf(self._app.services.history, self._conversation, self._target, Extent())
        self._until(lambda: not exchange.is_busy)

    def state(self) -> str:
        content = self._target.read_bytes()
        whole = content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
        return "old" if content == b"old" else "a PDF" if whole else "half a PDF"


class WindowQuit(_Window):
    """It ends in order though nothing can be kept; with room, what was being written is kept."""

    name = "window: quit"
    speaks = False

    def act(self) -> None:
        self._window.pane.composer.set_text(LONG)
        self.close()

    def again(self) -> None:
        self._begin()
        self.act()

    def state(self) -> str:
        def read(copy: object) -> str:
            stored = DraftFile(copy / "drafts.json").load()  # type: ignore[operator]
            return f"{sum(map(len, stored.values()))} letters"

        return read_copy(self._paths.data, read)


WINDOW_WRITERS: Final[tuple[type[Writer], ...]] = (
    WindowQuestion, WindowSettings, WindowRename, WindowDelete, WindowExport, WindowPdf, WindowQuit,
)  # fmt: skip
