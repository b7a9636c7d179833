"""Whose a student is: what its teacher's file says of its makers, and under which licence it may be used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from desktop.gguf.header import GgufHeader, read_header_if_possible
from desktop.gguf.naming import display_name, plain_name, quantisation_of
from desktop.student.project import Project


@dataclass(frozen=True)
class Attribution:
    """What is known of a model's makers; each may be empty.

    Attributes:
        name: Of the model.
        licence: Its name.
        makers: A person or an organisation.
        address: Where the model, or what it was made of, is kept.
        languages: Codes.
    """

    name: str = ""
    licence: str = ""
    makers: str = ""
    address: str = ""
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, header: GgufHeader, file_name: str) -> Self:
        """Returns what a teacher's header says.

        Args:
            header: Its header.
            file_name: Of its file, which often has the better name.
        """

        def first(*keys: str) -> str:
            found = (header.metadata.get(key) for key in keys)
            return next((plain for value in found if isinstance(value, str) and (plain := plain_name(value))), "")

        spoken = header.metadata.get("general.languages")
        return cls(
            _without_format(display_name(header, file_name), file_name),
            first("general.license.name", "general.license"),
            first("general.organization", "general.author", "general.base_model.0.organization"),
            first("general.repo_url", "general.url", "general.base_model.0.repo_url", "general.license.link"),
            tuple(map(str, spoken)) if isinstance(spoken, tuple) else (),
        )

    def of_student(self) -> str:
        """Returns the line that a student's own file says of itself."""
        made = f", by {self.makers}" if self.makers else ""
        licence = f", licence: {self.licence}" if self.licence else ""
        return f"Student of {self.name}{made}{licence}"


def _without_format(name: str, file_name: str) -> str:
    """Returns a name without the number format at its end: the student has another one."""
    kind = quantisation_of(file_name)
    return name[: -len(kind)].rstrip(" .-_") or name if kind and name.lower().endswith(kind.lower()) else name


def attribution_of(project: Project) -> Attribution:
    """Returns what is known of the makers of the file that students are made of, which is the teacher's as a rule.

    Where it is gone there is only what the teacher was called; and the name is that of the teacher in any case.
    """
    manifest = project.manifest
    path = Path(manifest.base.path)
    header = read_header_if_possible(path)
    if header is None:
        return Attribution(manifest.teacher_name)
    found = Attribution.of(header, path.name)
    return found if manifest.student is None else replace(found, name=manifest.teacher_name)
