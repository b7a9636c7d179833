"""The app follows its own folder: an entry that still leads to the old place is put right soon after the start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.command_line import catnap, start
from tests.support.patience import PATIENCE_S, wait_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at the entry of Linux")

ENTRY = """\
[Desktop Entry]
Type=Application
Name=My cat
Exec="/gone/old place/catnap" --hidden
"""


def test_the_running_app_repairs_the_entry_of_a_moved_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    entry = Path.home() / ".config" / "autostart" / "catnap.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text(ENTRY)
    process = start(["--hidden"])
    try:
        wait_for("another entry", lambda: entry.read_text() != ENTRY or process.poll() is not None)
        lines = entry.read_text().splitlines()
        assert f"Exec={Path(sys.executable).parent / 'catnap'} --hidden" in lines
        assert "Name=My cat" in lines
        assert catnap("--quit").code == 0
        process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert catnap("autostart", "status").out == "on\n"
