"""Conversations as plain text: for a mail, for a printer, for grep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desktop import __version__
from desktop.history.exchange.extent import Extent, left_out, other_branches
from desktop.history.exchange.stored import StoredTree
from desktop.history.exchange.words import ExportWords, local_time
from desktop.history.records import StoredMessage

_RULE = 72


def write_conversations(trees: Iterable[StoredTree], words: ExportWords, now: float, extent: Extent) -> Iterator[str]:
    """Yields a file in pieces.

    Args:
        trees: What to export.
        words: In a person's language.
        now: The time of the export, in seconds since the epoch.
        extent: How much of each; the file says what is left out.
    """
    for number, tree in enumerate(trees):
        if number:
            yield "\n\n"
        title = " ".join(tree.conversation.title.split()) or words.untitled
        yield f"{title}\n{'=' * _RULE}\n{words.exported.format(f'Catnap {__version__}', local_time(now))}\n"
        missing = words.what_is_left_out(left_out(tree, extent))
        if missing:
            yield f"{missing}\n"
        for place, message in enumerate(tree.messages(tree.structure.path()), 1):
            yield from _message(message, words, extent, place if extent.versions else None)
        for count, branch in enumerate(other_branches(tree) if extent.versions else ()):
            if not count:
                yield f"\n{'=' * _RULE}\n{words.others}\n"
            yield f"\n{'-' * _RULE}\n{words.instead.format(branch.instead_of)}\n"
            for message in tree.messages(branch.ids):
                yield from _message(message, words, extent)


def _message(message: StoredMessage, words: ExportWords, extent: Extent, number: int | None = None) -> Iterator[str]:
    about = ", ".join(note for note in (local_time(message.created), *words.notes(message, number)) if note)
    yield f"\n{words.speaker(message)}" + (f" ({about})" if about else "") + ":\n"
    if extent.thoughts and message.thinking.strip():
        yield f"[{words.thoughts}]\n" + "".join(f"    {line}\n" for line in message.thinking.strip("\n").split("\n"))
        yield "\n" if message.text.strip() else ""
    text = message.text.strip("\n")
    yield f"{text}\n" if text else ""
