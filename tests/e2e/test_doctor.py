"""``catnap doctor`` on a real desktop: does it see display and tray, without Qt?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT, catnap_command
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.e2e


def report(desktop: DesktopSession) -> Any:
    command = [*catnap_command(), "doctor", "--json", "--data-dir", str(desktop.folder / "data")]
    environment = {**desktop.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_display_and_tray_are_seen(desktop: DesktopSession) -> None:
    seen = report(desktop)

    assert seen["display"]["kind"] == "x11"
    assert seen["display"]["address"] == desktop.environment["DISPLAY"]
    assert seen["display"]["missing_libraries"] == []
    assert seen["display"]["error"] is None
    assert seen["tray"]["state"] == "present"


def test_a_desktop_without_a_tray(tmp_path: Path) -> None:
    with DesktopSession(tmp_path / "desktop", with_tray=False) as desktop:
        seen = report(desktop)

    assert seen["display"]["error"] is None
    assert seen["tray"]["state"] == "absent"
