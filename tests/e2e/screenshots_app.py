"""The process in which the app is made to look as in the README.

python -m tests.e2e.screenshots_app LANGUAGE CHAT_LIGHT CHAT_DARK MODELS SETTINGS QUICK_ASK
"""

from __future__ import annotations

import functools
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import gguf
import numpy as np
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from desktop.app import run as catnap
from desktop.arguments import AppOptions
from desktop.common.logs import LogTail
from desktop.common.paths import Paths, resolve_paths
from desktop.history.records import MessageState
from desktop.history.store import History
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.checksums import write_note
from desktop.settings.store import SettingsStore
from desktop.ui.language import install_translator
from desktop.ui.theme.theme import apply_theme
from tests.e2e.demo_hands import settle, until
from tests.e2e.screenshot_texts import DIALOGUES, HOURS_AGO, QUICK, Dialogue

_MODEL = "qwen2.5-0.5b"
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
        store.change(language=language, theme="light", model=_MODEL)
        _furnish(paths, DIALOGUES[language])
        app = QApplication(sys.argv[:1])
        app.setQuitOnLastWindowClosed(False)
        app.setApplicationDisplayName("Catnap")
        install_translator(app, language)
        apply_theme(app, "light")
        reader = functools.partial(MemoryReader, _small_computer(Path(scratch)))
        with patch("desktop.app.services.MemoryReader", reader), QEventLoop(app) as loop:
            loop.run_until_complete(_take(app, paths, store, language, files))


async def _take(app: QApplication, paths: Paths, store: SettingsStore, language: str, files: Sequence[Path]) -> None:
    chat_light, chat_dark, models, settings, quick_ask = files
    program = catnap.build(paths, store, AppOptions(), app, LogTail())
    try:
        shell, services = program.shell, program.services
        shell.start(hidden=False)
        window = await until("the window", lambda: shell.window)
        await _shoot(window, chat_light)
        services.store.change(theme="dark")
        if language == "en":  # a Chinese conversation in an English window: both are at home
            chat = await until("the conversations", lambda: shell.chat)
            chat.open(services.history.conversations()[1].id)
        await _shoot(window, chat_dark)
        services.store.change(theme="light")
        shell.models.show()
        await _shoot(await until("the models", lambda: shell.models.dialog), models)
        shell.settings.show()
        await _shoot(await until("the settings", lambda: shell.settings.dialog), settings)
        shell.open_quick_ask()
        box = await until("the box", lambda: shell.quick.box)
        question, answer = QUICK[language]
        box.put_text_back(question)
        box.begin_answer()
        box.grow_answer(answer, "")
        box.finish_answer(answer, "")
        await _shoot(box, quick_ask)
    finally:
        await catnap.shut_down(program)


async def _shoot(widget: QWidget, file: Path) -> None:
    await settle()
    # Quality 0 is Qt's name for the smallest PNG; nothing is lost.
    if not widget.grab().save(str(file), quality=0):
        raise OSError(f"cannot write {file}")


def _furnish(paths: Paths, dialogues: Sequence[Dialogue]) -> None:
    """Puts the conversations into the history and something that looks like the model into its folder."""
    for dialogue, hours_ago in zip(dialogues, HOURS_AGO, strict=False):
        spoken = time.time() - hours_ago * _HOUR
        with closing(History(paths.history_file, now=itertools.repeat(spoken).__next__)) as history:
            conversation = history.create(dialogue.title).id
            for number, text in enumerate(dialogue.messages):
                if number % 2 == 0:
                    history.add_user_message(conversation, text)
                else:
                    history.add_answer(
                        conversation, text, thinking="", state=MessageState.COMPLETE, model="", stats=None
                    )
    spec = load_catalog(bundled_catalog_path()).get(_MODEL)
    assert spec is not None
    paths.models_dir.mkdir()
    file = paths.models_dir / spec.file
    _write_header(file, spec.name)
    with file.open("r+b") as stream:
        stream.truncate(spec.size)  # a hole: takes no room on the disk
    write_note(file, spec.sha256)  # so that nobody tries it


def _write_header(file: Path, name: str) -> None:
    """Writes what the app reads of Qwen2.5-0.5B to say what it takes; figures of its config.json and tokenizer."""
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_name(name)
    writer.add_context_length(32768)
    writer.add_embedding_length(896)
    writer.add_block_count(24)
    writer.add_feed_forward_length(4864)
    writer.add_head_count(14)
    writer.add_head_count_kv(2)
    writer.add_token_list([str(number) for number in range(151_936)])
    writer.add_token_merges([str(number) for number in range(151_387)])
    # What "faster answers" would rewrite: every other one of these is Q4_K in llama.cpp's Q4_K_M, at this width alone.
    zeros = np.zeros((896, 4864 // 256 * 144), dtype=np.uint8)
    for layer in range(12):
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", zeros, raw_dtype=gguf.GGMLQuantizationType.Q4_K)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _small_computer(scratch: Path) -> Path:
    """Returns a root folder whose ``proc`` knows this process and a computer of 4 GB."""
    root = scratch / "computer"
    (root / "proc").mkdir(parents=True)
    (root / "proc" / "meminfo").write_text(_MEMORY, encoding="ascii")
    (root / "proc" / "self").symlink_to("/proc/self")
    return root


if __name__ == "__main__":
    main(sys.argv[1], [Path(argument) for argument in sys.argv[2:]])
