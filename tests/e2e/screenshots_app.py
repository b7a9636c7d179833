"""The process in which the app is made to look as in the README.

python -m tests.e2e.screenshots_app LANGUAGE CHAT_LIGHT CHAT_DARK MODELS SETTINGS QUICK_ASK
"""

from __future__ import annotations

import functools
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from desktop.app import run as catnap
from desktop.arguments.parsing import AppOptions
from desktop.chat.events import AnswerStored, ChatEvent
from desktop.chat.quick_ask import QuickEnded, QuickEvent
from desktop.common.logs import LogTail
from desktop.common.paths import Paths, resolve_paths
from desktop.history.records import MessageState
from desktop.history.store import History
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import bundled_catalog_path
from desktop.models.remembered.checksums import hash_file, write_note
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.ui.language import install_translator
from desktop.ui.quick_ask.box import AskLine
from desktop.ui.theme.theme import apply_theme
from tests.e2e.demo_hands import Ear, press, settle, type_text, until
from tests.e2e.screenshot_texts import HOURS_AGO, OLDER, QUESTIONS, QUICK
from tests.support.patience import LONG_PATIENCE_S
from tests.support.weights import smollm2
from tests.support.widgets import child

_MODEL = "smollm2-135m"
# A laptop of 4 GB with a browser open.
_MEMORY = "MemTotal: 3906250 kB\nMemAvailable: 1350000 kB\n"
_HOUR = 3600.0


def main(language: str, files: Sequence[Path]) -> None:
    """Takes the pictures of one language."""
    qInstallMessageHandler(lambda _kind, _context, _text: None)  # the platform's remarks about itself
    with tempfile.TemporaryDirectory(prefix="catnap-pictures-") as scratch:
        paths = resolve_paths(Path(scratch) / "data")
        paths.create()
        store = SettingsStore(paths.settings_file)
        # What is most likely is said, so that the pictures are much the same the next time.
        store.change(language=language, theme="light", model=_MODEL, temperature=0.0)
        _furnish_history(paths, OLDER[language])
        catalog = _furnish_model(paths, Path(scratch))
        app = QApplication(sys.argv[:1])
        app.setQuitOnLastWindowClosed(False)
        app.setApplicationDisplayName("Catnap")
        install_translator(app, language)
        apply_theme(app, "light")
        reader = functools.partial(MemoryReader, _small_computer(Path(scratch)))
        with patch("desktop.app.services.MemoryReader", reader), QEventLoop(app) as loop:
            loop.run_until_complete(_take(app, paths, store, catalog, files))


async def _take(app: QApplication, paths: Paths, store: SettingsStore, catalog: Path, files: Sequence[Path]) -> None:
    chat_light, chat_dark, models, settings, quick_ask = files
    program = catnap.build(paths, store, AppOptions(catalog=catalog), app, LogTail())
    try:
        shell, services = program.shell, program.services
        shell.start(hidden=False)
        window = await until("the window", lambda: shell.window)
        chat = await until("the conversations", lambda: shell.chat)
        asked: list[str | None] = []
        answers: Ear[ChatEvent] = Ear(services.chat_events)
        for questions in QUESTIONS:
            window.menu.new.trigger()
            for question in questions:
                edit, mark = window.pane.composer.edit, answers.mark()
                type_text(edit, question)
                press(edit, Qt.Key.Key_Return)
                await answers.hear("an answer", mark, AnswerStored, seconds=LONG_PATIENCE_S)
            asked.append(chat.current)
        await until("the end of the last answer", lambda: not shell.activities.tracker.current.is_busy)
        await _shoot(window, chat_light)
        services.store.change(theme="dark")
        chat.open(asked[0])
        await _shoot(window, chat_dark)
        services.store.change(theme="light")
        quick: Ear[QuickEvent] = Ear(services.quick_events)
        shell.open_quick_ask()
        box = await until("the box", lambda: shell.quick.box)
        line = child(box, AskLine)
        type_text(line, QUICK)
        press(line, Qt.Key.Key_Return)
        await quick.hear("the quick answer", 0, QuickEnded, seconds=LONG_PATIENCE_S)
        await until("its last words", lambda: not box.is_busy)
        await _shoot(box, quick_ask)
        press(line, Qt.Key.Key_Escape)
        services.store.change(temperature=Settings().temperature)
        shell.models.show()
        await _shoot(await until("the models", lambda: shell.models.dialog), models)
        shell.settings.show()
        await _shoot(await until("the settings", lambda: shell.settings.dialog), settings)
    finally:
        await catnap.shut_down(program)


async def _shoot(widget: QWidget, file: Path) -> None:
    await settle()
    # Quality 0 is Qt's name for the smallest PNG; nothing is lost.
    if not widget.grab().save(str(file), quality=0):
        raise OSError(f"cannot write {file}")


def _furnish_history(paths: Paths, titles: Sequence[str]) -> None:
    """Puts older conversations into the history."""
    # The oldest first: what came last stands on top, whatever the clock said.
    for title, hours_ago in reversed(tuple(zip(titles, HOURS_AGO, strict=True))):
        spoken = time.time() - hours_ago * _HOUR
        with closing(History(paths.history_file, now=itertools.repeat(spoken).__next__)) as history:
            conversation = history.create(title).id
            history.add_user_message(conversation, title)
            history.add_answer(conversation, "…", thinking="", state=MessageState.COMPLETE, model="", stats=None)


def _furnish_model(paths: Paths, scratch: Path) -> Path:
    """Puts the real model into its folder; returns a catalogue that knows this file of it, and is else our own."""
    source = smollm2()
    paths.models_dir.mkdir()
    file = paths.models_dir / source.name
    shutil.copy(source, file)
    sha256 = hash_file(file)
    write_note(file, sha256)  # so that nobody tries it
    document = json.loads(bundled_catalog_path().read_text(encoding="utf-8"))
    (entry,) = (each for each in document["models"] if each["id"] == _MODEL)
    entry.update(file=source.name, size=file.stat().st_size, sha256=sha256)
    catalog = scratch / "models.json"
    catalog.write_text(json.dumps(document), encoding="utf-8")
    return catalog


def _small_computer(scratch: Path) -> Path:
    """Returns a root folder whose ``proc`` knows this process and a computer of 4 GB."""
    root = scratch / "computer"
    (root / "proc").mkdir(parents=True)
    (root / "proc" / "meminfo").write_text(_MEMORY, encoding="ascii")
    (root / "proc" / "self").symlink_to("/proc/self")
    return root


if __name__ == "__main__":
    main(sys.argv[1], [Path(argument) for argument in sys.argv[2:]])
