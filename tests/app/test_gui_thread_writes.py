"""The GUI thread waits for no disk: what it would write of the program's own files is written on another thread."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


class Watch:
    """Notes what is replaced and synchronised, and on which thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here: list[str] = []
        self.elsewhere: list[str] = []
        self._gui = threading.get_ident()
        for name in ("fsync", "fdatasync", "replace", "rename"):
            if hasattr(os, name):
                monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **others: Any) -> Any:
            noted = self.here if threading.get_ident() == self._gui else self.elsewhere
            noted.append(f"{name} {Path(arguments[-1]).name if name.startswith('re') else ''}".strip())
            return real(*arguments, **others)

        return call


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, parrot_model)
        yield made


def test_nothing_is_replaced_or_synchronised_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a window in use
    bench.show()
    watch = Watch(monkeypatch)
    pane, services = bench.window.pane, bench.services
    # WHEN settings are changed, something is written, sent and answered, and conversations are opened
    services.store.change(font_size=14)
    services.store.change(idle_minutes=3.0)
    bench.send("Hello")
    bench.wait_for_answer()
    pane.composer.set_text("Half a sent")
    assert bench.shell.chat is not None
    bench.shell.chat.open(None)
    pane.composer.set_text("Another")
    bench.shell.drafts.save()
    bench.shell._last_open.save()
    assert services.writer.flush(PATIENCE_S)
    # THEN no thread of the window has waited for it
    assert watch.here == []
    assert {"replace settings.json", "replace drafts.json", "fsync"} <= set(watch.elsewhere)
    # AND it is in the files
    values = json.loads(bench.paths.settings_file.read_text(encoding="utf-8"))["values"]
    assert (values["font_size"], values["idle_minutes"]) == (14, 3.0)
    assert "Half a sent" in bench.paths.drafts_file.read_text(encoding="utf-8")


def test_what_waits_is_written_at_the_end(bench: Bench) -> None:
    # GIVEN a disk that is busy
    busy, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        busy.set()
        assert go_on.wait(PATIENCE_S)

    bench.show()
    bench.services.writer.put(Path("other"), hang)
    assert busy.wait(PATIENCE_S)
    # WHEN something is written, and the program ends
    bench.window.pane.composer.set_text("Do not lose me")
    bench.shell.drafts.save()
    bench.services.store.change(font_size=15)
    go_on.set()
    assert bench.services.writer.close(PATIENCE_S)
    # THEN it is there
    assert "Do not lose me" in bench.paths.drafts_file.read_text(encoding="utf-8")
    assert json.loads(bench.paths.settings_file.read_text(encoding="utf-8"))["values"]["font_size"] == 15
