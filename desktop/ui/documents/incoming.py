"""What somebody dropped or pasted: files, links, a picture, or a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QUrl

_FEEDS: Final = re.compile(r"[\r\n]+")
# From so much on a pasted text is rather something to ask about than a question.
_MANY_LINES, _MANY_CHARACTERS, _MANY_WIDE = 8, 800, 400
_WIDE: Final = re.compile("[\u3040-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Incoming:
    """What is in a piece of the clipboard, or under the mouse.

    Attributes:
        files: On this computer, folders among them; nobody has looked whether they are there.
        links: Addresses of anything else.
        text: As it stands there; of files and links nothing.
        is_picture: It is a picture without a file.
    """

    files: tuple[Path, ...] = ()
    links: tuple[str, ...] = ()
    text: str = ""
    is_picture: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether it is more than a text: something to be opened, or to be told about."""
        return bool(self.files or self.links) or self.is_picture


def look_at(data: QMimeData) -> Incoming:
    """Tells what is there; looks at no file."""
    urls = data.urls() if data.hasUrls() else []
    text = data.text() if data.hasText() else ""
    if not urls and text.lstrip().startswith("file://"):
        # Some programs hand files over as nothing but a text.
        lines = [line.strip() for line in _FEEDS.split(text) if line.strip()]
        if all(line.startswith("file://") and " " not in line for line in lines):
            urls = [QUrl(line) for line in lines]
    if urls:
        files = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile())
        links = tuple(url.toString() for url in urls if not url.isLocalFile())
        return Incoming(files, links)
    return Incoming(text=text, is_picture=data.hasImage() and not text)


def is_long(text: str) -> bool:
    """Tells whether a text that was pasted is offered as something to ask about."""
    if text.count("\n") + 1 >= _MANY_LINES or len(text) >= _MANY_CHARACTERS:
        return bool(text.strip())
    return len(text) >= _MANY_WIDE and len(_WIDE.findall(text)) >= _MANY_WIDE
