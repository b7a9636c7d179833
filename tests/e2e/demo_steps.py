"""What the demo does with the app, as a person would, and what it expects to see. GUI thread only."""

from __future__ import annotations

import hashlib
import time

import psutil
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.app.run import Program
from desktop.chat.quick_ask import QuickEnded, QuickEvent
from desktop.common.byte_sizes import format_bytes
from desktop.engine.types import Asleep, Awake, Dozing, EngineEvent, Role, SleepReason, Token, Waking
from desktop.history.records import StoredMessage
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReading
from desktop.models.events import DownloadBroke, DownloadMoved, ModelArrived, ModelEvent
from desktop.models.types import DownloadState
from desktop.ui.chat.window import ChatWindow
from desktop.ui.models.card import ModelCard
from desktop.ui.quick_ask.box import AskLine
from desktop.ui.settings.row import OptionRow
from desktop.ui.widgets.labels import AccentButton
from tests.e2e.demo_hands import Ear, Heard, click, picture, press, settle, type_text, until
from tests.e2e.demo_report import NotAsExpectedError, Report, milliseconds
from tests.e2e.demo_text import (
    KV_BYTES_PER_TOKEN,
    MODEL_ID,
    ON_THE_PAGE,
    PATIENT_MINUTES,
    SMALL_N_CTX,
    TEXT,
)
from tests.rigs.settings import show_option
from tests.support.widgets import child, children

_REST_MINUTES = 0.05
_REST_SECONDS = _REST_MINUTES * 60
_HALF = 0.5

_CTRL = Qt.KeyboardModifier.ControlModifier


