"""What the headless verbs share: where things are, which model is meant, how results and progress are printed.

Nothing here or in the verbs' own modules imports Qt. A verb returns an exit code, raises UserFacingError for what a
person can act on, and lets KeyboardInterrupt pass after it has cleaned up.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Self

from desktop.common.errors import UserFacingError
from desktop.common.json_file import to_json
from desktop.common.paths import Paths, absolute, resolve_paths
from desktop.common.printable import harmless_json, one_line, printable
from desktop.gguf.header import read_header
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.gguf.parts import first_part
from desktop.lifecycle.context_size import look_around
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import EMPTY_CATALOG, bundled_catalog_path, load_catalog
from desktop.models.library import Library
from desktop.models.remembered.facts import ModelFacts
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.for_engine import Conditions
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

DONE = 0
FAILED = 1
INTERRUPTED = 130

BASE_MODEL = "this is a base model: it continues text, and was not taught to answer"

# Often enough to look alive, rare enough not to cost anything on a slow terminal.
_PROGRESS_SECONDS = 0.1


@dataclass(frozen=True)
class Places:
    """Where the verbs find things.

    Attributes:
        catalog: Another models.json; None: the one shipped.
    """

    paths: Paths
    catalog: Path | None

    @classmethod
    def of(cls, data_dir: Path | None, catalog: Path | None) -> Self:
        return cls(resolve_paths(data_dir), catalog)

    def settings(self) -> Settings:
        """Reads the settings; says on stderr what was wrong with them."""
        store = SettingsStore(self.paths.settings_file)
        if store.load_problem is not None:
            warn(str(store.load_problem.as_error()))
        return store.current

    def models_dir(self, settings: Settings) -> Path:
        """Returns the model folder in force."""
        return Path(settings.model_folder) if settings.model_folder else self.paths.models_dir

    def offer(self) -> Catalog:
        """Reads the catalogue and says what is left out of it; UserFacingError when it is unreadable or malformed."""
        try:
            catalog = load_catalog(self.catalog or bundled_catalog_path())
        except UserFacingError as wrong:
            if self.catalog is None:
                raise
            raise UserFacingError(wrong.title, wrong.detail, "Name another one with --catalog, or none.") from wrong
        for problem in catalog.problems:
            warn(str(problem))
        return catalog

    def library(self, settings: Settings, offer: Catalog) -> Library:
        """Returns the models installed in the folder in force."""
        return Library(self.models_dir(settings), self.paths.data, offer)


def prepare() -> None:
    """Keeps the engine's log off stderr. Called once, before a verb runs."""
    # With no handler at all, logging would print warnings on stderr; what a person must know comes as an error.
    logging.getLogger().addHandler(logging.NullHandler())


def memory_fit(settings: Settings, offer: Catalog) -> MemoryFit:
    """Returns what says which models fit this machine and which one to recommend, by the rule that the windows use."""
    return MemoryFit(offer, lambda: settings, MemoryReader(), read_processors().physical)


def standing_in(settings: Settings, n_ctx: int | None, threads: int | None) -> Settings:
    """Returns the settings with what an argument says instead, which means what it means there: 0 is automatic.

    Args:
        settings: As they are kept.
        n_ctx: Tokens of context; None: no argument says anything.
        threads: Likewise.
    """
    return replace(
        settings,
        n_ctx=settings.n_ctx if n_ctx is None else n_ctx,
        threads=settings.threads if threads is None else threads,
    )


def conditions(places: Places, settings: Settings, model: ChosenModel) -> Conditions:
    """Returns what the machine is like now, and with this model; some milliseconds."""
    gains = RememberedGains(places.paths.repacking_file)
    return replace(look_around(model.path), repacking_pays=gains.pays(model.path, settings.threads))


def warn(text: str) -> None:
    """Prints one line on stderr."""
    print(f"catnap: {one_line(text)}", file=sys.stderr, flush=True)


def say(text: str) -> None:
    """Prints one line on stdout, whatever names are in it: files and models may call themselves anything."""
    print(printable(text).replace("\n", " "))


def print_json(value: Json, *, indent: int | None = None) -> None:
    """Prints one JSON value; a terminal obeys nothing that stands in it, and no encoding of stdout loses any of it.

    Args:
        value: To be printed.
        indent: Spaces for each level; None: all on one line.
    """
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    # Elsewhere than in Unicode a letter that is missing would become a question mark.
    text = to_json(value, indent=indent) if encoding.startswith("utf") else json.dumps(value, indent=indent)
    print(harmless_json(text), flush=True)


def second_interrupt_ends() -> None:
    """After a first Ctrl+C, while things are being put in order: the next one ends the process at once.

    A native call that does not come back cannot be waited for.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, end)


class ProgressLine:
    """One line on stderr that is written over and over; silent where stderr is not a terminal."""

    def __init__(self) -> None:
        self._shown = 0
        self._next = 0.0
        self._active = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Replaces the line; calls that come too fast are left out."""
        now = time.monotonic()
        if not self._active or now < self._next:
            return
        self._next = now + _PROGRESS_SECONDS
        text = one_line(text)
        print(f"\r{text:<{self._shown}}", end="", file=sys.stderr, flush=True)
        self._shown = len(text)

    def clear(self) -> None:
        """Removes the line."""
        if self._shown:
            print(f"\r{'':<{self._shown}}\r", end="", file=sys.stderr, flush=True)
        self._shown = 0
        self._next = 0.0


