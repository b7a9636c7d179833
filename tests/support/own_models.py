"""Files of one's own in a running Catnap, for tests that are about something else than importing them."""

from __future__ import annotations

from pathlib import Path

from desktop.app.services import Services
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import InstalledModel


def use_own(services: Services, path: Path) -> InstalledModel:
    """Adds a model file and chooses it, as an import does after a trial that went well; returns it."""
    library = services.choice.library
    candidate = library.examine(path)
    model = library.add(candidate)
    library.remember_verdict(candidate.file, Verdict(Outcome.WORKS))
    services.supervisor.fit.learn(model, candidate.header)
    services.choice.outdate()
    services.models.use(model.id)
    return model
