"""Says what a file is that should have been a GGUF model and is not. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

MAGIC = b"GGUF"

_NEEDS_GGUF = QT_TRANSLATE_NOOP("Errors", "Choose a file that ends in .gguf; other formats have to be converted first.")
_UNPACK = QT_TRANSLATE_NOOP("Errors", "Unpack it, and choose the .gguf file inside.")
_DOWNLOAD_FILE = QT_TRANSLATE_NOOP("Errors", "Download the model file itself; some networks ask for a login first.")


@dataclass(frozen=True)
class _Kind:
    """First bytes of a kind of file, lower-case, and what to say about it."""

    beginnings: tuple[bytes, ...]
    title: str
    remedy: str


_KINDS = (
    _Kind(
        (b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--", b"<script"),
        QT_TRANSLATE_NOOP("Errors", "This is a web page, not a model."),
        _DOWNLOAD_FILE,
    ),
    _Kind(
        (b"version https://git-lfs",),
        QT_TRANSLATE_NOOP("Errors", "This is only a pointer to a model, not the model itself."),
        _DOWNLOAD_FILE,
    ),
    _Kind((b"pk\x03\x04", b"pk\x05\x06"), QT_TRANSLATE_NOOP("Errors", "This is a zip archive, not a model."), _UNPACK),
    _Kind(
        (b"\x1f\x8b", b"\xfd7zxz", b"7z\xbc\xaf", b"rar!", b"bzh", b"\x28\xb5\x2f\xfd"),
        QT_TRANSLATE_NOOP("Errors", "This is a compressed archive, not a model."),
        _UNPACK,
    ),
    _Kind(
        (b"tjgg", b"lmgg", b"fmgg", b"algg"),  # ggjt, ggml, ggmf, ggla as 32-bit numbers
        QT_TRANSLATE_NOOP("Errors", "This model is in a format that came before GGUF."),
        QT_TRANSLATE_NOOP("Errors", "Download a newer file of the same model."),
    ),
)


def not_gguf(head: bytes, detail: str) -> UserFacingError:
    """Returns the sentence for a file that begins with ``head`` and not with ``MAGIC``.

    Args:
        head: The first bytes of the file; some 64 are enough, fewer are taken too.
        detail: Where it was found.
    """
    if not head:
        again = QT_TRANSLATE_NOOP("Errors", "Download it again.")
        return UserFacingError(QT_TRANSLATE_NOOP("Errors", "The model file is empty."), detail, again)
    # A byte order mark and blank lines often precede a web page.
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    for kind in _KINDS:
        if beginning.startswith(kind.beginnings):
            return UserFacingError(kind.title, detail, kind.remedy)
    if head[8:10] == b'{"':  # a safetensors file: the length of its JSON header, then the header
        title = QT_TRANSLATE_NOOP("Errors", "This is a safetensors file, not a GGUF model.")
        return UserFacingError(title, detail, _NEEDS_GGUF)
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "This is not a GGUF model file."), detail, _NEEDS_GGUF)