class Demo:
    """The steps, in the order in which they are to be called."""

    def __init__(self, program: Program, report: Report) -> None:
        """
        Args:
            program: The app, built and not yet shown.
            report: Where every step is written down.
        """
        self._program = program
        self._shell = program.shell
        self._services = program.services
        self._report = report
        self._engine: Ear[EngineEvent] = Ear(program.services.engine_events)
        self._models: Ear[ModelEvent] = Ear(program.services.model_events)
        self._quick: Ear[QuickEvent] = Ear(program.services.quick_events)
        self._asleep = self._memory()
        self._asked = self._quiet_since = 0.0
        self._held = 0  # tokens in the KV cache, as of the last answer in the conversation
        self._taken = 0  # bytes of the engine's own, as of the first one

    async def first_window(self, built: float) -> None:
        """The first start: the window, and the models since there is none yet."""
        report = self._report
        began = time.monotonic()
        self._shell.start(hidden=False)
        window = await until("the window", lambda: self._shell.window)
        report.say(f"app built in {milliseconds(built)}, window shown {milliseconds(time.monotonic() - began)} later")
        tray = "the cat is in the tray" if self._shell.tray.available else "no tray here: the window is the way in"
        report.say(f"platform {QGuiApplication.platformName()}; {tray}")
        card = await self._card()
        report.check(window.isVisible(), "the window is there")
        report.check(card.entry.recommended, f"the models open by themselves, {card.entry.name!r} recommended")
        await settle()
        self._asleep = self._memory()
        report.say(f"memory, no model ever loaded: {_words(self._asleep)}")
        await picture(card.window(), report.next_shot("models"))

    async def question_that_waits(self) -> None:
        """A question before there is a model."""
        report, question = self._report, "Good day, who are you?"
        report.step(f"A question before there is a model: {question!r}")
        card = await self._card()
        press(card.window(), Qt.Key.Key_Escape)
        report.check(not card.window().isVisible(), "Esc closes the models")
        await self._ask(question)
        await until("the models dialog", card.window().isVisible)
        report.check(
            self._window.pane.composer.text() == question, "the models come back; the question waits in its field"
        )
        await picture(self._window, report.next_shot("question-waits"))

    async def download(self) -> None:
        """The download, by a click on the recommended model."""
        report = self._report
        report.step("Download")
        card, mark, began = await self._card(), self._models.mark(), time.monotonic()
        self._asked = began
        click(child(card, AccentButton))
        half = await until("half of the model", lambda: self._half_way(mark))
        progress = half.event.progress
        report.say(f"{format_bytes(progress.done)} of {format_bytes(progress.total)} from {progress.host}")
        await picture(card.window(), report.next_shot("download"))
        arrived = await self._models.hear("the model", mark, ModelArrived)
        states = {heard.event.progress.state for heard in self._models.since(mark, DownloadMoved)}
        report.check(DownloadState.RUNNING in states, "progress was shown while it ran")
        model = await until("the model in use", self._services.choice.in_use)
        if model.spec is None:
            raise NotAsExpectedError("the model that arrived is none of the list")
        content = model.path.read_bytes()
        report.say(f"{format_bytes(len(content))} in {milliseconds(arrived.at - began)}, kept as {model.path}")
        digest = hashlib.sha256(content).hexdigest()
        report.check(digest == model.spec.sha256, f"sha256 as published: {digest[:16]}…", model.spec.sha256)

    def _half_way(self, mark: int) -> Heard[DownloadMoved] | None:
        broken = self._models.since(mark, DownloadBroke)
        if broken:
            raise NotAsExpectedError(f"the download broke: {broken[0].event.error}")
        moved = self._models.since(mark, DownloadMoved)
        return next((one for one in moved if one.event.progress.done > _HALF * one.event.progress.total), None)

    async def first_answer(self) -> None:
        """The question that waited is answered as soon as the model is there."""
        self._report.step("The question that waited is asked by itself")
        answer = await self._answer(1, mark=0)
        self._report.say("it says:")
        self._report.say("\n".join(f"| {line}" for line in answer.text.splitlines()))
        page = self._window.pane.transcript.toPlainText()
        missing = [words for words in ON_THE_PAGE if words not in page]
        self._report.check(not missing, "the page shows it: Chinese, emoji, list and code", f"{missing} on it")
        dialog = (await self._card()).window()
        press(dialog, Qt.Key.Key_Escape)
        awake = self._memory()
        self._report.say(f"memory, awake: {_words(awake)}")
        # Not later: with the quick ask's box, the cache is emptied of its question.
        self._taken = _own(self._services.engine.process_id)
        taken = awake.anonymous - self._asleep.anonymous
        self._report.check(
            taken > 0, f"awake it takes {format_bytes(max(0, taken))} more of its own", "more than asleep"
        )
        await picture(self._window, self._report.next_shot("answer"))

    async def quick_ask(self) -> None:
        """The tray's quick-ask box."""
        report = self._report
        report.step("Quick ask, as a click on the tray opens it")
        self._shell.tray.askRequested.emit(QPoint())
        box = await until("the quick-ask box", lambda: self._shell.quick.box)
        line = child(box, AskLine)
        mark, woken = self._quick.mark(), self._engine.mark()
        type_text(line, "What do cats dream of?")
        began = time.monotonic()
        press(line, Qt.Key.Key_Return)
        ended = await self._quick.hear("the quick answer", mark, QuickEnded)
        self._quiet_since = ended.at
        report.check(ended.event.text == TEXT, f"answered in {milliseconds(ended.at - began)}", repr(TEXT))
        report.check(not self._engine.since(woken, Waking), "without waking: it was awake")
        report.check(len(self._stored()) == 2, "and without a trace in the history", "2 messages there")
        await picture(box, report.next_shot("quick-ask"))
        press(line, Qt.Key.Key_Escape)
        report.check(not box.isVisible(), "Esc closes the box")

    async def doze(self) -> None:
        """The doze, after a few seconds, and a question that ends it."""
        report = self._report
        report.step(f"Doze: the setting says {_REST_SECONDS:.0f} s of silence")
        awake, mark, process = self._memory(), self._engine.mark(), self._services.engine.process_id
        self._services.store.change(idle_minutes=_REST_MINUTES)
        dozing = await self._engine.hear("the doze", mark, Dozing)
        report.say(f"dozing {dozing.at - self._quiet_since:.1f} s after the last word, by itself")
        await settle()
        self._check_given(awake, "dozing", self._taken - _own(process))
        await picture(self._window, report.next_shot("dozing"))
        self._services.store.change(idle_minutes=PATIENT_MINUTES)
        await self._ask("And what about the cat?")
        await self._answer(2, mark)
        self._quiet_since = time.monotonic()
        report.check(self._services.engine.process_id == process, "answered by the same process")

    async def sleep(self) -> None:
        """Sleep, after a few seconds."""
        report = self._report
        report.step(f"Sleep: the setting says {_REST_SECONDS:.0f} s of silence")
        awake, mark = self._memory(), self._engine.mark()
        self._services.store.change(sleep_minutes=_REST_MINUTES)
        asleep = await self._engine.hear("sleep", mark, Asleep)
        silence = f"asleep {asleep.at - self._quiet_since:.1f} s after the last word"
        report.check(asleep.event.reason is SleepReason.IDLE, f"{silence}, by itself")
        report.check(self._services.engine.process_id is None, "its process has ended")
        await settle()
        now = self._memory()
        self._check_given(awake, "asleep", awake.anonymous - now.anonymous)
        await picture(self._window, report.next_shot("asleep"))
        self._services.store.change(sleep_minutes=PATIENT_MINUTES)

    def _check_given(self, awake: MemoryReading, state: str, own: int) -> None:
        now = self._memory()
        given, cache = awake.rss - now.rss, KV_BYTES_PER_TOKEN * self._held
        self._report.say(f"memory, {state}: {_words(now)}")
        self._report.check(
            own >= cache / 2,  # writing its first state the process has loaded modules
            f"given back: {format_bytes(max(0, given))}, of it {format_bytes(max(0, own))} its own",
            f"its KV cache of {self._held} tokens, {format_bytes(cache)}",
        )

    async def wake_again(self) -> None:
        """A second question in the same conversation wakes the model again."""
        question = "What does it dream of?"
        self._report.step(f"The same conversation after sleep: {question!r}")
        mark = self._engine.mark()
        await self._ask(question)
        await self._answer(3, mark)
        self._report.check(len(self._services.history.conversations()) == 1, "it is the same conversation")
        await picture(self._window, self._report.next_shot("woken-again"))

    async def other_threads(self) -> None:
        """Another number of threads, in force while the model is awake."""
        report = self._report
        before = self._engine.since(0, Awake)[-1].event.threads
        typed = 1 if before > 1 else 2
        threads = min(typed, read_processors().logical)  # there is no more to be had
        report.step(f"Settings: threads from automatic, now {before}, to {typed}, typed in the dialog")
        mark = self._engine.mark()
        await self._type_setting("threads", str(typed))
        report.check(self._services.store.current.threads == typed, "stored")
        if threads != before:
            await self._engine.hear("the new threads", mark, Awake, lambda event: event.threads == threads)
            report.check(not self._engine.since(mark, Waking), "in force at once, without loading the model again")
        await picture(self._dialog_of("threads"), report.next_shot("threads"))
        await self._ask("Do you like tea?")
        answer = await self._answer(4, mark)
        report.check(answer.stats is not None and answer.stats.threads == threads, f"answered with {_threads(threads)}")
        report.check(
            answer.stats is not None and answer.stats.reused_tokens > 0,
            "awake, it reads only what is new of the conversation",
            "tokens found in the KV cache",
        )

    async def smaller_context(self) -> None:
        """Another context size: the model is loaded again, the conversation stays."""
        report = self._report
        report.step(f"Settings: context size to {SMALL_N_CTX} tokens, typed in the dialog")
        mark = self._engine.mark()
        await self._type_setting("n_ctx", str(SMALL_N_CTX))
        report.check(self._services.store.current.n_ctx == SMALL_N_CTX, "stored")
        await picture(self._dialog_of("n_ctx"), report.next_shot("context"))
        press(self._dialog_of("n_ctx"), Qt.Key.Key_Escape)
        await self._ask("Shall we go on tomorrow?")
        await self._answer(5, mark)
        awake = self._engine.since(mark, Awake)[-1].event
        report.check(awake.n_ctx == SMALL_N_CTX, f"in force: the engine has {awake.n_ctx} tokens", f"{SMALL_N_CTX}")
        report.check(bool(self._engine.since(mark, Waking)), "the model was loaded again, the conversation stayed")
        await picture(self._window, report.next_shot("conversation"))

    async def leave(self) -> None:
        """Quits by the menu."""
        self._report.step("Quit, by the menu")
        self._window.menu.quit.trigger()

    def tell_banners(self) -> None:
        """After a failure: prints what the app itself has to say."""
        if self._shell.window is not None:
            for line in self._shell.window.pane.banner.accessibleName().splitlines():
                self._report.say(f"the window says: {line}")

    # --- what several steps need

    @property
    def _window(self) -> ChatWindow:
        window = self._shell.window
        assert window is not None
        return window

    async def _card(self) -> ModelCard:
        dialog = await until("the models dialog", lambda: self._shell.models.dialog)
        return next(card for card in children(dialog, ModelCard) if card.entry.id == MODEL_ID)

    async def _ask(self, question: str) -> None:
        edit = self._window.pane.composer.edit
        type_text(edit, question)
        self._asked = time.monotonic()
        press(edit, Qt.Key.Key_Return)

    async def _answer(self, number: int, mark: int) -> StoredMessage:
        """Waits for the answer with this number, counted from 1, and writes its figures down."""

        def answers() -> list[StoredMessage]:
            return [message for message in self._stored() if message.role is Role.ASSISTANT]

        first = await self._engine.hear("the first word", mark, Token)
        answer = await until("the answer", lambda: answers()[number - 1] if len(answers()) >= number else None)
        stats = answer.stats
        if stats is None:
            raise NotAsExpectedError("an answer without figures")
        self._held = stats.prompt_tokens + stats.generated_tokens
        woke = f"woke in {milliseconds(stats.load_s)}, " if stats.load_s else ""
        report = self._report
        report.say(f"{woke}first word {milliseconds(stats.ttft_s)} after the engine had the question")
        if number > 1:
            report.say(f"from Enter to the first word on the page: {milliseconds(first.at - self._asked)}")
        report.say(
            f"read {stats.prompt_tokens - stats.reused_tokens} of {stats.prompt_tokens} tokens, re-used "
            f"{stats.reused_tokens}; wrote {stats.generated_tokens} at {stats.gen_tps:,.0f} tokens/s, "
            f"{_threads(stats.threads)}: a parrot is quick"
        )
        report.check(answer.text == TEXT, "the very words of the parrot", repr(TEXT) + f", not {answer.text!r}")
        return answer

    def _stored(self) -> tuple[StoredMessage, ...]:
        history = self._services.history
        return tuple(
            message
            for conversation in history.conversations()
            for message in history.transcript(conversation.id).messages
        )

    async def _type_setting(self, key: str, text: str) -> None:
        """Opens the settings by the menu, goes to an option, clicks into its field and types."""
        self._window.menu.settings.trigger()
        dialog = await until("the settings", lambda: self._shell.settings.dialog)
        show_option(dialog, key)
        await settle()
        field = self._row(key).editor.control
        click(field)
        press(field, Qt.Key.Key_A, _CTRL)
        type_text(field, text)
        press(field, Qt.Key.Key_Tab)
        await until(f"the setting {key}", lambda: str(getattr(self._services.store.current, key)) == text)

    def _dialog_of(self, key: str) -> QWidget:
        return self._row(key).window()

    def _row(self, key: str) -> OptionRow:
        dialog = self._shell.settings.dialog
        assert dialog is not None
        return next(row for row in children(dialog, OptionRow) if row.option.key == key)

    def _memory(self) -> MemoryReading:
        return self._services.machine.memory.read()


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


def _own(process: int | None) -> int:
    """Returns the bytes of a process that no file holds: the window's own memory moves meanwhile."""
    if process is None:
        return 0
    memory = psutil.Process(process).memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def _words(memory: MemoryReading) -> str:
    return f"{format_bytes(memory.rss)} resident, {format_bytes(memory.anonymous)} its own"
