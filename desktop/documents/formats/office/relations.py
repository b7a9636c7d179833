"""Which parts of an Office file belong together (ECMA-376, part 2: packages and their relationships)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from desktop.documents.formats.archive import Archive, resolve
from desktop.documents.formats.xml_events import XmlReader, read_xml


@dataclass(frozen=True)
class Relation:
    """One relationship.

    Attributes:
        kind: The last word of its type: "slide", "worksheet", "styles".
        target: The member that it leads to.
    """

    kind: str
    target: str


class _Relations(XmlReader):
    def __init__(self, source: str) -> None:
        self._source = source
        self.found: dict[str, Relation] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = resolve(self._source, attributes.get("Target", ""))
            self.found[attributes.get("Id", "")] = Relation(kind, target)


def relations_of(archive: Archive, source: str) -> dict[str, Relation]:
    """Returns the relationships of a member by their ids; none where it has no such file.

    Args:
        archive: An Office file.
        source: The member; empty: the package as a whole.
    """
    folder, name = posixpath.split(source)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    reader = _Relations(source)
    if archive.has(file):
        read_xml(archive.chunks(file), reader)
    return reader.found


def main_part(archive: Archive, usual: str) -> str:
    """Returns the member that the package says is its document.

    Args:
        usual: Its name where the package says nothing.
    """
    for relation in relations_of(archive, "").values():
        if relation.kind == "officeDocument" and archive.has(relation.target):
            return relation.target
    return usual


def first_of(relations: Mapping[str, Relation], kind: str) -> str:
    """Returns the member that the first relationship of a kind leads to; empty: there is none."""
    return next((each.target for each in relations.values() if each.kind == kind), "")
