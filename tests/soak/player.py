"""A person who does everything that can be done with Catnap, in any order, over and over. GUI thread only.

Each public coroutine of :class:`Player` is something a person, or the world, does; :data:`ACTIONS` lists them. What is
said and what is there in the end is the same each time, whatever was drawn, so that what grows is a leak.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from desktop.app.reclaim import MemoryReclaimer
from desktop.app.run import Program
from desktop.common.errors import UserFacingError
from desktop.machine.memory_pressure import Pressure
from desktop.settings.options import Settings
from desktop.settings.types import OptionValue
from desktop.ui.chat.window import ChatWindow
from desktop.ui.exchange.presenter import ExchangePresenter
from desktop.ui.quick_ask.box import AskLine
from tests.e2e.demo_hands import press, settle, until
from tests.soak.clock import Clock
from tests.soak.samples import Memory, read_memory

QUESTIONS = (
    "How long does a cat sleep?",
    "一只猫一天睡多久?",
    "Write me a **list** of `three` things.\n\n1. one\n2. two\n\n```python\nprint('meow')\n```",
    "A longer question, " + "with many words that are to be read again and again, " * 12 + "so what?",
)
# More than these and the oldest goes for good: what is kept is the same in every round.
_MOST_CONVERSATIONS = 6
_MOST_MESSAGES = 10
_AT_ONCE = 0.001  # minutes until it dozes; 0 is never
_HELD_S = 0.05
BUDGET_MB = 16  # the least that the settings take
USUAL = Settings(
    threads=1, n_ctx=1024, idle_minutes=0.0, sleep_minutes=0.0, states_budget=BUDGET_MB, max_tokens=16,
    without_tray="minimise", temperature=0.7, theme="light", seed=1,
)  # fmt: skip
_CHANGES: tuple[tuple[str, tuple[OptionValue, ...]], ...] = (
    ("threads", (2, 1)),
    ("n_ctx", (512, 2048)),
    ("temperature", (0.0, 1.5)),
    ("theme", ("dark", "system")),
    ("language", ("zh_CN", "en")),
    ("font_size", (9, 18)),
    ("kv_type", ("q8_0", "f16")),
    ("keep_states", (False, True)),
    ("system_prompt", ("Answer like a cat.", "")),
)
_CLOCK_HOURS = (1.0, 24.0, -24.0, 87_600.0, -87_600.0, 0.0)


class Squeeze:
    """A :class:`~desktop.machine.memory_pressure.PressureReader` that says what it was told to.

    Attributes:
        pressure: What it says.
    """

    def __init__(self) -> None:
        self.pressure = Pressure.NONE

    def read(self) -> Pressure:
        return self.pressure


class Player:
    """Plays with a running app.

    Attributes:
        models: Ids of the models that it takes turns with; the first one is the usual.
    """

    def __init__(
        self, program: Program, models: Sequence[str], rng: random.Random, squeeze: Squeeze, clock: Clock, folder: Path
    ) -> None:
        """
        Args:
            program: The app, its window shown.
            models: Ids of installed models.
            rng: Draws what is done.
            squeeze: What the app asks about the memory of the machine.
            clock: What the app takes for the time of day.
            folder: For files that are exported.
        """
        self.models = models
        self._services, self._shell = program.services, program.shell
        self._rng, self._squeeze, self._clock, self._folder = rng, squeeze, clock, folder

    # --- talking

    async def send(self) -> None:
        """Asks in the conversation shown, and waits for the answer."""
        if self._messages() >= _MOST_MESSAGES:
            await self.new()
        await self._answered(self._enter(self._question()))

    async def stop(self) -> None:
        """Asks, and stops somewhere between Enter and the end."""
        conversation = self._enter(self._question())
        await asyncio.sleep(self._rng.uniform(0, 0.3))
        self._window.menu.stop.trigger()
        await self._answered(conversation)

    async def regenerate(self) -> None:
        await self._with_answer()
        self._window.menu.regenerate.trigger()
        await self._answered(self._current())

    async def edit(self) -> None:
        await self._with_answer()
        pane = self._window.pane
        pane.edit_last()
        pane.composer.set_text(self._question())
        press(pane.composer.edit, Qt.Key.Key_Return)
        await self._answered(self._current())

    async def page_through_versions(self) -> None:
        await self._with_answer()
        self._window.menu.version_before.trigger()
        self._window.menu.version_after.trigger()

    async def quick_ask(self) -> None:
        """Asks in the quick box; now and then it becomes a conversation."""
        await self._ask_quickly(self._question())
        box = self._shell.quick.box
        assert box is not None
        if self._rng.random() < 0.3:
            box.continueRequested.emit()
        box.hide()

    # --- conversations

    async def switch(self) -> None:
        there = self._services.history.conversations()
        if there and self._shell.chat is not None:
            self._shell.chat.open(self._rng.choice(there).id)

    async def new(self) -> None:
        self._window.menu.new.trigger()

    async def delete_and_undo(self) -> None:
        await self._with_answer()
        menu = self._window.menu
        menu.delete.trigger()
        menu.undo.trigger()
        if self._rng.random() < 0.5:
            menu.redo.trigger()

    async def rename(self) -> None:
        await self._with_answer()
        self._window.list.renameRequested.emit(self._current(), self._rng.choice(("Cats", "猫", "A & B")))

    async def search(self) -> None:
        field = self._window.list.findChild(QLineEdit)
        assert field is not None
        for words in ("cat", "cat sleep", "猫"):
            field.setText(words)
            await settle()
        self._window.list.clear_search()

    # --- settings and models

    async def change_setting(self) -> None:
        """Changes one as the dialog does, with the dialog open or not."""
        key, values = self._rng.choice(_CHANGES)
        if self._rng.random() < 0.5:
            self._shell.settings.show(key)
            await settle()
            dialog = self._shell.settings.dialog
            assert dialog is not None
            dialog.changed.emit(key, self._rng.choice(values))
        else:
            self._services.store.change(**{key: self._rng.choice(values)})

    async def switch_model(self) -> None:
        self._services.models.use(self._rng.choice(self.models))

    # --- the nap

    async def wake(self) -> None:
        """Begins to write, which wakes the model, and thinks better of it."""
        edit = self._window.pane.composer.edit
        press(edit, Qt.Key.Key_H)
        press(edit, Qt.Key.Key_I)
        preloader = self._services.supervisor.preloader
        await until("the model to be read ahead", lambda: not preloader.is_running)
        self._window.pane.composer.set_text("")

    async def doze(self) -> None:
        store, state = self._services.store, self._services.supervisor.state
        store.change(idle_minutes=_AT_ONCE)
        if state.is_in_memory:
            await until("it to doze", lambda: state.is_dozing or not state.is_in_memory)
        store.change(idle_minutes=0.0)

    async def sleep(self) -> None:
        self._shell.tray.sleepRequested.emit()
        await self._asleep()

    # --- the world

    async def jump_clock(self) -> None:
        """Sets the clock, and has the app look whether another day has begun, as it does every hour."""
        self._clock.hours = self._rng.choice(_CLOCK_HOURS)
        self._services.history.back_up()
        await self._upkeep()

    async def run_short_of_memory(self) -> None:
        """The system says twice that it is about to stop; the app gives the model up."""
        await self._answered(self._enter(self._question()))
        self._squeeze.pressure = Pressure.CRITICAL
        low_memory = self._services.supervisor.low_memory
        low_memory.poll()
        low_memory.poll()
        await self._asleep()
        self._squeeze.pressure = Pressure.NONE

    async def hold_engine(self) -> None:
        """The engine's process is stopped in the middle of an answer, and goes on a moment later."""
        conversation = self._enter(self._question())
        if sys.platform != "win32":
            pid = await self._engine_at_work(conversation)
            with contextlib.suppress(ProcessLookupError):
                if pid is not None:
                    os.kill(pid, signal.SIGSTOP)
                    await asyncio.sleep(_HELD_S)
                    os.kill(pid, signal.SIGCONT)
        await self._answered(conversation)

    async def kill_engine(self) -> None:
        """The engine's process is killed somewhere between Enter and the end."""
        conversation = self._enter(self._question())
        pid = await self._engine_at_work(conversation)
        await asyncio.sleep(self._rng.uniform(0, 0.3))
        with contextlib.suppress(psutil.NoSuchProcess):
            if pid is not None:
                psutil.Process(pid).kill()
        await self._answered(conversation)

    # --- windows

    async def open_dialogs(self) -> None:
        """Opens every dialog there is, and closes it again."""
        shell, menu = self._shell, self._window.menu
        nobody = UserFacingError("Nothing has happened.", "", "Go on.")
        ways: tuple[Callable[[], object], ...] = (
            lambda: shell.settings.show("n_ctx"),
            shell.models.show,
            self._show_details,
            lambda: shell.hub.show(""),
            menu.about.trigger,
            menu.help.trigger,
            menu.deleted.trigger,
            lambda: shell.models.reportRequested.emit(nobody),
            shell.open_quick_ask,
            menu.exchange.importRequested.emit,
        )
        for open_one in ways:
            open_one()
            await settle()
            if open_one is not self._show_details:
                self._close_dialogs()
        self._close_dialogs()

    async def export(self) -> None:
        """Exports all conversations, and one as a PDF."""
        await self._with_answer()
        exchange = self._shell.findChild(ExchangePresenter)
        assert isinstance(exchange, ExchangePresenter)
        actions = self._window.menu.exchange
        for ask, name in (
            (actions.exportAllRequested.emit, "all.json"),
            (lambda: actions.pdfRequested.emit(""), "one.pdf"),
        ):
            ask()
            await settle()
            for dialog in self._window.findChildren(QFileDialog):
                dialog.fileSelected.emit(str(self._folder / name))
                dialog.reject()
            await until("the export", lambda: not exchange.is_busy)

    async def move_window(self) -> None:
        """Hides the window, shows it again, narrow and wide."""
        window = self._window
        size = window.size()
        window.hide()
        await settle()
        self._shell.show_window()
        for width in (480, 900):
            window.resize(width, 500)
            await settle()
        window.resize(size)

    # --- the end of a round

    async def come_to_rest(self) -> Memory:
        """Brings everything to where every round ends; returns what the engine holds before it goes.

        The last question is always the same, asked of the same model with the same settings.
        """
        self._clock.hours = 0.0
        self._close_dialogs()
        store = self._services.store
        values = {key: getattr(USUAL, key) for key in vars(USUAL) if key != "model"}
        store.change(**values, model=self.models[0])
        await self._keep_few()
        self._open_nothing()
        await self._ask_quickly(QUESTIONS[0])
        pid = self._services.engine.process_id
        memory = read_memory(psutil.Process(pid))
        box = self._shell.quick.box
        assert box is not None
        box.hide()
        await self.doze()
        await self.sleep()
        self._open_nothing()
        await self._upkeep()
        await settle()
        reclaimer = self._shell.findChild(MemoryReclaimer)
        assert isinstance(reclaimer, MemoryReclaimer)
        await until("freed memory to be given back", lambda: not reclaimer.is_due)
        return memory

    async def stay(self) -> Memory:
        """Does what needs no other process: asks, asks quickly, dozes; returns what the engine holds after that."""
        await self.new()
        await self._answered(self._enter(QUESTIONS[0]))
        await self._answered(self._enter(QUESTIONS[2]))
        await self._ask_quickly(QUESTIONS[1])
        box = self._shell.quick.box
        assert box is not None
        box.hide()
        await self.doze()
        await self._keep_few()
        self._open_nothing()
        await self._ask_quickly(QUESTIONS[0])
        box.hide()
        return read_memory(psutil.Process(self._services.engine.process_id))

    # --- hands

    @property
    def _window(self) -> ChatWindow:
        window = self._shell.window
        assert window is not None
        return window

    def _question(self) -> str:
        return self._rng.choice(QUESTIONS)

    def _current(self) -> str:
        chat = self._shell.chat
        assert chat is not None and chat.current is not None
        return chat.current

    def _messages(self) -> int:
        return len(self._window.pane.transcript.messages)

    def _enter(self, text: str) -> str:
        """Asks in the window; returns the conversation."""
        pane = self._window.pane
        pane.composer.set_text(text)
        press(pane.composer.edit, Qt.Key.Key_Return)
        if not self._services.supervisor.state.is_answering:
            notice = pane.banner.current
            raise AssertionError(f"the question was not taken: {notice}")
        return self._current()

    async def _answered(self, conversation: str) -> None:
        chat, state = self._services.chat, self._services.supervisor.state
        await until("the answer", lambda: not chat.answers.is_busy(conversation) and not state.is_answering)
        await settle()

    async def _engine_at_work(self, conversation: str) -> int | None:
        """Returns the engine's process; None: it answered, or said why not, and was gone before anybody looked."""
        chat, engine = self._services.chat, self._services.engine
        await until("an engine", lambda: engine.process_id is not None or not chat.answers.is_busy(conversation))
        return engine.process_id

    async def _with_answer(self) -> None:
        """Sees to it that a conversation with an answer is shown."""
        if not self._window.pane.has_answer or self._messages() >= _MOST_MESSAGES:
            await self.new()
            await self._answered(self._enter(QUESTIONS[0]))

    async def _ask_quickly(self, text: str) -> None:
        self._shell.open_quick_ask()
        box = self._shell.quick.box
        assert box is not None
        line = box.findChild(AskLine)
        assert line is not None
        line.setText(text)
        press(line, Qt.Key.Key_Return)
        state = self._services.supervisor.state
        await until("the quick answer", lambda: not box.is_busy and not state.is_answering)
        await settle()

    async def _asleep(self) -> None:
        state, engine = self._services.supervisor.state, self._services.engine
        await until("it to sleep", lambda: not state.is_in_memory and engine.process_id is None)

    async def _upkeep(self) -> None:
        await until("the upkeep of the history", lambda: self._services.history.wait_done(0))

    async def _keep_few(self) -> None:
        """Deletes the oldest conversations for good, as somebody does in the dialog for that."""
        there = self._services.history.conversations()
        gone = [one.id for one in there[_MOST_CONVERSATIONS:]]
        gone += [one.conversation.id for one in self._services.history.deleted()]
        if gone and self._shell.main is not None:
            for conversation in gone[: max(0, len(there) - _MOST_CONVERSATIONS)]:
                self._services.history.delete(conversation)
            self._shell.main.deleted.show()
            dialog = self._shell.main.deleted.dialog
            assert dialog is not None
            dialog.eraseRequested.emit(gone)
            await self._upkeep()
            dialog.close()

    def _open_nothing(self) -> None:
        """Shows an empty page without notices."""
        self._window.pane.composer.set_text("")
        self._window.menu.new.trigger()
        banner = self._window.pane.banner
        while banner.current is not None:
            banner.close_current()

    def _show_details(self) -> None:
        self._shell.models.show()
        dialog = self._shell.models.dialog
        assert dialog is not None
        dialog.detailsRequested.emit(self.models[0])

    def _close_dialogs(self) -> None:
        for top in QApplication.topLevelWidgets():
            if top.isVisible() and top is not self._window:
                top.close()


Action = Callable[[Player], Awaitable[None]]
ACTIONS: tuple[Action, ...] = (
    Player.send,
    Player.stop,
    Player.regenerate,
    Player.edit,
    Player.page_through_versions,
    Player.quick_ask,
    Player.switch,
    Player.new,
    Player.delete_and_undo,
    Player.rename,
    Player.search,
    Player.change_setting,
    Player.switch_model,
    Player.wake,
    Player.doze,
    Player.sleep,
    Player.jump_clock,
    Player.run_short_of_memory,
    Player.hold_engine,
    Player.kill_engine,
    Player.open_dialogs,
    Player.export,
    Player.move_window,
)
