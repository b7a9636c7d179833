"""What the command line asks of the tray app. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

AppVerb = Literal["start", "show", "quick-ask", "quit"]


@dataclass(frozen=True)
class AppOptions:
    """Arguments of the tray app.

    Attributes:
        data_dir: Everything is kept below this folder; None: the platform's usual places.
        catalog: Another models.json; None: the one shipped.
        hidden: Start without a window, as at login.
        verb: What to tell the running instance; all but "quit" start one where there is none.
    """

    data_dir: Path | None = None
    catalog: Path | None = None
    hidden: bool = False
    verb: AppVerb = "start"
