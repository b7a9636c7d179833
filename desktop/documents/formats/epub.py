"""Books: a zip with pages of the web, and a list of the order to read them in (EPUB 3.3, and 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from desktop.documents.formats.archive import Archive, resolve
from desktop.documents.formats.encodings import encoding_of
from desktop.documents.formats.html import read_page
from desktop.documents.formats.markdown import joined
from desktop.documents.formats.sink import Sink
from desktop.documents.formats.xml_events import XmlReader, read_xml
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import PartKind

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
# Fonts may be disguised, which is no protection of the text (EPUB 3.3, 4.4).
_OF_FONTS: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES: Final = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_CHAPTER_LIMIT: Final = 16 * 1024 * 1024
_PIECE: Final = 64 * 1024


class _Container(XmlReader):
    def __init__(self) -> None:
        self.package = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "rootfile" and not self.package:
            self.package = attributes.get("full-path", "")


class _Encryption(XmlReader):
    def __init__(self) -> None:
        self.hides_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "EncryptionMethod" and attributes.get("Algorithm", "") not in _OF_FONTS:
            self.hides_text = True


class _Package(XmlReader):
    def __init__(self, place: str) -> None:
        self._place = place
        self._items: dict[str, str] = {}
        self._order: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "item" and attributes.get("media-type", "").lower() in _PAGES:
            target = unquote(attributes.get("href", "")).partition("#")[0]
            self._items[attributes.get("id", "")] = resolve(self._place, target)
        elif name == "itemref":
            self._order.append(attributes.get("idref", ""))

    def chapters(self) -> list[str]:
        """Returns the members in the order to read them in, each once."""
        return list(dict.fromkeys(self._items[each] for each in self._order if each in self._items))


def read_epub(archive: Archive, sink: Sink) -> None:
    """Reads the chapters of a book.

    Raises:
        RefusedError: It is damaged, protected or empty.
    """
    if archive.has(_ENCRYPTION):
        encryption = _Encryption()
        read_xml(archive.chunks(_ENCRYPTION), encryption)
        if encryption.hides_text:
            raise RefusedError(Reason.COPY_PROTECTED)
    container = _Container()
    read_xml(archive.chunks(_CONTAINER), container)
    package = _Package(container.package)
    read_xml(archive.chunks(container.package), package)
    chapters = package.chapters()
    number = 0
    for place, member in enumerate(chapters):
        sink.advance(place, len(chapters))
        if not archive.has(member):
            continue
        source = archive.read(member, _CHAPTER_LIMIT)
        encoding = encoding_of(source, is_whole=True)
        text = source.decode(encoding.name if encoding is not None else "utf-8", "replace")
        page = read_page(text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
        if page.blocks:
            number += 1
            sink.begin(PartKind.CHAPTER, number, page.heading or page.title)
            sink.write(joined(page.blocks))
    if not chapters:
        raise RefusedError(Reason.DAMAGED)
