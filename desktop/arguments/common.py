"""The arguments that stand in more than one place: with every verb, and in front of it."""

from __future__ import annotations

import argparse

from desktop.arguments.values import as_path


def add_common(parser: argparse.ArgumentParser, *, within: bool = False) -> None:
    """Adds what every verb takes, and every action of one.

    Args:
        parser: Of the verb or the action.
        within: It is an action that may be left out: what stands in front of it holds, so that it has no default.
    """
    # A verb's default would overwrite what stands in front of the verb, so there is none.
    add_places(parser, default=argparse.SUPPRESS)
    default = argparse.SUPPRESS if within else False
    parser.add_argument("--json", action="store_true", default=default, help="print one JSON object on stdout")


def add_places(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    """Adds where things lie.

    Args:
        parser: Of a verb, or of what stands in front of it.
        default: Of both arguments.
    """
    parser.add_argument(
        "--data-dir", metavar="DIR", type=as_path, default=default, help="keep everything below this folder"
    )
    parser.add_argument("--catalog", metavar="FILE", type=as_path, default=default, help="another models.json")
