"""How fast the bundle shows its tray icon, and what it holds in memory then: `make bench-bundle`. Linux only.

Beside it a bare PySide6 tray program, bundled the same way, started by turns with Catnap: what PySide6 itself takes.

Usage:
    python -m tests.bundle.bench [FOLDER]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from desktop.models.catalog import bundled_catalog_path
from tests.e2e.desktop_session import DesktopSession, missing_programs
from tests.e2e.driver import CatnapDriver
from tests.support.patience import PATIENCE_S, wait_for

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
STARTS = 9
SETTLE_S = 3.0  # what is put off until after the start is done by then

# Budgets of the design.
LONGEST_S = 0.8
LARGEST_RATIO = 1.3
LARGEST_RSS_MB = 95


@dataclass(frozen=True)
class Start:
    """One start: seconds until the tray icon was shown, resident bytes once all is quiet."""

    seconds: float
    rss: int


def make_bare_tray(work: Path) -> Path:
    """Bundles the bare program and returns it."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += [
        "--distpath",
        str(work),
        "--workpath",
        str(work / "work"),
        str(Path(__file__).with_name("bare_tray.spec")),
    ]
    environment = {**os.environ, "PYINSTALLER_CONFIG_DIR": str(work / "pyinstaller")}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return work / "bare_tray" / "bare_tray"


def start_catnap(desktop: DesktopSession) -> Start:
    """Starts Catnap hidden and ends it again."""
    driver = CatnapDriver(desktop, bundled_catalog_path())
    seen = len(driver.log())
    began = time.time()
    driver.start("--hidden")
    driver.wait_log("tray icon shown", after=seen)
    line = next(line for line in driver.log()[seen:].splitlines() if "tray icon shown" in line)
    shown = datetime.fromisoformat(" ".join(line.split()[:2])).timestamp()
    time.sleep(SETTLE_S)
    rss = driver.rss()
    driver.terminate()
    driver.wait_end()
    return Start(shown - began, rss)


def start_bare(desktop: DesktopSession, program: Path) -> Start:
    """Starts the bare program and ends it again."""
    log = desktop.folder / "bare.log"
    seen = len(log.read_text()) if log.exists() else 0
    began = time.time()
    process = desktop.start("bare", [str(program)])

    def printed() -> str:
        return log.read_text()[seen:].strip()

    shown = float(wait_for("the bare tray icon", printed))
    time.sleep(SETTLE_S)
    rss = next(
        int(line.split()[1]) * 1024
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )
    process.terminate()
    process.wait(PATIENCE_S)
    return Start(shown - began, rss)


def report(catnap: Sequence[Start], bare: Sequence[Start]) -> bool:
    """Prints the figures; returns True when all are within their budgets."""
    seconds, bare_seconds = median(start.seconds for start in catnap), median(start.seconds for start in bare)
    rss = median(start.rss for start in catnap) / MEGABYTE
    bare_rss = median(start.rss for start in bare) / MEGABYTE
    ratio = seconds / bare_seconds
    print(f"start to tray icon, median of {len(catnap)} warm starts: {seconds:.2f} s (budget {LONGEST_S} s)")
    print(f"  from {min(start.seconds for start in catnap):.2f} to {max(start.seconds for start in catnap):.2f} s")
    print(f"  a bare tray program: {bare_seconds:.2f} s; Catnap takes {ratio:.2f} times that (budget {LARGEST_RATIO})")
    print(f"RSS asleep and hidden, never loaded: {rss:.1f} MB (budget {LARGEST_RSS_MB} MB); bare: {bare_rss:.1f} MB")
    return seconds <= LONGEST_S and ratio <= LARGEST_RATIO and rss <= LARGEST_RSS_MB


def main(arguments: Sequence[str]) -> int:
    bundle = Path(arguments[0] if arguments else ROOT / "dist" / "catnap").absolute()
    missing = missing_programs()
    if not (bundle / "catnap").is_file() or missing:
        what = f"{', '.join(missing)}" if missing else f"a bundle at {bundle}; `make build` makes it"
        print(f"bench: there is no {what}", file=sys.stderr)
        return 1
    os.environ["CATNAP_E2E_COMMAND"] = str(bundle / "catnap")
    with tempfile.TemporaryDirectory(prefix="catnap-bench-") as folder:
        program = make_bare_tray(Path(folder))
        with DesktopSession(Path(folder) / "desktop") as desktop:
            pairs = [(start_catnap(desktop), start_bare(desktop, program)) for _ in range(STARTS + 1)]
    catnap, bare = zip(*pairs[1:], strict=True)
    return 0 if report(catnap, bare) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
