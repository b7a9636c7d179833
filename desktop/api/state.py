"""What there is to say about the API, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from desktop.common.errors import UserFacingError

# This computer's own; nobody else can reach it.
ADDRESS: Final = "127.0.0.1"


class ApiKind(Enum):
    """Whether other programs can ask."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    FAILED = "failed"


@dataclass(frozen=True)
class ApiState:
    """See the module.

    Attributes:
        port: Where it listens; 0: nowhere.
        error: Why it does not; None: nothing went wrong.
        is_busy: A program waits for its answer.
    """

    kind: ApiKind = ApiKind.OFF
    port: int = 0
    error: UserFacingError | None = None
    is_busy: bool = False

    @property
    def address(self) -> str:
        """What programs are told: the base of all paths; empty: there is none."""
        return f"http://{ADDRESS}:{self.port}/v1" if self.port else ""
