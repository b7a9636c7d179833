"""Which models other programs may ask, and what each of them is called. On the thread of the model choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from desktop.models.choice import ModelChoice
from desktop.models.types import InstalledModel

# Whatever model is in use; it stays when another one is chosen.
USUAL: Final = "catnap"


@dataclass(frozen=True)
class OfferedModel:
    """A model.

    Attributes:
        name: As programs ask for it.
        file: Name of its file; None: whichever is in use.
    """

    name: str
    file: str | None

    def document(self) -> dict[str, Any]:
        """Returns what a program is told of it."""
        return {"id": self.name, "object": "model", "created": 0, "owned_by": "catnap"}


class OfferedModels:
    """See the module."""

    def __init__(self, choice: ModelChoice) -> None:
        """
        Args:
            choice: The models that are there.
        """
        self._choice = choice

    def all(self) -> tuple[OfferedModel, ...]:
        """Returns what can be asked, the usual one first; nothing where there is no model."""
        usual = (OfferedModel(USUAL, None),) if self._choice.in_use() is not None else ()
        return (*usual, *(OfferedModel(_name(each), each.path.name) for each in self._choice.for_conversations()))

    def find(self, name: str) -> OfferedModel | None:
        """Returns the model that a program names, by its name here, its file's, or the one people see.

        Args:
            name: Empty: the usual one.
        """
        if name.strip() in ("", USUAL):
            return OfferedModel(USUAL, None) if self._choice.in_use() is not None else None
        wanted = name.strip().casefold()
        for called in (_name, lambda model: model.path.name, lambda model: model.name):
            one = self._called(wanted, called)
            if one is not None:
                return one
        return None

    def _called(self, wanted: str, called: Callable[[InstalledModel], str]) -> OfferedModel | None:
        models = self._choice.for_conversations()
        found = next((each for each in models if called(each).casefold() == wanted), None)
        return OfferedModel(_name(found), found.path.name) if found is not None else None


def _name(model: InstalledModel) -> str:
    """Returns what programs call it: no path of this computer is told."""
    return model.id if model.spec is not None else model.path.stem
