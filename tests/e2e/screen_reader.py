"""What a screen reader hears and finds, by AT-SPI's own Python: run by the system's Python, and by nothing of ours.

/usr/bin/python3 tests/e2e/screen_reader.py hear        prints what is announced, a line of JSON each, for ever
/usr/bin/python3 tests/e2e/screen_reader.py look        prints the tree of Catnap's windows as JSON
"""

from __future__ import annotations

import json
import sys
from typing import Any

# Deeper than any window of ours.
_DEEPEST = 40


def _tell(what: object) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def _place(pyatspi: Any, item: Any) -> list[int]:
    """Returns where something is on the screen: x, y, width, height; empty: nowhere."""
    try:
        return list(item.queryComponent().getExtents(pyatspi.DESKTOP_COORDS))
    except NotImplementedError:
        return []


def _tree(pyatspi: Any, item: Any, depth: int = 0) -> dict[str, object]:
    children = [item[at] for at in range(item.childCount)] if depth < _DEEPEST else []
    return {
        "role": item.getRoleName(),
        "name": item.name,
        "seen": item.getState().contains(pyatspi.STATE_SHOWING),
        "place": _place(pyatspi, item),
        "children": [_tree(pyatspi, child, depth + 1) for child in children if child is not None],
    }


def main(verb: str) -> None:
    import pyatspi  # type: ignore[import-not-found]

    if verb == "look":
        _tell(
            [_tree(pyatspi, app) for app in pyatspi.Registry.getDesktop(0) if app is not None and app.name == "catnap"]
        )
        return
    pyatspi.Registry.registerEventListener(lambda event: _tell(str(event.any_data)), "object:announcement")
    _tell("listening")
    pyatspi.Registry.start()


if __name__ == "__main__":
    main(sys.argv[1])
