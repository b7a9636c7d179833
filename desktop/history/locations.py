"""How SQLite is told where a database is, and what may be done to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from desktop.common.sqlite import companion

# Nobody changes the file: SQLite takes no locks and makes no log beside it.
UNCHANGED: Final = "immutable=1"
# Nothing is written into the file, but what its log holds is read, and the locks of others count.
READ_ONLY: Final = "mode=ro"
# The name of a folder for the copy of a database that is imported, before the number of the process that reads it.
SCRATCH: Final = ".importing"


def database_uri(file: Path, how: str) -> str:
    """Returns the address of a database (https://www.sqlite.org/uri.html).

    Args:
        file: Its name may hold anything; on Windows it may lie on a server, of which :meth:`Path.as_uri` makes an
            address with a host, and SQLite refuses that.
        how: Parameters, such as :data:`UNCHANGED` or "mode=rw".
    """
    path = os.path.abspath(file)  # noqa: PTH100 (links stay: SQLite names its log after the name that it is given)
    if os.name == "nt":
        path = path.replace("\\", "/")
        path = path if path.startswith("//") else f"/{path}"
    return f"file://{quote(os.fsencode(path))}?{how}"


def read_only_uri(file: Path) -> str:
    """Returns the address of a database that is only looked at, with what lies in the log beside it.

    A program that ends while its log is written back leaves a file that is no whole one without the log. With a
    rollback journal, which only those may undo who may write, the file is looked at as it is.
    """
    log = companion(file, "-wal")
    return database_uri(file, READ_ONLY if log.is_file() and log.stat().st_size else UNCHANGED)
