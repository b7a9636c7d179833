"""What windows show now and then, to be looked at: beginnings, ends, errors, menus, and every kind of text."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import QLocale, QPoint
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from desktop.chat.context_use import ContextUse
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.history.records import MessageState, StoredMessage, Transcript
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.lifecycle.gpu.advisor import GpuAdvice
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.types import Catalog, DownloadProgress, DownloadState
from desktop.settings.types import Group
from desktop.ui.answer_hints.first_answer import FirstAnswerHint, SmallModel
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.deleted_dialog import DeletedDialog
from desktop.ui.documents.drops import FileDrops
from desktop.ui.first_run.dialog import FirstRunDialog, FirstRunState
from desktop.ui.libraries.dialog import LibrariesDialog
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.models.hub_dialog import HubDialog
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.settings.gpu import advice_table, gpu_words
from desktop.ui.settings.search import SearchField
from desktop.ui.structured.dialog import ShapeDialog
from desktop.ui.tables.dialog import TableDialog
from desktop.ui.tables.making import TableStanding
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from tests.rigs import every_window
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.meter import Meter
from tests.rigs.models import CATALOG, SMALL, SMALL_HERE, fit
from tests.support.gpu import GOOD, READY
from tests.support.widgets import child, children

_EVERY_KIND = """\
## Heading and *emphasis*

