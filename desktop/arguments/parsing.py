"""The command line, read with argparse. What scripts rely on stands in docs/ARCHITECTURE.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from desktop import __version__
from desktop.arguments.common import add_places
from desktop.arguments.values import as_name
from desktop.common.printable import one_line

AppVerb = Literal["start", "show", "quick-ask", "action", "quit"]


@dataclass(frozen=True)
class AppOptions:
    """Arguments of the tray app.

    Attributes:
        data_dir: Everything is kept below this folder; None: the platform's usual places.
        catalog: Another models.json; None: the one shipped.
        hidden: Start without a window, as at login.
        verb: What to tell the running instance; all but "quit" start one where there is none.
        action: Name of the quick action that the verb "action" is about.
    """

    data_dir: Path | None = None
    catalog: Path | None = None
    hidden: bool = False
    verb: AppVerb = "start"
    action: str = ""


class _Parser(argparse.ArgumentParser):
    """Quotes arguments as they may be shown; the parsers of the verbs are of its kind, too."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


_APP_VERBS: tuple[tuple[AppVerb, str], ...] = (
    ("quick-ask", "open the quick-ask box"),
    ("show", "show the window"),
    ("quit", "end the running app; does nothing where there is none"),
)
VERBS: tuple[tuple[str, str], ...] = (
    ("ask", "answer a question on stdout"),
    ("extract", "fill in a table from documents, a row for each"),
    ("models", "list, download, add, import, network ..."),
    ("chats", "list, search, export, import conversations"),
    ("libraries", "folders of documents to ask: list, add ..."),
    ("serve", "let other programs ask, without a window"),
    ("servers", "models on servers: list, add, models, test ..."),
    ("gpu", "graphics processors: what there is, try, install"),
    ("doctor", "what this machine has, and what it lacks"),
    ("bench", "measure waking, reading, answering and memory"),
    ("check", "find out what a model can do, with tasks"),
    ("student", "make a smaller model of one: new, collect ..."),
    ("autostart", "start at login: on, off, status"),
)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Returns the arguments; ``verb`` is None for the tray app.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        SystemExit: Wrong usage (2), or ``--help`` and ``--version`` (0).
    """
    parser = _Parser(
        prog="catnap",
        description="A small language model in the tray, asleep until somebody asks.",
        epilog="Without a verb the tray app starts; where it is running already, its window is shown.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"catnap {__version__}")
    add_places(parser, default=None)
    parser.add_argument("--hidden", action="store_true", help="start without a window, as at login")
    told = parser.add_mutually_exclusive_group()
    told.set_defaults(app_verb="start")
    for verb, text in _APP_VERBS:
        told.add_argument(f"--{verb}", action="store_const", dest="app_verb", const=verb, help=text)
    text = "do something with the selected text: explain, summarise, translate, correct, rewrite, ask, or one's own"
    told.add_argument("--action", dest="quick_action", metavar="NAME", type=as_name, help=text)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs that need no display")
    words = sys.argv[1:] if arguments is None else arguments
    for name, text in VERBS:
        parser_of_verb = verbs.add_parser(name, help=text, allow_abbrev=False)
        if name in words:  # to describe all of them took a tenth of the time until the tray icon is there
            from desktop.arguments.verbs import describe

            describe(name, parser_of_verb)
    parsed = parser.parse_args(arguments)
    if parsed.verb is not None and (parsed.hidden or parsed.app_verb != "start" or parsed.quick_action is not None):
        parser.error("--hidden, --quick-ask, --action, --show and --quit go without a verb")
    if parsed.verb == "ask" and not parsed.text.strip():
        parser.error("the question is empty")
    if parsed.verb == "ask" and parsed.library is not None and (parsed.file is not None or parsed.parts is not None):
        parser.error("--library goes without --file and --parts")
    local = ("model", "ctx", "threads", "gpu_layers")
    if parsed.verb == "ask" and parsed.server is not None and any(getattr(parsed, name) is not None for name in local):
        parser.error("--server goes without --model, --ctx, --threads and --gpu-layers")
    if parsed.quick_action is not None:
        parsed.app_verb = "action"
    return parsed
