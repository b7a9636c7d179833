"""The arguments that stand in more than one place: with every verb, and in front of it."""

from __future__ import annotations

import argparse

from desktop.arguments.values import as_path


def add_common(parser: argparse.ArgumentParser) -> None:
    """Adds what every verb takes, and every action of one."""
    # A verb's default would overwrite what stands in front of the verb, so there is none.
    add_places(parser, default=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")


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