A paragraph with `code in a line`, a [link](https://example.org), ~~struck~~ words and a formula: $x_1^2 + \\sqrt{2}$.

1. first
   - [x] done
   - [ ] not done
2. second

```python
def nap(minutes: int) -> str:
    # How long a cat sleeps
    return f"{minutes} min" if minutes < 60 else "a day"
```

| Cat | Hours | Where |
|---|---:|---|
| Mia | 14 | on the warm laptop |
| Tom | 9 | outside |

> A quotation that somebody has said.

\\[x = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}\\]
"""


def _talk(*messages: StoredMessage, title: str = "Cats") -> ChatWindow:
    window = ChatWindow(Meter())
    talk = conversation("c", title)
    window.list.set_conversations([talk, conversation("d", "Dogs")], "c")
    window.set_title(title)
    window.pane.show_transcript(Transcript(talk, messages))
    return window


def every_text() -> ChatWindow:
    """Every kind of text in an answer that has versions, and what can be done with it."""
    long = question(1, "How long does a cat sleep? " * 6)
    versioned = replace(
        answer(2, _EVERY_KIND, thinking="Cats sleep a lot.\n\nHow long exactly?"), version=2, versions=3
    )
    window = _talk(long, versioned)
    window.pane.transcript.go_to_start()
    return window


def message_actions() -> ChatWindow:
    """The row of signs under an answer that was cut off."""
    window = _talk(question(1), answer(2, "Cats sleep for", state=MessageState.STOPPED))
    window.show()
    view = window.pane.transcript
    child(view, MessageBar).show_for(view.messages[-1])
    return window


def answering() -> ChatWindow:
    """An answer that grows, messages that wait for it, and a next one that takes much of the context."""
    window = _talk(question(1), answer(2), question(3, "And dogs?"))
    pane = window.pane
    pane.begin_answer()
    pane.transcript.grow_answer("Dogs sleep **twelve** hours a day, most of them at", "")
    pane.queue("c", "How about horses?")
    pane.queue("c", "Do fish sleep at all? " * 8)
    pane.set_busy(True)
    pane.composer.set_text("And what of birds that fly for weeks?")
    pane.composer.meter.show_use(ContextUse(2048, 1536, 1200, 300, 2, True))
    return window


def too_long() -> ChatWindow:
    """A message that the model cannot read, with the ways out."""
    window = _talk(question(1), answer(2))
    window.pane.composer.set_text("The boiler is in the cellar. " * 200)
    window.pane.composer.meter.show_use(ContextUse(2048, 1536, 200, 1800, 0, False))
    ways = tuple(
        NoticeAction(words, lambda: None)
        for words in ("Select the surplus", "Larger context (+96 MB)", "As a document")
    )
    notice = Notice(
        "This message is too long for the model.", "It takes about 1,800 tokens, and 1,300 are free.",
        actions=ways, severity=Severity.PROBLEM,
    )  # fmt: skip
    window.pane.banner.show_notice(notice)
    return window


def crash() -> ChatWindow:
    """What is said where a model has brought the engine down."""
    window = _talk(question(1), answer(2, "Cats sleep", state=MessageState.FAILED))
    ways = (NoticeAction("Choose another model…", lambda: None), NoticeAction("Report…", lambda: None))
    notice = Notice(
        "The model “SmolLM2 135M Instruct” has brought its engine down.", "The answer so far is kept.",
        "Ask again: the engine starts anew. If it happens again, choose another model.",
        actions=ways, severity=Severity.PROBLEM,
    )  # fmt: skip
    window.pane.banner.show_notice(notice)
    return window


def found() -> ChatWindow:
    """Words that are looked for in a conversation."""
    window = _talk(question(1, "How long does a cat sleep?"), answer(2, "A cat sleeps long. A **cat** naps, too."))
    window.pane.find_bar.open_bar()
    child(window.pane.find_bar, QLineEdit).setText("cat")
    return window


def first_answer() -> ChatWindow:
    """The line under the first answer of a small model."""
    window = _talk(question(1), answer(2))
    hint = FirstAnswerHint()
    window.pane.put_below(hint)
    hint.say(SmallModel("a", "SmolLM2 135M Instruct", "Qwen2.5 1.5B Instruct", "b", SpeedRange(6.0, 14.0)))
    return window


def drop() -> ChatWindow:
    """A file is held over the window."""
    window = _talk(question(1), answer(2))
    FileDrops(window)._show()
    return window


def narrow_chat() -> ChatWindow:
    """The window as small as it can be made."""
    window = _talk(question(1), answer(2), title="A letter to the landlord about the heating of the house")
    window.resize(window.minimumSizeHint())
    return window


def _menu(at: int) -> QMenu:
    window = _talk(question(1), answer(2))
    bar = window.menuBar()
    menu = [each for each in children(bar, QMenu) if each.parent() is bar][at]
    window.menu.follow(window.pane)
    menu.aboutToHide.connect(partial(ChatWindow.end, window))  # which keeps it until then
    menu.popup(QPoint(40, 40))
    return menu


def newest() -> ChatWindow:
    """Somebody reads further up while an answer grows; what was said was said on two days."""
    then, today = datetime(2026, 11, 27, 14, 5).timestamp(), time.time()
    long = "\n\n".join(f"Paragraph {number} of an answer that takes several lines." for number in range(30))
    window = _talk(
        *(replace(question(1), created=then), replace(answer(2), created=then)),
        *(replace(question(3), created=today), replace(answer(4, long), created=today)),
        replace(question(5, "And dogs?"), created=today),
    )
    window.resize(1024, 700)
    window.show()
    view = window.pane.transcript
    window.pane.begin_answer()
    view.verticalScrollBar().setValue(0)
    view.grow_answer(long, "")
    window.pane.set_busy(True)
    view._flush()
    child(view, MessageBar).show_for(view.messages[1])
    return window


def menu_chat() -> QMenu:
    return _menu(0)


def menu_edit() -> QMenu:
    return _menu(1)


def menu_model() -> QMenu:
    return _menu(2)


def menu_view() -> QMenu:
    return _menu(3)


def menu_help() -> QMenu:
    return _menu(4)


def menu_message() -> QMenu:
    """What a right click on an answer offers."""
    window = _talk(question(1), answer(2))
    view = window.pane.transcript
    menu = view._menu_at(view.document().characterCount() - 2, "")
    menu.aboutToHide.connect(partial(ChatWindow.end, window))  # which keeps it until then
    menu.popup(QPoint(40, 40))
    return menu


def menu_tray() -> QMenu:
    tray = Tray(lambda: 96_400_000, probe=lambda: False)
    tray.set_actions([("explain", "Explain"), ("summarise", "Summarise")])
    tray.set_work("Smaller model: learning 40%")
    menu = tray._menu
    menu.aboutToHide.connect(partial(Tray.close, tray))
    menu.popup(QPoint(40, 40))
    return menu


def loading() -> ModelsDialog:
    """Downloads: one on its way, one paused, one that has failed."""
    dialog = ModelsDialog(fit, lambda _address: None, QLocale("en"))
    dialog.set_models(CATALOG, (), "", "small", {"middle": 300_000_000})
    dialog.set_progress(
        DownloadProgress("small", DownloadState.RUNNING, 120_000_000, SMALL.size, 2_300_000.0, 121.0, "huggingface.co")
    )
    problem = UserFacingError(
        "The download server cannot be reached.", "huggingface.co: no answer.", "Try again later."
    )
    dialog.set_failed("licensed", problem)
    return dialog


def no_models() -> ModelsDialog:
    """A catalogue that could not be read."""
    dialog = ModelsDialog(fit, lambda _address: None, QLocale("en"))
    dialog.set_models(Catalog((), ""), (), "", None, {})
    return dialog


def first_run_loading() -> FirstRunDialog:
    """The model is being fetched."""
    dialog = every_window.first_run()
    dialog.show_progress(
        DownloadProgress("small", DownloadState.RUNNING, 120_000_000, SMALL.size, 2_300_000.0, 121.0, "huggingface.co")
    )
    return dialog


def first_run_ready() -> FirstRunDialog:
    """The model is here."""
    dialog = every_window.first_run()
    state = dialog._state
    assert state is not None
    dialog.show_state(FirstRunState(state.choice, (SMALL_HERE,), "small"))
    return dialog


def hub_to_begin() -> HubDialog:
    judgement = Judgement(Fit.COMFORTABLE, 400_000_000, 2_000_000_000)
    return HubDialog(lambda _size: judgement, lambda _header: judgement)


def no_libraries() -> LibrariesDialog:
    dialog = LibrariesDialog()
    dialog.set_states(())
    return dialog


def new_shape() -> ShapeDialog:
    dialog = ShapeDialog()
    dialog.set_forms([])
    return dialog


def nothing_deleted() -> DeletedDialog:
    dialog = DeletedDialog()
    dialog.set_deleted([], 30)
    return dialog


def table_done() -> TableDialog:
    """A table that is ready, with values that no document says."""
    dialog = every_window.table()
    dialog.rows.show_standing(TableStanding.DONE, "")
    return dialog


def _page(group: Group) -> SettingsDialog:
    dialog = every_window.settings()
    dialog._list.setCurrentRow(list(Group).index(group))
    return dialog


def settings_answers() -> SettingsDialog:
    return _page(Group.ANSWERS)


def settings_gpu() -> SettingsDialog:
    """A graphics processor that is used, and what to choose on which."""
    dialog = _page(Group.GPU)
    dialog.set_finding("gpu", gpu_words(GpuAdvice(READY, GOOD, is_used=True), is_on=True))
    dialog.set_finding("gpu_layers", advice_table())
    return dialog


def settings_found() -> SettingsDialog:
    """A word that is looked for in the settings."""
    dialog = every_window.settings()
    child(dialog, SearchField).setText("context")
    return dialog


def settings_reading() -> SettingsDialog:
    return _page(Group.READING)


def settings_window() -> SettingsDialog:
    return _page(Group.WINDOW)


def settings_files() -> SettingsDialog:
    return _page(Group.FILES)


def settings_end() -> SettingsDialog:
    """The lower end of the longest page."""
    dialog = every_window.settings()
    bar = dialog._pages[next(iter(Group))].verticalScrollBar()
    bar.rangeChanged.connect(lambda _least, most: bar.setValue(most))
    return dialog


PAGES = (every_window.settings, settings_answers, settings_reading, settings_window, settings_files)


def quick_line() -> QuickAsk:
    """Nothing but the line, with a question."""
    box = QuickAsk()
    child(box, QLineEdit).setText("Why is the sky blue?")
    return box


def quick_waiting() -> QuickAsk:
    """The model wakes."""
    box = QuickAsk()
    box.begin_answer()
    box.set_status("Waking 40%", 0.4)
    return box


STATES: tuple[Callable[[], QWidget], ...] = (
    every_text, message_actions, answering, too_long, crash, found, newest, first_answer, narrow_chat, loading,
    no_models,
    first_run_loading, first_run_ready, hub_to_begin, no_libraries, new_shape, nothing_deleted, table_done,
    settings_answers, settings_gpu, settings_found, settings_reading, settings_window, settings_files, settings_end,
    quick_line, quick_waiting,
)  # fmt: skip
# What lies over a window for a moment.
OVERLAYS: tuple[Callable[[], QWidget], ...] = (
    drop, every_window.memory, menu_chat, menu_edit, menu_model, menu_view, menu_help, menu_message, menu_tray,
)  # fmt: skip
