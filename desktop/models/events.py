"""What the model service tells the interface. Frozen values, delivered on the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.common.errors import UserFacingError
from desktop.models.download.network_check import NetworkReport
from desktop.models.remembered.verdicts import Verdict
from desktop.models.types import DownloadProgress, DownloadState


@dataclass(frozen=True)
class DownloadMoved:
    """A download has new figures or a new state."""

    progress: DownloadProgress


@dataclass(frozen=True)
class DownloadBroke:
    """A download has failed; its part stays on disk for the next try."""

    model_id: str
    error: UserFacingError


@dataclass(frozen=True)
class LibraryChanged:
    """Other models are installed, or another one is in use."""


@dataclass(frozen=True)
class ModelArrived:
    """A download has ended well and the model can be used."""

    model_id: str


@dataclass(frozen=True)
class FolderMoving:
    """The model folder is being moved; None: it is done, or was given up."""

    fraction: float | None


@dataclass(frozen=True)
class VerifyEnded:
    """The file of a model was read again; ``intact`` tells whether it is what was published."""

    model_id: str
    intact: bool


@dataclass(frozen=True)
class TrialBegan:
    """A model that nothing speaks for is being tried."""

    model_id: str


@dataclass(frozen=True)
class TrialEnded:
    """It was tried; ``LibraryChanged`` has come before. One that was cancelled ends without."""

    model_id: str
    verdict: Verdict


@dataclass(frozen=True)
class NetworkChecked:
    """More is known about the network, or all that there is to know."""

    report: NetworkReport


@dataclass(frozen=True)
class ModelTrouble:
    """Something about models went wrong outside a download."""

    error: UserFacingError


ModelEvent = (
    DownloadMoved
    | DownloadBroke
    | LibraryChanged
    | ModelArrived
    | FolderMoving
    | VerifyEnded
    | TrialBegan
    | TrialEnded
    | ModelTrouble
    | NetworkChecked
)


def share_under_way(event: DownloadMoved | DownloadBroke) -> float | None:
    """Returns how much of a model is here that is on its way, 0 to 1; None: it has stopped, or is there."""
    under_way = (DownloadState.WAITING, DownloadState.RUNNING, DownloadState.VERIFYING)
    if isinstance(event, DownloadBroke) or event.progress.state not in under_way or not event.progress.total:
        return None
    return event.progress.done / event.progress.total
