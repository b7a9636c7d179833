"""The prompts of a project."""

from __future__ import annotations

from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.student.project import Project
from desktop.student.prompts import Prompt, builtin_prompts, digest_of, load_prompts, of_languages, split


def sets_of(project: Project) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """Returns the prompts to learn from and those held out.

    Raises:
        UserFacingError: The file of the prompts is gone, or is another one.
    """
    manifest = project.manifest
    file = None if manifest.prompts is None else Path(manifest.prompts.path)
    prompts = of_languages(builtin_prompts() if file is None else load_prompts(file), manifest.settings.languages)
    if digest_of(prompts) != manifest.prompts_digest:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The prompts are others than when the project was begun."),
            f"{file or 'those of Catnap'}.",
            QT_TRANSLATE_NOOP("Errors", "Begin another project for them."),
        )
    return split(prompts, manifest.settings.held_out, manifest.settings.seed)
