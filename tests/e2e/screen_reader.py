"""What a screen reader hears and finds, by AT-SPI's own Python: run by the system's Python, and by nothing of ours.

/usr/bin/python3 tests/e2e/screen_reader.py hear        prints what is announced, a line of JSON each, for ever;
                                                        and what has got the keyboard, and the menu it is in
/usr/bin/python3 tests/e2e/screen_reader.py look        prints the tree of Catnap's windows as JSON
/usr/bin/python3 tests/e2e/screen_reader.py find        for each line of JSON that comes in, {"name": a regular
                                                        expression, "role": ..., "window": a regular expression},
                                                        prints what can be seen now, and is called so; with
                                                        "words" also where those stand in its text
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

# Deeper than any window of ours.
_DEEPEST = 40
_LABELLED = ("combo box", "spin button", "text")
_CUTTING = ("filler", "panel", "list", "list item", "scroll pane", "viewport", "frame", "split pane", "text")
# Of a menu or a button in Chinese, for its key: "模型(M)".
_LETTER = re.compile(r"\([A-Z]\)(?=…?$)")
_NAMED_STATES = ("FOCUSED", "CHECKED", "SELECTED", "ENABLED", "EDITABLE", "EXPANDED", "MODAL", "ACTIVE")


def _tell(what: object) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def _apps(pyatspi: Any) -> list[Any]:
    return [app for app in pyatspi.Registry.getDesktop(0) if app is not None and app.name == "catnap"]


def _tree(pyatspi: Any, item: Any, depth: int = 0) -> dict[str, object]:
    children = [item[at] for at in range(item.childCount)] if depth < _DEEPEST else []
    return {
        "role": item.getRoleName(),
        "name": item.name,
        "seen": item.getState().contains(pyatspi.STATE_SHOWING),
        "children": [_tree(pyatspi, child, depth + 1) for child in children if child is not None],
    }


def _seen(pyatspi: Any, item: Any, depth: int = 0) -> Iterator[tuple[Any, str, str]]:
    """Yields everything below an item that can be seen, with its role and name."""
    for at in range(item.childCount if depth < _DEEPEST else 0):
        try:
            child = item[at]
            if child is None or not child.getState().contains(pyatspi.STATE_SHOWING):
                continue
            yield child, child.getRoleName(), child.name
            yield from _seen(pyatspi, child, depth + 1)
        except Exception:
            continue


def _seen_part(pyatspi: Any, item: Any) -> list[int]:
    """Returns left, top, width and height of what is not cut off by a page that it has to be scrolled to on."""
    left, top, right, bottom = _edges(pyatspi, item)
    above = item.parent
    while above is not None and above.getRoleName() in _CUTTING:
        cut = _edges(pyatspi, above)
        left, top = max(left, cut[0]), max(top, cut[1])
        right, bottom = min(right, cut[2]), min(bottom, cut[3])
        above = above.parent
    return [left, top, max(0, right - left), max(0, bottom - top)]


def _edges(pyatspi: Any, item: Any) -> tuple[int, int, int, int]:
    box = item.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return box.x, box.y, box.x + box.width, box.y + box.height


def _described(pyatspi: Any, item: Any, role: str, name: str, window: str) -> dict[str, object]:
    states = item.getState()
    try:
        text = item.queryText().getText(0, -1)
    except NotImplementedError:
        text = ""
    try:
        value: float | None = item.queryValue().currentValue
    except NotImplementedError:
        value = None
    return {
        "role": role, "name": _LETTER.sub("", name), "window": window,
        "description": item.description, "text": text, "value": value,
        "box": _seen_part(pyatspi, item),
        "states": [each.lower() for each in _NAMED_STATES if states.contains(getattr(pyatspi, f"STATE_{each}"))],
    }  # fmt: skip


def _find(pyatspi: Any, wish: dict[str, str]) -> list[dict[str, object]]:
    found = []
    for app in _apps(pyatspi):
        for at in range(app.childCount):
            window = app[at]
            if window is None or not window.getState().contains(pyatspi.STATE_SHOWING):
                continue
            title = window.name
            if wish["window"] and not re.fullmatch(wish["window"], title):
                continue
            for item, role, name in [(window, window.getRoleName(), title), *_seen(pyatspi, window)]:
                if wish["role"] in ("", role):
                    # What is chosen in a box is its name; what the box is for, its label says.
                    called = (name, *_labels(pyatspi, item)) if role in _LABELLED else (name,)
                    if any(re.fullmatch(wish["name"], _LETTER.sub("", each), re.DOTALL) for each in called):
                        told = _described(pyatspi, item, role, name, title)
                        if "words" in wish:
                            told["places"] = _places(pyatspi, item, str(told["text"]), wish["words"])
                        found.append(told)
    return found


def _places(pyatspi: Any, item: Any, text: str, words: str) -> list[list[int]]:
    """Returns left, top, width and height of words wherever they stand in a text."""
    begins = [each.start() for each in re.finditer(re.escape(words), text)]
    return [list(item.queryText().getRangeExtents(each, each + len(words), pyatspi.DESKTOP_COORDS)) for each in begins]


def _labels(pyatspi: Any, item: Any) -> list[str]:
    of = [each for each in item.getRelationSet() if each.getRelationType() == pyatspi.RELATION_LABELLED_BY]
    return [each.getTarget(at).name for each in of for at in range(each.getNTargets())]


def _answer(pyatspi: Any) -> None:
    """Answers who asks what can be seen, each time anew: without a loop of its own, libatspi remembers nothing."""
    for line in sys.stdin:
        try:
            found = _find(pyatspi, json.loads(line))
        except Exception as problem:
            print(problem, file=sys.stderr, flush=True)
            found = []
        _tell(found)


def _tell_of_focus(pyatspi: Any, event: Any) -> None:
    """Tells what has got the keyboard, and what stands in the menu that it is in: some popups are in no tree."""
    try:
        if not event.detail1:
            return
        item = event.source
        event.host_application.setCacheMask(pyatspi.cache.NONE)
        window = item
        while window is not None and window.getRoleName() not in ("frame", "dialog", "application"):
            window = window.parent
        title = window.name if window is not None else ""
        told: dict[str, object] = {"focus": _described(pyatspi, item, item.getRoleName(), item.name, title)}
        if "menu item" in item.getRoleName():
            menu = item.parent
            lines = [line for line in (menu[at] for at in range(menu.childCount)) if line is not None]
            told["menu"] = [_described(pyatspi, line, line.getRoleName(), line.name, "") for line in lines]
        _tell(told)
    except Exception as problem:
        print(problem, file=sys.stderr, flush=True)


def main(verb: str) -> None:
    import pyatspi  # type: ignore[import-not-found]

    if verb == "look":
        _tell([_tree(pyatspi, app) for app in _apps(pyatspi)])
        return
    if verb == "find":
        _answer(pyatspi)
        return
    pyatspi.Registry.registerEventListener(lambda event: _tell(str(event.any_data)), "object:announcement")
    pyatspi.Registry.registerEventListener(lambda event: _tell_of_focus(pyatspi, event), "object:state-changed:focused")
    _tell("listening")
    pyatspi.Registry.start()


if __name__ == "__main__":
    main(sys.argv[1])
