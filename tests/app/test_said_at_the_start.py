"""What was wrong at the start is said in one place: in the window, or beside the tray where there is none."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from desktop.history.store import History
from tests.support.command_line import python

_CODE = """
import sys
from desktop.app import run
from desktop.ui.tray.tray import Tray
Tray.show_message = lambda self, title, text: print("tray:", title)
build, shut_down = run.build, run.shut_down
def built(*given):
    program = build(*given)
    program.request_quit()
    return program
async def ended(program):
    window = program.shell.window
    notice = window.pane.banner.current if window is not None else None
    print("window:", notice.title if notice is not None else "")
    await shut_down(program)
run.build, run.shut_down = built, ended
from desktop.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
_TITLE = "The settings could not be read; the defaults are used."


@pytest.mark.parametrize(
    ("options", "said"),
    [([], [f"window: {_TITLE}"]), (["--hidden"], [f"tray: {_TITLE}", "window:"])],
)
def test_it_is_said_once(tmp_path: Path, options: list[str], said: list[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    # GIVEN settings that cannot be read, and somebody who is not new here
    (data / "settings.json").write_text("{", encoding="utf-8")
    with closing(History(data / "history.sqlite3")) as history:
        history.add_user_message(history.create("old").id, "An old question.")
    done = python(_CODE, "--data-dir", str(data), *options)
    assert done.code == 0, done.err
    assert [line.strip() for line in done.out.splitlines()] == said
