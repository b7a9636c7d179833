"""FAULTS B, people's words: each test is named after its row and uses the input that stands there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.app.leftovers import sweep_leftovers
from desktop.common.paths import resolve_paths
from tests.support.command_line import environment
from tests.support.patience import PATIENCE_S

# Saves a system prompt, and stops where the new file is written and has not got its name yet.
SAVING = """
import sys, time
from pathlib import Path
from desktop.settings.store import SettingsStore
def wait(*_):
    print("there", flush=True)
    time.sleep(1000)
Path.replace = wait
SettingsStore(Path(sys.argv[1])).change(system_prompt="very private words")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such end here")
def test_b9_what_a_kill_in_a_settings_write_leaves_is_swept_at_the_start(tmp_path: Path) -> None:
    # GIVEN kill -9 in a settings write, which leaves the system prompt in a file that nobody looks for
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    with subprocess.Popen(
        [sys.executable, "-c", SAVING, str(paths.settings_file)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "there"
        process.kill()
    assert _private(tmp_path)
    # AND what the versions before this one have left, whose names do not say who wrote them
    (paths.config / ".settings.json-ab1_xy9z.tmp").write_text("very private words")
    # WHEN the app starts and ends
    _start_and_quit(paths.data)
    # THEN nothing of it is left
    assert _private(tmp_path) == []


def test_b9_what_others_write_at_this_moment_stays(tmp_path: Path) -> None:
    # GIVEN scratch files of a process that lives, of files that the command line writes as well, and of strangers
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    kept = [
        paths.data / f".imports.json-{os.getppid()}-0123abcd.tmp",
        paths.data / ".verdicts.json-abcd1234.tmp",
        paths.data / ".other.json-0123abcd.tmp",
        paths.data / "settings.json.tmp",
        paths.data / f"bench-{os.getppid()}-abcdefgh",
    ]
    for file in kept:
        file.write_text("x") if file.suffix else file.mkdir()
    # WHEN the leftovers are swept THEN they are left alone
    sweep_leftovers(paths)
    assert [file for file in kept if not file.exists()] == []


# --- what the tests above use


def _private(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and b"very private words" in file.read_bytes()]


def _start_and_quit(data: Path) -> None:
    code = (
        "import sys\n"
        "from desktop.app import run\n"
        "start = run.sweep_leftovers\n"
        "build = run.build\n"
        "def built(*given):\n"
        "    program = build(*given)\n"
        "    program.request_quit()\n"
        "    return program\n"
        "run.build = built\n"
        "from desktop.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--data-dir", str(data), "--hidden"],
        env=environment({"QT_QPA_PLATFORM": "offscreen"}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
