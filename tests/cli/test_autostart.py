"""``catnap autostart`` as a process, in a home of the test's own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.command_line import catnap, python

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at the entry of Linux")

SCRIPT = Path(sys.executable).parent / "catnap"


@pytest.fixture
def entry() -> Path:
    return Path.home() / ".config" / "autostart" / "catnap.desktop"


def test_off_on_and_off_again(entry: Path) -> None:
    assert catnap("autostart", "status").out == "off\n"
    done = catnap("autostart", "on")
    assert (done.code, done.out, done.err) == (0, "on\n", "")
    assert f"Exec={SCRIPT} --hidden" in entry.read_text().splitlines()
    report = catnap("autostart", "status", "--json").json
    assert report == {"on": True, "place": str(entry), "other": []}
    assert catnap("autostart", "off").out == "off\n"
    assert not entry.exists()


def test_a_data_folder_is_handed_on(entry: Path, tmp_path: Path) -> None:
    done = catnap("--data-dir", str(tmp_path / "data"), "autostart", "on")
    assert done.out == "on\n"
    assert f"Exec={SCRIPT} --data-dir {tmp_path / 'data'} --hidden" in entry.read_text().splitlines()
    # WHEN the one with the usual folders is asked THEN it names the other and leaves it
    other = catnap("autostart", "off")
    assert other.out == "off\n"
    assert f"{SCRIPT} --data-dir" in other.err
    assert entry.exists()


def test_a_place_that_cannot_be_written_is_a_sentence(entry: Path) -> None:
    entry.parent.parent.mkdir(parents=True)
    entry.parent.write_text("in the way")
    done = catnap("autostart", "on")
    assert (done.code, done.out) == (1, "")
    assert str(entry) in done.err
    assert "Traceback" not in done.err


def test_an_action_is_needed() -> None:
    assert catnap("autostart").code == 2
    assert catnap("autostart", "maybe").code == 2


def test_neither_qt_nor_the_engine_is_imported() -> None:
    code = """
import sys
from desktop.__main__ import main
main(["autostart", "status"])
print([name for name in sys.modules if name.startswith(("PySide6", "llama_cpp"))])
"""
    assert python(code).out.splitlines() == ["off", "[]"]
