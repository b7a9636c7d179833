"""What the model service needs of the library and of downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from desktop.common.errors import UserFacingError
from desktop.models.types import DownloadProgress, InstalledModel, ModelSpec
from desktop.settings.options import Settings


class Control(Protocol):
    """The handle of a running download."""

    def pause(self) -> None: ...
    def cancel(self) -> None: ...


class DownloaderPort(Protocol):
    """What is needed of a downloader; see :class:`desktop.models.download.downloader.Downloader`."""

    def partial(self, spec: ModelSpec) -> int: ...
    def discard(self, spec: ModelSpec) -> None: ...
    async def download(self, spec: ModelSpec, progress: Callable[[DownloadProgress], None], control: Any) -> Path: ...


class LibraryPort(Protocol):
    """What is needed of a library; see :class:`desktop.models.library.Library`."""

    @property
    def load_problem(self) -> UserFacingError | None: ...
    def installed(self) -> tuple[InstalledModel, ...]: ...
    def import_file(self, path: Path) -> InstalledModel: ...
    def remove(self, model_id: str) -> None: ...
    def verify(
        self, model_id: str, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
    ) -> bool: ...
    def move_folder(self, new: Path, progress: Callable[[int, int], None] | None) -> None: ...


@dataclass(frozen=True)
class Tools:
    """How the service makes what it works with.

    Attributes:
        library: Makes the library of a folder.
        downloader: Makes a downloader into a folder, with the mirror of the settings.
        control: Makes the handle of one download.
        default_folder: Model folder where the settings name none.
    """

    library: Callable[[Path], LibraryPort]
    downloader: Callable[[Path, Settings], DownloaderPort]
    control: Callable[[], Control]
    default_folder: Path
