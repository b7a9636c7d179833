"""Conversations as Markdown for people: readable as it is, and right in any program that shows Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from desktop import __version__
from desktop.common.fences import FenceTracker
from desktop.engine.types import Role
from desktop.history.exchange.extent import Extent, left_out, other_branches
from desktop.history.exchange.stored import StoredTree
from desktop.history.exchange.words import ExportWords, local_time
from desktop.history.records import StoredMessage

# What opens HTML, outside of `code`; an address in angle brackets is none.
_CODE_OR_TAG: Final = re.compile(r"(?P<code>(?<!`)(?P<marks>`+)(?!`)[^\n]*?(?<!`)(?P=marks)(?!`))|<(?=[A-Za-z/!?])")
_ADDRESS: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>")
# What Markdown would take for its own marks in a title or a name.
_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~])")


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
            yield "\n---\n\n"
        yield f"# {_plain(tree.conversation.title) or words.untitled}\n\n"
        yield f"*{words.exported.format(f'Catnap {__version__}', local_time(now))}*\n"
        missing = words.what_is_left_out(left_out(tree, extent))
        if missing:
            yield f"\n*{missing}*\n"
        for place, message in enumerate(tree.messages(tree.structure.path()), 1):
            yield from _message(message, words, 2, extent, place if extent.versions else None)
        for count, branch in enumerate(other_branches(tree) if extent.versions else ()):
            if not count:
                yield f"\n## {words.others}\n"
            yield f"\n### {words.instead.format(branch.instead_of)}\n"
            for message in tree.messages(branch.ids):
                yield from _message(message, words, 4, extent)


def _message(
    message: StoredMessage, words: ExportWords, level: int, extent: Extent, number: int | None = None
) -> Iterator[str]:
    about = [local_time(message.created), *words.notes(message, number)]
    heading = " · ".join([f"**{_plain(words.speaker(message))}**", *(note for note in about if note)])
    yield f"\n{'#' * level} {heading}\n"
    if extent.thoughts and message.thinking.strip():
        yield f"\n<details>\n<summary>{words.thoughts}</summary>\n\n{closed(message.thinking)}\n\n</details>\n"
    if message.text.strip():
        text = message.text if message.role is Role.ASSISTANT else _hard_breaks(message.text)
        yield f"\n{closed(text)}\n"


def closed(text: str) -> str:
    """Returns Markdown that ends what it began: no code and no HTML of it reaches into what follows.

    HTML in it stays literal, as it is shown in Catnap.
    """
    tracker = FenceTracker()
    lines: list[str] = []
    indented = True  # the lines before are empty, or code by their indentation
    for line in text.strip("\n").split("\n"):
        in_fence = tracker.is_code(line)
        indented = not line.strip() or (indented and line.startswith(("    ", "\t")))
        lines.append(line if in_fence or indented else _CODE_OR_TAG.sub(_literal, line))
    if tracker.closing:
        lines.append(tracker.closing)
    return "\n".join(lines)


def _literal(found: re.Match[str]) -> str:
    if found["code"] is not None or _ADDRESS.match(found.string, found.start()):
        return found[0]
    return "\\<"


def _hard_breaks(text: str) -> str:
    """Returns what a person typed with its line breaks, which Markdown would join."""
    tracker = FenceTracker()
    lines = text.strip("\n").split("\n")
    code = [tracker.is_code(line) for line in lines]
    for number, line in enumerate(lines[:-1]):
        if not code[number] and line.strip() and lines[number + 1].strip() and not code[number + 1]:
            lines[number] = f"{line.rstrip()}  "
    return "\n".join(lines)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
