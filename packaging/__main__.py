"""Runs a tool of this folder: ``python packaging bundle.build``.

The tools import each other by their folder (``from setup.commands import run``), and a folder that is run is the first
place where Python looks for modules. Works with any Python before there is a virtual environment.
"""

import runpy
import sys


def main() -> None:
    """Hands the arguments behind the name of the tool on to it."""
    if len(sys.argv) < 2:
        sys.exit("usage: python packaging FOLDER.TOOL [ARGUMENTS], for example: python packaging bundle.report")
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