def absolute_path(text: str) -> Path:
    """Returns the file that an argument names; a "~name" of nobody is the name of a file.

    Raises:
        UserFacingError: It is relative to a folder that is gone.
    """
    try:
        return absolute(Path(text).expanduser())
    except RuntimeError:
        return absolute(Path(text))


@dataclass(frozen=True)
class ChosenModel:
    """The model a verb works with.

    Attributes:
        name: Its id, or the file's path as it was given.
    """

    name: str
    path: Path


def find_model(places: Places, settings: Settings, wanted: str | None) -> ChosenModel:
    """Returns the model to work with; see :func:`choose_model`.

    A broken catalogue is only said: models that are imported or given by path stay usable.
    """
    try:
        offer = places.offer()
    except UserFacingError as problem:
        warn(str(problem))
        offer = EMPTY_CATALOG
    installed = places.library(settings, offer).installed()
    if wanted is None and not settings.model and not installed:
        best = memory_fit(settings, offer).recommended() or offer.default_id
        raise UserFacingError("No model is installed.", f"Get one with: catnap models download {best}" if best else "")
    return choose_model(wanted, settings, installed, offer)


def check_model(model: ChosenModel) -> ChosenModel:
    """Makes sure that a model can chat; says on stderr where it only continues text.

    Returns:
        The model, with the first of its files where another part of it was named.

    Raises:
        UserFacingError: It is something else, or parts of it are missing or not known by their names.
    """
    path = first_part(model.path)
    header = read_header(path)
    kind = ModelFacts.of(header, path.name).kind
    if not kind.can_chat:
        raise cannot_chat(kind, str(path))
    if header.parts > 1:
        path = first_part(path)
    if kind is ModelKind.BASE:
        warn(BASE_MODEL)
    return replace(model, path=path)


def called(name: str, installed: Iterable[InstalledModel]) -> InstalledModel | None:
    """Returns the model with an id, or the only one that is shown under a name; None: there is none.

    Raises:
        UserFacingError: Several are shown under that name.
    """
    models = tuple(installed)
    by_id = next((model for model in models if model.id == name), None)
    if by_id is not None or not (wanted := one_line(name).casefold()):
        return by_id
    found = [model for model in models if one_line(model.name).casefold() == wanted]
    if len(found) > 1:
        ids = ", ".join(model.id for model in found)
        raise UserFacingError("Several models are called so.", f"{name}.", f"Name one by its id: {ids}")
    return found[0] if found else None


def choose_model(
    wanted: str | None, settings: Settings, installed: tuple[InstalledModel, ...], offer: Catalog
) -> ChosenModel:
    """Returns the model that ``wanted`` names, else the one of the settings, else the only one installed.

    Args:
        wanted: An id, the path of a GGUF file, or the name that a model is shown under; None: not given.
        settings: Where a model may have been chosen.
        installed: What is in the library.
        offer: The catalogue, for what to advise.

    Raises:
        UserFacingError: There is no such model, or no way to tell which one is meant.
    """
    usable = {model.id: model for model in installed if not model.missing and model.kind.can_chat}
    if wanted is not None:
        if wanted in usable:
            return ChosenModel(wanted, usable[wanted].path)
        path = absolute_path(wanted)
        if wanted and os.path.isfile(path):  # noqa: PTH113 (a name that no system takes is no file, and no error)
            return ChosenModel(wanted, path)
        if (model := called(wanted, usable.values())) is not None:
            return ChosenModel(model.id, model.path)
        raise _not_there(wanted, installed, offer)
    if settings.model:
        if settings.model in usable:
            return ChosenModel(settings.model, usable[settings.model].path)
        raise _not_there(settings.model, installed, offer)
    if not usable:
        raise UserFacingError("No installed model has its file any more.", "See: catnap models list")
    if len(usable) > 1:
        ids = ", ".join(usable)
        raise UserFacingError("Several models are installed and none is chosen.", f"Add --model with one of: {ids}")
    return ChosenModel(*next((model.id, model.path) for model in usable.values()))


def _not_there(wanted: str, installed: tuple[InstalledModel, ...], offer: Catalog) -> UserFacingError:
    gone = next((model for model in installed if model.id == wanted), None)
    if gone is not None and not gone.missing:
        return cannot_chat(gone.kind, str(gone.path))
    if gone is not None:
        remedy = "Put it back, or name another model; see: catnap models list"
        return UserFacingError("The model file is no longer there.", f"{gone.path}.", remedy)
    if offer.get(wanted) is not None:
        return UserFacingError("This model is not installed.", f"Get it with: catnap models download {wanted}")
    if os.path.lexists(path := absolute_path(wanted)):  # a folder, a pipe, a link that leads nowhere
        try:
            read_header(path)
        except UserFacingError as problem:
            return problem
    if os.sep in wanted or wanted.endswith(".gguf"):
        return UserFacingError(
            "There is no such model file.", f"{wanted}.", "For those installed see: catnap models list"
        )
    return UserFacingError("There is no such model.", f"{wanted}.", "See: catnap models list")
