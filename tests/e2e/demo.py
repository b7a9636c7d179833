"""``make demo``: the whole main job on its own, with no display and no network.

    python -m tests.e2e.demo [--screenshots DIR] [--keep]

Makes the parrot, a model of 600 kB that says one fixed text, serves it on loopback and lets ``demo_app`` drive the
real app in a process of its own: download, ask, doze, sleep, wake, settings, quit. Each step is printed with its
figures and a screenshot. Exit code 0 only if everything held. Only a temporary folder is written to;
CATNAP_DEMO_OFFSCREEN=1 leaves any display alone.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from desktop.common.byte_sizes import format_bytes
from tests.e2e.demo_stage import stage
from tests.e2e.demo_text import LAYERS, MODEL_ID, TEXT
from tests.support.command_line import write_catalog
from tests.support.fault_server import Fault, serve
from tests.support.parrot import make_parrot
from tests.support.patience import LONG_PATIENCE_S

_ROOT = Path(__file__).parents[2]
# Loopback would be done before anybody sees a progress bar.
_DOWNLOAD_S = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays the demo and returns the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description="Catnap's main job, played by itself.")
    parser.add_argument("--screenshots", type=Path, metavar="DIR", help="where the pictures go; default: a new folder")
    parser.add_argument("--keep", action="store_true", help="keep the data folder (settings, history, log, model)")
    options = parser.parse_args(arguments)
    pictures = options.screenshots or Path(tempfile.mkdtemp(prefix="catnap-screenshots-"))
    pictures.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="catnap-demo-"))
    try:
        return _play(folder, pictures.absolute(), kept=options.keep)
    except KeyboardInterrupt:
        return 130
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def _play(folder: Path, pictures: Path, *, kept: bool) -> int:
    served = folder / "served"
    served.mkdir()
    model = make_parrot(served / f"{MODEL_ID}.gguf", TEXT, layers=LAYERS)
    size = model.stat().st_size
    with serve(served) as server, stage() as where:
        server.always(f"/{model.name}", Fault(bytes_per_second=round(size / _DOWNLOAD_S)))
        catalog = write_catalog(folder / "models.json", model, server.url, model_id=MODEL_ID)
        print("Catnap, the whole main job: download, ask, doze, sleep, wake, settings, quit.\n")
        print(f"  display      {where.words}")
        print(f"  model        a parrot of {format_bytes(size)} that says one fixed text, made just now")
        print(f"  served at    {server.url}, slowed down to {_DOWNLOAD_S:.0f} s for the whole file")
        print(f"  data         {folder / 'data'}{'' if kept else ', removed at the end'}")
        print(f"  screenshots  {pictures}", flush=True)
        command = [sys.executable, "-m", "tests.e2e.demo_app", str(folder / "data"), str(catalog), str(pictures)]
        # The app gets a process of its own, so that the figures are those of the app and not of what drives the demo.
        with subprocess.Popen(command, cwd=_ROOT, env=where.environment, stdin=subprocess.DEVNULL) as process:
            try:
                code = process.wait(LONG_PATIENCE_S)
            except subprocess.TimeoutExpired:
                print(f"FAILED: still not over after {LONG_PATIENCE_S:.0f} s", file=sys.stderr)
                return 1
            finally:
                if process.poll() is None:
                    process.kill()
    if code < 0:
        print(f"FAILED: the app was ended by signal {-code}", file=sys.stderr)
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
