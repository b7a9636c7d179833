"""``catnap chats``: the conversations as a script sees them: list, search, export, import.

The app may run meanwhile: the history's file is shared with it. Nothing here knows a model.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from desktop.cli import common
from desktop.common.errors import UserFacingError
from desktop.common.regular_file import is_open_database
from desktop.history.exchange.exporting import (
    ExportFormat,
    format_of,
    nothing_to_export,
    pieces,
    write_file,
    write_folder,
)
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import ImportReport, import_file
from desktop.history.exchange.values import CONTROLS
from desktop.history.exchange.words import ExportWords, local_time
from desktop.history.records import Conversation
from desktop.history.store import History

STREAM = "-"  # stands for stdin or stdout
_LEAST_OF_ID = 4  # characters
_ID_SHOWN = 8  # characters


@dataclass(frozen=True)
class ChatsRequest:
    """What ``catnap chats`` shall do.

    Attributes:
        action: list, search, export or import.
        words: To search for.
        chats: Conversations to export, by id, the beginning of one, or title; empty: all.
        target: The file to import, or what to export to: a file, a folder, or "-".
        form: Of the export; None: by the target's name, else Markdown.
        force: A file may be replaced.
        extent: How much of each conversation is exported, where that is not everything.
    """

    action: str
    words: str = ""
    chats: tuple[str, ...] = ()
    target: str = STREAM
    form: ExportFormat | None = None
    force: bool = False
    extent: Extent = field(default_factory=Extent)

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> Self:
        """Takes the arguments of the command line, of which each action has some."""
        forms = {form.value[1:]: form for form in ExportFormat}
        return cls(
            parsed.action,
            words=" ".join(getattr(parsed, "words", ())),
            chats=tuple(getattr(parsed, "chats", ())),
            target=str(getattr(parsed, "file", getattr(parsed, "output", STREAM))),
            form=forms.get(getattr(parsed, "format", None) or ""),
            force=getattr(parsed, "force", False),
            extent=Extent(getattr(parsed, "with_thoughts", False), getattr(parsed, "with_versions", False)),
        )


def run(places: common.Places, request: ChatsRequest, *, as_json: bool) -> int:
    """Runs one action; see :mod:`desktop.cli.common` for what it raises.

    Args:
        places: Where things are.
        request: What to do.
        as_json: Print one JSON object instead of lines.
    """
    actions: dict[str, Callable[[History, ChatsRequest, bool], int]] = {
        "list": _list,
        "search": _search,
        "export": _export,
        "import": _import,
    }
    places.paths.create()
    history = History(places.paths.history_file, beside=True)
    try:
        if history.load_problem is not None:
            common.warn(str(history.load_problem))
        return actions[request.action](history, request, as_json)
    finally:
        history.close()


def _list(history: History, _request: ChatsRequest, as_json: bool) -> int:
    conversations = history.conversations()
    if as_json:
        common.print_json({"conversations": [_row(one) for one in conversations]})
        return common.DONE
    for one in conversations:
        print(f"{one.id[:_ID_SHOWN]}  {local_time(one.updated):<16}  {_line(one.title)}{_marks(one)}")
    if not conversations:
        print("There are no conversations.")
    return common.DONE


def _search(history: History, request: ChatsRequest, as_json: bool) -> int:
    hits = history.search(request.words)
    if as_json:
        rows: list[common.Json] = [
            {**_row(hit.conversation), "message": hit.message_id, "excerpt": hit.excerpt} for hit in hits
        ]
        common.print_json({"hits": rows})
        return common.DONE
    for hit in hits:
        print(f"{hit.conversation.id[:_ID_SHOWN]}  {_line(hit.conversation.title)}\n    {_line(hit.excerpt)}")
    if not hits:
        print("Nothing found.")
    return common.DONE


def _marks(conversation: Conversation) -> str:
    """Returns where in the list of the window it is, where that is not its usual place."""
    marks = [f"folder: {_line(conversation.folder)}"] if conversation.folder else []
    marks += ["pinned"] * (conversation.pinned is not None) + ["archived"] * (conversation.archived is not None)
    return f"  [{', '.join(marks)}]" if marks else ""


def _row(conversation: Conversation) -> dict[str, common.Json]:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "updated": conversation.updated,
        "pinned": conversation.pinned is not None,
        "archived": conversation.archived is not None,
        "folder": conversation.folder,
    }


def _export(history: History, request: ChatsRequest, as_json: bool) -> int:
    ids = _chosen(history, request.chats)
    words, now = ExportWords(), time.time()
    if request.target == STREAM:
        form = request.form or (ExportFormat.JSON if as_json else ExportFormat.MARKDOWN)
        _print(pieces(history, ids, form, words, now, request.extent))
        return common.DONE
    target = common.absolute_path(request.target)
    if not ids:  # an old export is worth more than an empty one
        raise nothing_to_export()
    if target.is_dir():
        form = request.form or ExportFormat.MARKDOWN
        files = write_folder(target, history, ids, form, words, now, request.extent)
    else:
        form = request.form or format_of(target) or ExportFormat.MARKDOWN
        try:
            write_file(target, pieces(history, ids, form, words, now, request.extent), replace=request.force)
        except UserFacingError as problem:
            if target.is_file() and not request.force and not is_open_database(target):
                raise UserFacingError(problem.title, problem.detail, "Add --force to replace it.") from problem
            raise
        files = (target,)
    if as_json:
        common.print_json({"conversations": len(ids), "files": [str(file) for file in files]})
    else:
        print(f"{_count(len(ids), 'conversation')} exported: {target}")
    return common.DONE


def _chosen(history: History, wanted: Sequence[str]) -> list[str]:
    """Returns the ids of the conversations that are meant, all where none is named."""
    conversations = history.conversations()
    if not wanted:
        return [one.id for one in conversations]
    return [_find(conversations, name).id for name in dict.fromkeys(wanted)]


def _find(conversations: Sequence[Conversation], name: str) -> Conversation:
    found = [one for one in conversations if one.id == name] or [
        one for one in conversations if one.title == name or (len(name) >= _LEAST_OF_ID and one.id.startswith(name))
    ]
    if not found:
        raise UserFacingError("There is no such conversation.", f"{name}.", "See: catnap chats list")
    if len(found) > 1:
        ids = ", ".join(one.id[:_ID_SHOWN] for one in found)
        raise UserFacingError("Several conversations are called so.", f"{name}.", f"Name one by its id: {ids}")
    return found[0]


def _print(content: Iterator[str]) -> None:
    on_terminal = sys.stdout.isatty()
    for piece in content:
        sys.stdout.write(_harmless(piece) if on_terminal else piece)
    sys.stdout.flush()


def _import(history: History, request: ChatsRequest, as_json: bool) -> int:
    line = common.ProgressLine()

    def show(done: int, total: int) -> None:
        line.show(f"{done / total:.0%} read" if total else f"{done // 1024} kB read")

    source = sys.stdin.buffer if request.target == STREAM else common.absolute_path(request.target)
    try:
        report = import_file(history, source, time.time(), show)
    except KeyboardInterrupt:
        line.clear()
        common.warn("stopped; what was imported stays, the same command goes on with the rest")
        raise
    finally:
        line.clear()
    if as_json:
        common.print_json(
            {
                "added": report.added,
                "grown": report.grown,
                "known": report.known,
                "skipped": report.skipped,
                "damaged": report.damaged,
            }
        )
    else:
        print(_summary(report))
    if report.skipped:
        common.warn(f"{_count(report.skipped, 'item')} left out: no conversation that can be read")
    if report.damaged:
        common.warn("the file is damaged: what comes behind the damage was not read")
    return common.FAILED if report.damaged else common.DONE


def _summary(report: ImportReport) -> str:
    parts = [f"{_count(report.added, 'conversation')} imported"]
    if report.grown:
        parts.append(f"{report.grown} brought up to date")
    if report.known:
        parts.append(f"{report.known} already there")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _line(text: str) -> str:
    """Returns a text for one line of output; a terminal must obey nothing in it."""
    line = " ".join(text.split())
    return _harmless(line) if sys.stdout.isatty() else line


def _harmless(text: str) -> str:
    return CONTROLS.sub(lambda found: found[0] if found[0] in "\n\t" else "\ufffd", text)
