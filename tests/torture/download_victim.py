"""A download in a process of its own, so that it can be killed and has limits of its own: see downloads_part.

    python -m tests.torture.download_victim FOLDER URL SHA256 [--room=BYTES] [--rescue=FOLDER]

Says "begins" on a line, and how it ended as JSON on the next: {}, {"title", "remedy"} or {"bug"}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.models.download.downloader import DownloadControl, Downloader, http_source
from tests.support.downloads import spec_of
from tests.torture.downloads_part import HASTY, SIZE, often_synced


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("sha256")
    parser.add_argument("--room", type=int, help="largest file, in bytes")
    parser.add_argument("--rescue", type=Path, help="where what is there in the end is copied to")
    arguments = parser.parse_args()
    spec = replace(spec_of(b"", arguments.url), size=SIZE, sha256=arguments.sha256)
    if arguments.room is not None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.room, arguments.room))
    http_source(HASTY)  # what takes its time comes before anything can be killed
    print("begins", flush=True)
    said: dict[str, str] = {}
    try:
        downloader = Downloader(arguments.folder, timing=HASTY, free_bytes=lambda _folder: 1 << 40)
        with often_synced():
            asyncio.run(downloader.download(spec, lambda _report: None, DownloadControl()))
    except UserFacingError as problem:
        said = {"title": problem.title, "remedy": problem.remedy}
    except Exception as bug:
        said = {"bug": f"{type(bug).__name__}: {bug}"}
    if arguments.rescue is not None:
        shutil.copytree(arguments.folder, arguments.rescue, dirs_exist_ok=True)
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
    sys.exit()
