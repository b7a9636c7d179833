"""Where Catnap keeps things: one frozen value, from the platform's rules or from ``--data-dir``."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, is_disk_full
from desktop.common.instance_address import addresses

# A block of the usual file systems: what the lock and the first message need at the least.
_PROBE = bytes(4096)


@dataclass(frozen=True)
class Paths:
    """Folders and files of one Catnap; two values with different data folders never touch each other.

    Attributes:
        data: Conversations and models: what the user would miss.
        config: settings.json.
        cache: Conversation states: may be deleted at any time.
        log_dir: The rotating log.
        runtime: Folder of the socket of the running program.
    """

    data: Path
    config: Path
    cache: Path
    log_dir: Path
    runtime: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def history_file(self) -> Path:
        return self.data / "history.sqlite3"

    @property
    def documents_file(self) -> Path:
        """The text of documents that conversations are about, and their passages."""
        return self.data / "documents.db"

    @property
    def drafts_file(self) -> Path:
        """What is written and not sent yet."""
        return self.data / "drafts.json"

    @property
    def last_open_file(self) -> Path:
        """Which conversation was shown last."""
        return self.data / "last-open.json"

    @property
    def told_file(self) -> Path:
        """What was said once and is not said again."""
        return self.data / "told.json"

    @property
    def personas_file(self) -> Path:
        """Own personas, and what was changed in those that come with the program."""
        return self.data / "personas.json"

    @property
    def forms_file(self) -> Path:
        """Forms that answers are filled into."""
        return self.data / "forms.json"

    @property
    def table_file(self) -> Path:
        """The table that was made last from documents."""
        return self.data / "table.jsonl"

    @property
    def quick_actions_file(self) -> Path:
        """What can be done with a selected text by one click."""
        return self.config / "quick-actions.json"

    @property
    def libraries_file(self) -> Path:
        """Which folders of documents questions are asked about."""
        return self.data / "libraries.json"

    @property
    def servers_file(self) -> Path:
        """Which servers there are that can be asked."""
        return self.data / "servers.json"

    @property
    def server_keys_file(self) -> Path:
        """Keys of servers, where the system has no keyring for them."""
        return self.data / "server-keys.json"

    @property
    def api_file(self) -> Path:
        """What the token of the API is told by."""
        return self.data / "api.json"

    @property
    def answers_dir(self) -> Path:
        """Answers that are being made, for the case of a crash."""
        return self.data / "answers"

    @property
    def checks_dir(self) -> Path:
        """What came of function checks."""
        return self.data / "checks"

    @property
    def students_dir(self) -> Path:
        """Smaller models that are being made, each in a folder of its own."""
        return self.data / "students"

    @property
    def crash_marks_file(self) -> Path:
        """Which models have brought the engine down."""
        return self.data / "crashes.json"

    @property
    def models_dir(self) -> Path:
        """The default model folder; the settings may name another one."""
        return self.data / "models"

    @property
    def snapshots_dir(self) -> Path:
        return self.cache / "snapshots"

    @property
    def threads_file(self) -> Path:
        """What the engine has found out about the speed of this machine."""
        return self.cache / "pace.json"

    @property
    def repacking_file(self) -> Path:
        """What rewriting the weights of models has been found to bring on this machine."""
        return self.data / "repacking.json"

    @property
    def gpu_dir(self) -> Path:
        """The downloaded code for graphics processors."""
        return self.data / "gpu"

    @property
    def gpu_file(self) -> Path:
        """What trials of the graphics processor came to."""
        return self.data / "gpu.json"

    @property
    def log_file(self) -> Path:
        return self.log_dir / "catnap.log"

    @property
    def memory_file(self) -> Path:
        """What Catnap took of the memory, every ten seconds; only where that is wanted."""
        return self.log_dir / "memory.csv"

    @property
    def instance_names(self) -> Iterator[str]:
        """Addresses of the running program, the best first; see :mod:`desktop.common.instance_address`."""
        return addresses(self.data, self.runtime)

    @property
    def instance_name(self) -> str:
        """The address that the running program has, if nothing is in the way there."""
        return next(self.instance_names, "")

    @property
    def lock_file(self) -> Path:
        return self.runtime / "catnap.lock"

    def create(self) -> None:
        """Makes the folders, private to the user.

        Raises:
            UserFacingError: A folder cannot be made or written to, or there is no room left on its disk.
        """
        for folder in dict.fromkeys((self.data, self.config, self.cache, self.log_dir, self.runtime)):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with tempfile.TemporaryFile(dir=folder) as probe:
                    probe.write(_PROBE)  # a full disk still takes names
                    probe.flush()
            except OSError as problem:
                raise _cannot_write(folder, problem) from problem


def _cannot_write(folder: Path, problem: OSError) -> UserFacingError:
    detail = f"{folder}: {problem.strerror or problem}."
    if is_disk_full(problem):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full, so Catnap cannot start."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Make room on the disk, then start Catnap again; nothing is lost."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap cannot write to its folder."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Make it writable, or start with --data-dir and another folder."),
    )


def shipped(name: str) -> Path:
    """Returns a file or folder that comes with the program: ``models.json``, ``resources/icons``.

    Looked for in a PyInstaller bundle, in the installed package, and in a checkout, in this order.

    Raises:
        FileNotFoundError: It is not there; the installation is incomplete.
    """
    package = Path(__file__).parents[1]
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller
    for root in (*([Path(bundle)] if bundle else []), package, package.parent):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"{name} did not come with this installation of Catnap ({package})")


def absolute(path: Path) -> Path:
    """Returns a path from the root on; links in it stay.

    Raises:
        UserFacingError: It is relative, and the working directory is gone.
    """
    try:
        return path.absolute()
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The folder that Catnap was started in is no longer there."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Go to another folder, or name the place from its root on."),
        ) from problem


def named_in(file: Path, name: str) -> Path:
    """Returns the path that somebody has written into a file of ours, whatever the working directory is.

    Args:
        file: The file; a relative name is taken from its folder on, so that both can be moved together.
        name: As it was written; "~" is the home folder.
    """
    path = Path(name)
    with contextlib.suppress(RuntimeError):  # "~name" of somebody who does not exist: then it is the name of a folder
        path = path.expanduser()
    path = Path(os.path.normpath(file.absolute().parent / path))
    if not path.is_absolute():  # "D:models" on Windows, of which each process has a folder of its own
        path = Path(path.drive + os.sep, *path.parts[1:])
    return path


def resolve_paths(data_dir: Path | None) -> Paths:
    """Returns the folders to use; nothing is created.

    Args:
        data_dir: Everything goes below this folder when given, else to the platform's usual places.

    Raises:
        UserFacingError: The usual places are in the home folder, and this user has none; or ``data_dir`` is relative to
            a folder that is gone.
    """
    if data_dir is not None:
        try:
            root = absolute(data_dir.expanduser())
        except RuntimeError:  # "~name" of somebody who does not exist: then it is the name of a folder
            root = absolute(data_dir)
        return Paths(root, root, root / "cache", root / "logs", root)
    import platformdirs

    dirs = platformdirs.PlatformDirs("catnap", appauthor=False)
    try:
        return Paths(
            data=Path(dirs.user_data_dir),
            config=Path(dirs.user_config_dir),
            cache=Path(dirs.user_cache_dir),
            log_dir=Path(dirs.user_log_dir),
            runtime=Path(dirs.user_data_dir),
        )
    except RuntimeError as problem:  # neither HOME nor passwd says where it is
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Catnap does not know your home folder, where it keeps its files."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Set HOME, or start with --data-dir and a folder."),
        ) from problem
