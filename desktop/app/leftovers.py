"""Removes at the start what a run that was killed has left: scratch files, with whatever stood in them.

A half-written settings file holds the system prompt, so it is no harmless rubbish. What another Catnap writes at this
moment (``catnap models import`` beside the app) is left alone, and so is every file that is none of ours by its name.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from desktop.common.atomic_file import sweep_folders, sweep_scratch
from desktop.common.paths import Paths
from desktop.history.locations import SCRATCH
from desktop.history.rescue.backups import backups_folder
from desktop.history.rescue.vanished import written_anew
from desktop.machine.process import is_alive

# Written by the one app that holds the lock of its data folder, and by nobody else.
_APP_FILES: Final = frozenset(
    (
        *("settings.json", "drafts.json", "last-open.json", "crashes.json", "told.json", "personas.json"),
        *("quick-actions.json", "forms.json", "table.jsonl"),
    )
)
# Written by the command line as well.
_SHARED_FILES: Final = frozenset(
    (
        *("imports.json", "additions.json", "facts.json", "verdicts.json", "repacking.json", "pace.json"),
        *("libraries.json", "servers.json", "server-keys.json", "api.json"),
    )
)
# Notes beside models, and what is known of a half download.
_OF_MODELS: Final = re.compile(r"\..+\.verified|.+\.gguf\.part\.json", re.DOTALL)
# Results of function checks.
_CHECK: Final = re.compile(r"[0-9a-f]{16}\.json")
# `catnap bench` keeps its states there, and an import the copy that it reads; the number is the process's.
_BENCH: Final = re.compile(r"bench-(?:(?P<writer>[0-9]+)-)?[a-z0-9_]{8}")
_IMPORT: Final = re.compile(rf"{re.escape(SCRATCH)}-(?P<writer>[0-9]+)-[a-z0-9_]{{8}}")
# A copy that is still going on was written to less than that ago.
_OLD_SECONDS: Final = 3600.0

_log = logging.getLogger(__name__)


def sweep_leftovers(paths: Paths) -> None:
    """Removes those in the program's own folders; some 100 µs.

    Only for the app that holds the lock of the data folder, before it starts its engine.
    """
    swept = [
        leftover
        for folder in dict.fromkeys((paths.config, paths.data, paths.cache))
        for leftover in sweep_scratch(
            folder, (_APP_FILES | _SHARED_FILES).__contains__, is_alive, alone=_APP_FILES.__contains__
        )
    ]
    for file in _linked((paths.config, paths.data, paths.cache)):
        swept += sweep_scratch(file.parent, file.name.__eq__, is_alive)
    swept += sweep_scratch(paths.checks_dir, lambda name: _CHECK.fullmatch(name) is not None, is_alive)
    swept += [*sweep_folders(paths.cache, _BENCH, is_alive), *sweep_folders(paths.data, _IMPORT, is_alive)]
    swept += [*_sweep_states(paths.snapshots_dir), *_sweep_copies(paths.history_file)]
    if swept:
        _log.info("%d leftovers of runs that were killed removed", len(swept))


def sweep_model_folder(folder: Path) -> None:
    """Removes those in a folder of models, which may lie on a drive that does not answer: for a thread of its own."""
    swept = sweep_scratch(folder, lambda name: _OF_MODELS.fullmatch(name) is not None, is_alive)
    with contextlib.suppress(OSError):
        for copy in folder.glob("*.gguf.moving"):
            if copy.is_file() and abs(time.time() - copy.stat().st_mtime) > _OLD_SECONDS:
                copy.unlink()
                swept.append(copy)
    if swept:
        _log.info("%d leftovers in the model folder removed", len(swept))


def _linked(folders: Iterable[Path]) -> Iterator[Path]:
    """Yields where files of ours lie that are kept elsewhere, such as settings among somebody's dotfiles.

    They are replaced there, so half-written ones lie there as well; perhaps of another Catnap that shares the file.
    """
    for path in (folder / name for folder in dict.fromkeys(folders) for name in _APP_FILES | _SHARED_FILES):
        with contextlib.suppress(OSError, RuntimeError):  # it leads to itself
            if path.is_symlink():
                yield path.resolve()


def _sweep_states(folder: Path) -> Iterator[Path]:
    """Half-written states of conversations: the engine that wrote them is gone, and the next has not begun."""
    with contextlib.suppress(OSError):
        for scratch in folder.glob("*.tmp"):
            scratch.unlink()
            yield scratch


def _sweep_copies(history: Path) -> Iterator[Path]:
    """Half a copy of the conversations, with what SQLite has beside it: nobody but the app makes any."""
    with contextlib.suppress(OSError):
        for half in backups_folder(history).glob("*.sqlite3.part*"):
            half.unlink()
            yield half
        if history.exists():  # else it is needed: see where the history is opened
            for half in history.parent.glob(f"{written_anew(history).name}*"):
                half.unlink()
                yield half
